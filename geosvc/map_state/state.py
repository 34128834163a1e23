"""The state of a map: what is shown, from where it is seen, and what of it passes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import quote

import geopandas as gpd

from geosvc.map_state.faults import number, refuse
from geosvc.map_state.filters import PREFIX, Filter, parse_filter, passing
from geosvc.map_state.look import AS_IT_IS, Look, parse_look
from geosvc.map_state.look import NAMES as LOOKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace

    Pairs: TypeAlias = "Mapping[str, str] | Iterable[tuple[str, str]]"
    Box: TypeAlias = tuple[float, float, float, float]

_OWN = ("z", "c", "layers", "sel", "lang", "table")
NAMES = (*_OWN, *LOOKS)
"""The parameters of a state beside its filters."""
VIEW_PX = (1024, 768)
"""The size of the browser's map that a center and a zoom stand for, in CSS pixels."""

MARGIN = 0.08
"""What the view of filtered features is wider and higher at each side, of its size."""
LEAST_DEG = 0.01
"""The least size of such a view: about a kilometer around a single point."""

_WORLD_PX = 256
# what JavaScript's encodeURIComponent leaves as it is
_PLAIN = "!'()*~-._"


@dataclass(frozen=True, slots=True)
class MapState:
    """A view of a map; ``layers`` None stands for those that the map shows first.

    ``center`` is (lon, lat), ``selected`` (layer, key). ``table`` is the layer whose records stand
    under the map; pictures have none.
    """

    map_id: str
    language: Language = "zh"
    layers: tuple[str, ...] | None = None
    center: tuple[float, float] | None = None
    zoom: float | None = None
    filters: tuple[Filter, ...] = ()
    selected: tuple[str, str] | None = None
    table: str | None = None
    look: Look = AS_IT_IS

    def query(self) -> str:
        """Return the state as a query without question mark, always written the same way.

        >>> MapState("all", "en", ("roads",), filters=(Filter("roads", "lanes", low="2"),)).query()
        'layers=roads&f.roads.lanes=2..&lang=en'
        >>> MapState("all").query()
        ''
        """
        parts = []
        if self.zoom is not None:
            parts.append("z=" + f"{self.zoom:.2f}".rstrip("0").rstrip("."))
        if self.center is not None:
            parts.append("c=" + ",".join(f"{value:.5f}" for value in self.center))
        if self.layers is not None:
            parts.append("layers=" + ",".join(self.layers))
        if self.selected is not None:
            parts.append(f"sel={self.selected[0]}/{quote(self.selected[1], safe=_PLAIN)}")
        if self.table is not None:
            parts.append(f"table={self.table}")
        parts += self.look.parts()
        # the commas between codes stay readable
        parts += [
            f"{item.name}={quote(item.value, safe=f'{_PLAIN},')}"
            for item in sorted(set(self.filters))
        ]
        return "&".join(parts + (["lang=en"] if self.language == "en" else []))


def is_state_name(name: str) -> bool:
    """Tell whether a parameter belongs to a state, and not to the address that it stands in.

    >>> is_state_name("z"), is_state_name("f.stops.kind"), is_state_name("paper")
    (True, True, False)
    """
    return name in NAMES or name.startswith(PREFIX)


def parse_state(map_id: str, query: Pairs, catalog: Catalog) -> MapState:
    """Read the state of a map out of the parameters of an address.

    Parameters
    ----------
    map_id
        The map.
    query
        Decoded parameters (pairs, a mapping or a MultiDict); one of a filter may come twice.
    catalog
        What the layers and fields are.

    Returns
    -------
    state
        Filters sorted, without repeats; numbers in the digits that an address keeps.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    StateError
        If a parameter is none of a state's, or says something that is not there.
    """
    reading = _Reading(map_id, catalog)
    for name, text in _pairs(query):
        reading.read(name, text)
    given = reading.given
    return MapState(
        map_id,
        given.get("lang", "zh"),
        given.get("layers"),
        given.get("c"),
        given.get("z"),
        tuple(sorted(reading.filters)),
        given.get("sel"),
        given.get("table"),
        parse_look(reading.looks, reading.ids),
    )


