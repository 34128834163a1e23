from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.network.crossings import cut_at

COORDINATES = st.floats(-500, 500).map(lambda value: round(value, 3))
SEGMENTS = st.lists(st.tuples(COORDINATES, COORDINATES, COORDINATES, COORDINATES), max_size=8)
NOTHING = np.empty((0, 2)), np.empty((0, 2)), np.empty(0, dtype=np.int64)


@given(segments=SEGMENTS)
def test_lines_meet_where_they_cross_and_stay_what_they_were(
    segments: list[tuple[float, ...]],
) -> None:
    xy = np.array(segments, dtype=np.float64).reshape(-1, 4)
    starts, ends, line = xy[:, :2], xy[:, 2:], np.arange(len(xy))
    drawn = [shapely.LineString([one[:2], one[2:]]) for one in segments]
    met = [
        point.coords[0]
        for at, one in enumerate(drawn)
        for other in drawn[:at]
        if (point := one.intersection(other)).geom_type == "Point"
    ]
    from_, to, of = cut_at(starts, ends, line, crossings_xy=met)
    assert (np.diff(of) >= 0).all()
    for at, one in enumerate(drawn):
        own = of == at
        assert from_[own][0].tolist() == starts[at].tolist()
        assert to[own][-1].tolist() == ends[at].tolist()
        assert (from_[own][1:] == to[own][:-1]).all()
        vertices = {tuple(point) for point in from_[own]} | {tuple(ends[at])}
        # nearer than a crossing may be, so that rounding does not decide
        passed = {point for point in met if one.distance(shapely.Point(point)) < 0.04}
        assert passed <= vertices
        length = np.hypot(*(to[own] - from_[own]).T).sum()
        assert length == pytest.approx(one.length, abs=0.1 * (1 + len(met)))


def test_crossings_are_taken_in_the_order_of_the_way() -> None:
    street = np.array([[10.0, 0.0]]), np.array([[0.0, 0.0]]), np.array([3])
    from_, to, line = cut_at(*street, crossings_xy=[[2, 0], [8, 0], [5, 0]])
    assert from_[:, 0].tolist() == [10, 8, 5, 2]
    assert to[:, 0].tolist() == [8, 5, 2, 0]
    assert line.tolist() == [3, 3, 3, 3]


def test_a_crossing_may_lie_a_little_beside_its_lines() -> None:
    streets = np.array([[0.0, 0.0], [5.0, -5.0]]), np.array([[9.0, 0.0], [5.0, 5.0]])
    line = np.arange(2)
    assert len(cut_at(*streets, line, crossings_xy=[[5.01, 0.02]])[0]) == 4
    assert len(cut_at(*streets, line, crossings_xy=[[5.01, 0.2]])[0]) == 3
    assert len(cut_at(*streets, line, crossings_xy=[[5.2, 0.2]])[0]) == 2


def test_lines_that_are_not_named_stay_as_they_are() -> None:
    streets = np.array([[0.0, 0.0], [0.0, 9.0]]), np.array([[9.0, 9.0], [9.0, 0.0]])
    from_, to, line = cut_at(*streets, np.array([0, 1]), crossings_xy=[])
    assert (from_.tolist(), to.tolist()) == (streets[0].tolist(), streets[1].tolist())
    assert line.tolist() == [0, 1]


def test_crossings_must_be_places() -> None:
    with pytest.raises(ValueError, match="finite"):
        cut_at(*NOTHING, crossings_xy=[[np.nan, 0]])


def test_no_streets() -> None:
    assert [len(one) for one in cut_at(*NOTHING, crossings_xy=[[1, 1]])] == [0, 0, 0]
