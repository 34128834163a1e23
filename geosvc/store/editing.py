"""Edits of single features, undo and restore: what they mean for each feature."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import ConflictError, EditError, Issue, StoreError, UnknownRevisionError
from geosvc.store import apply, personal
from geosvc.store.apply import Content, Held, Step
from geosvc.store.edits import Create, Delete, Edit
from geosvc.store.links import hold_links
from geosvc.store.past import touched, version
from geosvc.store.records import Shape, StoredLayer
from geosvc.store.schema import statement

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from geosvc.catalog.model import Field, Schema
    from geosvc.store.links import Terms
    from geosvc.store.records import Change

_THEN: Final = """
SELECT properties, geom, raw_geom, source_datum, extra FROM feature_history
WHERE layer = ? AND key = ? AND from_revision <= ? AND to_revision > ?"""

_LATEST: Final = """
SELECT properties, geom, raw_geom, source_datum, extra FROM feature_history
WHERE layer = ? AND key = ? ORDER BY to_revision DESC LIMIT 1"""


def edit(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    edits: Sequence[Edit],
    *,
    terms: Terms,
    change: Change,
) -> StoredLayer:
    """Make one revision of edits, inside the caller's transaction; see `Store.edit`."""
    schema = terms.schema
    hold_shape(stored, schema)
    steps = [_step(connection, stored, item, schema) for item in edits]
    if len({item.key for item in steps}) < len(steps):
        msg = f"{stored.name}: two edits of one feature"
        raise StoreError(msg)
    after = apply.apply(connection, stored, steps, change=change)
    for step, item in zip(steps, edits, strict=True):
        if isinstance(item, Create):
            # an earlier feature of this key may have left its values
            personal.retire(connection, (stored.layer, step.key), number=after.number)
        if not isinstance(item, Delete):
            feature = stored.layer, step.key
            personal.keep(connection, feature, item.personal, number=after.number)
    _hold(connection, stored, steps, terms)
    return after


def restore(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    number: int,
    *,
    terms: Terms,
    change: Change,
    keys: Collection[str] | None = None,
) -> StoredLayer:
    """Make one revision that is as an earlier one was; see `Store.restore`."""
    hold_shape(stored, terms.schema)
    if not 1 <= number <= stored.number:
        msg = f"{stored.name}: no revision {number}"
        raise UnknownRevisionError(msg)
    wanted = touched(connection, stored, after=number, until=stored.number)
    if keys is not None:
        wanted = tuple(key for key in wanted if key in set(keys))
    private = [item.name for item in terms.schema.fields if item.privacy is not None]
    former = {key: personal.then(connection, (stored.layer, key), number) for key in wanted}
    found = [
        _back(connection, stored, (key, number), private=private, former=former[key])
        for key in wanted
    ]
    steps = [item for item in found if item is not None]
    after = apply.apply(connection, stored, steps, change=change)
    for item in steps:
        if item.after is not None:
            feature = stored.layer, item.key
            personal.put_back(connection, feature, former[item.key], number=after.number)
    _hold(connection, stored, steps, terms)
    return after


def hold_shape(stored: StoredLayer, schema: Schema) -> None:
    """Refuse an edit that knows other fields than the table has.

    Raises
    ------
    StoreError
        If the layer file has changed since the last import.
    """
    if stored.shape != Shape.of(schema):
        msg = f"{stored.name}: the fields have changed since the last import"
        raise StoreError(msg)


def hold_unique(
    connection: sqlite3.Connection, stored: StoredLayer, schema: Schema, *, keys: Sequence[str]
) -> None:
    """Refuse values that another feature has, where they must be unique.

    Raises
    ------
    EditError
        With an issue for each.
    """
    issues = []
    for at, field in enumerate(schema.fields, start=1):
        if field.constraints.unique and field.name != schema.primary_key:
            found = _repeated(connection, stored.layer, (at, field), keys)
            shown = "***" if field.privacy else found
            if found is not None:
                issues.append(Issue("not_unique", stored.name, field.name, found=str(shown)))
    if issues:
        raise EditError(stored.name, issues=issues)


def _repeated(
    connection: sqlite3.Connection, layer: int, column: tuple[int, Field], keys: Sequence[str]
) -> object:
    at, field = column
    if field.privacy is not None:
        return personal.repeated(connection, layer, field.name, keys)
    query = f"""SELECT a.f{at:d} FROM $feature a JOIN $feature b
        ON b.f{at:d} = a.f{at:d} AND b.key <> a.key
        WHERE a.key IN (SELECT value FROM json_each(?)) LIMIT 1"""  # noqa: S608 - a number
    row = connection.execute(statement(query, layer), (json.dumps(list(keys)),)).fetchone()
    return None if row is None else row[0]


