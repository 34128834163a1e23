from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geosvc.store import ERASED, Change, Delete, Replace
from geosvc.store.erasing import mark_erased, purged_before
from tests.store.test_personal import ANN, PRIVATE, SENTINEL, edit, held, put, replace_word
from tests.store.zoo import CHANGE, Imported, rows, schema_of, small

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store import Store

NOW = datetime.now(UTC)
TOMORROW = NOW + timedelta(days=1)
YEAR_AGO = NOW - timedelta(days=365)
LONG_AGO = "2001-01-01T00:00:00+00:00"


def age(store: Store, *values: str) -> None:
    """Make values, and the revisions that stand now, old."""
    with store.writing() as opened:
        for value in values:
            opened.execute("UPDATE personal SET received_at = ? WHERE value = ?", (LONG_AGO, value))


def age_revisions(store: Store) -> None:
    with store.writing() as opened:
        opened.execute("UPDATE revision SET at = ?", (LONG_AGO,))


def words(store: Store, key: str) -> list[object]:
    """The masks of a feature in all its versions, the latest first."""
    return [item.properties.get("word") for item in store.history("a", key) if not item.is_removed]


def test_every_erasure_leaves_another_stamp(store: Store) -> None:
    assert store.erasure() == ""
    put(store, {"k0": "A", "k1": "B"})
    assert store.purge(YEAR_AGO) == {}
    assert store.erasure() == "", "nothing has gone"
    store.purge(TOMORROW)
    first = store.erasure()
    assert first
    assert store.purge(TOMORROW) == {}
    assert store.erasure() == first
    edit(store, Replace("k1", {"word": "***"}, None, 2, {"word": "C"}))
    store.purge(TOMORROW)
    assert store.erasure() not in {"", first}


def test_a_purge_counts_before_it_erases(store: Store, path: Path) -> None:
    put(store, {"k0": "A", "k1": "B"})
    assert store.purge(TOMORROW, dry_run=True) == {"a": 2}
    assert store.purge(datetime.now(UTC) - timedelta(days=1)) == {}
    assert held(store) == {"k0": "A", "k1": "B"}
    assert [entry.action for entry in store.log_entries()] == ["write"]
    assert store.purge(TOMORROW, author="root") == {"a": 2}
    assert held(store) == {"k0": None, "k1": None}
    assert store.personal("a")["erased_at"].notna().all()
    assert store.frame("a")["word"].tolist() == [ERASED, ERASED, "***"]
    assert store.purge(TOMORROW) == {}
    [last, made, _] = store.log_entries()
    assert (last.action, last.actor, last.detail["counts"]) == ("purge", "root", {"a": 2})
    assert made.detail["reason"] == "purge"
    assert store.verify() == ()
    assert path.exists()


def test_what_was_erased_comes_back_by_no_import_and_no_undo(store: Store) -> None:
    put(store, {"k0": "A"})
    store.purge(TOMORROW)
    number = store.revisions("a")[0].number
    put(store, {"k0": "A"})
    assert held(store) == {"k0": None}
    assert store.frame("a")["word"].tolist() == [ERASED, "***", "***"]
    assert store.revisions("a")[0].number == number, "the same file is no revision"
    state = store.state("a")
    assert state is not None
    assert not state.edited, "a purge is no edit: sources are still followed"
    store.undo("a", schema=PRIVATE, change=ANN)
    assert held(store) == {"k0": None}
    assert store.frame("a")["word"].tolist()[0] == ERASED


def test_who_gives_a_value_anew_gives_a_new_one(store: Store) -> None:
    put(store, {"k0": "A"})
    store.purge(TOMORROW)
    edit(store, Replace("k0", {"word": "***"}, base_revision=2, personal={"word": "A"}))
    assert held(store) == {"k0": "A"}
    assert store.frame("a")["word"].tolist()[0] == "***"


def test_masks_of_lists_are_marked_and_numbers_have_none(store: Store) -> None:
    schema = schema_of({"names": "list", "age": "integer"})
    fields = tuple(replace(field, privacy="enforcement") for field in schema.fields[1:])
    schema = replace(schema, fields=(schema.fields[0], *fields))
    frame = small(1).drop(columns=["n", "word"])
    frame["names"] = pd.Series([("***",)], index=frame.index, dtype=object)
    frame["age"] = pd.array([None], dtype="Int64")
    table = pd.DataFrame({"key": "k0", "field": ["names", "age"], "value": ["Li", "40"]})
    given = Imported(frame, personal=table)
    store.put("b", given, schema=schema, change=CHANGE)
    assert store.purge(TOMORROW) == {"b": 2}
    for _ in range(2):
        assert store.frame("b")["names"].tolist() == [(ERASED,)]
        assert store.frame("b")["age"].isna().all()
        store.put("b", given, schema=schema, change=CHANGE)


def test_a_purged_value_is_nowhere(store: Store, path: Path) -> None:
    put(store, {"k0": SENTINEL})
    assert SENTINEL.encode() in path.read_bytes()
    store.purge(TOMORROW)
    held_by = [item for item in path.parent.rglob("*") if item.is_file()]
    assert not [item for item in held_by if SENTINEL.encode() in item.read_bytes()]


