"""Milliseconds of a filter, a facet count and a table over 10,000 points in headless Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.harness import served
from tests.browser.records import files
from tests.chromium import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 10_000
LIMIT_MS = 50
KEEP = """document.addEventListener("geosvc:started", ({ detail }) => {
  globalThis.session = detail;
});"""
# from the press to the frame that shows it
SET = """async (conditions) => {
  const taken = [];
  for (const codes of conditions) {
    const begun = performance.now();
    await session.setFilter("stops", "road", codes && { codes });
    taken.push(performance.now() - begun);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  return taken.slice(2).sort((a, b) => a - b);
}"""
ASKED = [["泰北路"], None, *([["泰北路"], ["金桥路"], None] * 5)]


def rows(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what is measured, its figure and its limit."""
    with served(files(COUNT)) as url, opened() as chromium:
        for what, query in (("map", ""), ("map and table", "&table=stops")):
            page = chromium.new_page(viewport={"width": 1280, "height": 800})
            page.add_init_script(KEEP)
            page.goto(f"{url}/maps/demo?z=14{query}")
            page.wait_for_selector("html[data-drawn]", state="attached")
            if query:
                page.wait_for_selector(".dock tr[data-at]")
            page.evaluate("session.layers.get('stops').sieve.know()")
            taken = page.evaluate(SET, ASKED)
            middle = f"{taken[len(taken) // 2]:.1f} ms"
            worst = f"worst {taken[-1]:.1f} ms, limit {LIMIT_MS} ms"
            yield f"a filter on {COUNT:,} points, {what}", middle, worst
            page.close()
