from __future__ import annotations

import json
import math
from typing import Any

import pytest

from geosvc.analysis.siting.answer import solve_problem
from geosvc.analysis.siting.document import (
    RowDocument,
    SiteDocument,
    SitingDocument,
    WhyNotDocument,
    as_json,
    number,
    unit,
    why_not_json,
)
from geosvc.analysis.siting.explain import why_not
from tests.analysis.siting.questions import DEMAND, PARCELS, STANDING, question

SIZES = [{"bays": 4, "cost": 10}, {"bays": 8, "cost": 15}]
ASKED: list[dict[str, Any]] = [
    {},
    {"objective": "coverage", "service_distance_m": 100},
    {"objective": "fewest", "service_distance_m": 100},
    {"objective": "center"},
    {"objective": "capacitated", "washes_per_bay_day": 2},
    {"objective": "sizes", "washes_per_bay_day": 1, "budget": 30, "sizes": SIZES},
    {"reach_m": 10},
    {"added": 0},
    {"peak": {"arrivals_per_hour": 60, "service_minutes": 20}, "exclude": ["a"]},
]


@pytest.mark.parametrize(
    ("standing", "settings"),
    [*((STANDING, each) for each in ASKED), *(({}, each) for each in (*ASKED[:5], *ASKED[6:]))],
)
def test_every_answer_is_strict_json(settings: dict[str, Any], standing: dict[str, float]) -> None:
    document = as_json(solve_problem(question(DEMAND, PARCELS, standing, **settings)))
    text = json.dumps(document, allow_nan=False)
    assert set(json.loads(text)) == set(SitingDocument.__annotations__)
    for row in [*document["curve"], *document["plans"]]:
        assert set(row) == set(RowDocument.__annotations__)
    for site in document["sites"]:
        assert set(site) == set(SiteDocument.__annotations__)


def test_numbers_are_those_of_the_answer() -> None:
    found = solve_problem(question(DEMAND, PARCELS, STANDING, service_distance_m=100))
    document = as_json(found)
    assert document["chosen"] == 2
    row = document["curve"][2]
    assert row["sites"] == [0, 1, 4]
    assert (row["opened"], row["closed"]) == ([1, 4], [])
    assert [site["key"] for site in document["sites"]] == ["w", "a", "b", "c", "d"]
    assert document["always"] == [1, 4]
    served = {demand: site for demand, site, _ in document["allocation"]}
    assert served == {0: 1, 1: 1, 2: 0, 3: 0, 4: 4}
    assert document["sensitivity"] is not None
    chosen = document["sensitivity"]["chosen"]
    assert sum(one["count"] for one in chosen) == 3 * document["sensitivity"]["draws"]
    assert document["demand"]["groups"][0]["total"] == 12.0


def test_units_say_what_a_value_counts() -> None:
    units = [unit(question(DEMAND, PARCELS, **settings)) for settings in ASKED[:5]]
    assert units == ["weight_m", "weight", "weight", "m", "weight_m"]


def test_what_does_not_exist_is_null() -> None:
    assert [number(value) for value in (math.nan, -math.inf, None, 0.5)] == [None, None, None, 0.5]
    row = as_json(solve_problem(question(DEMAND, PARCELS, reach_m=10)))["curve"][1]
    assert (row["status"], row["value"], row["bound"], row["gap"]) == (
        "infeasible",
        None,
        None,
        None,
    )
    assert (row["unserved"], row["coverage"], row["loads"]) == (None, [], [])


@pytest.mark.parametrize("place", ["a", "b", "w", (20.0, 10.0), (20.0, 9000.0)])
def test_why_not_is_strict_json(place: str | tuple[float, float]) -> None:
    problem = question(DEMAND, PARCELS, STANDING, service_distances_m=[100], exclude=["b"])
    best = solve_problem(problem).best
    assert best is not None
    document = why_not_json(why_not(problem, place, best.plan))
    assert set(json.loads(json.dumps(document, allow_nan=False))) == set(
        WhyNotDocument.__annotations__
    )
    assert document["key"] == (place if isinstance(place, str) else None)


def test_a_loss_is_a_share_of_the_plan() -> None:
    problem = question(DEMAND, PARCELS, STANDING)
    best = solve_problem(problem).best
    assert best is not None
    document = why_not_json(why_not(problem, "b", best.plan))
    assert document["loss"] is not None
    assert document["loss_share"] == pytest.approx(document["loss"] / best.plan.result.value)
