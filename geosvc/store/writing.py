"""The part of a store that edits single features, and tells how they were."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING, Any

from geosvc.errors import UnknownRevisionError
from geosvc.store import apply, concealing, editing, past, read, reshaping
from geosvc.store.edits import Create
from geosvc.store.links import Terms
from geosvc.store.opened import Opened, check_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    import pandas as pd

    from geosvc.catalog.model import Schema
    from geosvc.store.edits import Comparison, Edit, Version
    from geosvc.store.links import Link
    from geosvc.store.records import Change, StoredLayer


class Writing(Opened):
    """Edits, undo and restore, each one transaction and one revision; versions of features.

    Attributes
    ----------
    links
        The foreign keys between layers, which every one of these writes holds; whoever reads the
        layer files sets them.
    """

    links: Sequence[Link] = ()

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
            If a value that must be unique is another feature's, names nothing, or was named by
            features that are still there.
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
            made = editing.edit(
                opened, stored, given, terms=Terms(schema, self.links), change=change
            )
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
            made = editing.restore(
                opened, stored, before, terms=Terms(schema, self.links), change=change
            )
        self._settle()
        return made

    def restore(
        self,
        layer_id: str,
        number: int,
        *,
        schema: Schema,
        change: Change,
        keys: Collection[str] | None = None,
        base: int | None = None,
    ) -> StoredLayer:
        """Make a layer, or some of its features, as it was at a revision, as a new revision.

        Personal values that edits have replaced since go back too, unless their time is over.

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
        base
            The layer's revision that the writer has seen; by default whatever has come since is
            put back too.

        Returns
        -------
        stored
            The new revision; the old one where nothing differs.

        Raises
        ------
        ConflictError
            If one of ``keys`` has changed since ``base``; without keys, if anything has.
        UnknownRevisionError
            If the layer has no such revision.
        EditError
            If a value that must be unique has become another feature's, names nothing any longer,
            or is named by features that have come since.
        StoreError
            If a field has another type now and an earlier value does not fit it.
        """
        check_id(layer_id)
        with self.writing() as opened:
            stored = _known(opened, layer_id)
            editing.hold_base(opened, stored, base, keys)
            made = editing.restore(
                opened, stored, number, terms=Terms(schema, self.links), change=change, keys=keys
            )
        self._settle()
        return made

    def reshape(
        self,
        layer_id: str,
        given: tuple[pd.DataFrame, pd.DataFrame],
        *,
        schema: Schema,
        change: Change,
        base: int,
    ) -> StoredLayer:
        """Bring the features of an edited layer to another schema, as at most one new revision.

        A value of a field that has become personal leaves the history too.

        Parameters
        ----------
        layer_id
            A layer that has been stored.
        given
            A frame of all its features with the fields of ``schema``, masked where these are
            personal, and the true values (columns key, field, value). Places stay as they are.
        schema
            The schema; of the same geometry and key as before.
        change
            Who, why; its fingerprint becomes the layer's.
        base
            The revision that ``given`` was made of.

        Raises
        ------
        ConflictError
            If ``base`` is no longer the last revision.
        StoreError
            If geometry or key are others, or a value does not fit.
        """
        check_id(layer_id)
        with self.writing() as opened:
            stored = _known(opened, layer_id)
            if base != stored.number:
                raise editing.overtaken(stored, base)
            made = reshaping.reshape(opened, stored, given, schema=schema, change=change)
        self._settle()
        # those of earlier revisions may show what is personal now; readers make theirs anew
        shutil.rmtree(self.path.parent / "columns" / layer_id, ignore_errors=True)
        return made

    def conceal(self, layer_id: str, *, schema: Schema, change: Change) -> None:
        """Part values of fields that are personal now from features that do not fit the schema.

        They go to the table of personal values; a mask stays where a field was declared. That is a
        new revision where there were any, and they leave the history too.

        Parameters
        ----------
        layer_id
            The layer; one that has never been stored is left alone.
        schema
            The schema, of whatever geometry, key and fields.
        change
            Who, why; the layer keeps its fingerprint.
        """
        check_id(layer_id)
        with self.writing() as opened:
            stored = read.stored_layer(opened, layer_id)
            if stored is None:
                return
            before = opened.total_changes
            concealing.conceal(opened, stored, schema, change=change)
            has_moved = opened.total_changes != before
        if has_moved:
            self._settle()
            shutil.rmtree(self.path.parent / "columns" / layer_id, ignore_errors=True)

    def undeclared(self, layer_id: str, names: Collection[str]) -> dict[tuple[str, str], str]:
        """Return values (text) of columns that no schema declared, by feature and column."""
        with self.reading() as opened:
            stored = read.stored_layer(opened, layer_id)
            return {} if stored is None else concealing.undeclared(opened, stored, names)

    def release(self, layer_id: str) -> None:
        """Let the next import replace a layer's features, though people have edited them."""
        check_id(layer_id)
        with self.writing() as opened:
            opened.execute(
                "UPDATE layer SET edited = 0, source_sha256 = '' WHERE name = ?", (layer_id,)
            )

    def standing(self, layer_id: str, key: str) -> dict[str, Any] | None:
        """Return the typed values of a feature, masked where personal, or None if it is not there.

        However long the feature's history is, this costs the same.
        """
        with self.reading() as opened:
            stored = read.stored_layer(opened, layer_id)
            found = None if stored is None else apply.held(opened, stored, key)
            if stored is None or found is None:
                return None
            return past.typed_values(stored.shape, found.content.values)

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
