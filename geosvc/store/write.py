"""One write: the features of a layer become those given, and what they replace becomes history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geosvc.store.frames import list_value
from geosvc.store.log import Act, append
from geosvc.store.read import layer_number, stored_layer
from geosvc.store.records import Change, Report, Shape, StoredLayer
from geosvc.store.schema import feature_table, field_columns, rtree_table, statement

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from geosvc.errors import Issue
    from geosvc.store.rows import Rows

INSERT: Final = """
INSERT INTO $feature (id, key, revision, digest, geom, raw_geom, source_datum, extra$columns)
VALUES (?, ?, ?, ?, ?, ?, ?, ?$marks)"""

_SUPERSEDED: Final = """
SELECT key, revision, geom, raw_geom, source_datum, extra$columns FROM $feature
WHERE id IN (SELECT value FROM json_each(?))"""


@dataclass(frozen=True, slots=True)
class _Difference:
    """Places of rows to insert with their ids, and ids of rows to take out."""

    insert: tuple[tuple[int, int], ...]
    delete: tuple[int, ...]
    added: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class Made:
    """What a revision comes to; ``counts`` are features added, changed and removed."""

    number: int
    digest: str
    count: int
    counts: tuple[int, int, int]


def put(connection: sqlite3.Connection, name: str, rows: Rows, change: Change) -> StoredLayer:
    """Make ``rows`` the layer's features, inside the caller's transaction.

    Nothing but the layer's own row moves where they are the features already; otherwise the layer
    has one more revision.
    """
    layer = ensure_layer(connection, name)
    before = stored_layer(connection, name)
    if before is None or before.digest != rows.digest:
        _revise(connection, layer, rows, change)
    connection.execute(
        "UPDATE layer SET source_sha256 = ?, fingerprint = ?, notes = ? WHERE id = ?",
        (change.source_sha256, change.fingerprint, json.dumps(dict(change.notes)), layer),
    )
    after = stored_layer(connection, name)
    if after is None:  # pragma: no cover - the row was written above
        raise AssertionError
    return after


def put_personal(connection: sqlite3.Connection, name: str, personal: pd.DataFrame) -> None:
    """Make ``personal`` (columns key, field, value) the layer's personal values.

    A value that was erased by policy stays erased, whatever a source still says. Values of
    features that are gone stay until their time is over.
    """
    layer = layer_number(connection, name)
    now = instant()
    columns = (personal[column] for column in ("key", "field", "value"))
    kept: dict[tuple[str, str], str] = {}
    for key, item, value in zip(*columns, strict=True):
        if not pd.isna(value):
            # the items of a list come one by one
            named = str(key), str(item)
            kept[named] = f"{kept[named]};{value}" if named in kept else str(value)
    connection.executemany(
        """INSERT INTO personal (layer, feature, field, value, received_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (layer, feature, field) DO UPDATE
        SET value = excluded.value, received_at = excluded.received_at
        WHERE erased_at IS NULL AND value IS NOT excluded.value""",
        [(layer, *named, value, now) for named, value in kept.items()],
    )
    # values of features that are gone stay: a restore would bring those back
    query = """SELECT feature, field FROM personal JOIN $feature ON $feature.key = feature
        WHERE layer = ? AND erased_at IS NULL"""
    held = connection.execute(statement(query, layer), (layer,)).fetchall()
    connection.executemany(
        "DELETE FROM personal WHERE layer = ? AND feature = ? AND field = ?",
        [(layer, key, item) for key, item in held if (key, item) not in kept],
    )


def put_report(connection: sqlite3.Connection, name: str, report: Report) -> None:
    """Replace what the last import of a layer said."""
    layer = ensure_layer(connection, name)
    connection.execute(
        "UPDATE layer SET usable = ?, total_rows = ? WHERE id = ?",
        (report.usable, report.total_rows, layer),
    )
    connection.execute("DELETE FROM import_issue WHERE layer = ?", (layer,))
    connection.executemany(
        "INSERT INTO import_issue VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(layer, at, *_issue_row(issue)) for at, issue in enumerate(report.issues)],
    )


def ensure_layer(connection: sqlite3.Connection, name: str) -> int:
    """Return the number of a layer, giving it one where it has none."""
    connection.execute("INSERT INTO layer (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    return layer_number(connection, name)


def instant() -> str:
    """Return the present instant in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def record_revision(connection: sqlite3.Connection, layer: int, made: Made, change: Change) -> int:
    """Store who made a revision, when and why, log it, and return its id over all layers.

    Its time is never before that of the revision before it, even if the clock was set back.
    """
    last = connection.execute("SELECT at FROM revision ORDER BY id DESC LIMIT 1").fetchone()
    at = max(instant(), last[0] if last else "")
    cursor = connection.execute(
        """INSERT INTO revision (layer, number, digest, count, author, reason, at, source_path,
        source_sha256, fingerprint, added, changed, removed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            layer, made.number, made.digest, made.count, change.author, change.reason, at,
            change.source_path, change.source_sha256, change.fingerprint, *made.counts,
        ),
    )  # fmt: skip
    (name,) = connection.execute("SELECT name FROM layer WHERE id = ?", (layer,)).fetchone()
    detail = {"revision": made.number, "reason": change.reason, "source": change.source_path}
    detail |= dict(zip(("added", "changed", "removed"), made.counts, strict=True))
    append(connection, Act("write", change.author, change.address, name, detail))
    return int(cursor.lastrowid or 0)


def _revise(connection: sqlite3.Connection, layer: int, rows: Rows, change: Change) -> None:
    (text,) = connection.execute("SELECT shape FROM layer WHERE id = ?", (layer,)).fetchone()
    (last,) = connection.execute(
        "SELECT coalesce(max(number), 0) FROM revision WHERE layer = ?", (layer,)
    ).fetchone()
    shape = Shape.parse(text) if text else None
    difference = _difference(connection, layer, rows, known=shape is not None)
    if shape is not None:
        supersede(connection, layer, shape, (difference.delete, last + 1))
    if shape != rows.shape:
        connection.execute(
            "UPDATE revision SET shape = ? WHERE layer = ? AND shape IS NULL", (text, layer)
        )
        _reshape(connection, layer, shape, rows.shape)
    _insert(connection, layer, rows, (difference.insert, last + 1))
    counts = (difference.added, difference.changed, difference.removed)
    made = Made(last + 1, rows.digest, len(rows.keys), counts)
    _point(connection, layer, record_revision(connection, layer, made, change), rows.shape)


def _point(connection: sqlite3.Connection, layer: int, revision: int, shape: Shape) -> None:
    connection.execute(
        "UPDATE layer SET revision = ?, shape = ? WHERE id = ?", (revision, shape.text, layer)
    )


def _difference(
    connection: sqlite3.Connection, layer: int, rows: Rows, *, known: bool
) -> _Difference:
    query = statement("SELECT key, id, digest FROM $feature", layer)
    held = {key: (at, digest) for key, at, digest in connection.execute(query)} if known else {}
    free = 1 + max((at for at, _ in held.values()), default=0)
    insert, delete, added = [], [], 0
    for at, (key, digest) in enumerate(zip(rows.keys, rows.digests, strict=True)):
        feature, stored = held.pop(key, (None, b""))
        if feature is None:
            insert.append((at, free + added))
            added += 1
        elif stored != digest:
            insert.append((at, feature))
            delete.append(feature)
    changed, removed = len(delete), [feature for feature, _ in held.values()]
    return _Difference(tuple(insert), (*delete, *removed), added, changed, len(removed))


def supersede(
    connection: sqlite3.Connection, layer: int, shape: Shape, gone: tuple[Sequence[int], int]
) -> None:
    """Move features (their ids) to the history, where they end at a revision (its number)."""
    ids, number = gone
    query = statement(_SUPERSEDED, layer, fields=len(shape.fields))
    found = connection.execute(query, (json.dumps(list(ids)),))
    connection.executemany(
        "INSERT INTO feature_history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (layer, key, since, number, properties_text(shape, values), geom, raw, datum, extra)
            for key, since, geom, raw, datum, extra, *values in found
        ),
    )
    remove = "DELETE FROM $feature WHERE id = ?", "DELETE FROM $rtree WHERE id = ?"
    for text in remove if shape.has_geometry else remove[:1]:
        connection.executemany(statement(text, layer), ((at,) for at in ids))


def properties_text(shape: Shape, values: Iterable[Any]) -> str:
    """Write the values of a feature table's row as JSON by field, without nulls.

    >>> properties_text(Shape("None", "id", (("id", "string"), ("on", "boolean"))), ["a", 1])
    '{"id": "a", "on": true}'
    >>> properties_text(Shape("None", "id", ()), [])
    '{}'
    """
    given: dict[str, Any] = {}
    for (name, kind), value in zip(shape.fields, values, strict=True):
        if value is None:
            continue
        if kind == "list":
            given[name] = list_value(value)
        else:
            given[name] = bool(value) if kind == "boolean" else value
    return json.dumps(given, ensure_ascii=False)


def _reshape(connection: sqlite3.Connection, layer: int, old: Shape | None, new: Shape) -> None:
    fresh = statement("${feature}_new", layer)
    connection.execute(feature_table(fresh, [kind for _, kind in new.fields]))
    if old is not None:
        # features that have not changed keep their row; only those fields can differ that are null
        source = dict(zip(old.fields, field_columns(len(old.fields)), strict=True))
        kept = [source.get(item, "NULL") for item in new.fields]
        columns = ["id", "key", "revision", "digest", "geom", "raw_geom", "source_datum", "extra"]
        picked = ", ".join(columns + kept)
        copy = Template("INSERT INTO ${feature}_new SELECT $picked FROM $feature")
        connection.execute(statement(copy.safe_substitute(picked=picked), layer))
        connection.execute(statement("DROP TABLE $feature", layer))
    connection.execute(statement("ALTER TABLE ${feature}_new RENAME TO $feature", layer))
    had = old is not None and old.has_geometry
    if new.has_geometry and not had:
        connection.execute(rtree_table(statement("$rtree", layer)))
    elif had and not new.has_geometry:
        connection.execute(statement("DROP TABLE $rtree", layer))


def _insert(
    connection: sqlite3.Connection,
    layer: int,
    rows: Rows,
    places: tuple[Sequence[tuple[int, int]], int],
) -> None:
    insert, number = places
    query = statement(INSERT, layer, fields=len(rows.shape.fields))
    connection.executemany(query, ((feature, *rows.row(at, number)) for at, feature in insert))
    if rows.shape.has_geometry:
        query = statement("INSERT INTO $rtree VALUES (?, ?, ?, ?, ?)", layer)
        boxes = outward(rows.bounds)[:, [0, 2, 1, 3]].tolist()
        connection.executemany(query, ((feature, *boxes[at]) for at, feature in insert))


def outward(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round boxes to 32 bits so that they still hold what they held.

    SQLite does so too, but lets numbers next to zero become zero.
    """
    rounded = bounds.astype(np.float32)
    less, more = rounded > bounds, rounded < bounds
    less[:, 2:], more[:, :2] = False, False
    rounded = np.where(less, np.nextafter(rounded, np.float32(-np.inf)), rounded)
    rounded = np.where(more, np.nextafter(rounded, np.float32(np.inf)), rounded)
    return rounded.astype(np.float64)


def _issue_row(issue: Issue) -> tuple[Any, ...]:
    return (issue.code, issue.path, issue.key, issue.row, issue.found, issue.expected)
