from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.catalog import Catalog, read_catalog
from geosvc.catalog.model import Text
from geosvc.catalog.parse_scorecard import TASKS, check_scorecard, parse_scorecard
from tests.scorecard.county import OVERDUE, SCORECARD, a_number, write_county

if TYPE_CHECKING:
    from pathlib import Path

PATH = "layers/scorecard.toml"


def _faults(text: str) -> list[tuple[str, str]]:
    found, issues = parse_scorecard(PATH, text)
    assert (found is None) == bool(issues)
    assert all(issue.path == PATH for issue in issues)
    return [(issue.key, issue.code) for issue in issues]


def test_a_sound_file() -> None:
    found, issues = parse_scorecard(PATH, SCORECARD)
    assert issues == []
    assert found is not None
    assert [item.id for item in found.numbers] == ["stops", "slots", "cases", "all", "taxis"]
    stops, slots, cases, *_ = found.numbers
    assert (stops.group, stops.sum, stops.map, stops.icon) == ("kind", None, "overview", "")
    assert (slots.sum, slots.title) == ("slots", Text("Title", "Title"))
    assert cases.where == {"state": ("done", "open")}
    assert found.overdue is not None
    assert (found.overdue.post, found.overdue.due) == (None, "due")
    assert len(found.fingerprint) == 16


def test_codes_of_numbers_and_booleans_are_text() -> None:
    text = a_number("n", 'layers = ["a"]\nwhere = { level = [1, 2], open = [true] }')
    found, _ = parse_scorecard(PATH, text)
    assert found is not None
    assert found.numbers[0].where == {"level": ("1", "2"), "open": ("true",)}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("colour = 1", [("colour", "unknown_key")]),
        ("numbers = 3", [("numbers", "wrong_type")]),
        (a_number("n", 'layers = ["a"]\nsumme = "x"'), [("numbers[0].summe", "unknown_key")]),
        (a_number("n", ""), [("numbers[0].layers", "missing_key")]),
        (a_number("n", "layers = []"), [("numbers[0].layers", "length")]),
        (a_number("A b", 'layers = ["a"]'), [("numbers[0].id", "not_allowed")]),
        (
            a_number("n", 'layers = ["a"]\nicon = "skull"'),
            [("numbers[0].icon", "not_allowed")],
        ),
        (
            a_number("n", 'layers = ["a"]\nwhere = { kind = [] }'),
            [("numbers[0].where.kind", "length")],
        ),
        (
            a_number("n", 'layers = ["a"]\nwhere = { kind = "x" }'),
            [("numbers[0].where.kind", "wrong_type")],
        ),
        (
            a_number("n", 'layers = ["a"]\nlabels = { x = { zh = "甲" } }'),
            [("numbers[0].labels.x.en", "missing_key")],
        ),
        (
            a_number("n", 'layers = ["a"]') + a_number("n", 'layers = ["a"]'),
            [("numbers[1].id", "not_unique")],
        ),
        (OVERDUE.replace('unit = "unit"\n', ""), [("overdue.unit", "missing_key")]),
        (OVERDUE + "today = true\n", [("overdue.today", "unknown_key")]),
        ("numbers = [", [("", "unreadable")]),
    ],
)
def test_each_fault_is_named_by_its_key(text: str, faults: list[tuple[str, str]]) -> None:
    assert _faults(text) == faults


def _catalog(root: Path, text: str) -> Catalog:
    return read_catalog(write_county(root, scorecard=text).settings)


@pytest.mark.parametrize(
    ("rest", "fault"),
    [
        ('layers = ["nowhere"]', ("numbers[0].layers[0]", "unknown_layer")),
        ('layers = ["stops"]\nsum = "lots"', ("numbers[0].sum", "unknown_field")),
        ('layers = ["stops"]\nsum = "name"', ("numbers[0].sum", "wrong_type")),
        ('layers = ["stops"]\ngroup = "lots"', ("numbers[0].group", "unknown_field")),
        ('layers = ["cases"]\ngroup = "plate"', ("numbers[0].group", "private_filter")),
        (
            'layers = ["cases"]\nwhere = { plate = ["x"] }',
            ("numbers[0].where.plate", "private_filter"),
        ),
        (
            'layers = ["stops"]\nwhere = { kind = ["bay", "x"] }',
            ("numbers[0].where.kind[1]", "not_in_domain"),
        ),
        ('layers = ["stops"]\nmap = "no_map"', ("numbers[0].map", "not_allowed")),
        ('layers = ["fleet"]\nmap = "overview"', ("numbers[0].map", "not_allowed")),
    ],
)
def test_faults_with_other_files_stay_with_their_number(
    tmp_path: Path, rest: str, fault: tuple[str, str]
) -> None:
    sound = a_number("sound", 'layers = ["stops"]')
    catalog = _catalog(tmp_path, a_number("n", rest) + sound + OVERDUE)
    assert catalog.scorecard is not None
    assert [(issue.key, issue.code) for issue in catalog.scorecard.broken["n"]] == [fault]
    assert [*catalog.scorecard.broken] == ["n"]
    assert [(issue.key, issue.code) for issue in catalog.issues] == [fault]


def test_faults_of_the_tasks_stand_apart(tmp_path: Path) -> None:
    text = OVERDUE.replace('due = "due"', 'due = "name"').replace('"progress"', '"unit"')
    catalog = _catalog(tmp_path, text)
    assert catalog.scorecard is not None
    found = [(issue.key, issue.code) for issue in catalog.scorecard.broken[TASKS]]
    assert found == [("overdue.due", "wrong_type"), ("overdue.progress", "wrong_type")]


def test_a_layer_with_faults_of_its_own_is_none_of_the_scorecard(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("layers/cases.toml", 'colour = "red"')
    catalog = read_catalog(folder.settings)
    assert catalog.scorecard is not None
    assert catalog.scorecard.broken == {}
    assert "scorecard" not in {*catalog.layers, *catalog.broken}


def test_nothing_has_no_faults() -> None:
    found, _ = parse_scorecard(PATH, "")
    assert found is not None
    assert check_scorecard(found, {}, ids=(), maps=()) == {}
