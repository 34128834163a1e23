from __future__ import annotations

from typing import Any

import pytest

from geosvc.analysis.siting.answer import solve_problem
from geosvc.analysis.siting.verdict import verdict
from tests.analysis.siting.questions import DEMAND, PARCELS, SETTINGS, STANDING, question


def said(**settings: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - JSON of any kind
    found = solve_problem(question(DEMAND, PARCELS, STANDING, **settings))
    return {sentence["code"]: sentence for sentence in verdict(found)}


def test_a_verdict_begins_with_what_is_there() -> None:
    found = said()
    assert list(found)[:3] == ["present", "present_load", "best"]
    assert (found["present"]["sites"], found["present"]["bays"]) == (1, 5.0)
    load = found["present_load"]
    assert (load["weight"], load["per_bay"], load["holds"]) == (12.0, 2.4, None)


@pytest.mark.parametrize(("washes", "holds"), [(2.0, False), (2.4, True), (3.0, True)])
def test_whether_the_bays_hold_the_demand_is_asked_of_a_number_that_was_entered(
    washes: float, *, holds: bool
) -> None:
    load = said(washes_per_bay_day=washes)["present_load"]
    assert load["holds"] is holds
    assert load["utilisation"] == pytest.approx(2.4 / washes)


def test_the_best_plan_and_the_next() -> None:
    found = said()
    best, second = found["best"], found["runner_up"]
    assert (best["keys"], best["status"], best["cost"]) == (["a", "d"], "proven", 200.0)
    assert best["mean_m"] < best["before_m"] == pytest.approx(4500 / 12)
    assert second["loss"] > 0
    assert second["keys"] != best["keys"]
    assert found["always"]["keys"] == ["a", "d"]
    steady = found["steady"]
    assert steady["draws"] == 5
    assert len(steady["chosen"]) == len(steady["keys"])


def test_a_closed_site_is_named() -> None:
    closable = {**SETTINGS["existing"], "closable": {"w": 0}}
    assert said(existing=closable, added=1)["best"]["closed"] == ["w"]


def test_how_few_sites_do_is_proven() -> None:
    found = said(objective="fewest", service_distance_m=100)
    assert found["fewest"] == {"code": "fewest", "added": 3, "least": 3, "proven": True}


def test_warnings_follow() -> None:
    rush = {"arrivals_per_hour": 900, "service_minutes": 20}
    found = said(demand=[{"layer": "homes"}], peak=rush)
    assert set(found["queue_grows"]["keys"]) == {"w", "a", "d"}
    assert found["examples"]["kinds"] == ["homes"]


def test_no_plan_is_said() -> None:
    found = said(rules=[{"layer": "parcels", "example": True}])
    assert "best" not in found
    assert found["short"] == {"code": "short"}
    assert found["examples"]["rules"] == ["parcels"]


def test_a_stop_is_said() -> None:
    problem = question(DEMAND, PARCELS, STANDING)
    found = solve_problem(problem, told=lambda *_: True)
    assert {"code": "stopped"} in verdict(found)
    assert {"code": "short"} not in verdict(found)
