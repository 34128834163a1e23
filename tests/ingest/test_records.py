"""Faults of rows and of files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import Issue
from geosvc.ingest.records import Faults, Records, file_fault, shorten
from geosvc.messages import LANGUAGES, render_issue

if TYPE_CHECKING:
    from pathlib import Path


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


CODES = {
    *("bad_datum", "datum_ballpark", "datum_variants", "datum_inward_only", "datum_contradicts"),
    *("unreadable", "missing_file", "missing_column", "missing_key", "not_allowed", "which_layer"),
    *("column_twice", "layer_needed", "unknown_field", "both_or_neither", "cells", "wrong_type"),
    *("required", "not_unique", "not_in_domain", "below_minimum", "above_maximum", "pattern"),
    *("length", "order", "only_if", "no_such_reference", "null_geometry", "invalid_geometry"),
    *("wrong_geometry", "outside", "no_streets"),
}


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_fault_has_its_sentence_in_both_languages(code: str) -> None:
    issue = Issue(code, "data/a.csv", "code", 3, "{found}", "<b>")
    zh, en = (render_issue(issue, language) for language in LANGUAGES)
    assert zh != en
    assert zh.startswith("data/a.csv:row 3: code: ")
    assert zh.isprintable()


def test_no_fault_is_forgotten(project: Path) -> None:
    folder = project / "geosvc" / "ingest"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    told = re.findall(r'(?:\.add\(|file_fault\([^,()]+,|Issue\()\s*"([a-z_]+)"', text)
    assert set(told) <= CODES
    assert len(set(told)) > 12
