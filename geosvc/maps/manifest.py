"""The manifest of a map: the only place where titles, labels and messages reach the browser."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from geosvc import messages
from geosvc.maps.elements import Addresses, Served
from geosvc.maps.ground import bounds_of, describe_ground
from geosvc.maps.online import describe_bases
from geosvc.search import search_tag
from geosvc.store import ERASED
from geosvc.symbology import LegendClass, symbolize
from geosvc.tiles.columns import KINDS, shown_fields
from geosvc.tiles.points import is_many
from geosvc.workspace.trust import source_of, trust
from geosvc.zones import grid_of

if TYPE_CHECKING:
    from geosvc.catalog.model import Field, Language, Layer, MapFile
    from geosvc.workspace import LayerStatus, Workspace

REASONS_SHOWN = 3
DIGITS, PUBLIC_DIGITS = 6, 4
"""Decimals of a degree that a reader sees of a place: 0.1 m, and 11 m in the public profile."""
DRAWN = ("ok", "stale")
"""The states in which a layer has features to show."""


def manifest(
    workspace: Workspace, map_id: str, language: Language, *, addresses: Addresses | None = None
) -> dict[str, Any]:
    """Return what a page must know about a map beside its features.

    Parameters
    ----------
    workspace
        The catalog and its data.
    map_id
        The id of the map.
    language
        The reader's language.
    addresses
        Where the page finds the layers; by default at the service.

    Returns
    -------
    manifest
        ``map``, ``ground``, ``bases``, ``groups``, ``layers`` (drawing order from below) and
        ``messages``: plain values, ready for JSON.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    found = workspace.catalog.map(map_id)
    places = addresses or Served(map_id, language)
    layers = [_layer(workspace, found, layer_id, language) for layer_id in found.layers]
    for entry in layers:
        drawn = entry["state"] in DRAWN
        address = places.points if entry["many"] else places.data
        entry["url"] = address(entry["id"], workspace.tag(entry["id"])) if drawn else None
        entry["page"] = places.layer_page(entry["id"])
    tag = search_tag(workspace, map_id)
    ground = describe_ground(workspace, map_id, language, places)
    # what the basemap shows need not be loaded
    instead = [item for item in layers if item["visible"] and item["id"] in ground["stands_for"]]
    for entry in instead:
        entry["visible"] = False
    return {
        "map": {
            "id": map_id,
            "title": found.title.of(language),
            "description": found.description.of(language),
            "language": language,
            "search": places.search(tag) if tag else None,
            "grid": _grid(layers, found.fit),
            "digits": PUBLIC_DIGITS if workspace.settings.profile == "public" else DIGITS,
        }
        | trust(workspace, found.layers, language),
        "ground": ground | {"instead": [entry["id"] for entry in instead]},
        "bases": describe_bases(workspace, language, places),
        "groups": _groups(workspace, layers, language),
        "layers": layers,
        "messages": messages.table("ui", language),
    }


def _grid(layers: list[dict[str, Any]], fit: str | None) -> dict[str, Any] | None:
    """Return the grid in meters of the middle of a map, None for a map of nothing."""
    boxes = [entry["bounds"] for entry in layers if entry["bounds"]]
    fitted = [entry["bounds"] for entry in layers if entry["bounds"] and entry["id"] == fit]
    if not boxes:
        return None
    west, south, east, north = np.array(fitted or boxes).T
    middle = (west.min() + east.max()) / 2, (south.min() + north.max()) / 2
    return asdict(grid_of(*middle))


def reason(status: LayerStatus, language: Language) -> str | None:
    """Say why a layer is not as it should be, None where it is.

    Parameters
    ----------
    status
        The layer's state.
    language
        The reader's language.

    Returns
    -------
    reason
        Plain text: the first faults, or what the service is waiting for.
    """
    if status.state == "pending" or (status.state == "stale" and not status.issues):
        return messages.text(f"layer.{status.state}", language)
    if status.state == "ok":
        return None
    shown = [messages.render_issue(issue, language) for issue in status.issues[:REASONS_SHOWN]]
    return "\n".join(shown) or messages.text("layer.no_reason", language)


def warning(status: LayerStatus, language: Language) -> str | None:
    """Say that a layer has another number of features than its file expects, None where not."""
    if status.expected is None or status.count == status.expected or status.state not in DRAWN:
        return None
    return messages.text(
        "layer.count_missed", language, expected=status.expected, count=status.count
    )


