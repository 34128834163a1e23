"""A layer as it was: versions of a feature, features as of a revision, what differs between two."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import geopandas as gpd
import numpy as np
import orjson
import shapely

from geosvc.crs import CRS84, datum_of, from_crs84, metric_crs
from geosvc.errors import UnknownRevisionError
from geosvc.store.edits import Comparison, FeatureChange, FieldChange, Version
from geosvc.store.frames import assemble, joined_column, list_value
from geosvc.store.records import Shape, StoredLayer
from geosvc.store.schema import statement

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from geosvc.store.frames import Column

_STANDING: Final = """
SELECT key, revision, NULL, geom, source_datum$columns FROM $feature WHERE key = ?"""

_ENDED: Final = """
SELECT key, from_revision, to_revision, geom, source_datum, properties FROM feature_history
WHERE layer = ? AND key = ? ORDER BY to_revision"""

_TOUCHED: Final = """
SELECT key FROM $feature WHERE revision > ?1 AND revision <= ?2
UNION SELECT key FROM feature_history WHERE layer = ?3
AND (to_revision > ?1 AND to_revision <= ?2 OR from_revision > ?1 AND from_revision <= ?2)"""


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a layer: who, when, why, from which file, and how many features it moved."""

    number: int
    at: str
    author: str
    reason: str
    source_path: str
    source_sha256: str
    count: int
    added: int
    changed: int
    removed: int


def revisions(connection: sqlite3.Connection, layer: int, limit: int) -> tuple[Revision, ...]:
    """Return the latest revisions of a layer, the latest first."""
    rows = connection.execute(
        """SELECT number, at, author, reason, source_path, source_sha256, count, added, changed,
        removed FROM revision WHERE layer = ? ORDER BY number DESC LIMIT ?""",
        (layer, limit),
    )
    return tuple(Revision(*row) for row in rows)


def versions(connection: sqlite3.Connection, stored: StoredLayer, key: str) -> tuple[Version, ...]:
    """Return all versions of a feature, the latest first."""
    rows = [
        (*row, _parsed(properties))
        for *row, properties in connection.execute(_ENDED, (stored.layer, key))
    ]
    query = statement(_STANDING, stored.layer, fields=len(stored.shape.fields))
    found = connection.execute(query, (key,))
    rows += [(*row[:5], typed_values(stored.shape, row[5:])) for row in found]
    return _with_removals(connection, stored, rows)


def version(
    connection: sqlite3.Connection, stored: StoredLayer, key: str, *, number: int | None = None
) -> Version | None:
    """Return a feature as of a revision (by default the present one), None where it was not."""
    wanted = stored.number if number is None else number
    for item in versions(connection, stored, key):
        if item.number <= wanted:
            return None if item.is_removed else item
    return None


def typed_values(shape: Shape, values: Iterable[Any]) -> dict[str, Any]:
    """Return the values of a feature table's row by field, typed, without nulls.

    >>> typed_values(Shape("None", "id", (("id", "string"), ("on", "boolean"))), ["a", 1])
    {'id': 'a', 'on': True}
    >>> typed_values(Shape("None", "id", ()), [])
    {}
    """
    given: dict[str, Any] = {}
    for (name, kind), value in zip(shape.fields, values, strict=True):
        if value is not None:
            given[name] = _typed(value, kind)
    return given


def number_at(connection: sqlite3.Connection, stored: StoredLayer, at: datetime) -> int:
    """Return the last revision of a layer up to an instant, to the second.

    Raises
    ------
    UnknownRevisionError
        If there was none yet.
    """
    limit = at.astimezone(UTC).isoformat(timespec="seconds")
    (number,) = connection.execute(
        "SELECT max(number) FROM revision WHERE layer = ? AND at <= ?", (stored.layer, limit)
    ).fetchone()
    if number is None:
        msg = f"{stored.name}: no revision before {limit}"
        raise UnknownRevisionError(msg)
    return int(number)


