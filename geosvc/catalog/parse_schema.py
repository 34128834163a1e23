"""The tables ``[schema]`` and ``[time]`` of a layer file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, cast, get_args

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import (
    Field,
    ForeignKey,
    GeometryType,
    OnlyIf,
    Order,
    Rule,
    Schema,
    Time,
)
from geosvc.catalog.parse_field import COMPARABLE, MOMENTS, check_codes, read_fields

if TYPE_CHECKING:
    from geosvc.catalog.toml_table import Table

Declared: TypeAlias = Mapping[str, Field] | None
"""The fields of a schema by name; None where the schema itself is missing, so that nothing more is
said about names."""

_PAIR = 2
_FAMILY = {"integer": "number", "date": "datetime"}


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
    fields = read_fields(table)
    declared = {item.name: item for item in fields}
    geometry = table.choice("geometry", get_args(GeometryType))
    key = named_field(table, "primary_key", declared, required=True)
    if key is not None and key.type in {"list", "boolean"}:
        table.fault("wrong_type", "primary_key", found=key.type, expected="string, integer")
    if key is not None and key.privacy is not None:
        # keys stand in addresses, downloads and history, where nothing masks them
        table.fault("private_key", "primary_key", found=key.name)
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
        if item is not None and item.type not in MOMENTS:
            table.fault("wrong_type", name, found=item.type, expected=", ".join(MOMENTS))
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
    elif len(families) > 1 or not families <= {*COMPARABLE}:
        expected = ", ".join(COMPARABLE)
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
