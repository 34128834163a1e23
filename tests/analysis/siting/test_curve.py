from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.analysis.siting.course import Course
from geosvc.analysis.siting.curve import Row, curve, is_enough, plan_cost, present
from geosvc.analysis.siting.solving import Ask, solve
from tests.analysis.siting.questions import DEMAND, PARCELS, SETTINGS, STANDING, question

if TYPE_CHECKING:
    from geosvc.analysis.siting.problem import SitingProblem


def drawn(problem: SitingProblem, course: Course | None = None) -> list[Row]:
    course = course or Course(30)
    course.begin("curve", until=1.0)
    return curve(problem, course)


def test_the_curve_begins_with_the_present_state() -> None:
    rows = drawn(question(DEMAND, PARCELS, STANDING, added=4))
    assert [row.added for row in rows] == [0, 1, 2, 3, 4]
    # 500 x 4 + 400 x 2 + 100 + 200 x 3 + 500 x 2
    assert rows[0].plan.result.value == 4500.0
    assert rows[0].gain is None
    for before, row in pairwise(rows):
        assert row.plan.result.status == "proven"
        assert row.gain == pytest.approx(before.plan.result.value - row.plan.result.value)
        assert row.gain is not None
        assert row.gain >= 0
    assert [row.cost for row in rows] == [0.0, 100.0, 200.0, 300.0, 400.0]


def test_without_a_standing_site_the_present_state_has_no_value() -> None:
    rows = drawn(question(DEMAND, PARCELS, added=1))
    assert rows[0].plan.result.status == "infeasible"
    assert rows[0].figures.unserved == 12
    assert rows[1].gain is None


@pytest.mark.parametrize(
    ("settings", "values"),
    [
        ({"objective": "coverage", "service_distance_m": 100}, [1.0, 7.0, 10.0]),
        ({"objective": "center"}, [500.0, 500.0, 200.0]),
    ],
)
def test_each_objective_has_its_values(settings: dict[str, Any], values: list[float]) -> None:
    rows = drawn(question(DEMAND, PARCELS, STANDING, **settings))
    assert [row.plan.result.value for row in rows] == values


def test_the_fewest_sites_end_the_curve() -> None:
    settings = {"objective": "fewest", "service_distance_m": 100, "added": 0}
    problem = question(DEMAND, PARCELS, STANDING, share=0.8, **settings)
    rows = drawn(problem)
    assert [row.added for row in rows] == [0, 1, 2]
    assert [is_enough(problem, row) for row in rows] == [False, False, True]
    assert len(drawn(question(DEMAND, PARCELS, STANDING, share=0.5, **settings))) == 2


def test_more_than_there_are_ends_with_all() -> None:
    assert [row.added for row in drawn(question(DEMAND, PARCELS, added=99))] == [0, 1, 2, 3, 4]


def test_kept_parcels_are_in_every_plan() -> None:
    rows = drawn(question(DEMAND, PARCELS, STANDING, keep=["b", "c"], added=3))
    assert [row.added for row in rows] == [0, 2, 3]
    assert all({2, 3} <= set(row.plan.sites.tolist()) for row in rows[1:])


def test_the_present_state_holds_all_or_is_infeasible() -> None:
    room = {"objective": "capacitated", "added": 1}
    short = present(question(DEMAND, PARCELS, STANDING, washes_per_bay_day=2, **room))
    assert short.plan.result.status == "infeasible"
    assert short.figures.loads[0].utilisation == pytest.approx(1.2)
    enough = present(question(DEMAND, PARCELS, STANDING, washes_per_bay_day=3, **room))
    assert (enough.plan.result.status, enough.plan.result.value) == ("proven", 4500.0)


def test_closing_a_site_has_its_cost() -> None:
    closable = {**SETTINGS["existing"], "closable": {"w": 7}}
    problem = question({0.0: 1.0, 1000.0: 1.0}, PARCELS, STANDING, existing=closable)
    assert plan_cost(problem, solve(problem, Ask(added=1))) == 207.0


def test_an_unknown_cost_is_no_cost() -> None:
    bare = {"layer": "parcels", "key": "id"}
    assert drawn(question(DEMAND, PARCELS, candidates=bare, added=1))[1].cost is None


def test_sizes_are_one_row_with_their_own_cost() -> None:
    sizes = [{"bays": 4, "cost": 10}, {"bays": 8, "cost": 15}]
    settings = {"objective": "sizes", "washes_per_bay_day": 1, "budget": 30, "sizes": sizes}
    rows = drawn(question(DEMAND, PARCELS, STANDING, **settings))
    assert len(rows) == 2
    assert rows[1].cost is not None
    assert rows[1].cost <= 30
    assert rows[1].added == len(rows[1].plan.sites) - 1


def test_a_stopped_curve_keeps_what_it_has() -> None:
    stop = Course(30, lambda *said: said[0] > 0)
    rows = drawn(question(DEMAND, PARCELS, objective="center", added=4), stop)
    assert 1 <= len(rows) <= 5
    assert all(row.plan.result.status != "heuristic" for row in rows)


def test_no_time_gives_rows_that_claim_nothing_false() -> None:
    truth = [row.plan.result.value for row in drawn(question(DEMAND, PARCELS, STANDING))]
    for row, best in zip(drawn(question(DEMAND, PARCELS, STANDING), Course(0)), truth, strict=True):
        assert row.plan.result.bound <= best * (1 + 1e-9)
        assert row.plan.result.value >= best * (1 - 1e-9)
