"""The tables ``[style]`` and ``[popup]`` of a layer file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import By, Field, Popup, Scalar, Schema, Style
from geosvc.catalog.parse_field import NUMBERS, codes_of
from geosvc.catalog.parse_schema import Declared, named_field, named_fields
from geosvc.catalog.toml_table import Table

KINDS: Mapping[str, tuple[str, ...]] = {
    "Point": (
        "circle",
        "ring",
        "square",
        "square_cross",
        "square_check",
        "square_arrow",
        "triangle_up",
        "triangle_down",
        "triangle_up_open",
        "triangle_down_open",
        "diamond",
        "flag",
        "pin",
    ),
    "LineString": ("line",),
    "Polygon": ("area", "hatch"),
    "None": ("none",),
}
"""The shapes that each geometry can be drawn with; the first is the default."""

SHAPES = tuple(shape for shapes in KINDS.values() for shape in shapes if shape != "none")
"""Every shape that can be drawn."""

_GROUND = (
    *("land", "outside", "block", "old", "industry", "green", "water", "water-line", "building"),
    *("road", "road-case", "arterial", "arterial-case", "highway", "highway-case", "boundary"),
    *("label", "label-2", "label-water", "hot", "hot-2"),
)
_CATEGORIES = (
    *("urban", "rural", "site", "wash", "park", "closed", "remodelled", "relocated", "parcel"),
    *("chosen", "out", "hot", "hot-2", "hot-ns"),
)
ROLES = frozenset(
    {"accent", "ok", "warn", "bad", "info", "halo"}
    | {f"m-{name}" for name in _GROUND}
    | {f"c-{name}" for name in _CATEGORIES}
    | {f"{ramp}-{step}" for ramp in ("seq", "cov", "div") for step in range(1, 8)}
)
"""The palette roles that a style may name (``static/css/tokens.css``, without the dashes)."""

POPUP_FACTS = 7
"""A popup shows no more facts than this."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_WIDEST_PX = 100
_DEEPEST_ZOOM = 24
_DEFAULT_COLOR = "c-closed"
_CODED = ("string", "boolean", "integer")

_S = TypeVar("_S", str, float)
_Read: TypeAlias = Callable[[Table, str], _S | None]


def read_style(top: Table, schema: Schema, declared: Declared) -> Style:
    """Read ``[style]``; without it a layer is drawn plainly in grey.

    Examples
    --------
    >>> top = Table({}, path="layers/a.toml", key="", issues=[])
    >>> read_style(top, Schema("LineString", "", ()), {}).kind
    'line'
    """
    shapes = KINDS.get(schema.geometry, SHAPES)
    table = top.table("style")
    if table is None:
        return Style(kind=shapes[0], color=_DEFAULT_COLOR)
    table.only(LAYER_KEYS["style"])
    if "color" not in table:
        table.fault("missing_key", "color", expected="#rrggbb, role of the palette")
    shape = _one_of_shapes(shapes)
    pixels = _bounded(0, _WIDEST_PX)
    label = named_field(table, "label", declared)
    style = Style(
        kind=(shape(table, "kind") if "kind" in table else None) or shapes[0],
        color=_or(_chosen(table, "color", _color, declared), _DEFAULT_COLOR),
        shape=_chosen(table, "shape", shape, declared),
        casing=_chosen(table, "casing", _color, declared),
        size_px=table.number("size_px", default=10.0, minimum=1, maximum=_WIDEST_PX),
        width_px=_or(_chosen(table, "width_px", pixels, declared), 1.5),
        min_zoom=_or(_chosen(table, "min_zoom", _bounded(0, _DEEPEST_ZOOM), declared), 0.0),
        opacity=table.number("opacity", default=1.0, minimum=0, maximum=1),
        fill_opacity=table.number("fill_opacity", default=0.0, minimum=0, maximum=1),
        dash=_dash(table),
        scaled=table.boolean("scaled"),
        label=label.name if label else None,
        label_rank=table.integer("label_rank", default=3, minimum=1, maximum=5),
        unit=table.text("unit") if "unit" in table else None,
    )
    _one_legend(table, style)
    return style


def read_popup(top: Table, schema: Schema, declared: Declared) -> Popup:
    """Read ``[popup]``; its facts are by default the first seven fields shown nowhere else in it.

    Examples
    --------
    >>> top = Table({}, path="layers/a.toml", key="", issues=[])
    >>> read_popup(top, Schema("Point", "", ()), {})
    Popup(title=None, subtitle=None, badges=(), facts=())
    """
    table = top.table("popup") or top.inner("popup", {})
    table.only(LAYER_KEYS["popup"])
    title = named_field(table, "title", declared)
    subtitle = named_field(table, "subtitle", declared)
    badges = named_fields(table, "badges", declared) or ()
    facts = named_fields(table, "facts", declared)
    if facts is None:
        used = {schema.primary_key, *badges, *(item.name for item in (title, subtitle) if item)}
        facts = tuple(item.name for item in schema.fields if item.name not in used)[:POPUP_FACTS]
    if len(facts) > POPUP_FACTS:
        table.fault("length", "facts", found=len(facts), expected=f"0..{POPUP_FACTS}")
    return Popup(
        title=title.name if title else None,
        subtitle=subtitle.name if subtitle else None,
        badges=badges,
        facts=facts,
    )


