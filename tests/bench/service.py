"""The running service beside the stock Folium way: start, memory, requests, drawing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.bench import drawing, server, stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAP = "overview"
STOPS = """
title = { zh = "公交站台", en = "Bus stops" }
[source]
path = "data/stops.geojson"
datum = "CGCS2000"
attribution = { zh = "模拟数据", en = "Synthetic sample" }
synthetic = true
[schema]
geometry = "Point"
primary_key = "feature_id"
fields = [
    { name = "feature_id", title = { zh = "编号", en = "ID" } },
    { name = "stop_name", title = { zh = "站名", en = "Stop name" } },
    { name = "road_name", title = { zh = "所在道路", en = "Road" } },
]
[style]
kind = "circle"
color = "c-urban"
"""


def save_downloads(service: server.Service, folder: Path) -> None:
    for name in (*stock.POINTS, *stock.GROUND):
        (folder / f"{name}.geojson").write_bytes(service.get(f"/layers/{name}.geojson"))


def _collection_ms(folder: Path) -> float:
    """CPU ms for one collection of all 315 stops, from a catalog of that one layer."""
    (folder / "layers").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "layers" / "stops.toml").write_text(STOPS, encoding="utf-8")
    features = []
    for name in ("urban_stops", "rural_stops"):
        text = (server.PROJECT / "data" / f"{name}.geojson").read_text(encoding="utf-8")
        features += json.loads(text)["features"]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "data" / "stops.geojson").write_text(json.dumps(collection), encoding="utf-8")
    service = server.start(folder / "instance", layers=folder / "layers")
    try:
        return service.cpu_ms_a_request("/layers/stops.geojson")
    finally:
        service.stop()


def _requests(service: server.Service, folder: Path) -> Iterator[tuple[str, str, str]]:
    layers = stock.read_layers(folder)
    page = service.cpu_ms_a_request(f"/maps/{MAP}")
    collection = _collection_ms(folder.parent / "stops")
    yield "cached page, CPU ms a request", f"{page:.3f}", ""
    yield "315-feature collection, CPU ms a request", f"{collection:.3f}", "target 0.3"
    ways = {
        "point layers as stock GeoJson": lambda: stock.geojson_map(layers, stock.POINTS),
        "point layers as stock Marker + Popup": lambda: stock.marker_map(layers, stock.POINTS),
        "whole map as stock GeoJson": lambda: stock.geojson_map(
            layers, (*stock.GROUND, *stock.POINTS)
        ),
    }
    for name, work in ways.items():
        built = stock.cpu_seconds(work) * 1000
        yield f"{name}, CPU ms", f"{built:.1f}", f"{built / page:,.0f} x the cached page"


def _draw(service: server.Service, folder: Path) -> Iterator[tuple[str, str, str]]:
    layers = stock.read_layers(folder)
    html = stock.geojson_map(layers, (*stock.GROUND, *stock.POINTS))
    ours, theirs = drawing.first_draw_s(f"{service.url}/maps/{MAP}", html, folder)
    yield "first draw, s (median of 5)", f"{ours:.2f}", f"stock page {theirs:.2f} s"


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what was measured, its figure, and what it stands beside."""
    cold = server.start(folder / "instance")
    yield "first start, s", f"{cold.start_s:.1f}", "target 30"
    cold.stop()
    warm = server.start(folder / "instance")
    yield "warm start, s", f"{warm.start_s:.1f}", ""
    try:
        (downloads := folder / "downloads").mkdir()
        save_downloads(warm, downloads)
        yield from _requests(warm, downloads)
        yield "largest process, MB", f"{warm.worker_rss_mb():.0f}", ""
        yield from _draw(warm, downloads)
    finally:
        warm.stop()
