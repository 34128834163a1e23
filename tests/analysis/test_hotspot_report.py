"""The report: every number of it held against what it was made of."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from geosvc.analysis.hotspot_report import METHOD, ROADS, Results, report
from geosvc.analysis.power import Power
from geosvc.analysis.scan import Scanner, ScanResult
from geosvc.analysis.score import leave_one_out
from geosvc.analysis.surveyed import Field, Inputs, read_field
from tests.analysis import town

POWER = Power(300.0, 10, ((5.0, 0.0), (10.0, 1.0)))
EVENTS = town.with_hotspot()
PATROLS = town.patrols([(700.0, 700.0), (700.0, 700.0), (-90.0, 0.0)])
FIELD = read_field(Inputs(EVENTS, town.streets(), PATROLS, town.nowhere()))[0]


def scanner(field: Field) -> Scanner:
    return Scanner.prepare(field.network, exposure_m=field.survey.exposure_m, radii_m=[100, 200])


def scanned(field: Field) -> ScanResult:
    return scanner(field).run(field.visit_places, draws=99, alpha=0.05, seed=7)


def told(field: Field = FIELD) -> dict[str, Any]:
    result = scanned(field)
    return report(field, Results(result, result, None, POWER, None))


def test_the_choices_are_told() -> None:
    made = told()
    assert made["method"] == METHOD
    assert (made["seed"], made["draws"], made["alpha"]) == (7, 99, 0.05)
    assert made["radii_m"] == [100, 200]
    assert made["snap_limit_m"] == 50
    assert made["period"] == {"from": "2024-06-01", "to": "2024-06-30"}


def test_the_data_are_told_used_and_dropped() -> None:
    events = EVENTS.copy()
    events.loc["C3", "captured_at"] = None
    field = read_field(Inputs(events, town.streets(), PATROLS, town.nowhere()))[0]
    made = told(field)
    assert made["events"]["total"] == 72
    assert made["events"]["used"] == 71
    assert [row["key"] for row in made["events"]["dropped"]] == ["C3"]
    assert made["visits"]["count"] == len(field.visits)
    assert made["visits"]["mean_size"] == round(71 / len(field.visits), 3)
    assert made["visits"]["largest"] == field.visits.size.max()


def test_what_counts_as_surveyed_is_told() -> None:
    exposure = told()["exposure"]
    assert (exposure["rule"], exposure["patrols"]) == ("patrol_points", 3)
    assert exposure["patrols_placed"] == 2
    assert exposure["length_m"] == pytest.approx(FIELD.survey.exposure_m.sum(), abs=0.1)
    assert exposure["parts"] == 1
    keys = [key for row in exposure["added"] for key in row["keys"]]
    assert len(set(keys)) == len(keys) > 0
    assert set(keys) < set(EVENTS.index)
    assert len({row["road_name"] for row in exposure["added"]}) == len(exposure["added"])


def test_p_is_the_rank_among_the_throws() -> None:
    result, made = scanned(FIELD), told()
    assert made["overall"]["p_value"] == result.p_value
    assert made["overall"]["at_least_as_strong"] == round(result.p_value * 100) - 1
    assert made["cases"] == made["overall"] | {"n": result.n}
    assert made["effort"] is None


def test_power_and_score_are_told() -> None:
    made = told()
    assert made["power"] == {
        "window_m": 300.0,
        "draws": 10,
        "curve": [{"ratio": 5.0, "power": 0.0}, {"ratio": 10.0, "power": 1.0}],
        "smallest_ratio": 9.0,
        "share": 0.8,
    }
    assert made["score"] is None
    reach = scanner(FIELD).windows.reach
    score = leave_one_out(FIELD.network, reach, FIELD.visit_places, day=FIELD.visits.day)
    assert score is not None
    result = scanned(FIELD)
    scored = report(FIELD, Results(result, result, None, POWER, score))["score"]
    assert (scored["period"], scored["pai"], scored["pei"]) == ("week", score.pai, score.pei)
    assert scored["curve"][-1] == [1.0, 1.0]
    assert json.loads(json.dumps(scored)) == scored


def test_weeks_have_no_gap() -> None:
    events = EVENTS[
        ~EVENTS["captured_at"].str.slice(8, 10).isin([f"{k:02}" for k in range(10, 17)])
    ]
    field = read_field(Inputs(events, town.streets(), PATROLS, town.nowhere()))[0]
    rows = told(field)["weekly"]
    mondays = np.array([row["from"] for row in rows], dtype="datetime64[D]")
    assert set(np.diff(mondays).astype(int).tolist()) == {7}
    assert [row["cases"] for row in rows][2] == 0
    assert sum(row["cases"] for row in rows) == len(field.cases)
    assert sum(row["visits"] for row in rows) == len(field.visits)


def test_roads_come_with_their_patrols() -> None:
    rows = told()["roads"]
    assert len(rows) == ROADS
    assert [row["visits"] for row in rows] == sorted((row["visits"] for row in rows), reverse=True)
    first = rows[0]
    assert first["road_name"] == "东7路"
    assert first["cases"] >= 12
    # a place on a corner is on one of its streets
    assert sum(row["patrols"] for row in rows) <= 2


def test_it_is_json() -> None:
    made = told()
    assert json.loads(json.dumps(made, allow_nan=False)) == made
