"""Versions of features that end: they stand in the history from then on."""

from __future__ import annotations

import json
from math import isinf
from typing import TYPE_CHECKING, Any, Final

import orjson

from geosvc.store.schema import statement

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from geosvc.store.records import Shape

_STANDING: Final = """
SELECT id, key, revision, geom, raw_geom, source_datum, extra$columns FROM $feature
WHERE id IN (SELECT value FROM json_each(?))"""


def supersede(
    connection: sqlite3.Connection, layer: int, shape: Shape, gone: tuple[Sequence[int], int]
) -> None:
    """Move features (their ids) to the history, where they end at a revision (its number)."""
    end(connection, layer, shape, gone)
    texts = "DELETE FROM $feature WHERE id = ?", "DELETE FROM $rtree WHERE id = ?"
    for text in texts if shape.has_geometry else texts[:1]:
        connection.executemany(statement(text, layer), ((at,) for at in gone[0]))


def end(
    connection: sqlite3.Connection, layer: int, shape: Shape, ended: tuple[Sequence[int], int]
) -> dict[int, bytes | None]:
    """Copy features to the history as `supersede` does, but leave their rows for an update.

    Returns
    -------
    geom
        Where they are, as WKB by id.
    """
    ids, number = ended
    query = statement(_STANDING, layer, fields=len(shape.fields))
    geometries: dict[int, bytes | None] = {}

    def versions() -> Iterator[tuple[Any, ...]]:
        found = connection.execute(query, (json.dumps(list(ids)),))
        for feature, key, since, geom, raw, datum, extra, *values in found:
            geometries[feature] = geom
            text = properties_text(shape, values)
            yield layer, key, since, number, text, geom, raw, datum, extra

    insert = "INSERT INTO feature_history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    connection.executemany(insert, versions())
    return geometries


def properties_text(shape: Shape, values: Iterable[Any]) -> str:
    """Write the values of a feature table's row as JSON by field, without nulls.

    >>> from geosvc.store.records import Shape
    >>> properties_text(Shape("None", "id", (("id", "string"), ("on", "boolean"))), ["a", 1])
    '{"id":"a","on":true}'
    >>> properties_text(Shape("None", "id", ()), [])
    '{}'
    """
    given: dict[str, Any] = {}
    for (name, kind), value in zip(shape.fields, values, strict=True):
        if value is None:
            continue
        if kind == "list":
            # it is JSON already
            given[name] = orjson.Fragment(value)
        elif kind == "boolean":
            given[name] = bool(value)
        elif kind == "number" and isinf(value):
            given[name] = orjson.Fragment(json.dumps(value))
        else:
            given[name] = value
    return orjson.dumps(given).decode()
