from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.capacity import capacitated, site_sizes
from geosvc.analysis.siting.capacity_members import members_answer
from geosvc.analysis.siting.capacity_problem import CapacityProblem
from geosvc.analysis.siting.check import Plan, check_capacitated
from geosvc.analysis.siting.merging import merge_demand

LENGTH = st.sampled_from([0.0, 1.0, 2.5, 4.0, 9.0, np.inf])


@given(
    st.lists(st.lists(LENGTH, min_size=3, max_size=3), min_size=1, max_size=7),
    st.integers(1, 4),
    st.booleans(),
    st.data(),
)
def test_the_best_of_all_points_lies_between_bound_and_value(
    lengths: list[list[float]],
    most: int,
    stopped: bool,  # noqa: FBT001 - a parameter of the test
    data: st.DataObject,
) -> None:
    weight = st.sampled_from([0.0, 1.0, 2.0, 3.5])
    rows = np.array(lengths)
    weights = np.array(data.draw(st.lists(weight, min_size=len(rows), max_size=len(rows))))
    some = weights > 0
    rooms = np.full(3, weights.sum() / 2 + 0.5)
    best = capacitated(rows, weights, rooms, 2)
    cells = merge_demand(rows, weights, most=most)
    plan = capacitated(cells.distances, cells.weights, rooms, 2)
    if not len(plan.sites):
        return
    problem = CapacityProblem(
        cost=rows[some] * weights[some, None],
        weights=weights[some],
        capacities=rooms[:, None],
        fixed=np.zeros(3, dtype=bool),
        count=2,
    )
    answer = members_answer(problem, cells, plan, stop=lambda: stopped)
    assert answer.bound <= best.value + 1e-6
    assert best.value <= answer.value + 1e-6
    assert answer.value <= plan.value + 1e-6
    assert answer.bound >= plan.bound - cells.error - 1e-6 or np.isinf(cells.error)
    served = Plan(plan.sites, answer.allocation)
    checked = check_capacitated(rows, weights, rooms, 2, plan=served)
    assert checked == pytest.approx(answer.value)


def test_the_bound_is_far_closer_than_the_most_that_joining_can_hide() -> None:
    random = np.random.default_rng(4)
    demand, sites = random.random((600, 2)), random.random((20, 2))
    rows = np.hypot(*(demand[:, None] - sites).transpose(2, 0, 1))
    weights = random.random(600) + 0.2
    rooms = np.full(20, weights.sum() / 4 * 1.2)
    cells = merge_demand(rows, weights, most=60)
    plan = capacitated(cells.distances, cells.weights, rooms, 4)
    problem = CapacityProblem(
        cost=rows * weights[:, None],
        weights=weights,
        capacities=rooms[:, None],
        fixed=np.zeros(20, dtype=bool),
        count=4,
    )
    answer = members_answer(problem, cells, plan)
    assert plan.bound - cells.error < answer.bound <= answer.value < plan.value
    assert answer.value - answer.bound < 0.4 * cells.error


def test_sizes_are_kept() -> None:
    rows, weights = np.array([[1.0, 4.0], [2.0, 4.0], [4.0, 1.0]]), np.array([5.0, 5.0, 20.0])
    prices = np.array([[5.0, 8.0], [5.0, 8.0]])
    cells = merge_demand(rows, weights, most=2)
    plan = site_sizes(cells.distances, cells.weights, [14, 25], prices, 13)
    problem = CapacityProblem(
        cost=rows * weights[:, None],
        weights=weights,
        capacities=np.array([[14.0, 25.0]] * 2),
        fixed=np.zeros(2, dtype=bool),
        prices=prices,
        budget=13.0,
    )
    answer = members_answer(problem, cells, plan)
    assert plan.sizes.tolist() == [0, 1]
    assert answer.value == 35
    assert answer.bound <= 35
