from __future__ import annotations

import pytest

from geosvc import messages
from geosvc.errors import StateError
from geosvc.map_state.faults import SHOWN, number, refuse


def test_a_refusal_names_parameter_found_and_expected() -> None:
    with pytest.raises(StateError) as caught:
        refuse("not_allowed", "lang", "fr", "zh, en")
    said = messages.render_issue(caught.value.issues[0], "en")
    assert said == "lang: fr is not allowed; one of: zh, en"


def test_a_long_text_is_cut() -> None:
    with pytest.raises(StateError) as caught:
        refuse("wrong_type", "p" * 500, "x" * 500)
    issue = caught.value.issues[0]
    assert (len(issue.path), len(issue.found)) == (SHOWN, SHOWN)
    assert len(caught.value.detail) == SHOWN


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), ("+1.50", 1.5), (".5", 0.5), ("-2e1", -20.0), ("3.", 3.0)]
)
def test_numbers(text: str, value: float) -> None:
    assert number("z", text) == value


@pytest.mark.parametrize("text", ["", " 1", "1 ", "inf", "nan", "1e400", "0x1", "１", "1_0"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(StateError) as caught:
        number("z", text, 1, 22)
    assert caught.value.issues[0].expected == "1..22"


@pytest.mark.parametrize(
    ("text", "code", "bound"), [("23", "above_maximum", "22"), ("-1", "below_minimum", "1")]
)
def test_what_is_out_of_bounds_names_the_bound(text: str, code: str, bound: str) -> None:
    with pytest.raises(StateError) as caught:
        number("z", text, 1, 22)
    issue = caught.value.issues[0]
    assert (issue.code, issue.found, issue.expected) == (code, text, bound)
