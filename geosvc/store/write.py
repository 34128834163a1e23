"""One write: the features of a layer become those given, and what they replace becomes history."""

from __future__ import annotations

import json
from array import array
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geosvc.store.log import Act, append
from geosvc.store.read import layer_number, stored_layer
from geosvc.store.records import Change, Report, Shape, StoredLayer
from geosvc.store.rows import BATCH, batches
from geosvc.store.schema import feature_table, field_columns, rtree_table, statement
from geosvc.store.versions import end, supersede

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geosvc.errors import Issue
    from geosvc.store.rows import Rows

INSERT: Final = """
INSERT INTO $feature (id, key, revision, digest, geom, raw_geom, source_datum, extra$columns)
VALUES (?, ?, ?, ?, ?, ?, ?, ?$marks)"""

UPDATE: Final = """
UPDATE $feature SET (revision, digest, geom, raw_geom, source_datum, extra$columns)
= (?, ?, ?, ?, ?, ?$marks) WHERE id = ?"""

INDEX: Final = "INSERT OR REPLACE INTO $rtree VALUES (?, ?, ?, ?, ?)"

_FEW: Final = 1000
"""So many boxes at least make it worth while to build an R-tree anew."""

_CACHE_KIB: Final = 65_536
"""What SQLite may hold of the file while a whole layer is written: an R-tree grows everywhere."""


@dataclass(frozen=True, slots=True)
class _Difference:
    """Places of rows that are new, places and ids of those that changed, ids of those gone."""

    added: NDArray[np.int64]
    changed: NDArray[np.int64]
    changed_ids: NDArray[np.int64]
    removed_ids: NDArray[np.int64]
    free_id: int

    @property
    def added_ids(self) -> NDArray[np.int64]:
        """Ids above all that there are, or were a moment ago."""
        return np.arange(self.free_id, self.free_id + len(self.added))

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many features were added, changed and removed."""
        return len(self.added), len(self.changed), len(self.removed_ids)


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
        with _roomy(connection, len(rows.keys)):
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
        ON CONFLICT (layer, feature, field, until) DO UPDATE
        SET value = excluded.value, received_at = excluded.received_at
        WHERE erased_at IS NULL AND value IS NOT excluded.value""",
        [(layer, *named, value, now) for named, value in kept.items()],
    )
    # values of features that are gone stay: a restore would bring those back
    query = """SELECT feature, field FROM personal JOIN $feature ON $feature.key = feature
        WHERE layer = ? AND erased_at IS NULL AND until = 0"""
    held = connection.execute(statement(query, layer), (layer,)).fetchall()
    connection.executemany(
        "DELETE FROM personal WHERE layer = ? AND feature = ? AND field = ? AND until = 0",
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
    moved = np.empty(0, dtype=np.bool_)
    if shape is not None:
        moved = _end(connection, (layer, shape), rows, (difference, last + 1))
    if shape != rows.shape:
        connection.execute(
            "UPDATE revision SET shape = ? WHERE layer = ? AND shape IS NULL", (text, layer)
        )
        reshape_table(connection, layer, shape, rows.shape)
    _fill(connection, layer, rows, (difference, last + 1))
    if rows.shape.has_geometry:
        _index(connection, layer, rows, (difference, moved))
    made = Made(last + 1, rows.digest, len(rows.keys), difference.counts)
    _point(connection, layer, record_revision(connection, layer, made, change), rows.shape)


@contextmanager
def _roomy(connection: sqlite3.Connection, count: int) -> Iterator[None]:
    (usual,) = connection.execute("PRAGMA cache_size").fetchone()
    if count > BATCH:
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB:d}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA cache_size = {usual:d}")


def _point(connection: sqlite3.Connection, layer: int, revision: int, shape: Shape) -> None:
    connection.execute(
        "UPDATE layer SET revision = ?, shape = ? WHERE id = ?", (revision, shape.text, layer)
    )


