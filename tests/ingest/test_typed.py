"""One value at a time: what is taken for a type, and what is not."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.model import FieldType
from geosvc.ingest.typed import EXPECTED, in_order, to_number, to_type

TAKEN: list[tuple[FieldType, object, object]] = [
    ("string", "站台 ", "站台 "),
    ("string", "", ""),
    ("string", "１２", "１２"),
    ("string", 321084, "321084"),
    ("string", 321084.0, "321084"),
    ("string", 1.5, "1.5"),
    ("string", "{{7*7}}<img src=x onerror=alert(1)>", "{{7*7}}<img src=x onerror=alert(1)>"),
    ("integer", "12", 12),
    ("integer", " -12 ", -12),
    ("integer", "＋１２", 12),
    ("integer", 12, 12),
    ("integer", 12.0, 12),
    ("integer", "9223372036854775807", 2**63 - 1),
    ("integer", "007", 7),
    ("number", "1.5", 1.5),
    ("number", "１．５", 1.5),
    ("number", "-.5", -0.5),
    ("number", "1e3", 1000.0),
    ("number", 12, 12.0),
    ("boolean", True, True),
    ("boolean", "true", True),
    ("boolean", "FALSE", False),
    ("boolean", "1", True),
    ("boolean", 0, False),
    ("boolean", "是", True),
    ("boolean", "否", False),
    ("date", "2024-06-03", "2024-06-03"),
    ("date", "2024-02-29", "2024-02-29"),
    ("datetime", "2024-06-03T08:30:00+08:00", "2024-06-03T08:30:00+08:00"),
    ("datetime", "2024-06-03T08:30+08:00", "2024-06-03T08:30:00+08:00"),
    ("datetime", "2024-06-03T00:30:00Z", "2024-06-03T00:30:00+00:00"),
    ("datetime", "2024-06-03T08:30:00.250+08:00", "2024-06-03T08:30:00.250000+08:00"),
    ("time", "06:30", "06:30"),
    ("time", "23:59:59", "23:59:59"),
    ("list", "K1;K2", ("K1", "K2")),
    ("list", " K1 ; ;K2;", ("K1", "K2")),
    ("list", ["K1", 2], ("K1", "2")),
    ("list", [], ()),
    ("list", '["a;b", "c"]', ("a;b", "c")),
    ("list", '["a', ('["a',)),
]
REFUSED: list[tuple[FieldType, object]] = [
    ("string", True),
    ("string", ["a"]),
    ("string", {"a": 1}),
    ("string", "a\0b"),
    ("string", float("nan")),
    ("string", float("inf")),
    ("integer", "12.0"),
    ("integer", "1e3"),
    ("integer", "1,000"),
    ("integer", "12 m"),
    ("integer", "0x10"),
    ("integer", ""),
    ("integer", "9223372036854775808"),
    ("integer", "9" * 5000),
    ("integer", 10**400),
    ("integer", 1.5),
    ("integer", 1e300),
    ("integer", float("inf")),
    ("integer", float("nan")),
    ("integer", True),
    ("integer", ["1"]),
    ("integer", "Ⅻ"),
    ("number", "1e999"),
    ("number", "nan"),
    ("number", "inf"),
    ("number", "1_000"),
    ("number", "1,5"),
    ("number", "."),
    ("number", 10**400),
    ("number", -(10**400)),
    ("number", float("nan")),
    ("number", float("-inf")),
    ("number", True),
    ("number", {}),
    ("boolean", "yes"),
    ("boolean", 2),
    ("boolean", 1.0),
    ("boolean", []),
    ("date", "2024/6/3"),
    ("date", "2024-6-3"),
    ("date", "20240603"),
    ("date", "2024-02-30"),
    ("date", "2023-02-29"),
    ("date", "2024-06-03T00:00:00"),
    ("date", "2024年6月3日"),
    ("date", "２０２４-06-03"),
    ("date", 20240603),
    ("date", dt.date(2024, 6, 3)),
    ("datetime", "2024-06-03T08:30:00"),
    ("datetime", "2024-06-03 08:30:00+08:00"),
    ("datetime", "2024-06-03"),
    ("datetime", "2024-06-03T25:00:00+08:00"),
    ("datetime", "2024-06-03T08:30:00+0800"),
    ("datetime", "2024-06-03T08:30:00+99:00"),
    ("datetime", 1717374600),
    ("time", "6:30"),
    ("time", "24:30"),
    ("time", "06:30Z"),
    ("list", 12),
    ("list", {"a": 1}),
    ("list", [["a"]]),
    ("list", [None]),
    ("list", [True]),
]


@pytest.mark.parametrize(("kind", "given_value", "wanted"), TAKEN)
def test_taken(kind: FieldType, given_value: object, wanted: object) -> None:
    found = to_type(given_value, kind)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(("kind", "given_value"), REFUSED)
def test_refused(kind: FieldType, given_value: object) -> None:
    assert to_type(given_value, kind) is None


@given(st.integers(-(2**63), 2**63 - 1))
def test_integer_round_trip(number: int) -> None:
    assert to_type(str(number), "integer") == number
    assert to_type(number, "integer") == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_round_trip(number: float) -> None:
    assert to_type(repr(number), "number") == number
    assert to_number(number) == number


@given(st.dates(dt.date(1000, 1, 1)))
def test_date_round_trip(day: dt.date) -> None:
    assert to_type(day.isoformat(), "date") == day.isoformat()


@given(st.datetimes(dt.datetime(1000, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001 - zone follows
def test_datetime_round_trip(moment: dt.datetime, hours: int) -> None:
    text = moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours))).isoformat()
    assert to_type(text, "datetime") == text


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)))
def test_list_round_trip(items: list[str]) -> None:
    assert to_type(items, "list") == tuple(items)


@given(
    st.sampled_from(get_args(FieldType)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_anything_is_a_value_or_none(kind: FieldType, value: object) -> None:
    if value is not None:
        found = to_type(value, kind)
        assert found is None or isinstance(found, (str, int, float, tuple))


@given(st.text())
def test_any_text_is_its_own_string(text: str) -> None:
    assert to_type(text, "string") == (None if "\0" in text else text)


@pytest.mark.parametrize(
    ("low", "high", "kind", "holds"),
    [
        (1, 2, "integer", True),
        (2, 1.5, "number", False),
        (2, 2.0, "number", True),
        ("2024-06-03", "2024-06-03", "date", True),
        ("2024-06-04", "2024-06-03", "date", False),
        ("2024-06-03T09:00:00+09:00", "2024-06-03T08:00:00+08:00", "datetime", True),
        ("2024-06-03T08:00:01+08:00", "2024-06-03T09:00:00+09:00", "datetime", False),
        ("2024-06-03T23:00:00+08:00", "2024-06-03", "datetime", True),
        ("2024-06-04", "2024-06-03T23:00:00+08:00", "datetime", False),
        ("06:30", "06:30:00", "time", True),
        ("06:30:00", "06:30", "time", True),
        ("06:31", "06:30:59", "time", False),
        ("a", "b", "string", True),
    ],
)
def test_in_order(low: object, high: object, kind: FieldType, holds: bool) -> None:  # noqa: FBT001 - a column of a table
    assert in_order(low, high, kind) is holds


def test_every_type_says_how_it_is_written() -> None:
    assert EXPECTED["date"] == "YYYY-MM-DD"
    for kind in ("date", "datetime", "time"):
        example = EXPECTED[kind].replace("YYYY-MM-DD", "2024-06-03")
        example = example.replace("hh:mm:ss", "08:30:00").replace("hh:mm", "08:30")
        assert to_type(example, kind) is not None
