from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.alternatives import Worth, loss_of, next_plans, worths
from geosvc.analysis.siting.course import Course
from geosvc.analysis.siting.solving import Ask, Plan, solve
from tests.analysis.siting.questions import DEMAND, PARCELS, STANDING, question

if TYPE_CHECKING:
    from geosvc.analysis.siting.problem import SitingProblem


def begun(limit_s: float = 30) -> Course:
    course = Course(limit_s)
    course.begin("plans", until=1.0)
    return course


def all_values(problem: SitingProblem, added: int) -> list[float]:
    """The values of all plans, best first."""
    first, weights = len(problem.standing), problem.demand.weights
    values = []
    for new in combinations(range(first, len(problem.sites)), added):
        away = problem.costs_m[:, [*range(first), *new]].min(axis=1)
        if problem.goal.objective == "coverage":
            values.append(float(weights[away <= (problem.goal.service_distance_m or 0)].sum()))
        else:
            values.append(float((weights * away).sum()))
    return sorted(values, reverse=problem.goal.is_maximum)


@given(
    homes=st.dictionaries(
        st.integers(0, 20).map(lambda n: n * 50.0),
        st.integers(1, 5).map(float),
        min_size=1,
        max_size=6,
    ),
    places=st.lists(st.integers(0, 20).map(lambda n: n * 50.0), min_size=3, max_size=6),
    added=st.integers(1, 3),
    objective=st.sampled_from(["median", "coverage"]),
)
def test_the_next_plans_are_the_next_of_all(
    homes: dict[float, float], places: list[float], added: int, objective: str
) -> None:
    parcels = {f"p{number}": place for number, place in enumerate(places)}
    problem = question(homes, parcels, STANDING, objective=objective, service_distance_m=150)
    best = solve(problem, Ask(added=added))
    found = next_plans(problem, best, begun(), count=4)
    wanted = all_values(problem, added)[:5]
    assert [plan.result.value for plan in (best, *found)] == pytest.approx(wanted)
    assert {plan.result.status for plan in found} <= {"proven"}
    assert len({tuple(plan.sites.tolist()) for plan in (best, *found)}) == len(wanted)


def test_there_are_no_more_plans_than_there_are() -> None:
    problem = question(DEMAND, PARCELS, added=3)
    found = next_plans(problem, solve(problem, Ask(added=3)), begun(), count=20)
    assert len(found) == 3


def test_no_plan_has_no_next() -> None:
    problem = question(DEMAND, PARCELS)
    nothing = solve(problem, Ask(added=9))
    assert next_plans(problem, nothing, begun(), count=2) == []
    assert worths(problem, nothing, begun()) == []


def test_kept_sites_stay_in_every_plan() -> None:
    problem = question(DEMAND, PARCELS, STANDING, keep=["b"])
    best = solve(problem, Ask(added=2))
    found = next_plans(problem, best, begun(), count=9)
    assert len(found) == 2
    assert all({0, 2} <= set(plan.sites.tolist()) for plan in found)


def test_without_time_nothing_false_is_proven() -> None:
    problem = question(DEMAND, PARCELS, STANDING)
    best = solve(problem, Ask(added=2))
    truth = all_values(problem, 2)[1]
    for plan in next_plans(problem, best, begun(0), count=1):
        assert plan.result.bound <= truth + 1e-9
        assert plan.result.value >= truth - 1e-9


def worth_by_site(problem: SitingProblem, best: Plan) -> dict[int, Worth]:
    return {worth.site: worth for worth in worths(problem, best, begun())}


def test_a_site_is_worth_what_is_lost_without_it() -> None:
    problem = question(DEMAND, PARCELS, STANDING)
    best = solve(problem, Ask(added=2))
    found = worth_by_site(problem, best)
    assert set(found) == {1, 4} == set(best.sites.tolist()) - {0}
    for site, worth in found.items():
        without = solve(problem, Ask(added=2, forbidden=(site,))).result.value
        assert worth.loss == pytest.approx(without - best.result.value)
        assert worth.near == "every"


def test_a_twin_takes_the_place_of_a_site() -> None:
    problem = question({50.0: 3.0, 900.0: 2.0}, {"a": 50.0, "twin": 50.0, "c": 900.0})
    best = solve(problem, Ask(added=2))
    found = worth_by_site(problem, best)
    twin = next(site for site in best.sites.tolist() if site < 2)
    assert (found[twin].loss, found[twin].near) == (0.0, "not_every")
    assert found[2].near == "every"


def test_what_nothing_can_replace_is_in_every_plan() -> None:
    problem = question(DEMAND, {"a": 50.0}, STANDING)
    found = worth_by_site(problem, solve(problem, Ask(added=1)))
    assert (found[1].loss, found[1].near) == (None, "every")


def test_a_loss_is_never_a_gain() -> None:
    less = question(DEMAND, PARCELS)
    more = question(DEMAND, PARCELS, objective="coverage", service_distance_m=1)
    assert (loss_of(less, 5.0, 7.0), loss_of(more, 7.0, 5.0)) == (2.0, 2.0)
    assert loss_of(less, float("inf"), 7.0) is None
    assert str(loss_of(more, 5.0, 5.0)) == "0.0"
