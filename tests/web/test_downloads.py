from __future__ import annotations

import csv
import io
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import orjson
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.model import Field, GeometryType, Layer, Schema, Style, Text
from geosvc.web.downloads import facts_of, geojson, geopackage, neutral, table

if TYPE_CHECKING:
    from pathlib import Path

NONE = Text("", "")
FACTS = facts_of(synthetic=True, revision=4, attribution=Text("甲", "A"), as_of="2024-06-30")
AT = "2024-07-01T08:00:00+08:00"


def layer(geometry: GeometryType = "Point") -> Layer:
    names = ("code", "name", "count", "share", "lit", "routes", "lon")
    fields = tuple(Field(name, NONE) for name in names)
    return Layer("stops", "", NONE, Schema(geometry, "code", fields), Style("circle", "ok"))


def frame(geometry: list[Any], **columns: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - cells
    index = pd.Index([f"A{number}" for number in range(len(geometry))], name="code")
    return gpd.GeoDataFrame(columns, geometry=geometry, index=index, crs="OGC:CRS84")


def stops() -> gpd.GeoDataFrame:
    return frame(
        [shapely.Point(121.123456789, 33.5), shapely.Point(121.2, 33.6)],
        code=["A0", "A1"],
        name=["金桥路", None],
        count=pd.array([3, None], dtype="Int64"),
        share=pd.array([0.5, None], dtype="Float64"),
        lit=pd.array([True, None], dtype="boolean"),
        routes=[("1", "2"), None],
    )


def rows(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_geojson_says_what_it_is() -> None:
    body = orjson.loads(geojson(layer(), stops(), FACTS))
    assert body["type"] == "FeatureCollection"
    assert (body["synthetic"], body["revision"], body["as_of"]) == (True, 4, "2024-06-30")
    assert body["attribution"] == {"zh": "甲", "en": "A"}
    assert "crs" not in body


def test_geojson_has_codes_and_no_labels() -> None:
    first, second = orjson.loads(geojson(layer(), stops(), FACTS))["features"]
    assert first["id"] == "A0"
    assert first["geometry"] == {"type": "Point", "coordinates": [121.1234568, 33.5]}
    assert first["properties"]["routes"] == ["1", "2"]
    assert first["properties"]["lit"] is True
    assert second["properties"] == {
        "code": "A1",
        "name": None,
        "count": None,
        "share": None,
        "lit": None,
        "routes": None,
    }


def test_outer_rings_run_against_the_clock() -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])
    body = orjson.loads(geojson(layer("Polygon"), frame([clockwise]), FACTS))
    ring = shapely.LinearRing(body["features"][0]["geometry"]["coordinates"][0])
    assert ring.is_ccw


def test_an_empty_collection_is_one() -> None:
    assert orjson.loads(geojson(layer(), frame([]), FACTS))["features"] == []


def test_a_table_has_names_positions_and_its_origin() -> None:
    first, second = rows(table(layer(), stops(), synthetic=True))
    assert first == {
        "code": "A0",
        "name": "金桥路",
        "count": "3",
        "share": "0.5",
        "lit": "true",
        "routes": "1;2",
        "lon": "121.1234568",
        "lat": "33.5",
        "synthetic": "true",
    }
    assert second["count"] == second["name"] == second["routes"] == ""


def test_a_position_does_not_hide_a_field_of_its_name() -> None:
    gdf = frame([shapely.Point(1, 2)], lon=["received"])
    (row,) = rows(table(layer(), gdf, synthetic=False))
    assert (row["lon"], row["lon_wgs84"], row["synthetic"]) == ("received", "1.0", "false")


def test_lines_are_written_as_wkt() -> None:
    gdf = frame([shapely.LineString([(121.1, 33.5), (121.123456789, 33.6)])])
    (row,) = rows(table(layer("LineString"), gdf, synthetic=True))
    assert row["wkt"] == "LINESTRING (121.1 33.5, 121.1234568 33.6)"


def test_a_table_without_geometry_has_no_position() -> None:
    plain = pd.DataFrame({"code": ["taxi"], "count": [337]})
    (row,) = rows(table(layer("None"), plain, synthetic=True))
    assert row == {"code": "taxi", "count": "337", "synthetic": "true"}


