"""The Folium objects of a catalog map: the map, its panes, layers and controls.

Each writes one call of ``static/js/main.js``. Ids are the map's id and a counter, never random, so
that every process writes the same bytes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import folium
import orjson
from branca.element import JavascriptLink, MacroElement
from folium.map import CustomPane, Evented, Layer
from folium.template import Template

from geosvc.errors import UnsafeTextError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID = re.compile(r"[a-z0-9_]+")
_URL = re.compile(r"#[a-z0-9_]+|(?:/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)+")
_OPTION = re.compile(r"[A-Za-z]+")


class Options:
    """Values that may enter a Folium object; nothing else does.

    Parameters
    ----------
    **values
        Ids ``[a-z0-9_]+``, addresses of our own (``/data/…``, ``#…``), numbers, booleans, None,
        and lists of these.

    Raises
    ------
    UnsafeTextError
        If a value is anything else.

    Examples
    --------
    >>> print(Options(id="water", url="/data/water/0f1e.json", show=True))
    {"id":"water","url":"/data/water/0f1e.json","show":true}
    >>> print(Options())
    {}
    """

    def __init__(self, **values: object) -> None:
        for name, value in values.items():
            if not (_OPTION.fullmatch(name) and _is_safe(value)):
                raise UnsafeTextError(name)
        self._values: Mapping[str, object] = dict(values)

    def __str__(self) -> str:
        return orjson.dumps(self._values).decode()


def _is_safe(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_safe(item) for item in value)
    if isinstance(value, str):
        return bool(_ID.fullmatch(value) or _URL.fullmatch(value))
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, int)


class Addresses(Protocol):
    """Where a page finds what it loads."""

    def data(self, layer_id: str, tag: str) -> str:
        """Return the address of a layer's data."""
        ...

    def points(self, layer_id: str, tag: str) -> str:
        """Return the address of the data of a layer of many points."""
        ...

    def manifest(self) -> str:
        """Return the address of the map's manifest."""
        ...

    def layer_page(self, layer_id: str) -> str | None:
        """Return the address of a layer's page, None where there is no service."""
        ...

    def search(self, tag: str) -> str | None:
        """Return the address of what can be searched for, None where there is no service."""
        ...

    def ground(self, tag: str) -> str | None:
        """Return the address of the basemap's file, None where there is no service."""
        ...


@dataclass(frozen=True, slots=True)
class Served:
    """Addresses of the service; the manifest's holds its content's hash."""

    map_id: str
    language: str
    manifest_tag: str = ""

    def data(self, layer_id: str, tag: str) -> str:
        """Return ``/data/<layer>/<tag>.json``."""
        return f"/data/{layer_id}/{tag}.json"

    def points(self, layer_id: str, tag: str) -> str:
        """Return ``/data/<layer>/<tag>.bin``."""
        return f"/data/{layer_id}/{tag}.bin"

    def manifest(self) -> str:
        """Return ``/maps/<id>/<tag>-<language>.json``."""
        return f"/maps/{self.map_id}/{self.manifest_tag}-{self.language}.json"

    def layer_page(self, layer_id: str) -> str | None:
        """Return ``/layers/<layer>``."""
        return f"/layers/{layer_id}"

    def search(self, tag: str) -> str | None:
        """Return ``/maps/<id>/search-<tag>.json``."""
        return f"/maps/{self.map_id}/search-{tag}.json"

    def ground(self, tag: str) -> str | None:
        """Return ``/basemap/<tag>.pmtiles``."""
        return f"/basemap/{tag}.pmtiles"


@dataclass(frozen=True, slots=True)
class Inline:
    """Addresses within one page that holds everything."""

    def data(self, layer_id: str, tag: str) -> str:  # noqa: ARG002 - a page holds one revision
        """Return the id of the element that holds the layer."""
        return f"#geosvc_data_{layer_id}"

    def points(self, layer_id: str, tag: str) -> str:
        """Return the same: a page that holds everything holds all columns."""
        return self.data(layer_id, tag)

    def manifest(self) -> str:
        """Return the id of the element that holds the manifest."""
        return "#geosvc_manifest"

    def layer_page(self, layer_id: str) -> str | None:  # noqa: ARG002 - there is no service
        """Return None."""
        return None

    def search(self, tag: str) -> str | None:  # noqa: ARG002 - there is no service
        """Return None."""
        return None

    def ground(self, tag: str) -> str | None:  # noqa: ARG002 - there is no service
        """Return None: a file that holds everything draws the ground's own layers."""
        return None


class CatalogMap(folium.Map):
    """A Folium map whose script is ours: no tiles, no jQuery, no Bootstrap, no inline style.

    Parameters
    ----------
    map_id
        The id of the map; the element's id is ``map_<map_id>``.
    bounds
        West, south, east, north of the first view, degrees.
    min_zoom, max_zoom
        The range of zoom levels.
    """

    _template = Template(
        """{% macro html(this, kwargs) %}<div class="folium-map" id="{{ this.get_name() }}"></div>
{% endmacro %}
{% macro script(this, kwargs) %}
const {{ this.get_name() }} = geosvc.createMap("{{ this.get_name() }}", {{ this.call(kwargs) }});
{% endmacro %}"""
    )
    default_js = [link for link in folium.Map.default_js if link[0] == "leaflet"]  # noqa: RUF012
    default_css = [  # noqa: RUF012 - Folium reads these two from the class
        link for link in folium.Map.default_css if link[0] == "leaflet_css"
    ]

    def __init__(
        self,
        map_id: str,
        *,
        bounds: tuple[float, float, float, float],
        min_zoom: int = 8,
        max_zoom: int = 19,
    ) -> None:
        super().__init__(tiles=None, zoom_control=False)
        Options(id=map_id, bounds=bounds)
        self._id = map_id
        self.bounds = bounds
        self.zooms = (min_zoom, max_zoom)

    def call(self, kwargs: Mapping[str, Any]) -> Options:
        """Return the options of ``createMap`` for one way of rendering."""
        return Options(
            manifest=kwargs["addresses"].manifest(),
            bounds=self.bounds,
            mode=kwargs["mode"],
            minZoom=self.zooms[0],
            maxZoom=self.zooms[1],
        )

    def _get_self_bounds(self) -> list[list[float | None]]:
        west, south, east, north = self.bounds
        return [[south, west], [north, east]]


class Pane(CustomPane):
    """The pane of one layer; panes lie upon each other in the order of the map file."""

    def __init__(self, map_id: str, number: int) -> None:
        super().__init__(str(_named("pane", map_id, number)), z_index=400 + number)
        self._id = f"{map_id}_{number}"


class Ground(Layer):
    """The basemap under all layers, read by protomaps-leaflet; nothing where there is no service.

    Parameters
    ----------
    map_id
        The id of the map it is on.
    tag
        The tag of the basemap's file.
    """

    _template = Template(
        """{% macro script(this, kwargs) %}
const {{ this.get_name() }} =
  geosvc.addGround({{ this._parent.get_name() }}, {{ this.call(kwargs) }});
{% endmacro %}"""
    )
    LIBRARY = (
        "protomaps_leaflet",
        "https://unpkg.com/protomaps-leaflet@5.1.0/dist/protomaps-leaflet.js",
    )
    """Folium's way to name a script; the vendored file of this name stands for it."""

    def __init__(self, map_id: str, tag: str) -> None:
        Options(id=map_id, tag=tag)
        super().__init__(name="ground", overlay=False, control=False)
        self._name = "Ground"
        self._id = map_id
        self.tag = tag

    def call(self, kwargs: Mapping[str, Any]) -> Options:
        """Return the options of ``addGround`` for one way of rendering."""
        return Options(url=kwargs["addresses"].ground(self.tag))

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]  # noqa: ANN401
        """Write the call and ask for the library, where there is a file to read."""
        if kwargs["addresses"].ground(self.tag) is None:
            return
        name, address = self.LIBRARY
        self.get_root().header.add_child(JavascriptLink(address), name=name)  # type: ignore[attr-defined]
        Evented.render(self, **kwargs)  # type: ignore[no-untyped-call]


