"""A million points in headless Chromium: first draw, panning, a pick, a filter, a time step."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geosvc.catalog.model import By, Field, Layer, Schema, Style, Text
from geosvc.symbology import symbolize
from geosvc.tiles.points import encode_point_column, encode_points, point_order
from tests.browser.harness import Site, layer, look, points, served
from tests.chromium import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

COUNTS = (20_000, 1_000_000)
PATIENCE_S = 60
BOUNDS = (120.9, 33.3, 121.4, 33.8)
KINDS = ("bay", "curb", "none")
NONE = Text("", "")
KIND, DAY = Field("kind", NONE), Field("day", NONE, "date")
STYLE = Style(
    "circle", By("kind", values=dict(zip(KINDS, ("c-urban", "c-rural", "c-hot"), strict=True)))
)
CROWD = Layer("crowd", "", NONE, Schema("Point", "code", (KIND, DAY)), STYLE)
KEEP = """document.addEventListener("geosvc:started", ({ detail }) => {
  globalThis.session = detail;
});"""
FRAME = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
# from the call to the frame that shows it, after one that warms up
PAN = f"""async () => {{
  const taken = [];
  for (let turn = 0; turn < 9; turn += 1) {{
    const begun = performance.now();
    session.map.panBy([turn % 2 ? 300 : -300, 120 * (turn % 2 ? 1 : -1)], {{ animate: false }});
    {FRAME}
    taken.push(performance.now() - begun);
  }}
  return taken.slice(1).sort((a, b) => a - b);
}}"""
SET = f"""async ([field, conditions]) => {{
  const taken = [];
  for (const condition of conditions) {{
    const begun = performance.now();
    await session.setFilter("crowd", field, condition);
    taken.push(performance.now() - begun);
    {FRAME}
  }}
  return taken.slice(2).sort((a, b) => a - b);
}}"""
PICK = """async () => {
  const begun = performance.now();
  for (let turn = 0; turn < 20; turn += 1) session.hitsAt(session.map.getCenter(), 6);
  return (performance.now() - begun) / 20;
}"""
# from the press to the frame that shows all of it; the columns are there
OPEN = f"""async ([button, shown]) => {{
  const begun = performance.now();
  document.querySelector(button).click();
  while (!document.querySelector(shown)) await new Promise((done) => setTimeout(done));
  {FRAME}
  return performance.now() - begun;
}}"""
OPENED = {
    "the facets": (".facet-layer", "[data-facets] .facet"),
    "the time slider": ("[data-tool=time]", ".time-span:not(:empty)"),
}
ASKED = {
    "kind": [{"codes": ["curb"]}, None, *([{"codes": ["curb"]}, {"codes": ["bay"]}, None] * 3)],
    "day": [
        {"low": f"2024-{month:02}-01", "high": f"2024-{month:02}-28"}
        for month in (1, 2, 3, 4, 5, 6) * 2
    ],
}


def crowd(count: int) -> gpd.GeoDataFrame:
    """Points around forty towns and a fifth of them anywhere, with a class and a day each."""
    chance = np.random.default_rng(7)
    west, south, east, north = BOUNDS
    towns = chance.uniform((west, south), (east, north), (40, 2))
    near = towns[chance.integers(40, size=count)] + chance.normal(0, 0.02, (count, 2))
    anywhere = chance.uniform((west, south), (east, north), (count, 2))
    places = np.clip(
        np.where(chance.random((count, 1)) < 0.8, near, anywhere), BOUNDS[:2], BOUNDS[2:]
    )
    kinds = np.array(KINDS, dtype=object)[chance.integers(3, size=count)]
    days = pd.date_range("2024-01-01", periods=180).strftime("%Y-%m-%d").to_numpy(dtype=object)
    return gpd.GeoDataFrame(
        {"kind": kinds, "day": days[chance.integers(180, size=count)]},
        geometry=shapely.points(places),
        index=[f"P{number:07}" for number in range(count)],
        crs="OGC:CRS84",
    )


def files(gdf: gpd.GeoDataFrame) -> tuple[dict[str, str | bytes], float]:
    """Return the answers of a page with the points, and the seconds that encoding them took."""
    begun = time.process_time()
    symbols = symbolize(CROWD, gdf)
    body = encode_points(CROWD, gdf, symbols, revision=1, synthetic=True)
    taken = time.process_time() - begun
    counts = np.bincount(symbols.codes).tolist()
    classes = [
        look(kind, kind, color=color, size_px=8)
        for kind, color in zip(KINDS, ("c-urban", "c-rural", "c-hot"), strict=True)
    ]
    entry, _ = layer("crowd", points([]), classes, keys=[], title="Samples")
    entry |= {"count": len(gdf), "many": True, "time": "day", "url": "/data/crowd/1.bin"}
    entry["classes"] = [
        {**row, "count": n} for row, n in zip(entry["classes"], counts, strict=True)
    ]
    site = Site([(entry, {})], BOUNDS)
    script = site.module("page").replace("geosvc.addLayer", "geosvc.addPoints")
    order = point_order(gdf)
    columns: dict[str, Any] = {
        f"/data/crowd/1/fields/{field.name}.bin": encode_point_column(field, gdf, order)
        for field in (KIND, DAY)
    }
    titles = {"zh": "", "en": ""}
    schema = [{"name": field.name, "title": titles, "type": field.type} for field in (KIND, DAY)]
    answers = (
        site.files()
        | columns
        | {
            "/data/crowd/1.bin": body,
            "/maps/demo.js": script,
            "/layers/crowd/schema.json": json.dumps({"primaryKey": "code", "fields": schema}),
        }
    )
    return answers, taken


def rows(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what is measured, its figure and its limit."""
    for count in COUNTS:
        answers, encoded_s = files(crowd(count))
        size = len(answers["/data/crowd/1.bin"])
        yield f"{count:,} points: encoding, CPU s", f"{encoded_s:.2f}", f"{size / 2**20:.1f} MB"
        with served(answers) as url, opened() as chromium:
            page = chromium.new_page(viewport={"width": 1280, "height": 800})
            page.add_init_script(KEEP)
            yield from _page(page, url, count)


