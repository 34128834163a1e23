"""The basemap: seconds and bytes of a build, and the first draw and transfer of a map on it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from geosvc.settings import PROJECT, Settings
from geosvc.tiles.basemap import build_of_extract, build_of_layers
from geosvc.workspace import prepare
from tests.bench import server
from tests.bench.drawing import first_draw_s
from tests.bench.service import save_downloads
from tests.bench.stock import GROUND, POINTS, geojson_map, read_layers
from tests.chromium import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Request

    from geosvc.tiles.pmtiles import Archive

EXTRACT = PROJECT / "tests" / "data" / "helsinki" / "helsinki_centre.osm.pbf"
MAP = "/maps/overview"
LIMIT_S, LIMIT_KB, LIMIT_CACHED_KB = 1.5, 900, 5


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what is measured, its figure, and its limit or what it stands beside."""
    yield from _builds(folder)
    service = server.start(folder / "instance")
    try:
        (downloads := folder / "downloads").mkdir()
        save_downloads(service, downloads)
        html = geojson_map(read_layers(downloads), (*GROUND, *POINTS))
        (stock := folder / "stock").mkdir()
        ours, theirs = first_draw_s(f"{service.url}{MAP}", html, stock)
        beside = f"limit {LIMIT_S} s; stock Folium, no names: {theirs:.2f} s"
        yield "first draw of the county with its basemap, s", f"{ours:.2f}", beside
        first, again = _transfers(service.url)
        yield "first view without cache, KB", f"{first / 1000:.0f}", f"limit {LIMIT_KB} KB"
        yield "the same with cache, KB", f"{again / 1000:.1f}", f"limit {LIMIT_CACHED_KB} KB"
    finally:
        service.stop()


def _builds(folder: Path) -> Iterator[tuple[str, str, str]]:
    workspace = prepare(Settings(instance=folder / "instance"), progress=lambda *_given: None)
    started = time.perf_counter()
    yield _built("the county's layers", build_of_layers(workspace), started)
    started = time.perf_counter()
    made = build_of_extract(EXTRACT, workspace, folder / "extract.pmtiles")
    yield _built(EXTRACT.name, made, started)
    workspace.close()


def _built(what: str, made: Archive, started: float) -> tuple[str, str, str]:
    seconds = time.perf_counter() - started
    return f"basemap of {what}, s", f"{seconds:.1f}", f"{made.path.stat().st_size / 1000:,.0f} KB"


def _transfers(url: str) -> tuple[int, int]:
    """Bytes of two visits that share a cache."""
    with opened() as chromium:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        return _visit(context, url), _visit(context, url)


def _visit(context: BrowserContext, url: str) -> int:
    page = context.new_page()
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108 - a method of a list takes no mark
    page.goto(f"{url}{MAP}", wait_until="load")
    page.wait_for_selector("html[data-drawn]", state="attached")
    page.wait_for_load_state("networkidle")
    sizes = [request.sizes() for request in asked]
    page.close()
    # what the cache has is counted as less than nothing
    return sum(max(0, size["responseBodySize"] + size["responseHeadersSize"]) for size in sizes)
