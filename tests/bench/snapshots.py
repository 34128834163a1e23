"""What a snapshot costs: seconds, bytes, and what a second one of the same data adds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from geosvc.figures import FigureRequest
from geosvc.map_state import MapState
from geosvc.reports.publish import Words, make
from geosvc.settings import Settings
from geosvc.workspace import Workspace, prepare
from geosvc.workspace.published import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KB = 1024
MOST = "at most 50 KB"


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Publish one map under two titles; the first row of each pair is of the first snapshot."""
    settings = Settings(instance=folder)
    prepare(settings, progress=lambda _layer, _done, _total: None).close()
    workspace, shelf = Workspace(settings), Shelf(settings)
    for title, limit in (("first", ""), ("second, same data", MOST)):
        before, started = _size(shelf.folder), time.process_time()
        made = make(workspace, FigureRequest(MapState("overview")), Words(title), kind="figure")
        yield f"snapshot, {title}: drawn, counted, checked", _s(started, cpu=True), "CPU"
        started = time.perf_counter()
        found = shelf.publish(made.parts, made.facts, author="bench")
        yield f"snapshot, {title}: frozen and published", _s(started), ""
        parts = made.parts.items()
        pictures = sum(len(part.content) for name, part in parts if name.startswith("figure."))
        added = _size(shelf.folder) - before - pictures
        yield f"snapshot, {title}: PNG, SVG and PDF", f"{pictures / KB:,.0f} KB", ""
        yield f"snapshot, {title}: adds beside them", f"{added / KB:,.1f} KB", limit
    started = time.perf_counter()
    faults = shelf.verify_all()
    yield "snapshots: every file held against its hash", _s(started), f"{len(faults)} faults"
    started = time.perf_counter()
    for name in shelf.manifest(found.id).parts:
        shelf.read(found.id, name)
    yield "snapshot: every part read and hashed", _s(started), ""
    workspace.close()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _s(started: float, *, cpu: bool = False) -> str:
    return f"{(time.process_time() if cpu else time.perf_counter()) - started:.3f} s"
