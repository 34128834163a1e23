from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely

from geosvc.catalog.model import Constraints, Field
from geosvc.errors import EditError
from geosvc.store import ERASED, Change, Create, Delete, Replace
from tests.store.zoo import CHANGE, NAME, SMALL, Imported, rows, schema_of, small

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store import Store

PLATE = Field("word", NAME, privacy="enforcement", constraints=Constraints(unique=True))
PRIVATE = replace(SMALL, fields=(*SMALL.fields[:2], PLATE))
ANN = Change("ann", "because")
SENTINEL = "苏XSENT1NEL"
TOMORROW = datetime.now(UTC) + timedelta(days=1)


def put(store: Store, values: dict[str, str], *, count: int = 3) -> None:
    table = pd.DataFrame({"key": list(values), "field": "word", "value": list(values.values())})
    frame = small(count).assign(word="***")
    given = Imported(frame, personal=table, total_rows=count)
    store.put("a", given, schema=PRIVATE, change=CHANGE)


def held(store: Store, keys: list[str] | None = None) -> dict[str, Any]:
    found = store.personal("a", keys)
    return dict(zip(found["key"], found["value"], strict=True))


def edit(store: Store, *edits: Create | Replace | Delete) -> None:
    store.edit("a", edits, schema=PRIVATE, change=ANN)


def test_values_are_read_by_feature(store: Store) -> None:
    assert held(store) == {}
    put(store, {"k0": "A", "k1": "B"})
    assert held(store) == {"k0": "A", "k1": "B"}
    assert held(store, ["k1", "k9"]) == {"k1": "B"}
    assert held(store, []) == {}
    assert list(store.personal("a").columns) == ["key", "field", "value", "erased_at"]


def test_the_items_of_a_list_are_one_value(store: Store) -> None:
    table = pd.DataFrame({"key": ["k0", "k0"], "field": "word", "value": ["A", "B"]})
    store.put("a", Imported(small(1), personal=table), schema=PRIVATE, change=CHANGE)
    assert held(store) == {"k0": "A;B"}


def test_an_edit_changes_the_values_that_it_names(store: Store) -> None:
    put(store, {"k0": "A", "k1": "B"})
    edit(
        store,
        Replace("k0", {"word": "***"}, base_revision=1, personal={"word": "C"}),
        Replace("k1", {"n": 9, "word": "***"}, base_revision=1),
        Create({"id": "new", "word": "***"}, shapely.Point(1, 2), {"word": "D"}),
    )
    assert held(store) == {"k0": "C", "k1": "B", "new": "D"}
    edit(store, Replace("k0", {}, base_revision=2, personal={"word": None}))
    assert held(store) == {"k1": "B", "new": "D"}


def test_a_value_that_is_not_seen_must_be_unique_too(store: Store) -> None:
    put(store, {"k0": "A", "k1": "B"})
    with pytest.raises(EditError) as caught:
        edit(store, Replace("k0", {"word": "***"}, base_revision=1, personal={"word": "B"}))
    [issue] = caught.value.issues
    assert (issue.code, issue.found) == ("not_unique", "***"), "the fault does not say it"
    assert held(store) == {"k0": "A", "k1": "B"}


def test_values_wait_for_a_deleted_feature_to_come_back(store: Store) -> None:
    put(store, {"k0": "A"})
    edit(store, Delete("k0", 1))
    assert held(store) == {}
    store.undo("a", schema=PRIVATE, change=ANN)
    assert held(store) == {"k0": "A"}
    put(store, {}, count=0)
    store.restore("a", 1, schema=PRIVATE, change=ANN)
    assert held(store) == {"k0": "A"}


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


def test_a_personal_value_is_in_no_file_but_its_table(store: Store, path: Path) -> None:
    put(store, {"k0": SENTINEL, "k1": SENTINEL + "1"})
    edit(
        store,
        Replace("k2", {"word": "***"}, base_revision=1, personal={"word": SENTINEL + "2"}),
        Create({"id": "new", "word": "***"}, shapely.Point(1, 2), {"word": SENTINEL + "3"}),
    )
    edit(store, Delete("k1", 2))
    store.undo("a", schema=PRIVATE, change=ANN)
    store.frame("a")
    store.frame("a", number=1)
    words = [word.encode() for word in (SENTINEL, "SENT1NEL")]
    others = [item for item in path.parent.rglob("*") if item.is_file() and item != path]
    assert {item.suffix for item in others} >= {".npy", ".json"}
    assert not [item for item in others if any(word in item.read_bytes() for word in words)]
    tables = rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
    assert ("personal",) in tables
    for (name,) in tables:
        found = SENTINEL in str(rows(path, f'SELECT * FROM "{name}"'))  # noqa: S608 - our own
        assert found == (name == "personal"), name


def test_a_purged_value_is_nowhere(store: Store, path: Path) -> None:
    put(store, {"k0": SENTINEL})
    assert SENTINEL.encode() in path.read_bytes()
    store.purge(TOMORROW)
    held_by = [item for item in path.parent.rglob("*") if item.is_file()]
    assert not [item for item in held_by if SENTINEL.encode() in item.read_bytes()]


def test_an_edit_does_not_show_its_personal_values() -> None:
    given = Create({"id": "x"}, None, {"word": SENTINEL})
    assert SENTINEL not in repr(given)
    assert SENTINEL not in repr(Replace("x", {}, None, 1, {"word": SENTINEL}))