def _page(page: Page, url: str, count: int) -> Iterator[tuple[str, str, str]]:
    drawn = []
    for _ in range(3):
        page.goto(f"{url}/maps/demo")
        page.wait_for_selector("html[data-drawn]", timeout=PATIENCE_S * 1000, state="attached")
        mark = "() => performance.getEntriesByName('geosvc:first-draw')[0].startTime"
        drawn.append(float(page.evaluate(mark)))
    limit = "limit 3 s; the stock page does not finish" if count > COUNTS[0] else ""
    yield f"{count:,} points: first draw, s (median of 3)", f"{sorted(drawn)[1] / 1000:.2f}", limit
    taken = page.evaluate(PAN)
    yield f"{count:,} points: a pan", _middle(taken), f"worst {taken[-1]:.0f} ms, limit 200 ms"
    yield f"{count:,} points: hits under the pointer", f"{page.evaluate(PICK):.2f} ms", ""
    page.evaluate("() => session.layers.get('crowd').sieve.know()")
    page.evaluate("() => document.querySelector('#tab-facets').click()")
    for what, parts in OPENED.items():
        taken_ms = float(page.evaluate(OPEN, parts))
        yield f"{count:,} points: opening {what}", f"{taken_ms:.0f} ms", "the columns are there"
    for field, conditions in ASKED.items():
        taken = page.evaluate(SET, [field, conditions])
        what = "a time step" if field == "day" else "a filter"
        yield f"{count:,} points: {what}", _middle(taken), f"worst {taken[-1]:.0f} ms"


def _middle(taken: list[float]) -> str:
    return f"{taken[len(taken) // 2]:.1f} ms"