def test_the_masks_of_all_versions_go_with_their_value(store: Store) -> None:
    put(store, {"k0": "A", "k1": "B"})
    edit(store, Replace("k0", {"n": 7, "word": "***"}, base_revision=1))
    edit(store, Replace("k1", {"n": 8, "word": "***"}, base_revision=1))
    age(store, "A")
    assert store.purge(YEAR_AGO) == {"a": 1}
    assert words(store, "k0") == [ERASED] * 3
    assert words(store, "k1") == ["***"] * 2
    assert [item.properties.get("n") for item in store.history("a", "k0")][:2] == [7, 7]
    for number in (1, 2, 3):
        assert store.frame("a", number=number)["word"]["k0"] == ERASED, "no column file has it"
    assert store.verify() == ()


def test_a_replaced_value_goes_alone_with_its_masks(store: Store) -> None:
    put(store, {"k0": "A"})
    replace_word(store, "k0", "B", base=1)
    replace_word(store, "k0", "C", base=2)
    age(store, "B")
    assert store.purge(YEAR_AGO) == {"a": 1}
    assert words(store, "k0") == ["*C", ERASED, "***"]
    assert held(store) == {"k0": "C"}
    store.undo("a", schema=PRIVATE, change=ANN)
    assert held(store) == {"k0": None}, "it was erased by policy"
    assert words(store, "k0")[0] == ERASED
    store.restore("a", 1, schema=PRIVATE, change=ANN)
    assert held(store) == {"k0": "A"}


def test_retention_takes_both_and_undo_brings_none_back(store: Store, path: Path) -> None:
    put(store, {"k0": SENTINEL})
    replace_word(store, "k0", f"{SENTINEL}2", base=1)
    assert store.purge(TOMORROW) == {"a": 2}
    for _ in range(2):
        store.undo("a", schema=PRIVATE, change=ANN)
        assert held(store) == {"k0": None}
    store.restore("a", 1, schema=PRIVATE, change=ANN)
    assert set(words(store, "k0")) == {ERASED}
    files = [item for item in path.parent.rglob("*") if item.is_file()]
    assert not [item for item in files if SENTINEL.encode() in item.read_bytes()]


def test_the_masks_of_deleted_features_go(store: Store) -> None:
    put(store, {"k0": "A"})
    edit(store, Delete("k0", 1))
    assert store.purge(TOMORROW) == {"a": 1}
    assert words(store, "k0") == [ERASED]
    store.restore("a", 1, schema=PRIVATE, change=ANN)
    assert (words(store, "k0")[0], held(store)) == (ERASED, {"k0": None})


def test_masks_of_values_that_are_known_no_longer_go_with_their_version(store: Store) -> None:
    put(store, {"k0": "A", "k1": "X"})
    table = pd.DataFrame({"key": ["k0", "k1"], "field": "word", "value": ["B", "X"]})
    frame = small(3).assign(word=["*B", "***", "***"])
    store.put("a", Imported(frame, personal=table), schema=PRIVATE, change=CHANGE)
    assert words(store, "k0") == ["*B", "***"]
    with store.writing() as opened:
        opened.execute("UPDATE revision SET at = ? WHERE number = 1", (LONG_AGO,))
    assert store.purge(YEAR_AGO) == {}
    assert words(store, "k0") == ["*B", ERASED]
    assert held(store) == {"k0": "B", "k1": "X"}
    entries = len(store.log_entries())
    assert store.purge(YEAR_AGO) == {}
    assert len(store.log_entries()) == entries, "what is done is done once"


def test_layers_without_personal_values_are_left_alone(store: Store, path: Path) -> None:
    schema = schema_of({"word": "string"})
    for count in (2, 1):
        store.put("open", small(count)[["id", "word", "geometry"]], schema=schema, change=CHANGE)
    age_revisions(store)
    before = rows(path, "SELECT * FROM feature_history")
    assert before
    assert store.purge(TOMORROW) == {}
    assert rows(path, "SELECT * FROM feature_history") == before


def test_how_far_a_purge_went_is_remembered(store: Store) -> None:
    put(store, {"k0": "A"})
    with store.reading() as opened:
        assert purged_before(opened) is None
    store.purge(YEAR_AGO)
    age(store, "A")
    store.purge(YEAR_AGO)
    with store.reading() as opened:
        assert purged_before(opened) == YEAR_AGO.replace(microsecond=0)
    put(store, {"k0": "A", "k1": "B"})
    age(store, "B")
    store.purge(YEAR_AGO - timedelta(days=9))
    with store.reading() as opened:
        assert purged_before(opened) == YEAR_AGO.replace(microsecond=0), "it never goes back"


@pytest.mark.parametrize("mask", ["***", None])
def test_a_mask_is_marked_where_there_is_one(mask: str | None) -> None:
    frame = pd.DataFrame({"plate": pd.Series([mask], index=["a"], dtype=object)})
    assert mark_erased(frame, [("a", "plate")])["plate"].tolist() == [mask and ERASED]
    assert frame["plate"].tolist() == [mask], "its input stays"


def test_the_purge_is_a_revision_with_its_author(store: Store) -> None:
    put(store, {"k0": "A"})
    store.purge(TOMORROW, author="root")
    [last, first] = store.revisions("a")
    assert (last.author, last.reason, last.changed) == ("root", "purge", 1)
    assert first.author == CHANGE.author != Change("root", "").author
