from __future__ import annotations

import json
import sqlite3
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.store import Store
from geosvc.store.write import instant
from tests.bench.store import in_a_child
from tests.store.zoo import (
    CHANGE,
    EVERY,
    SMALL,
    TABLE,
    Given,
    Imported,
    assert_same,
    assert_sound,
    features_of,
    frame_of,
    rows,
    schema_of,
    small,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from geosvc.catalog.model import Schema
    from geosvc.store.records import StoredLayer


def put(store: Store, frame: Any, schema: Schema = SMALL) -> StoredLayer:  # noqa: ANN401 - frame or import
    return store.put("stops", frame, schema=schema, change=CHANGE)


def history(path: Path) -> list[Any]:
    return rows(path, "SELECT key, from_revision, to_revision FROM feature_history ORDER BY 1, 2")


def counted(path: Path) -> list[Any]:
    return rows(path, "SELECT number, added, changed, removed, count FROM revision ORDER BY number")


def moved(frame: gpd.GeoDataFrame, key: str) -> gpd.GeoDataFrame:
    pairs = zip(frame.index, frame.geometry, strict=True)
    return frame.set_geometry(
        [shapely.Point(5, 5) if at == key else place for at, place in pairs], crs=frame.crs
    )


def test_the_same_again_is_no_revision(store: Store, path: Path) -> None:
    first = put(store, small(5))
    assert put(store, small(5).iloc[::-1]) == first
    assert counted(path) == [(1, 5, 0, 0, 5)]


def test_a_revision_counts_what_it_did(store: Store, path: Path) -> None:
    put(store, small(5))
    changed = small(6, start=1)
    changed.loc["k2", "n"] = -1
    changed.loc["k3", "word"] = "moved"
    put(store, changed)
    put(store, small(0))
    assert counted(path) == [(1, 5, 0, 0, 5), (2, 2, 2, 1, 6), (3, 0, 0, 6, 0)]
    assert history(path) == [
        ("k0", 1, 2), ("k1", 1, 3), ("k2", 1, 2), ("k2", 2, 3), ("k3", 1, 2), ("k3", 2, 3),
        ("k4", 1, 3), ("k5", 2, 3), ("k6", 2, 3),
    ]  # fmt: skip
    assert_sound(path)


def test_history_keeps_the_version_that_was(store: Store, path: Path) -> None:
    schema = schema_of({"a_list": "list", "a_boolean": "boolean", "a_number": "number"})
    old = {
        "a_list": ("甲", "b"),
        "a_boolean": True,
        "a_number": None,
        "geometry": shapely.Point(1, 2),
    }
    raw = pd.Series([b"raw"], index=["x"])
    extra = pd.Series([{"hint": 1}], index=["x"])
    put(store, Imported(frame_of({"x": old}, schema), raw=raw, extra=extra), schema)
    put(store, frame_of({"x": old | {"a_number": 2.5}}, schema), schema)
    query = "SELECT properties, geom, raw_geom, source_datum, extra FROM feature_history"
    [(properties, geom, raw_geom, datum, hint)] = rows(path, query)
    assert json.loads(properties) == {"id": "x", "a_list": ["甲", "b"], "a_boolean": True}
    assert shapely.from_wkb(geom) == shapely.Point(1, 2)
    assert (raw_geom, datum, hint) == (b"raw", "GCJ-02", '{"hint":1}')


def test_an_unchanged_feature_keeps_its_row_and_revision(store: Store, path: Path) -> None:
    put(store, small(3))
    before = rows(path, "SELECT id, key, revision FROM feature_1 WHERE key <> 'k1'")
    put(store, small(3).drop(index="k1"))
    assert rows(path, "SELECT id, key, revision FROM feature_1") == before


@given(
    states=st.lists(st.one_of(features_of(SMALL), st.just({})), min_size=1, max_size=5),
    repeated=st.booleans(),
)
def test_any_series_of_states_is_kept(states: list[Given], repeated: bool) -> None:  # noqa: FBT001 - drawn
    current: dict[str, tuple[dict[str, Any], int]] = {}
    known: set[tuple[str, int, int]] = set()
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance" / "geosvc.sqlite"
        store = Store(path)
        store.migrate()
        for features in [state for state in states for _ in range(1 + repeated)]:
            stored = put(store, frame_of(features, SMALL))
            moved = {key: held for key, held in current.items() if features.get(key) != held[0]}
            number += bool(moved) or number == 0 or features.keys() != current.keys()
            known |= {(key, since, number) for key, (_, since) in moved.items()}
            current = {
                key: current[key] if key in current.keys() - moved.keys() else (value, number)
                for key, value in features.items()
            }
            assert stored.number == number
            assert_same(store.frame("stops"), frame_of(dict(sorted(features.items())), SMALL))
        assert set(history(path)) == known
        assert_sound(path)
        store.close()


@given(features=features_of(EVERY))
def test_every_type_comes_back_from_the_tables(features: Given) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance" / "geosvc.sqlite"
        store = Store(path)
        store.migrate()
        put(store, frame_of(features, EVERY), EVERY)
        written = store.frame("stops")
        (path.parent / "columns" / "stops" / "1" / "manifest.json").unlink()
        assert_same(store.frame("stops"), written)
        assert_same(written, frame_of(dict(sorted(features.items())), EVERY))
        store.close()


def test_more_than_one_batch_is_stored_like_one(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geosvc.store.rows.BATCH", 4)
    put(store, small(11))
    ids = dict(rows(path, "SELECT key, id FROM feature_1"))
    changed = moved(small(21, start=2), "k3").drop(index="k7")
    changed["n"] = changed["n"] + 1
    put(store, changed)
    assert counted(path)[1] == (2, 12, 8, 3, 20)
    now = dict(rows(path, "SELECT key, id FROM feature_1"))
    assert {key: at for key, at in now.items() if key in ids} == {
        key: at for key, at in ids.items() if key in now
    }
    assert_same(store.frame("stops"), changed.sort_index())
    assert_same(store.frame("stops", number=1), small(11).sort_index())
    assert_sound(path)


def test_the_index_follows_what_moves_and_leaves_the_rest(store: Store, path: Path) -> None:
    put(store, small(3))
    with sqlite3.connect(path) as connection:
        # a mark that only a new row would wipe out
        connection.execute("UPDATE rtree_1 SET max_x = 99 WHERE id IN (1, 2)")
    connection.close()
    put(store, moved(small(3), "k1").assign(n=100))
    found = rows(path, "SELECT id, max_x FROM rtree_1 WHERE id < 3 ORDER BY id")
    assert found == [(1, 99.0), (2, 5.0)]


@pytest.mark.thorough
@pytest.mark.timeout(1200)
def test_a_million_rows_fit_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "geosvc.sqlite"
    for state in ("first", "all change", "1 % change"):
        taken = in_a_child("store", path, 1_000_000, state)
        assert taken["peak_mb"] < 1500
    assert counted(path) == [
        (1, 1_000_000, 0, 0, 1_000_000),
        (2, 0, 1_000_000, 0, 1_000_000),
        (3, 0, 10_000, 0, 1_000_000),
    ]


def test_a_new_field_is_a_revision_in_which_only_filled_features_change(
    store: Store, path: Path
) -> None:
    put(store, small(3))
    wider = schema_of({"n": "integer", "word": "string", "hint": "string"})
    frame = small(3)
    frame["hint"] = None
    assert put(store, frame, wider).number == 2
    frame.loc["k1", "hint"] = "左"
    assert put(store, frame, wider).number == 3
    assert counted(path)[1:] == [(2, 0, 0, 0, 3), (3, 0, 1, 0, 3)]
    assert store.frame("stops")["hint"].tolist() == [None, "左", None]
    assert_sound(path)


@pytest.mark.parametrize(
    ("schema", "changed"),
    [
        (schema_of({"word": "string"}), 3),
        (schema_of({"word": "string", "n": "integer"}), 0),
        (schema_of({"n": "number", "word": "string"}), 3),
        (TABLE, 3),
    ],
    ids=["field gone", "order", "type", "geometry gone"],
)
def test_the_table_follows_the_schema(
    store: Store, path: Path, schema: Schema, changed: int
) -> None:
    put(store, small(3))
    frame = small(3)
    assert put(store, frame, schema).number == 2
    assert counted(path)[1] == (2, 0, changed, 0, 3)
    assert [name for name in store.frame("stops") if name != "geometry"] == [
        item.name for item in schema.fields
    ]
    kept = rows(path, "SELECT properties FROM feature_history")
    assert [json.loads(text)["n"] for (text,) in kept] == list(range(changed))
    assert_sound(path)
    assert put(store, small(3)).number == 3
    assert_same(store.frame("stops"), small(3))
    assert_sound(path)


def test_fields_may_have_any_name(store: Store) -> None:
    names = ["Name", "name", 'a"b', "编号", "select", "a b; DROP TABLE layer", "geom", "key", "id2"]
    schema = schema_of(dict.fromkeys(names, "string"))
    features = {"x": {name: name for name in names} | {"geometry": shapely.Point(1, 2)}}
    put(store, frame_of(features, schema), schema)
    assert_same(store.frame("stops"), frame_of(features, schema))


def test_a_failed_write_leaves_everything_as_it_was(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, small(3))

    def fail(*_given: object) -> None:
        raise sqlite3.OperationalError

    monkeypatch.setattr("geosvc.store.write.put_report", fail)
    with pytest.raises(Exception, match=r"geosvc\.sqlite"):
        put(store, small(9))
    assert counted(path) == [(1, 3, 0, 0, 3)]
    assert len(store.frame("stops")) == 3
    assert_sound(path)


PLATES = "SELECT feature, field, value, erased_at FROM personal ORDER BY feature"


def _with_plates(plates: dict[str, str | None]) -> Imported:
    table = pd.DataFrame(
        {
            "key": list(plates),
            "field": "word",
            "value": pd.Series(list(plates.values()), dtype=object),
        }
    )
    return Imported(small(3).assign(word="***"), personal=table)


def test_personal_values_go_to_their_table_alone(store: Store, path: Path) -> None:
    put(store, _with_plates({"k0": "苏X12345", "k1": None}))
    put(store, _with_plates({"k0": "苏X67890", "k2": "苏X24680"}))
    assert rows(path, PLATES) == [
        ("k0", "word", "苏X67890", None),
        ("k2", "word", "苏X24680", None),
    ]
    assert counted(path) == [(1, 3, 0, 0, 3)], "the mask has not changed"
    store.close()
    held = [item for item in path.parent.rglob("*") if item.is_file() and item != path]
    assert held
    assert not any(b"67890" in item.read_bytes() for item in held)
    path.write_bytes(path.read_bytes())
    tables = rows(
        path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'personal'"
    )
    for (name,) in tables:
        assert "67890" not in str(rows(path, f'SELECT * FROM "{name}"')), name  # noqa: S608 - our own


def test_what_was_erased_by_policy_stays_erased(store: Store, path: Path) -> None:
    put(store, _with_plates({"k0": "苏X12345", "k1": "苏X00000"}))
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE personal SET value = NULL, erased_at = '2026-01-01' WHERE feature = 'k0'"
        )
    connection.close()
    put(store, _with_plates({"k0": "苏X12345"}))
    assert rows(path, PLATES) == [("k0", "word", None, "2026-01-01")]


def test_a_plain_frame_leaves_personal_values_alone(store: Store, path: Path) -> None:
    put(store, _with_plates({"k0": "苏X12345"}))
    put(store, small(3))
    assert len(rows(path, PLATES)) == 1


def test_an_instant_has_an_offset_and_is_now() -> None:
    at = datetime.fromisoformat(instant())
    assert at.utcoffset() == timedelta(0)


def boxes(path: Path) -> list[tuple[Any, ...]]:
    return rows(path, "SELECT * FROM rtree_1 ORDER BY id")


def test_an_index_is_built_anew_where_most_features_move(store: Store, path: Path) -> None:
    count = 2100
    before = small(count)
    store.put("a", before, schema=SMALL, change=CHANGE)
    first = boxes(path)
    moved = before.copy()
    # a third is gone, a tenth stays where it is, some are new
    moved.geometry = [
        place if at % 10 == 0 else shapely.transform(place, lambda xy: xy / 3)
        for at, place in enumerate(before.geometry)
    ]
    moved = pd.concat([moved.iloc[700:], small(50, start=count)])
    made: list[str] = []
    with store.writing() as opened:
        opened.set_trace_callback(made.append)
    store.put("a", moved, schema=SMALL, change=CHANGE)
    assert any(text.startswith("DROP TABLE rtree_1") for text in made)
    assert len(boxes(path)) == 1450
    assert boxes(path) != first
    assert store.verify() == ()
    made.clear()
    few = moved.copy()
    few.geometry = [shapely.Point(1, 2), *moved.geometry.iloc[1:]]
    store.put("a", few, schema=SMALL, change=CHANGE)
    assert not any(text.startswith("DROP TABLE rtree_1") for text in made)
    assert store.verify() == ()
