"""The store as the rooms above see it: layers as they stand, and their imports."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

import pandas as pd

from geosvc.errors import UnknownRevisionError
from geosvc.store import columns, connection, erasing, past, read, reshaping, write
from geosvc.store.keeping import Keeping
from geosvc.store.opened import check_id
from geosvc.store.records import Change, Features, Report, Shape, StoredLayer
from geosvc.store.rows import Rows
from geosvc.store.writing import Writing

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from geosvc.catalog.model import Schema

logger = logging.getLogger(__name__)


class Store(Writing, Keeping):
    """One SQLite file with its column files beside it; threads may share it, processes may not.

    Parameters
    ----------
    path
        The file; `migrate` makes it where it is absent.
    timeout_s
        How long a write waits for another process's.
    """

    def state(self, layer_id: str) -> StoredLayer | None:
        """Return a layer's current revision, or None where nothing was stored."""
        with self._connection() as opened:
            return read.stored_layer(opened, layer_id)

    def overview(self) -> tuple[dict[str, StoredLayer], dict[str, Report]]:
        """Return current revisions and import reports of all layers, as of one moment."""
        with self.reading() as opened:
            return read.stored_layers(opened), read.reports(opened)

    def overview_at(self, at: datetime) -> dict[str, StoredLayer]:
        """Return the revisions that were current at an instant, of the layers that had one."""
        with self.reading() as opened:
            now = read.stored_layers(opened)
            then = {name: past.stored_at(opened, stored, at) for name, stored in now.items()}
        return {name: stored for name, stored in then.items() if stored is not None}

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
        check_id(layer_id)
        shape = Shape.of(schema)
        with connection.translated(self.path):
            rows = Rows.of(features, shape)
        with self.writing() as opened:
            before = read.stored_layer(opened, layer_id)
            # what was erased by policy stays so, whatever a source still says
            if gone := erasing.erased(opened, layer_id):
                rows = Rows.of(erasing.marked(features, rows.frame, gone), shape)
            stored = write.put(opened, layer_id, rows, change)
            report = Report(total_rows=stored.count)
            if not isinstance(features, pd.DataFrame):
                write.put_personal(opened, layer_id, features.personal)
                report = Report(total_rows=features.total_rows, issues=features.issues)
            write.put_report(opened, layer_id, report)
            # another layer file may call personal what was not: its earlier values go too
            is_hidden = before is not None and before.fingerprint != change.fingerprint
            is_hidden = is_hidden and any(field.privacy for field in schema.fields)
            if is_hidden:
                reshaping.hide(opened, stored.layer, schema)
        if is_hidden or (not isinstance(features, pd.DataFrame) and len(features.personal)):
            self._settle()
        if is_hidden:
            shutil.rmtree(self.path.parent / "columns" / layer_id, ignore_errors=True)
        self._write_columns(stored, rows.frame)
        return stored

    def report(self, layer_id: str, report: Report) -> None:
        """Keep what an import said that changed no feature, unless it said the same before.

        Raises
        ------
        StoreUnavailableError
            If the file cannot be written now.
        """
        check_id(layer_id)
        with self.writing() as opened:
            if read.reports(opened).get(layer_id) != report:
                write.put_report(opened, layer_id, report)

    def frame(
        self, layer_id: str, *, number: int | None = None, at: datetime | None = None
    ) -> pd.DataFrame:
        """Return a layer's features, sorted by key, as they stand or as they were.

        Parameters
        ----------
        layer_id
            The layer.
        number
            The revision; by default the current one.
        at
            An instant with an offset, instead of a number: the last revision up to its second.

        Returns
        -------
        frame
            A GeoDataFrame in OGC:CRS84, or a DataFrame where the layer has no geometry, with the
            fields that the layer had then. Its arrays may be read-only: recent revisions lie over
            mapped column files, which are made anew where they are missing or torn.

        Raises
        ------
        UnknownRevisionError
            If the layer has no such revision, or none yet at that time.
        """
        with self.reading() as opened:
            stored = read.stored_layer(opened, layer_id)
            if stored is None:
                msg = f"{layer_id}: no revision {number or ''}".rstrip()
                raise UnknownRevisionError(msg)
            wanted = stored.number if number is None else number
            if at is not None:
                wanted = past.number_at(opened, stored, at)
            digest = read.revision_digest(opened, layer_id, wanted)
        if digest is None:
            msg = f"{layer_id}: no revision {wanted}"
            raise UnknownRevisionError(msg)
        try:
            return columns.read_columns(self._folder(layer_id, wanted), digest=digest)
        except columns.TornColumnsError:
            return self._rebuilt(layer_id, None if number is None and at is None else wanted)

    def _rebuilt(self, layer_id: str, number: int | None) -> pd.DataFrame:
        with self.reading() as opened:
            stored = read.stored_layer(opened, layer_id)
            if stored is not None and number not in {None, stored.number}:
                return past.frame_at(opened, stored, number or 0)
            found = read.read_frame(opened, layer_id)
        if found is None:  # pragma: no cover - it was there a moment ago, and layers stay
            raise UnknownRevisionError(layer_id)
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
