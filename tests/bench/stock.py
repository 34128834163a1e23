"""The same layers the stock Folium way: GeoJson layers, or a Marker and a Popup each."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import folium
import geopandas as gpd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POINTS = ("urban_stops", "rural_stops", "car_wash_sites", "car_wash_shops", "violations")
GROUND = ("water", "roads", "boundary", "townships")


def read_layers(folder: Path) -> dict[str, gpd.GeoDataFrame]:
    """The downloads of the service itself, so that both sides draw the same features."""
    return {path.stem: gpd.read_file(path) for path in sorted(folder.glob("*.geojson"))}


def _popup_fields(frame: gpd.GeoDataFrame) -> list[str]:
    return [name for name in frame.columns if name != frame.geometry.name][:7]


def geojson_map(layers: dict[str, gpd.GeoDataFrame], names: tuple[str, ...]) -> str:
    """Build and render a map of GeoJson layers with a popup of seven fields each."""
    view = folium.Map(location=[33.5, 121.1], zoom_start=11, tiles=None, prefer_canvas=True)
    for name in names:
        frame = layers[name]
        popup = folium.GeoJsonPopup(fields=_popup_fields(frame))
        marker = folium.CircleMarker(radius=4)
        folium.GeoJson(_plain(frame), name=name, marker=marker, popup=popup).add_to(view)
    folium.LayerControl().add_to(view)
    return str(view.get_root().render())


def marker_map(layers: dict[str, gpd.GeoDataFrame], names: tuple[str, ...]) -> str:
    """Build and render a map with one Marker and one Popup a feature, as tutorials show it."""
    view = folium.Map(location=[33.5, 121.1], zoom_start=11, tiles=None)
    for name in names:
        group = folium.FeatureGroup(name=name).add_to(view)
        frame = layers[name]
        places = zip(frame.geometry.y, frame.geometry.x, frame.iloc[:, 0].astype(str), strict=True)
        for lat, lon, text in places:
            folium.Marker([lat, lon], popup=folium.Popup(text)).add_to(group)
    return str(view.get_root().render())


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dates and lists as text: GeoJson's own encoder refuses them."""
    columns = [name for name in frame.columns if name != frame.geometry.name]
    text = {name: frame[name].astype(str) for name in columns if frame[name].dtype.kind in "OMm"}
    return frame.assign(**text)


def cpu_seconds(work: Callable[[], object], *, runs: int = 3) -> float:
    """The median CPU seconds of one run in this process."""
    taken = []
    for _ in range(runs):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return sorted(taken)[runs // 2]
