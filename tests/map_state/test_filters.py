"""Filters: the table of examples to which the browser is held as well, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.model import Field, Label, Layer, Schema, Style, Text
from geosvc.errors import StateError
from geosvc.map_state import Filter, passing
from geosvc.map_state.filters import parse_filter

NONE = Text("", "")
TABLE = json.loads(Path(__file__).with_name("filters.json").read_text(encoding="utf-8"))
TYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}


def layer(*fields: Field) -> Layer:
    return Layer("t", "", NONE, Schema("Point", "key", fields), Style("ring", "c-rural"))


EXAMPLE = layer(*(Field(name, NONE, kind) for name, kind in TABLE["fields"].items()))
STRICT = layer(
    Field("kind", NONE, labels={"bay": Label(NONE), "curb": Label(NONE)}),
    Field("name", NONE),
    Field("lit", NONE, "boolean"),
    Field("slots", NONE, "integer"),
    Field("built", NONE, "date"),
    Field("opens", NONE, "time"),
    Field("plate", NONE, privacy="enforcement"),
)


def frame() -> pd.DataFrame:
    rows: dict[str, dict[str, Any]] = TABLE["rows"]
    columns = {}
    for name, kind in TABLE["fields"].items():
        values = [row[name] for row in rows.values()]
        if kind == "list":
            values = [None if value is None else tuple(value) for value in values]
        columns[name] = pd.Series(values, index=list(rows), dtype=TYPES.get(kind, object))
    return pd.DataFrame(columns)


def parsed(query: str) -> list[Filter]:
    pairs = parse_qsl(query, keep_blank_values=True)
    return [parse_filter(EXAMPLE, name.removeprefix("f.t."), text) for name, text in pairs]


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["query"] or "none")
def test_what_passes(case: dict[str, Any]) -> None:
    given_rows = frame()
    passes = passing(EXAMPLE, given_rows, parsed(case["query"]))
    assert given_rows.index[passes].tolist() == case["pass"]


def test_filters_on_other_layers_do_not_count() -> None:
    assert passing(EXAMPLE, frame(), [Filter("roads", "kind", ("none",))]).all()


@pytest.mark.parametrize(
    ("field", "text", "code", "found"),
    [
        ("colour", "x", "unknown_field", "colour"),
        ("plate", "苏XA1234", "private_filter", "plate"),
        ("plate", "..", "private_filter", "plate"),
        ("kind", "bay,rail", "not_in_domain", "rail"),
        ("kind", "bay..curb", "wrong_type", "bay..curb"),
        ("name", "a..b", "wrong_type", "a..b"),
        ("lit", "yes", "not_in_domain", "yes"),
        ("slots", "many", "wrong_type", "many"),
        ("slots", "1e999", "wrong_type", "1e999"),
        ("slots", "nan..", "wrong_type", "nan"),
        ("slots", "1..2..3", "wrong_type", "2..3"),
        ("slots", "5..1", "order", "5..1"),
        ("built", "yesterday..", "wrong_type", "yesterday"),
        ("built", "2024-07..2024-06-30", "order", "2024-07..2024-06-30"),
        ("opens", "8..9", "wrong_type", "8"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_name(
    field: str, text: str, code: str, found: str
) -> None:
    with pytest.raises(StateError) as caught:
        parse_filter(STRICT, field, text)
    (issue,) = caught.value.issues
    assert (issue.code, issue.place, issue.found) == (code, f"f.t.{field}", found)


def test_the_fields_that_are_offered_instead_are_not_personal() -> None:
    with pytest.raises(StateError) as caught:
        parse_filter(STRICT, "colour", "x")
    assert caught.value.issues[0].expected == "kind, name, lit, slots, built, opens"


def test_little_of_a_long_text_is_said_back() -> None:
    with pytest.raises(StateError) as caught:
        parse_filter(STRICT, "n" * 500, "x")
    assert len(caught.value.issues[0].place) == len(caught.value.issues[0].found) == 60


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_codes_come_back_from_the_address(codes: list[str]) -> None:
    written = Filter("t", "name", tuple(sorted(set(codes))))
    assert parse_filter(EXAMPLE, "name", written.value) == written