def stored_at(
    connection: sqlite3.Connection, stored: StoredLayer, at: datetime
) -> StoredLayer | None:
    """Return what was the current revision of a layer at an instant; None where it had none yet.

    Notes are kept of the present revision only.
    """
    try:
        number = number_at(connection, stored, at)
    except UnknownRevisionError:
        return None
    if number == stored.number:
        return stored
    names = "id, digest, count, source_sha256, fingerprint, at, author, reason"
    row = connection.execute(
        f"SELECT {names} FROM revision WHERE layer = ? AND number = ?",  # noqa: S608 - our own names
        (stored.layer, number),
    ).fetchone()
    known = dict(zip(names.replace("id,", "revision_id,", 1).split(", "), row, strict=True))
    shape = shape_at(connection, stored, number)
    # what its fields were is shown by the layer file of today, as edited features are
    return replace(stored, number=number, notes={}, shape=shape, edited=True, **known)


def frame_at(connection: sqlite3.Connection, stored: StoredLayer, number: int) -> pd.DataFrame:
    """Return a layer's features as of a revision, with the fields that it had then.

    Raises
    ------
    UnknownRevisionError
        If the layer has no such revision.
    """
    shape = shape_at(connection, stored, number)
    query = "SELECT key, geom$columns FROM $feature WHERE revision <= ?"
    fields = len(stored.shape.fields)
    standing = connection.execute(
        statement(query, stored.layer, fields=fields), (number,)
    ).fetchall()
    ended = connection.execute(
        """SELECT key, geom, properties FROM feature_history
        WHERE layer = ? AND from_revision <= ? AND to_revision > ?""",
        (stored.layer, number, number),
    ).fetchall()
    keys = [row[0] for row in (*standing, *ended)]
    order = np.array(sorted(range(len(keys)), key=lambda at: keys[at]), dtype=np.intp)
    geometry = None
    if shape.has_geometry:
        wkb = np.empty(len(keys), dtype=object)
        wkb[:] = [row[1] for row in (*standing, *ended)]
        geometry = np.asarray(shapely.from_wkb(wkb.take(order)), dtype=object)
    columns = _columns(shape, stored.shape, standing, [text for _, _, text in ended])
    return assemble(
        [keys[at] for at in order],
        {name: column.take(order) for name, column in columns.items()},
        geometry,
        shape,
    )


def shape_at(connection: sqlite3.Connection, stored: StoredLayer, number: int) -> Shape:
    """Return the fields that a layer had at a revision.

    Raises
    ------
    UnknownRevisionError
        If the layer has no such revision.
    """
    row = connection.execute(
        "SELECT shape FROM revision WHERE layer = ? AND number = ?", (stored.layer, number)
    ).fetchone()
    if row is None:
        msg = f"{stored.name}: no revision {number}"
        raise UnknownRevisionError(msg)
    return stored.shape if row[0] is None else Shape.parse(row[0])


def touched(
    connection: sqlite3.Connection, stored: StoredLayer, *, after: int, until: int
) -> tuple[str, ...]:
    """Return the keys of features that changed after one revision and until another."""
    query = statement(_TOUCHED, stored.layer)
    found = connection.execute(query, (after, until, stored.layer))
    return tuple(sorted(key for (key,) in found))


def compare(
    connection: sqlite3.Connection, stored: StoredLayer, before: int, after: int
) -> Comparison:
    """Compare two revisions of a layer, in either order.

    Raises
    ------
    UnknownRevisionError
        If the layer has no such revision.
    """
    for number in (before, after):
        shape_at(connection, stored, number)
    low, high = sorted((before, after))
    pairs = []
    for key in touched(connection, stored, after=low, until=high):
        old = version(connection, stored, key, number=before)
        new = version(connection, stored, key, number=after)
        pairs.append((key, old, new))
    changed = [(key, old, new) for key, old, new in pairs if old and new]
    moves = _moves([(old, new) for _, old, new in changed])
    found = [
        FeatureChange(key, _field_changes(old, new), moved)
        for (key, old, new), moved in zip(changed, moves, strict=True)
    ]
    return Comparison(
        before,
        after,
        added=tuple(key for key, old, new in pairs if new and not old),
        removed=tuple(key for key, old, new in pairs if old and not new),
        changed=tuple(item for item in found if item.fields or item.moved_m is not None),
    )