def shown_layers(state: MapState, catalog: Catalog) -> tuple[str, ...]:
    """Return the sound layers that a state shows, in drawing order from below.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    found = catalog.map(state.map_id)
    chosen = found.visible if state.layers is None else state.layers
    return tuple(
        name
        for name in state.look.arranged(found.layers)
        if name in catalog.layers
        and (catalog.layers[name].visible if chosen is None else name in chosen)
    )


def filtered(workspace: Workspace, state: MapState, layer_id: str) -> Any:  # noqa: ANN401 - a frame of either kind
    """Return the features of a layer that a state shows, as `Workspace.frame` gives them.

    Raises
    ------
    UnknownLayerError, LayerUnavailableError
        As `Workspace.frame` does.
    """
    frame = workspace.frame(layer_id)
    filters = [item for item in state.filters if item.layer == layer_id]
    if not filters:
        return frame
    return frame[passing(workspace.catalog.layer(layer_id), frame, filters)]


def extent(workspace: Workspace, state: MapState) -> Box | None:
    """Return what a state looks at: west, south, east, north.

    Returns
    -------
    box
        Around the center where there is one with a zoom; else, with a margin, the features that
        pass in the layers with filters; else the layer that the map fits; else all that is shown.
        None where that is nothing.
    """
    if state.center is not None and state.zoom is not None:
        return _view(state.center, state.zoom)
    shown = shown_layers(state, workspace.catalog)
    fit = workspace.catalog.map(state.map_id).fit
    asked = {item.layer for item in state.filters}
    found = _around(workspace, state, [name for name in shown if name in asked])
    if found is not None:
        return _with_margin(found)
    return (_around(workspace, state, [fit]) if fit else None) or _around(workspace, state, shown)


class _Reading:
    """What has been read of one address."""

    def __init__(self, map_id: str, catalog: Catalog) -> None:
        self.ids = catalog.map(map_id).layers
        self.catalog = catalog
        self.given: dict[str, Any] = {}
        self.looks: dict[str, str] = {}
        self.filters: set[Filter] = set()

    def read(self, name: str, text: str) -> None:
        """Read one parameter."""
        if name.startswith(PREFIX):
            self.filters.add(self._filter(name, text))
            return
        if name not in NAMES:
            refuse("unknown_key", name, name, ", ".join((*NAMES, "f.<layer>.<field>")))
        if name in self.given or name in self.looks:
            refuse("not_unique", name, text)
        if name in LOOKS:
            self.looks[name] = text
            return
        look = (self._zoom, self._center, self._layers, self._selected, self._language)
        self.given[name] = dict(zip(_OWN, (*look, self._table), strict=True))[name](text)

    def _zoom(self, text: str) -> float:
        return round(number("z", text, 1, 22), 2)

    def _center(self, text: str) -> tuple[float, float]:
        lon, comma, lat = text.partition(",")
        if not comma:
            refuse("wrong_type", "c", text, "lon,lat")
        return round(number("c", lon, -180, 180), 5), round(number("c", lat, -85, 85), 5)

    def _layers(self, text: str) -> tuple[str, ...]:
        asked = [name for name in text.split(",") if name]
        for name in asked:
            if name not in self.ids:
                refuse("not_allowed", "layers", name, ", ".join(self.ids))
        return tuple(name for name in self.ids if name in asked)

    def _selected(self, text: str) -> tuple[str, str]:
        layer_id, _, key = text.partition("/")
        if layer_id not in self.ids or not key:
            refuse("wrong_type", "sel", text, "layer/key")
        return layer_id, key

    def _table(self, text: str) -> str:
        if text not in self.ids:
            refuse("not_allowed", "table", text, ", ".join(self.ids))
        return text

    def _language(self, text: str) -> Language:
        if text not in {"zh", "en"}:
            refuse("not_allowed", "lang", text, "zh, en")
        return cast("Language", text)

    def _filter(self, name: str, text: str) -> Filter:
        layer_id, _, field_name = name.removeprefix(PREFIX).partition(".")
        sound = [item for item in self.ids if item in self.catalog.layers]
        if layer_id not in sound:
            refuse("not_allowed", name, layer_id, ", ".join(sound))
        return parse_filter(self.catalog.layers[layer_id], field_name, text)


def _pairs(query: Pairs) -> list[tuple[str, str]]:
    given: Any = query
    if hasattr(given, "getlist"):
        return list(given.items(multi=True))
    return list(given.items() if hasattr(given, "items") else given)


def _view(center: tuple[float, float], zoom: float) -> Box:
    """Return the box of `VIEW_PX` around a center in Web Mercator."""
    lon, lat = center
    world = _WORLD_PX * 2**zoom
    wide, high = (size / 2 / world for size in VIEW_PX)
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / math.tau
    south, north = (
        math.degrees(math.atan(math.sinh(math.pi - math.tau * min(max(side, 0.0), 1.0))))
        for side in (y + high, y - high)
    )
    return max(lon - 360 * wide, -180.0), south, min(lon + 360 * wide, 180.0), north


def _around(workspace: Workspace, state: MapState, layer_ids: Iterable[str]) -> Box | None:
    boxes = [box for name in layer_ids if (box := _bounds(workspace, state, name))]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _with_margin(box: Box) -> Box:
    west, south, east, north = box
    wide = max((east - west) * (0.5 + MARGIN), LEAST_DEG / 2)
    high = max((north - south) * (0.5 + MARGIN), LEAST_DEG / 2)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide, y - high, x + wide, y + high


def _bounds(workspace: Workspace, state: MapState, layer_id: str) -> Box | None:
    if layer_id not in workspace.catalog.layers or not workspace.status(layer_id).is_served:
        return None
    frame = filtered(workspace, state, layer_id)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        return None
    west, south, east, north = frame.total_bounds.tolist()
    return west, south, east, north
