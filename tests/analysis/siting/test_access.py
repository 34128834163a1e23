from __future__ import annotations

import numpy as np
import pytest
import shapely

from geosvc.analysis.siting.access import reach_streets, ways
from geosvc.network import StreetNetwork
from tests.analysis.siting.questions import streets

STREET = StreetNetwork.from_lines(streets([(0, 0), (100, 0)], [(0, 50), (100, 50)]))


def test_a_point_reaches_its_nearest_street() -> None:
    access = reach_streets(STREET, [shapely.Point(30, 10), shapely.Point(30, 45)], limit_m=99)
    assert access.access_m.tolist() == [10.0, 5.0]
    assert access.line.tolist() == [0, 1]


def test_a_parcel_is_reached_from_its_edge() -> None:
    access = reach_streets(
        STREET, [shapely.box(10, 4, 20, 14), shapely.box(10, -4, 20, 4)], limit_m=99
    )
    assert access.access_m.tolist() == [4.0, 0.0]


def test_what_is_too_far_or_nowhere_has_no_street() -> None:
    shapes = [shapely.Point(0, 900), None, shapely.Polygon(), shapely.Point(5, 5)]
    access = reach_streets(STREET, shapes, limit_m=10)
    assert access.places.is_placed.tolist() == [False, False, False, True]
    assert np.isnan(access.access_m).tolist() == [True, True, True, False]
    assert access.line.tolist() == [-1, -1, -1, 0]


def test_no_street_reaches_nobody() -> None:
    nothing = StreetNetwork.from_segments([], [])
    assert reach_streets(nothing, [shapely.Point(0, 0)], limit_m=9).line.tolist() == [-1]


def test_both_ways_to_the_street_are_added() -> None:
    ours = reach_streets(STREET, [shapely.Point(10, 3)], limit_m=9)
    theirs = reach_streets(STREET, [shapely.Point(60, 4), shapely.Point(60, 49)], limit_m=9)
    assert ways(STREET, ours, theirs).tolist() == [[57.0, np.inf]]


@pytest.mark.parametrize("limit_m", [7.0, np.inf])
def test_the_limit_is_inclusive(limit_m: float) -> None:
    access = reach_streets(STREET, [shapely.Point(50, 7)], limit_m=limit_m)
    assert access.access_m.tolist() == [7.0]
