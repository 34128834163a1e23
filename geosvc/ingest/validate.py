"""Faults of values: types, constraints, domains, rules between fields and layers, keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from geosvc.catalog.model import ForeignKey, OnlyIf, Order
from geosvc.ingest.masks import HIDDEN
from geosvc.ingest.typed import EXPECTED, Value, in_order, to_type

if TYPE_CHECKING:
    from geosvc.catalog.model import Constraints, Field, Schema
    from geosvc.ingest.records import Faults, Records

Typed: TypeAlias = dict[str, list[Value | None]]
_Check: TypeAlias = tuple[str, str, Callable[[Value], bool]]


def type_columns(records: Records, schema: Schema, faults: Faults) -> Typed:
    """Read every declared column as its type and hold each value against its constraints.

    Parameters
    ----------
    records
        The rows.
    schema
        The fields.
    faults
        Takes the faults.

    Returns
    -------
    columns
        One list a field, with None where there is no value or a fault of type.

    Examples
    --------
    >>> from geosvc.catalog.model import Field, Schema, Text
    >>> from geosvc.ingest.records import Faults, Records
    >>> schema = Schema("None", "bays", (Field("bays", Text("", ""), "integer"),))
    >>> faults = Faults("a.csv")
    >>> type_columns(Records(2, {"bays": ["25", "many"]}), schema, faults)
    {'bays': [25, None]}
    >>> [(issue.code, issue.row, issue.expected) for issue in faults.issues]
    [('wrong_type', 2, 'integer')]
    >>> type_columns(Records(0, {}), schema, faults)
    {'bays': []}
    """
    unread = records.unread
    typed: Typed = {}
    for field in schema.fields:
        loose = records.columns.get(field.name, [None] * records.count)
        required = field.constraints.required or field.name == schema.primary_key
        checks = _checks(field)
        values: list[Value | None] = []
        for row, value in enumerate(loose):
            if _is_missing(value, schema.missing_values):
                values.append(None)
                # a row that could not be read has no values to miss
                if required and row not in unread:
                    faults.add("required", row, key=field.name)
                continue
            read = to_type(value, field.type)
            values.append(None if read == () else read)
            _hold(field, value, read, checks, faults, row)
        typed[field.name] = values
    return typed


def check_rules(
    typed: Typed,
    schema: Schema,
    faults: Faults,
    *,
    references: Callable[[ForeignKey], Iterable[object]],
) -> None:
    """Hold rows against the rules between fields and layers.

    Parameters
    ----------
    typed
        Columns as `type_columns` returns them.
    schema
        The rules.
    faults
        Takes the faults.
    references
        Gives the values that a foreign key may have.

    Examples
    --------
    >>> from geosvc.catalog.model import Field, Order, Schema, Text
    >>> from geosvc.ingest.records import Faults
    >>> fields = tuple(Field(name, Text("", ""), "date") for name in ("start", "end"))
    >>> schema = Schema("None", "start", fields, rules=(Order(("start", "end")),))
    >>> faults = Faults("a.csv")
    >>> columns = {"start": ["2024-06-03"], "end": ["2024-06-01"]}
    >>> check_rules(columns, schema, faults, references=lambda key: ())
    >>> [(issue.code, issue.key, issue.expected) for issue in faults.issues]
    [('order', 'end', 'start ≤ end')]
    >>> check_rules({"start": [], "end": []}, schema, faults, references=lambda key: ())
    """
    fields = {field.name: field for field in schema.fields}
    for rule in schema.rules:
        if isinstance(rule, Order):
            _check_order(typed, [fields[name] for name in rule.fields], faults)
        elif isinstance(rule, OnlyIf):
            _check_only_if(typed, rule, fields, faults)
        else:
            known = {_text(value) for value in references(rule) if value is not None}
            _check_reference(typed[rule.field], rule, faults, (fields[rule.field], known))


def check_unique(typed: Typed, schema: Schema, faults: Faults) -> None:
    """Find sound rows that repeat the primary key, or a value that must be unique.

    The first sound row of a value stays, so that one fault loses one row.

    Parameters
    ----------
    typed
        Columns as `type_columns` returns them.
    schema
        Says which fields are unique.
    faults
        Takes the faults; rows that have one already are not looked at.

    Examples
    --------
    >>> from geosvc.catalog.model import Field, Schema, Text
    >>> from geosvc.ingest.records import Faults
    >>> schema = Schema("None", "code", (Field("code", Text("", "")),))
    >>> faults = Faults("a.csv")
    >>> check_unique({"code": ["A1", "A2", "A1"]}, schema, faults)
    >>> [(issue.code, issue.row, issue.found) for issue in faults.issues]
    [('not_unique', 3, 'A1')]
    >>> check_unique({"code": []}, schema, faults)
    """
    for field in schema.fields:
        if not field.constraints.unique and field.name != schema.primary_key:
            continue
        broken = faults.rows
        seen: set[str] = set()
        for row, value in enumerate(typed[field.name]):
            if value is None or row in broken:
                continue
            if _text(value) in seen:
                faults.add("not_unique", row, key=field.name, found=_shown(field, value))
            seen.add(_text(value))


def _is_missing(value: object, missing: Sequence[str]) -> bool:
    return value is None or value == [] or (isinstance(value, str) and value in missing)


def _hold(  # noqa: PLR0917 - the parts of one cell, called in the innermost loop
    field: Field,
    loose: object,
    value: Value | None,
    checks: Sequence[_Check],
    faults: Faults,
    row: int,
) -> None:
    if value is None:
        found = HIDDEN if field.privacy else loose
        expected = EXPECTED[field.type]
        faults.add("wrong_type", row, key=field.name, found=found, expected=expected)
        return
    for code, expected, holds in checks:
        if not holds(value):
            faults.add(code, row, key=field.name, found=_shown(field, value), expected=expected)
            return


def _checks(field: Field) -> list[_Check]:
    constraints = field.constraints
    checks: list[_Check] = []
    if field.labels:
        checks.append(_domain(field.labels))
    if constraints.enum:
        checks.append(_domain([_text(value) for value in constraints.enum]))
    if constraints.pattern is not None:
        form = re.compile(constraints.pattern)
        checks.append(("pattern", form.pattern, lambda value: _each(value, _matches(form))))
    return checks + _bounds(field) + _lengths(constraints)


def _domain(codes: Iterable[str]) -> _Check:
    allowed = tuple(codes)
    holds = frozenset(allowed).__contains__
    return "not_in_domain", ", ".join(allowed), lambda value: _each(value, holds)


def _matches(form: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: form.fullmatch(text) is not None


def _bounds(field: Field) -> list[_Check]:
    low, high = field.constraints.minimum, field.constraints.maximum
    checks: list[_Check] = []
    if low is not None:
        checks.append(("below_minimum", str(low), lambda value: in_order(low, value, field.type)))
    if high is not None:
        checks.append(("above_maximum", str(high), lambda value: in_order(value, high, field.type)))
    return checks


def _lengths(constraints: Constraints) -> list[_Check]:
    low, high = constraints.min_length or 0, constraints.max_length
    if not low and high is None:
        return []
    expected = f"{low}..{'' if high is None else high}"
    return [
        (
            "length",
            expected,
            lambda value: low <= _size(value) and (high is None or _size(value) <= high),
        )
    ]


def _size(value: Value) -> int:
    return len(value) if isinstance(value, (str, tuple)) else len(_text(value))


def _each(value: Value, holds: Callable[[str], bool]) -> bool:
    parts = value if isinstance(value, tuple) else (_text(value),)
    return all(holds(part) for part in parts)


def _text(value: object) -> str:
    # codes of a layer file are text: booleans as TOML writes them, whole numbers without a point
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _shown(field: Field, value: Value) -> str:
    if field.privacy:
        return HIDDEN
    return ";".join(value) if isinstance(value, tuple) else _text(value)


def _check_order(typed: Typed, fields: Sequence[Field], faults: Faults) -> None:
    for row, values in enumerate(zip(*(typed[field.name] for field in fields), strict=True)):
        before: tuple[Field, Value] | None = None
        for field, value in zip(fields, values, strict=True):
            if value is None:
                continue
            if before is not None and not _in_order(*before, field, value):
                expected = f"{before[0].name} ≤ {field.name}"
                found = _shown(field, value)
                faults.add("order", row, key=field.name, found=found, expected=expected)
                break
            before = (field, value)


def _in_order(left: Field, low: Value, right: Field, high: Value) -> bool:
    kind = "datetime" if "datetime" in {left.type, right.type} else right.type
    return in_order(low, high, kind)


def _check_only_if(typed: Typed, rule: OnlyIf, fields: Mapping[str, Field], faults: Faults) -> None:
    allowed = {_text(value) for value in rule.values}
    expected = f"{rule.when} = {', '.join(sorted(allowed))}"
    for row, (value, when) in enumerate(zip(typed[rule.field], typed[rule.when], strict=True)):
        parts = when if isinstance(when, tuple) else (when,)
        if value is not None and allowed.isdisjoint(_text(part) for part in parts):
            found = _shown(fields[rule.field], value)
            faults.add("only_if", row, key=rule.field, found=found, expected=expected)


def _check_reference(
    values: Sequence[Value | None],
    rule: ForeignKey,
    faults: Faults,
    held: tuple[Field, set[str]],
) -> None:
    field, known = held
    expected = f"{rule.layer}.{rule.reference}"
    for row, value in enumerate(values):
        if value is not None and not _each(value, known.__contains__):
            found = _shown(field, value)
            faults.add("no_such_reference", row, key=rule.field, found=found, expected=expected)
