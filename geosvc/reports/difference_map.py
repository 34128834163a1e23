"""The maps of a difference report: what came, went and changed in a layer, and of the hotspots.

A kind of change has a color, a shape (of lines the dashes, of areas the hatching) and a row of the
legend, so that it is told without colors too. What is gone stands where it was.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np

from geosvc import messages
from geosvc.catalog.model import Style, Text
from geosvc.figures.content import GROUND
from geosvc.map_state import MapState
from geosvc.map_state.state import VIEW_PX
from geosvc.reports.figures import text_wide
from geosvc.reports.layer_changes import HOTSPOTS, moments_of
from geosvc.reports.publish import Made, Words, make, subject_of
from geosvc.reports.rows import both
from geosvc.workspace.overlaid import OverlaidView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geosvc.catalog.model import Language, Layer, MapFile
    from geosvc.reports.layer_changes import Changes, LayerChanges
    from geosvc.workspace import Workspace

_WORLD_PX: Final = 256
_MARGIN: Final = 1.3
_CLOSEST: Final = 15.0
_GROUP: Final = "changes"


@dataclass(frozen=True, slots=True)
class _Mark:
    """How a kind of change is drawn: the shape of points, the dashes of lines and edges."""

    shape: str
    color: str
    dash: tuple[float, ...] = ()
    width_px: float = 3.5
    is_hatched: bool = False


_MARKS: Final[Mapping[str, _Mark]] = MappingProxyType(
    {
        "hotspot_stayed": _Mark("circle", "c-out", width_px=5.0),
        "changed": _Mark("diamond", "c-relocated", (1.5, 3.0)),
        "removed": _Mark("square_cross", "c-wash", (7.0, 4.0), is_hatched=True),
        "hotspot_gone": _Mark("square_cross", "c-urban", (7.0, 4.0), 5.0, is_hatched=True),
        "added": _Mark("triangle_up", "c-urban"),
        "hotspot_new": _Mark("triangle_up", "c-hot", width_px=5.0),
    }
)
"""In drawing order from below; a key is a sentence of reports too."""


class ChangeMaps:
    """Makes the maps of what differs between two moments.

    Parameters
    ----------
    workspace
        A view of one moment.
    found
        What changed.
    language
        Of the maps.
    """

    def __init__(self, workspace: Workspace, found: Changes, language: Language) -> None:
        moments = moments_of(found.since, found.until)
        self._before, self._after = (workspace.as_of(moment) for moment in moments)
        self._found, self._language = found, language

    def of_layer(self, item: LayerChanges) -> Made | None:
        """Make the map of one layer; None where nothing that changed has a place on a map.

        Raises
        ------
        PublishError
            If what is drawn, counted and said does not agree.
        """
        kinds = {
            "changed": (self._after, [row.key for row in item.changed]),
            "removed": (self._before, [row.key for row in item.removed]),
            "added": (self._after, [row.key for row in item.added]),
        }
        name = item.layer.title
        zh, en = (
            messages.text("report.layer_map", tongue, layer=name.of(tongue))
            for tongue in messages.LANGUAGES
        )
        return self._made(item.layer, kinds, Text(zh, en))

    def of_hotspots(self) -> Made | None:
        """Make the map of hotspots that are new, gone and still there; None where none is.

        Raises
        ------
        PublishError
            If what is drawn, counted and said does not agree.
        """
        if self._found.new is None or self._found.gone is None:
            return None
        kinds = {
            "hotspot_stayed": (self._after, [one.key for one in self._found.stayed]),
            "hotspot_gone": (self._before, [one.key for one in self._found.gone]),
            "hotspot_new": (self._after, [one.key for one in self._found.new]),
        }
        if not any(keys for _, keys in kinds.values()):
            return None
        layer = self._after.catalog.layers[HOTSPOTS]
        return self._made(layer, kinds, both("report.changes_hotspots"))

    def _made(
        self, layer: Layer, kinds: Mapping[str, tuple[Workspace, Sequence[str]]], titles: Text
    ) -> Made | None:
        frames = {
            kind: frame
            for kind, (side, keys) in kinds.items()
            if keys and (frame := _taken(side, layer.id, keys)) is not None
        }
        base = _map_with(self._after, layer.id)
        if base is None or all(_places(frame).empty for frame in frames.values()):
            return None
        sides = [(kind, side.tag(layer.id), list(keys)) for kind, (side, keys) in kinds.items()]
        digest = hashlib.sha256(repr(sides).encode()).hexdigest()
        view, ids = _with_kinds(self._after, base, layer, frames)
        shown = OverlaidView(view, {ids[kind]: frames[kind] for kind in ids}, digest)
        state = _state(base.id, view.catalog.map(base.id).layers, frames)
        asked = text_wide(replace(state, language=self._language))
        made = make(shown, asked, Words(titles.of(self._language), titles=titles))
        return replace(made, facts={**made.facts, **self._facts(layer, made)})

    def _facts(self, layer: Layer, made: Made) -> dict[str, Any]:
        asked: dict[str, Any] = {"since": self._found.since, "until": self._found.until}
        asked |= {"layer": layer.id, "drawn": made.facts["parameters"]}
        return {"parameters": asked, "subject": subject_of("figure", asked)}


def _taken(side: Workspace, layer_id: str, keys: Sequence[str]) -> gpd.GeoDataFrame | None:
    if not side.status(layer_id).is_served:
        return None
    frame = side.frame(layer_id)
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    return frame.loc[frame.index.isin(keys)]


def _places(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.loc[~(frame.geometry.isna() | frame.geometry.is_empty)]


def _map_with(view: Workspace, layer_id: str) -> MapFile | None:
    """Return the first map that shows a layer; the one that is named for it comes first."""
    maps = [one for one in view.catalog.maps.values() if layer_id in one.layers]
    return min(maps, key=lambda one: (layer_id not in one.highlights, one.order), default=None)


def _with_kinds(
    view: Workspace, base: MapFile, layer: Layer, kinds: Iterable[str]
) -> tuple[Workspace, dict[str, str]]:
    """Return a view of a map's ground with a layer above it for each kind, and their ids."""
    ids = {kind: f"{layer.id}_{kind}" for kind in _MARKS if kind in kinds}
    known, shown = view.catalog.layers, view.pinned()
    # points of the ground are counted, and here only what changed may be
    ground = [
        name
        for name in base.layers
        if name in known
        and known[name].group == GROUND
        and known[name].schema.geometry != "Point"
        and name != layer.id
    ]
    layers = (*ground, *ids.values())
    own = replace(base, layers=layers, visible=None, fit=None, description=Text("", ""))
    shown.catalog = replace(
        view.catalog,
        layers={**known, **{ids[kind]: layer_of(layer, kind, ids[kind]) for kind in ids}},
        maps={**view.catalog.maps, base.id: own},
    )
    states = {name: replace(view.status(layer.id), id=name) for name in ids.values()}
    shown.moment = replace(view.moment, statuses={**view.moment.statuses, **states})
    return shown, ids


