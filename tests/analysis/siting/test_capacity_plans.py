from __future__ import annotations

import itertools

import numpy as np
import pytest

from geosvc.analysis.siting.capacity_plans import any_plan, single_plan, split_plan
from geosvc.analysis.siting.capacity_problem import CapacityProblem


def random_problem(seed: int, *, single: bool, n: int = 7, m: int = 4) -> CapacityProblem:
    random = np.random.default_rng(seed)
    weights = random.integers(1, 5, n).astype(np.float64)
    return CapacityProblem(
        cost=random.integers(1, 30, (n, m)) * weights[:, None],
        weights=weights,
        capacities=np.full((m, 1), np.ceil(weights.sum() / 2 * 1.2)),
        fixed=np.zeros(m, dtype=bool),
        count=2,
        single_source=single,
    )


@pytest.mark.parametrize("seed", range(4))
def test_split_demand_costs_no_more_than_whole(seed: int) -> None:
    split, single = random_problem(seed, single=False), random_problem(seed, single=True)
    for sites in itertools.combinations(range(4), 2):
        loose = split_plan(split, np.array(sites), time_limit_s=60)
        assert loose is not None
        assert np.bincount(loose.demand, loose.share) == pytest.approx(np.ones(7))
        load = np.bincount(loose.site, split.weights[loose.demand] * loose.share, minlength=4)
        assert (load <= split.capacities[:, 0] + 1e-6).all()
        whole = single_plan(single, np.array(sites))
        if whole is not None and whole.options.tolist() == list(sites):
            assert whole.value >= loose.value - 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_a_search_ends_near_the_best(seed: int) -> None:
    problem = random_problem(seed, single=True)
    found = [single_plan(problem, np.array(s)) for s in itertools.combinations(range(4), 2)]
    values = [plan.value for plan in found if plan is not None]
    best = min(
        problem.cost[np.arange(7), list(to)].sum()
        for to in itertools.product(range(4), repeat=7)
        if len(set(to)) <= 2
        and (np.bincount(to, problem.weights, minlength=4) <= problem.capacities[:, 0]).all()
    )
    assert best <= min(values) <= 1.05 * best


@pytest.mark.parametrize("single", [False, True])
def test_any_plan_serves_all(single: bool) -> None:  # noqa: FBT001 - a parameter of the test
    problem = random_problem(9, single=single)
    plan, possible = any_plan(problem, time_limit_s=60, seed=0)
    assert possible
    assert plan is not None
    assert np.bincount(plan.demand, plan.share) == pytest.approx(np.ones(7))
    assert len(plan.options) == 2


def test_no_plan_in_no_time_proves_nothing() -> None:
    assert any_plan(random_problem(9, single=True), time_limit_s=0, seed=0) == (None, True)


def test_nobody_is_sent_out_of_reach() -> None:
    problem = CapacityProblem(
        cost=np.array([[1.0, np.inf], [1.0, np.inf]]),
        weights=np.ones(2),
        capacities=np.array([[1.0], [1.0]]),
        fixed=np.zeros(2, dtype=bool),
        count=2,
        single_source=True,
    )
    assert single_plan(problem, np.array([0, 1])) is None
    assert split_plan(problem, np.array([0, 1]), time_limit_s=60) is None
