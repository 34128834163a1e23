from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.network.snapping import Snapped, project, snap

COORDINATES = st.floats(-5000, 5000).map(lambda value: round(value, 3))
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES), max_size=12)
SEGMENTS = st.lists(st.tuples(COORDINATES, COORDINATES, COORDINATES, COORDINATES), max_size=12)
LIMITS = st.one_of(st.floats(0, 3000), st.just(np.inf))


def _arrays(
    values: list[tuple[float, ...]], width: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64).reshape(-1, width)


@given(segments=SEGMENTS, points=POINTS, limit_m=LIMITS)
def test_snapping_agrees_with_every_distance_taken(
    segments: list[tuple[float, ...]], points: list[tuple[float, ...]], limit_m: float
) -> None:
    ends, xy = _arrays(segments, 4), _arrays(points, 2)
    found = snap(ends[:, :2], ends[:, 2:], xy, limit_m=limit_m)
    lines = [shapely.LineString([one[:2], one[2:]]) for one in segments]
    for at, point in enumerate(points):
        distances = [line.distance(shapely.Point(point)) for line in lines]
        nearest = min(distances, default=np.inf)
        if not found.is_placed[at]:
            # coordinates of kilometers hold no less than a micrometer
            assert nearest >= limit_m - 1e-6
            continue
        segment = found.segment[at]
        assert found.distance_m[at] <= limit_m
        assert found.distance_m[at] == pytest.approx(nearest, abs=1e-6)
        assert distances[segment] == pytest.approx(nearest, abs=1e-6)
        assert 0 <= found.offset_m[at] <= np.hypot(*(ends[segment, 2:] - ends[segment, :2]))
        place = lines[segment].interpolate(found.offset_m[at])
        assert place.distance(shapely.Point(point)) == pytest.approx(nearest, abs=1e-6)


@given(segments=SEGMENTS.filter(len), points=POINTS, move=st.tuples(COORDINATES, COORDINATES))
def test_snapping_does_not_depend_on_where_the_origin_is(
    segments: list[tuple[float, ...]], points: list[tuple[float, ...]], move: tuple[float, float]
) -> None:
    ends, xy, shift = _arrays(segments, 4), _arrays(points, 2), np.array(move)
    here = snap(ends[:, :2], ends[:, 2:], xy, limit_m=np.inf)
    there = snap(ends[:, :2] + shift, ends[:, 2:] + shift, xy + shift, limit_m=np.inf)
    assert np.allclose(here.distance_m, there.distance_m, atol=1e-6)


def test_the_first_of_segments_equally_near_is_taken() -> None:
    starts = np.array([[5.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 4.0]])
    ends = np.array([[9.0, 0.0], [4.0, 0.0], [4.0, 0.0], [4.0, 4.0]])
    found = snap(starts, ends, np.array([[2.0, 2.0]]), limit_m=10)
    assert found.segment.tolist() == [1]


def test_the_limit_is_inclusive() -> None:
    starts, ends = np.array([[0.0, 0.0]]), np.array([[10.0, 0.0]])
    points = np.array([[5.0, 50.0], [5.0, np.nextafter(50.0, 51.0)], [-30.0, -40.0]])
    found = snap(starts, ends, points, limit_m=50.0)
    assert found.segment.tolist() == [0, -1, 0]
    assert found.offset_m[[0, 2]].tolist() == [5.0, 0.0]
    assert np.isnan(found.offset_m[1])
    assert np.isnan(found.distance_m[1])


def test_a_limit_of_zero_takes_what_lies_on_the_street() -> None:
    starts, ends = np.array([[0.0, 0.0]]), np.array([[10.0, 0.0]])
    found = snap(starts, ends, np.array([[5.0, 0.0], [5.0, 0.001]]), limit_m=0.0)
    assert found.segment.tolist() == [0, -1]


def test_points_without_coordinates_have_no_place() -> None:
    starts, ends = np.array([[0.0, 0.0]]), np.array([[10.0, 0.0]])
    points = np.array([[np.nan, 1.0], [np.inf, 1.0], [1.0, 1.0]])
    assert snap(starts, ends, points, limit_m=np.inf).is_placed.tolist() == [False, False, True]


def test_no_streets_and_no_points() -> None:
    nothing = np.empty((0, 2))
    assert len(snap(nothing, nothing, nothing, limit_m=5)) == 0
    assert snap(nothing, nothing, np.array([[1.0, 1.0]]), limit_m=5).segment.tolist() == [-1]
    assert len(snap(np.zeros((1, 2)), np.ones((1, 2)), nothing, limit_m=5)) == 0


def test_a_segment_of_no_length_is_a_point() -> None:
    one = np.array([[3.0, 4.0]])
    offset, distance = project(one, one, np.zeros((1, 2)))
    assert (offset.tolist(), distance.tolist()) == ([0.0], [5.0])


def test_places_made_by_hand_are_arrays() -> None:
    made = Snapped([1, 0.0], (2, 3), [np.nan, 0])  # type: ignore[arg-type]
    assert made.segment.dtype == np.int64
    assert made.offset_m.dtype == made.distance_m.dtype == np.float64
    assert len(Snapped([], [], [])) == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (([0], [1.0, 2.0], [0.0]), "equally long"),
        ((0, 1.0, 0.0), "equally long"),
        (([[0]], [[1.0]], [[0.0]]), "equally long"),
        (([0.5], [1.0], [0.0]), "whole"),
    ],
)
def test_what_is_no_list_of_places(made: tuple[list[float], ...], wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
        Snapped(*made)  # type: ignore[arg-type]


def test_places_can_be_made_by_hand() -> None:
    made = Snapped(np.array([0, -1]), np.array([1.5, np.nan]), np.array([0.0, np.nan]))
    assert len(made) == 2
    assert made.is_placed.tolist() == [True, False]
