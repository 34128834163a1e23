"""Searching: the county's index, and milliseconds for a query over 12,000 names in Chromium."""

from __future__ import annotations

import http.server
import random
import statistics
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
import orjson

from geosvc.search import readings_of, search_index
from geosvc.settings import Settings
from geosvc.workspace import prepare
from tests.chromium import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
NAMES = 12_000
MAP = "overview"
RUNS = 15
QUERIES = {
    "part": ("北路", "站", "大道东"),
    "pinyin": ("taibeilu", "chongqing", "lu", "anqing"),
    "initials": ("tbl", "l", "jqlk", "z"),
    "code": ("32990110", "zzzzzz"),
}
TIMED = """async ([index, queries, runs]) => {
  const { prepare, search } = await import("/static/js/search_match.js");
  const begun = performance.now();
  const ready = prepare(index);
  const made = performance.now() - begun;
  const times = queries.map((query) => {
    const taken = [];
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now();
      search(ready, query, [121.1, 33.5]);
      taken.push(performance.now() - start);
    }
    return taken;
  });
  return [made, times];
}"""


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Measure the index of the sample county and of 12,000 names."""
    settings = Settings(layers=ROOT / "layers", instance=folder / "instance")
    workspace = prepare(settings, progress=lambda _layer, _done, _total: None)
    for what in ("first", "again"):
        start = time.process_time()
        body = search_index(workspace, MAP)
        taken = time.process_time() - start
        yield f"index of the county, {what}", f"{taken:.2f} s CPU", "first: with the dictionary"
    packed = len(brotli.compress(body, quality=11)) / 1000
    yield "index of the county, brotli", f"{packed:.0f} KB", "at most 150 KB"
    index = many_names()
    packed = len(brotli.compress(orjson.dumps(index), quality=9)) / 1000
    yield f"index of {NAMES} names, brotli", f"{packed:.0f} KB", ""
    made, times = timed(index)
    yield f"{NAMES} names made ready", f"{made:.0f} ms", "once, on the first focus"
    for kind, taken_ms in times.items():
        middle, worst = statistics.median(taken_ms), max(taken_ms)
        yield f"search by {kind}", f"{middle:.1f} ms", f"worst {worst:.1f} ms; at most 30 ms"


def many_names() -> dict[str, Any]:
    """Return an index of names like those of stops and roads, from the county's characters."""
    text = (ROOT / "data" / "roads.geojson").read_text("utf-8")
    chars = sorted({char for char in text if "\u4e00" <= char <= "\u9fff"})
    chance = random.Random(1)  # noqa: S311 - names for a benchmark
    ends = ("路", "街", "巷", "村", "北路口", "大道东", "新村", "农贸市场")
    names = [
        "".join(chance.choices(chars, k=chance.randint(2, 6))) + chance.choice(ends)
        for _ in range(NAMES)
    ]
    readings, said = readings_of(sorted(set(names)))
    codes = [str(32990110000 + number) for number in range(NAMES)]
    places = [chance.randint(0, 100_000) for _ in range(2 * NAMES)]
    only: dict[str, Any] = {"id": "stops", "merged": None, "texts": [names, codes], "keys": codes}
    only |= {"class": [0] * NAMES}
    only |= {"lon": [12_100_000 + value for value in places[:NAMES]]}
    only |= {"lat": [3_350_000 + value for value in places[NAMES:]]}
    return {"layers": [only], "readings": readings, "said": said}


def timed(index: dict[str, Any]) -> tuple[float, dict[str, list[float]]]:
    """Return ms to make an index ready, and ms of each query by kind."""
    handler = partial(_Quiet, directory=str(ROOT))
    flat = [query for queries in QUERIES.values() for query in queries]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with opened() as chromium:
            page = chromium.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/static/")
            made, times = page.evaluate(TIMED, [index, flat, RUNS])
        server.shutdown()
    found = dict(zip(flat, times, strict=True))
    kinds = {
        kind: [value for query in queries for value in found[query]]
        for kind, queries in QUERIES.items()
    }
    return float(made), kinds


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: the table is the output."""