def _columns(
    shape: Shape, now: Shape, standing: list[tuple[Any, ...]], ended: list[str]
) -> dict[str, Column]:
    places = {item: at for at, item in enumerate(now.fields, start=2)}
    past = _past_values(shape, ended)
    columns = {}
    for (name, kind), values in zip(shape.fields, past, strict=True):
        at = places.get((name, kind))
        # a feature that outlived a change of fields has nulls wherever fields differ
        new = [None] * len(standing) if at is None else [row[at] for row in standing]
        lists = (None if value is None else tuple(value) for value in values)
        columns[name] = joined_column(new, list(lists) if kind == "list" else values, kind)
    return columns


def _past_values(shape: Shape, ended: Iterable[str]) -> list[list[Any]]:
    values: list[list[Any]] = [[] for _ in shape.fields]
    into = [(name, column.append) for (name, _), column in zip(shape.fields, values, strict=True)]
    # one object at a time: thousands that live together make the garbage collector stop the reader
    for text in ended:
        item = _loaded(text)
        for name, append in into:
            append(item.get(name))
    return values


def changes(versions: Sequence[Version]) -> tuple[FeatureChange | None, ...]:
    """Return what each version of a feature changed.

    Parameters
    ----------
    versions
        All versions of one feature, the latest first, as `versions` returns them.

    Returns
    -------
    changes
        None where a version made or removed the feature.

    Examples
    --------
    >>> changes([])
    ()
    """
    pairs = [
        (old, new)
        for new, old in itertools.pairwise(versions)
        if not old.is_removed and not new.is_removed
    ]
    moves = dict(zip([new.number for _, new in pairs], _moves(pairs), strict=True))
    before = {new.number: old for old, new in pairs}
    return tuple(
        FeatureChange(item.key, _field_changes(before[item.number], item), moves[item.number])
        if item.number in before
        else None
        for item in versions
    )


def _with_removals(
    connection: sqlite3.Connection, stored: StoredLayer, rows: list[tuple[Any, ...]]
) -> tuple[Version, ...]:
    numbers = sorted({number for row in rows for number in row[1:3] if number is not None})
    made = {
        number: (at, author, reason)
        for number, at, author, reason in connection.execute(
            """SELECT number, at, author, reason FROM revision
            WHERE layer = ? AND number IN (SELECT value FROM json_each(?))""",
            (stored.layer, json.dumps(numbers)),
        )
    }
    found = []
    for at, (key, since, until, geom, datum, values) in enumerate(rows):
        place = None if geom is None else shapely.from_wkb(geom)
        found.append(Version(key, since, until, *made[since], values, place, datum))
        follower = rows[at + 1][1] if at + 1 < len(rows) else None
        if until is not None and until != follower:
            gone = Version(key, until, follower, *made[until], {}, None, "", is_removed=True)
            found.append(gone)
    return tuple(reversed(found))


def _field_changes(old: Version, new: Version) -> tuple[FieldChange, ...]:
    was, now = old.properties, new.properties
    return tuple(
        FieldChange(name, was.get(name), now.get(name))
        for name in dict.fromkeys([*now, *was])
        if was.get(name) != now.get(name)
    )


def _moves(pairs: list[tuple[Version, Version]]) -> list[float | None]:
    moves: list[float | None] = [None] * len(pairs)
    moved = [
        at
        for at, (old, new) in enumerate(pairs)
        if old.geometry is not None
        and new.geometry is not None
        and not old.geometry.equals_exact(new.geometry)
    ]
    if not moved:
        return moves
    sides = [np.array([pairs[at][side].geometry for at in moved], dtype=object) for side in (0, 1)]
    where = gpd.GeoDataFrame(geometry=np.concatenate(sides), crs=CRS84)
    datum = datum_of(metric_crs(where))
    old, new = (from_crs84(side, datum) for side in sides)
    for at, meters in zip(moved, shapely.hausdorff_distance(old, new).tolist(), strict=True):
        moves[at] = float(meters)
    return moves


def _parsed(text: str) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in _loaded(text).items()
    }


def _loaded(text: str) -> dict[str, Any]:
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:  # a number may be infinite
        given = json.loads(text)
    return cast("dict[str, Any]", given)


def _typed(value: Any, kind: str) -> Any:  # noqa: ANN401 - values of eight types
    if kind == "list":
        return list_value(value)
    return bool(value) if kind == "boolean" else value
