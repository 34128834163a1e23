"""CPU seconds of a figure, beside ``GeoDataFrame.plot`` and ``savefig`` of the same layers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from geosvc.settings import PROJECT, read_settings
from geosvc.workspace import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OURS = """
import sys
from geosvc.figures import FigureRequest, draw
from geosvc.map_state import MapState
from geosvc.settings import read_settings
from geosvc.workspace import Workspace
space = Workspace(read_settings({"GEOSVC_INSTANCE": sys.argv[1]}))
def one():
    return draw(space, FigureRequest(MapState("overview"), format=sys.argv[2])).content
"""
PLAIN = """
import io, sys
import matplotlib
matplotlib.use("agg")
from geosvc.map_state import MapState, shown_layers
from geosvc.settings import read_settings
from geosvc.workspace import Workspace
from matplotlib.figure import Figure
space = Workspace(read_settings({"GEOSVC_INSTANCE": sys.argv[1]}))
def one():
    axes = (figure := Figure(figsize=(8.27, 11.69))).subplots()
    for name in shown_layers(MapState("overview"), space.catalog):
        if space.status(name).is_served:
            space.frame(name).to_crs(4549).plot(ax=axes)
    figure.savefig(made := io.BytesIO(), format=sys.argv[2], dpi=300)
    return made.getvalue()
"""
TIMED = """
import resource, time
start = time.process_time()
content = one()
first = time.process_time() - start
start = time.process_time()
one()
again = time.process_time() - start
print(first, again, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(content))
"""


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Give a row each format: the second figure of a process, and the first with its memory."""
    settings = replace(read_settings({}), instance=folder / "instance")
    prepare(settings, progress=lambda *_told: None)
    for form in ("png", "svg", "pdf"):
        first, again, memory, size = _run(OURS, folder, form)
        _, plain, plain_memory, plain_size = _run(PLAIN, folder, form)
        yield (
            f"figure, A4 of the county, {form.upper()}, 300 dpi",
            f"{again:.2f} s CPU",
            (
                f"first {first:.2f} s, {memory:.0f} MB, {size / 1e6:.1f} MB file; GeoDataFrame.plot"
                f" {plain:.2f} s ({again / plain:.1f} times), {plain_memory:.0f} MB,"
                f" {plain_size / 1e6:.1f} MB"
            ),
        )


def _run(script: str, folder: Path, form: str) -> tuple[float, float, float, float]:
    answer = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script + TIMED, str(folder / "instance"), form],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    first, again, memory, size = (float(part) for part in answer.stdout.split())
    return first, again, memory, size
