"""What the store answers from SQL; requests are answered from column files instead."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import Issue
from geosvc.store.records import Report, Shape, StoredLayer
from geosvc.store.rows import frame_of
from geosvc.store.schema import statement

if TYPE_CHECKING:
    import sqlite3

    import pandas as pd

_STATES: Final = """
SELECT layer.id, layer.name, revision.number, revision.id, revision.digest, revision.count,
    layer.source_sha256, layer.fingerprint, layer.edited, revision.at, revision.author,
    revision.reason, layer.notes, layer.shape
FROM layer JOIN revision ON revision.id = layer.revision"""


def stored_layers(connection: sqlite3.Connection) -> dict[str, StoredLayer]:
    """Return the current revision of every layer that has one, by layer id."""
    return {row[1]: _stored(row) for row in connection.execute(f"{_STATES} ORDER BY layer.name")}


def stored_layer(connection: sqlite3.Connection, name: str) -> StoredLayer | None:
    """Return the current revision of a layer, or None."""
    row = connection.execute(f"{_STATES} WHERE layer.name = ?", (name,)).fetchone()
    return None if row is None else _stored(row)


def layer_number(connection: sqlite3.Connection, name: str) -> int:
    """Return the number by which tables know a layer; 0 where the store has never seen it."""
    row = connection.execute("SELECT id FROM layer WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])


def reports(connection: sqlite3.Connection) -> dict[str, Report]:
    """Return what the last import of each layer said, by layer id."""
    issues: dict[int, list[Issue]] = {}
    for layer, *values in connection.execute(
        "SELECT layer, code, path, key, row, found, expected FROM import_issue "
        "ORDER BY layer, position"
    ):
        issues.setdefault(layer, []).append(Issue(*values))
    return {
        name: Report(bool(usable), total, tuple(issues.get(layer, ())))
        for layer, name, usable, total in connection.execute(
            "SELECT id, name, usable, total_rows FROM layer ORDER BY name"
        )
    }


def read_frame(
    connection: sqlite3.Connection, name: str
) -> tuple[StoredLayer, pd.DataFrame] | None:
    """Return a layer's current revision and its features, or None; inside a read transaction."""
    stored = stored_layer(connection, name)
    if stored is None:
        return None
    fields = len(stored.shape.fields)
    query = "SELECT key, geom$columns FROM $feature ORDER BY key"
    rows = connection.execute(statement(query, stored.layer, fields=fields)).fetchall()
    return stored, frame_of(rows, stored.shape)


def revision_digest(connection: sqlite3.Connection, name: str, number: int) -> str | None:
    """Return the digest of one revision of a layer, or None."""
    row = connection.execute(
        """SELECT revision.digest FROM revision JOIN layer ON layer.id = revision.layer
        WHERE layer.name = ? AND revision.number = ?""",
        (name, number),
    ).fetchone()
    return None if row is None else str(row[0])


def _stored(row: tuple[Any, ...]) -> StoredLayer:
    named = dict(zip((item.name for item in dataclasses.fields(StoredLayer)), row, strict=True))
    named["edited"] = bool(named["edited"])
    named["notes"] = json.loads(named["notes"])
    named["shape"] = Shape.parse(named["shape"])
    return StoredLayer(**named)
