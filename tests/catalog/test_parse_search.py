from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.model import Field, Schema, Search, Text
from geosvc.catalog.parse_search import read_search

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.catalog.model import Layer
    from geosvc.catalog.toml_table import Table

Fault = tuple[str, str, str, str]
KINDS = "Point, LineString, Polygon"


def test_a_layer_is_not_searched_unless_its_file_says_so(sound: Callable[..., Layer]) -> None:
    assert sound().search is None


def test_a_search_names_fields(sound: Callable[..., Layer]) -> None:
    found = sound("", '[search]\nfields = ["code", "bays"]\n').search
    assert found == Search(("code", "bays"), merge=False)
    merged = sound("", '[search]\nfields = ["code"]\nmerge = true\n').search
    assert merged == Search(("code",), merge=True)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ("missing_key", "search.fields", "", "list")),
        ("fields = []", ("length", "search.fields", "0", "1")),
        ('fields = "code"', ("wrong_type", "search.fields", "code", "list")),
        ('fields = ["code", "owner"]', ("private_search", "search.fields[1]", "owner", "")),
        ('fields = ["kind"]', ("coded_search", "search.fields[0]", "kind", "")),
        (
            'fields = ["planned"]',
            ("wrong_type", "search.fields[0]", "number", "string, integer"),
        ),
        (
            'fields = ["code", "code"]',
            ("not_unique", "search.fields[1]", "code", ""),
        ),
        (
            'fields = ["nmae"]',
            (
                "unknown_field",
                "search.fields[0]",
                "nmae",
                "code, kind, bays, planned, seen_at, closed_on, owner",
            ),
        ),
        (
            'fields = ["code"]\nmerge = "yes"',
            ("wrong_type", "search.merge", "yes", "boolean"),
        ),
        (
            'fields = ["code"]\nfuzzy = true',
            ("unknown_key", "search.fuzzy", "fuzzy", "fields, merge"),
        ),
    ],
)
def test_what_cannot_be_searched_is_a_fault(
    faults: Callable[[str, str], list[Fault]], text: str, fault: Fault
) -> None:
    assert faults("", f"[search]\n{text}\n") == [fault]


def test_a_table_has_no_place_to_go_to(
    table: Callable[[dict[str, object]], Table],
) -> None:
    top = table({"search": {"fields": ["code"]}})
    code = Field("code", Text("编号", "Code"))
    read_search(top, Schema("None", "code", (code,)), {"code": code})
    assert [(item.code, item.found, item.expected) for item in top.issues] == [
        ("wrong_geometry", "None", KINDS)
    ]
