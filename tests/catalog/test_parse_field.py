from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import Constraints, Field, Label, Text
from geosvc.catalog.parse_field import check_codes, code_of, codes_of, read_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.catalog.model import Layer, Scalar
    from geosvc.catalog.toml_table import Table

Fault = tuple[str, str, str, str]
TYPES = "string, integer, number, boolean, date, datetime, time, list"
BAYS = "{ minimum = 0, maximum = 200 }"
TITLE = 'title = { zh = "多", en = "More" }'
CODE = 'pattern = "S[0-9]", min_length = 2, max_length = 2 }'


def test_a_field_says_everything(sound: Callable[..., Layer]) -> None:
    schema = sound().schema
    assert schema.field("code") == Field(
        name="code",
        title=Text("编号", "Code"),
        constraints=Constraints(
            required=True, unique=True, pattern="S[0-9]", min_length=2, max_length=2
        ),
    )
    assert schema.field("kind") == Field(
        name="kind",
        title=Text("类别", "Kind"),
        labels={
            "a": Label(Text("甲", "First"), "ok"),
            "b": Label(Text("乙", "Second"), "plain"),
        },
    )
    owner = schema.field("owner")
    assert owner is not None
    assert owner.description == Text("单位", "A unit")
    assert owner.privacy == "enforcement"


def test_bounds_have_the_type_of_the_field(sound: Callable[..., Layer]) -> None:
    bounds = {
        item.name: (item.constraints.minimum, item.constraints.maximum)
        for item in sound().schema.fields
    }
    assert repr(bounds["bays"]) == "(0, 200)"
    assert bounds["seen_at"] == ("2024-01-01T00:00:00+08:00", None)
    assert bounds["closed_on"] == ("2024-01-01", "2024-12-31")


def test_units_are_texts(sound: Callable[..., Layer]) -> None:
    units = {item.name: item.unit for item in sound().schema.fields}
    assert units["bays"] == Text("个", "bays")
    assert units["code"] is None


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('name = "kind"', 'name = "bus kind"', "not_allowed bus kind"),
        ('name = "kind"', 'name = "geometry"', "not_allowed geometry"),
        ('name = "kind"', 'name = "2nd"', "not_allowed 2nd"),
        ('name = "kind"', 'name = "a;b"', "not_allowed a;b"),
    ],
)
def test_names_are_letters_digits_and_underscores(
    faults: Callable[[str, str], list[Fault]], old: str, new: str, fault: str
) -> None:
    code, _, name = fault.partition(" ")
    assert (code, "schema.fields[1].name", name, "letters, digits and _") in faults(old, new)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('type = "integer"', 'type = "int"', ("not_allowed", "[2].type", "int", TYPES)),
        ('type = "integer"', "type = 5", ("wrong_type", "[2].type", "5", "string")),
        ('title = { zh = "车位", en = "Bays" }\n', "", ("missing_key", "[2].title", "", "table")),
        (
            'privacy = "enforcement"',
            'privacy = "police"',
            ("not_allowed", "[6].privacy", "police", "viewer, editor, enforcement, administrator"),
        ),
        (
            'privacy = "enforcement"',
            "privacy = true",
            ("wrong_type", "[6].privacy", "true", "string"),
        ),
        (
            'tone = "ok"',
            'tone = "red"',
            ("not_allowed", "[1].labels.a.tone", "red", "ok, warn, bad, info, plain"),
        ),
        (
            'tone = "ok"',
            'color = "red"',
            ("unknown_key", "[1].labels.a.color", "color", "zh, en, tone"),
        ),
        (
            'b = { zh = "乙", en = "Second" }',
            'b = "乙"',
            ("wrong_type", "[1].labels.b", "乙", "table"),
        ),
        (
            'b = { zh = "乙", en = "Second" }',
            'b = { zh = "乙" }',
            ("missing_key", "[1].labels.b.en", "", "string"),
        ),
        ('name = "kind"', 'name = "CODE"', ("not_unique", "[1].name", "CODE", "")),
        ('name = "kind"\n', "", ("missing_key", "[1].name", "", "string")),
        (
            'unit = { zh = "个", en = "bays" }\nconstraints',
            'units = "个"\nconstraints',
            ("unknown_key", "[2].units", "units", ", ".join(LAYER_KEYS["schema.fields"])),
        ),
    ],
)
def test_each_fault_of_a_field(
    faults: Callable[[str, str], list[Fault]], old: str, new: str, fault: Fault
) -> None:
    code, key, found, expected = fault
    assert (code, f"schema.fields{key}", found, expected) in faults(old, new)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (BAYS, "{ minimum = 0, maximum = -1 }", ("below_minimum", 2, "maximum", "-1", "0")),
        (BAYS, '{ minimum = "0" }', ("wrong_type", 2, "minimum", "0", "number")),
        (BAYS, "{ minimum = nan }", ("not_allowed", 2, "minimum", "nan", "finite number")),
        (BAYS, "{ required = 1 }", ("wrong_type", 2, "required", "1", "boolean")),
        (BAYS, "{ pattern = '[0-9]' }", ("not_allowed", 2, "pattern", "integer", "string")),
        (BAYS, "{ max_length = 3 }", ("not_allowed", 2, "max_length", "integer", "string, list")),
        (BAYS, "{ enum = [1, 2.5] }", ("wrong_type", 2, "enum[1]", "2.5", "integer")),
        (BAYS, "{ enum = [true] }", ("wrong_type", 2, "enum[0]", "true", "integer")),
        (BAYS, "{ enum = [{}] }", ("wrong_type", 2, "enum[0]", "{}", "string, number or boolean")),
        (
            BAYS,
            "{ most = 5 }",
            ("unknown_key", 2, "most", "most", ", ".join(LAYER_KEYS["schema.fields.constraints"])),
        ),
        (CODE, "pattern = '[' }", ("not_allowed", 0, "pattern", "[", "regular expression")),
        (
            CODE,
            "pattern = '(a{99999999999})' }",
            ("not_allowed", 0, "pattern", "(a{99999999999})", "regular expression"),
        ),
        (CODE, "min_length = 5, max_length = 2 }", ("below_minimum", 0, "max_length", "2", "5")),
        (CODE, "min_length = -5 }", ("below_minimum", 0, "min_length", "-5", "0")),
        (
            CODE,
            "minimum = 5 }",
            ("not_allowed", 0, "minimum", "string", "integer, number, date, datetime, time"),
        ),
        (
            'maximum = "2024-12-31"',
            'maximum = "2024-12-32"',
            ("not_allowed", 5, "maximum", "2024-12-32", "YYYY-MM-DD"),
        ),
        (
            'maximum = "2024-12-31"',
            'maximum = "20241231"',
            ("not_allowed", 5, "maximum", "20241231", "YYYY-MM-DD"),
        ),
        (
            'maximum = "2024-12-31"',
            "maximum = 2023-12-31",
            ("below_minimum", 5, "maximum", "2023-12-31", "2024-01-01"),
        ),
        (
            "minimum = 2024-01-01T00:00:00+08:00",
            "minimum = 5",
            ("not_allowed", 4, "minimum", "5", "ISO 8601 datetime"),
        ),
        (
            "minimum = 2024-01-01T00:00:00+08:00",
            'minimum = "noon"',
            ("not_allowed", 4, "minimum", "noon", "ISO 8601 datetime"),
        ),
    ],
)
def test_each_fault_of_a_constraint(
    faults: Callable[[str, str], list[Fault]],
    old: str,
    new: str,
    fault: tuple[str, int, str, str, str],
) -> None:
    code, at, key, found, expected = fault
    assert (code, f"schema.fields[{at}].constraints.{key}", found, expected) in faults(old, new)


