"""Seconds until everything is drawn in headless Chromium: our page and the stock Folium page."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chromium import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STATIC = Path(__file__).resolve().parents[2] / "static"
DRAWN = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
    () => done(performance.now()))))"""


def stock_page(html: str) -> str:
    """Drop Folium's hosts from a page; Leaflet comes from the folder beside it."""
    html = re.sub(r"<(script|link)[^>]*https?://[^>]*>(</script>)?", "", html)
    leaflet = '<link rel="stylesheet" href="leaflet.css"><script src="leaflet.js"></script>'
    return html.replace("<head>", f"<head>{leaflet}", 1)


def first_draw_s(ours: str, stock_html: str, folder: Path, *, runs: int = 5) -> tuple[float, float]:
    """Median seconds from navigation to the drawn page, ours and stock in turn."""
    vendor = next((STATIC / "vendor").glob("leaflet-*"))
    for name in ("leaflet.css", "leaflet.js"):
        shutil.copy(vendor / name, folder / name)
    (folder / "index.html").write_text(stock_page(stock_html), encoding="utf-8")
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        times = _both(ours, f"http://127.0.0.1:{server.server_port}/index.html", runs)
        server.shutdown()
    return times


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: the table is the output."""


def _both(ours: str, stock: str, runs: int) -> tuple[float, float]:
    taken: dict[str, list[float]] = {ours: [], stock: []}
    with opened() as chromium:
        for run in range(runs + 1):
            for url, values in taken.items():
                seconds = _one(chromium, url, is_ours=url == ours)
                if run:  # the first one warms both sides up
                    values.append(seconds)
    return sorted(taken[ours])[runs // 2], sorted(taken[stock])[runs // 2]


def _one(chromium: Browser, url: str, *, is_ours: bool) -> float:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.goto(url, wait_until="load")
    if is_ours:
        page.wait_for_selector("html[data-drawn]", state="attached")
        mark = "() => performance.getEntriesByName('geosvc:first-draw')[0].startTime"
        drawn = float(page.evaluate(mark))
    else:
        drawn = float(page.evaluate(DRAWN))
    page.close()
    return drawn / 1000
