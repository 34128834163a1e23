"""A source from its file to a clean frame."""

from __future__ import annotations

import csv
import io
import json
import random
import threading
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geosvc.crs import parse_datum, wgs84_to_gcj02
from geosvc.errors import SourceError
from geosvc.ingest.source import Clean, mask_text, source_sha256

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geosvc.catalog.model import Field


Make = Any
STOPS = "code,name,bays,width,open,day,at,first,routes,lon,lat\n"
ROW = "A1,北港码头,25,1.5,是,2024-06-03,2024-06-03T08:00:00+08:00,06:30,K1;K2,121.1,33.5\n"
KINDS = {
    "code": "string",
    "name": "string",
    "bays": "integer",
    "width": "number",
    "open": "boolean",
    "day": "date",
    "at": "datetime",
    "first": "time",
    "routes": "list",
}


@pytest.fixture
def fields(field: Callable[..., Field]) -> tuple[Field, ...]:
    return tuple(field(name, kind) for name, kind in KINDS.items())


def _codes(clean: Clean) -> list[tuple[str, int | None, str]]:
    return [(issue.code, issue.row, issue.key) for issue in clean.issues]


def _is_sound(clean: Clean) -> None:
    """Hold a frame against what the rooms above rely on."""
    frame = clean.frame
    assert frame.index.is_unique
    assert len(frame) + len({issue.row for issue in clean.issues}) == clean.total_rows
    if isinstance(frame, gpd.GeoDataFrame):
        assert frame.crs == "OGC:CRS84"
        assert frame.geometry.is_valid.all()
        assert not frame.geometry.is_empty.any()


# The frame


def test_types(make_layer: Make, read: Callable[..., Clean], fields: tuple[Field, ...]) -> None:
    clean = read(make_layer("a.csv", STOPS + ROW + "A2,,,,,,,,,121.2,33.5\n", fields))
    frame = clean.frame
    _is_sound(clean)
    assert isinstance(frame, gpd.GeoDataFrame)
    assert list(frame.columns) == [*KINDS, "geometry"]
    assert frame.index.tolist() == ["A1", "A2"]
    assert frame.index.name == "code"
    dtypes = {"bays": "Int64", "width": "Float64", "open": "boolean"}
    for name in KINDS:
        assert str(frame[name].dtype) == dtypes.get(name, "object")
    first = frame.loc["A1"]
    assert (first["bays"], first["width"], first["open"]) == (25, 1.5, True)
    assert first["routes"] == ("K1", "K2")
    assert (first["day"], first["first"]) == ("2024-06-03", "06:30")
    assert first["at"] == "2024-06-03T08:00:00+08:00"
    second = frame.loc["A2"]
    assert [second[name] for name in ("name", "day", "at", "first", "routes")] == [None] * 5
    assert [second[name] is pd.NA for name in dtypes] == [True] * 3
    assert clean.issues == ()
    assert clean.total_rows == 2
    assert clean.personal.empty
    assert (clean.raw, clean.extra) == (None, None)
    assert clean.source_datum == "WGS84"


def test_lists_of_one_length(make_layer: Make, read: Callable[..., Clean], field: Make) -> None:
    fields = (field("code"), field("routes", "list"))
    clean = read(make_layer("a.csv", "code,routes\nA,1;2\nB,3;4\n", fields, geometry="None"))
    assert clean.frame["routes"].tolist() == [("1", "2"), ("3", "4")]


def test_no_rows(
    make_layer: Make,
    read: Callable[..., Clean],
    fields: tuple[Field, ...],
    county: gpd.GeoDataFrame,
) -> None:
    for name, content in (("a.csv", STOPS), ("a.geojson", [])):
        clean = read(make_layer(name, content, fields, within="boundary"), boundary=county)
        _is_sound(clean)
        assert clean.total_rows == 0
        assert list(clean.frame.columns) == [*KINDS, "geometry"]
        assert str(clean.frame["bays"].dtype) == "Int64"
        assert clean.issues == ()


def test_a_layer_without_geometry(
    make_layer: Make, read: Callable[..., Clean], field: Make
) -> None:
    fields = (field("kind", labels=("taxi", "bus")), field("count", "integer"))
    text = "kind,count\ntaxi,337\nbus,116\nship,1\n"
    clean = read(make_layer("a.csv", text, fields, key="kind", geometry="None", datum=""))
    assert type(clean.frame) is pd.DataFrame
    assert clean.frame["count"].tolist() == [337, 116]
    assert clean.source_datum == ""
    assert _codes(clean) == [("not_in_domain", 3, "kind")]