class CatalogLayer(Layer):
    """One layer of the catalog; its data comes from an address.

    Parameters
    ----------
    map_id
        The id of the map it is on.
    number
        Its place from below, from 1.
    layer_id
        The id of the layer.
    tag
        The tag of its data, None where there is nothing to draw.
    show
        Whether it is switched on at first.
    grounded
        Whether the basemap shows it: where there is one, it is then switched off at first.
    """

    _template = Template(
        """{% macro script(this, kwargs) %}
const {{ this.get_name() }} =
  geosvc.addLayer({{ this._parent.get_name() }}, {{ this.call(kwargs) }});
{% endmacro %}"""
    )

    def __init__(
        self,
        map_id: str,
        number: int,
        *,
        layer_id: str,
        tag: str | None,
        show: bool,
        grounded: bool = False,
    ) -> None:
        Options(id=layer_id, tag=tag)
        super().__init__(name=layer_id, overlay=True, control=False, show=show)
        self._name = "Layer"
        self._id = f"{map_id}_{number}"
        self.layer_id, self.tag, self.grounded = layer_id, tag, grounded
        self.pane = str(_named("pane", map_id, number))

    def call(self, kwargs: Mapping[str, Any]) -> Options:
        """Return the options of ``addLayer`` for one way of rendering."""
        url = None if self.tag is None else kwargs["addresses"].data(self.layer_id, self.tag)
        # any tag tells whether the page has a basemap
        stands = self.grounded and kwargs["addresses"].ground("") is not None
        show = self.show and not stands
        options = {"id": self.layer_id, "url": url, "pane": self.pane, "show": show}
        return Options(**options, grounded=True) if stands else Options(**options)

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]  # noqa: ANN401
        """Write the call; unlike Folium's layers, ours are switched on by ``start``."""
        Evented.render(self, **kwargs)  # type: ignore[no-untyped-call]


class PointsLayer(CatalogLayer):
    """A layer of many points, drawn from binary columns; its texts are fetched when asked for."""

    _template = Template(
        """{% macro script(this, kwargs) %}
const {{ this.get_name() }} =
  geosvc.addPoints({{ this._parent.get_name() }}, {{ this.call(kwargs) }});
{% endmacro %}"""
    )

    def call(self, kwargs: Mapping[str, Any]) -> Options:
        """Return the options of ``addPoints`` for one way of rendering."""
        url = None if self.tag is None else kwargs["addresses"].points(self.layer_id, self.tag)
        return Options(id=self.layer_id, url=url, pane=self.pane, show=self.show)


class Control(MacroElement):
    """A part of the page that takes no option: scale, coordinates, zoom, legend, and the start."""

    CALLS = ("addScale", "addCoordinates", "addZoom", "addLegend", "start")
    _template = Template(
        """{% macro script(this, kwargs) %}
geosvc.{{ this.function }}({{ this._parent.get_name() }});
{% endmacro %}"""
    )

    def __init__(self, map_id: str, function: str) -> None:
        if function not in self.CALLS:
            raise UnsafeTextError(function)
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Control"
        self._id = _named("control", map_id, self.CALLS.index(function))
        self.function = function


def _named(kind: str, map_id: str, number: int) -> str:
    Options(id=map_id, number=number)
    return f"{kind}_{map_id}_{number}"