def _groups(
    workspace: Workspace, layers: list[dict[str, Any]], language: Language
) -> list[dict[str, str]]:
    titles = {group.id: group.title.of(language) for group in workspace.catalog.site.groups}
    used = {str(entry["group"]) for entry in layers}
    ids = [group for group in titles if group in used] + sorted(used - titles.keys())
    return [{"id": group, "title": titles.get(group, group)} for group in ids]


def _layer(
    workspace: Workspace, found: MapFile, layer_id: str, language: Language
) -> dict[str, Any]:
    status = workspace.status(layer_id)
    head = {
        "id": layer_id,
        "state": status.state,
        "reason": reason(status, language),
        "count": status.count or 0,
        "expected": status.expected,
        "warning": warning(status, language),
        "refused": status.refused,
        "synthetic": status.synthetic,
        "attribution": source_of(workspace, layer_id).of(language),
    }
    layer = workspace.catalog.layers.get(layer_id)
    if layer is None:
        return head | _unread(layer_id)
    shown = layer.id in found.visible if found.visible is not None else layer.visible
    return (
        head
        | _words(layer, language)
        | {
            "visible": shown and status.state in DRAWN,
            "many": is_many(layer, status.count or 0),
        }
        | _drawing(workspace, layer, status, language)
    )


def _unread(layer_id: str) -> dict[str, Any]:
    return {
        "title": layer_id,
        "description": "",
        "group": "other",
        "visible": False,
        "geometry": "none",
        "class_field": None,
        "classes": [],
        "popup": {"title": None, "subtitle": None, "badges": [], "facts": []},
        "fields": [],
        "many": False,
        "bounds": None,
        "opacity": 1.0,
        "fill_opacity": 0.0,
        "dash": [],
        "scaled": False,
        "label": None,
        "label_rank": 3,
        "unit": None,
        "time": None,
    }


def _words(layer: Layer, language: Language) -> dict[str, Any]:
    popup, style = layer.popup, layer.style
    return {
        "title": layer.title.of(language),
        "description": layer.description.of(language),
        "group": layer.group,
        "geometry": KINDS[layer.schema.geometry],
        "opacity": style.opacity,
        "fill_opacity": style.fill_opacity,
        "dash": list(style.dash),
        "scaled": style.scaled,
        "label": style.label,
        "label_rank": style.label_rank,
        "unit": style.unit.of(language) if style.unit else None,
        "time": layer.time.start if layer.time else None,
        "popup": {
            "title": popup.title,
            "subtitle": popup.subtitle,
            "badges": list(popup.badges),
            "facts": list(popup.facts),
        },
    }


def _drawing(
    workspace: Workspace, layer: Layer, status: LayerStatus, language: Language
) -> dict[str, Any]:
    names = set(shown_fields(layer))
    bounds, symbols = None, None
    if status.state in DRAWN:
        frame = workspace.frame(layer.id)
        symbols = symbolize(layer, frame)
        bounds = bounds_of(frame) if layer.schema.geometry != "None" else None
    class_field = symbols.field if symbols else None
    return {
        "class_field": class_field,
        "classes": [_class(item, language) for item in (symbols.classes if symbols else ())],
        "fields": [
            describe_field(field, language)
            for field in layer.schema.fields
            if field.name in names | {class_field}
        ],
        "bounds": bounds,
    }


def _class(item: LegendClass, language: Language) -> dict[str, Any]:
    return {
        "value": item.value,
        "label": item.label.of(language),
        "count": item.count,
        "color": item.color,
        "shape": item.shape,
        "casing": item.casing,
        "size_px": item.size_px,
        "width_px": item.width_px,
        "min_zoom": item.min_zoom,
    }


def describe_field(field: Field, language: Language) -> dict[str, Any]:
    """Return what a reader sees of a field: its title, type, unit and the words of its codes.

    Parameters
    ----------
    field
        The field.
    language
        The reader's language.

    Returns
    -------
    description
        ``name``, ``title``, ``type``, ``unit``, ``masked`` and ``labels`` by code; one of them
        stands where a personal value was erased by policy.
    """
    labels = {
        code: {"label": label.text.of(language), "tone": label.tone}
        for code, label in field.labels.items()
    }
    if field.privacy is not None:
        labels[ERASED] = {"label": messages.text("value.erased", language), "tone": "plain"}
    return {
        "name": field.name,
        "title": field.title.of(language),
        "type": field.type,
        "unit": field.unit.of(language) if field.unit else None,
        "masked": field.privacy is not None,
        "labels": labels,
    }
