from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.model import Text
from geosvc.catalog.toml_table import ID
from geosvc.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.catalog.toml_table import Table


def _faults(table: Table) -> list[tuple[str, str, str, str]]:
    return [(issue.code, issue.key, issue.found, issue.expected) for issue in table.issues]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("color", "part.color"),
        ("facts[3]", "part.facts[3]"),
        ("some-key_2", "part.some-key_2"),
        ("站点", "part.站点"),
        ("two words", 'part."two words"'),
        ("", 'part.""'),
        ("a\nb", 'part."\\"a\\\\nb\\""'),
    ],
)
def test_dotted_keys(table: Callable[[dict[str, object]], Table], name: str, key: str) -> None:
    assert table({}).dotted(name) == key
    assert table({}).dotted(name).isprintable()


def test_keys_of_the_file_itself_have_no_dot(table: Callable[[dict[str, object]], Table]) -> None:
    inner = table({}).inner("a", {"b": {"c": 1}})
    assert inner.dotted("b") == "part.a.b"
    deeper = inner.table("b")
    assert deeper is not None
    assert deeper.dotted("c") == "part.a.b.c"
    assert deeper.issues is inner.issues


def test_only_lists_each_unknown_key(table: Callable[[dict[str, object]], Table]) -> None:
    part = table({"zh": 1, "fr": 2, "": 3, "a b": 4})
    part.only(("zh", "en"))
    assert _faults(part) == [
        ("unknown_key", "part.fr", "fr", "zh, en"),
        ("unknown_key", 'part.""', "", "zh, en"),
        ("unknown_key", 'part."a b"', "a b", "zh, en"),
    ]


@pytest.mark.parametrize(
    ("given", "name"), [(["a"], "a"), (["b"], "b"), ([], ""), (["a", "b"], ""), (["c"], "")]
)
def test_one_of(table: Callable[[dict[str, object]], Table], given: list[str], name: str) -> None:
    part = table(dict.fromkeys(given, 1))
    assert part.one_of(("a", "b")) == name
    found = ", ".join(key for key in given if key in {"a", "b"})
    expected = [] if name else [("both_or_neither", "part", found, "a, b")]
    assert _faults(part) == expected


@pytest.mark.parametrize(
    ("method", "value", "result"),
    [
        ("string", "a", "a"),
        ("identifier", "a_1", "a_1"),
        ("boolean", True, True),
        ("date", "2024-02-29", "2024-02-29"),
        ("date", dt.date(2024, 2, 29), "2024-02-29"),
        ("strings", ["a", "b"], ("a", "b")),
        ("strings", [], ()),
        ("scalars", ["a", 1, 2.5, True], ("a", 1, 2.5, True)),
        ("items", [{}, None], [{}, None]),
        ("text", {"zh": "甲", "en": "A"}, Text("甲", "A")),
    ],
)
def test_values_are_read(
    table: Callable[[dict[str, object]], Table], method: str, value: object, result: object
) -> None:
    part = table({"key": value})
    assert getattr(part, method)("key") == result
    assert part.issues == []


@pytest.mark.parametrize(
    ("method", "empty"),
    [
        ("string", ""),
        ("identifier", ""),
        ("boolean", False),
        ("date", ""),
        ("strings", None),
        ("scalars", ()),
        ("text", Text("", "")),
        ("table", None),
        ("tables", []),
    ],
)
def test_an_absent_key_has_an_empty_value_and_no_fault(
    table: Callable[[dict[str, object]], Table], method: str, empty: object
) -> None:
    part = table({})
    assert getattr(part, method)("key") == empty
    assert part.issues == []


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("string", "string"),
        ("identifier", "string"),
        ("strings", "list"),
        ("scalars", "list"),
        ("text", "table"),
        ("table", "table"),
    ],
)
def test_a_required_key_is_missed(
    table: Callable[[dict[str, object]], Table], method: str, expected: str
) -> None:
    part = table({})
    getattr(part, method)("key", required=True)
    assert _faults(part) == [("missing_key", "part.key", "", expected)]


