from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.model import By, Field, Popup, Schema, Style, Text
from geosvc.catalog.parse_style import KINDS, ROLES, read_popup, read_style

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geosvc.catalog.model import Layer
    from geosvc.catalog.toml_table import Table

Fault = tuple[str, str, str, str]
COLOR = '{ field = "kind", values = { a = "c-urban", b = "#B3261e" } }'
SHAPE = 'shape = { field = "kind", values = { a = "ring" }, default = "square" }\n'
NAMES = "code, kind, bays, planned, seen_at, closed_on, owner"
PALETTE = "#rrggbb, role of the palette"
BREAKS = '{ field = "bays", breaks = [5, 10.5], steps = ["seq-1", "seq-2", "seq-3"] }'


def _schema(geometry: str, count: int = 0) -> Schema:
    names = ["code", *(f"f{number}" for number in range(count))]
    fields = tuple(Field(name, Text(name, name)) for name in names)
    return Schema(geometry, "code", fields)  # type: ignore[arg-type]


def test_a_style_says_everything(sound: Callable[..., Layer]) -> None:
    assert sound().style == Style(
        kind="circle",
        color=By("kind", {"a": "c-urban", "b": "#B3261e"}),
        shape=By("kind", {"a": "ring"}, default="square"),
        casing="halo",
        size_px=12,
        width_px=2,
        min_zoom=9,
        opacity=0.9,
        dash=(4, 2.5),
        label="code",
        label_rank=2,
        unit=Text("个", "bays"),
    )


def test_a_style_by_size(sound: Callable[..., Layer]) -> None:
    style = sound(f"{COLOR}\n{SHAPE}", f"{BREAKS}\n").style
    assert style.color == By("bays", breaks=(5, 10.5), steps=("seq-1", "seq-2", "seq-3"))
    assert style.shape is None


def test_numbers_may_be_chosen_by_field(sound: Callable[..., Layer]) -> None:
    style = sound(
        "width_px = 2", 'width_px = { field = "kind", values = { a = 1, b = 2.5 } }'
    ).style
    assert style.width_px == By("kind", {"a": 1.0, "b": 2.5})


@pytest.mark.parametrize(
    ("geometry", "kind"),
    [("Point", "circle"), ("LineString", "line"), ("Polygon", "area"), ("None", "none")],
)
def test_without_a_style_each_geometry_has_a_plain_one(
    table: Callable[[dict[str, object]], Table], geometry: str, kind: str
) -> None:
    assert read_style(table({}), _schema(geometry), {}) == Style(kind, "c-closed")
    top = table({"style": {"color": "c-out"}})
    assert read_style(top, _schema(geometry), {}).kind == kind
    assert top.issues == []


