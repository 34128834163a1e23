from __future__ import annotations

import json
from typing import TYPE_CHECKING

import orjson
import pytest
import shapely

from geosvc.store.records import Shape
from geosvc.store.versions import end, properties_text, supersede
from tests.store.zoo import CHANGE, SMALL, TABLE, rows, small

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store import Store

HISTORY = "SELECT key, from_revision, to_revision FROM feature_history ORDER BY key"


def test_what_is_superseded_stands_in_the_history_alone(store: Store, path: Path) -> None:
    store.put("a", small(3), schema=SMALL, change=CHANGE)
    with store.writing() as opened:
        supersede(opened, 1, Shape.of(SMALL), ([1, 3], 2))
    assert rows(path, HISTORY) == [("k0", 1, 2), ("k2", 1, 2)]
    assert rows(path, "SELECT id FROM feature_1") == [(2,)]
    assert rows(path, "SELECT id FROM rtree_1") == [(2,)]


def test_what_ends_keeps_its_row_and_says_where_it_was(store: Store, path: Path) -> None:
    store.put("a", small(3), schema=SMALL, change=CHANGE)
    with store.writing() as opened:
        was = end(opened, 1, Shape.of(SMALL), ([2], 2))
    assert {at: shapely.from_wkb(geom) for at, geom in was.items()} == {
        2: shapely.Point(1 / 7, 1 / 11)
    }
    assert rows(path, HISTORY) == [("k1", 1, 2)]
    assert len(rows(path, "SELECT id FROM feature_1")) == 3


def test_a_table_without_places_ends_too(store: Store, path: Path) -> None:
    store.put("a", small(2).drop(columns="geometry"), schema=TABLE, change=CHANGE)
    with store.writing() as opened:
        assert end(opened, 1, Shape.of(TABLE), ([1], 2)) == {1: None}
        supersede(opened, 1, Shape.of(TABLE), ([2], 2))
        assert end(opened, 1, Shape.of(TABLE), ([], 3)) == {}
    assert rows(path, HISTORY) == [("k0", 1, 2), ("k1", 1, 2)]


@pytest.mark.parametrize(
    ("kind", "stored", "value"),
    [
        ("string", 'a"b\\\x00\u202e𠮷', 'a"b\\\x00\u202e𠮷'),
        ("integer", -(2**63), -(2**63)),
        ("number", 0.1 + 0.2, 0.1 + 0.2),
        ("number", float("-inf"), float("-inf")),
        ("boolean", 0, False),
        ("list", '["a","乙"]', ["a", "乙"]),
        ("list", "[]", []),
    ],
)
def test_every_value_is_written_exactly(kind: str, stored: object, value: object) -> None:
    text = properties_text(Shape("None", "id", (("f", kind), ("g", "string"))), [stored, None])
    assert json.loads(text) == {"f": value}
    assert type(json.loads(text)["f"]) is type(value)


def test_a_finite_text_is_read_by_the_fast_reader() -> None:
    text = properties_text(Shape("None", "id", (("f", "number"),)), [1.5])
    assert orjson.loads(text) == {"f": 1.5}
