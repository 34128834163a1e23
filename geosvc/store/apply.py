"""One revision out of changes to single features; its cost does not grow with the layer."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import shapely

from geosvc.errors import StoreError
from geosvc.store.frames import list_text
from geosvc.store.read import stored_layer
from geosvc.store.rows import feature_digests, layer_digest, moved_digest
from geosvc.store.schema import statement
from geosvc.store.versions import supersede
from geosvc.store.write import INSERT, Made, outward, record_revision

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from geosvc.store.records import Change, Shape, StoredLayer

_HELD: Final = """
SELECT id, revision, digest, geom, raw_geom, source_datum, extra$columns FROM $feature
WHERE key = ?"""

_DATUM: Final = "WGS84"
"""What a place drawn on a map is given in."""

_DIGITS: Final = 64


@dataclass(frozen=True, slots=True)
class Content:
    """A feature as its table holds it; ``values`` in the order of the shape."""

    values: tuple[Any, ...]
    geom: bytes | None
    raw_geom: bytes | None
    source_datum: str
    extra: str | None

    def digest(self, shape: Shape) -> bytes:
        """Return the feature's own digest, the same as an import of it would give."""
        kinds = (kind for _, kind in shape.fields)
        values = [
            [bool(value) if kind == "boolean" and value is not None else value]
            for value, kind in zip(self.values, kinds, strict=True)
        ]
        parts = [(self.geom, self.raw_geom, self.extra)]
        return next(feature_digests(shape, values, parts, self.source_datum))


@dataclass(frozen=True, slots=True)
class Held:
    """A feature that stands, with its id, the revision that brought it, and its digest."""

    id: int
    revision: int
    digest: bytes
    content: Content


@dataclass(frozen=True, slots=True)
class Step:
    """A feature before and after; ``is_touched`` where it is a new version even if equal."""

    key: str
    before: Held | None
    after: Content | None
    is_touched: bool = False


def held(connection: sqlite3.Connection, stored: StoredLayer, key: str) -> Held | None:
    """Return a feature as it stands, or None."""
    query = statement(_HELD, stored.layer, fields=len(stored.shape.fields))
    row = connection.execute(query, (key,)).fetchone()
    if row is None:
        return None
    number, revision, digest, geom, raw, datum, extra, *values = row
    return Held(number, revision, digest, Content(tuple(values), geom, raw, datum, extra))


def content_of(
    shape: Shape,
    values: Mapping[str, Any],
    geometry: BaseGeometry | None,
    *,
    before: Content | None = None,
) -> Content:
    """Make the content of a feature from typed values and a place in OGC:CRS84.

    Parameters
    ----------
    shape
        The layer's columns.
    values
        By field; one that is left out has no value.
    geometry
        The place; None keeps that of ``before``, with its coordinates as received.
    before
        The feature as it stands; its undeclared columns stay.

    Raises
    ------
    StoreError
        If a value is not of its field's type, or a place is missing.
    """
    unknown = values.keys() - {name for name, _ in shape.fields}
    if unknown:
        msg = f"no such fields: {', '.join(sorted(unknown))}"
        raise StoreError(msg)
    row = tuple(_value(name, values.get(name), kind) for name, kind in shape.fields)
    extra = before.extra if before else None
    if not shape.has_geometry:
        return Content(row, None, None, before.source_datum if before else "", extra)
    if geometry is not None:
        geom = shapely.to_wkb(geometry, byte_order=1, flavor="iso")
        if before is None or geom != before.geom:
            return Content(row, geom, None, _DATUM, extra)
    if before is None:
        msg = "geometry missing"
        raise StoreError(msg)
    return Content(row, before.geom, before.raw_geom, before.source_datum, extra)


