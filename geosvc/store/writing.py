"""The part of a store that edits single features, and tells how they were."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from geosvc.errors import UnknownRevisionError
from geosvc.store import editing, past, read
from geosvc.store.edits import Create
from geosvc.store.opened import Opened, check_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from geosvc.catalog.model import Schema
    from geosvc.store.edits import Comparison, Edit, Version
    from geosvc.store.records import Change, StoredLayer


class Writing(Opened):
    """Edits, undo and restore, each one transaction and one revision; versions of features."""

    def edit(
        self,
        layer_id: str,
        edits: Sequence[Edit],
        *,
        schema: Schema,
        change: Change,
        base: int | None = None,
    ) -> StoredLayer:
        """Create, replace and delete features, in one transaction, as one new revision.

        The column files of the new revision are written by its first reader.

        Parameters
        ----------
        layer_id
            A layer that has been stored.
        edits
            What to do, at most one for each feature; the values are checked already, save that
            they are unique.
        schema
            The layer's schema.
        change
            Who, why.
        base
            The layer's revision that the writer has seen, for edits that name none.

        Returns
        -------
        stored
            The new revision, durable; the old one where nothing differs.

        Raises
        ------
        ConflictError
            If a feature has changed since the revision that its edit was made against, is gone, or
            is there already; nothing is then stored.
        EditError
            If a value that must be unique is another feature's.
        UnknownRevisionError
            If the layer has never been stored.
        StoreError
            If an edit does not fit the fields of the layer.
        StoreUnavailableError
            If the file cannot be written now; nothing of the change is then stored.
        """
        check_id(layer_id)
        given = [
            item
            if isinstance(item, Create) or item.base_revision is not None
            else dataclasses.replace(item, base_revision=base)
            for item in edits
        ]
        with self.writing() as opened:
            stored = _known(opened, layer_id)
            made = editing.edit(opened, stored, given, schema=schema, change=change)
        # personal values leave the write-ahead log for their table
        if any(getattr(item, "personal", None) for item in given):
            self._settle()
        return made

    def undo(
        self, layer_id: str, *, schema: Schema, change: Change, base: int | None = None
    ) -> StoredLayer:
        """Put back what the last revision changed, as a new revision; twice is a redo.

        Parameters
        ----------
        layer_id
            The layer.
        schema
            The layer's schema.
        change
            Who, why.
        base
            The revision that is to be undone; by default the last one, whichever it is.

        Raises
        ------
        ConflictError
            If ``base`` is no longer the last revision.
        UnknownRevisionError
            If there is no revision before the last one.
        """
        check_id(layer_id)
        with self.writing() as opened:
            stored = _known(opened, layer_id)
            if base not in {None, stored.number}:
                raise editing.overtaken(stored, base)
            before = stored.number - 1
            return editing.restore(opened, stored, before, schema=schema, change=change)

    def restore(
        self,
        layer_id: str,
        number: int,
        *,
        schema: Schema,
        change: Change,
        keys: Collection[str] | None = None,
    ) -> StoredLayer:
        """Make a layer, or some of its features, as it was at a revision, as a new revision.

        Personal values have no history: what they are now they stay.

        Parameters
        ----------
        layer_id
            The layer.
        number
            The revision to go back to.
        schema
            The layer's schema.
        change
            Who, why.
        keys
            The features to put back; by default all.

        Returns
        -------
        stored
            The new revision; the old one where nothing differs.

        Raises
        ------
        UnknownRevisionError
            If the layer has no such revision.
        EditError
            If a value that must be unique has become another feature's.
        StoreError
            If a field has another type now and an earlier value does not fit it.
        """
        check_id(layer_id)
        with self.writing() as opened:
            stored = _known(opened, layer_id)
            return editing.restore(opened, stored, number, schema=schema, change=change, keys=keys)

    def history(self, layer_id: str, key: str) -> tuple[Version, ...]:
        """Return all versions of a feature, the latest first; none where it never was."""
        with self.reading() as opened:
            stored = read.stored_layer(opened, layer_id)
            return () if stored is None else past.versions(opened, stored, key)

    def version(self, layer_id: str, key: str, *, number: int | None = None) -> Version | None:
        """Return a feature as of a revision (by default the present one), or None."""
        with self.reading() as opened:
            stored = read.stored_layer(opened, layer_id)
            return None if stored is None else past.version(opened, stored, key, number=number)

    def revisions(self, layer_id: str, *, limit: int = 100) -> tuple[past.Revision, ...]:
        """Return the latest revisions of a layer: who, when, why, how much; the latest first."""
        with self.reading() as opened:
            return past.revisions(opened, read.layer_number(opened, layer_id), limit)

    def compare(self, layer_id: str, before: int, after: int) -> Comparison:
        """Compare two revisions of a layer: what came, what went, what changed and moved.

        Raises
        ------
        UnknownRevisionError
            If the layer has no such revision.
        """
        with self.reading() as opened:
            return past.compare(opened, _known(opened, layer_id), before, after)


def _known(opened: sqlite3.Connection, layer_id: str) -> StoredLayer:
    stored = read.stored_layer(opened, layer_id)
    if stored is None:
        msg = f"{layer_id}: nothing was stored"
        raise UnknownRevisionError(msg)
    return stored