@pytest.mark.parametrize(
    ("method", "value", "fault"),
    [
        ("string", 1, ("wrong_type", "key", "1", "string")),
        ("string", "", ("required", "key", "", "")),
        ("identifier", "A", ("not_allowed", "key", "A", "[a-z0-9_]+")),
        ("boolean", 1, ("wrong_type", "key", "1", "boolean")),
        ("date", 2024, ("wrong_type", "key", "2024", "date")),
        ("date", "2024-02-30", ("not_allowed", "key", "2024-02-30", "YYYY-MM-DD")),
        ("date", "2024-W01-1", ("not_allowed", "key", "2024-W01-1", "YYYY-MM-DD")),
        ("strings", "a", ("wrong_type", "key", "a", "list")),
        ("strings", ["a", 1], ("wrong_type", "key[1]", "1", "string")),
        ("strings", ["a", "a"], ("not_unique", "key[1]", "a", "")),
        ("scalars", [[]], ("wrong_type", "key[0]", "[]", "string, number or boolean")),
        ("text", "a", ("wrong_type", "key", "a", "table")),
        ("text", {"zh": "甲"}, ("missing_key", "key.en", "", "string")),
        ("table", [], ("wrong_type", "key", "[]", "table")),
        ("tables", {}, ("wrong_type", "key", "{}", "list of tables")),
        ("tables", [{}, 5], ("wrong_type", "key[1]", "5", "table")),
    ],
)
def test_a_fault_names_key_found_and_expected(
    table: Callable[[dict[str, object]], Table],
    method: str,
    value: object,
    fault: tuple[str, str, str, str],
) -> None:
    part = table({"key": value})
    getattr(part, method)("key")
    code, key, found, expected = fault
    assert _faults(part) == [(code, f"part.{key}", found, expected)]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (0, None),
        (10, None),
        (2.5, None),
        (-1, ("below_minimum", "part.key", "-1", "0")),
        (11, ("above_maximum", "part.key", "11", "10")),
        (float("nan"), ("not_allowed", "part.key", "nan", "finite number")),
        (float("-inf"), ("not_allowed", "part.key", "-inf", "finite number")),
        (True, ("wrong_type", "part.key", "true", "number")),
    ],
)
def test_numbers_lie_between_bounds(
    table: Callable[[dict[str, object]], Table],
    value: float,
    fault: tuple[str, ...] | None,
) -> None:
    part = table({"key": value})
    number = part.number("key", default=5, minimum=0, maximum=10)
    assert isinstance(number, float)
    assert number == (5 if fault else value)
    assert _faults(part) == ([fault] if fault else [])


def test_integers_are_whole(table: Callable[[dict[str, object]], Table]) -> None:
    part = table({"a": 3, "b": 3.0, "c": -1})
    assert part.integer("a", default=5) == 3
    assert part.integer("b", default=5) == 5
    assert part.integer("c", default=5, minimum=0) == 5
    assert part.integer("d", default=5) == 5
    assert [code for code, *_ in _faults(part)] == ["wrong_type", "below_minimum"]


def test_a_choice_has_a_default_or_is_required(
    table: Callable[[dict[str, object]], Table],
) -> None:
    part = table({"tone": "loud"})
    assert part.choice("absent", ("ok", "warn"), default="ok") == "ok"
    assert part.choice("missed", ("ok", "warn")) == ""
    assert part.choice("tone", ("ok", "warn"), default="ok") == ""
    assert _faults(part) == [
        ("missing_key", "part.missed", "", "string"),
        ("not_allowed", "part.tone", "loud", "ok, warn"),
    ]


def test_tables_keep_their_positions(table: Callable[[dict[str, object]], Table]) -> None:
    part = table({"fields": [{"a": 1}, 5, {"a": "x"}]})
    assert [inner.key for inner in part.tables("fields")] == ["part.fields[0]", "part.fields[2]"]
    assert part.issues == [
        Issue("wrong_type", "layers/a.toml", "part.fields[1]", found="5", expected="table")
    ]


def test_a_table_knows_its_keys(table: Callable[[dict[str, object]], Table]) -> None:
    assert "a" in table({"a": 1})
    assert "b" not in table({"a": 1})


@pytest.mark.parametrize("text", ["a", "a_1", "2024", "_"])
def test_ids(text: str) -> None:
    assert ID.fullmatch(text)


@pytest.mark.parametrize("text", ["", "A", "a-b", "a b", "a.b", "站", "a\n", "../a"])
def test_no_ids(text: str) -> None:
    assert not ID.fullmatch(text)
