from __future__ import annotations

import numpy as np
import pytest

from geosvc.analysis.siting.course import Course
from geosvc.analysis.siting.sensitivity import drawn_weights, sensitivity
from geosvc.analysis.siting.solving import Ask, solve
from tests.analysis.siting.questions import DEMAND, PARCELS, STANDING, question

TWO = [
    {"layer": "homes", "amount": "amount", "weight": 1, "name": "one"},
    {"layer": "homes", "weight": 2, "name": "two"},
]


def begun(limit_s: float = 30) -> Course:
    course = Course(limit_s)
    course.begin("sensitivity", until=1.0)
    return course


def test_a_site_that_nothing_moves_is_always_chosen() -> None:
    problem = question(DEMAND, {"a": 0.0, "b": 480.0}, STANDING, draws=20)
    plan = solve(problem, Ask(added=1))
    found = sensitivity(problem, plan, begun())
    assert (found.draws, found.proven, found.same) == (20, 20, 20)
    assert found.chosen.tolist() == [20, 20, 0]
    assert (found.infeasible, found.unfound) == (0, 0)


def test_the_same_seed_draws_the_same() -> None:
    problem = question({0.0: 2.0, 1000.0: 2.1}, PARCELS, draws=30, seed=4)
    plan = solve(problem, Ask(added=1))
    first, second = (sensitivity(problem, plan, begun()) for _ in range(2))
    assert first.chosen.tolist() == second.chosen.tolist()
    assert 0 < first.same < 30
    assert first.chosen.sum() == 30


def test_weights_that_a_person_set_move_together() -> None:
    problem = question(DEMAND, PARCELS, demand=TWO)
    factor = drawn_weights(problem, seed=0, number=3, each="weight") / problem.demand.weights
    assert len(set(factor[:5].round(12))) == len(set(factor[5:].round(12))) == 1
    assert factor[0] != pytest.approx(factor[5])


def test_points_move_alone_and_between_half_and_double() -> None:
    problem = question(DEMAND, PARCELS, demand=TWO)
    draws = [drawn_weights(problem, seed=0, number=n, each="point") for n in range(200)]
    factor = np.array(draws) / problem.demand.weights
    assert ((factor >= 0.5) & (factor <= 2)).all()
    assert len(np.unique(factor)) == factor.size
    assert np.mean(factor < 1) == pytest.approx(0.5, abs=0.05)


def test_a_single_weight_is_drawn_by_point() -> None:
    one, two = question(DEMAND, PARCELS, draws=1), question(DEMAND, PARCELS, draws=1, demand=TWO)
    assert sensitivity(one, solve(one, Ask(added=1)), begun()).each == "point"
    assert sensitivity(two, solve(two, Ask(added=1)), begun()).each == "weight"


def test_draws_end_with_the_time() -> None:
    problem = question(DEMAND, PARCELS, draws=20)
    found = sensitivity(problem, solve(problem, Ask(added=1)), begun(0))
    assert (found.asked, found.draws, found.chosen.sum()) == (20, 0, 0)


def test_draws_end_when_somebody_says_stop() -> None:
    problem = question(DEMAND, PARCELS, draws=20)
    course = Course(30, lambda share, *_: share > 0.2)
    course.begin("sensitivity", until=1.0)
    found = sensitivity(problem, solve(problem, Ask(added=1)), course)
    assert found.draws == 5


def test_a_draw_without_a_plan_is_counted_as_such() -> None:
    settings = {"objective": "capacitated", "washes_per_bay_day": 1.2, "draws": 40}
    problem = question(DEMAND, PARCELS, **settings)
    found = sensitivity(problem, solve(problem, Ask(added=1)), begun())
    assert found.draws == 40
    assert 0 < found.infeasible < 40
    assert found.proven == 40 - found.infeasible
