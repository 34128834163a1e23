"""Speeds of the store beside the naive way: a GeoPackage written whole, one file a revision."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geosvc.catalog.model import Field, Schema, Text
from geosvc.settings import read_settings
from geosvc.store import Change, Store
from geosvc.workspace import Editor, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geosvc.catalog.model import FieldType

PROJECT = Path(__file__).parents[2]
STATES = {"first": (0, 0), "all change": (1, 0), "1 % change": (1, 1), "all move": (2, 1)}
"""Imports one after the other: added to every row's count, and to that of every hundredth."""

_KINDS: dict[str, FieldType] = {
    "id": "string", "place": "string", "road": "string", "kind": "string", "count": "integer",
    "length_m": "number", "open": "boolean", "day": "date", "tags": "list",
}  # fmt: skip
SCHEMA = Schema(
    "Point",
    "id",
    tuple(Field(name, Text("名", "name"), kind) for name, kind in _KINDS.items()),
)
CHANGE = Change("bench", "a measurement")
_YEAR = [f"2024-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29)]


def points(count: int, state: str = "first") -> gpd.GeoDataFrame:
    """Points with a field of most types, as they are at one of `STATES`."""
    everywhere, somewhere = STATES[state]
    draw, at = np.random.default_rng(1), np.arange(count)
    lon, lat = 119.5 + draw.random(count), 33.0 + draw.random(count)
    if state == "all move":
        lon = lon + 0.001
    columns = {
        "id": [f"P{number:07d}" for number in at],
        "place": [f"地点{number % 100_000}号" for number in at],
        "road": [f"路{number % 500}" for number in at],
        "kind": np.array(["lane", "tactile", "wash"], dtype=object)[at % 3],
        "count": pd.array(at % 50 + everywhere + somewhere * (at % 100 == 0), dtype="Int64"),
        "length_m": pd.array(draw.random(count) * 1000, dtype="Float64"),
        "open": pd.array(at % 2 == 0, dtype="boolean"),
        "day": np.array(_YEAR, dtype=object)[at % len(_YEAR)],
        "tags": pd.Series([("a",), ("a", "b"), ()] * (count // 3 + 1), dtype=object)[:count],
    }
    places = shapely.points(lon, lat)
    return gpd.GeoDataFrame(columns, geometry=places, crs="OGC:CRS84").set_index("id", drop=False)


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of one run."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def in_a_child(way: str, path: Path, count: int, state: str) -> dict[str, float]:
    """One import in a process of its own: CPU s, wall s, peak MB with the frame that it got."""
    command = [sys.executable, "-m", "tests.bench.store", way, str(path), str(count), state]
    done = subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.PIPE)  # noqa: S603 - our own module
    return dict(json.loads(done.stdout))


def _import(way: str, path: Path, frame: gpd.GeoDataFrame) -> tuple[float, float]:
    if way == "naive":
        return measured(lambda: _rewrite(frame, path))
    store = Store(path)
    store.migrate()
    taken = measured(lambda: store.put("points", frame, schema=SCHEMA, change=CHANGE))
    store.close()
    return taken


def _rewrite(frame: gpd.GeoDataFrame, path: Path) -> None:
    lists = [name for name, kind in _KINDS.items() if kind == "list" and name in frame]
    flat = frame.assign(**{name: frame[name].map(";".join) for name in lists})
    flat.reset_index(drop=True).to_file(path, driver="GPKG", engine="pyogrio")
    with path.open("rb") as file:
        os.fsync(file)


def edit_times(folder: Path, *, times: int) -> list[tuple[float, float]]:
    """CPU and wall seconds of edits of one stop of the sample county, each checked and durable."""
    settings = read_settings({"GEOSVC_INSTANCE": str(folder)})
    workspace = prepare(settings, progress=lambda *_: None)
    editor = Editor(workspace)
    taken = []
    for number in range(times):
        stored = workspace.store.state("urban_stops")
        base = stored.number if stored else 0
        work = _edit(editor, base, f"第{number}次")
        taken.append(measured(work))
    workspace.close()
    return taken


def _edit(editor: Editor, base: int, remark: str) -> Callable[[], object]:
    values = {"remark": remark}
    return lambda: editor.replace("urban_stops", "US0001", values, base=base, change=CHANGE)


def as_of_times(folder: Path, *, count: int, revisions: int) -> list[tuple[float, float]]:
    """CPU and wall seconds of reading all features as of each revision, from the tables."""
    store = Store(folder / "geosvc.sqlite")
    store.migrate()
    frame = points(count)
    for number in range(revisions):
        changed = frame["count"] + (np.arange(count) + number) % 4
        store.put("points", frame.assign(count=changed), schema=SCHEMA, change=CHANGE)
    # those of the last minute still have column files, which would be no reading of history
    shutil.rmtree(folder / "columns")
    taken = [measured(partial(store.frame, "points", number=at)) for at in range(1, revisions)]
    store.close()
    return taken


def rows(folder: Path, *, count: int = 1_000_000) -> Iterator[tuple[str, str, str]]:
    """Rows of the table of speeds: what, figure, figure of the naive way."""
    for number, state in enumerate(STATES):
        ours = in_a_child("store", folder / "big" / "geosvc.sqlite", count, state)
        theirs = in_a_child("naive", folder / f"{number}.gpkg", count, state)
        yield f"import {count:,} rows, {state}, CPU s", _import_text(ours), _import_text(theirs)
    frame = points(10_000)
    path = folder / "small.gpkg"
    rewritten = [measured(lambda: _rewrite(frame, path)) for _ in range(5)]
    read = [measured(lambda: gpd.read_file(path, engine="pyogrio")) for _ in range(5)]
    as_of = as_of_times(folder / "as-of", count=10_000, revisions=20)
    yield "10,000 features as of a revision, CPU ms", _text(as_of), f"GPKG each {_text(read)}"
    stops = gpd.read_file(PROJECT / "data" / "urban_stops.geojson")
    whole = [measured(lambda: _rewrite(stops, path)) for _ in range(5)]
    edits = edit_times(folder / "county", times=50)
    yield "edit of one of 135 stops, durable, CPU ms", _text(edits), f"GPKG anew {_text(whole)}"
    yield "the same among 10,000, GPKG anew, CPU ms", "", _text(rewritten)


def _import_text(taken: dict[str, float]) -> str:
    return "{cpu_s:.1f} (wall {wall_s:.1f}, {peak_mb:.0f} MB)".format(**taken)


def _text(taken: list[tuple[float, float]]) -> str:
    (cpu, cpu_most), (wall, wall_most) = (
        (float(np.median(side)) * 1000, max(side) * 1000) for side in zip(*taken, strict=True)
    )
    return f"{cpu:.0f}, most {cpu_most:.0f} (wall {wall:.0f}, most {wall_most:.0f})"


def main(arguments: list[str]) -> None:
    """Import once and say what it took: way, file, number of rows, state."""
    way, path, count, state = arguments
    cpu_s, wall_s = _import(way, Path(path), points(int(count), state))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    said: dict[str, Any] = {"cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": peak_mb}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1:])