def apply(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    steps: Iterable[Step],
    *,
    change: Change,
    is_edit: bool = True,
) -> StoredLayer:
    """Make one revision of changes to features, inside the caller's transaction.

    Parameters
    ----------
    connection
        The file.
    stored
        The layer as it stands.
    steps
        At most one for each key.
    change
        Who, why.
    is_edit
        Whether the layer counts as edited from now on, so that imports leave it alone.

    Returns
    -------
    stored
        The new revision, or the old one where nothing differs.
    """
    shape = stored.shape
    new = {item.key: item.after.digest(shape) for item in steps if item.after is not None}
    moved = [
        item
        for item in steps
        if item.is_touched or new.get(item.key) != (item.before.digest if item.before else None)
    ]
    if not moved:
        return stored
    number = stored.number + 1
    before = _digest(connection, stored)
    gone = [item.before.id for item in moved if item.before is not None]
    supersede(connection, stored.layer, shape, (gone, number))
    insert(connection, stored, [(item, new[item.key]) for item in moved if item.after], number)
    digest = moved_digest(
        before,
        added=[(item.key, new[item.key]) for item in moved if item.after],
        removed=[(item.key, item.before.digest) for item in moved if item.before],
    )
    counts = (
        sum(item.before is None for item in moved),
        sum(item.before is not None and item.after is not None for item in moved),
        sum(item.after is None for item in moved),
    )
    made = Made(number, digest, stored.count + counts[0] - counts[2], counts)
    revision = record_revision(connection, stored.layer, made, _sourced(change, stored))
    connection.execute(
        "UPDATE layer SET revision = ?, edited = max(edited, ?) WHERE id = ?",
        (revision, is_edit, stored.layer),
    )
    after = stored_layer(connection, stored.name)
    if after is None:  # pragma: no cover - it was read above
        raise AssertionError
    return after


def past_content(shape: Shape, row: tuple[Any, ...]) -> Content:
    """Make the content of a row (properties, WKB, raw WKB, datum, extra columns) of the history.

    Fields that the layer no longer has are left out.

    Raises
    ------
    StoreError
        If a field has another type than it had, and the value does not fit.
    """
    properties, *parts = row
    given = json.loads(properties)
    values = tuple(_value(name, given.get(name), kind) for name, kind in shape.fields)
    return Content(values, *parts)


def _sourced(change: Change, stored: StoredLayer) -> Change:
    return dataclasses.replace(
        change,
        source_sha256=change.source_sha256 or stored.source_sha256,
        fingerprint=change.fingerprint or stored.fingerprint,
    )


def _digest(connection: sqlite3.Connection, stored: StoredLayer) -> str:
    if len(stored.digest) == _DIGITS:
        return stored.digest
    # an earlier version of the service wrote this layer
    query = statement("SELECT key, digest FROM $feature", stored.layer)
    return layer_digest(stored.shape, connection.execute(query))


def insert(
    connection: sqlite3.Connection,
    stored: StoredLayer,
    features: Sequence[tuple[Step, bytes]],
    number: int,
) -> None:
    """Store features, with their digests, that are not in the layer's table or no longer."""
    query = statement("SELECT coalesce(max(id), 0) + 1 FROM $feature", stored.layer)
    (free,) = connection.execute(query).fetchone()
    # ids of this write may lie above those that stand
    free = max([free, *(item.before.id + 1 for item, _ in features if item.before)])
    insert = statement(INSERT, stored.layer, fields=len(stored.shape.fields))
    index = statement("INSERT INTO $rtree VALUES (?, ?, ?, ?, ?)", stored.layer)
    for item, digest in features:
        if item.after is None:  # pragma: no cover - those are left out above
            continue
        at, free = (free, free + 1) if item.before is None else (item.before.id, free)
        after = item.after
        parts = (after.geom, after.raw_geom, after.source_datum, after.extra)
        connection.execute(insert, (at, item.key, number, digest, *parts, *after.values))
        if stored.shape.has_geometry:
            bounds = shapely.bounds(shapely.from_wkb(after.geom)).reshape(1, 4)
            connection.execute(index, (at, *outward(bounds)[0, [0, 2, 1, 3]].tolist()))


def _value(name: str, value: Any, kind: str) -> Any:  # noqa: ANN401 - values of eight types
    types: dict[str, tuple[type, ...]] = {
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "list": (tuple, list),
    }
    if value is None:
        return None
    fits = isinstance(value, types.get(kind, (str,)))
    if not fits or (isinstance(value, bool) and kind != "boolean") or value != value:  # noqa: PLR0124 - NaN alone does
        msg = f"{name}: not of type {kind}: {type(value).__name__}"
        raise StoreError(msg)
    if kind == "list":
        return list_text([str(item) for item in value])
    return float(value) + 0.0 if kind == "number" else value
