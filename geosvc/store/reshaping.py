"""Features of an edited layer under another schema, as one revision; what they were is history.

An import would replace what people made. Here every feature stays, with its place as received and
its undeclared columns, save those that are personal now; its declared values become others.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Final

import orjson

from geosvc.errors import StoreError
from geosvc.store.apply import Content, Held, Step, insert
from geosvc.store.erasing import stamp
from geosvc.store.frames import conform, values_of
from geosvc.store.read import stored_layer
from geosvc.store.records import Shape
from geosvc.store.rows import layer_digest
from geosvc.store.schema import statement
from geosvc.store.versions import supersede
from geosvc.store.write import Made, put_personal, record_revision, reshape_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd

    from geosvc.catalog.model import Schema
    from geosvc.store.records import Change, StoredLayer

_ROWS: Final = """
SELECT id, key, revision, digest, geom, raw_geom, source_datum, extra$columns FROM $feature"""

# a mask or a code has nothing to hide, and no plate looks like the mask of one
_HIDE: Final = (
    """UPDATE feature_history SET properties = json_set(properties, ?2, '***')
    WHERE layer = ?1 AND json_type(properties, ?2) = 'text'
        AND json_extract(properties, ?2) NOT IN ('***', 'erased')
        AND json_extract(properties, ?2) NOT GLOB '?[A-Z]·[*][*]???'""",
    """UPDATE feature_history SET properties = json_set(properties, ?2, json('["***"]'))
    WHERE layer = ?1 AND json_type(properties, ?2) = 'array'
        AND json_extract(properties, ?2) NOT IN ('["***"]', '["erased"]')""",
    """UPDATE feature_history SET properties = json_remove(properties, ?2)
    WHERE layer = ?1 AND json_type(properties, ?2) NOT IN ('text', 'array')""",
    # the column may have been there before it was declared
    """UPDATE feature_history SET extra = json_remove(extra, ?2)
    WHERE layer = ?1 AND json_type(extra, ?2) IS NOT NULL""",
)


def reshape(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    given: tuple[pd.DataFrame, pd.DataFrame],
    *,
    schema: Schema,
    change: Change,
) -> StoredLayer:
    """Bring features to a schema, inside the caller's transaction; see `Store.reshape`."""
    shape = Shape.of(schema)
    if (shape.geometry, shape.primary_key) != (stored.shape.geometry, stored.shape.primary_key):
        msg = f"{stored.name}: another geometry or key"
        raise StoreError(msg)
    frame, personal = given
    steps = _steps(connection, stored, frame, schema)
    put_personal(connection, stored.name, personal)
    revise(connection, stored, steps, shape=shape, change=change)
    hide(connection, stored.layer, schema)
    connection.execute(
        "UPDATE layer SET fingerprint = ? WHERE id = ?", (change.fingerprint, stored.layer)
    )
    after = stored_layer(connection, stored.name)
    if after is None:  # pragma: no cover - it was read above
        raise AssertionError
    return after


def hide(connection: sqlite3.Connection, layer: int, schema: Schema) -> None:
    """Put masks where a layer's history has values of fields that are personal now."""
    before = connection.total_changes
    for name in sorted(personal_names(schema)):
        for query in _HIDE:
            connection.execute(query, (layer, f"$.{json.dumps(name)}"))
    if connection.total_changes != before:
        stamp(connection)


def declared_extra(extra: str | None, names: Collection[str]) -> str | None:
    """Return undeclared columns (JSON, or None) without those that are declared personal now.

    >>> declared_extra('{"owner":"Wang","row":1}', {"owner"})
    '{"row":1}'
    >>> declared_extra('{"owner":"Wang"}', {"owner"})
    >>> declared_extra(None, {"owner"})
    """
    given = {} if extra is None else json.loads(extra)
    if not names & given.keys():
        return extra
    kept = {name: value for name, value in given.items() if name not in names}
    # written as an import writes it: digests cover it
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode() if kept else None


def features(connection: sqlite3.Connection, stored: StoredLayer) -> Iterator[tuple[str, Held]]:
    """Yield the features of a layer that stand, with their keys."""
    query = statement(_ROWS, stored.layer, fields=len(stored.shape.fields))
    rows = connection.execute(query)
    for number, key, revision, digest, geom, raw, datum, extra, *values in rows:
        content = Content(tuple(values), geom, raw, datum, extra)
        yield key, Held(number, revision, digest, content)


def personal_names(schema: Schema) -> frozenset[str]:
    """Return the names of the fields that a schema calls personal."""
    return frozenset(field.name for field in schema.fields if field.privacy is not None)


def _steps(
    connection: sqlite3.Connection, stored: StoredLayer, frame: pd.DataFrame, schema: Schema
) -> list[tuple[Step, bytes, Held]]:
    shape, private = Shape.of(schema), personal_names(schema)
    typed = conform(frame, shape)
    columns = [values_of(typed[name], kind) for name, kind in shape.fields]
    given = dict(zip(typed.index, zip(*columns, strict=True), strict=True))
    found = []
    for key, before in features(connection, stored):
        if key not in given:
            msg = f"{stored.name}: {key} is missing"
            raise StoreError(msg)
        row = [int(value) if isinstance(value, bool) else value for value in given[key]]
        extra = declared_extra(before.content.extra, private)
        after = dataclasses.replace(before.content, values=tuple(row), extra=extra)
        found.append((Step(key, before, after), after.digest(shape), before))
    return found


def revise(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    steps: Sequence[tuple[Step, bytes, Held]],
    *,
    shape: Shape,
    change: Change,
) -> None:
    """Make a revision of features, all of a layer's, with their new digests and what they were."""
    moved = [item for item in steps if item[1] != item[2].digest]
    if not moved and shape == stored.shape:
        return
    number, was = stored.number + 1, stored.shape
    supersede(connection, stored.layer, was, ([held.id for *_, held in moved], number))
    if shape != was:
        connection.execute(
            "UPDATE revision SET shape = ? WHERE layer = ? AND shape IS NULL",
            (was.text, stored.layer),
        )
        reshape_table(connection, stored.layer, was, shape)
    fresh = dataclasses.replace(stored, shape=shape)
    insert(connection, fresh, [(step, digest) for step, digest, _ in moved], number)
    digest = layer_digest(shape, [(step.key, digest) for step, digest, _ in steps])
    made = Made(number, digest, stored.count, (0, len(moved), 0))
    revision = record_revision(connection, stored.layer, made, change)
    connection.execute(
        "UPDATE layer SET revision = ?, shape = ? WHERE id = ?",
        (revision, shape.text, stored.layer),
    )
