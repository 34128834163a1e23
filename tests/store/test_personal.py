from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely

from geosvc.catalog.model import Constraints, Field
from geosvc.errors import EditError
from geosvc.store import Change, Create, Delete, Replace
from tests.store.zoo import CHANGE, NAME, SMALL, Imported, rows, small

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store import Store

PLATE = Field("word", NAME, privacy="enforcement", constraints=Constraints(unique=True))
PRIVATE = replace(SMALL, fields=(*SMALL.fields[:2], PLATE))
ANN = Change("ann", "because")
SENTINEL = "苏XSENT1NEL"


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


def masks(store: Store) -> dict[str, Any]:
    words = store.frame("a")["word"]
    return dict(zip(words.index, words, strict=True))


def replace_word(store: Store, key: str, value: str | None, *, base: int) -> None:
    given = {"word": None if value is None else f"*{value[-1]}"}
    edit(store, Replace(key, given, base_revision=base, personal={"word": value}))


def test_undo_puts_the_old_value_and_its_mask_back_and_again_the_new_ones(store: Store) -> None:
    put(store, {"k0": "A"})
    replace_word(store, "k0", "B", base=1)
    for value, mask in [("A", "***"), ("B", "*B"), ("A", "***")]:
        store.undo("a", schema=PRIVATE, change=ANN)
        assert held(store) == {"k0": value}
        assert masks(store)["k0"] == mask
    assert store.verify() == ()


def test_a_value_that_hides_behind_the_same_mask_comes_back_too(store: Store) -> None:
    put(store, {"k0": "A"})
    edit(store, Replace("k0", {"word": "***"}, base_revision=1, personal={"word": "B"}))
    stored = store.undo("a", schema=PRIVATE, change=ANN)
    assert (stored.number, held(store)) == (3, {"k0": "A"})


def test_undo_of_giving_and_of_taking_away(store: Store) -> None:
    put(store, {"k0": "A"})
    replace_word(store, "k0", None, base=1)
    replace_word(store, "k1", "C", base=1)
    assert held(store) == {"k1": "C"}
    store.undo("a", schema=PRIVATE, change=ANN)
    assert held(store) == {}
    store.restore("a", 1, schema=PRIVATE, change=ANN)
    assert held(store) == {"k0": "A"}
    store.restore("a", 3, schema=PRIVATE, change=ANN)
    assert held(store) == {"k1": "C"}


def test_a_key_that_is_used_again_has_the_values_of_its_time(store: Store) -> None:
    put(store, {"k0": "A"})
    edit(store, Delete("k0", 1))
    edit(store, Create({"id": "k0", "word": "*D"}, shapely.Point(1, 2), {"word": "D"}))
    store.undo("a", schema=PRIVATE, change=ANN)
    assert held(store) == {}
    store.undo("a", schema=PRIVATE, change=ANN)
    assert held(store) == {"k0": "D"}
    store.restore("a", 1, schema=PRIVATE, change=ANN, keys=["k0"])
    assert held(store) == {"k0": "A"}
    assert masks(store)["k0"] == "***"


def test_what_came_back_is_as_old_as_it_was(store: Store, path: Path) -> None:
    put(store, {"k0": "A"})
    with store.writing() as opened:
        opened.execute("UPDATE personal SET received_at = '2001-01-01T00:00:00+00:00'")
    replace_word(store, "k0", "B", base=1)
    store.undo("a", schema=PRIVATE, change=ANN)
    found = rows(path, "SELECT substr(received_at, 1, 4) FROM personal WHERE until = 0")
    assert found == [("2001",)]


def test_replaced_values_are_shown_to_nobody_and_block_nobody(store: Store) -> None:
    put(store, {"k0": "A", "k1": "B"})
    replace_word(store, "k0", "C", base=1)
    assert held(store) == {"k0": "C", "k1": "B"}
    replace_word(store, "k1", "A", base=1)
    assert held(store) == {"k0": "C", "k1": "A"}, "what k0 had once is free"
    with pytest.raises(EditError):
        store.restore("a", 1, schema=PRIVATE, change=ANN, keys=["k0"])
    store.restore("a", 1, schema=PRIVATE, change=ANN)
    assert held(store) == {"k0": "A", "k1": "B"}


def test_an_import_replaces_for_good(store: Store, path: Path) -> None:
    put(store, {"k0": "A"})
    put(store, {"k0": "B"})
    assert rows(path, "SELECT value FROM personal") == [("B",)]


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


def test_an_edit_does_not_show_its_personal_values() -> None:
    given = Create({"id": "x"}, None, {"word": SENTINEL})
    assert SENTINEL not in repr(given)
    assert SENTINEL not in repr(Replace("x", {}, None, 1, {"word": SENTINEL}))
