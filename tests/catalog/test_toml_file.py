from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.toml_file import read_toml, shown
from geosvc.errors import Issue


def test_text_and_bytes_are_read_alike() -> None:
    issues: list[Issue] = []
    text = 'title = "某市"'
    assert read_toml("a.toml", text, issues) == {"title": "某市"}
    assert read_toml("a.toml", text.encode(), issues) == {"title": "某市"}
    assert read_toml("a.toml", b"\xef\xbb\xbf" + text.encode(), issues) == {"title": "某市"}
    assert read_toml("a.toml", b"", issues) == {}
    assert issues == []


@pytest.mark.parametrize(
    ("data", "line", "expected"),
    [
        ("a = 1\nb = ", "line 2", "TOML"),
        ("a = 1\n\n\nb", "line 4", "TOML"),
        ('a = """\n\n', "line 3", "TOML"),
        ("a = 1979-99-99", "line 1", "TOML"),
        (b"a = 1\nb = '\xb5\xe3'", "line 2", "UTF-8"),
    ],
)
def test_a_fault_names_its_line(data: str | bytes, line: str, expected: str) -> None:
    issues: list[Issue] = []
    assert read_toml("a.toml", data, issues) is None
    assert issues == [Issue("unreadable", "a.toml", found=line, expected=expected)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain words", "plain words"),
        ("", ""),
        ("a\nb", '"a\\nb"'),
        ("\u202eabc", '"\\u202eabc"'),
        (5, "5"),
        (2.5, "2.5"),
        (True, "true"),
        (None, "null"),
        (["a", 1], '["a", 1]'),
        ({"站": "a\tb"}, '{"站": "a\\tb"}'),
        (dt.date(2024, 6, 30), '"2024-06-30"'),
        ("长" * 81, "长" * 79 + "…"),
        ("长" * 80, "长" * 80),
    ],
)
def test_values_are_shown_on_one_short_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_value_that_is_too_deep_is_not_shown() -> None:
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    assert shown(deep) == "…"
    while deep:  # taken apart level by level, or its end would exhaust the stack
        deep = deep.pop("a")  # type: ignore[assignment]


@given(value=st.recursive(st.text() | st.floats(), lambda part: st.lists(part, max_size=4)))
def test_any_value_is_shown_on_one_short_line(value: object) -> None:
    assert shown(value).isprintable()
    assert len(shown(value)) <= 80
