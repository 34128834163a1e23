from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geosvc.analysis.siting.problem import SitingProblem
from geosvc.errors import AnalysisError
from tests.analysis.siting.questions import (
    DEMAND,
    PARCELS,
    SETTINGS,
    STANDING,
    at,
    frames,
    question,
    streets,
)


def test_distances_run_along_the_street() -> None:
    problem = question(DEMAND, PARCELS, STANDING)
    away = [[abs(x - y) for y in (500, 50, 300, 650, 950)] for x in DEMAND]
    assert problem.distances_m.tolist() == away
    assert problem.usable.all()
    assert problem.connected.all()
    assert problem.street_of(problem.site_access, 0) == "street 0"


def test_a_part_that_no_street_joins_is_told() -> None:
    given = frames(DEMAND, PARCELS, STANDING)
    given["roads"] = streets([(0, 0), (500, 0)], [(600, 0), (1000, 0)])
    problem = SitingProblem.of(given, {**SETTINGS, "exclude": ["c", "d"]})
    assert problem.connected.tolist() == [True, True, True, False, False]


def test_what_lies_far_from_any_street_cannot_be_used() -> None:
    given = frames(DEMAND, PARCELS)
    given["parcels"] = at(
        [(50.0, 30.0), (300.0, 900.0)], {"id": ["a", "b"], "bays": [1, 1], "cost": [1, 1]}
    )
    problem = SitingProblem.of(given, {**SETTINGS, "snap_limit_m": 100})
    assert problem.usable.tolist() == [True, False]
    assert problem.street_of(problem.site_access, 1) is None
    assert problem.distances_m[0].tolist() == [80.0, np.inf]


def test_the_reach_and_soft_rules_change_what_counts_and_not_the_distance() -> None:
    soft = {"layer": "washes", "distance_m": 201, "hard": False, "penalty_m": 33}
    problem = question(DEMAND, PARCELS, STANDING, reach_m=300, rules=[soft])
    assert problem.distances_m[0].tolist() == [500, 50, 300, 650, 950]
    assert problem.costs_m[0].tolist() == [np.inf, 50, 333, np.inf, np.inf]


def test_the_countys_zones_are_the_only_default() -> None:
    given = frames(DEMAND, PARCELS)
    assert SitingProblem.of(given, SETTINGS).rules == ()
    zones = at([300.0], {"hard": [True], "rule_basis": ["example"], "zone_name": ["z"]})
    with_zones = {**given, "exclusion_zones": zones}
    assert [rule.example for rule in SitingProblem.of(with_zones, SETTINGS).rules] == [True]
    assert SitingProblem.of(with_zones, {**SETTINGS, "rules": []}).rules == ()


def test_a_site_holds_its_bays_times_what_a_bay_does() -> None:
    assert np.isinf(question(DEMAND, PARCELS).room).all()
    problem = question(DEMAND, PARCELS, STANDING, washes_per_bay_day=3)
    assert problem.room.tolist() == [15, 30, 30, 30, 30]


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"streets": {"layer": "moon"}}, "streets.layer"),
        ({"streets": {"layer": "roads", "name": "moon"}}, "streets.name"),
        ({"as_of": "someday"}, "as_of"),
        ({"aded": 3}, "aded"),
        ({"demand": [{"layer": "homes", "weight": -1}]}, "demand[0].weight"),
        ({"demand": {"layer": "homes"}}, "demand"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, Any], setting: str) -> None:
    with pytest.raises(AnalysisError) as found:
        question(DEMAND, PARCELS, STANDING, **settings)
    assert found.value.numbers["setting"] == setting


def test_sites_that_are_filled_have_bays() -> None:
    unknown = {"layer": "parcels", "key": "id"}
    with pytest.raises(AnalysisError) as found:
        question(DEMAND, PARCELS, candidates=unknown, objective="capacitated", washes_per_bay_day=9)
    assert found.value.numbers == {"setting": "candidates.bays", "found": "a"}


def test_degrees_are_refused() -> None:
    given = {name: gdf.to_crs("EPSG:4490") for name, gdf in frames(DEMAND, PARCELS).items()}
    with pytest.raises(ValueError, match="metric CRS"):
        SitingProblem.of(given, SETTINGS)
