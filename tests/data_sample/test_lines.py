from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPolygon, Point, box

from data.sample_county import lines

BENT = LineString([(0, 0), (100, 0), (100, 50)])


def test_wiggled_lines_keep_their_vertices(rng: np.random.Generator) -> None:
    xy = np.array([[0.0, 0.0], [1000.0, 0.0], [1000.0, 800.0]])
    rough = lines.wiggled(xy, rng, ratio=0.1, step_m=60)
    assert len(rough) > 20
    assert {tuple(point) for point in xy} <= {tuple(point) for point in rough}
    assert np.hypot(*np.diff(rough, axis=0).T).max() <= 60


def test_short_lines_are_not_wiggled(rng: np.random.Generator) -> None:
    xy = np.array([[0.0, 0.0], [50.0, 0.0]])
    assert (lines.wiggled(xy, rng, ratio=0.1, step_m=60) == xy).all()


def test_smoothed_lines_keep_their_ends_and_stay_inside_their_hull() -> None:
    xy = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0]])
    soft = lines.smoothed(xy, rounds=2)
    assert (soft[[0, -1]] == xy[[0, -1]]).all()
    hull = LineString(xy).convex_hull.buffer(1e-9)
    assert all(hull.contains(Point(point)) for point in soft)


def test_smoothed_rings_stay_closed() -> None:
    ring = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
    soft = lines.smoothed(ring, rounds=1, closed=True)
    assert (soft[0] == soft[-1]).all()


def test_largest_and_longest_parts() -> None:
    small, large = box(0, 0, 1, 1), box(5, 5, 9, 9)
    assert lines.largest(MultiPolygon([small, large])).equals(large)
    short, long = LineString([(0, 0), (1, 0)]), LineString([(0, 5), (9, 5)])
    assert lines.longest(MultiLineString([short, long])).equals(long)
    assert lines.longest(Point(0, 0)).is_empty


@given(st.lists(st.floats(1, 149), max_size=6, unique=True))
def test_cut_pieces_make_the_whole(stops: list[float]) -> None:
    parts = lines.cut(BENT, [0.0, *sorted(stops), 150.0])
    assert len(parts) == len(stops) + 1
    assert sum(part.length for part in parts) == pytest.approx(150.0)
    assert all(one.coords[-1] == two.coords[0] for one, two in itertools.pairwise(parts))


def test_cut_gives_a_stretch() -> None:
    assert list(lines.cut(BENT, [90.0, 110.0])[0].coords) == [(90, 0), (100, 0), (100, 10)]


def test_side_point_lies_on_the_right() -> None:
    x, y, heading = lines.side_point(BENT, 50, 6)
    assert (x, y, heading) == pytest.approx((50, -6, 0))
    x, y, heading = lines.side_point(BENT, 130, -6)
    assert (x, y, heading) == pytest.approx((94, 30, math.pi / 2))


@pytest.mark.parametrize(
    ("heading", "name"), [(0.1, "E"), (1.5, "N"), (3.1, "W"), (-3.1, "W"), (-1.6, "S")]
)
def test_compass(heading: float, name: str) -> None:
    assert lines.compass(heading) == name


def test_sides_have_names() -> None:
    assert [lines.bearing_name(*at) for at in ((2, 1), (-2, 1), (0, 1), (0, -1))] == list(
        "东西北南"
    )
    assert lines.side_of(Point(50, -9), BENT) == "南"


def test_turning_keeps_lengths() -> None:
    xy = np.array([[3.0, 4.0], [0.0, 1.0]])
    assert np.hypot(*lines.turned(xy, 0.7).T) == pytest.approx([5, 1])


def test_curve_passes_near_its_points() -> None:
    xy = np.array([[0.0, 0.0], [1000.0, 100.0], [2000.0, 0.0]])
    assert lines.curve(xy).distance(Point(1000, 100)) < 60
