"""What a figure shows: its layers with their features on the paper, classes and counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geosvc.figures.view import projected
from geosvc.map_state import filtered, shown_layers
from geosvc.symbology import Symbols, symbolize

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from pyproj import CRS

    from geosvc.catalog.model import Layer
    from geosvc.figures.request import FigureRequest
    from geosvc.figures.sheet import Geometries
    from geosvc.figures.view import View
    from geosvc.workspace import Workspace

GROUND = "ground"
"""The group of layers that the others stand on: drawn, named, not counted."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A layer of a figure; geometries are on the paper once a view `placed` them.

    Until then they are in CRS84, or in meters of ``crs`` where one is given. ``symbols`` hold a
    class for each row of ``frame``. ``is_outline`` marks an area of the ground of which only the
    edge is drawn.
    """

    layer: Layer
    frame: Any
    symbols: Symbols
    geometries: Geometries
    is_outline: bool = False
    crs: CRS | None = None

    @property
    def kind(self) -> str:
        """``Point``, ``LineString`` or ``Polygon``."""
        return self.layer.schema.geometry

    @property
    def is_ground(self) -> bool:
        """Whether it only says where the others are; its points are things that are counted."""
        return self.layer.group == GROUND and self.kind != "Point"

    @property
    def count(self) -> int:
        """How many features are drawn."""
        return len(self.frame)

    def column(self, name: str | None) -> npt.NDArray[np.object_]:
        """Return a field as shown texts, empty where there is none."""
        if name is None or name not in self.frame.columns:
            return np.full(len(self.frame), "", dtype=object)
        values = self.frame[name].astype(object)
        return np.asarray(values.where(values.notna(), "").map(_plain), dtype=object)


def gather(workspace: Workspace, request: FigureRequest) -> list[Shown]:
    """Return the layers that a request shows, in drawing order from below.

    A layer that has nothing to show now is left out; without a ground only the county's outline
    and points stay of it.
    """
    outline = county_layer(workspace, request.state.map_id)
    found = []
    for layer_id in shown_layers(request.state, workspace.catalog):
        layer = workspace.catalog.layers[layer_id]
        if not workspace.status(layer_id).is_served:
            continue
        frame = filtered(workspace, request.state, layer_id)
        if not isinstance(frame, gpd.GeoDataFrame):
            continue
        symbols = symbolize(layer, frame)
        share = request.state.look.share(layer_id)
        style = replace(layer.style, opacity=layer.style.opacity * share)
        layer = replace(layer, style=style)
        shown = Shown(layer, frame, symbols, frame.geometry.to_numpy())
        if request.ground == "county" or not shown.is_ground:
            found.append(shown)
        elif layer_id == outline:
            found.append(replace(shown, is_outline=True))
    return found


def placed(shown: Shown, view: View) -> Shown:
    """Return a layer with what a view shows of it, on the paper.

    Features outside the frame and classes that this scale does not show are left out, here and
    in the counts.
    """
    if shown.crs is None:
        shown = in_meters(shown, view.crs)
    near = np.flatnonzero(view.may_show(shown.geometries))
    paper = view.set(shown.geometries[near])
    small = np.array([item.min_zoom > view.detail for item in shown.symbols.classes], dtype=bool)
    is_seen = shapely.intersects(paper, view.box)
    if len(small):
        is_seen &= ~small[shown.symbols.codes[near]]
    here = near[is_seen]
    codes = shown.symbols.codes[here]
    counts = np.bincount(codes, minlength=len(small)).tolist()
    pairs = zip(shown.symbols.classes, counts, strict=True)
    classes = tuple(replace(item, count=count) for item, count in pairs)
    symbols = Symbols(shown.symbols.field, classes, codes)
    frame = shown.frame.iloc[here]
    return replace(shown, frame=frame, symbols=symbols, geometries=paper[is_seen], crs=None)


def in_meters(shown: Shown, crs: CRS) -> Shown:
    """Return a layer projected once, so that several views need not do it again."""
    return replace(shown, geometries=projected(shown.geometries, crs), crs=crs)


def county_layer(workspace: Workspace, map_id: str) -> str | None:
    """Return the layer that holds the county: the one that most others must lie in, if served."""
    layers = workspace.catalog.layers
    named = Counter(
        source.within
        for name in workspace.catalog.map(map_id).layers
        if name in layers and (source := layers[name].source) and source.within
    )
    for name, _ in named.most_common():
        is_area = name in layers and layers[name].schema.geometry == "Polygon"
        if is_area and workspace.status(name).is_served:
            return name
    return None


def data_layers(layers: Sequence[Shown]) -> list[Shown]:
    """Return the layers that the figure is about, the ground aside."""
    return [shown for shown in layers if not shown.is_ground]


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
