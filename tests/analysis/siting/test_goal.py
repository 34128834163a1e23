from __future__ import annotations

import math
from typing import Any

import pytest

from geosvc.analysis.siting.asked import Asked
from geosvc.analysis.siting.goal import OBJECTIVES, Goal, SiteSize
from geosvc.analysis.siting.queueing import Peak
from geosvc.errors import AnalysisError


def test_nothing_is_assumed_of_capacity_budget_or_arrivals() -> None:
    goal = Goal.of(Asked({}))
    assert goal == Goal()
    assert (goal.washes_per_bay_day, goal.budget, goal.peak, goal.sizes) == (None, None, None, ())
    assert goal.service_distance_m is None
    assert math.isinf(goal.reach_m)


def test_a_goal_is_read_whole() -> None:
    given = {
        "objective": "sizes", "added": 4, "service_distances_m": [3000, 1000], "budget": 90,
        "washes_per_bay_day": 20, "sizes": [{"bays": 14, "cost": 30}], "share": 0.9,
        "peak": {"arrivals_per_hour": 30, "service_minutes": 20, "waiting_bays": 4},
    }  # fmt: skip
    goal = Goal.of(Asked(given))
    assert goal.service_distances_m == (1000.0, 3000.0)
    assert goal.sizes == (SiteSize(14.0, 30.0),)
    assert goal.peak == Peak(30.0, 20.0, 4)
    assert goal.has_room
    assert not goal.is_maximum


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"objective": "best"}, "objective"),
        ({"objective": "coverage"}, "service_distance_m"),
        ({"objective": "fewest"}, "service_distance_m"),
        ({"objective": "capacitated"}, "washes_per_bay_day"),
        ({"objective": "sizes", "washes_per_bay_day": 20}, "budget"),
        ({"objective": "sizes", "washes_per_bay_day": 20, "budget": 9}, "sizes"),
        ({"sizes": [{"bays": 14}]}, "sizes[0].cost"),
        ({"share": 1.5}, "share"),
        ({"added": -1}, "added"),
        ({"washes_per_bay_day": 0}, "washes_per_bay_day"),
        ({"peak": {"service_minutes": 20}}, "peak.arrivals_per_hour"),
        ({"peak": {"arrivals_per_hour": 20}}, "peak.service_minutes"),
        ({"draw_each": "day"}, "draw_each"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], setting: str) -> None:
    with pytest.raises(AnalysisError) as found:
        Goal.of(Asked(given))
    assert found.value.numbers["setting"] == setting


def test_more_is_better_only_of_coverage() -> None:
    best = {name for name in OBJECTIVES if Goal(objective=name).is_maximum}
    assert best == {"coverage", "fewest"}
