"""The catalog's own layers as a ground.

A layer belongs to the ground where it stands in the group ``ground`` and has the colors of the
ground (the roles ``m-…`` of the palette): these say what a feature is, so that a county's layer
files need no word more for its basemap.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geosvc.crs import CRS84
from geosvc.ingest.osm_ground import COLUMNS
from geosvc.symbology import symbolize
from geosvc.tiles.columns import KINDS

if TYPE_CHECKING:
    from geosvc.catalog.model import Layer
    from geosvc.symbology import LegendClass
    from geosvc.workspace import Workspace

GROUP: Final = "ground"
"""The group of the layers that a map stands on."""

_AREAS: Final = {
    "m-land": ("land", ""), "m-block": ("block", "block"), "m-old": ("block", "old"),
    "m-industry": ("block", "industry"), "m-green": ("green", ""), "m-water": ("water", ""),
    "m-building": ("building", ""), "m-boundary": ("district", ""),
}  # fmt: skip
_EDGES: Final = {"land": "county", "district": "town", "water": "shore", "block": "block"}
_ROADS: Final = {"m-highway": "trunk", "m-arterial": "primary"}
_STREETS: Final = ((2.8, "secondary"), (2.4, "tertiary"), (1.6, "street"), (0.0, "lane"))
"""The width from which a road of the plain color is of a class."""
_TOWN_RANK: Final = 2
_UNNAMED: Final = ("land",)
"""A name that fills every view says nothing."""
_ROUTE: Final = re.compile(r"[A-Z]\d{1,4}", re.ASCII)


def ground_layers(workspace: Workspace) -> dict[str, str]:
    """Return the layers that belong to the ground and can be shown, with their tags.

    Parameters
    ----------
    workspace
        The catalog and its data.
    """
    return {
        layer_id: workspace.tag(layer_id)
        for layer_id, layer in workspace.catalog.layers.items()
        if layer.group == GROUP
        and layer.schema.geometry != "None"
        and workspace.status(layer_id).is_served
        and all(_what(layer, item) for item in _classes(workspace, layer))
    }


def read_layers(workspace: Workspace) -> gpd.GeoDataFrame:
    """Return the features of `ground_layers`.

    Parameters
    ----------
    workspace
        The catalog and its data.

    Returns
    -------
    ground
        Features in OGC:CRS84 with the columns of `geosvc.ingest.osm_ground.read_ground` and
        ``layer``, the id of the layer that each is of. What bounds an area is a line of its own,
        of the kind ``edge``: an area is cut where tiles meet, and must not be bounded there.
    """
    parts = [
        part
        for layer_id in ground_layers(workspace)
        for part in _features(workspace, workspace.catalog.layer(layer_id))
    ]
    columns = [*COLUMNS, "layer", "geometry"]
    ground = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return gpd.GeoDataFrame(ground, geometry="geometry", crs=CRS84)


def _classes(workspace: Workspace, layer: Layer) -> tuple[LegendClass, ...]:
    return symbolize(layer, workspace.frame(layer.id)).classes


def _features(workspace: Workspace, layer: Layer) -> list[pd.DataFrame]:
    frame = cast("gpd.GeoDataFrame", workspace.frame(layer.id))
    symbols = symbolize(layer, frame)
    what = [_what(layer, item) or ("", "") for item in symbols.classes]
    names: Any = None if what and what[0][0] in _UNNAMED else _texts(layer, frame)
    table = pd.DataFrame(
        {
            "kind": [what[code][0] for code in symbols.codes],
            "cls": [what[code][1] for code in symbols.codes],
            "name": names,
            # a county names its places in one language
            "name_en": names,
            "ref": _numbers(layer, frame),
            "layer": layer.id,
            "geometry": np.asarray(frame.geometry.array, dtype=object),
        }
    )
    is_area = KINDS[layer.schema.geometry] == "area"
    return [table, _edges(table)] if is_area else [table]


def _texts(layer: Layer, frame: pd.DataFrame) -> list[str | None] | None:
    if layer.style.label is None:
        return None
    return [None if pd.isna(text) else str(text) for text in frame[layer.style.label]]


def _numbers(layer: Layer, frame: pd.DataFrame) -> list[str | None] | None:
    """Return the numbers of roads: the second line of their card, where it reads like ``G204``."""
    name = layer.popup.subtitle
    if KINDS[layer.schema.geometry] != "line" or name is None:
        return None
    texts = frame[name].astype("string")
    return [text if text and _ROUTE.fullmatch(text) else None for text in texts.fillna("")]


def _edges(areas: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for kind, members in areas.groupby("kind", sort=True):
        if str(kind) not in _EDGES:
            continue
        # what two areas share is drawn once, or the gaps of dashes would be filled
        lines = shapely.union_all(shapely.boundary(members["geometry"].to_numpy(dtype=object)))
        head = ("edge", _EDGES[str(kind)], None, None, None, members["layer"].iloc[0])
        rows += [(*head, line) for line in shapely.get_parts(shapely.line_merge(lines))]
    return pd.DataFrame(rows, columns=[*COLUMNS, "layer", "geometry"])


def _what(layer: Layer, item: LegendClass) -> tuple[str, str] | None:
    kind = KINDS[layer.schema.geometry]
    if kind == "area":
        return _AREAS.get(item.color)
    if kind == "line":
        return _line(item)
    if item.color.startswith("m-label"):
        return "place", "town" if layer.style.label_rank <= _TOWN_RANK else "village"
    return None


def _line(item: LegendClass) -> tuple[str, str] | None:
    if item.color in _ROADS:
        return "road", _ROADS[item.color]
    if item.color == "m-road":
        return "road", next(name for width, name in _STREETS if item.width_px >= width)
    if item.color.startswith("m-water"):
        return "waterway", ""
    return ("edge", "town") if item.color == "m-boundary" else None