@pytest.mark.parametrize(
    ("kind", "values", "enum"),
    [
        ("string", '["a", "b"]', ("a", "b")),
        ("integer", "[1, 2]", (1, 2)),
        ("number", "[1, 2.5]", (1, 2.5)),
        ("boolean", "[true]", (True,)),
        ("time", '["07:00"]', ("07:00",)),
    ],
)
def test_enum_values_have_the_type_of_the_field(
    sound: Callable[..., Layer], kind: str, values: str, enum: tuple[Scalar, ...]
) -> None:
    extra = (
        f'[[schema.fields]]\nname = "more"\ntype = "{kind}"\ntitle = {{ zh = "多", en = "More" }}'
    )
    layer = sound("[[schema.rules]]", f"{extra}\nconstraints.enum = {values}\n[[schema.rules]]")
    field = layer.schema.field("more")
    assert field is not None
    assert field.constraints.enum == enum


def test_times_have_bounds(sound: Callable[..., Layer]) -> None:
    extra = (
        '[[schema.fields]]\nname = "first"\ntype = "time"\ntitle = { zh = "首班", en = "First" }'
    )
    bounds = 'constraints = { minimum = 05:00:00, maximum = "09:30" }'
    field = sound("[[schema.rules]]", f"{extra}\n{bounds}\n[[schema.rules]]").schema.field("first")
    assert field is not None
    assert (field.constraints.minimum, field.constraints.maximum) == ("05:00:00", "09:30")


def test_a_schema_has_at_least_one_field(table: Callable[[dict[str, object]], Table]) -> None:
    empty: list[dict[str, object]] = [{}, {"fields": []}]
    for values in empty:
        part = table(values)
        assert read_fields(part) == ()
        assert [(issue.code, issue.key) for issue in part.issues] == [
            ("missing_key", "part.fields")
        ]


def test_codes_are_text() -> None:
    assert [code_of(value) for value in (True, False, 3, 2.5, "a", "")] == [
        "true",
        "false",
        "3",
        "2.5",
        "a",
        "",
    ]


def test_labels_are_the_domain_before_the_enum() -> None:
    title = Text("等级", "Level")
    labels = {"1": Label(title)}
    field = Field("level", title, labels=labels, constraints=Constraints(enum=("1", "2")))
    assert codes_of(field) == ("1",)
    assert codes_of(Field("level", title, constraints=Constraints(enum=(True, 2)))) == ("true", "2")
    assert codes_of(Field("level", title)) == ()


def test_a_free_field_takes_every_code(table: Callable[[dict[str, object]], Table]) -> None:
    part = table({"values": ["x"]})
    check_codes(part, "values", ["x"], Field("level", Text("等级", "Level")))
    assert part.issues == []
