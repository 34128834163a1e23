from __future__ import annotations

import pytest

from geosvc.web.siting_fields import (
    MOST_WEIGHT,
    NUMBERS,
    START,
    SWITCHES,
    Reader,
    is_number,
    numbers_of,
    weight_name,
    weight_of,
)


def codes(reader: Reader) -> list[tuple[str, str]]:
    return [(issue.key, issue.code) for issue in reader.issues]


def test_the_start_is_within_its_own_bounds() -> None:
    reader = Reader(START)
    numbers = [reader.number(name) for name in START if name in NUMBERS]
    assert None not in numbers
    assert reader.issues == []
    assert not set(SWITCHES) & set(START)


def test_an_empty_field_is_no_number_and_no_fault() -> None:
    reader = Reader({"budget": "  "})
    assert reader.number("budget") is None
    assert reader.text("budget") == ""
    assert not reader.is_on("budget")
    assert reader.issues == []


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e9", "0x1", "１２", "1,5", "1 2", "--1"])
def test_what_is_no_decimal_number_is_refused(text: str) -> None:
    assert not is_number(text) or text == "１２"
    reader = Reader({"budget": text, "weight.shops": text})
    assert reader.number("budget") is None
    assert weight_of(reader, weight_name("shops"), 1.0) == 1.0
    assert codes(reader) == [("budget", "not_number"), ("weight.shops", "not_number")]


def test_a_weight_is_never_negative_and_never_too_far() -> None:
    for text in ("-1", "-0.1", f"{MOST_WEIGHT + 1:.0f}"):
        reader = Reader({"weight.shops": text})
        assert weight_of(reader, "weight.shops", 2.0) == 2.0
        assert reader.issues[0].expected == "0–1000000"
    assert weight_of(Reader({"weight.shops": "0"}), "weight.shops", 2.0) == 0.0
    assert weight_of(Reader({}), "weight.shops", 2.0) == 2.0


def test_a_fault_says_the_range() -> None:
    reader = Reader({"added": "51", "share_percent": "0.5"})
    assert reader.number("added") is None
    assert reader.number("share_percent") is None
    said = [(issue.code, issue.found, issue.expected) for issue in reader.issues]
    assert said == [("not_whole", "51", "0–50"), ("not_number", "0.5", "1–100")]


@pytest.mark.parametrize("text", ["a\u202eb", "x" * 81, "a\nb"])
def test_a_line_is_short_and_can_be_printed(text: str) -> None:
    reader = Reader({"rule_1.name": text})
    assert reader.text("rule_1.name") == ""
    assert codes(reader) == [("rule_1.name", "length")]


def test_what_is_found_is_told_in_part_only() -> None:
    reader = Reader({"added": "x" * 500})
    reader.number("added")
    assert len(reader.issues[0].found) == 80


def test_a_place_is_numbers_between_commas_or_blanks() -> None:
    assert numbers_of("1，2 3") == [1.0, 2.0, 3.0]
    assert numbers_of("1,nan") == []