def _hold(
    connection: sqlite3.Connection, stored: StoredLayer, steps: Sequence[Step], terms: Terms
) -> None:
    keys = [item.key for item in steps if item.after]
    hold_unique(connection, stored, terms.schema, keys=keys)
    hold_links(connection, stored, steps, links=terms.links)


def _step(connection: sqlite3.Connection, stored: StoredLayer, item: Edit, schema: Schema) -> Step:
    if isinstance(item, Create):
        key = str(item.values.get(schema.primary_key) or "")
        if not key:
            msg = f"{stored.name}: {schema.primary_key} missing"
            raise StoreError(msg)
        if apply.held(connection, stored, key) is not None:
            raise _conflict(connection, stored, item, key=key, base=None)
        return Step(key, None, apply.content_of(stored.shape, item.values, item.geometry))
    before = _against(connection, stored, item)
    if isinstance(item, Delete):
        return Step(item.key, before, None)
    values = {**item.values, schema.primary_key: _key_value(before, stored.shape)}
    content = apply.content_of(stored.shape, values, item.geometry, before=before.content)
    moved = personal.differs(connection, (stored.layer, item.key), item.personal)
    return Step(item.key, before, content, is_touched=moved)


def _against(connection: sqlite3.Connection, stored: StoredLayer, item: Any) -> Held:  # noqa: ANN401 - Replace or Delete
    before = apply.held(connection, stored, item.key)
    base = item.base_revision
    if base is None or base > stored.number or before is None or before.revision > base:
        raise _conflict(connection, stored, item, key=item.key, base=base)
    return before


def _conflict(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    item: Edit,
    *,
    key: str,
    base: int | None,
) -> ConflictError:
    seen = None if base is None else version(connection, stored, key, number=base)
    theirs = version(connection, stored, key)
    return ConflictError(f"{stored.name}/{key}", theirs=theirs, yours=item, base=seen)


def overtaken(stored: StoredLayer, base: int | None) -> ConflictError:
    """Return the error of an undo that somebody's revision came before."""
    return ConflictError(f"{stored.name}: {base} < {stored.number}")


def hold_base(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    base: int | None,
    keys: Collection[str] | None,
) -> None:
    """Refuse a restore of what has changed since the revision that its writer has seen.

    Raises
    ------
    ConflictError
        If ``base`` is not None and one of ``keys`` has changed since; without keys, if the layer
        has another revision.
    """
    if base is None or base == stored.number:
        return
    if keys is None or base > stored.number:
        raise overtaken(stored, base)
    moved = set(keys).intersection(
        touched(connection, stored, after=max(base, 0), until=stored.number)
    )
    if moved:
        key = min(moved)
        seen = version(connection, stored, key, number=base)
        theirs = version(connection, stored, key)
        msg = f"{stored.name}/{key}"
        raise ConflictError(msg, theirs=theirs, base=seen)


def _key_value(before: Held, shape: Shape) -> Any:  # noqa: ANN401 - text or number
    names = [name for name, _ in shape.fields]
    return before.content.values[names.index(shape.primary_key)]


def _back(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    wanted: tuple[str, int],
    *,
    private: Sequence[str],
    former: Collection[str],
) -> Step | None:
    key, number = wanted
    before = apply.held(connection, stored, key)
    if before is not None and before.revision <= number:
        return None
    row = connection.execute(_THEN, (stored.layer, key, number, number)).fetchone()
    if row is None:
        return None if before is None else Step(key, before, None)
    after = apply.past_content(stored.shape, row)
    latest = before.content if before else None
    if latest is None:
        last = connection.execute(_LATEST, (stored.layer, key)).fetchone()
        latest = apply.past_content(stored.shape, last)
    # a value that stays keeps its mask
    staying = [
        at
        for at, (name, _) in enumerate(stored.shape.fields)
        if name in private and name not in former
    ]
    return Step(key, before, _with_masks(after, latest, staying), is_touched=bool(former))


def _with_masks(after: Content, latest: Content, private: Sequence[int]) -> Content:
    values = list(after.values)
    for at in private:
        values[at] = latest.values[at]
    return dataclasses.replace(after, values=tuple(values))
