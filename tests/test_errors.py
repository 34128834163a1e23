"""The tree of errors: every class has its own code, stands in the drawing, carries its issues."""

from __future__ import annotations

import json
import re

import pytest

from geosvc import errors
from geosvc.errors import GeosvcError, Issue

CLASSES = sorted(
    (item for item in vars(errors).values() if isinstance(item, type)),
    key=lambda item: item.__name__,
)
ERRORS = [item for item in CLASSES if issubclass(item, GeosvcError)]


def test_all_errors_have_one_root() -> None:
    assert {item for item in CLASSES if issubclass(item, Exception)} == set(ERRORS)


def test_codes_differ() -> None:
    codes = [item.code for item in ERRORS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


@pytest.mark.parametrize("error", ERRORS, ids=lambda item: item.__name__)
def test_the_drawing_shows_each_class_below_its_parent(error: type[GeosvcError]) -> None:
    lines = (errors.__doc__ or "").splitlines()
    drawn = {
        line.strip(" *+-"): len(line) - len(line.lstrip()) for line in lines if "Error" in line
    }
    assert error.__name__ in drawn
    if error is not GeosvcError:
        parent = error.__mro__[1].__name__
        assert drawn[parent] < drawn[error.__name__]


def test_an_error_carries_its_detail_and_its_issues() -> None:
    issue = Issue("required", "data/stops.csv", key="name", row=2)
    error = errors.SourceError("stops", issues=[issue])
    assert str(error) == error.detail == "stops"
    assert error.issues == (issue,)
    assert errors.SourceError().issues == ()


def test_data_without_an_answer_say_why_with_their_numbers() -> None:
    beyond = Issue("outside", "", found="case 7")
    error = errors.AnalysisError("few_visits", visits=3, share=0.5, road="泰北路", issues=[beyond])
    assert error.code == "analysis"
    assert error.reason == error.detail == str(error) == "few_visits"
    assert error.numbers == {"visits": 3, "share": 0.5, "road": "泰北路"}
    said, shown = error.issues
    assert (said.code, said.place) == ("analysis.few_visits", "")
    assert json.loads(said.found) == error.numbers
    assert shown is beyond


@pytest.mark.parametrize(
    ("issue", "place"),
    [
        (Issue("unreadable", "a.csv"), "a.csv"),
        (Issue("unknown_key", "layers/a.toml", key="style.colour"), "layers/a.toml:style.colour"),
        (Issue("null_geometry", "a.csv", row=1), "a.csv:row 1"),
        (Issue("required", "a.csv", key="name", row=7), "a.csv:row 7: name"),
    ],
)
def test_an_issue_says_its_place(issue: Issue, place: str) -> None:
    assert issue.place == place
