"""Personal values: the one table that holds them, who asks for them, and when they are erased.

Features and their history hold masks. A value has no history: it is replaced where it changes, it
stays when its feature is deleted (an undo brings the feature back), and it goes when its time is
over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geosvc.store import apply
from geosvc.store.apply import Step
from geosvc.store.frames import list_text
from geosvc.store.read import layer_number, stored_layer
from geosvc.store.schema import statement
from geosvc.store.write import instant

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping, Sequence

    from geosvc.errors import Issue
    from geosvc.store.records import Change, Features, StoredLayer

ERASED: Final = "erased"
"""The code that stands for a mask whose value was erased by policy."""

_OLD: Final = "erased_at IS NULL AND value IS NOT NULL AND received_at < ?"


def read(
    connection: sqlite3.Connection, name: str, keys: Collection[str] | None = None
) -> pd.DataFrame:
    """Return the true values of a layer's features; see `Store.personal`."""
    layer = layer_number(connection, name)
    rows: list[tuple[Any, ...]] = []
    if layer and stored_layer(connection, name) is not None:
        query = """SELECT feature, field, value, erased_at FROM personal JOIN $feature
            ON $feature.key = personal.feature
            WHERE layer = ?1 AND (?2 IS NULL OR feature IN (SELECT value FROM json_each(?2)))
            ORDER BY feature, field"""
        asked = None if keys is None else json.dumps(list(keys))
        rows = connection.execute(statement(query, layer), (layer, asked)).fetchall()
    return pd.DataFrame(rows, columns=["key", "field", "value", "erased_at"], dtype=object)


def keep(
    connection: sqlite3.Connection, layer: int, key: str, given: Mapping[str, str | None]
) -> None:
    """Make these the personal values of a feature; fields that are not named stay.

    Whoever gives a value anew gives a new one, even where an earlier one was erased by policy.
    """
    now = instant()
    connection.executemany(
        "DELETE FROM personal WHERE layer = ? AND feature = ? AND field = ?",
        [(layer, key, name) for name, value in given.items() if value is None],
    )
    connection.executemany(
        """INSERT INTO personal (layer, feature, field, value, received_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (layer, feature, field) DO UPDATE
        SET value = excluded.value, received_at = excluded.received_at, erased_at = NULL
        WHERE value IS NOT excluded.value""",
        [(layer, key, name, value, now) for name, value in given.items() if value is not None],
    )


def drop(connection: sqlite3.Connection, layer: int, key: str) -> None:
    """Take away all personal values of a feature."""
    connection.execute("DELETE FROM personal WHERE layer = ? AND feature = ?", (layer, key))


def differs(
    connection: sqlite3.Connection, layer: int, key: str, given: Mapping[str, str | None]
) -> bool:
    """Say whether `keep` would change anything."""
    found = connection.execute(
        "SELECT field, value FROM personal WHERE layer = ? AND feature = ?", (layer, key)
    )
    there = dict(found.fetchall())
    return any(there.get(name) != value for name, value in given.items())


def repeated(
    connection: sqlite3.Connection, layer: int, name: str, keys: Sequence[str]
) -> str | None:
    """Return a value that a feature among ``keys`` shares with another one, or None."""
    query = """SELECT a.value FROM personal a
        JOIN personal b ON b.layer = a.layer AND b.field = a.field AND b.value = a.value
        AND b.feature <> a.feature JOIN $feature ON $feature.key = b.feature
        WHERE a.layer = ? AND a.field = ? AND a.feature IN (SELECT value FROM json_each(?))
        LIMIT 1"""
    asked = (layer, name, json.dumps(list(keys)))
    row = connection.execute(statement(query, layer), asked).fetchone()
    return None if row is None else str(row[0])


def count_old(connection: sqlite3.Connection, before: datetime) -> dict[str, int]:
    """Return how many values came in before an instant, by layer."""
    rows = connection.execute(
        f"""SELECT layer.name, count(*) FROM personal JOIN layer ON layer.id = personal.layer
        WHERE {_OLD} GROUP BY layer.name ORDER BY layer.name""",  # noqa: S608 - our own words
        (_text(before),),
    )
    return dict(rows.fetchall())


