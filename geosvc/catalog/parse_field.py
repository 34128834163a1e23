"""The entries of ``[[schema.fields]]``: types, constraints and the words for codes."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any, cast, get_args

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import Constraints, Field, FieldType, Label, Scalar, Tone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.toml_table import Table

ROLES = ("viewer", "editor", "enforcement", "administrator")
"""Who may be named by ``privacy``."""

NUMBERS = ("integer", "number")
MOMENTS = ("date", "datetime")
COMPARABLE = (*NUMBERS, *MOMENTS, "time")
"""The types whose values have an order."""

_NAME = re.compile(r"[^\W\d]\w{0,62}")
_RESERVED = ("geometry",)


def read_fields(table: Table) -> tuple[Field, ...]:
    """Read ``[[schema.fields]]``; a name that occurs again is left out.

    Examples
    --------
    >>> from geosvc.catalog.toml_table import Table
    >>> schema = Table({"fields": []}, path="layers/a.toml", key="schema", issues=[])
    >>> read_fields(schema), schema.issues[0].key
    ((), 'schema.fields')
    """
    if "fields" not in table or table.values["fields"] == []:
        table.fault("missing_key", "fields", expected="list of tables")
    fields: list[Field] = []
    taken: dict[str, str] = {}
    for inner in table.tables("fields"):
        item = _field(inner)
        if not item.name:
            continue
        # SQLite and GeoPackage do not tell name and Name apart
        if item.name.lower() in taken:
            inner.fault("not_unique", "name", found=item.name)
            continue
        taken[item.name.lower()] = item.name
        fields.append(item)
    return tuple(fields)


def _field(table: Table) -> Field:
    table.only(LAYER_KEYS["schema.fields"])
    name = table.string("name", required=True)
    if name and (not _NAME.fullmatch(name) or name in _RESERVED):
        table.fault("not_allowed", "name", found=name, expected="letters, digits and _")
    title = table.text("title", required=True)
    kind = cast("FieldType", table.choice("type", get_args(FieldType), default="string"))
    privacy = table.choice("privacy", ROLES) if "privacy" in table else ""
    return Field(
        name=name,
        title=title,
        type=kind,
        description=table.text("description") if "description" in table else None,
        unit=table.text("unit") if "unit" in table else None,
        constraints=_constraints(table, kind),
        labels=_labels(table),
        privacy=privacy or None,
    )


def _labels(table: Table) -> dict[str, Label]:
    inner = table.table("labels")
    if inner is None:
        return {}
    labels = {}
    for code in inner.values:
        entry = inner.table(code)
        if entry is not None:
            entry.only(LAYER_KEYS["label"])
            tone = cast("Tone", entry.choice("tone", get_args(Tone), default="plain"))
            labels[code] = Label(entry.both_languages(), tone)
    return labels


def _constraints(field: Table, kind: str) -> Constraints:
    table = field.table("constraints")
    if table is None:
        return Constraints()
    table.only(LAYER_KEYS["schema.fields.constraints"])
    bounds = {name: _bound(table, name, kind) for name in ("minimum", "maximum")}
    _ascending(table, bounds, ("minimum", "maximum"))
    lengths = {name: _length(table, name, kind) for name in ("min_length", "max_length")}
    _ascending(table, lengths, ("min_length", "max_length"))
    return Constraints(
        required=table.boolean("required"),
        unique=table.boolean("unique"),
        minimum=bounds["minimum"],
        maximum=bounds["maximum"],
        min_length=lengths["min_length"],
        max_length=lengths["max_length"],
        pattern=_pattern(table, kind),
        enum=_enum(table, kind),
    )


def _bound(table: Table, name: str, kind: str) -> float | str | None:
    if name not in table or not kind:
        return None
    if kind in NUMBERS:
        value = table.number(name, default=math.nan)
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    if kind == "date":
        return table.date(name) or None
    if kind in COMPARABLE:
        return _moment(table, name, kind)
    table.fault("not_allowed", name, found=kind, expected=", ".join(COMPARABLE))
    return None


def _moment(table: Table, name: str, kind: str) -> str | None:
    text = _iso(table.values[name])
    parse = dt.time.fromisoformat if kind == "time" else dt.datetime.fromisoformat
    try:
        parse(text)
    except ValueError:
        table.fault("not_allowed", name, found=text, expected=f"ISO 8601 {kind}")
        return None
    return text


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.datetime | dt.time) else str(value)


def _length(table: Table, name: str, kind: str) -> int | None:
    if name not in table:
        return None
    if kind not in {"string", "list", ""}:
        table.fault("not_allowed", name, found=kind, expected="string, list")
    value = table.integer(name, default=-1, minimum=0)
    return None if value < 0 else value


def _ascending(table: Table, pair: Mapping[str, Any], names: tuple[str, str]) -> None:
    low, high = (pair[name] for name in names)
    if low is not None and high is not None and low > high:
        table.fault("below_minimum", names[1], found=high, expected=str(low))


def _pattern(table: Table, kind: str) -> str | None:
    pattern = table.string("pattern")
    if pattern and kind not in {"string", ""}:
        table.fault("not_allowed", "pattern", found=kind, expected="string")
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        table.fault("not_allowed", "pattern", found=pattern, expected="regular expression")
    return pattern or None


def _enum(table: Table, kind: str) -> tuple[Scalar, ...]:
    if "enum" not in table:
        return ()
    values = table.scalars("enum")
    for position, value in enumerate(values):
        if kind and not _fits(value, kind):
            table.fault("wrong_type", f"enum[{position}]", found=value, expected=kind)
    return values


def _fits(value: Scalar, kind: str) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in NUMBERS:
        whole = isinstance(value, int) or kind == "number"
        return isinstance(value, int | float) and not isinstance(value, bool) and whole
    return isinstance(value, str)


def check_codes(table: Table, name: str, values: Sequence[Scalar], field: Field) -> None:
    """List ``not_in_domain`` for each entry of a list that is no code of the field.

    >>> from geosvc.catalog.model import Text
    >>> from geosvc.catalog.toml_table import Table
    >>> level = Field("level", Text("等级", "Level"), labels={"1": Label(Text("一级", "First"))})
    >>> table = Table({"values": ["1", "2"]}, path="layers/a.toml", key="style", issues=[])
    >>> check_codes(table, "values", ["1", "2"], level)
    >>> table.issues[0].key, table.issues[0].found, table.issues[0].expected
    ('style.values[1]', '2', '1')
    >>> check_codes(table, "values", [], level)
    """
    codes = codes_of(field)
    for position, value in enumerate(values):
        if codes and code_of(value) not in codes:
            key = f"{name}[{position}]"
            table.fault("not_in_domain", key, found=value, expected=", ".join(codes))


def codes_of(field: Field) -> tuple[str, ...]:
    """Return the codes of a field's domain as text; none where any value is allowed.

    >>> from geosvc.catalog.model import Text
    >>> codes_of(Field("level", Text("等级", "Level"), constraints=Constraints(enum=(1, 2))))
    ('1', '2')
    >>> codes_of(Field("name", Text("名称", "Name")))
    ()
    """
    return tuple(field.labels) or tuple(code_of(value) for value in field.constraints.enum)


def code_of(value: Scalar) -> str:
    """Write a value as the code that ``labels`` and ``values`` use for it.

    >>> code_of(True), code_of(2), code_of("port"), code_of("")
    ('true', '2', 'port', '')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)
