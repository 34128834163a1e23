from __future__ import annotations

import itertools

import numpy as np
import pytest

from geosvc.analysis.siting.capacity_plans import Loaded, split_plan
from geosvc.analysis.siting.capacity_problem import CapacityProblem
from geosvc.analysis.siting.capacity_swaps import Exchange


def counted(seed: int, *, fixed: int | None = None) -> CapacityProblem:
    random = np.random.default_rng(seed)
    demand, sites = random.random((30, 2)), random.random((9, 2))
    weights = random.integers(1, 6, 30).astype(np.float64)
    rows = np.hypot(*(demand[:, None] - sites).transpose(2, 0, 1))
    must = np.zeros(9, dtype=bool)
    if fixed is not None:
        must[fixed] = True
    return CapacityProblem(
        cost=rows * weights[:, None],
        weights=weights,
        capacities=random.choice([0.3, 0.5], (9, 1)) * weights.sum(),
        fixed=must,
        count=3,
    )


def sized(seed: int) -> CapacityProblem:
    random = np.random.default_rng(seed)
    demand, sites = random.random((12, 2)), random.random((5, 2))
    weights = random.integers(1, 6, 12).astype(np.float64)
    rows = np.hypot(*(demand[:, None] - sites).transpose(2, 0, 1))
    return CapacityProblem(
        cost=rows * weights[:, None],
        weights=weights,
        capacities=np.tile([0.3 * weights.sum(), 0.6 * weights.sum()], (5, 1)),
        fixed=np.zeros(5, dtype=bool),
        prices=np.tile([3.0, 5.0], (5, 1)) + random.random((5, 2)),
        budget=12.0,
    )


def plans(problem: CapacityProblem) -> list[Loaded]:
    """All plans of 2 to 4 options, one a site, within the count or the budget."""
    found = []
    options = range(problem.sites * problem.sizes)
    for chosen in itertools.chain(*(itertools.combinations(options, k) for k in (2, 3, 4))):
        one_each = len({option // problem.sizes for option in chosen}) == len(chosen)
        if problem.count is None:
            fits = problem.needed_price(np.array(chosen)) <= problem.budget
        else:
            fits = len(chosen) == problem.count
        if one_each and fits:
            plan = split_plan(problem, np.array(chosen), time_limit_s=60)
            found += [plan] if plan else []
    return found


@pytest.mark.parametrize("problem", [*map(counted, range(3)), *map(sized, range(3))])
def test_descents_from_a_few_starts_end_near_the_best(problem: CapacityProblem) -> None:
    known = sorted(plans(problem), key=lambda plan: plan.value)
    exchange = Exchange(problem, stop=lambda: False)
    ended = exchange.descend(known[-1])
    likely = np.full(problem.sites * problem.sizes, 0.5)
    again = [exchange.restart(ended, likely, anew=turn % 2 == 0) for turn in range(24)]
    ends = [ended.value, *(plan.value for plan in again if plan)]
    assert all(known[0].value * (1 - 1e-9) <= end for end in ends)
    assert ended.value <= known[-1].value
    assert min(ends) <= 1.05 * known[0].value


@pytest.mark.parametrize("problem", [counted(1), sized(1)])
def test_what_an_exchange_may_give_is_never_said_too_dear(problem: CapacityProblem) -> None:
    worst = max(plans(problem), key=lambda plan: plan.value)
    bounds, sets = Exchange(problem, stop=lambda: False).ranked(worst)
    assert len(bounds) > 5
    for bound, options in zip(bounds, sets, strict=True):
        plan = split_plan(problem, options, time_limit_s=60)
        assert plan is None or bound <= plan.value + 1e-9


def test_fixed_sites_stay_and_starts_repeat_for_a_seed() -> None:
    problem = counted(2, fixed=4)
    start = max((p for p in plans(problem) if 4 in p.options), key=lambda plan: plan.value)
    likely = np.full(9, 0.5)
    likely[0] = -1.0
    ended = []
    for _ in range(2):
        exchange = Exchange(problem, stop=lambda: False, seed=3)
        again = [exchange.restart(start, likely, anew=anew) for anew in (True, False) * 4]
        assert all(4 in plan.options for plan in again if plan)
        ended.append([plan.options.tolist() for plan in again if plan])
    assert ended[0] == ended[1]
    assert ended[0]


def test_a_stop_leaves_the_plan_as_it_is() -> None:
    problem = counted(0)
    start = max(plans(problem), key=lambda plan: plan.value)
    assert Exchange(problem, stop=lambda: True).descend(start) is start