def _difference(
    connection: sqlite3.Connection, layer: int, rows: Rows, *, known: bool
) -> _Difference:
    added, changed, changed_ids, removed_ids = array("q"), array("q"), array("q"), array("q")
    # both sides are sorted alike, by code point: they are read side by side, neither is held twice
    query = statement("SELECT key, id, digest FROM $feature ORDER BY key", layer)
    at, free, count = 0, 1, len(rows.keys)
    for key, feature, digest in connection.execute(query) if known else ():
        start, free = at, max(free, feature + 1)
        while at < count and rows.keys[at] < key:
            at += 1
        added.extend(range(start, at))
        if at == count or rows.keys[at] != key:
            removed_ids.append(feature)
            continue
        if rows.digests[at] != digest:
            changed.append(at)
            changed_ids.append(feature)
        at += 1
    added.extend(range(at, count))
    one, two, three, four = (
        np.array(item, dtype=np.int64) for item in (added, changed, changed_ids, removed_ids)
    )
    return _Difference(one, two, three, four, free)


def _end(
    connection: sqlite3.Connection,
    stored: tuple[int, Shape],
    rows: Rows,
    ended: tuple[_Difference, int],
) -> NDArray[np.bool_]:
    """End what changed and what is gone; return which of the changed have moved."""
    (layer, shape), (difference, number) = stored, ended
    moved = []
    for places, ids in _pairs(difference.changed, difference.changed_ids):
        was = end(connection, layer, shape, (ids.tolist(), number))
        now = zip(ids.tolist(), rows.geom(places), strict=True)
        moved += [geom != was[feature] for feature, geom in now]
    for ids in batches(difference.removed_ids):
        supersede(connection, layer, shape, (ids.tolist(), number))
    return np.array(moved, dtype=np.bool_)


def reshape_table(
    connection: sqlite3.Connection, layer: int, old: Shape | None, new: Shape
) -> None:
    """Give a layer's tables other fields; features keep the values of those that stay."""
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


def _fill(
    connection: sqlite3.Connection, layer: int, rows: Rows, made: tuple[_Difference, int]
) -> None:
    difference, number = made
    fields = len(rows.shape.fields)
    update, insert = (statement(text, layer, fields=fields) for text in (UPDATE, INSERT))
    for places, ids in _pairs(difference.changed, difference.changed_ids):
        given = zip(rows.taken(places, number), ids.tolist(), strict=True)
        connection.executemany(update, ((*row, at) for row, at in given))
    for places, ids in _pairs(difference.added, difference.added_ids):
        named = zip(ids.tolist(), (rows.keys[at] for at in places.tolist()), strict=True)
        given = zip(named, rows.taken(places, number), strict=True)
        connection.executemany(insert, ((*name, *row) for name, row in given))


def _index(
    connection: sqlite3.Connection,
    layer: int,
    rows: Rows,
    moves: tuple[_Difference, NDArray[np.bool_]],
) -> None:
    difference, moved = moves
    query = statement(INDEX, layer)
    places = np.concatenate([difference.changed[moved], difference.added])
    numbers = np.concatenate([difference.changed_ids[moved], difference.added_ids])
    if len(places) > max(_FEW, len(rows.keys) // 2):
        # an empty tree is filled in less time than most boxes are taken out of a full one
        connection.execute(statement("DROP TABLE $rtree", layer))
        connection.execute(rtree_table(statement("$rtree", layer)))
        found = connection.execute(statement("SELECT id FROM $feature ORDER BY key", layer))
        numbers = np.fromiter((number for (number,) in found), dtype=np.int64)
        places = np.arange(len(numbers))
    for some, ids in _pairs(places, numbers):
        boxes = outward(rows.bounds[some])[:, [0, 2, 1, 3]].tolist()
        connection.executemany(
            query, ((at, *box) for at, box in zip(ids.tolist(), boxes, strict=True))
        )


def _pairs(
    one: NDArray[np.int64], other: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    return zip(batches(one), batches(other), strict=True)


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