def layer_of(layer: Layer, kind: str, name: str) -> Layer:
    """Return a layer of one kind of change: named for it and drawn as it.

    Parameters
    ----------
    layer
        The layer that changed.
    kind
        ``added``, ``removed``, ``changed``, ``hotspot_new``, ``hotspot_gone`` or
        ``hotspot_stayed``.
    name
        The id of the new layer.
    """
    mark, own = _MARKS[kind], layer.style
    is_point, is_area = (layer.schema.geometry == one for one in ("Point", "Polygon"))
    style = Style(
        own.kind,
        mark.color,
        shape=mark.shape if is_point else "hatch" if is_area and mark.is_hatched else None,
        size_px=15.0,
        width_px=1.5 if is_area else mark.width_px,
        fill_opacity=0.3 if is_area else 0.0,
        dash=mark.dash,
        label=own.label or _name_of(layer),
        label_rank=1 if is_point else 3,
    )
    title = both(f"report.{kind}")
    return replace(layer, id=name, title=title, style=style, group=_GROUP, visible=True)


def _name_of(layer: Layer) -> str | None:
    """Return the field that names a feature; a code is no name."""
    field = layer.schema.field(layer.popup.title) if layer.popup.title else None
    return None if field is None or field.labels or field.privacy else field.name


def _state(
    map_id: str, layers: tuple[str, ...], frames: Mapping[str, gpd.GeoDataFrame]
) -> MapState:
    """Look at all that changed, with a margin."""
    places = [placed for frame in frames.values() if not (placed := _places(frame)).empty]
    bounds = np.array([frame.total_bounds for frame in places])
    west, south = bounds[:, :2].min(axis=0).tolist()
    east, north = bounds[:, 2:].max(axis=0).tolist()
    center = (round((west + east) / 2, 5), round((south + north) / 2, 5))
    squeeze = math.cos(math.radians(center[1]))
    spans = ((east - west) / VIEW_PX[0], (north - south) / squeeze / VIEW_PX[1])
    degrees = max(*spans, 1e-9) * _MARGIN
    zoom = round(min(math.log2(360 / _WORLD_PX / degrees), _CLOSEST), 2)
    return MapState(map_id, layers=layers, center=center, zoom=zoom)