def test_an_integer_key(
    make_layer: Make, read: Callable[..., Clean], field: Make, feature: Make
) -> None:
    features = [feature(osm_id=21691079), feature(osm_id="7")]
    clean = read(make_layer("a.geojson", features, (field("osm_id", "integer"),), key="osm_id"))
    assert clean.frame.index.tolist() == ["21691079", "7"]
    assert clean.frame["osm_id"].tolist() == [21691079, 7]


def test_undeclared_columns_are_kept_aside(
    make_layer: Make, read: Callable[..., Clean], feature: Make
) -> None:
    clean = read(make_layer("a.csv", "code,note,lon,lat\nA1,x,121,33\nA1,y,121,33\n"))
    assert clean.extra is not None
    assert clean.extra.to_dict() == {"A1": {"note": "x"}}
    features = [feature(code="A1", parent={"adcode": 1}), feature(code="A2")]
    clean = read(make_layer("a.geojson", features))
    assert clean.extra is not None
    assert clean.extra.tolist() == [{"parent": {"adcode": 1}}, {"parent": None}]


def test_a_declared_coordinate_column_stays(
    make_layer: Make, read: Callable[..., Clean], field: Make
) -> None:
    fields = (field("code"), field("lon", "number"))
    clean = read(make_layer("a.csv", "code,lon,lat\nA1,121,33\n", fields))
    assert clean.frame["lon"].tolist() == [121.0]
    assert clean.extra is None


def test_personal_values(make_layer: Make, read: Callable[..., Clean], field: Make) -> None:
    fields = (field("code"), field("plate", privacy="enforcement"))
    text = "code,plate,lon,lat\nA1,苏XA1234,121,33\nA2,,121,33\nA1,苏XB9999,121,33\n"
    clean = read(make_layer("a.csv", text, fields))
    assert clean.frame["plate"].tolist() == [mask_text("苏XA1234"), None]
    # a refused row leaves no personal value behind
    assert clean.personal.to_numpy().tolist() == [["A1", "plate", "苏XA1234"]]
    assert "苏XB9999" not in repr(clean.issues)


# Datums


@pytest.mark.parametrize("name", ["GCJ-02", "BD-09", "EPSG:4549", "EPSG:4528"])
def test_raw_coordinates_stay(make_layer: Make, read: Callable[..., Clean], name: str) -> None:
    from geosvc.crs import from_crs84  # noqa: PLC0415 - only here

    place = shapely.Point(121.1, 33.5)
    received = from_crs84(np.array([place], dtype=object), parse_datum(name))[0]
    text = f"code,lon,lat\nA1,{received.x!r},{received.y!r}\n"
    clean = read(make_layer("a.csv", text, datum=name))
    assert shapely.equals_exact(clean.frame.geometry.iloc[0], place, tolerance=1e-9)
    assert clean.raw is not None
    assert shapely.from_wkb(clean.raw.loc["A1"]) == received
    assert clean.source_datum == name


def test_the_declared_datum_rules_over_a_geojson_member(
    make_layer: Make, read: Callable[..., Clean], feature: Make
) -> None:
    lon, lat = (float(part) for part in wgs84_to_gcj02(121.1, 33.5))
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    content = {
        "type": "FeatureCollection",
        "crs": member,
        "features": [feature((lon, lat), code="A")],
    }
    clean = read(make_layer("a.geojson", json.dumps(content), datum="GCJ-02"))
    assert round(float(shapely.get_x(clean.frame.geometry.iloc[0])), 9) == 121.1


