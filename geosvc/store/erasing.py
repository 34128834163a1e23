"""What retention does: values whose time is over go, and so do the masks that were made of them.

The mask of a plate still tells its city and its last three characters, and beside a place and a
time that singles out a vehicle: it is personal information as the plate is (Personal Information
Protection Law, articles 4 and 47), and is kept no longer. So the code `ERASED` takes its place in
the features that stand, as a new revision, and in every version of the history.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geosvc.store import apply
from geosvc.store.apply import Step
from geosvc.store.frames import list_text
from geosvc.store.read import layer_number, stored_layer
from geosvc.store.write import instant

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from geosvc.errors import Issue
    from geosvc.store.records import Change, Features, StoredLayer

ERASED: Final = "erased"
"""The code that stands for a mask whose value was erased by policy."""

_OLD: Final = "erased_at IS NULL AND value IS NOT NULL AND received_at < ?"

_PURGED: Final = "purged_before"

_STAMP: Final = "erasure"


def count_old(connection: sqlite3.Connection, before: datetime) -> dict[str, int]:
    """Return how many values came in before an instant, by layer, replaced ones too."""
    rows = connection.execute(
        f"""SELECT layer.name, count(*) FROM personal JOIN layer ON layer.id = personal.layer
        WHERE {_OLD} GROUP BY layer.name ORDER BY layer.name""",  # noqa: S608 - our own words
        (_text(before),),
    )
    return dict(rows.fetchall())


def erase_old(
    connection: sqlite3.Connection, before: datetime, *, change: Change
) -> frozenset[str]:
    """Erase the values that came in before an instant, and all masks of them.

    Masks in versions that began before it go too, whatever has become of their values.

    Returns
    -------
    layers
        Those that have changed, or their history.
    """
    limit = _text(before)
    names = connection.execute(
        "SELECT name FROM layer WHERE id IN (SELECT layer FROM personal) ORDER BY name"
    ).fetchall()
    found = frozenset(name for (name,) in names if _erase(connection, name, limit, change))
    # a backup that is restored must not bring back what has gone
    reached = min(before, datetime.now(UTC))
    if found:
        stamp(connection)
    if found and reached > (purged_before(connection) or reached.min.replace(tzinfo=UTC)):
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_PURGED, _text(reached)))
    return found


def purged_before(connection: sqlite3.Connection) -> datetime | None:
    """Return the latest instant before which values were ever erased, None where none was."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_PURGED,)).fetchone()
    return None if row is None else datetime.fromisoformat(row[0])


def stamp(connection: sqlite3.Connection) -> None:
    """Note that personal values or masks have gone: what was made of them before is void."""
    # no number: that of a restored backup could be the same one again
    given = _STAMP, secrets.token_hex(8)
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", given)


def stamped(connection: sqlite3.Connection) -> str:
    """Return what the last `stamp` left, an empty text where there was none."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_STAMP,)).fetchone()
    return "" if row is None else str(row[0])


def erased(connection: sqlite3.Connection, name: str) -> list[tuple[str, str]]:
    """Return feature and field of every value of a layer that was erased by policy."""
    return connection.execute(
        """SELECT feature, field FROM personal JOIN layer ON layer.id = personal.layer
        WHERE layer.name = ? AND erased_at IS NOT NULL AND until = 0""",
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


def _erase(connection: sqlite3.Connection, name: str, limit: str, change: Change) -> bool:
    layer, stored = layer_number(connection, name), stored_layer(connection, name)
    gone = connection.execute(
        f"SELECT feature, field, since, until FROM personal WHERE layer = ? AND {_OLD}",  # noqa: S608 - our own words
        (layer, limit),
    ).fetchall()
    connection.execute(
        f"UPDATE personal SET value = NULL, erased_at = ? WHERE layer = ? AND {_OLD}",  # noqa: S608 - our own words
        (instant(), layer, limit),
    )
    if stored is None:
        return bool(gone)
    standing = [(key, field) for key, field, _, until in gone if not until]
    steps = _masked(connection, stored, standing)
    apply.apply(connection, stored, steps, change=change, is_edit=False)
    # what stood until now is history by now
    cleaned = [*_by_value(connection, layer, gone), *_by_age(connection, layer, limit)]
    connection.executemany("UPDATE feature_history SET properties = ? WHERE rowid = ?", cleaned)
    return bool(gone or cleaned)


def _by_value(
    connection: sqlite3.Connection, layer: int, gone: Iterable[tuple[str, str, int, int]]
) -> Iterator[tuple[str, int]]:
    """Find the versions in which values held; the fields of each go together."""
    fields: dict[int, set[str]] = {}
    texts: dict[int, str] = {}
    for key, field, since, until in gone:
        rows = connection.execute(
            """SELECT rowid, properties FROM feature_history WHERE layer = ? AND key = ?
            AND from_revision >= ? AND (? = 0 OR from_revision < ?)""",
            (layer, key, since, until, until),
        )
        for row, text in rows:
            fields.setdefault(row, set()).add(field)
            texts[row] = text
    yield from _cleaned((row, text, fields[row]) for row, text in texts.items())


def _by_age(connection: sqlite3.Connection, layer: int, limit: str) -> Iterator[tuple[str, int]]:
    """Find the versions that began before an instant: so did the values of their masks."""
    rows = connection.execute("SELECT DISTINCT field FROM personal WHERE layer = ?", (layer,))
    fields = {field for (field,) in rows.fetchall()}
    rows = connection.execute(
        """SELECT feature_history.rowid, properties FROM feature_history JOIN revision
        ON revision.layer = feature_history.layer AND number = from_revision
        WHERE feature_history.layer = ? AND at < ?""",
        (layer, limit),
    )
    yield from _cleaned((row, text, fields) for row, text in rows)


def _cleaned(
    versions: Iterable[tuple[int, str, Collection[str]]],
) -> Iterator[tuple[str, int]]:
    for row, text, fields in versions:
        given = json.loads(text)
        marked = {name: _code(given[name]) for name in fields if name in given}
        fresh = json.dumps(given | marked, ensure_ascii=False)
        if fresh != text:
            yield fresh, row


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
