from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geosvc.catalog.model import By, Field, Label, Layer, Popup, Schema, Style, Text
from geosvc.reports.rows import columns_of, geojson, is_unlocated, rows_of, style, table
from geosvc.store import ERASED
from geosvc.workspace import Workspace
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

NONE = Text("", "")
FIELDS = (
    Field("code", Text("编号", "Code")),
    Field("kind", Text("类型", "Kind"), labels={"bay": Label(Text("港湾", "Bay"))}),
    Field("note", Text("备注", "Note")),
    Field("plate", Text("号牌", "Plate"), privacy="enforcement"),
)
STYLE = Style("circle", By("kind", values={"bay": "c-urban", "curb": "c-rural"}))
STOPS = Layer(
    "stops",
    "",
    Text("站点", "Stops"),
    Schema("Point", "code", FIELDS),
    STYLE,
    popup=Popup("code", facts=("plate",)),
)


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    points = [shapely.Point(121.123456789, 33.5), shapely.Point(121.2, 33.6), None, None]
    places = np.array(points, dtype=object)
    columns = {
        "code": ["A", "B", "C", "D"],
        "kind": ["bay", "curb", "bay", None],
        "note": ["hidden"] * 4,
        "plate": ["苏X****1", ERASED, None, None],
    }
    index = pd.Index(["A", "B", "C", "D"])
    return gpd.GeoDataFrame(columns, geometry=places, crs="OGC:CRS84", index=index)


def test_drawn_outside_and_without_a_place_add_up(frame: gpd.GeoDataFrame) -> None:
    found = rows_of(STOPS, frame, frame.index[:1])
    assert (found.count, found.outside, found.unlocated) == (1, 1, 2)
    assert found.count + found.outside + found.unlocated == len(frame)
    assert sum(item.count for item in found.symbols.classes) == 1
    assert is_unlocated(frame).tolist() == [False, False, True, True]
    assert is_unlocated(pd.DataFrame({"a": [1, 2]})).tolist() == [True, True]


def test_only_what_is_shown_is_written(frame: gpd.GeoDataFrame) -> None:
    found = rows_of(STOPS, frame, frame.index[:2])
    assert columns_of(found) == ["code", "kind", "plate"]
    for body in (geojson([found]), table([found])):
        assert b"hidden" not in body


def test_geojson_has_the_layer_of_each_feature_and_seven_decimals(frame: gpd.GeoDataFrame) -> None:
    document = json.loads(geojson([rows_of(STOPS, frame, frame.index[:2])]))
    assert document["type"] == "FeatureCollection"
    first, second = document["features"]
    assert (first["id"], first["layer"]) == ("A", "stops")
    assert first["geometry"]["coordinates"] == [121.1234568, 33.5]
    assert second["properties"] == {"code": "B", "kind": "curb", "plate": ERASED}


def test_the_table_counts_its_classes(frame: gpd.GeoDataFrame) -> None:
    (layer,) = json.loads(table([rows_of(STOPS, frame, frame.index[:2])]))
    assert layer["count"] == 2 == len(layer["rows"])
    assert [(item["value"], item["count"]) for item in layer["classes"]] == [
        ("bay", 1),
        ("curb", 1),
    ]
    assert layer["rows"][0] == ["A", "bay", "苏X****1"]
    labels = [column["labels"] for column in layer["columns"]]
    assert labels[1] == {"bay": {"zh": "港湾", "en": "Bay"}}
    assert labels[2] == {ERASED: {"zh": "已按规定清除", "en": labels[2][ERASED]["en"]}}
    assert (layer["unlocated"], layer["outside"]) == (2, 0)


def test_the_style_knows_no_counts(frame: gpd.GeoDataFrame) -> None:
    one, other = (style([rows_of(STOPS, frame, frame.index[:n])]) for n in (1, 2))
    assert one == other
    (said,) = json.loads(one)
    assert said["style"]["kind"] == "circle"
    assert said["classes"][0]["color"] == "c-urban"


def test_nothing_is_a_file_too() -> None:
    assert json.loads(geojson([])) == {"type": "FeatureCollection", "features": []}
    assert json.loads(table([])) == json.loads(style([])) == []


def test_lines_and_areas_of_a_real_catalog(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.prepare().close()
    with closing(Workspace(folder.settings)) as workspace:
        found = []
        for name in ("area", "roads"):
            frame = workspace.frame(name)
            found.append(rows_of(workspace.catalog.layer(name), frame, frame.index))
    kinds = [item["geometry"]["type"] for item in json.loads(geojson(found))["features"]]
    assert kinds == ["Polygon", "LineString", "LineString", "LineString"]
    assert [len(layer["rows"]) for layer in json.loads(table(found))] == [1, 3]
