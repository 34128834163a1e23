"""Personal values: the one table that holds them, and who asks for them.

Features and their history hold masks. A value that an edit replaces stays in the table, with the
revision that ended it, so that undo and restore put it back; nobody is shown it. It stays when its
feature is deleted (an undo brings the feature back), and it goes when its time is over, see
`geosvc.store.erasing`. A value that an import replaces goes at once: the file says what is true.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geosvc.store.read import layer_number, stored_layer
from geosvc.store.schema import statement
from geosvc.store.write import instant

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping, Sequence

_RETIRE: Final = """UPDATE personal SET until = ?
WHERE layer = ? AND feature = ? AND field = ? AND until = 0"""

_STANDING: Final = """SELECT field, value, since FROM personal
WHERE layer = ? AND feature = ? AND until = 0"""

_FORMER: Final = """SELECT field, value, received_at, erased_at FROM personal
WHERE layer = ? AND feature = ? AND since <= ? AND until > ?"""

_ENTER: Final = """
INSERT INTO personal (layer, feature, field, value, received_at, erased_at, since)
VALUES (?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True)
class Former:
    """A value that stood once, None where it was erased since; it is as old as it was."""

    value: str | None
    received_at: str
    erased_at: str | None


def read(
    connection: sqlite3.Connection, name: str, keys: Collection[str] | None = None
) -> pd.DataFrame:
    """Return the true values of a layer's features; see `Store.personal`."""
    layer = layer_number(connection, name)
    rows: list[tuple[Any, ...]] = []
    if layer and stored_layer(connection, name) is not None:
        query = """SELECT feature, field, value, erased_at FROM personal JOIN $feature
            ON $feature.key = personal.feature
            WHERE layer = ?1 AND until = 0
            AND (?2 IS NULL OR feature IN (SELECT value FROM json_each(?2)))
            ORDER BY feature, field"""
        asked = None if keys is None else json.dumps(list(keys))
        rows = connection.execute(statement(query, layer), (layer, asked)).fetchall()
    return pd.DataFrame(rows, columns=["key", "field", "value", "erased_at"], dtype=object)


def keep(
    connection: sqlite3.Connection,
    feature: tuple[int, str],
    given: Mapping[str, str | None],
    *,
    number: int,
) -> None:
    """Make these the values of a feature (layer, key) from a revision on; fields not named stay.

    Whoever gives a value anew gives a new one, even where an earlier one was erased by policy.
    """
    there = _standing(connection, feature)
    now = instant()
    moved = {
        name: None if value is None else Former(value, now, None)
        for name, value in given.items()
        if there.get(name, (None, 0))[0] != value
    }
    put_back(connection, feature, moved, number=number)


def retire(connection: sqlite3.Connection, feature: tuple[int, str], *, number: int) -> None:
    """End all values of a feature with a revision."""
    ended = dict.fromkeys(_standing(connection, feature))
    put_back(connection, feature, ended, number=number)


def then(
    connection: sqlite3.Connection, feature: tuple[int, str], number: int
) -> dict[str, Former | None]:
    """Return the values of a feature that were others at a revision, by field.

    None stands for a field that had no value then.
    """
    standing = _standing(connection, feature)
    found: dict[str, Former | None] = {
        name: None for name, (_, since) in standing.items() if since > number
    }
    rows = connection.execute(_FORMER, (*feature, number, number))
    found |= {name: Former(*row) for name, *row in rows}
    return {
        name: item
        for name, item in found.items()
        if item is None or name not in standing or standing[name][0] != item.value
    }


def put_back(
    connection: sqlite3.Connection,
    feature: tuple[int, str],
    given: Mapping[str, Former | None],
    *,
    number: int,
) -> None:
    """Make these the values of a feature from a revision on; what stood ends with it."""
    connection.executemany(_RETIRE, [(number, *feature, name) for name in given])
    connection.executemany(
        _ENTER,
        [
            (*feature, name, item.value, item.received_at, item.erased_at, number)
            for name, item in given.items()
            if item is not None
        ],
    )


def differs(
    connection: sqlite3.Connection, feature: tuple[int, str], given: Mapping[str, str | None]
) -> bool:
    """Say whether `keep` would change anything."""
    there = _standing(connection, feature)
    return any(there.get(name, (None, 0))[0] != value for name, value in given.items())


def repeated(
    connection: sqlite3.Connection, layer: int, name: str, keys: Sequence[str]
) -> str | None:
    """Return a value that a feature among ``keys`` shares with another one, or None."""
    query = """SELECT a.value FROM personal a
        JOIN personal b ON b.layer = a.layer AND b.field = a.field AND b.value = a.value
        AND b.feature <> a.feature AND b.until = 0 JOIN $feature ON $feature.key = b.feature
        WHERE a.layer = ? AND a.field = ? AND a.until = 0
        AND a.feature IN (SELECT value FROM json_each(?)) LIMIT 1"""
    asked = (layer, name, json.dumps(list(keys)))
    row = connection.execute(statement(query, layer), asked).fetchone()
    return None if row is None else str(row[0])


def _standing(
    connection: sqlite3.Connection, feature: tuple[int, str]
) -> dict[str, tuple[str | None, int]]:
    return {name: (value, since) for name, value, since in connection.execute(_STANDING, feature)}
