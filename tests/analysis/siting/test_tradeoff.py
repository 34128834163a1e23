from __future__ import annotations

from itertools import chain, combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.course import Course
from geosvc.analysis.siting.problem import SitingProblem
from geosvc.analysis.siting.tradeoff import Bargain, bargains
from tests.analysis.siting.questions import DEMAND, PARCELS, SETTINGS, STANDING, frames, question

if TYPE_CHECKING:
    from collections.abc import Sequence

COVER = {"objective": "coverage", "service_distance_m": 100}


def priced(costs: Sequence[float], **settings: object) -> SitingProblem:
    given_ = frames(DEMAND, PARCELS, STANDING)
    given_["parcels"]["cost"] = [float(cost) for cost in costs]
    return SitingProblem.of(given_, {**SETTINGS, **COVER, **settings})


def found(problem: SitingProblem, highest: float, limit_s: float = 30) -> list[Bargain]:
    course = Course(limit_s)
    course.begin("costs", until=1.0)
    return bargains(problem, course, highest=highest)


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4), st.integers(1, 60))
def test_a_budget_buys_the_most_that_it_can(costs: list[int], highest: int) -> None:
    problem = priced(costs, budgets=3)
    near = problem.costs_m <= 100
    subsets = list(chain.from_iterable(combinations(range(1, 5), count) for count in range(5)))
    bought = found(problem, highest)
    assert bought[0].budget == 0
    for budget in (0, highest / 3, highest * 2 / 3, highest):
        best = max(
            problem.demand.weights[near[:, [0, *new]].any(axis=1)].sum()
            for new in subsets
            if sum(costs[site - 1] for site in new) <= budget + 1e-9
        )
        last = [one for one in bought if one.budget <= budget + 1e-9][-1]
        assert last.value == pytest.approx(best)
        assert last.status == "proven"


def test_none_is_dominated() -> None:
    bought = found(priced([10, 20, 30, 40]), 100)
    assert len(bought) > 2
    assert all(one.value < two.value and one.cost < two.cost for one, two in pairwise(bought))
    assert all(one.cost <= one.budget + 1e-6 for one in bought)


def test_a_standing_site_costs_its_closing() -> None:
    closable = {**SETTINGS["existing"], "closable": {"w": 10}}
    bought = found(priced([5, 5, 5, 5], existing=closable, budgets=4), 20)
    assert bought[0].sites.tolist() == [0]
    assert bought[0].cost == 0
    assert all(0 in one.sites or one.cost >= 10 for one in bought)


@pytest.mark.parametrize("settings", [{"service_distance_m": None}, {"budgets": 0}])
def test_nothing_to_trade(settings: dict[str, object]) -> None:
    problem = priced([1, 1, 1, 1], **{"objective": "median", **settings})
    assert found(problem, 9) == []


def test_parcels_without_a_cost_are_not_bought() -> None:
    bare = {"layer": "parcels", "key": "id"}
    assert found(question(DEMAND, PARCELS, STANDING, candidates=bare, **COVER), 9) == []


def test_no_time_buys_nothing() -> None:
    assert found(priced([1, 1, 1, 1]), 9, limit_s=0) == []