FORMULAS = ("=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "=cmd|' /C calc'!A0", "-3+4")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    gdf = frame([shapely.Point(0, 0)], name=[text], routes=[(text, "b")])
    (row,) = rows(table(layer(), gdf, synthetic=True))
    assert row["name"] == f"'{text}"
    assert row["routes"] == f"'{text};b"


@pytest.mark.parametrize("text", ["-3", "+3.25", "-0.5", "121.5"])
def test_numbers_stay_numbers(text: str) -> None:
    assert neutral(text) == text
    gdf = frame([shapely.Point(-0.5, -1)], share=[-2.5])
    (row,) = rows(table(layer(), gdf, synthetic=True))
    assert (row["share"], row["lon"], row["lat"]) == ("-2.5", "-0.5", "-1.0")


@given(st.text())
def test_what_a_spreadsheet_computes_is_never_first(text: str) -> None:
    safe = neutral(text)
    assert safe.removeprefix("'") == text.removeprefix("'")
    assert safe[:1] not in {"=", "@", "\t", "\r"}


@pytest.mark.parametrize(
    "text", ['a"b', "a,b", "a\nb", "</script>", "{{7*7}}", "𠮷" * 9, "长" * 10_000]
)
def test_cells_come_back(text: str) -> None:
    gdf = frame([shapely.Point(0, 0)], name=[text])
    assert rows(table(layer(), gdf, synthetic=True))[0]["name"] == text
    properties = orjson.loads(geojson(layer(), gdf, FACTS))["features"][0]["properties"]
    assert properties["name"] == text


def test_a_geopackage_holds_features_and_facts(tmp_path: Path) -> None:
    path = tmp_path / "stops.gpkg"
    path.write_bytes(geopackage(layer(), stops(), FACTS, at=AT))
    back = pyogrio.read_dataframe(path)
    assert back["name"].tolist()[0] == "金桥路"
    assert back["routes"].tolist() == ["1;2", ""]
    assert back.crs.to_authority() in {("OGC", "CRS84"), ("EPSG", "4326")}
    info = pyogrio.read_info(path, layer="stops")
    assert info["layer_metadata"]["synthetic"] == "true"
    assert info["layer_metadata"]["revision"] == "4"
    assert "甲" in info["layer_metadata"]["attribution"]


def test_a_geopackage_names_the_moment_of_its_revision(tmp_path: Path) -> None:
    path = tmp_path / "stops.gpkg"
    path.write_bytes(geopackage(layer(), stops(), FACTS, at=AT))
    with sqlite3.connect(path) as opened:
        (changed,) = opened.execute("SELECT last_change FROM gpkg_contents").fetchone()
    opened.close()
    assert changed == "2024-07-01T00:00:00.000Z"


def test_a_geopackage_is_the_same_every_time() -> None:
    assert len({geopackage(layer(), stops(), FACTS, at=AT) for _ in range(2)}) == 1


def test_a_geopackage_leaves_its_input() -> None:
    gdf = stops()
    geopackage(layer(), gdf, FACTS, at=None)
    assert gdf["routes"].tolist()[0] == ("1", "2")


def test_fields_may_have_the_names_of_a_geopackage_or_of_a_table(tmp_path: Path) -> None:
    names = ("code", "FID", "geom", "rowid", "lon", "Lat", "synthetic")
    fields = tuple(Field(name, NONE) for name in names)
    named = replace(layer(), schema=Schema("Point", "code", fields))
    given = frame([shapely.Point(121, 33)], **{name: [f"<{name}>"] for name in names})
    path = tmp_path / "a.gpkg"
    path.write_bytes(geopackage(named, given, FACTS, at=AT))
    back = pyogrio.read_dataframe(path)
    assert {name: back[name][0] for name in names} == {name: f"<{name}>" for name in names}
    assert back.geometry[0] == shapely.Point(121, 33)
    [row] = rows(table(named, given, synthetic=True))
    assert (row["lon"], row["Lat"], row["synthetic"]) == ("<lon>", "<Lat>", "<synthetic>")
    assert (row["lon_wgs84"], row["lat_wgs84"], row["synthetic_data"]) == ("121.0", "33.0", "true")


def test_threads_write_geopackages_of_one_revision_alike() -> None:
    moments = [AT, "2020-01-01T00:00:00+00:00"] * 6
    alone = {at: geopackage(layer(), stops(), FACTS, at=at) for at in moments}
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda at: geopackage(layer(), stops(), FACTS, at=at), moments))
    assert [body == alone[at] for at, body in zip(moments, made, strict=True)] == [True] * 12
