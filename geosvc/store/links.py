"""Foreign keys between layers, held inside the transaction that writes.

A check before the transaction would not do: another process may delete what is named, or name what
is deleted, between the check and the write.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import EditError, Issue
from geosvc.store.read import stored_layer
from geosvc.store.schema import statement

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from geosvc.catalog.model import Schema
    from geosvc.store.apply import Content, Step
    from geosvc.store.records import Shape, StoredLayer

_HIDDEN: Final = "***"
_SHOWN: Final = 5
"""Keys of referring features that a refusal names."""


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key: each value of ``field`` in ``layer`` is one of ``reference`` in ``target``."""

    layer: str
    field: str
    target: str
    reference: str
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What an edit is held against: the schema of its layer, and the links between all layers."""

    schema: Schema
    links: Sequence[Link] = ()


def hold_links(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    steps: Sequence[Step],
    *,
    links: Sequence[Link],
) -> None:
    """Refuse steps, already applied, that leave a reference to nothing, in either direction.

    Parameters
    ----------
    connection
        The file, inside the writer's transaction.
    stored
        The layer that was written.
    steps
        What was done to its features.
    links
        The foreign keys of all layers.

    Raises
    ------
    EditError
        With an issue ``no_such_reference`` for each value that names nothing, and one
        ``still_referenced`` for each field whose features name what is gone; that one says some of
        their keys.
    """
    issues: list[Issue] = []
    for link in links:
        if link.layer == stored.name:
            issues += _naming_nothing(connection, stored, steps, link)
        if link.target == stored.name:
            issues += _named_still(connection, stored, steps, link)
    if issues:
        raise EditError(stored.name, issues=issues)


def _naming_nothing(
    connection: sqlite3.Connection, stored: StoredLayer, steps: Sequence[Step], link: Link
) -> list[Issue]:
    if link.is_private:
        keys = [item.key for item in steps if item.after]
        given = _private(connection, stored.layer, link.field, keys)
    else:
        given = _values(stored.shape, [item.after for item in steps if item.after], link.field)
    lost = sorted(given - _there(connection, link, given))
    return [
        Issue(
            "no_such_reference",
            stored.name,
            link.field,
            found=_HIDDEN if link.is_private else value,
            expected=f"{link.target}.{link.reference}",
        )
        for value in lost
    ]


def _named_still(
    connection: sqlite3.Connection, stored: StoredLayer, steps: Sequence[Step], link: Link
) -> list[Issue]:
    before = [item.before.content for item in steps if item.before]
    after = [item.after for item in steps if item.after]
    gone = _values(stored.shape, before, link.reference)
    gone -= _values(stored.shape, after, link.reference)
    gone -= _there(connection, link, gone)
    keys = _naming(connection, link, gone) if gone else []
    if not keys:
        return []
    found = ", ".join(keys[:_SHOWN]) + (", …" if len(keys) > _SHOWN else "")
    expected = f"{link.layer}.{link.field}"
    return [Issue("still_referenced", stored.name, link.reference, found=found, expected=expected)]


def _values(shape: Shape, contents: Sequence[Content], name: str) -> set[str]:
    at = next((at for at, (field, _) in enumerate(shape.fields) if field == name), None)
    if at is None:
        return set()
    kind = shape.fields[at][1]
    found = [item.values[at] for item in contents if item.values[at] is not None]
    if kind == "list":
        return {str(part) for text in found for part in json.loads(text)}
    return {_text(value) for value in found}


def _text(value: Any) -> str:  # noqa: ANN401 - text or number
    # as an import compares them: whole numbers without a point
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)


def _private(
    connection: sqlite3.Connection, layer: int, name: str, keys: Sequence[str]
) -> set[str]:
    rows = connection.execute(
        """SELECT value FROM personal WHERE layer = ? AND field = ? AND until = 0
        AND value IS NOT NULL
        AND feature IN (SELECT value FROM json_each(?))""",
        (layer, name, json.dumps(list(keys))),
    )
    return {str(value) for (value,) in rows}


def _there(connection: sqlite3.Connection, link: Link, values: set[str]) -> set[str]:
    """Return those of some values that features of the target have."""
    target = stored_layer(connection, link.target)
    if target is None or not values:
        return set()
    if link.reference == target.shape.primary_key:
        # the key is text and has an index
        query, column = "SELECT key FROM $feature WHERE key IN $asked", "string"
    else:
        name, column = _column(target.shape, link.reference)
        if not name:
            return set()
        query = _query(name, column, picked=name)
    rows = connection.execute(_asking(query, target.layer), (_asked(values),)).fetchall()
    if column == "list":
        return values & {str(part) for (text,) in rows for part in json.loads(text)}
    return values & {_text(value) for (value,) in rows}


def _naming(connection: sqlite3.Connection, link: Link, values: set[str]) -> list[str]:
    """Return the keys of features whose field has one of some values."""
    stored = stored_layer(connection, link.layer)
    if stored is None:
        return []
    if link.is_private:
        query = """SELECT key FROM $feature JOIN personal ON personal.feature = key
            WHERE personal.layer = ?2 AND personal.field = ?3 AND until = 0
            AND personal.value IN $asked
            ORDER BY key LIMIT ?4"""
        given: tuple[Any, ...] = (stored.layer, link.field, _SHOWN + 1)
    else:
        name, kind = _column(stored.shape, link.field)
        if not name:
            return []
        query = _query(name, kind, picked="key") + " ORDER BY key LIMIT ?2"
        given = (_SHOWN + 1,)
    rows = connection.execute(_asking(query, stored.layer), (_asked(values), *given))
    return [str(key) for (key,) in rows]


def _column(shape: Shape, name: str) -> tuple[str, str]:
    for at, (field, kind) in enumerate(shape.fields, start=1):
        if field == name:
            return f"f{at:d}", kind
    return "", ""


def _query(column: str, kind: str, *, picked: str) -> str:
    if kind == "list":
        return f"""SELECT {picked} FROM $feature WHERE EXISTS (
            SELECT 1 FROM json_each({column}) AS part WHERE part.value IN $asked)"""  # noqa: S608 - a number
    # a column of numbers compares its values with texts as numbers
    return f"SELECT {picked} FROM $feature WHERE {column} IN $asked"  # noqa: S608 - a number


def _asking(query: str, layer: int) -> str:
    return statement(query.replace("$asked", "(SELECT value FROM json_each(?1))"), layer)


def _asked(values: set[str]) -> str:
    return json.dumps(sorted(values))
