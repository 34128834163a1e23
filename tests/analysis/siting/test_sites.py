from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geosvc.analysis.siting.asked import Asked
from geosvc.analysis.siting.rules import Rule
from geosvc.analysis.siting.sites import Sites, read_sites
from geosvc.errors import AnalysisError
from tests.analysis.siting.questions import PARCELS, SETTINGS, STANDING, at, frames

TABLES = {name: SETTINGS[name] for name in ("candidates", "existing")}


def read(rules: list[Rule] | None = None, **settings: Any) -> Sites:  # noqa: ANN401 - JSON
    given = frames({}, PARCELS, STANDING)
    given["zone"] = at([300, 500])
    return read_sites(Asked({**TABLES, **settings}), given, rules or [])


def test_what_stands_comes_first_and_is_fixed() -> None:
    sites = read()
    assert sites.keys == ("w", "a", "b", "c", "d")
    assert sites.standing.tolist() == sites.fixed.tolist() == [True, False, False, False, False]
    assert sites.bays.tolist() == [5, 10, 10, 10, 10]
    assert np.isnan(sites.closing).all()
    assert sites.index("c") == 3


def test_what_can_be_closed_is_not_fixed() -> None:
    sites = read(existing={**TABLES["existing"], "closable": {"w": 30}})
    assert not sites.fixed.any()
    assert sites.closing[0] == 30.0


def test_a_kept_parcel_is_fixed() -> None:
    assert read(keep=["b"]).fixed.tolist() == [True, False, True, False, False]


def test_what_a_person_excludes_is_a_finding() -> None:
    sites = read(exclude=["b"])
    assert sites.excluded.tolist() == [False, False, True, False, False]
    assert [broken.rule for broken in sites.findings[2]] == ["excluded_by_user"]


def test_rules_bind_parcels_and_are_told_of_what_stands() -> None:
    sites = read([Rule(name="zone", layer="zone", distance_m=1.0)])
    assert [len(found) for found in sites.findings] == [1, 0, 1, 0, 0]
    assert sites.excluded.tolist() == [False, False, True, False, False]


def test_a_soft_rule_adds_its_penalty_once() -> None:
    soft = Rule(name="zone", layer="zone", distance_m=400.0, hard=False, penalty_m=70.0)
    sites = read([soft])
    assert [len(found) for found in sites.findings] == [2, 1, 2, 2, 0]
    assert not sites.excluded.any()
    assert sites.penalty_m.tolist() == [0, 70, 70, 70, 0]


def test_only_some_features_are_candidates() -> None:
    sites = read(candidates={**TABLES["candidates"], "where": {"id": ["a", "d"]}})
    assert sites.keys == ("w", "a", "d")


def test_there_may_be_none() -> None:
    assert len(read(candidates={}, existing={})) == 0


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"candidates": {"layer": "moon"}}, "candidates.layer"),
        ({"candidates": {"layer": "parcels", "key": "moon"}}, "candidates.key"),
        ({"candidates": {"layer": "parcels", "bays": "id"}}, "candidates.bays"),
        ({"existing": {"layer": "parcels", "key": "id"}}, "candidates.key"),
        ({"existing": {**TABLES["existing"], "closable": {"moon": 1}}}, "existing.closable"),
        ({"keep": ["moon"]}, "keep"),
        ({"exclude": ["moon"]}, "exclude"),
        ({"exclude": ["w"]}, "exclude"),
        ({"exclude": ["a"], "keep": ["a"]}, "exclude"),
    ],
)
def test_what_does_not_exist_is_refused(settings: dict[str, Any], setting: str) -> None:
    with pytest.raises(AnalysisError) as found:
        read(**settings)
    assert found.value.numbers["setting"] == setting


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(AnalysisError):
        read().index("moon")