@pytest.mark.parametrize(("geometry", "shapes"), KINDS.items())
def test_each_geometry_has_its_own_shapes(
    table: Callable[[dict[str, object]], Table], geometry: str, shapes: tuple[str, ...]
) -> None:
    for kind in ("circle", "line", "area", "hatch", "star"):
        top = table({"style": {"kind": kind, "color": "c-out"}})
        read_style(top, _schema(geometry), {})
        allowed = [] if kind in shapes else [("not_allowed", kind, ", ".join(shapes))]
        assert [(issue.code, issue.found, issue.expected) for issue in top.issues] == allowed


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (f"color = {COLOR}\n", "", ("missing_key", "color", "", PALETTE)),
        (COLOR, '"red"', ("not_allowed", "color", "red", PALETTE)),
        (COLOR, '"#abc"', ("not_allowed", "color", "#abc", PALETTE)),
        (COLOR, '"--c-urban"', ("not_allowed", "color", "--c-urban", PALETTE)),
        (COLOR, '"url(javascript:x)"', ("not_allowed", "color", "url(javascript:x)", PALETTE)),
        (COLOR, "5", ("wrong_type", "color", "5", "string")),
        (COLOR, '{ field = "kind" }', ("both_or_neither", "color", "", "values, breaks")),
        (
            COLOR,
            '{ field = "kind", values = { a = "c-out" }, breaks = [1] }',
            ("both_or_neither", "color", "values, breaks", "values, breaks"),
        ),
        (
            COLOR,
            '{ field = "kind", values = { a = "c-out" }, steps = ["c-out"] }',
            ("not_allowed", "color.steps", "steps", "breaks"),
        ),
        (COLOR, '{ field = "kind", values = {} }', ("length", "color.values", "0", "1")),
        (
            COLOR,
            '{ field = "kind", values = { c = "c-out" } }',
            ("not_in_domain", "color.values.c", "c", "a, b"),
        ),
        (
            COLOR,
            '{ field = "kind", values = { a = "blue" } }',
            ("not_allowed", "color.values.a", "blue", PALETTE),
        ),
        (
            COLOR,
            '{ field = "kind", values = { a = "c-out" }, default = "blue" }',
            ("not_allowed", "color.default", "blue", PALETTE),
        ),
        (
            COLOR,
            '{ field = "sort", values = { a = "c-out" } }',
            ("unknown_field", "color.field", "sort", NAMES),
        ),
        (COLOR, '{ values = { a = "c-out" } }', ("missing_key", "color.field", "", "string")),
        (
            COLOR,
            '{ field = "kind", values = { a = "c-out" }, stops = 1 }',
            ("unknown_key", "color.stops", "stops", "field, values, breaks, steps, default"),
        ),
        (
            COLOR,
            '{ field = "kind", values = ["c-out"] }',
            ("wrong_type", "color.values", '["c-out"]', "table"),
        ),
        (
            COLOR,
            '{ field = "planned", values = { a = "c-out" } }',
            ("wrong_type", "color.field", "number", "string, boolean, integer"),
        ),
        (
            COLOR,
            '{ field = "kind", breaks = [1], steps = ["seq-1", "seq-2"] }',
            ("wrong_type", "color.field", "string", "integer, number"),
        ),
        (
            COLOR,
            '{ field = "bays", breaks = [1, 2], steps = ["seq-1", "seq-2"] }',
            ("length", "color.steps", "2", "3"),
        ),
        (
            COLOR,
            '{ field = "bays", breaks = [1] }',
            ("missing_key", "color.steps", "", "list"),
        ),
        (
            COLOR,
            '{ field = "bays", breaks = [], steps = ["seq-1"] }',
            ("length", "color.breaks", "0", "1"),
        ),
        (
            COLOR,
            '{ field = "bays", breaks = 5, steps = ["seq-1"] }',
            ("wrong_type", "color.breaks", "5", "list"),
        ),
        (
            COLOR,
            '{ field = "bays", breaks = [2, 1], steps = ["seq-1", "seq-2", "seq-3"] }',
            ("below_minimum", "color.breaks[1]", "1", "2"),
        ),
        (
            COLOR,
            '{ field = "bays", breaks = [2, 2], steps = ["seq-1", "seq-2", "seq-3"] }',
            ("not_unique", "color.breaks[1]", "2", ""),
        ),
        (
            COLOR,
            '{ field = "bays", breaks = ["x"], steps = ["seq-1", "blue"] }',
            ("wrong_type", "color.breaks[0]", "x", "number"),
        ),
        (
            COLOR,
            '{ field = "bays", breaks = [1], steps = ["seq-1", "blue"] }',
            ("not_allowed", "color.steps[1]", "blue", PALETTE),
        ),
        ('casing = "halo"', 'casing = "halos"', ("not_allowed", "casing", "halos", PALETTE)),
        ("size_px = 12", "size_px = 0", ("below_minimum", "size_px", "0", "1")),
        ("size_px = 12", "size_px = 101", ("above_maximum", "size_px", "101", "100")),
        ("size_px = 12", "size_px = inf", ("not_allowed", "size_px", "inf", "finite number")),
        ("width_px = 2", "width_px = -1", ("below_minimum", "width_px", "-1", "0")),
        ("min_zoom = 9", "min_zoom = 25", ("above_maximum", "min_zoom", "25", "24")),
        ("opacity = 0.9", "opacity = 90", ("above_maximum", "opacity", "90", "1")),
        ("opacity = 0.9", "fill_opacity = 2", ("above_maximum", "fill_opacity", "2", "1")),
        ("[4, 2.5]", "[4, -1]", ("below_minimum", "dash[1]", "-1", "0")),
        ("[4, 2.5]", '"4 2"', ("wrong_type", "dash", "4 2", "list")),
        ("[4, 2.5]", '[4, "2"]', ("wrong_type", "dash[1]", "2", "number")),
        ('label = "code"', 'label = "name"', ("unknown_field", "label", "name", NAMES)),
        ("label_rank = 2", "label_rank = 6", ("above_maximum", "label_rank", "6", "5")),
        ("label_rank = 2", "label_rank = 0", ("below_minimum", "label_rank", "0", "1")),
        ("label_rank = 2", 'scaled = "yes"', ("wrong_type", "scaled", "yes", "boolean")),
        (
            'default = "square"',
            'default = "line"',
            ("not_allowed", "shape.default", "line", ", ".join(KINDS["Point"])),
        ),
    ],
)
def test_each_fault_of_a_style(
    faults: Callable[[str, str], list[Fault]], old: str, new: str, fault: Fault
) -> None:
    code, key, found, expected = fault
    assert (code, f"style.{key}", found, expected) in faults(old, new)


