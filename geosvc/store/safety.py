"""Copies of the file, and whether it is sound."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geosvc.errors import Issue, StoreError
from geosvc.store import connection as opening
from geosvc.store.apply import Content
from geosvc.store.log import broken_at
from geosvc.store.read import stored_layers
from geosvc.store.rows import layer_digest
from geosvc.store.schema import statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geosvc.store.records import StoredLayer

_SHOWN: Final = 3


def backup(source: sqlite3.Connection, target: Path) -> None:
    """Copy the file as of one moment, whoever writes meanwhile; the copy is whole or absent.

    Raises
    ------
    OSError
        If the folder of ``target`` cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        with closing(sqlite3.connect(temporary)) as copy:
            source.backup(copy)
            # one file, without companions
            copy.execute("PRAGMA journal_mode = DELETE")
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def replace_from(
    target: sqlite3.Connection,
    source: Path,
    *,
    last: Callable[[sqlite3.Connection], None] = lambda _copy: None,
) -> None:
    """Make a file's content that of a backup, as one transaction that open readers survive.

    Parameters
    ----------
    target
        The file.
    source
        The backup.
    last
        Is called with the opened backup, inside a transaction, when nobody else can write the file
        any more: what it changes in the backup is in the file too.

    Raises
    ------
    StoreError
        If the backup is damaged, another program's, or of a newer version.
    """
    with closing(_opened(source)) as kept:
        if not opening.check_version(kept):
            msg = f"{source.name}: no store"
            raise StoreError(msg)
        found = kept.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            msg = f"{source.name}: {found}"
            raise StoreError(msg)
        (pages,) = kept.execute("PRAGMA page_count").fetchone()
        is_locked = False

        def held(status: int, _left: int, _all: int) -> None:
            nonlocal is_locked
            if status == sqlite3.SQLITE_OK and not is_locked:
                is_locked = True
                with opening.transaction(kept):
                    last(kept)

        # the first step takes the lock, and there is a second one
        kept.backup(target, pages=max(pages // 4, 1), progress=held)


def _opened(source: Path) -> sqlite3.Connection:
    # a copy of our own may be written until the last moment, a backup may be read-only
    mode = "rw" if os.access(source, os.W_OK) else "ro"
    uri = f"{source.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None)


def load(target: Path, source: Path) -> None:
    """Make a new file (0600) with the content of a backup, in place of any other of this name.

    Raises
    ------
    StoreError
        If the backup is damaged, another program's, or of a newer version.
    StoreUnavailableError
        If the file cannot be written.
    """
    with opening.translated(source):
        # what an interrupted restore has left is of no use
        target.unlink(missing_ok=True)
        opening.create(target)
        with closing(opening.connect(target, timeout_s=0.0)) as opened:
            replace_from(opened, source)


def swap(target: Path, source: Path, *, aside: Path) -> None:
    """Put a closed file in the place of one that cannot be opened, which is kept aside."""
    for ending in ("-wal", "-shm", ""):
        # a write-ahead log that stayed would be taken for the new file's
        old, kept = (path.with_name(path.name + ending) for path in (target, aside))
        kept.unlink(missing_ok=True)
        if old.exists():
            old.replace(kept)
    aside.touch()
    source.replace(target)


def faults(connection: sqlite3.Connection, name: str) -> Iterator[Issue]:
    """Find what is wrong with a file, called ``name``, inside a read transaction.

    Pages and references, each layer's digests, R-tree and history, and the chain of the log are
    looked at.
    """
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(10)")]
        if found != ["ok"]:
            yield Issue("store_damaged", name, found="; ".join(map(str, found)))
            return
        lost = connection.execute("PRAGMA foreign_key_check").fetchall()
        if lost:
            yield Issue("store_damaged", name, found=f"{lost[0][0]}: {len(lost)}")
        for stored in stored_layers(connection).values():
            yield from _layer_faults(connection, stored, name)
        number = broken_at(connection)
        if number is not None:
            yield Issue("log_damaged", name, found=str(number))
    except sqlite3.DatabaseError as error:
        yield Issue("store_damaged", name, found=str(error))


def _layer_faults(
    connection: sqlite3.Connection, stored: StoredLayer, name: str
) -> Iterator[Issue]:
    found = _digest_fault(connection, stored)
    if found:
        yield Issue("features_damaged", name, stored.name, found=found)
    if stored.shape.has_geometry:
        found = _index_fault(connection, stored)
        if found:
            yield Issue("index_damaged", name, stored.name, found=found)
    found = _history_fault(connection, stored)
    if found:
        yield Issue("history_damaged", name, stored.name, found=found)


def _digest_fault(connection: sqlite3.Connection, stored: StoredLayer) -> str:
    query = "SELECT key, digest, geom, raw_geom, source_datum, extra$columns FROM $feature"
    rows = connection.execute(statement(query, stored.layer, fields=len(stored.shape.fields)))
    digests, wrong = [], []
    for key, digest, geom, raw, datum, extra, *values in rows:
        content = Content(tuple(values), geom, raw, datum, extra)
        digests.append((key, digest))
        if content.digest(stored.shape) != digest:
            wrong.append(key)
    if len(digests) != stored.count:
        return f"{len(digests)} != {stored.count}"
    # a layer that an earlier version of the service wrote has a digest of another length
    same = len(stored.digest) != len(layer_digest(stored.shape, []))
    if not wrong and not same and layer_digest(stored.shape, digests) != stored.digest:
        return stored.digest[:12]
    return ", ".join(wrong[:_SHOWN])


def _index_fault(connection: sqlite3.Connection, stored: StoredLayer) -> str:
    table = statement("$rtree", stored.layer)
    (said,) = connection.execute("SELECT rtreecheck(?)", (table,)).fetchone()
    if said != "ok":
        return str(said)
    boxes = connection.execute(
        statement("SELECT id, min_x, min_y, max_x, max_y FROM $rtree ORDER BY id", stored.layer)
    ).fetchall()
    places = connection.execute(
        statement("SELECT id, geom FROM $feature ORDER BY id", stored.layer)
    ).fetchall()
    if [box[0] for box in boxes] != [place[0] for place in places]:
        return f"{len(boxes)} != {len(places)}"
    if not places:
        return ""
    exact = shapely.bounds(shapely.from_wkb([place[1] for place in places]))
    kept = np.array([box[1:] for box in boxes], dtype=np.float64)
    out = ((kept[:, :2] > exact[:, :2]) | (kept[:, 2:] < exact[:, 2:])).any(axis=1)
    return ", ".join(str(places[at][0]) for at in np.flatnonzero(out)[:_SHOWN])


def _history_fault(connection: sqlite3.Connection, stored: StoredLayer) -> str:
    query = f"""SELECT DISTINCT key FROM (
        SELECT key, since, until, lag(until, 1, 0) OVER by_key AS ended
        FROM ({_spans()}) WINDOW by_key AS (PARTITION BY key ORDER BY since)
    ) WHERE since < 1 OR since < ended OR until <= since
        OR coalesce(until, since) > ?2 LIMIT {_SHOWN}"""  # noqa: S608 - our own words
    rows = connection.execute(statement(query, stored.layer), (stored.layer, stored.number))
    found = [str(key) for (key,) in rows]
    numbers = connection.execute(
        "SELECT count(*), max(number) FROM revision WHERE layer = ?", (stored.layer,)
    ).fetchone()
    if numbers != (stored.number, stored.number):
        found.append(f"{numbers[0]} / {stored.number}")
    return ", ".join(found)


def _spans() -> str:
    return """SELECT key, from_revision AS since, to_revision AS until FROM feature_history
        WHERE layer = ?1 UNION ALL SELECT key, revision, NULL FROM $feature"""
