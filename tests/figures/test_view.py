from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geosvc.figures.view import look_at, metric_of, projected

GROUND = (120.8, 33.3, 121.5, 33.8)
FRAME = (10.0, 20.0, 190.0, 260.0)


@pytest.mark.parametrize("scale", [5_000, 50_000, 200_000])
def test_a_kilometer_is_as_long_on_paper_as_the_scale_says(scale: int) -> None:
    view = look_at(GROUND, FRAME, scale=scale, unit=0.2)
    lon, lat = 121.15, 33.55
    for azimuth in (0, 45, 90):
        there = Geod(ellps="GRS80").fwd(lon, lat, azimuth, 1_000)[:2]
        line = view.placed(np.array([shapely.LineString([(lon, lat), there])]))[0]
        assert line.length == pytest.approx(1_000_000 / scale, rel=5e-4)
    assert view.length_mm(1_000) == 1_000_000 / scale


def test_the_place_stands_in_the_middle_of_the_frame() -> None:
    view = look_at(GROUND, FRAME, scale=None, unit=0.2)
    left, bottom, right, top = shapely.bounds(view.placed(np.array([shapely.box(*GROUND)]))[0])
    assert (left + right) / 2 == pytest.approx(100, abs=1)
    assert (bottom + top) / 2 == pytest.approx(140, abs=1)
    assert left >= FRAME[0] - 0.5
    assert right <= FRAME[2] + 0.5
    # two digits of scale waste at most a tenth
    assert right - left > 0.88 * (FRAME[2] - FRAME[0])


@given(st.floats(110, 125), st.floats(20, 45), st.floats(0.0, 0.8), st.floats(0.0, 0.8))
def test_a_scale_that_was_not_asked_for_has_two_digits(
    west: float, south: float, wide: float, high: float
) -> None:
    view = look_at((west, south, west + wide, south + high), FRAME, scale=None, unit=0.2)
    digits = f"{view.scale:.0f}".rstrip("0")
    assert len(digits) <= 2
    assert view.scale >= 500


def test_north_is_up_and_east_is_right() -> None:
    view = look_at(GROUND, FRAME, scale=100_000, unit=0.2)
    points = view.placed(shapely.points([(121.1, 33.5), (121.1, 33.6), (121.2, 33.5)]))
    (x0, y0), (x1, y1), (x2, y2) = shapely.get_coordinates(points)
    assert y1 > y0
    assert abs(x1 - x0) < 2
    assert x2 > x0
    assert abs(y2 - y0) < 2


def test_the_zoom_is_that_of_a_screen_with_as_many_meters_a_pixel() -> None:
    view = look_at(GROUND, FRAME, scale=100_000, unit=0.2)
    per_px = 156_543.034 * np.cos(np.radians(view.latitude)) / 2**view.zoom
    assert per_px == pytest.approx(20)
    assert view.detail > view.zoom


def test_a_missing_geometry_is_nowhere() -> None:
    view = look_at(GROUND, FRAME, scale=None, unit=0.2)
    placed = view.placed(np.array([None, shapely.Point(121, 33.5)], dtype=object))
    assert shapely.is_empty(placed).tolist() == [True, False]


def test_places_abroad_are_in_utm() -> None:
    assert metric_of((24.9, 60.1, 25.0, 60.2)).name.endswith("35N")
    assert metric_of(GROUND).name.startswith("CGCS2000")


def test_what_lies_beside_the_frame_is_known_without_being_drawn() -> None:
    view = look_at(GROUND, FRAME, scale=None, unit=0.2)
    shapes = np.array(
        [
            shapely.Point(121.1, 33.5),
            shapely.LineString([(120.0, 33.5), (123.0, 33.5)]),
            shapely.box(125.0, 33.4, 125.1, 33.5),
            None,
        ],
        dtype=object,
    )
    ground = projected(shapes, view.crs)
    assert view.may_show(ground).tolist() == [True, True, False, False]
    paper, again = view.placed(shapes), view.set(ground)
    assert all(one.equals(other) for one, other in zip(paper, again, strict=True))
    # nothing that the frame shows is left out
    assert not (shapely.intersects(paper, view.box) & ~view.may_show(ground)).any()
    assert view.may_show(projected([], view.crs)).tolist() == []
