from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.capacity_options import best_options
from geosvc.analysis.siting.capacity_problem import CapacityProblem


@given(st.lists(st.integers(-9, 3), min_size=6, max_size=6), st.integers(0, 20), st.data())
def test_the_best_of_all_sets_of_options(
    worth: list[int], budget: int, data: st.DataObject
) -> None:
    number = st.integers(0, 6)
    prices = np.array([[data.draw(number), data.draw(number)] for _ in range(3)], float)
    rooms = np.array([[2.0, 5.0]] * 3)
    demand = float(data.draw(st.integers(1, 9)))
    must = np.array(data.draw(st.lists(st.booleans(), min_size=3, max_size=3)))
    problem = CapacityProblem(
        cost=np.ones((1, 3)),
        weights=np.array([demand]),
        capacities=rooms,
        fixed=must,
        prices=prices,
        budget=float(budget),
    )
    best = np.inf
    for plan in itertools.product([-1, 0, 1], repeat=3):
        opened = [2 * site + size for site, size in enumerate(plan) if size >= 0]
        held = rooms.reshape(-1)[opened].sum() >= demand
        if (
            held
            and prices.reshape(-1)[opened].sum() <= budget
            and not must[np.array(plan) < 0].any()
        ):
            best = min(best, float(sum(worth[option] for option in opened)))
    out = np.zeros(6, dtype=bool)
    options, bound = best_options(problem, np.array(worth, float), out=out, must=must, seed=0)
    assert bound == pytest.approx(best)
    if np.isfinite(best):
        assert sum(worth[option] for option in options) == pytest.approx(best)


def test_options_ruled_out_stay_shut() -> None:
    problem = CapacityProblem(
        cost=np.ones((1, 3)),
        weights=np.ones(1),
        capacities=np.ones((3, 1)),
        fixed=np.zeros(3, dtype=bool),
        count=1,
    )
    out = np.array([True, False, False])
    none = np.zeros(3, dtype=bool)
    options, bound = best_options(problem, np.array([-9.0, -1, -3]), out=out, must=none, seed=1)
    assert (options.tolist(), bound) == ([2], -3.0)
