"""GeoJSON, and the formats that GDAL reads."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import SourceError
from geosvc.ingest.vectors import read_dataset, read_geojson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geosvc.catalog.model import Layer
    from geosvc.ingest.records import Records

FORMATS = ("gpkg", "shp", "fgb")


def _collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def _read(layer: Layer) -> Records:
    assert layer.source is not None
    return read_dataset(layer, layer.source)


def _frame(crs: int = 4490) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "code": ["A1", "A2", None],
            "bays": [25, 14, 3],
            "width": [1.5, None, 2.0],
            "open": [True, False, True],
            "day": ["2024-06-03", None, "2024-06-04"],
        },
        geometry=shapely.points([[121, 33], [121.1, 33.1], [121.2, 33.2]]),
        crs=crs,
    )


# GeoJSON


def test_lists_and_mappings_stay(feature: Callable[..., dict[str, Any]]) -> None:
    data = _collection(feature(routes=["K1", "K2"], parent={"adcode": 1}), feature(code="A2"))
    records = read_geojson(data, "a.geojson")
    assert records.columns == {
        "routes": [["K1", "K2"], None],
        "parent": [{"adcode": 1}, None],
        "code": [None, "A2"],
    }
    assert records.geometry is not None
    assert records.geometry[0].wkt == "POINT (121.1 33.5)"
    assert records.crs is None


def test_a_byte_order_mark_a_single_feature_and_a_foreign_crs(
    feature: Callable[..., dict[str, Any]],
) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4214"}}
    data = b"\xef\xbb\xbf" + json.dumps(feature(code="站台") | {"crs": crs}).encode()
    records = read_geojson(data, "a.geojson")
    assert (records.count, records.crs) == (1, None)
    assert records.columns["code"] == ["站台"]


def test_no_features() -> None:
    records = read_geojson(_collection(), "a.geojson")
    assert (records.count, dict(records.columns)) == (0, {})
    assert records.geometry is not None
    assert records.geometry.tolist() == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"\0",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b'{"type": "FeatureCollection"}',
        b'{"type": "FeatureCollection", "features": {}}',
        b'{"type": "FeatureCollection", "features": null}',
        b'{"type": "Topology", "objects": {}}',
        b'{"type": "Point", "coordinates": [1, 2]}',
        b'{"type": "FeatureCollection", "features": [',
        b'{"type": "FeatureCollection", "features": [1e999]}',
        b'{"type": "FeatureCollection", "features": [NaN]}',
        b'{"type": "FeatureCollection", "features": [],}',
        '{"type": "FeatureCollection", "站": []}'.encode("gb18030"),
        '{"type": "FeatureCollection", "features": []}'.encode("utf-16"),
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"<OGRVRTDataSource/>",
    ],
    ids=lambda data: data[:24].hex(),
)
def test_what_is_no_feature_collection(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read_geojson(data, "data/a.geojson")
    issue = caught.value.issues[0]
    assert (issue.code, issue.path) == ("unreadable", "data/a.geojson")
    assert issue.found


@pytest.mark.parametrize(
    "geometry",
    [
        {},
        [],
        "POINT (1 2)",
        {"type": "Point"},
        {"type": "Point", "coordinates": []} | {"type": "Pixel"},
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": ["121", "33"]},
        {"type": "Point", "coordinates": [None, None]},
        {"type": "Point", "coordinates": {"x": 1}},
        {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": [[0, 0], [1, 0]]},
        {"type": "GeometryCollection"},
    ],
    ids=str,
)
def test_a_geometry_that_cannot_be_read_is_a_fault_of_its_row(
    feature: Callable[..., dict[str, Any]], geometry: object
) -> None:
    bad = feature(code="A1") | {"geometry": geometry}
    records = read_geojson(_collection(bad, feature(code="A2")), "a.geojson")
    assert [(issue.code, issue.row) for issue in records.faults] == [("invalid_geometry", 1)]
    assert records.columns["code"] == ["A1", "A2"]


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        "x",
        [],
        {},
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Feature"} | {"properties": 3},
    ],
    ids=str,
)
def test_what_is_no_feature_is_a_fault_of_its_row(
    feature: Callable[..., dict[str, Any]], bad: object
) -> None:
    records = read_geojson(_collection(feature(code="A1"), bad), "a.geojson")
    assert [(issue.code, issue.row) for issue in records.faults] == [("wrong_type", 2)]
    assert records.columns["code"] == ["A1", None]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-9, 9)
        | st.floats(-9, 9)
        | st.sampled_from(
            ["type", "Feature", "Point", "Polygon", "coordinates", "features", "geometry"]
        ),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "coordinates", "geometry", "properties", "geometries"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_a_source_error(content: object) -> None:
    for data in (json.dumps(content).encode(), _collection(content)):
        with contextlib.suppress(SourceError):
            records = read_geojson(data, "a.geojson")
            assert records.geometry is not None
            assert len(records.geometry) == records.count


# GDAL


@pytest.mark.parametrize("ending", FORMATS)
def test_formats(make_layer: Callable[..., Layer], tmp_path: Path, ending: str) -> None:
    layer = make_layer(f"a.{ending}", None)
    pyogrio.write_dataframe(_frame(), tmp_path / f"a.{ending}")
    records = _read(layer)
    # FlatGeobuf orders its features by place
    order = sorted(range(3), key=lambda row: -float(str(records.columns["bays"][row])))
    columns = {name: [values[row] for row in order] for name, values in records.columns.items()}
    assert columns["code"] == ["A1", "A2", None]
    assert columns["bays"] == [25, 14, 3]
    assert columns["width"] == [1.5, None, 2.0]
    assert columns["open"] == [True, False, True]
    assert columns["day"] == ["2024-06-03", None, "2024-06-04"]
    assert records.geometry is not None
    assert records.geometry[order[0]].wkt == "POINT (121 33)"
    assert records.crs is not None
    assert records.crs.to_epsg() == 4490
    assert records.faults == ()


@pytest.mark.parametrize("ending", FORMATS)
def test_no_rows(make_layer: Callable[..., Layer], tmp_path: Path, ending: str) -> None:
    pyogrio.write_dataframe(_frame().iloc[:0], tmp_path / f"a.{ending}", geometry_type="Point")
    records = _read(make_layer(f"a.{ending}", None))
    assert records.count == 0
    assert records.geometry is not None
    assert records.geometry.tolist() == []


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.3, 0.6, 0.8, 0.99])
def test_a_torn_file_is_never_half_read(
    make_layer: Callable[..., Layer], tmp_path: Path, ending: str, share: float
) -> None:
    path = tmp_path / f"a.{ending}"
    frame = gpd.GeoDataFrame(
        {"code": [f"A{number}" for number in range(500)]},
        geometry=shapely.points(np.linspace([121, 33], [121.2, 33.4], 500)),
        crs=4490,
    )
    pyogrio.write_dataframe(frame, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SourceError) as caught:
        _read(make_layer(f"a.{ending}", None))
    issue = caught.value.issues[0]
    assert (issue.code, issue.path) == ("unreadable", f"data/a.{ending}")
    assert str(tmp_path) not in issue.found


@pytest.mark.parametrize("ending", [*FORMATS, "pbf"])
@pytest.mark.parametrize(
    "content",
    [
        b"<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>",
        b'{"type": "FeatureCollection", "features": []}',
        b"\0" * 500,
        b"PK\x03\x04",
    ],
    ids=["vrt", "json", "zeros", "zip"],
)
def test_no_other_format_hides_behind_an_ending(
    make_layer: Callable[..., Layer], ending: str, content: bytes
) -> None:
    with pytest.raises(SourceError) as caught:
        _read(make_layer(f"a.{ending}", content))
    assert (caught.value.issues[0].code, caught.value.issues[0].found) == (
        "unreadable",
        f".{ending}",
    )


def test_a_shapefile_without_its_companions(
    make_layer: Callable[..., Layer], tmp_path: Path
) -> None:
    pyogrio.write_dataframe(_frame(), tmp_path / "a.shp")
    (tmp_path / "a.shx").unlink()
    with pytest.raises(SourceError):
        _read(make_layer("a.shp", None))


def test_a_shapefile_of_an_office_computer(
    make_layer: Callable[..., Layer], tmp_path: Path
) -> None:
    frame = _frame().assign(code=["北港码头", "客运市场", "金桥路"])
    pyogrio.write_dataframe(frame, tmp_path / "a.shp", encoding="GB18030")
    assert _read(make_layer("a.shp", None)).columns["code"] == ["北港码头", "客运市场", "金桥路"]


def test_one_of_several_layers_is_chosen_by_name(
    make_layer: Callable[..., Layer], tmp_path: Path
) -> None:
    for name in ("roads", "stops"):
        pyogrio.write_dataframe(
            _frame().assign(code=name), tmp_path / "a.gpkg", layer=name, append=name == "stops"
        )
    assert _read(make_layer("a.gpkg", None)).columns["code"] == ["stops"] * 3


def test_none_of_several_layers_fits(make_layer: Callable[..., Layer], tmp_path: Path) -> None:
    for name in ("roads", "water"):
        pyogrio.write_dataframe(_frame(), tmp_path / "a.gpkg", layer=name, append=name == "water")
    with pytest.raises(SourceError) as caught:
        _read(make_layer("a.gpkg", None))
    issue = caught.value.issues[0]
    assert (issue.code, issue.found, issue.expected) == ("which_layer", "roads, water", "stops")


def test_a_table_of_a_geopackage(make_layer: Callable[..., Layer], tmp_path: Path) -> None:
    pyogrio.write_dataframe(_frame().drop(columns="geometry"), tmp_path / "a.gpkg")
    records = _read(make_layer("a.gpkg", None, geometry="None"))
    assert records.count == 3
    assert records.geometry is None
    assert records.columns["bays"] == [25, 14, 3]


def test_geometry_of_a_geopackage_that_cannot_be_read(
    make_layer: Callable[..., Layer], tmp_path: Path
) -> None:
    path = tmp_path / "a.gpkg"
    lines = np.full(2, None, dtype=object)
    lines[0] = shapely.LineString([(121, 33), (121.1, 33.1)])
    frame = gpd.GeoDataFrame({"code": ["A1", "A2"]}, geometry=lines, crs=4490)
    pyogrio.write_dataframe(frame, path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        (blob,) = database.execute("SELECT geom FROM a WHERE code = 'A1'").fetchone()
        for trigger in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            database.execute(f'DROP TRIGGER "{trigger[0]}"')
        broken = bytearray(blob)
        broken[-8:] = np.array([np.nan]).tobytes()
        database.execute("UPDATE a SET geom = ? WHERE code = 'A1'", (bytes(broken),))
        database.commit()
    records = _read(make_layer("a.gpkg", None, geometry="LineString"))
    assert records.count == 2
    assert records.geometry is not None
    assert records.geometry[1] is None


def test_lists_survive_a_geopackage(make_layer: Callable[..., Layer], tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame = _frame().assign(routes=['["K1", "K2"]', "", "[]"])
    pyogrio.write_dataframe(frame, path)
    assert _read(make_layer("a.gpkg", None)).columns["routes"][0] == '["K1", "K2"]'


# OpenStreetMap


@pytest.fixture
def helsinki(
    make_layer: Callable[..., Layer], with_source: Callable[..., Layer], project: Path
) -> Callable[[str], Layer]:
    path = project / "tests" / "data" / "helsinki" / "helsinki_centre.osm.pbf"
    return lambda kind: with_source(make_layer("a.pbf", None, geometry=kind), path=path)


@pytest.mark.parametrize(("geometry", "count"), [("LineString", 3818), ("Point", 8045)])
def test_osm_layers_are_chosen_by_geometry(
    helsinki: Callable[[str], Layer], geometry: str, count: int
) -> None:
    records = _read(helsinki(geometry))
    assert records.count == count
    assert records.geometry is not None
    assert {shape.geom_type for shape in records.geometry} == {geometry}
    assert records.crs is not None
    assert records.crs.to_epsg() == 4326


def test_osm_streets_have_their_names(helsinki: Callable[[str], Layer]) -> None:
    records = _read(helsinki("LineString"))
    assert "Mannerheimintie" in records.columns["name"]
    assert len(set(records.columns["osm_id"])) == records.count
