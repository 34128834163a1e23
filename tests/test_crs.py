"""Datums by name, PROJ without guesses, axis order, the CRS to measure in."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from geosvc import crs
from geosvc.crs import (
    CRS84,
    Datum,
    datum_of,
    from_crs84,
    metric_crs,
    parse_datum,
    to_crs84,
)
from geosvc.errors import CrsError

if TYPE_CHECKING:
    from pathlib import Path

TOWN = shapely.Point(119.45, 32.79)
READ_AND_WRITTEN = ["WGS84", "CGCS2000", "GCJ-02", "BD-09", "EPSG:4549", "EPSG:4528", "EPSG:4498"]


def _one(geometry: shapely.Geometry | None) -> np.ndarray:
    return np.array([geometry], dtype=object)


def _at(lon: float, lat: float) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.Point(lon, lat)], crs=CRS84)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GCJ-02", "GCJ-02"),
        ("gcj02", "GCJ-02"),
        (" gcj_02 ", "GCJ-02"),
        ("BD-09", "BD-09"),
        ("bd09ll", "BD-09"),
        ("BD09MC", "BD-09MC"),
        ("wgs 84", "WGS84"),
        ("OGC:CRS84", "WGS84"),
        ("EPSG:4326", "WGS84"),
        ("cgcs2000", "CGCS2000"),
        ("epsg:4490", "CGCS2000"),
        ("EPSG:4549", "EPSG:4549"),
        ("epsg 04549", "EPSG:4549"),
        ("urn:ogc:def:crs:EPSG::4528", "EPSG:4528"),
        ("EPSG:32651", "EPSG:32651"),
        ("EPSG:3857", "EPSG:3857"),
        ("EPSG:2154", "EPSG:2154"),
        ("EPSG:3067", "EPSG:3067"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert parse_datum(text).name == name


@pytest.mark.parametrize(
    ("name", "geographic"),
    [("GCJ-02", True), ("BD-09MC", False), ("EPSG:4549", False), ("EPSG:4480", True)],
)
def test_geographic(name: str, geographic: bool) -> None:  # noqa: FBT001 - a column of a table
    assert parse_datum(name).is_geographic is geographic


def test_a_datum_is_a_value() -> None:
    assert parse_datum("EPSG:4326") == parse_datum("wgs84") == Datum("WGS84", is_geographic=True)
    assert len({parse_datum("gcj02"), parse_datum("GCJ-02")}) == 1


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "mars", "EPSG:", "EPSG:0", "EPSG:99999", "EPSG:999999999999", "4326"],
        *[
            "EPSG:４３２６x",
            "GCJ-02\0",
            "EPSG:5703",
            "EPSG:4978",
            "+proj=longlat",
            "EPSG:4326+5773",
        ],
        *["x" * 10_000, "{{7*7}}"],
    ],
)
def test_unknown_names(text: str) -> None:
    with pytest.raises(CrsError) as caught:
        parse_datum(text)
    issue = caught.value.issues[0]
    assert issue.code == "bad_datum"
    assert "GCJ-02" in issue.expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EPSG:4214", "datum_variants"),
        ("EPSG:2437", "datum_variants"),
        ("EPSG:2416", "datum_variants"),
        ("Beijing54", "datum_variants"),
        ("北京54", "datum_variants"),
        ("EPSG:4610", "datum_ballpark"),
        ("EPSG:2385", "datum_ballpark"),
        ("EPSG:2364", "datum_ballpark"),
        ("Xian 80", "datum_ballpark"),
        ("西安80", "datum_ballpark"),
        ("EPSG:4555", "datum_ballpark"),
        ("EPSG:27700", "datum_variants"),
        ("EPSG:28992", "datum_variants"),
        ("EPSG:26918", "datum_variants"),
        ("EPSG:5514", "datum_variants"),
        ("EPSG:4230", "datum_variants"),
    ],
)
def test_what_needs_local_parameters_is_refused(text: str, code: str) -> None:
    with pytest.raises(CrsError, match="4- or 7-parameter set") as caught:
        parse_datum(text)
    issue = caught.value.issues[0]
    assert issue.code == code
    assert issue.found.startswith("EPSG:")
    assert "EPSG:4549" in issue.expected


def test_a_refused_datum_never_moves_a_point() -> None:
    with pytest.raises(CrsError):
        to_crs84(_one(TOWN), Datum("EPSG:4214", is_geographic=True))
    with pytest.raises(CrsError):
        from_crs84(_one(TOWN), Datum("EPSG:2385", is_geographic=False))


def test_known_easting_and_northing() -> None:
    point = from_crs84(_one(TOWN), parse_datum("EPSG:4549"))[0]
    # PROJ 9.5.1; x is east, though EPSG:4549 calls its northing X
    assert (round(point.x, 3), round(point.y, 3)) == (448478.985, 3629592.42)


def test_the_zone_prefix_is_part_of_the_easting() -> None:
    plain = from_crs84(_one(TOWN), parse_datum("EPSG:4549"))[0]
    prefixed = from_crs84(_one(TOWN), parse_datum("EPSG:4528"))[0]
    assert round(prefixed.x - plain.x, 6) == 40_000_000
    assert round(prefixed.y - plain.y, 6) == 0


@pytest.mark.parametrize("name", ["EPSG:4490", "EPSG:4480", "EPSG:4326", "EPSG:4258"])
def test_degrees_are_longitude_first(name: str) -> None:
    datum = parse_datum(name)
    assert round(to_crs84(_one(TOWN), datum)[0].x, 6) == 119.45
    assert round(from_crs84(_one(TOWN), datum)[0].y, 6) == 32.79


def test_cgcs2000_and_wgs84_are_one() -> None:
    for name in ("CGCS2000", "WGS84"):
        assert to_crs84(_one(TOWN), parse_datum(name))[0] == TOWN
        assert from_crs84(_one(TOWN), parse_datum(name))[0] == TOWN


@pytest.mark.parametrize("name", READ_AND_WRITTEN)
@given(lon=st.floats(117.5, 122.5), lat=st.floats(20, 50))
def test_round_trip(name: str, lon: float, lat: float) -> None:
    datum = parse_datum(name)
    back = to_crs84(from_crs84(_one(shapely.Point(lon, lat)), datum), datum)[0]
    assert abs(back.x - lon) < 1e-9
    assert abs(back.y - lat) < 1e-9


def test_bd09mc_is_read_and_never_written() -> None:
    datum = parse_datum("BD-09MC")
    point = to_crs84(_one(shapely.Point(12693763.634, 3874151.929)), datum)[0]
    assert (round(point.x, 4), round(point.y, 4)) == (114.0164, 33.0134)
    with pytest.raises(CrsError) as caught:
        from_crs84(_one(TOWN), datum)
    assert caught.value.issues[0].code == "datum_inward_only"


@pytest.mark.parametrize("name", READ_AND_WRITTEN)
def test_every_kind_of_geometry_is_moved_and_none_is_changed(name: str) -> None:
    datum = parse_datum(name)
    square = shapely.box(119.4, 32.7, 119.5, 32.8)
    zoo = np.array(
        [
            TOWN,
            shapely.LineString([(119.4, 32.7), (119.5, 32.8)]),
            square.difference(shapely.box(119.42, 32.72, 119.44, 32.74)),
            shapely.MultiPolygon([square]),
            shapely.GeometryCollection([TOWN, square]),
            shapely.Point(),
            shapely.Polygon(),
            None,
        ],
        dtype=object,
    )
    before = [None if item is None else item.wkt for item in zoo]
    moved = to_crs84(from_crs84(zoo, datum), datum)
    assert [None if item is None else item.wkt for item in zoo] == before
    for old, new in zip(zoo, moved, strict=True):
        if old is None or old.is_empty:
            assert new == old
        else:
            assert old.geom_type == new.geom_type
            assert shapely.equals_exact(old, new, tolerance=1e-9)


def test_empty_nan_and_height() -> None:
    for name in (*READ_AND_WRITTEN, "BD-09MC"):
        datum = parse_datum(name)
        assert to_crs84([], datum).tolist() == []
        lost = to_crs84(_one(shapely.Point(math.nan, 30)), datum)[0]
        assert not np.isfinite(shapely.get_coordinates(lost)).all()
    high = to_crs84(_one(shapely.Point(119.45, 32.79, 12)), parse_datum("GCJ-02"))[0]
    assert not high.has_z


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("EPSG:4549", 1.0, 1e300),
        ("EPSG:4549", 1e300, 1.0),
        ("EPSG:4549", 5e5, 4e7),
        ("EPSG:4549", 3_629_592.0, 40_448_479.0),
        ("EPSG:4528", 448_479.0, 3_629_592.0),
        ("EPSG:32651", 9e8, 9e8),
        ("EPSG:4480", 500.0, 30.0),
        ("EPSG:3857", 1e9, 0.0),
    ],
)
def test_outside_its_domain_a_grid_gives_no_place(name: str, x: float, y: float) -> None:
    lost = to_crs84(_one(shapely.Point(x, y)), parse_datum(name))[0]
    lon, lat = shapely.get_coordinates(lost)[0]
    assert not (abs(lon) <= 180 and abs(lat) <= 90)


def test_a_series_of_geometries_is_taken() -> None:
    series = gpd.GeoSeries([TOWN], crs=CRS84)
    assert to_crs84(series.to_numpy(), parse_datum("WGS84"))[0] == TOWN


@pytest.mark.parametrize(
    ("said", "name"),
    [("EPSG:4326", "WGS84"), (CRS84, "WGS84"), ("EPSG:4490", "CGCS2000"), (4549, "EPSG:4549")],
)
def test_datum_of_a_declared_crs(said: str | int, name: str) -> None:
    declared = CRS.from_user_input(said)
    assert datum_of(declared).name == name
    # what a .prj file holds
    assert datum_of(CRS.from_wkt(declared.to_wkt("WKT1_ESRI"))).name == name


def test_datum_of_a_crs_without_a_code() -> None:
    with pytest.raises(CrsError) as caught:
        datum_of(CRS.from_proj4("+proj=tmerc +lon_0=119.3 +ellps=GRS80"))
    assert caught.value.issues[0].code == "bad_datum"
    with pytest.raises(CrsError) as caught:
        datum_of(CRS.from_epsg(4214))
    assert caught.value.issues[0].code == "datum_variants"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ((121.10, 33.50), 4549),  # the sample county, in the open sea
        ((119.45, 32.79), 4549),
        ((116.40, 39.90), 4548),  # Beijing
        ((91.10, 29.65), 4539),  # Lhasa
        ((87.60, 43.80), 4538),  # Urumqi
        ((75.99, 39.47), 4534),  # Kashgar
        ((126.60, 45.80), 4551),  # Harbin
        ((134.00, 48.00), 4554),  # the far northeast
        ((109.40, 18.25), 4545),  # Sanya
        ((113.50, 22.20), 4547),  # by the Pearl River
        ((118.49, 32.0), 4548),
        ((118.51, 32.0), 4549),
        ((24.94, 60.17), 32635),  # Helsinki
        ((127.00, 37.50), 32652),  # Seoul
        ((139.70, 35.70), 32654),  # Tokyo
        ((105.85, 21.03), 32648),  # Hanoi
        ((106.90, 47.90), 32648),  # Ulaanbaatar
        ((145.78, -16.92), 32755),  # Cairns
        ((-51.20, -30.00), 32722),  # Porto Alegre
        ((180.0, 0.0), 32660),
        ((-180.0, 0.0), 32601),
    ],
)
def test_metric_crs(place: tuple[float, float], code: int) -> None:
    assert metric_crs(_at(*place)).to_epsg() == code


def test_metric_crs_of_frames_in_other_crs() -> None:
    frame = _at(119.45, 32.79)
    for other in (4490, 4549, 4528, 32650, 3857):
        assert metric_crs(frame.to_crs(other)).to_epsg() == 4549


@given(lon=st.floats(80, 122), lat=st.floats(31, 42))
def test_a_kilometer_is_measured_as_one(lon: float, lat: float) -> None:
    geod = Geod(ellps="GRS80")
    end_lon, end_lat, _ = geod.fwd(lon, lat, 60, 1000)
    line = shapely.LineString([(lon, lat), (end_lon, end_lat)])
    frame = gpd.GeoDataFrame(geometry=[line], crs=CRS84)
    measured = shapely.length(from_crs84(_one(line), datum_of(metric_crs(frame)))[0])
    # at most a degree and a half from the zone's meridian
    assert abs(measured / 1000 - 1) < 1 / 2500


def test_metric_crs_needs_features_and_a_crs() -> None:
    with pytest.raises(CrsError, match="without a CRS"):
        metric_crs(gpd.GeoDataFrame(geometry=[TOWN]))
    nothing = gpd.GeoDataFrame(geometry=np.array([shapely.Point(), None], dtype=object), crs=CRS84)
    for frame in (nothing, nothing.iloc[:0]):
        with pytest.raises(CrsError, match="no features"):
            metric_crs(frame)
    with pytest.raises(CrsError):
        metric_crs(gpd.GeoDataFrame(geometry=[TOWN], crs=4214))


def test_the_formulas_are_reached_from_here() -> None:
    for name in crs.__all__:
        assert getattr(crs, name) is not None


# One county boundary, published in three datums


def _county(shared: Path, stem: str, name: str) -> shapely.Geometry:
    text = (shared / "real" / "gaoyou" / f"boundary_{stem}.geojson").read_text(encoding="utf-8")
    shape = shapely.geometry.shape(json.loads(text)["features"][0]["geometry"])
    county: shapely.Geometry = to_crs84(_one(shape), parse_datum(name))[0]
    return county


def _in_meters(shape: shapely.Geometry) -> shapely.Geometry:
    measured: shapely.Geometry = from_crs84(_one(shape), parse_datum("EPSG:4549"))[0]
    return measured


def _median_distance_m(one: shapely.Geometry, other: shapely.Geometry) -> float:
    corners = shapely.points(shapely.get_coordinates(_in_meters(one)))
    return float(np.median(shapely.distance(corners, shapely.boundary(_in_meters(other)))))


def _best_shift_m(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """Return the length of the shift that lays ``one`` best onto ``other``."""
    moving = shapely.get_coordinates(_in_meters(one))
    line: Any = shapely.boundary(_in_meters(other))
    shift = np.zeros(2)
    for _ in range(60):
        here: Any = shapely.points(moving + shift)
        along: Any = shapely.line_locate_point(line, here)
        nearest = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
        shift += np.median(nearest - (moving + shift), axis=0)
    return float(np.hypot(*shift))


def test_gcj02_boundary_falls_on_the_wgs84_one(shared: Path) -> None:
    wgs84 = _county(shared, "wgs84_amap", "WGS84")
    raw = _county(shared, "gcj02_datav", "WGS84")
    converted = _county(shared, "gcj02_datav", "GCJ-02")
    assert _median_distance_m(raw, wgs84) > 300
    assert _median_distance_m(converted, wgs84) <= 5


def test_gcj02_boundary_falls_on_the_cgcs2000_one(shared: Path) -> None:
    cgcs2000 = _county(shared, "cgcs2000_tianditu", "CGCS2000")
    raw = _county(shared, "gcj02_datav", "WGS84")
    converted = _county(shared, "gcj02_datav", "GCJ-02")
    assert _best_shift_m(raw, cgcs2000) > 300
    assert _best_shift_m(converted, cgcs2000) <= 50
