from __future__ import annotations

import math

import numpy as np
import pytest

from geosvc.analysis.siting.capacity_problem import CapacityProblem, capacity_short


def problem(cost: list[list[float]], rooms: list[float], **more: object) -> CapacityProblem:
    table = np.array(cost)
    given: dict[str, object] = {
        "cost": table,
        "weights": np.full(len(table), 3.0),
        "capacities": np.array(rooms)[:, None],
        "fixed": np.zeros(len(rooms), dtype=bool),
        "count": 1,
    }
    return CapacityProblem(**(given | more))  # type: ignore[arg-type]  # made for tests


@pytest.mark.parametrize(
    ("made", "short"),
    [
        (problem([[1, 1], [1, 1]], [6, 1]), False),
        (problem([[1, 1], [1, 1]], [5, 5]), True),
        (problem([[1, 1], [1, 1]], [5, 5], count=2), False),
        (problem([[1, 1], [1, 1]], [6, 1], fixed=np.array([False, True])), True),
        (problem([[math.inf, math.inf]], [6, 6]), True),
        (problem([[1, 1]], [2, 2], count=2), False),
        (problem([[1, 1]], [2, 2], count=2, single_source=True), True),
    ],
)
def test_what_cannot_hold_the_demand_is_seen(made: CapacityProblem, short: object) -> None:
    assert capacity_short(made) is short


def test_fixed_sites_beyond_the_budget_are_seen() -> None:
    fixed = np.array([True, True])
    prices = np.array([[2.0], [3.0]])
    for budget, short in ((4.9, True), (5.0, False)):
        made = problem([[1, 1]], [9, 9], fixed=fixed, count=None, prices=prices, budget=budget)
        assert capacity_short(made) is short


def test_whole_values_leave_no_room_below_the_next() -> None:
    whole = problem([[1, 2]], [9, 9], whole=True)
    assert 819 < whole.cutoff(820.0, 0.0) < 819.1
    assert whole.rounded(whole.cutoff(820.0, 0.0)) == 820
    assert whole.rounded(819.0000001) == 819
    assert whole.rounded(-math.inf) == -math.inf
    assert problem([[1, 2]], [9, 9]).rounded(1.25) == 1.25
    assert problem([[1, 2]], [9, 9]).cutoff(100.0, 0.1) == 90
