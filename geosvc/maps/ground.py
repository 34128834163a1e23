"""What a map stands on: the basemap where there is one that fits, else the layers' own drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geosvc import messages
from geosvc.errors import BasemapError
from geosvc.tiles.basemap import find_basemap, meets

if TYPE_CHECKING:
    from geosvc.catalog.model import Language
    from geosvc.maps.elements import Addresses
    from geosvc.tiles.pmtiles import Bounds
    from geosvc.workspace import Workspace


@dataclass(frozen=True, slots=True)
class GroundOfMap:
    """The basemap of one map.

    ``tag`` is None where there is none, and ``fault`` then the reason, a key below
    ``basemap_error`` in the messages. ``stands_for`` are the layers that need not be drawn over it;
    of these ``same`` are those that it shows as they are.
    """

    tag: str | None = None
    fault: str | None = None
    source: str = ""
    stands_for: frozenset[str] = frozenset()
    same: frozenset[str] = frozenset()


def ground_of(workspace: Workspace, map_id: str) -> GroundOfMap:
    """Return the basemap of a map; faults of its file are told, never raised.

    Parameters
    ----------
    workspace
        The catalog and its data.
    map_id
        The id of the map.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    members = frozenset(workspace.catalog.map(map_id).layers)
    try:
        found = find_basemap(workspace)
    except BasemapError as error:
        return GroundOfMap(fault=error.reason)
    bounds = map_bounds(workspace, map_id)
    if bounds is not None and not meets(found.bounds, bounds):
        return GroundOfMap(fault="elsewhere")
    return GroundOfMap(
        tag=found.tag,
        source=found.source,
        stands_for=found.stands_for & members,
        same=found.layers & members,
    )


def describe_ground(
    workspace: Workspace, map_id: str, language: Language, addresses: Addresses
) -> dict[str, Any]:
    """Return what a page must know about the ground.

    Parameters
    ----------
    workspace
        The catalog and its data.
    map_id
        The id of the map.
    language
        The reader's language.
    addresses
        Where the page finds things.

    Returns
    -------
    description
        ``url`` and ``attribution``, None where there is no basemap; ``stands_for`` and ``same``,
        ids of layers; ``reason``, why there is none, None where there is one; ``is_fault``,
        whether that is a fault of the file.
    """
    found = ground_of(workspace, map_id)
    if addresses.ground("") is None:
        # a file that holds everything lacks it only where pages have one
        reason = messages.text("basemap.in_file", language) if found.tag else None
        return _nothing(reason, is_fault=False)
    if found.tag is None:
        said = messages.text(f"basemap_error.{found.fault}", language)
        return _nothing(said, is_fault=found.fault != "missing")
    return {
        "url": addresses.ground(found.tag),
        # that of the catalog's own layers is theirs
        "attribution": messages.text("basemap.osm", language) if found.source == "osm" else None,
        "stands_for": sorted(found.stands_for),
        "same": sorted(found.same),
        "reason": None,
        "is_fault": False,
    }


def _nothing(reason: str | None, *, is_fault: bool) -> dict[str, Any]:
    nothing: dict[str, Any] = {"url": None, "attribution": None, "stands_for": [], "same": []}
    return nothing | {"reason": reason, "is_fault": is_fault}


def map_bounds(workspace: Workspace, map_id: str) -> Bounds | None:
    """Return west, south, east, north of a map's first view, None where nothing can be shown.

    Parameters
    ----------
    workspace
        The catalog and its data.
    map_id
        The id of the map.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    found = workspace.catalog.map(map_id)
    boxes = [
        _layer_bounds(workspace, layer_id)
        for layer_id in ((found.fit,) if found.fit else found.layers)
    ]
    known = [box for box in boxes if box]
    if not known:
        return None
    west, south, east, north = zip(*known, strict=True)
    return min(west), min(south), max(east), max(north)


def bounds_of(frame: Any) -> list[float] | None:  # noqa: ANN401 - a GeoDataFrame
    """Return west, south, east, north of a frame in degrees, None where it is empty."""
    box = np.round(frame.total_bounds, 6)
    return [float(value) for value in box] if np.isfinite(box).all() else None


def _layer_bounds(workspace: Workspace, layer_id: str) -> list[float] | None:
    layer = workspace.catalog.layers.get(layer_id)
    if layer is None or layer.schema.geometry == "None":
        return None
    if not workspace.status(layer_id).is_served:
        return None
    return bounds_of(workspace.frame(layer_id))
