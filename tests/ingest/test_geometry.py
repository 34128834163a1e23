"""Geometries that are missing, of the wrong kind, invalid, or far away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geosvc.ingest.geometry import WITHIN_M, check_kind, check_valid, check_within, only_rows
from geosvc.ingest.records import Faults

if TYPE_CHECKING:
    from geosvc.catalog.model import GeometryType

POINT = shapely.Point(121.1, 33.5)
LINE = shapely.LineString([(121, 33), (121.1, 33.1)])
SQUARE = shapely.box(121, 33, 121.1, 33.1)
BOW_TIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
ZOO = {
    "point": POINT,
    "line": LINE,
    "square": SQUARE,
    "points": shapely.MultiPoint([POINT]),
    "lines": shapely.MultiLineString([LINE]),
    "squares": shapely.MultiPolygon([SQUARE]),
    "ring": shapely.LinearRing([(0, 0), (1, 0), (1, 1)]),
    "mixed": shapely.GeometryCollection([POINT, LINE]),
}
FITTING: dict[GeometryType, set[str]] = {
    "Point": {"point"},
    "LineString": {"line", "lines"},
    "Polygon": {"square", "squares"},
}


def _from_wkt(text: str) -> shapely.Geometry:
    with np.errstate(invalid="ignore"):
        return shapely.from_wkt(text)


def _array(*geometries: shapely.Geometry | None) -> np.ndarray:
    return np.array([*geometries, None], dtype=object)[:-1]


def _codes(faults: Faults) -> list[tuple[str, int | None]]:
    return [(issue.code, issue.row) for issue in faults.issues]


@pytest.mark.parametrize("kind", FITTING)
@pytest.mark.parametrize("name", ZOO)
def test_kinds(kind: GeometryType, name: str) -> None:
    faults = Faults("a")
    check_kind(_array(ZOO[name]), kind, faults)
    assert (not faults.issues) == (name in FITTING[kind])
    if faults.issues:
        issue = faults.issues[0]
        assert (issue.code, issue.found, issue.expected) == (
            "wrong_geometry",
            ZOO[name].geom_type,
            kind,
        )


@pytest.mark.parametrize(
    "nothing", [None, shapely.Point(), shapely.Point(math.nan, math.nan)], ids=str
)
def test_nothing_is_a_null_geometry(nothing: shapely.Geometry | None) -> None:
    faults = Faults("a")
    check_kind(_array(POINT, nothing), "Point", faults)
    if nothing is None or shapely.is_empty(nothing):
        assert _codes(faults) == [("null_geometry", 2)]
    else:
        check_valid(_array(POINT, nothing), faults)
        assert _codes(faults) == [("invalid_geometry", 2)]


def test_an_empty_geometry_of_another_kind_is_wrong() -> None:
    faults = Faults("a")
    check_kind(_array(shapely.Polygon(), shapely.GeometryCollection()), "Point", faults)
    assert _codes(faults) == [("wrong_geometry", 1), ("wrong_geometry", 2)]


def test_heights_are_dropped() -> None:
    high = _from_wkt("LINESTRING Z (0 0 5, 1 1 NaN)")
    flat = check_kind(_array(high), "LineString", Faults("a"))
    assert flat[0].wkt == "LINESTRING (0 0, 1 1)"
    assert shapely.has_z(high)


def test_rows_that_were_not_read_have_their_fault_already() -> None:
    faults = Faults("a")
    check_kind(_array(None, None), "Point", faults, unread={0})
    assert _codes(faults) == [("null_geometry", 2)]


@pytest.mark.parametrize(
    "broken",
    [
        BOW_TIE,
        shapely.Polygon([(0, 0), (1, 0), (0, 0), (0, 0)]),
        shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(5, 5), (6, 5), (6, 6)]]),
        shapely.MultiPolygon([SQUARE, shapely.box(121.05, 33, 121.2, 33.1)]),
        shapely.LineString([(1, 1), (1, 1)]),
        shapely.Point(math.inf, 1),
        shapely.Point(1, -math.inf),
        _from_wkt("LINESTRING (0 0, NaN 1)"),
        _from_wkt("POLYGON ((0 0, 1 0, 1 NaN, 0 0))"),
        _from_wkt("MULTIPOINT ((1 2), (1e301 2))"),
        shapely.Point(1e308, 1e308),
        shapely.Point(180.001, 0),
        shapely.Point(0, -90.001),
        shapely.Point(40_449_000, 3_629_592),
    ],
    ids=lambda shape: shape.wkt[:30],
)
def test_what_is_invalid(broken: shapely.Geometry) -> None:
    faults = Faults("a")
    check_valid(_array(POINT, None, broken, SQUARE), faults)
    assert _codes(faults) == [("invalid_geometry", 3)]
    assert faults.issues[0].found


def test_a_crossing_is_told_with_its_place() -> None:
    faults = Faults("a")
    check_valid(_array(BOW_TIE), faults)
    assert faults.issues[0].found == "Self-intersection[0.5 0.5]"


def test_the_edges_of_the_world_are_valid() -> None:
    faults = Faults("a")
    check_valid(_array(shapely.Point(-180, 90), shapely.Point(180, -90), None), faults)
    check_valid(_array(), faults)
    assert faults.issues == []


@given(bearing=st.floats(0, 360), distance_m=st.floats(0, 60_000))
def test_twenty_kilometers_in_every_direction(bearing: float, distance_m: float) -> None:
    center = gpd.GeoDataFrame(geometry=[shapely.Point(121.1, 33.5).buffer(1e-6)], crs="OGC:CRS84")
    lon, lat, _ = Geod(ellps="WGS84").fwd(121.1, 33.5, bearing, distance_m)
    faults = Faults("a")
    check_within(_array(shapely.Point(lon, lat)), center, faults, name="boundary")
    # the grid's scale error and the small disk blur the edge by some meters
    if abs(distance_m - WITHIN_M) > 10:
        assert bool(faults.issues) == (distance_m > WITHIN_M)


@pytest.mark.parametrize(
    "far",
    [(0, 0), (33.5, 121.1 - 40), (-58.9, -33.5), (121.1, -33.5), (121.1, 90), (180, 0), (31, 30)],
)
def test_places_anywhere_else_are_outside(
    county: gpd.GeoDataFrame, far: tuple[float, float]
) -> None:
    faults = Faults("a")
    check_within(_array(POINT, None, shapely.Point(far)), county, faults, name="boundary")
    assert _codes(faults) == [("outside", 3)]
    assert faults.issues[0].expected == "boundary"


def test_every_corner_counts(county: gpd.GeoDataFrame) -> None:
    faults = Faults("a")
    straying = shapely.LineString([(121.1, 33.5), (121.2, 33.6), (0, 0)])
    check_within(_array(straying, LINE.buffer(0.5)), county, faults, name="boundary")
    assert faults.issues[0].found == "0.00000, 0.00000"
    assert len(faults.rows) == 2


def test_between_two_islands_is_outside() -> None:
    islands = gpd.GeoDataFrame(
        geometry=[shapely.box(121, 33.3, 121.01, 33.31), shapely.box(123, 34, 123.01, 34.01)],
        crs="OGC:CRS84",
    )
    faults = Faults("a")
    near = (shapely.Point(121.05, 33.35), shapely.Point(123.1, 34.1))
    check_within(_array(*near, shapely.Point(122, 33.65)), islands, faults, name="islands")
    assert _codes(faults) == [("outside", 3)]


def test_an_area_without_features_checks_nothing(county: gpd.GeoDataFrame) -> None:
    faults = Faults("a")
    check_within(_array(shapely.Point(0, 0)), county.iloc[:0], faults, name="boundary")
    check_within(_array(), county, faults, name="boundary")
    check_within(_array(None), county, faults, name="boundary")
    assert faults.issues == []


def test_only_rows() -> None:
    places = _array(POINT, LINE, None)
    assert only_rows(places, [1]).tolist() == [None, LINE, None]
    assert only_rows(places, [2, 0], drop=True).tolist() == [None, POINT]
    assert places.tolist() == [POINT, LINE, None]
