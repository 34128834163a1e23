from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.model import Field, GeometryType, Layer, Popup, Schema, Style, Text
from geosvc.errors import SourceError
from geosvc.symbology import symbolize
from geosvc.tiles.columns import encode_columns, encode_rows, plain_values, shown_fields

NONE = Text("", "")
NAMES = ("code", "name", "count", "routes")


def layer(geometry: GeometryType = "Point") -> Layer:
    schema = Schema(geometry, "code", tuple(Field(name, NONE) for name in NAMES))
    popup = Popup(title="name", facts=("count", "routes"))
    return Layer("stops", "", NONE, schema, Style("circle", "c-urban"), popup=popup)


def frame(geometry: list[Any], **columns: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - cells
    index = [f"A{number}" for number in range(len(geometry))]
    return gpd.GeoDataFrame(columns, geometry=geometry, index=index, crs="OGC:CRS84")


def encoded(gdf: pd.DataFrame, geometry: GeometryType = "Point") -> dict[str, Any]:
    found = layer(geometry)
    body = encode_columns(found, gdf, symbolize(found, gdf), revision=7, synthetic=True)
    result: dict[str, Any] = orjson.loads(body)
    return result


def decoded(geometry: dict[str, Any]) -> np.ndarray[Any, Any]:
    return np.cumsum(np.array([geometry["lon"], geometry["lat"]]), axis=1).T / 1e6


def test_the_head_says_what_it_is() -> None:
    body = encoded(frame([shapely.Point(121.1, 33.5)], name=["金桥路"]))
    assert (body["layer"], body["revision"], body["synthetic"], body["count"]) == (
        "stops",
        7,
        True,
        1,
    )
    assert body["keys"] == ["A0"]
    assert body["class"] == [0]


def test_points_are_differences_of_microdegrees() -> None:
    body = encoded(frame([shapely.Point(121.1, 33.5), shapely.Point(121.100001, 33.499999)]))
    assert body["geometry"] == {
        "kind": "point",
        "lon": [121100000, 1],
        "lat": [33500000, -1],
    }


@given(
    st.lists(st.tuples(st.floats(-180, 180, width=32), st.floats(-90, 90, width=32)), max_size=30)
)
def test_points_come_back_within_half_a_microdegree(positions: list[tuple[float, float]]) -> None:
    points = [shapely.Point(position) for position in positions]
    back = decoded(encoded(frame(points))["geometry"])
    assert back.shape == (len(positions), 2)
    assert np.abs(back - np.array(positions).reshape(-1, 2)).max(initial=0) <= 5.1e-7


def test_lines_say_sizes_and_owners() -> None:
    single = shapely.LineString([(0, 0), (1, 0), (1, 1)])
    multi = shapely.MultiLineString([[(2, 2), (3, 3)], [(4, 4), (5, 5)]])
    geometry = encoded(frame([single, multi]), "LineString")["geometry"]
    assert geometry["kind"] == "line"
    assert geometry["sizes"] == [3, 2, 2]
    assert geometry["owner"] == [0, 1, 1]
    assert decoded(geometry).tolist() == [[0, 0], [1, 0], [1, 1], [2, 2], [3, 3], [4, 4], [5, 5]]


def test_areas_are_their_rings() -> None:
    hole = shapely.Polygon(
        [(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)], [(3, 3), (4, 3), (4, 4)]]
    )
    pair = shapely.MultiPolygon([shapely.box(20, 20, 21, 21), shapely.box(30, 30, 31, 31)])
    geometry = encoded(frame([hole, pair]), "Polygon")["geometry"]
    assert geometry["kind"] == "area"
    assert geometry["sizes"] == [5, 4, 4, 5, 5]
    assert geometry["owner"] == [0, 0, 0, 1, 1]
    assert sum(geometry["sizes"]) == len(geometry["lon"]) == len(geometry["lat"])


def test_a_table_has_no_geometry() -> None:
    table = pd.DataFrame({"name": ["taxi"]}, index=["taxi"])
    assert encoded(table, "None")["geometry"] == {"kind": "none"}


@pytest.mark.parametrize(
    ("geometry", "kind"), [("Point", "point"), ("LineString", "line"), ("Polygon", "area")]
)
def test_an_empty_layer_is_empty_lists(geometry: GeometryType, kind: str) -> None:
    body = encoded(frame([]), geometry)
    assert body["count"] == 0
    assert body["geometry"]["kind"] == kind
    assert body["geometry"]["lon"] == body["geometry"]["lat"] == []


@pytest.mark.parametrize(
    "wrong", [shapely.MultiPoint([(1, 1), (2, 2)]), shapely.LineString([(0, 0), (1, 1)])]
)
def test_a_point_layer_holds_points(wrong: shapely.Geometry) -> None:
    with pytest.raises(SourceError):
        encoded(frame([wrong]))


def test_only_shown_fields_travel() -> None:
    gdf = frame([shapely.Point(0, 0)], code=["A"], name=["B"], count=[1])
    assert list(encoded(gdf)["columns"]) == ["name", "count"]
    assert shown_fields(layer()) == ["name", "count", "routes"]


def test_repeated_texts_become_a_dictionary() -> None:
    points = [shapely.Point(0, 0)] * 6
    words = ["金桥路北侧", "金桥路北侧", None, "金桥路南侧", "金桥路北侧", "金桥路南侧"]
    column = encoded(frame(points, name=words))["columns"]["name"]
    assert column == {"codes": [0, 0, -1, 1, 0, 1], "dictionary": ["金桥路北侧", "金桥路南侧"]}


def test_different_texts_stay_values() -> None:
    column = encoded(frame([shapely.Point(0, 0)] * 2, name=["甲", "乙"]))["columns"]["name"]
    assert column == {"values": ["甲", "乙"]}


def test_missing_numbers_are_null() -> None:
    gdf = frame([shapely.Point(0, 0)] * 2, count=pd.array([1, None], dtype="Int64"))
    assert encoded(gdf)["columns"]["count"] == {"values": [1, None]}


def test_rows_hold_every_field_and_no_geometry() -> None:
    gdf = frame([shapely.Point(0, 0)], code=["A"], name=["B"], count=[1], routes=[("1", "2")])
    body = orjson.loads(encode_rows(layer(), gdf, revision=1, synthetic=False))
    assert list(body["columns"]) == list(NAMES)
    assert body["columns"]["routes"] == {"values": [["1", "2"]]}
    assert "geometry" not in body


def test_the_same_frame_gives_the_same_bytes() -> None:
    gdf = frame([shapely.Point(1, 2)] * 3, name=["甲", "乙", "甲"])
    symbols = symbolize(layer(), gdf)
    bodies = {encode_columns(layer(), gdf, symbols, revision=1, synthetic=True) for _ in range(3)}
    assert len(bodies) == 1


@pytest.mark.parametrize(
    ("value", "plain"),
    [(np.float64("inf"), None), (np.int64(3), 3), (pd.NaT, None), (np.True_, True), ("", "")],
)
def test_cells_are_json(value: object, plain: object) -> None:
    assert plain_values([value]) == [plain]
