from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import Field, ForeignKey, OnlyIf, Order, Text, Time
from geosvc.catalog.parse_schema import (
    check_name,
    named_field,
    named_fields,
    read_schema,
    read_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.catalog.model import Layer
    from geosvc.catalog.toml_table import Table

Fault = tuple[str, str, str, str]
NAMES = "code, kind, bays, planned, seen_at, closed_on, owner"
ORDERED = "integer, number, date, datetime, time"
DECLARED = {"name": Field("name", Text("名称", "Name"))}


def test_a_schema_says_everything(sound: Callable[..., Layer]) -> None:
    schema = sound().schema
    assert (schema.geometry, schema.primary_key, schema.expected_count) == ("Point", "code", 2)
    assert schema.missing_values == ("", "-")
    assert ", ".join(item.name for item in schema.fields) == NAMES
    assert schema.rules == (
        Order(("bays", "planned")),
        OnlyIf("owner", "kind", ("a",)),
        ForeignKey("owner", "owners", "owner_id"),
    )


def test_a_schema_needs_no_count_and_no_missing_values(sound: Callable[..., Layer]) -> None:
    schema = sound('expected_count = 2\nmissing_values = ["", "-"]\n', "").schema
    assert schema.expected_count is None
    assert schema.missing_values == ("",)


def test_no_expected_features_is_a_count(sound: Callable[..., Layer]) -> None:
    assert sound("expected_count = 2", "expected_count = 0").schema.expected_count == 0


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('geometry = "Point"\n', "", ("missing_key", "schema.geometry", "", "string")),
        (
            'geometry = "Point"',
            'geometry = "point"',
            ("not_allowed", "schema.geometry", "point", "Point, LineString, Polygon, None"),
        ),
        ('primary_key = "code"\n', "", ("missing_key", "schema.primary_key", "", "string")),
        (
            'primary_key = "code"',
            'primary_key = "cod"',
            ("unknown_field", "schema.primary_key", "cod", NAMES),
        ),
        (
            'primary_key = "code"',
            'primary_key = ["code"]',
            ("wrong_type", "schema.primary_key", '["code"]', "string"),
        ),
        (
            "expected_count = 2",
            "expected_count = -1",
            ("below_minimum", "schema.expected_count", "-1", "0"),
        ),
        (
            "expected_count = 2",
            'expected_count = "2"',
            ("wrong_type", "schema.expected_count", "2", "integer"),
        ),
        (
            'missing_values = ["", "-"]',
            "missing_values = [0]",
            ("wrong_type", "schema.missing_values[0]", "0", "string"),
        ),
        (
            "expected_count",
            "count",
            ("unknown_key", "schema.count", "count", ", ".join(LAYER_KEYS["schema"])),
        ),
        (
            'order = ["bays", "planned"]',
            'order = ["bays"]',
            ("length", "schema.rules[0].order", "1", "2"),
        ),
        (
            'order = ["bays", "planned"]',
            'order = ["bays", "plan"]',
            ("unknown_field", "schema.rules[0].order[1]", "plan", NAMES),
        ),
        (
            'order = ["bays", "planned"]',
            'order = ["bays", "seen_at"]',
            ("wrong_type", "schema.rules[0].order", "integer, datetime", ORDERED),
        ),
        (
            'order = ["bays", "planned"]',
            'order = ["code", "kind"]',
            ("wrong_type", "schema.rules[0].order", "string, string", ORDERED),
        ),
        (
            'order = ["bays", "planned"]',
            'order = "bays"',
            ("wrong_type", "schema.rules[0].order", "bays", "list"),
        ),
        (
            'order = ["bays", "planned"]',
            "",
            ("both_or_neither", "schema.rules[0]", "", "order, only_if"),
        ),
        (
            'order = ["bays", "planned"]',
            'range = ["bays"]',
            ("unknown_key", "schema.rules[0].range", "range", "order, only_if"),
        ),
        (
            'when = "kind"',
            'when = "type"',
            ("unknown_field", "schema.rules[1].only_if.when", "type", NAMES),
        ),
        ('when = "kind", ', "", ("missing_key", "schema.rules[1].only_if.when", "", "string")),
        (
            'values = ["a"] }\n\n[[schema.f',
            'values = ["c"] }\n\n[[schema.f',
            ("not_in_domain", "schema.rules[1].only_if.values[0]", "c", "a, b"),
        ),
        (
            ', values = ["a"] }\n\n[[schema.f',
            " }\n\n[[schema.f",
            ("missing_key", "schema.rules[1].only_if.values", "", "list"),
        ),
        (
            'only_if = { field = "owner", when',
            'only_if = { field = "own", when',
            ("unknown_field", "schema.rules[1].only_if.field", "own", NAMES),
        ),
        (
            'only_if = { field = "owner", when = "kind", values = ["a"] }',
            'only_if = "owner"',
            ("wrong_type", "schema.rules[1].only_if", "owner", "table"),
        ),
        (
            'field = "owner"\nref',
            'field = "own"\nref',
            ("unknown_field", "schema.foreign_keys[0].field", "own", NAMES),
        ),
        (
            'reference = { layer = "owners", field = "owner_id" }\n',
            "",
            ("missing_key", "schema.foreign_keys[0].reference", "", "table"),
        ),
        (
            '{ layer = "owners", ',
            "{ ",
            ("missing_key", "schema.foreign_keys[0].reference.layer", "", "string"),
        ),
        (
            'layer = "owners"',
            'layer = "Owners"',
            ("not_allowed", "schema.foreign_keys[0].reference.layer", "Owners", "[a-z0-9_]+"),
        ),
        (
            '{ layer = "owners", ',
            '{ resource = "owners", ',
            (
                "unknown_key",
                "schema.foreign_keys[0].reference.resource",
                "resource",
                "layer, field",
            ),
        ),
        ('start = "seen_at"', 'start = "seen"', ("unknown_field", "time.start", "seen", NAMES)),
        (
            'start = "seen_at"',
            'start = "code"',
            ("wrong_type", "time.start", "string", "date, datetime"),
        ),
        ('start = "seen_at"\n', "", ("missing_key", "time.start", "", "string")),
        (
            'end = "closed_on"',
            'stop = "closed_on"',
            ("unknown_key", "time.stop", "stop", "start, end"),
        ),
    ],
)
def test_each_fault_of_a_schema(
    faults: Callable[[str, str], list[Fault]], old: str, new: str, fault: Fault
) -> None:
    assert fault in faults(old, new)


