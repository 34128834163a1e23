"""Writing layers: features made, changed and deleted by people, and their history.

Every write is one revision with its author. What was written is there for the next look at the
store, in this process and in every other one.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Protocol

from geosvc.errors import ConflictError, EditError, Issue, UnknownFeatureError
from geosvc.store import ERASED, Change, Create, Delete, Replace, Shape, StoredLayer
from geosvc.workspace.checking import check_feature
from geosvc.workspace.edited import does_not_fit, mask_frame, mask_values

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from geosvc.catalog.model import Layer, Schema
    from geosvc.store import Comparison, Edit, FeatureChange, Revision, Version
    from geosvc.workspace.reader import Workspace


class AfterCommit(Protocol):
    """Hears of each new revision: the place to ask for derived layers to be computed anew."""

    def __call__(self, workspace: Workspace, layer_id: str, author: str, /) -> object:
        """Take note; ``workspace`` is a view of the moment after the commit."""


class Editor:
    """Writes the layers of a workspace.

    Parameters
    ----------
    workspace
        Whose layers; it stays at its moment until it looks again.
    after_commit
        Called after each new revision; by default nobody is told, and derived layers stay stale.
    """

    def __init__(self, workspace: Workspace, *, after_commit: AfterCommit | None = None) -> None:
        self.workspace = workspace
        self._after_commit = after_commit

    def create(
        self,
        layer_id: str,
        values: Mapping[str, object],
        geometry: BaseGeometry | None = None,
        *,
        change: Change,
    ) -> StoredLayer:
        """Make a feature.

        Parameters
        ----------
        layer_id
            The layer; one that has a source.
        values
            A value a field, as typed into a form or typed; the key among them.
        geometry
            The place in OGC:CRS84.
        change
            Who, why; a change without a reason is ``edit``.

        Returns
        -------
        stored
            The layer's new revision.

        Raises
        ------
        EditError
            If the feature does not fit the layer; ``issues`` say why.
        ConflictError
            If there is a feature of this key.
        UnknownLayerError
            If no sound layer file has this id.
        """
        layer = self._layer(layer_id)
        checked = check_feature(self.workspace.latest(), layer, values, geometry)
        edit = Create(checked.values, checked.geometry, checked.personal)
        return self._edit(layer, edit, change)

    def replace(
        self,
        layer_id: str,
        key: str,
        values: Mapping[str, object],
        geometry: BaseGeometry | None = None,
        *,
        base: int,
        change: Change,
    ) -> StoredLayer:
        """Change values or the place of a feature.

        Parameters
        ----------
        layer_id
            The layer.
        key
            The feature.
        values
            The fields that change; the others stay. A personal field that is given as its mask
            stays too: whoever sees only the mask cannot overwrite the value with it.
        geometry
            The new place in OGC:CRS84; None leaves it where it is, with its coordinates as
            received.
        base
            The layer's revision that the editor has seen.
        change
            Who, why.

        Raises
        ------
        EditError
            If the feature would not fit the layer.
        ConflictError
            If somebody has changed or deleted the feature since ``base``.
        UnknownFeatureError
            If there never was a feature of this key.
        """
        layer = self._layer(layer_id)
        edit = Replace(key, {}, base_revision=base)
        current = self._current(layer_id, key, edit)
        merged = {**current, **values}
        hidden = [field.name for field in layer.schema.fields if field.privacy is not None]
        unseen = [
            name
            for name in hidden
            if name not in values or _is_mask(current.get(name), values[name])
        ]
        merged |= {name: current.get(name) for name in unseen}
        self._hold_key(layer, key, merged)
        checked = check_feature(
            self.workspace.latest(),
            layer,
            merged,
            geometry,
            unseen=unseen,
            keeps_place=geometry is None,
        )
        edit = Replace(key, checked.values, checked.geometry, base, checked.personal)
        return self._edit(layer, edit, change)

    def delete(self, layer_id: str, key: str, *, base: int, change: Change) -> StoredLayer:
        """Delete a feature; its versions stay in the history.

        Raises
        ------
        ConflictError
            If somebody has changed or deleted the feature since ``base``.
        UnknownFeatureError
            If there never was a feature of this key.
        """
        layer, edit = self._layer(layer_id), Delete(key, base)
        self._current(layer_id, key, edit)
        return self._edit(layer, edit, change)

    def undo(self, layer_id: str, *, change: Change, base: int | None = None) -> StoredLayer:
        """Put back what the last revision changed, as a new revision; twice is a redo.

        Raises
        ------
        ConflictError
            If ``base`` is given and is no longer the last revision.
        EditError
            If there is no earlier revision.
        """
        layer = self._layer(layer_id)
        stored = self.workspace.store.state(layer_id)
        if stored is None or stored.number == 1:
            raise EditError(layer_id, issues=[Issue("nothing_to_undo", layer_id)])
        return self._told(
            stored,
            self.workspace.store.undo(
                layer_id, schema=layer.schema, change=_named(change, "undo"), base=base
            ),
            change,
        )

    def restore(
        self,
        layer_id: str,
        number: int,
        *,
        change: Change,
        keys: Collection[str] | None = None,
        base: int | None = None,
    ) -> StoredLayer:
        """Make a layer, or some of its features, as it was at a revision, as a new revision.

        Raises
        ------
        ConflictError
            If ``base`` is given and one of ``keys`` (without keys, anything) has changed since.
        UnknownRevisionError
            If the layer has no such revision.
        """
        layer = self._layer(layer_id)
        return self._told(
            self.workspace.store.state(layer_id),
            self.workspace.store.restore(
                layer_id,
                number,
                schema=layer.schema,
                change=_named(change, "restore"),
                keys=keys,
                base=base,
            ),
            change,
        )

    def compare(self, layer_id: str, before: int, after: int) -> Comparison:
        """Compare two revisions of a layer, masked, see `geosvc.store.Store.compare`."""
        schema = self.workspace.catalog.layer(layer_id).schema
        found = self.workspace.store.compare(layer_id, before, after)
        return dataclasses.replace(
            found, changed=tuple(_masked_change(item, schema) for item in found.changed)
        )

    def history(self, layer_id: str, key: str) -> tuple[Version, ...]:
        """Return all versions of a feature, masked, the latest first.

        Raises
        ------
        UnknownFeatureError
            If there never was a feature of this key.
        """
        schema = self.workspace.catalog.layer(layer_id).schema
        found = self.workspace.store.history(layer_id, key)
        if not found:
            msg = f"{layer_id}/{key}"
            raise UnknownFeatureError(msg)
        return tuple(
            dataclasses.replace(item, properties=mask_values(item.properties, schema))
            for item in found
        )

    def revisions(self, layer_id: str, *, limit: int = 100) -> tuple[Revision, ...]:
        """Return the latest revisions of a layer: who, when, why; the latest first."""
        self.workspace.catalog.layer(layer_id)
        return self.workspace.store.revisions(layer_id, limit=limit)

    def as_of(
        self, layer_id: str, *, number: int | None = None, at: datetime | None = None
    ) -> pd.DataFrame:
        """Return a layer's features, masked, as of a revision or an instant.

        Raises
        ------
        UnknownRevisionError
            If the layer has no such revision, or none yet at that time.
        """
        schema = self.workspace.catalog.layer(layer_id).schema
        return mask_frame(self.workspace.store.frame(layer_id, number=number, at=at), schema)

    def _layer(self, layer_id: str) -> Layer:
        layer = self.workspace.catalog.layer(layer_id)
        if layer.source is None:
            raise EditError(layer_id, issues=[Issue("not_editable", layer_id)])
        stored = self.workspace.store.state(layer_id)
        if stored is not None and stored.edited and stored.shape != Shape.of(layer.schema):
            raise EditError(layer_id, issues=[does_not_fit(layer)])
        return layer

    def _current(self, layer_id: str, key: str, edit: Replace | Delete) -> Mapping[str, object]:
        values = self.workspace.store.standing(layer_id, key)
        if values is None:
            # whether it is gone or never was
            self.history(layer_id, key)
            base = self.workspace.store.version(layer_id, key, number=edit.base_revision)
            msg = f"{layer_id}/{key}"
            raise ConflictError(msg, yours=edit, base=base)
        return values

    def _hold_key(self, layer: Layer, key: str, values: Mapping[str, object]) -> None:
        name = layer.schema.primary_key
        if str(values.get(name)) != key:
            found = str(values.get(name))
            issue = Issue("not_allowed", layer.id, name, found=found, expected=key)
            raise EditError(layer.id, issues=[issue])

    def _edit(self, layer: Layer, edit: Edit, change: Change) -> StoredLayer:
        store = self.workspace.store
        before = store.state(layer.id)
        after = store.edit(layer.id, [edit], schema=layer.schema, change=_named(change, "edit"))
        return self._told(before, after, change)

    def _told(self, before: StoredLayer | None, after: StoredLayer, change: Change) -> StoredLayer:
        if self._after_commit is not None and before != after:
            self._after_commit(self.workspace.latest(), after.name, change.author)
        return after


def _is_mask(mask: object, given: object) -> bool:
    """Say whether an editor who sees only a mask has left the field alone.

    Values that are neither text nor list have no mask: there, nothing given is nothing seen.
    """
    if mask is None:
        return given is None or given == ""
    shown = ";".join(mask) if isinstance(mask, tuple) else mask
    text = ";".join(map(str, given)) if isinstance(given, (tuple, list)) else given
    return text in (shown, ERASED)


def _masked_change(change: FeatureChange, schema: Schema) -> FeatureChange:
    fields = []
    for item in change.fields:
        before, after = (
            mask_values({item.name: value}, schema).get(item.name)
            for value in (item.before, item.after)
        )
        fields.append(dataclasses.replace(item, before=before, after=after))
    return dataclasses.replace(change, fields=tuple(fields))


def _named(change: Change, reason: str) -> Change:
    return change if change.reason else dataclasses.replace(change, reason=reason)
