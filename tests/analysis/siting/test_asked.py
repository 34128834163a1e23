from __future__ import annotations

import math
from typing import Any

import pytest

from geosvc.analysis.siting.asked import Asked, refused
from geosvc.errors import AnalysisError


def fault(found: pytest.ExceptionInfo[AnalysisError]) -> tuple[object, object]:
    assert found.value.reason == "siting_setting"
    return found.value.numbers["setting"], found.value.numbers["found"]


def test_what_is_missing_or_null_is_the_default() -> None:
    asked = Asked({"text": None, "flag": None, "whole": None, "list": None, "table": None})
    assert asked.text("text", "x") == "x"
    assert asked.flag("flag", default=True)
    assert asked.whole("whole", 7) == 7
    assert asked.number("number", 1.5) == 1.5
    assert asked.maybe("maybe") is None
    assert asked.values("list") == ()
    assert asked.table("table").names() == ()
    assert not asked.has("text")
    asked.done()


def test_values_are_taken_as_they_are() -> None:
    asked = Asked({"n": 3, "texts": ["a", 2], "numbers": [1, 2.5], "w": {"x": 2}, "plain": [1]})
    assert asked.maybe("n") == 3.0
    assert asked.texts("texts") == ("a", "2")
    assert asked.numbers("numbers") == (1.0, 2.5)
    assert asked.weights("w") == {"x": 2.0}
    assert asked.plain("plain") == [1]


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "3", True, [1]])
def test_a_number_is_finite_and_at_least_0(value: object) -> None:
    with pytest.raises(AnalysisError) as found:
        Asked({"weight": value}).number("weight", 1.0)
    assert fault(found) == ("weight", str(value))


def test_a_whole_number_has_no_part() -> None:
    with pytest.raises(AnalysisError) as found:
        Asked({"added": 1.5}).whole("added", 1)
    assert fault(found) == ("added", "1.5")


def test_what_must_be_above_its_limit_is() -> None:
    with pytest.raises(AnalysisError):
        Asked({"half": 0}).maybe("half", above=True)
    assert Asked({"half": 0}).maybe("half") == 0.0


@pytest.mark.parametrize(
    ("values", "method"),
    [({"x": 1}, "text"), ({"x": "ab"}, "values"), ({"x": 3}, "values"), ({"x": [1]}, "table")],
)
def test_another_kind_of_value_is_refused(values: dict[str, Any], method: str) -> None:
    with pytest.raises(AnalysisError) as found:
        getattr(Asked(values), method)("x")
    assert fault(found)[0] == "x"


def test_a_flag_is_no_number() -> None:
    with pytest.raises(AnalysisError):
        Asked({"x": 1}).flag("x", default=False)


def test_a_choice_is_one_of_some() -> None:
    assert Asked({}).choice("keep", ("away", "near")) == "away"
    assert Asked({"keep": "near"}).choice("keep", ("away", "near")) == "near"
    with pytest.raises(AnalysisError) as found:
        Asked({"keep": "far"}).choice("keep", ("away", "near"))
    assert fault(found) == ("keep", "far")


def test_a_fault_in_a_list_says_where() -> None:
    asked = Asked({"demand": [{"weight": 1}, {"weight": -2}]})
    first, second = asked.tables("demand")
    assert first.number("weight", 0.0) == 1.0
    with pytest.raises(AnalysisError) as found:
        second.number("weight", 0.0)
    assert fault(found) == ("demand[1].weight", "-2")


def test_a_key_that_nobody_knows_is_refused() -> None:
    asked = Asked({"wieght": 2}, "demand[0]")
    asked.number("weight", 1.0)
    with pytest.raises(AnalysisError) as found:
        asked.done()
    assert fault(found) == ("demand[0].wieght", "2")


def test_refusing_a_key_names_its_value() -> None:
    numbers = Asked({"layer": "moon"}, "existing").refuse("layer").numbers
    assert numbers == {"setting": "existing.layer", "found": "moon"}
    assert refused(None, at="as_of").numbers["found"] == "None"