def erase_old(connection: sqlite3.Connection, before: datetime, *, change: Change) -> None:
    """Erase the values that came in before an instant; their masks become the code `ERASED`."""
    limit = _text(before)
    for name in count_old(connection, before):
        stored = stored_layer(connection, name)
        layer = layer_number(connection, name)
        gone = connection.execute(
            f"SELECT feature, field FROM personal WHERE layer = ? AND {_OLD}",  # noqa: S608 - our own words
            (layer, limit),
        ).fetchall()
        connection.execute(
            f"UPDATE personal SET value = NULL, erased_at = ? WHERE layer = ? AND {_OLD}",  # noqa: S608 - our own words
            (instant(), layer, limit),
        )
        if stored is not None:
            apply.apply(
                connection,
                stored,
                _masked(connection, stored, gone),
                change=change,
                is_edit=False,
            )


def erased(connection: sqlite3.Connection, name: str) -> list[tuple[str, str]]:
    """Return feature and field of every value of a layer that was erased by policy."""
    return connection.execute(
        """SELECT feature, field FROM personal JOIN layer ON layer.id = personal.layer
        WHERE layer.name = ? AND erased_at IS NOT NULL""",
        (name,),
    ).fetchall()


@dataclass(frozen=True, slots=True)
class _Marked:
    """Features of an import with another frame."""

    frame: pd.DataFrame
    extra: pd.Series[Any] | None
    raw: pd.Series[Any] | None
    source_datum: str
    personal: pd.DataFrame
    issues: tuple[Issue, ...]
    total_rows: int


def marked(
    features: Features | pd.DataFrame, frame: pd.DataFrame, gone: Sequence[tuple[str, str]]
) -> Features | pd.DataFrame:
    """Return features whose frame, as ``frame`` has it, is marked by `mark_erased`."""
    fresh = mark_erased(frame, gone)
    if isinstance(features, pd.DataFrame):
        return fresh
    return _Marked(
        fresh,
        features.extra,
        features.raw,
        features.source_datum,
        features.personal,
        features.issues,
        features.total_rows,
    )


def mark_erased(frame: pd.DataFrame, gone: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Return a frame in which the masks of erased values are the code `ERASED`.

    >>> table = pd.DataFrame({"plate": ["苏X·**234"]}, index=["a"])
    >>> mark_erased(table, [("a", "plate"), ("b", "plate")])["plate"].tolist()
    ['erased']
    >>> mark_erased(table, [])["plate"].tolist()
    ['苏X·**234']
    """
    marked = frame.copy()
    for name in {name for _, name in gone if name in frame.columns}:
        keys = {key for key, named in gone if named == name}
        marked[name] = pd.Series(
            [
                _code(value) if str(key) in keys else value
                for key, value in zip(frame.index, frame[name], strict=True)
            ],
            index=frame.index,
            dtype=frame[name].dtype,
        )
    return marked


def _code(mask: Any) -> Any:  # noqa: ANN401 - a mask of any type
    if isinstance(mask, str):
        return ERASED
    return (ERASED,) if isinstance(mask, (tuple, list)) else mask


def _masked(
    connection: sqlite3.Connection, stored: StoredLayer, gone: Sequence[tuple[str, str]]
) -> list[Step]:
    kinds = dict(stored.shape.fields)
    names = list(kinds)
    fields: dict[str, list[str]] = {}
    for key, name in gone:
        # the mask of a number or a day is nothing already
        if kinds.get(name) in {"string", "list"}:
            fields.setdefault(key, []).append(name)
    steps = []
    for key, given in fields.items():
        before = apply.held(connection, stored, key)
        if before is None:
            continue
        values = list(before.content.values)
        for name in given:
            code = list_text((ERASED,)) if kinds[name] == "list" else ERASED
            values[names.index(name)] = code
        content = apply.Content(
            tuple(values),
            before.content.geom,
            before.content.raw_geom,
            before.content.source_datum,
            before.content.extra,
        )
        steps.append(Step(key, before, content))
    return steps


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