def test_all_choices_of_a_style_name_one_field(faults: Callable[[str, str], list[Fault]]) -> None:
    found = faults("width_px = 2", 'width_px = { field = "owner", values = { x = 1 } }')
    assert found == [("not_allowed", "style.width_px.field", "owner", "kind")]


def test_all_choices_of_a_style_have_the_same_breaks(
    faults: Callable[[str, str], list[Fault]],
) -> None:
    width = 'width_px = { field = "bays", breaks = [5], steps = [1, 2] }\n'
    found = faults(
        f'{COLOR}\n{SHAPE}casing = "halo"\nsize_px = 12\nwidth_px = 2\n', f"{BREAKS}\n{width}"
    )
    assert found == [("not_allowed", "style.width_px.breaks", "[5.0]", "5, 10.5")]


def test_roles_are_those_of_the_palette(project: Path) -> None:
    tokens = project / "static" / "css" / "tokens.css"
    if not tokens.is_file():
        pytest.skip("the palette is not there")
    defined = set(re.findall(r"--([a-z0-9-]+):", tokens.read_text(encoding="utf-8")))
    assert defined >= ROLES


def test_a_popup_says_everything(sound: Callable[..., Layer]) -> None:
    assert sound().popup == Popup("code", "owner", ("kind",), ("bays", "planned"))


def test_facts_are_by_default_the_first_seven_fields_not_shown_elsewhere(
    table: Callable[[dict[str, object]], Table],
) -> None:
    schema = _schema("Point", 12)
    declared = {item.name: item for item in schema.fields}
    assert read_popup(table({}), schema, declared) == Popup(
        facts=("f0", "f1", "f2", "f3", "f4", "f5", "f6")
    )
    top = table({"popup": {"title": "f0", "badges": ["f2"]}})
    popup = read_popup(top, schema, declared)
    assert popup.facts == ("f1", "f3", "f4", "f5", "f6", "f7", "f8")
    assert read_popup(table({"popup": {"facts": []}}), schema, declared).facts == ()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('title = "code"', 'title = "name"', ("unknown_field", "title", "name", NAMES)),
        ('subtitle = "owner"', "subtitle = 5", ("wrong_type", "subtitle", "5", "string")),
        ('badges = ["kind"]', 'badges = "kind"', ("wrong_type", "badges", "kind", "list")),
        ('["kind"]\nf', '["type"]\nf', ("unknown_field", "badges[0]", "type", NAMES)),
        ('["bays", "planned"]\n', '["bays", "x"]\n', ("unknown_field", "facts[1]", "x", NAMES)),
        (
            "badges =",
            "badge =",
            ("unknown_key", "badge", "badge", "title, subtitle, badges, facts"),
        ),
    ],
)
def test_each_fault_of_a_popup(
    faults: Callable[[str, str], list[Fault]], old: str, new: str, fault: Fault
) -> None:
    # the words also stand in [[schema.rules]], so the change is made in the last part of the file
    code, key, found, expected = fault
    tail = (
        '\n[popup]\ntitle = "code"\nsubtitle = "owner"\n'
        'badges = ["kind"]\nfacts = ["bays", "planned"]\n'
    )
    assert old in tail
    assert (code, f"popup.{key}", found, expected) in faults(tail, tail.replace(old, new, 1))


def test_a_popup_has_seven_facts_at_the_most(table: Callable[[dict[str, object]], Table]) -> None:
    schema = _schema("Point", 8)
    declared = {item.name: item for item in schema.fields}
    top = table({"popup": {"facts": [item.name for item in schema.fields[1:]]}})
    read_popup(top, schema, declared)
    assert [(issue.code, issue.found, issue.expected) for issue in top.issues] == [
        ("length", "8", "0..7")
    ]
