"""The tables ``[schema]`` and ``[time]`` of a layer file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast, get_args

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import (
    Constraints,
    Field,
    FieldType,
    ForeignKey,
    GeometryType,
    Label,
    OnlyIf,
    Order,
    Rule,
    Scalar,
    Schema,
    Time,
    Tone,
)

if TYPE_CHECKING:
    from geosvc.catalog.toml_table import Table

Declared: TypeAlias = Mapping[str, Field] | None
"""The fields of a schema by name; None where the schema itself is missing, so that nothing more is
said about names."""

ROLES = ("viewer", "editor", "enforcement", "administrator")
"""Who may be named by ``privacy``."""

_NAME = re.compile(r"[^\W\d]\w{0,62}")
_RESERVED = ("geometry",)
_NUMBERS = ("integer", "number")
_MOMENTS = ("date", "datetime")
_PAIR = 2
_FAMILY = {"integer": "number", "date": "datetime"}
_COMPARABLE = (*_NUMBERS, *_MOMENTS, "time")


def read_schema(top: Table) -> tuple[Schema, Declared]:
    """Read ``[schema]``: fields, key, geometry and rules.

    Returns
    -------
    schema
        What could be read.
    declared
        Its fields by name, for the tables that name fields.

    Examples
    --------
    >>> from geosvc.catalog.toml_table import Table
    >>> top = Table({}, path="layers/a.toml", key="", issues=[])
    >>> read_schema(top)[1] is None, top.issues[0].code, top.issues[0].key
    (True, 'missing_key', 'schema')
    """
    table = top.table("schema", required=True)
    if table is None:
        return Schema("None", "", ()), None
    table.only(LAYER_KEYS["schema"])
    fields = _fields(table)
    declared = {item.name: item for item in fields}
    geometry = table.choice("geometry", get_args(GeometryType))
    key = named_field(table, "primary_key", declared, required=True)
    if key is not None and key.type in {"list", "boolean"}:
        table.fault("wrong_type", "primary_key", found=key.type, expected="string, integer")
    expected = table.integer("expected_count", default=-1, minimum=0)
    missing = table.strings("missing_values")
    schema = Schema(
        geometry=cast("GeometryType", geometry),
        primary_key=key.name if key else "",
        fields=fields,
        expected_count=None if expected < 0 else expected,
        missing_values=("",) if missing is None else missing,
        rules=(*_rules(table, declared), *_foreign_keys(table, declared)),
    )
    return schema, declared


def read_time(top: Table, declared: Declared) -> Time | None:
    """Read ``[time]``: the fields that say when.

    >>> from geosvc.catalog.toml_table import Table
    >>> read_time(Table({}, path="layers/a.toml", key="", issues=[]), {}) is None
    True
    """
    table = top.table("time")
    if table is None:
        return None
    table.only(LAYER_KEYS["time"])
    names = []
    for name in ("start", "end"):
        item = named_field(table, name, declared, required=name == "start")
        if item is not None and item.type not in _MOMENTS:
            table.fault("wrong_type", name, found=item.type, expected=", ".join(_MOMENTS))
        names.append(item.name if item else None)
    return Time(start=names[0] or "", end=names[1])


def named_field(
    table: Table, name: str, declared: Declared, *, required: bool = False
) -> Field | None:
    """Return the declared field that an entry of a table names; None where absent or at fault.

    >>> from geosvc.catalog.model import Text
    >>> from geosvc.catalog.toml_table import Table
    >>> table = Table({"label": "nmae"}, path="layers/a.toml", key="style", issues=[])
    >>> named_field(table, "label", {"name": Field("name", Text("名称", "Name"))})
    >>> table.issues[0].code, table.issues[0].key, table.issues[0].expected
    ('unknown_field', 'style.label', 'name')
    """
    value = table.string(name, required=required)
    if not value or declared is None:
        return None
    return check_name(table, name, value, declared)


def named_fields(
    table: Table, name: str, declared: Declared, *, required: bool = False
) -> tuple[str, ...] | None:
    """Return the declared fields that a list names; None where absent or at fault."""
    values = table.strings(name, required=required)
    if values is not None and declared is not None:
        for position, value in enumerate(values):
            check_name(table, f"{name}[{position}]", value, declared)
    return values


def check_name(table: Table, key: str, name: str, declared: Mapping[str, Field]) -> Field | None:
    """Return the field of this name, or list ``unknown_field`` and return None."""
    if name not in declared:
        table.fault("unknown_field", key, found=name, expected=", ".join(declared))
    return declared.get(name)


def _fields(table: Table) -> tuple[Field, ...]:
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
    if kind not in _COMPARABLE:
        table.fault("not_allowed", name, found=kind, expected=", ".join(_COMPARABLE))
        return None
    if kind in _NUMBERS:
        value = table.number(name, default=0)
        return int(value) if value.is_integer() else value
    if kind == "date":
        return table.date(name) or None
    value_text = _iso(table.values[name])
    parse = dt.time.fromisoformat if kind == "time" else dt.datetime.fromisoformat
    try:
        parse(value_text)
    except ValueError:
        table.fault("not_allowed", name, found=value_text, expected=f"ISO 8601 {kind}")
        return None
    return value_text


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
    if kind in _NUMBERS:
        whole = isinstance(value, int) or kind == "number"
        return isinstance(value, int | float) and not isinstance(value, bool) and whole
    return isinstance(value, str)


def _rules(schema: Table, declared: Declared) -> list[Rule]:
    rules: list[Rule] = []
    for table in schema.tables("rules"):
        table.only(LAYER_KEYS["schema.rules"])
        kind = table.one_of(LAYER_KEYS["schema.rules"])
        if kind == "order":
            rules.append(_order(table, declared))
        elif kind == "only_if":
            rules.extend(_only_if(table, declared))
    return rules


def _order(table: Table, declared: Declared) -> Order:
    names = named_fields(table, "order", declared)
    known = declared or {}
    kinds = [str(known[name].type) for name in names or () if name in known]
    families = {_FAMILY.get(kind, kind) for kind in kinds if kind}
    if names is not None and len(names) < _PAIR:
        table.fault("length", "order", found=len(names), expected=str(_PAIR))
    elif len(families) > 1 or not families <= {*_COMPARABLE}:
        expected = ", ".join(_COMPARABLE)
        table.fault("wrong_type", "order", found=", ".join(kinds), expected=expected)
    return Order(names or ())


def _only_if(table: Table, declared: Declared) -> list[OnlyIf]:
    inner = table.table("only_if")
    if inner is None:
        return []
    inner.only(LAYER_KEYS["schema.rules.only_if"])
    field = named_field(inner, "field", declared, required=True)
    when = named_field(inner, "when", declared, required=True)
    values = inner.scalars("values", required=True)
    if when is not None:
        check_codes(inner, "values", values, when)
    return [OnlyIf(field.name, when.name, values)] if field and when else []


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


def _foreign_keys(schema: Table, declared: Declared) -> list[ForeignKey]:
    keys = []
    for table in schema.tables("foreign_keys"):
        table.only(LAYER_KEYS["schema.foreign_keys"])
        field = named_field(table, "field", declared, required=True)
        inner = table.table("reference", required=True)
        if inner is None:
            continue
        inner.only(LAYER_KEYS["schema.foreign_keys.reference"])
        layer = inner.identifier("layer", required=True)
        reference = inner.string("field", required=True)
        if field is not None:
            keys.append(ForeignKey(field.name, layer, reference))
    return keys
