from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.solving import Ask, solve, solve_medians
from tests.analysis.siting.questions import DEMAND, PARCELS, STANDING, question

if TYPE_CHECKING:
    from geosvc.analysis.siting.problem import SitingProblem

OBJECTIVES: dict[str, dict[str, Any]] = {
    "median": {},
    "coverage": {"service_distance_m": 120},
    "center": {},
}


def counted(problem: SitingProblem, sites: tuple[int, ...]) -> float:
    """The value of open sites, plainly."""
    away = problem.costs_m[:, list(sites)].min(axis=1)
    weights = problem.demand.weights
    if problem.goal.objective == "center":
        return float(away[weights > 0].max(initial=0.0))
    if problem.goal.objective == "coverage":
        return float(weights[away <= (problem.goal.service_distance_m or 0)].sum())
    return float((weights * away).sum())


@given(
    objective=st.sampled_from(sorted(OBJECTIVES)),
    homes=st.dictionaries(
        st.integers(0, 20).map(lambda n: n * 50.0),
        st.integers(0, 5).map(float),
        min_size=1,
        max_size=6,
    ),
    places=st.lists(st.integers(0, 20).map(lambda n: n * 50.0), min_size=2, max_size=5),
    stands=st.booleans(),
    data=st.data(),
)
def test_a_plan_is_the_best_of_all(
    objective: str,
    homes: dict[float, float],
    places: list[float],
    *,
    stands: bool,
    data: st.DataObject,
) -> None:
    parcels = {f"p{number}": place for number, place in enumerate(places)}
    settings = {"objective": objective, **OBJECTIVES[objective]}
    problem = question(homes, parcels, STANDING if stands else {}, **settings)
    first = len(problem.standing)
    added = data.draw(st.integers(1, len(parcels) - 1))
    forced = data.draw(st.sets(st.integers(first, len(problem.sites) - 1), max_size=added))
    free = [site for site in range(first, len(problem.sites)) if site not in forced]
    forbidden = data.draw(st.sets(st.sampled_from(free), max_size=1)) if free else set()
    plans = [
        (*range(first), *new)
        for new in combinations(range(first, len(problem.sites)), added)
        if forced <= set(new) and not forbidden & set(new)
    ]
    plan = solve(problem, Ask(added=added, forced=forced, forbidden=forbidden))
    if not plans:
        assert plan.result.status == "infeasible"
        return
    best = (max if problem.goal.is_maximum else min)(counted(problem, sites) for sites in plans)
    assert plan.result.status == "proven"
    assert plan.result.value == pytest.approx(best)
    assert tuple(plan.sites.tolist()) in plans
    assert counted(problem, tuple(plan.sites.tolist())) == pytest.approx(best)


def test_medians_are_solved_one_after_another_as_each_alone() -> None:
    problem = question(DEMAND, PARCELS, STANDING)
    together = solve_medians(problem, range(1, 5), Ask(added=1))
    alone = [solve(problem, Ask(added=added)) for added in range(1, 5)]
    assert [plan.result.value for plan in together] == [plan.result.value for plan in alone]
    assert [len(plan.sites) for plan in together] == [2, 3, 4, 5]


def test_medians_beyond_the_candidates_are_infeasible() -> None:
    problem = question(DEMAND, PARCELS)
    found = solve_medians(problem, [4, 5], Ask(added=1))
    assert [plan.result.status for plan in found] == ["proven", "infeasible"]


def test_an_excluded_site_is_used_only_if_it_is_forced_in_freely() -> None:
    problem = question({300.0: 1.0}, PARCELS, exclude=["b"])
    assert 1 not in solve(problem, Ask(added=1)).sites
    assert solve(problem, Ask(added=1, forced=(1,))).result.status == "infeasible"
    free = solve(problem, Ask(added=1, forced=(1,), is_free=True))
    assert (free.sites.tolist(), free.result.value) == ([1], 0.0)


def test_a_site_that_can_be_closed_gives_way() -> None:
    closable = {"layer": "washes", "key": "id", "bays": "bays", "closable": {"w": 5}}
    problem = question({0.0: 1.0, 1000.0: 1.0}, PARCELS, STANDING, existing=closable)
    assert solve(problem, Ask(added=1)).sites.tolist() == [1, 4]


def test_other_weights_give_another_plan() -> None:
    problem = question({0.0: 9.0, 1000.0: 1.0}, PARCELS)
    assert solve(problem, Ask(added=1)).sites.tolist() == [0]
    assert solve(problem, Ask(added=1, weights=np.array([1.0, 9.0]))).sites.tolist() == [3]


def test_no_site_takes_more_than_it_holds() -> None:
    problem = question(
        {0.0: 12.0, 1000.0: 4.0}, PARCELS, objective="capacitated", washes_per_bay_day=1
    )
    plan = solve(problem, Ask(added=2))
    load = np.bincount(plan.result.allocation.site, plan.result.allocation.amount, minlength=4)
    assert load.max() <= 10
    assert plan.result.value == pytest.approx(10 * 50 + 2 * 950 + 4 * 50)
    assert plan.merge_error is None


def test_joined_demand_keeps_an_honest_bound() -> None:
    homes = {float(place): 1.0 for place in range(0, 1000, 1)}
    settings = {"objective": "capacitated", "washes_per_bay_day": 60}
    plan = solve(question(homes, PARCELS, **settings), Ask(added=2))
    free = solve(question(homes, PARCELS), Ask(added=2))
    assert plan.merge_error is not None
    assert plan.result.bound <= free.result.value <= plan.result.value + 1e-6
    assert plan.result.allocation.amount.sum() == pytest.approx(1000)
    # the members are served anew and bounded themselves: no cell could say this much
    assert plan.result.value == pytest.approx(free.result.value, rel=1e-6)
    assert plan.result.gap < 1e-2
    assert plan.merge_error <= plan.result.value - plan.result.bound


def test_sizes_are_chosen_within_the_budget() -> None:
    sizes = [{"bays": 4, "cost": 10}, {"bays": 8, "cost": 15}]
    settings = {"objective": "sizes", "washes_per_bay_day": 1, "budget": 15, "sizes": sizes}
    plan = solve(question({0.0: 6.0, 500.0: 5.0}, PARCELS, STANDING, **settings), Ask(added=0))
    assert plan.sites.tolist() == [0, 1]
    assert plan.bays.tolist() == [5.0, 8.0]
    assert plan.result.value == pytest.approx(6 * 50)


def test_a_parcel_is_no_larger_than_it_can_be() -> None:
    sizes = [{"bays": 14, "cost": 10}]
    settings = {"objective": "sizes", "washes_per_bay_day": 1, "budget": 99, "sizes": sizes}
    assert (
        solve(question({0.0: 6.0}, PARCELS, **settings), Ask(added=0)).result.status == "infeasible"
    )