def test_both_kinds_of_rule_in_one_are_a_fault(faults: Callable[[str, str], list[Fault]]) -> None:
    found = faults(
        '[[schema.rules]]\nonly_if = { field = "owner", when = "kind", values = ["a"] }',
        'only_if = { field = "owner", when = "kind", values = ["a"] }',
    )
    assert found == [("both_or_neither", "schema.rules[0]", "order, only_if", "order, only_if")]


@pytest.mark.parametrize("kind", ["list", "boolean"])
def test_a_list_or_a_boolean_is_no_key(
    faults: Callable[[str, str], list[Fault]], changed: Callable[..., str], kind: str
) -> None:
    sound = changed()
    field = 'name = "bays"\ntitle = { zh = "车位", en = "Bays" }\ntype = "integer"'
    key = 'primary_key = "code"'
    between = sound[sound.index(key) + len(key) : sound.index(field)]
    old, new = f"{key}{between}{field}", f'primary_key = "bays"{between}{field}'
    assert ("wrong_type", "schema.primary_key", kind, "string, integer") in faults(
        old, new.replace('"integer"', f'"{kind}"')
    )


def test_dates_and_datetimes_are_of_one_order(sound: Callable[..., Layer]) -> None:
    layer = sound(
        '["bays", "planned"]\n\n[[schema.rules]]', '["seen_at", "closed_on"]\n\n[[schema.rules]]'
    )
    assert layer.schema.rules[0] == Order(("seen_at", "closed_on"))


def test_time(sound: Callable[..., Layer]) -> None:
    assert sound().time == Time("seen_at", "closed_on")
    assert sound('end = "closed_on"\n', "").time == Time("seen_at", None)
    assert sound('[time]\nstart = "seen_at"\nend = "closed_on"\n', "").time is None


def test_a_missing_schema_is_one_fault_and_says_nothing_about_names(
    table: Callable[[dict[str, object]], Table],
) -> None:
    top = table({"time": {"start": "x"}})
    schema, declared = read_schema(top)
    assert (schema.fields, declared) == ((), None)
    read_time(top, declared)
    assert [issue.code for issue in top.issues] == ["missing_key"]


def test_named_fields_are_declared(table: Callable[[dict[str, object]], Table]) -> None:
    part = table({"title": "name", "facts": ["name", "nmae"]})
    assert named_field(part, "title", DECLARED) == DECLARED["name"]
    assert named_field(part, "absent", DECLARED) is None
    assert named_fields(part, "facts", DECLARED) == ("name", "nmae")
    assert named_fields(part, "absent", DECLARED) is None
    assert check_name(part, "title", "name", DECLARED) == DECLARED["name"]
    assert [(issue.key, issue.found) for issue in part.issues] == [("part.facts[1]", "nmae")]


def test_nothing_is_said_about_names_without_a_schema(
    table: Callable[[dict[str, object]], Table],
) -> None:
    part = table({"title": "name", "facts": ["nmae"]})
    assert named_field(part, "title", None) is None
    assert named_fields(part, "facts", None) == ("nmae",)
    assert part.issues == []


def test_a_key_that_is_masked_is_none(faults: Callable[[str, str], list[Fault]]) -> None:
    found = faults('name = "code"\n', 'name = "code"\nprivacy = "editor"\n')
    assert found == [("private_key", "schema.primary_key", "code", "")]
