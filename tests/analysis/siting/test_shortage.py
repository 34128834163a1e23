from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geosvc.analysis.siting.problem import SitingProblem
from geosvc.analysis.siting.shortage import least_price, why_infeasible
from geosvc.analysis.siting.solving import Ask, solve
from tests.analysis.siting.questions import (
    DEMAND,
    PARCELS,
    SETTINGS,
    STANDING,
    frames,
    question,
    streets,
)

ROOM = {"objective": "capacitated", "washes_per_bay_day": 1}


def why(problem: SitingProblem) -> dict[str, Any]:
    reasons = why_infeasible(problem)
    assert len(reasons) == 1
    return reasons[0].as_json()


def test_what_can_be_reached_has_no_reason() -> None:
    for objective in ("median", "center"):
        assert why_infeasible(question(DEMAND, PARCELS, STANDING, objective=objective)) == []


def test_nobody_needs_a_site() -> None:
    assert why(question({0.0: 0.0}, PARCELS)) == {"code": "no_demand", "points": 1}


def test_rules_leave_no_candidate() -> None:
    zone = {"layer": "parcels"}
    said = why(question(DEMAND, PARCELS, rules=[zone]))
    assert said == {"code": "no_candidates", "given": 4, "excluded": 4, "unplaced": 0}


def test_rules_leave_too_few() -> None:
    said = why(question(DEMAND, PARCELS, exclude=["a", "b", "c"], added=3))
    assert said["code"] == "too_few_candidates"
    assert (said["usable"], said["short_by"], said["excluded"]) == (1, 2, 3)


def test_more_are_kept_than_asked_for() -> None:
    said = why(question(DEMAND, PARCELS, keep=["a", "b"], added=1))
    assert said == {"code": "too_many_kept", "kept": 2, "added": 1, "short_by": 1}


def test_a_kept_parcel_is_excluded() -> None:
    rule = {"keep": "attribute", "field": "id", "test": "in", "value": ["b", "c"]}
    said = why(question(DEMAND, PARCELS, keep=["a"], rules=[rule]))
    assert said == {"code": "kept_excluded", "sites": ["a"]}


def test_demand_lies_out_of_reach() -> None:
    said = why(question(DEMAND, {"a": 50.0}, reach_m=100, added=1))
    assert (said["code"], said["points"], said["weight"]) == ("out_of_reach", 3, 6.0)
    assert said["labels"] == ["2", "3", "4"]
    assert said["share"] == pytest.approx(0.5)


def test_no_number_of_sites_covers_the_share() -> None:
    settings = {"objective": "fewest", "service_distance_m": 60}
    said = why(question(DEMAND, PARCELS, share=0.95, **settings))
    assert (said["code"], said["distance_m"]) == ("out_of_reach", 60.0)
    # the home at 400 m has no parcel within 60 m: 1 of 12
    assert (said["weight"], said["labels"]) == (1.0, ["2"])
    assert why_infeasible(question(DEMAND, PARCELS, share=0.9, **settings)) == []


def test_the_bays_hold_too_little() -> None:
    said = why(question({0.0: 25.0}, PARCELS, added=2, **ROOM))
    assert said == {
        "code": "capacity_short",
        "demand": 25.0,
        "capacity": 20.0,
        "short_by": 5.0,
        "sites": 2,
        "needed": 3,
    }
    assert why(question({0.0: 99.0}, PARCELS, added=2, **ROOM))["needed"] is None


def test_two_sites_are_missing_within_the_radius() -> None:
    # each of four homes has one parcel within reach
    homes = {0.0: 4.0, 300.0: 4.0, 650.0: 4.0, 1000.0: 4.0}
    problem = question(homes, PARCELS, added=2, reach_m=60, **ROOM)
    said = why(problem)
    assert solve(problem, Ask(added=2)).result.status == "infeasible"
    assert (said["code"], said["sites"], said["needed"], said["short_by"]) == (
        "sites_short",
        2,
        4,
        2,
    )
    assert (said["distance_m"], said["bays"], said["weight"], said["proven"]) == (
        60.0,
        10.0,
        16.0,
        True,
    )


def test_a_broken_network_needs_a_site_in_each_part() -> None:
    given = frames({0.0: 1.0, 1000.0: 1.0}, PARCELS)
    given["roads"] = streets([(0, 0), (500, 0)], [(600, 0), (1000, 0)])
    said = why(SitingProblem.of(given, {**SETTINGS, "added": 1}))
    assert (said["code"], said["needed"], said["distance_m"], said["bays"]) == (
        "sites_short",
        2,
        None,
        None,
    )


def test_the_budget_is_too_small() -> None:
    sizes = [{"bays": 4, "cost": 10}, {"bays": 8, "cost": 15}]
    settings = {"objective": "sizes", "washes_per_bay_day": 1, "sizes": sizes}
    said = why(question({0.0: 12.0}, PARCELS, budget=20, **settings))
    assert (said["code"], said["budget"], said["needed"], said["short_by"]) == (
        "budget_short",
        20.0,
        25.0,
        5.0,
    )
    assert why_infeasible(question({0.0: 12.0}, PARCELS, budget=25, **settings)) == []
    assert why(question({0.0: 99.0}, PARCELS, budget=99, **settings))["needed"] is None


def test_the_least_price_is_a_lower_bound_without_time() -> None:
    problem = question(DEMAND, PARCELS, **ROOM)
    one = np.ones((4, 1))
    price, proven = least_price(problem, one, problem.room[:, None], time_limit_s=30)
    assert (round(price, 6), proven) == (2.0, True)
    early, is_proven = least_price(problem, one, problem.room[:, None], time_limit_s=0)
    assert early <= price
    assert not is_proven


def test_coverage_can_always_be_had() -> None:
    assert (
        why_infeasible(question(DEMAND, PARCELS, objective="coverage", service_distance_m=1)) == []
    )
