"""Values that become personal in a layer that cannot be brought to its schema."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely

from geosvc.catalog.model import Field
from geosvc.store import ERASED, Change
from geosvc.store.concealing import is_mask
from tests.store.zoo import (
    CHANGE,
    EVERY,
    NAME,
    SMALL,
    Imported,
    assert_sound,
    frame_of,
    rows,
    small,
)

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store import Store
    from tests.store.zoo import Given

MOVED = Change("geosvc", "schema", "layers/a.toml")
PRIVATE = replace(
    SMALL,
    fields=(
        *(replace(item, privacy="editor") for item in SMALL.fields[1:]),
        Field("owner", NAME, privacy="editor"),
    ),
)


def fill(store: Store, *extra: dict[str, Any]) -> None:
    keys = [f"k{at}" for at in range(len(extra))]
    given = Imported(small(len(extra)), extra=pd.Series(list(extra), index=keys))
    store.put("a", given, schema=SMALL, change=CHANGE)


def truth(store: Store) -> set[tuple[str, str, str | None]]:
    found = store.personal("a")
    return set(zip(found["key"], found["field"], found["value"], strict=True))


def test_values_move_to_their_table_as_one_revision(store: Store, path: Path) -> None:
    fill(store, {"owner": "王五", "row": 1}, {"owner": "李四"}, {"row": 2})
    frame = store.frame("a")
    store.conceal("a", schema=PRIVATE, change=MOVED)
    erasure = store.erasure()
    assert erasure, "answers of before are void"
    stored = store.state("a")
    assert stored is not None
    assert (stored.number, stored.fingerprint, stored.edited) == (2, CHANGE.fingerprint, False)
    assert store.frame("a")["word"].tolist() == ["***"] * 3
    assert store.frame("a")["n"].isna().all()
    assert truth(store) == {
        ("k0", "owner", "王五"), ("k1", "owner", "李四"),
        *((key, "word", value) for key, value in frame["word"].items()),
        *((key, "n", str(value)) for key, value in frame["n"].items()),
    }  # fmt: skip
    query = "SELECT extra FROM feature_1 ORDER BY key"
    assert rows(path, query) == [('{"row":1}',), (None,), ('{"row":2}',)]
    assert "王五" not in str(rows(path, "SELECT * FROM feature_history"))
    assert store.verify() == ()
    assert_sound(path)
    store.conceal("a", schema=PRIVATE, change=MOVED)
    assert store.state("a") == stored, "nothing is left to hide"
    assert store.erasure() == erasure


def test_what_is_plain_already_is_no_revision(store: Store) -> None:
    fill(store, {"row": 1})
    store.conceal("a", schema=SMALL, change=MOVED)
    store.conceal("never", schema=PRIVATE, change=MOVED)
    stored = store.state("a")
    assert stored is not None
    assert stored.number == 1
    assert truth(store) == set()


def test_every_type_is_kept_as_text(store: Store) -> None:
    values: dict[str, Any] = {
        "a_boolean": True, "a_list": ("a", "b"), "a_number": 1.5, "a_integer": 3, "a_string": "x",
    }  # fmt: skip
    given: Given = {"x": {item.name: values.get(item.name) for item in EVERY.fields}}
    given["x"]["geometry"] = shapely.Point(1, 2)
    store.put("a", frame_of(given, EVERY), schema=EVERY, change=CHANGE)
    private = tuple(replace(item, privacy="editor") for item in EVERY.fields if item.name in values)
    store.conceal("a", schema=replace(EVERY, fields=private), change=MOVED)
    assert truth(store) == {
        ("x", "a_boolean", "true"), ("x", "a_list", "a;b"), ("x", "a_number", "1.5"),
        ("x", "a_integer", "3"), ("x", "a_string", "x"),
    }  # fmt: skip
    [shown] = store.frame("a")[["a_list", "a_string"]].itertuples(index=False, name=None)
    assert shown == (("***",), "***")
    assert store.verify() == ()


def test_what_the_table_has_already_stays(store: Store, path: Path) -> None:
    fill(store, {"owner": "王五"}, {"owner": "李四"})
    with store.writing() as opened:
        opened.execute(
            "INSERT INTO personal (layer, feature, field, value, received_at, erased_at)"
            " VALUES (1, 'k0', 'owner', NULL, '2020', '2021')"
        )
    store.conceal("a", schema=PRIVATE, change=MOVED)
    found = {(key, value) for key, name, value in truth(store) if name == "owner"}
    assert found == {("k0", None), ("k1", "李四")}, "what was erased stays erased"
    store.close()
    assert "王五".encode() not in path.read_bytes()


def test_undeclared_values_are_told_as_texts(store: Store) -> None:
    fill(store, {"owner": "王五", "n2": 1.5, "tags": ["a", "b"]}, {"owner": None, "on": True}, {})
    names = {"owner", "n2", "tags", "on"}
    assert store.undeclared("a", names) == {
        ("k0", "owner"): "王五", ("k0", "n2"): "1.5", ("k0", "tags"): "a;b", ("k1", "on"): "true",
    }  # fmt: skip
    assert store.undeclared("a", set()) == {}
    assert store.undeclared("never", names) == {}


@pytest.mark.parametrize(
    ("value", "is_one"),
    [("***", True), (ERASED, True), ("苏X·**123", True), (("***",), True), ((ERASED,), True),
     ("苏XA1234", False), ("", False), (("a",), False), ((), False), (None, False), (3, False)],
)  # fmt: skip
def test_a_mask_is_known(value: object, *, is_one: bool) -> None:
    assert is_mask(value) is is_one