def _chosen(table: Table, name: str, read: _Read[_S], declared: Declared) -> _S | By | None:
    if name not in table:
        return None
    if not isinstance(table.values[name], dict):
        return read(table, name)
    return _by(table.inner(name, table.values[name]), read, declared)


def _or(value: _S | By | None, default: _S) -> _S | By:
    return default if value is None else value


def _by(table: Table, read: _Read[_S], declared: Declared) -> By | None:
    table.only(LAYER_KEYS["by"])
    field = named_field(table, "field", declared, required=True)
    default = read(table, "default") if "default" in table else None
    way = table.one_of(("values", "breaks"))
    values: Mapping[str, Scalar] = {}
    breaks: tuple[float, ...] = ()
    steps: tuple[Scalar, ...] = ()
    if way == "values":
        values = _values(table, read, field)
    elif way == "breaks":
        breaks, steps = _intervals(table, read, field)
    if way == "values" and "steps" in table:
        table.fault("not_allowed", "steps", found="steps", expected="breaks")
    return By(field.name, values, breaks, steps, default) if field else None


def _values(table: Table, read: _Read[_S], field: Field | None) -> dict[str, Scalar]:
    inner = table.table("values")
    if inner is None:
        return {}
    codes = codes_of(field) if field else ()
    if field and field.type not in _CODED:
        table.fault("wrong_type", "field", found=field.type, expected=", ".join(_CODED))
    chosen: dict[str, Scalar] = {}
    for code in inner.values:
        if codes and code not in codes:
            inner.fault("not_in_domain", code, found=code, expected=", ".join(codes))
        value = read(inner, code)
        if value is not None:
            chosen[code] = value
    if not inner.values:
        table.fault("length", "values", found=0, expected="1")
    return chosen


def _intervals(
    table: Table, read: _Read[_S], field: Field | None
) -> tuple[tuple[float, ...], tuple[Scalar, ...]]:
    if field and field.type not in NUMBERS:
        table.fault("wrong_type", "field", found=field.type, expected=", ".join(NUMBERS))
    breaks: list[float] = []
    for entry, name in _entries(table, "breaks"):
        lowest = breaks[-1] if breaks else -math.inf
        if entry.values[name] == lowest:
            entry.fault("not_unique", name, found=entry.values[name])
        breaks.append(entry.number(name, default=lowest, minimum=lowest))
    if table.values["breaks"] == []:
        table.fault("length", "breaks", found=0, expected="1")
    steps = [read(entry, name) for entry, name in _entries(table, "steps")]
    if breaks and steps and len(steps) != len(breaks) + 1:
        table.fault("length", "steps", found=len(steps), expected=str(len(breaks) + 1))
    return tuple(breaks), tuple(value for value in steps if value is not None)


def _entries(table: Table, name: str) -> list[tuple[Table, str]]:
    # each entry of a list is read like a key, so that a fault in it has its position
    values = table.items(name)
    entries = {f"{name}[{at}]": value for at, value in enumerate(values)}
    inner = Table(entries, path=table.path, key=table.key, issues=table.issues)
    return [(inner, entry) for entry in entries]


def _color(table: Table, name: str) -> str | None:
    value = table.string(name)
    if value and not _HEX.fullmatch(value) and value not in ROLES:
        table.fault("not_allowed", name, found=value, expected="#rrggbb, role of the palette")
    return value or None


def _one_of_shapes(shapes: tuple[str, ...]) -> _Read[str]:
    return lambda table, name: table.choice(name, shapes) or None


def _bounded(minimum: float, maximum: float) -> _Read[float]:
    def _read(table: Table, name: str) -> float | None:
        value = table.number(name, default=math.nan, minimum=minimum, maximum=maximum)
        return None if math.isnan(value) else value

    return _read


def _dash(table: Table) -> tuple[float, ...]:
    entries = _entries(table, "dash") if "dash" in table else []
    return tuple(
        entry.number(name, default=1.0, minimum=0, maximum=_WIDEST_PX) for entry, name in entries
    )


def _one_legend(table: Table, style: Style) -> None:
    """Hold all choices of a style to one field and one division into classes."""
    first: By | None = None
    for name in ("color", "shape", "casing", "width_px", "min_zoom"):
        by = getattr(style, name)
        if not isinstance(by, By):
            continue
        first = first or by
        if by.field != first.field:
            table.inner(name, {}).fault(
                "not_allowed", "field", found=by.field, expected=first.field
            )
        elif by.breaks != first.breaks:
            expected = ", ".join(f"{value:g}" for value in first.breaks)
            table.inner(name, {}).fault(
                "not_allowed", "breaks", found=list(by.breaks), expected=expected
            )
