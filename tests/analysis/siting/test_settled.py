from __future__ import annotations

from geosvc.analysis.siting.problem import SitingProblem
from geosvc.analysis.siting.settled import access_json, demand_json, goal_json, rules_json
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


def test_the_goal_is_told_by_its_names() -> None:
    goal = goal_json(question(DEMAND, PARCELS, service_distances_m=[500]))
    assert (goal["objective"], goal["added"], goal["reach_m"]) == ("median", 2, None)
    assert goal["service_distances_m"] == [500.0]
    assert goal_json(question(DEMAND, PARCELS, reach_m=7))["reach_m"] == 7.0


def test_each_weight_is_counted_and_shown() -> None:
    kinds = [{"layer": "homes", "amount": "amount"}, {"layer": "washes", "weight": 3, "by": "id"}]
    told = demand_json(question(DEMAND, PARCELS, STANDING, demand=kinds))
    assert (told["points"], told["weight"]) == (6, 15.0)
    first, second = told["groups"]
    assert (first["kind"], first["points"], first["total"], first["example"]) == (
        "homes",
        5,
        12.0,
        True,
    )
    assert (second["value"], second["weight"], second["example"]) == ("w", 3.0, False)
    assert told["dropped"] == {"homes": 0, "washes": 0}


def test_demand_that_no_street_joins_is_listed() -> None:
    given = frames(DEMAND, {"a": 50.0})
    given["roads"] = streets([(0, 0), (500, 0)], [(600, 0), (1000, 0)])
    lost = demand_json(SitingProblem.of(given, SETTINGS))["unreached"]
    assert lost == {"points": 2, "weight": 5.0, "labels": ["3", "4"]}


def test_ways_to_streets_are_told() -> None:
    given = frames(DEMAND, PARCELS)
    given["homes"] = at([(0.0, 4.0), (9.0, 8.0)], {"amount": [1, 1]})
    given["parcels"] = at([(5.0, 900.0)], {"id": ["far"], "bays": [1], "cost": [1]})
    told = access_json(SitingProblem.of(given, {**SETTINGS, "snap_limit_m": 50}))
    assert told["demand"] == {"mean_m": 6.0, "max_m": 8.0, "unplaced": 0}
    assert told["sites"] == {"mean_m": None, "max_m": None, "unplaced": 1}
    assert (told["unplaced_keys"], told["snap_limit_m"]) == (["far"], 50.0)


def test_rules_tell_how_many_parcels_break_them() -> None:
    rule = {"layer": "washes", "distance_m": 201, "source": "s"}
    told = rules_json(question(DEMAND, PARCELS, STANDING, rules=[rule]))
    assert [(one["name"], one["source"], one["broken"]) for one in told] == [("washes", "s", 2)]
    assert rules_json(question(DEMAND, PARCELS)) == []
