from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import StateError
from geosvc.scorecard.periods import (
    Period,
    as_of,
    available,
    default_period,
    layers_of,
    parse_period,
    period_of,
)
from tests.scorecard.county import CASE_ROWS, CASES, FLEET, STOPS, opened, write_county

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text", ["2024", "2024H3", "2024H0", "24H1", "H1", "2024H1;", "２０２４H1", "x" * 500, "0999H1"]
)
def test_what_is_no_half_year_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(StateError) as error:
        parse_period(text)
    (issue,) = error.value.issues
    assert (issue.code, issue.path, issue.expected) == ("bad_parameter", "period", "2024H1, 2024H2")
    assert len(issue.found) <= 40


def test_a_half_year_that_the_data_do_not_know_is_refused_with_those_that_they_do() -> None:
    known = [Period(2024, 1), Period(2023, 2)]
    assert parse_period(" 2023h2 ", known) == Period(2023, 2)
    with pytest.raises(StateError) as error:
        parse_period("2024H2", known)
    assert error.value.issues[0].expected == "2024H1, 2023H2"


@given(st.dates())
def test_each_day_lies_in_its_half_year_alone(day: object) -> None:
    text = str(day)
    period = period_of(text)
    if int(text[:4]) < 1000:
        assert period is None
        return
    assert period is not None
    assert period.holds(text)
    assert period.first <= text <= period.last
    others = [Period(period.year + step, half) for step in (-1, 0, 1) for half in (1, 2)]
    assert [item for item in others if item.holds(text)] == [period]
    assert parse_period(period.id) == period


@pytest.mark.parametrize("text", ["", "next week", "2024", None])
def test_what_is_no_day_has_no_half_year(text: str | None) -> None:
    assert period_of(text) is None


def test_half_years_are_those_with_records_and_that_of_the_data(tmp_path: Path) -> None:
    with opened(write_county(tmp_path)) as workspace:
        known = available(workspace)
        assert known == (Period(2024, 1), Period(2023, 2))
        assert as_of(workspace) == "2024-06-30"
        assert default_period(workspace, known) == Period(2024, 1)
        assert layers_of(workspace) == ("stops", "cases", "fleet")


def test_without_a_day_of_the_data_the_latest_record_says_the_default(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    for name, text in (("stops", STOPS), ("cases", CASES), ("fleet", FLEET)):
        rows = [row for row in text.splitlines() if not row.startswith("as_of")]
        folder.write(f"layers/{name}.toml", "\n".join(rows))
    folder.write("data/cases.csv", CASE_ROWS.replace("2024-05-05", "2024-09-09"))
    with opened(folder) as workspace:
        known = available(workspace)
        assert as_of(workspace) is None
        assert default_period(workspace, known) == known[0] == Period(2024, 2)


def test_without_any_record_the_last_revision_says_the_half_year(tmp_path: Path) -> None:
    with opened(write_county(tmp_path, scorecard="")) as workspace:
        newest = max(workspace.status(name).at or "" for name in workspace.layer_ids)
        assert available(workspace) == (period_of(newest),)
        assert layers_of(workspace) == ()
