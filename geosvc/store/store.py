"""The store as the rooms above see it."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

import pandas as pd

from geosvc.errors import StoreError
from geosvc.store import columns, connection, read, write
from geosvc.store.records import Change, Features, Report, Shape, StoredLayer
from geosvc.store.rows import Rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.catalog.model import Schema

logger = logging.getLogger(__name__)


class Store:
    """One SQLite file with its column files beside it; threads may share it, processes may not.

    Parameters
    ----------
    path
        The file; `migrate` makes it where it is absent.
    timeout_s
        How long a write waits for another process's.
    """

    def __init__(self, path: Path, *, timeout_s: float = 30.0) -> None:
        self.path = path
        self._timeout_s = timeout_s
        self._lock = RLock()
        self._open: sqlite3.Connection | None = None

    def migrate(self) -> None:
        """Make the file where it is absent, and bring its tables to this version.

        Raises
        ------
        StoreUnavailableError
            If the folder cannot be written.
        StoreVersionError
            If a newer version of the service wrote the file.
        StoreError
            If the file is another program's, or no SQLite file.
        """
        with connection.translated(self.path):
            connection.create(self.path)
        with self._connection() as opened:
            connection.migrate(opened)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def __del__(self) -> None:
        self.close()

    def data_version(self) -> int:
        """Return a number that is another one after every commit, whoever made it.

        It costs no read of the file, and says nothing across processes or openings.
        """
        with self._connection() as opened:
            (version,) = opened.execute("PRAGMA data_version").fetchone()
            return (int(version) << 40) + opened.total_changes

    def state(self, layer_id: str) -> StoredLayer | None:
        """Return a layer's current revision, or None where nothing was stored."""
        with self._connection() as opened:
            return read.stored_layer(opened, layer_id)

    def overview(self) -> tuple[dict[str, StoredLayer], dict[str, Report]]:
        """Return current revisions and import reports of all layers, as of one moment."""
        with self._connection() as opened, connection.transaction(opened, write=False):
            return read.stored_layers(opened), read.reports(opened)

    def put(
        self, layer_id: str, features: Features | pd.DataFrame, *, schema: Schema, change: Change
    ) -> StoredLayer:
        """Make these the layer's features, in one transaction, as at most one new revision.

        Parameters
        ----------
        layer_id
            The layer, ``[a-z0-9_]+``.
        features
            All its features: what an import made, or a frame alone (a derived layer).
        schema
            The layer's schema; where it has other fields than before, the table gets them too.
        change
            Who, why, from which file.

        Returns
        -------
        stored
            The new revision; the old one where no feature and no field differs. The time of a
            revision is when it began, so an unchanged source leaves it as it was.

        Raises
        ------
        StoreError
            If the frame does not fit the schema, or a value cannot be stored.
        StoreUnavailableError
            If the file cannot be written now; nothing of the change is then stored.
        """
        _check_id(layer_id)
        with connection.translated(self.path):
            rows = Rows.of(features, Shape.of(schema))
        with self._connection() as opened, connection.transaction(opened):
            stored = write.put(opened, layer_id, rows, change)
            report = Report(total_rows=stored.count)
            if not isinstance(features, pd.DataFrame):
                write.put_personal(opened, layer_id, features.personal)
                report = Report(total_rows=features.total_rows, issues=features.issues)
            write.put_report(opened, layer_id, report)
        self._write_columns(stored, rows.frame)
        return stored

    def report(self, layer_id: str, report: Report) -> None:
        """Keep what an import said that changed no feature, unless it said the same before.

        Raises
        ------
        StoreUnavailableError
            If the file cannot be written now.
        """
        _check_id(layer_id)
        with self._connection() as opened, connection.transaction(opened):
            if read.reports(opened).get(layer_id) != report:
                write.put_report(opened, layer_id, report)

    def frame(self, layer_id: str, *, number: int | None = None) -> pd.DataFrame:
        """Return a layer's features, sorted by key, over mapped column files.

        Parameters
        ----------
        layer_id
            The layer.
        number
            The revision; by default the current one. The one before it is at hand too, as long as
            its files are.

        Returns
        -------
        frame
            A GeoDataFrame in OGC:CRS84, or a DataFrame where the layer has no geometry. Its
            arrays may be read-only. Missing or torn files are made anew from the tables.

        Raises
        ------
        StoreError
            If the layer has no such revision, or its features are no longer at hand.
        """
        stored = self.state(layer_id)
        wanted = number if number is not None or stored is None else stored.number
        with self._connection() as opened:
            digest = None if wanted is None else read.revision_digest(opened, layer_id, wanted)
        if stored is None or wanted is None or digest is None:
            msg = f"{layer_id}: no revision {wanted or ''}".rstrip()
            raise StoreError(msg)
        try:
            return columns.read_columns(self._folder(layer_id, wanted), digest=digest)
        except columns.TornColumnsError:
            return self._rebuilt(layer_id, number)

    def _rebuilt(self, layer_id: str, number: int | None) -> pd.DataFrame:
        with self._connection() as opened, connection.transaction(opened, write=False):
            found = read.read_frame(opened, layer_id)
            if found is None or number not in {None, found[0].number}:
                msg = f"{layer_id}: revision {number} is no longer at hand"
                raise StoreError(msg)
        self._write_columns(*found)
        return found[1]

    def _write_columns(self, stored: StoredLayer, frame: pd.DataFrame) -> None:
        folder = self._folder(stored.name, stored.number)
        try:
            columns.read_columns(folder, digest=stored.digest)
        except columns.TornColumnsError:
            try:
                columns.write_columns(folder, frame, shape=stored.shape, digest=stored.digest)
            except OSError:
                # the tables hold everything: the next reader tries again
                logger.warning("column files not written: %s", folder, exc_info=True)
        columns.prune(folder.parent, current=stored.number)

    def _folder(self, layer_id: str, number: int) -> Path:
        return self.path.parent / "columns" / layer_id / str(number)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock, connection.translated(self.path):
            if self._open is None:
                self._open = connection.connect(self.path, timeout_s=self._timeout_s)
            yield self._open


def _check_id(layer_id: str) -> None:
    # it names a folder
    if not re.fullmatch(r"[a-z0-9_]+", layer_id):
        msg = f"not a layer id: {layer_id!r}"
        raise StoreError(msg)
