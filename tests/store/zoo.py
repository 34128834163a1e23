"""Features of every type for the tests of the store, and what must hold of any store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import strategies as st

from geosvc.catalog.model import Field, Schema, Text
from geosvc.store import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geosvc.catalog.model import FieldType, GeometryType
    from geosvc.errors import Issue

Given: TypeAlias = dict[str, dict[str, Any]]

NAME = Text("名", "name")
CHANGE = Change("editor", "a test", "data/a.csv", "5" * 64, "f" * 64)
KINDS: tuple[FieldType, ...] = (
    "string", "integer", "number", "boolean", "date", "datetime", "time", "list",
)  # fmt: skip
DIFFICULT = ["", "站点", "𠮷野家 🚌", 'a"b\\c', "\x00nul", "{{7*7}}", "\u202eltr", "x" * 10_000]


def schema_of(
    fields: Mapping[str, FieldType], *, geometry: GeometryType = "Point", key: str = "id"
) -> Schema:
    typed = {key: "string", **fields}
    return Schema(geometry, key, tuple(Field(name, NAME, kind) for name, kind in typed.items()))


EVERY = schema_of({f"a_{kind}": kind for kind in KINDS})
SMALL = schema_of({"n": "integer", "word": "string"})
TABLE = schema_of({"n": "integer", "word": "string"}, geometry="None")

_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.one_of(
        st.sampled_from(DIFFICULT), st.text(st.characters(exclude_categories=["Cs"]))
    ),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "date": st.dates().map(str),
    "datetime": st.just("2024-06-01T08:30:00+08:00"),
    "time": st.just("08:30"),
    "list": st.lists(st.sampled_from(DIFFICULT[:4])).map(tuple),
}
PLACES = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(shapely.Point)


def features_of(schema: Schema) -> st.SearchStrategy[Given]:
    """Features by key: a value or None for each field, and a place."""
    given = {
        item.name: st.one_of(st.none(), _VALUES[item.type])
        for item in schema.fields
        if item.name != schema.primary_key
    }
    if schema.geometry != "None":
        given["geometry"] = PLACES
    keys = st.one_of(st.sampled_from(["a", "b", "c"]), st.text("乙x𠮷1", min_size=1, max_size=3))
    return st.dictionaries(keys, st.fixed_dictionaries(given), max_size=6)


def frame_of(features: Mapping[str, Mapping[str, Any]], schema: Schema) -> pd.DataFrame:
    """Make the frame that an import would."""
    keys = list(features)
    columns: dict[str, Any] = {}
    for item in schema.fields:
        values = [
            key if item.name == schema.primary_key else features[key][item.name] for key in keys
        ]
        columns[item.name] = _column(values, item.type)
    frame = pd.DataFrame(columns)
    frame.index = pd.Index(_objects(keys), dtype=object, name=schema.primary_key)
    if schema.geometry == "None":
        return frame
    geometry = _objects([features[key]["geometry"] for key in keys])
    return gpd.GeoDataFrame(frame, geometry=geometry, crs="OGC:CRS84")


def small(count: int, *, start: int = 0) -> gpd.GeoDataFrame:
    """Features of `SMALL` with the keys k<start>, k<start + 1>, …"""
    features = {
        f"k{at}": {"n": at, "word": f"字{at % 3}", "geometry": shapely.Point(at / 7, at / 11)}
        for at in range(start, start + count)
    }
    frame = frame_of(features, SMALL)
    assert isinstance(frame, gpd.GeoDataFrame)
    return frame


def _column(values: Sequence[Any], kind: FieldType) -> pd.Series[Any]:
    column: pd.Series[Any] = pd.Series(_objects(values), dtype=object)
    if kind == "integer":
        return column.astype("Int64")
    if kind == "number":
        return column.astype("Float64")
    return column.astype("boolean") if kind == "boolean" else column


def _objects(values: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.object_]]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def assert_same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Hold two frames to be equal in types, columns, index, order and places."""
    assert type(left) is type(right)
    assert list(left.columns) == list(right.columns)
    assert left.index.tolist() == right.index.tolist()
    assert left.index.name == right.index.name
    for name in left.columns:
        assert left[name].dtype == right[name].dtype, name
        if name == "geometry":
            assert shapely.to_wkb(left[name].to_numpy()).tolist() == (
                shapely.to_wkb(right[name].to_numpy()).tolist()
            )
        else:
            absent = left[name].isna()
            assert absent.tolist() == right[name].isna().tolist()
            assert left[name][~absent].tolist() == right[name][~absent].tolist()


@dataclass
class Imported:
    """What an import hands over, see `geosvc.store.records.Features`."""

    frame: pd.DataFrame
    extra: pd.Series[Any] | None = None
    raw: pd.Series[Any] | None = None
    source_datum: str = "GCJ-02"
    personal: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"key": [], "field": [], "value": []})
    )
    issues: tuple[Issue, ...] = ()
    total_rows: int = 0


def rows(path: Path, query: str) -> list[Any]:
    """Ask the file itself."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def assert_sound(path: Path) -> None:
    """Hold the file to be whole, R-trees to cover the features, histories to have no gap."""
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "PRAGMA foreign_key_check") == []
    current = rows(
        path,
        """SELECT layer.id, layer.shape, revision.number, revision.count FROM layer
        JOIN revision ON revision.id = layer.revision""",
    )
    for layer, shape, number, count in current:
        features = rows(path, f"SELECT id, key, revision, geom FROM feature_{layer} ORDER BY id")  # noqa: S608 - a number
        assert len(features) == count
        assert all(revision <= number for _, _, revision, _ in features)
        if '"geometry": "None"' not in shape:
            _assert_covered(path, layer, features)
        _assert_continuous(path, layer, {key: since for _, key, since, _ in features})


def _assert_covered(path: Path, layer: int, features: list[Any]) -> None:
    boxes = rows(path, f"SELECT id, min_x, min_y, max_x, max_y FROM rtree_{layer} ORDER BY id")  # noqa: S608 - a number
    assert [box[0] for box in boxes] == [feature[0] for feature in features]
    if features:
        exact = shapely.bounds(shapely.from_wkb([feature[3] for feature in features]))
        held = np.array([box[1:] for box in boxes])
        assert (held[:, :2] <= exact[:, :2]).all()
        assert (held[:, 2:] >= exact[:, 2:]).all()
        # 32-bit floats are 2e-5 degrees apart at most on this planet
        assert np.abs(held - exact).max() < 5e-5


def _assert_continuous(path: Path, layer: int, current: Mapping[str, int]) -> None:
    query = f"""SELECT key, from_revision, to_revision FROM feature_history
        WHERE layer = {layer:d} ORDER BY key, to_revision"""  # noqa: S608 - a number
    ends: dict[str, int] = {}
    for key, since, until in rows(path, query):
        assert ends.get(key, 0) <= since < until
        ends[key] = until
    assert all(ends.get(key, 0) <= since for key, since in current.items())
