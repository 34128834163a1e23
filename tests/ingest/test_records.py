"""Faults of rows and of files."""

from __future__ import annotations

import pytest

from geosvc.errors import Issue
from geosvc.ingest.records import Faults, Records, file_fault, shorten


def test_faults_count_rows_from_one_and_know_them_from_zero() -> None:
    faults = Faults("data/a.csv")
    faults.add("required", 4, key="code")
    faults.add("pattern", 4, key="code", found="x", expected="[0-9]+")
    faults.add("required", 0)
    assert [issue.row for issue in faults.issues] == [5, 5, 1]
    assert faults.rows == {0, 4}
    assert faults.issues[1].place == "data/a.csv:row 5: code"


def test_faults_start_with_those_of_reading() -> None:
    records = Records(3, {}, faults=(Issue("cells", "data/a.csv", row=2),))
    assert records.unread == {1}
    assert Faults("data/a.csv", list(records.faults)).rows == {1}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("", ""),
        (12, "12"),
        ([1], "[1]"),
        ("x" * 80, "x" * 80),
        ("长" * 10_000, "长" * 80 + "…"),
    ],
)
def test_shorten(value: object, shown: str) -> None:
    assert shorten(value) == shown


def test_a_long_value_does_not_fill_the_list_of_faults() -> None:
    faults = Faults("data/a.csv")
    faults.add("pattern", 0, found="x" * 100_000, expected="y" * 100_000)
    assert len(faults.issues[0].found) == 81
    assert len(faults.issues[0].expected) == 401


def test_file_fault() -> None:
    error = file_fault("data/a.csv", "missing_column", key="code")
    assert error.issues == (Issue("missing_column", "data/a.csv", "code"),)
    assert str(error) == "missing_column: data/a.csv:code"
    assert len(file_fault("a", "unreadable", found="x" * 10_000).issues[0].found) == 401
