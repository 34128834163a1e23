from __future__ import annotations

import pytest

from geosvc.analysis.siting.solving import NO_SOLVER
from geosvc.web.siting_rules import LEAST_BAYS, SEWER, ZONES
from geosvc.web.siting_runs import KINDS
from geosvc.words.siting_names import kind_name, listed, rule_name, solver_name


@pytest.mark.parametrize("name", [*(kind.name for kind in KINDS), "taxi", "bus", "rural_bus"])
def test_every_kind_of_the_form_has_a_name(name: str) -> None:
    assert {kind_name(name, "zh"), kind_name(name, "en")}.isdisjoint({name})


@pytest.mark.parametrize("rule", [ZONES, SEWER, LEAST_BAYS])
def test_every_rule_of_the_form_has_a_name(rule: dict[str, object]) -> None:
    assert rule_name(str(rule["name"]), "zh") != rule["name"]


def test_what_a_person_named_keeps_its_name() -> None:
    assert (kind_name("{{7*7}}", "zh"), rule_name("离河 30 米", "en")) == ("{{7*7}}", "离河 30 米")


def test_what_was_only_counted_needed_no_solver() -> None:
    assert solver_name(NO_SOLVER, "en") == "by counting"
    assert solver_name("HiGHS 1.9", "en") == "HiGHS 1.9"


def test_a_list() -> None:
    assert listed(["a", "b", "c"], "zh") == "a、b、c"
    assert listed(["a", "b", "c"], "en") == "a, b, c"
