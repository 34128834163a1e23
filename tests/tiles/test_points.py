from __future__ import annotations

import struct
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.model import Field, Layer, Schema, Style, Text
from geosvc.errors import SourceError
from geosvc.symbology import symbolize
from geosvc.tiles import points
from geosvc.tiles.points import (
    encode_point_column,
    encode_point_page,
    encode_points,
    is_many,
    point_order,
    point_place,
)

NONE = Text("", "")
FIELDS = (
    Field("code", NONE),
    Field("kind", NONE),
    Field("slots", NONE, "integer"),
    Field("routes", NONE, "list"),
    Field("at", NONE, "datetime"),
)
LAYER = Layer("stops", "", NONE, Schema("Point", "code", FIELDS), Style("circle", "c-urban"))
PLACES = [(121.1, 33.4), (121.0, 33.6), (121.2, 33.5), (121.3, 33.5)]
# the northernmost first; of two as far north the first
BY_NORTH = [1, 2, 3, 0]


def frame(places: list[tuple[float, float]] = PLACES, **columns: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - cells
    index = [f"A{number}" for number in range(len(places))]
    geometry = [shapely.Point(place) for place in places]
    return gpd.GeoDataFrame(columns, geometry=geometry, index=index, crs="OGC:CRS84")


def read(body: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Read a file as the browser does."""
    assert body[:4] == b"GSP1"
    length = struct.unpack("<I", body[4:8])[0]
    head = orjson.loads(body[8 : 8 + length])
    at, arrays = 8 + length, {}
    for name, kind, count in head["arrays"]:
        assert at % 8 == 0
        dtype = np.dtype(f"<{kind}")
        arrays[name] = np.frombuffer(body, dtype, count, at)
        at += -(-count * dtype.itemsize // 8) * 8
    assert at == len(body)
    return head, arrays


def drawn(gdf: gpd.GeoDataFrame) -> tuple[dict[str, Any], np.ndarray[Any, Any], Any]:
    """Return the head, positions in degrees, and classes."""
    symbols = symbolize(LAYER, gdf)
    head, arrays = read(encode_points(LAYER, gdf, symbols, revision=7, synthetic=True))
    east = (arrays["x"] / points.SIDE - 0.5) * 360
    down = np.cumsum(arrays["y"].astype(np.int64)) / points.SIDE
    north = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * down))))
    return head, np.column_stack([east, north]), arrays["class"]


def test_the_head_says_what_it_is() -> None:
    head, _, classes = drawn(frame())
    assert {name: head[name] for name in ("layer", "revision", "synthetic", "count")} == {
        "layer": "stops",
        "revision": 7,
        "synthetic": True,
        "count": 4,
    }
    assert classes.tolist() == [0, 0, 0, 0]


def test_points_stand_from_north_to_south() -> None:
    gdf = frame()
    assert point_order(gdf).tolist() == BY_NORTH
    _, positions, _ = drawn(gdf)
    assert np.allclose(positions, np.array(PLACES)[BY_NORTH], atol=1e-7)


@given(
    st.lists(st.tuples(st.floats(-179.9, 179.9), st.floats(-85, 85)), max_size=30),
)
def test_points_come_back_within_two_centimetres(places: list[tuple[float, float]]) -> None:
    gdf = frame(places)
    _, positions, _ = drawn(gdf)
    told = np.array(places).reshape(-1, 2)[point_order(gdf)]
    assert np.abs(positions - told).max(initial=0) < 2e-7


def test_no_key_and_no_text_is_sent_with_the_points() -> None:
    gdf = frame(code=["秘密"] * 4)
    body = encode_points(LAYER, gdf, symbolize(LAYER, gdf), revision=1, synthetic=False)
    assert "秘密".encode() not in body
    assert b"A0" not in body


def test_a_layer_of_something_else_is_refused() -> None:
    gdf = frame().set_geometry([shapely.LineString([(0, 0), (1, 1)])] * 4)
    with pytest.raises(SourceError):
        encode_points(LAYER, gdf, symbolize(LAYER, gdf), revision=1, synthetic=False)


@pytest.mark.parametrize(("count", "many"), [(10_000, False), (10_001, True)])
def test_many_begins_above_ten_thousand(count: int, many: bool) -> None:  # noqa: FBT001 - a case
    assert is_many(LAYER, count) is many
    lines = Layer("r", "", NONE, Schema("LineString", "code", ()), Style("line", "c-urban"))
    assert not is_many(lines, count)


def test_a_column_of_codes_has_a_dictionary() -> None:
    gdf = frame(kind=["bay", None, "curb", "bay"])
    head, arrays = read(encode_point_column(FIELDS[1], gdf, point_order(gdf)) or b"")
    told = [None, *head["dictionary"]]
    assert [told[code + 1] for code in arrays["codes"]] == [None, "curb", "bay", "bay"]
    assert arrays["codes"].dtype == np.int8


def test_a_column_of_lists_has_lists_in_its_dictionary() -> None:
    gdf = frame(routes=[("1", "2"), (), None, ("1", "2")])
    head, arrays = read(encode_point_column(FIELDS[3], gdf, point_order(gdf)) or b"")
    told = [None, *head["dictionary"]]
    assert [told[code + 1] for code in arrays["codes"]] == [[], None, ["1", "2"], ["1", "2"]]


def test_numbers_of_many_kinds_are_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MOST_VALUES", 2)
    gdf = frame(slots=pd.array([4, None, 2, 1], dtype="Int64"))
    head, arrays = read(encode_point_column(FIELDS[2], gdf, point_order(gdf)) or b"")
    assert "dictionary" not in head
    assert np.array_equal(arrays["values"], [np.nan, 2, 1, 4], equal_nan=True)


def test_moments_of_many_kinds_are_told_to_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MOST_VALUES", 2)
    times = ["2024-05-01T08:00:00", None, "2024-05-01T09:00:00", "2024-05-02T10:00:00"]
    gdf = frame(at=times)
    head, arrays = read(encode_point_column(FIELDS[4], gdf, point_order(gdf)) or b"")
    assert head["dictionary"] == ["2024-05-01", "2024-05-02"]
    assert arrays["codes"].tolist() == [-1, 0, 1, 0]


def test_a_column_that_names_the_features_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MOST_VALUES", 3)
    gdf = frame(code=list("abcd"))
    assert encode_point_column(FIELDS[0], gdf, point_order(gdf)) is None


def test_pages_hold_all_fields_of_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "PAGE", 3)
    gdf = frame(kind=["a", "b", "c", "d"], slots=pd.array([1, 2, 3, None], dtype="Int64"))
    order = point_order(gdf)
    pages = [encode_point_page(LAYER, gdf, order, number=number) for number in range(3)]
    assert orjson.loads(pages[0] or b"") == {
        "first": 0,
        "keys": ["A1", "A2", "A3"],
        "columns": {"kind": {"values": ["b", "c", "d"]}, "slots": {"values": [2, 3, None]}},
    }
    assert orjson.loads(pages[1] or b"")["keys"] == ["A0"]
    assert pages[2] is None


def test_a_key_has_a_place() -> None:
    gdf = frame()
    order = point_order(gdf)
    assert [point_place(gdf, order, key=f"A{number}") for number in BY_NORTH] == [0, 1, 2, 3]
    assert point_place(gdf, order, key="nowhere") is None


def test_no_points_are_a_file_too() -> None:
    gdf = frame([], kind=[])
    head, positions, classes = drawn(gdf)
    assert (head["count"], len(positions), len(classes)) == (0, 0, 0)
    assert encode_point_page(LAYER, gdf, point_order(gdf), number=0) is None
