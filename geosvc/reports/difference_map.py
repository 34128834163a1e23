"""The map of a difference report: the features that came or changed, where they are now."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np

from geosvc.errors import PublishError
from geosvc.figures.content import GROUND
from geosvc.map_state import MapState
from geosvc.map_state.state import VIEW_PX
from geosvc.reports.figures import text_wide
from geosvc.reports.layer_changes import moments_of
from geosvc.reports.publish import Made, Words, make, subject_of
from geosvc.reports.rows import both
from geosvc.workspace.overlaid import OverlaidView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language, MapFile
    from geosvc.reports.layer_changes import Changes
    from geosvc.workspace import Workspace

_WORLD_PX: Final = 256
_MARGIN: Final = 1.3
_CLOSEST: Final = 15.0


def changes_map(workspace: Workspace, found: Changes, language: Language) -> Made | None:
    """Make the map of what came and what changed between two moments.

    Parameters
    ----------
    workspace
        A view of one moment.
    found
        What changed.
    language
        Of the map.

    Returns
    -------
    made
        As of any map, of the features as they were at the second moment; None where none of them
        has a place on a map. What was removed is nowhere.

    Raises
    ------
    PublishError
        If what is drawn, counted and said does not agree.
    """
    view = workspace.as_of(moments_of(found.since, found.until)[1])
    frames = _frames(view, found)
    shown = _map_of(view, frames)
    if shown is None:
        return None
    frames = {name: frame for name, frame in frames.items() if name in shown.layers}
    state = _state(view, shown, frames, language)
    keys = repr({name: list(frame.index) for name, frame in frames.items()})
    overlaid = OverlaidView(view, frames, hashlib.sha256(keys.encode()).hexdigest())
    titles = both("report.changes_map")
    try:
        made = make(overlaid, text_wide(state), Words(titles.of(language), titles=titles))
    except PublishError as error:
        if error.issues and error.issues[0].code == "nothing_drawn":
            return None
        raise
    asked: dict[str, Any] = {"since": found.since, "until": found.until}
    asked |= {"drawn": made.facts["parameters"]}
    about = {"parameters": asked, "subject": subject_of("figure", asked)}
    return replace(made, facts={**made.facts, **about})


def _frames(view: Workspace, found: Changes) -> dict[str, gpd.GeoDataFrame]:
    frames = {}
    for item in found.layers:
        keys = [row.key for row in (*item.added, *item.changed)]
        if not keys or not view.status(item.layer.id).is_served:
            continue
        frame = view.frame(item.layer.id)
        if isinstance(frame, gpd.GeoDataFrame):
            frames[item.layer.id] = frame.loc[frame.index.isin(keys)]
    return {name: frame for name, frame in frames.items() if not _places(frame).empty}


def _places(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.loc[~(frame.geometry.isna() | frame.geometry.is_empty)]


def _map_of(view: Workspace, frames: Mapping[str, gpd.GeoDataFrame]) -> MapFile | None:
    """Return the map that shows most of the layers, the first of several."""
    maps = [one for _, one in sorted(view.catalog.maps.items(), key=lambda item: item[1].order)]
    best = max(maps, key=lambda one: sum(name in one.layers for name in frames), default=None)
    return best if best and any(name in best.layers for name in frames) else None


def _state(
    view: Workspace, shown: MapFile, frames: Mapping[str, gpd.GeoDataFrame], language: Language
) -> MapState:
    known = view.catalog.layers
    layers = tuple(
        name
        for name in shown.layers
        if name in frames or (name in known and known[name].group == GROUND)
    )
    bounds = np.array([_places(frame).total_bounds for frame in frames.values()])
    west, south = bounds[:, :2].min(axis=0).tolist()
    east, north = bounds[:, 2:].max(axis=0).tolist()
    center = (round((west + east) / 2, 5), round((south + north) / 2, 5))
    squeeze = math.cos(math.radians(center[1]))
    spans = ((east - west) / VIEW_PX[0], (north - south) / squeeze / VIEW_PX[1])
    degrees = max(*spans, 1e-9) * _MARGIN
    zoom = round(min(math.log2(360 / _WORLD_PX / degrees), _CLOSEST), 2)
    return MapState(shown.id, language, layers, center=center, zoom=zoom)