def test_a_file_that_contradicts_the_declared_datum(
    make_layer: Make, read: Callable[..., Clean], tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame({"code": ["A1"]}, geometry=[shapely.Point(5e5, 3.7e6)], crs=4549)
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg")
    clean = read(make_layer("a.gpkg", None, datum="EPSG:4549"))
    assert round(float(shapely.get_x(clean.frame.geometry.iloc[0])), 9) == 120
    with pytest.raises(SourceError) as caught:
        read(make_layer("a.gpkg", None, datum="WGS84"))
    assert caught.value.issues[0].code == "datum_contradicts"


@pytest.mark.parametrize("datum", ["", "Mars", "EPSG:4214", "EPSG:4610", "EPSG:27700"])
def test_an_unusable_datum_is_told_before_the_file_is_read(
    make_layer: Make, read: Callable[..., Clean], datum: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(make_layer("a.csv", None, datum=datum))
    assert caught.value.issues[0].key == "source.datum"


# Properties


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_does_not_matter(
    make_layer: Make, read: Callable[..., Clean], fields: tuple[Field, ...], seed: int
) -> None:
    sound = [ROW.replace("A1", f"A{number}") for number in range(30)]
    broken = [ROW.replace("A1", f"B{number}").replace("25", "x") for number in range(9)]
    rows = sound + broken
    one = read(make_layer("a.csv", STOPS + "".join(rows), fields))
    random.Random(seed).shuffle(rows)  # noqa: S311 - a test's order is no secret
    other = read(make_layer("b.csv", STOPS + "".join(rows), fields))
    assert len(one.issues) == len(other.issues) == 9
    pd.testing.assert_frame_equal(one.frame.sort_index(), other.frame.sort_index())


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20)
WORDS = st.text("abc站台·", min_size=1, max_size=5)
FEATURES = st.lists(
    st.fixed_dictionaries(
        {
            "name": TEXT.map(lambda text: text or None),
            "bays": st.none() | st.integers(-(2**53), 2**53),
            "width": st.none() | st.floats(-1e300, 1e300),
            "open": st.none() | st.booleans(),
            "day": st.none() | st.dates().map(str),
            "routes": st.lists(WORDS, max_size=3).map(tuple).map(lambda items: items or None),
            "place": st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
        }
    ),
    max_size=6,
)


def _as_csv(features: list[dict[str, Any]]) -> str:
    buffer = io.StringIO(newline="")
    names = ["name", "bays", "width", "open", "day", "routes"]
    writer = csv.writer(buffer)
    writer.writerow(["code", *names, "lon", "lat"])
    for number, item in enumerate(features):
        cells = [item[name] for name in names]
        cells[3] = None if cells[3] is None else str(cells[3]).lower()
        cells[5] = ";".join(cells[5] or ())
        writer.writerow([f"A{number}", *cells, *map(repr, item["place"])])
    return buffer.getvalue()


@given(features=FEATURES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_csv_and_geojson_say_the_same_and_what_was_written(
    make_layer: Make, read: Callable[..., Clean], field: Make, features: list[dict[str, Any]]
) -> None:
    names = ("name", "bays", "width", "open", "day", "routes")
    fields = (field("code"), *(field(name, KINDS[name]) for name in names))
    written = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": item["place"]},
            "properties": {"code": f"A{number}"} | {name: item[name] for name in names},
        }
        for number, item in enumerate(features)
    ]
    frames = [
        read(make_layer("a.csv", _as_csv(features), fields)).frame,
        read(make_layer("a.geojson", written, fields)).frame,
    ]
    for frame in frames:
        assert len(frame) == len(features)
        for item, (_, row) in zip(features, frame.iterrows(), strict=True):
            found = {name: None if row[name] is pd.NA else row[name] for name in names}
            assert found == {name: item[name] for name in names}
            assert (row.geometry.x, row.geometry.y) == item["place"]


@given(data=st.binary(max_size=200), ending=st.sampled_from(["csv", "geojson", "fgb", "gpkg"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_a_source_error(
    make_layer: Make, read: Callable[..., Clean], data: bytes, ending: str
) -> None:
    heads = {"csv": b"code,lon,lat\n", "fgb": b"fgb\x03fgb\x01", "gpkg": b"SQLite format 3\0"}
    content = heads.get(ending, b"") + data
    try:
        clean = read(make_layer(f"a.{ending}", content))
    except SourceError:
        return
    _is_sound(clean)


# The hash


def test_the_hash_is_that_of_the_bytes(make_layer: Make, read: Callable[..., Clean]) -> None:
    layer = make_layer("a.csv", "code,lon,lat\n")
    clean = read(layer)
    assert layer.source is not None
    assert clean.sha256 == source_sha256(layer.source)
    assert len(clean.sha256) == 64
    other = make_layer("a.csv", "code,lon,lat\r\n")
    assert source_sha256(other.source) != clean.sha256


def test_the_hash_of_a_shapefile_sees_its_table(make_layer: Make, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": ["A1"]}, geometry=[shapely.Point(121, 33)], crs=4326)
    pyogrio.write_dataframe(frame, tmp_path / "a.shp")
    source = make_layer("a.shp", None).source
    before = source_sha256(source)
    table = tmp_path / "a.dbf"
    table.write_bytes(table.read_bytes().replace(b"A1", b"A2"))
    assert source_sha256(source) != before


def test_reading_is_safe_in_threads(
    make_layer: Make, read: Callable[..., Clean], fields: tuple[Field, ...]
) -> None:
    layer = make_layer("a.csv", STOPS + ROW, fields, datum="GCJ-02")
    found: list[Clean] = []
    threads = [threading.Thread(target=lambda: found.append(read(layer))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({clean.frame.geometry.iloc[0].wkt for clean in found}) == 1
    assert len(found) == 8
