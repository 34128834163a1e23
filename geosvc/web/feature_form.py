"""One feature for its form: its values as a reader may see them, its past, the page around it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import shapely

from geosvc import messages
from geosvc.catalog.model import MapFile
from geosvc.errors import LayerUnavailableError, UnknownFeatureError
from geosvc.maps.manifest import DRAWN, describe_field
from geosvc.store import FeatureChange, Version, changes
from geosvc.web import auth
from geosvc.web.context import moment_text, page_context
from geosvc.web.pages import keep_parts
from geosvc.web.personal import is_hidden, true_values
from geosvc.web.service import language, service
from geosvc.workspace import Editor
from geosvc.workspace.edited import mask_values

if TYPE_CHECKING:
    from geosvc.catalog.model import Field, Layer
    from geosvc.store import StoredLayer
    from geosvc.workspace import Workspace

GROUND = "ground"
"""The group of layers that the edited one is drawn upon."""
VERSIONS = 20
"""How many versions of a feature are sent at once."""
KINDS = {"Point": "point", "LineString": "line", "Polygon": "area", "None": "none"}


def feature(layer: Layer, key: str) -> dict[str, Any]:
    """Return a feature as it stands, as JSON.

    Parameters
    ----------
    layer
        The layer.
    key
        The feature.

    Returns
    -------
    feature
        ``layer``, ``key``, ``base`` (the revision to write against), and what `seen` returns.

    Raises
    ------
    UnknownFeatureError
        If there is none of this key.
    """
    stored = _stored(layer)
    found = service().workspace.store.version(layer.id, key, number=stored.number)
    if found is None:
        msg = f"{layer.id}/{key}"
        raise UnknownFeatureError(msg)
    return {"layer": layer.id, "key": key, "base": stored.number} | seen(layer, found)


def seen(layer: Layer, version: Version) -> dict[str, Any]:
    """Return a version of a feature, unmasked where its reader may see that; each look is logged.

    Personal values have no history: what an earlier version shows unmasked is what there is now.

    Parameters
    ----------
    layer
        The layer.
    version
        The version.

    Returns
    -------
    version
        ``values`` (codes and plain values), ``geometry`` (GeoJSON or None), ``revision``, ``at``,
        ``at_text``, ``author``, ``reason``.
    """
    masked = mask_values(version.properties, layer.schema)
    values = {name: masked.get(name) for name in _names(layer)}
    # the code of a value that was erased stays
    values |= true_values(layer, version.key)
    place = version.geometry
    return _made(version) | {
        "values": values,
        "geometry": None if place is None else orjson.loads(shapely.to_geojson(place)),
    }


def history(
    layer_id: str, key: str, *, before: int | None = None, limit: int = VERSIONS
) -> dict[str, Any]:
    """Return the versions of a feature, masked, the latest first, and what each changed.

    Parameters
    ----------
    layer_id, key
        The feature; it may be deleted.
    before
        Only versions of revisions before this one; by default from the latest on.
    limit
        How many at most.

    Returns
    -------
    history
        ``base`` (the layer's revision, to restore against), ``versions`` and ``next``: what
        ``before`` must be for those that follow, None where none do.

    Raises
    ------
    UnknownFeatureError
        If there never was a feature of this key.
    """
    found = Editor(service().workspace).history(layer_id, key)
    rest = [item for item in found if before is None or item.number < before]
    # what the last one changed is seen against the one below it
    shown = rest[: limit + 1]
    rows = [
        _made(version)
        | {
            "is_removed": version.is_removed,
            "is_first": change is None and not version.is_removed,
            "may_restore": not version.is_removed and version != found[0],
        }
        | _changed(change)
        for version, change in zip(shown, changes(shown), strict=True)
    ][:limit]
    stored = service().workspace.moment.stored.get(layer_id)
    return {
        "base": stored.number if stored else None,
        "versions": rows,
        "next": rows[-1]["revision"] if len(rest) > limit else None,
    }


def page_of(layer: Layer) -> dict[str, Any]:
    """Return what the template of the edit page shows.

    Parameters
    ----------
    layer
        A layer that has a source.

    Raises
    ------
    LayerUnavailableError
        If there is nothing of it to show.
    """
    shared, tongue = service(), language()
    stored = _stored(layer)
    context = page_context([layer.id], active="layers") | {
        "layer": {"id": layer.id, "title": layer.title.of(tongue)},
        "map_div": None,
        "edit": _told(layer, stored),
    }
    if layer.schema.geometry != "None":
        view, map_id = map_of(shared.workspace, layer)
        drawn, module = keep_parts(map_id, tongue, "edit", workspace=view)
        context |= {
            "map_div": drawn.div,
            "css": drawn.css,
            "scripts": drawn.scripts,
            "module": module,
            "manifest": drawn.manifest_url,
        }
    return context


def map_of(workspace: Workspace, layer: Layer) -> tuple[Workspace, str]:
    """Return a view of a workspace with one map more: a layer alone upon the ground.

    Parameters
    ----------
    workspace
        The workspace; it stays as it is.
    layer
        A layer with a geometry.

    Returns
    -------
    workspace, map_id
        The view and the id of the map.
    """
    layers = workspace.catalog.layers
    ground = [
        item
        for item in sorted(layers.values(), key=lambda item: (item.order, item.id))
        if item.group == GROUND and item.id != layer.id and item.schema.geometry != "None"
    ]
    shown = tuple(item.id for item in ground if workspace.status(item.id).state in DRAWN)
    map_id = f"edit_{layer.id}"
    made = MapFile(
        map_id,
        layer.path,
        layer.title,
        (*shown, layer.id),
        visible=(*(item.id for item in ground if item.visible and item.id in shown), layer.id),
        fit=layer.id,
    )
    view = workspace.pinned()
    view.catalog = replace(view.catalog, maps={**view.catalog.maps, map_id: made})
    return view, map_id


def _stored(layer: Layer) -> StoredLayer:
    stored = service().workspace.moment.stored.get(layer.id)
    if stored is None:
        raise LayerUnavailableError(layer.id, issues=service().workspace.status(layer.id).issues)
    return stored


def _names(layer: Layer) -> list[str]:
    return [field.name for field in layer.schema.fields]


def _made(version: Version) -> dict[str, Any]:
    tongue = language()
    return {
        "revision": version.number,
        "at": version.at,
        "at_text": moment_text(version.at, tongue),
        "author": version.author or messages.text("value.nobody", tongue),
        "reason": _why(version.reason),
    }


def _changed(change: FeatureChange | None) -> dict[str, Any]:
    if change is None:
        return {"fields": [], "moved_m": None}
    fields = [
        {"name": item.name, "before": item.before, "after": item.after} for item in change.fields
    ]
    return {"fields": fields, "moved_m": change.moved_m}


def _told(layer: Layer, stored: StoredLayer) -> dict[str, Any]:
    tongue, person = language(), auth.signed_in()
    [last, *_] = service().workspace.store.revisions(layer.id, limit=1)
    return {
        "layer": layer.id,
        "language": tongue,
        "csrf": person.csrf,
        "features": f"/layers/{layer.id}/features",
        "history": f"/layers/{layer.id}/history",
        "restore": f"/layers/{layer.id}/restore",
        "undo": f"/layers/{layer.id}/undo",
        "geometry": KINDS[layer.schema.geometry],
        "key": layer.schema.primary_key,
        "fields": [_field(item) for item in layer.schema.fields],
        "last": {
            "number": stored.number,
            "at_text": moment_text(last.at, tongue),
            "author": last.author or messages.text("value.nobody", tongue),
            "reason": _why(last.reason),
            "may_undo": not last.source_path and last.number == stored.number and last.number > 1,
        },
        "words": messages.table("pages.edit", tongue),
    }


def _field(field: Field) -> dict[str, Any]:
    tongue, rules = language(), field.constraints
    facts = describe_field(field, tongue)
    return facts | {
        # a list keeps the order of the layer file, an object of numbers would not
        "labels": [{"code": code, **item} for code, item in facts["labels"].items()],
        "description": field.description.of(tongue) if field.description else "",
        "required": rules.required,
        "minimum": rules.minimum,
        "maximum": rules.maximum,
        "hidden": is_hidden(field),
    }


def _why(reason: str) -> str:
    # the service's own reasons are codes, an editor's are words
    key = f"reason.{reason}"
    return messages.text(key, language()) if messages.has(key) else reason
