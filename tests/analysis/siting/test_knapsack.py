from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.knapsack import LEVELS, SplitKnapsack, WholeKnapsack, in_units

COSTS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 5)), min_size=1, max_size=6
)


@given(COSTS, st.integers(0, 9), st.integers(0, 9), st.integers(0, 20))
def test_whole_knapsacks_are_the_best_of_all(
    drawn: list[tuple[int, int, int]], one: int, other: int, multiplier: int
) -> None:
    cost = np.array([row[:2] for row in drawn], dtype=np.float64)
    units = np.array([row[2] for row in drawn])
    rooms = np.array([one, other])
    at = np.full(len(cost), float(multiplier))
    knapsack = WholeKnapsack(cost, units, rooms)
    sums = knapsack.solve(at)
    taken, without = knapsack.forced(at)
    for site in range(2):
        fits = {
            pick: sum(cost[i, site] - multiplier for i in range(len(cost)) if pick[i])
            for pick in itertools.product([0, 1], repeat=len(cost))
            if np.dot(pick, units) <= rooms[site]
        }
        assert sums[site] == min(fits.values())
        assert tuple(knapsack.taken[:, site].astype(int)) in fits
        for i in range(len(cost)):
            within = [value for pick, value in fits.items() if pick[i]]
            assert taken[i, site] == min(within, default=np.inf)
            assert without[i, site] == min(v for pick, v in fits.items() if not pick[i])


@given(COSTS, st.integers(0, 9), st.integers(0, 20))
def test_split_knapsacks_are_no_worse_than_whole_ones(
    drawn: list[tuple[int, int, int]], room: int, multiplier: int
) -> None:
    cost = np.array([row[:1] for row in drawn], dtype=np.float64)
    units = np.array([row[2] for row in drawn])
    at = np.full(len(cost), float(multiplier))
    split = SplitKnapsack(cost, units.astype(np.float64), np.array([[room, 100.0]]))
    small, large = split.solve(at)
    assert large <= small <= WholeKnapsack(cost, units, np.array([room])).solve(at)[0] + 1e-9
    assert large == pytest.approx(np.minimum(cost[:, 0] - at, 0).sum())
    assert split.served(np.array([1.0, 0.0])) @ units <= room + 1e-9


@given(
    st.lists(st.floats(0.01, 50), min_size=1, max_size=12),
    st.floats(0.1, 200),
)
def test_whatever_fits_fits_in_units(weights: list[float], room: float) -> None:
    units, rooms = in_units(np.array(weights), np.array([room]))
    assert rooms[0] <= LEVELS + 1
    for count in range(len(weights) + 1):
        if sum(weights[:count]) <= room:
            assert units[:count].sum() <= rooms[0]


def test_a_demand_larger_than_every_room_is_never_taken() -> None:
    knapsack = WholeKnapsack(np.array([[1.0]]), np.array([9]), np.array([3]))
    assert knapsack.solve(np.array([100.0])).tolist() == [0.0]
    assert knapsack.forced(np.array([100.0]))[0].tolist() == [[np.inf]]
