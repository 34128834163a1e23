"""CPU seconds of a figure, beside ``GeoDataFrame.plot`` and ``savefig`` of the same layers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geosvc.catalog.catalog import read_catalog
from geosvc.settings import PROJECT, read_settings
from geosvc.workspace import prepare, refresh_derived

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
    return draw(space, FigureRequest(MapState(sys.argv[3]), format=sys.argv[2])).content
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
    for name in shown_layers(MapState(sys.argv[3]), space.catalog):
        if space.status(name).is_served:
            space.frame(name).to_crs(4549).plot(ax=axes)
    figure.savefig(made := io.BytesIO(), format=sys.argv[2], dpi=300)
    return made.getvalue()
"""
TIMED = """
import time
start = time.process_time()
content = one()
first = time.process_time() - start
start = time.process_time()
one()
again = time.process_time() - start
# the peak of this process: what getrusage says begins with that of its parent
(peak,) = (row.split()[1] for row in open("/proc/self/status") if row.startswith("VmHWM"))
print(first, again, int(peak) / 1024, len(content))
"""


WHOLE: Final = "overview"
LIMITS: Final = {"png": "at most 2.5 s CPU, 350 MB", "svg": "at most 4 s", "pdf": "at most 4 s"}


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Give a row each format and map: the first figure of a process, with its memory, and the next.

    The county as a whole stands beside ``GeoDataFrame.plot``.
    """
    settings = replace(read_settings({}), instance=folder / "instance")
    prepare(settings, progress=lambda *_told: None).close()
    refresh_derived(settings)
    for form, limit in LIMITS.items():
        plain, plain_again, plain_memory, plain_size = _run(PLAIN, folder, (form, WHOLE))
        for map_id in read_catalog(settings).maps:
            first, again, memory, size = _run(OURS, folder, (form, map_id))
            said = f"again {again:.2f} s, {memory:.0f} MB, {size / 1e6:.1f} MB file; {limit}"
            if map_id == WHOLE:
                said += (
                    f"; GeoDataFrame.plot {plain:.2f} s, again {plain_again:.2f} s"
                    f" ({again / plain_again:.1f} times), {plain_memory:.0f} MB,"
                    f" {plain_size / 1e6:.1f} MB"
                )
            yield f"figure, A4 of {map_id}, {form.upper()}, 300 dpi", f"{first:.2f} s CPU", said


def _run(script: str, folder: Path, asked: tuple[str, str]) -> tuple[float, float, float, float]:
    answer = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script + TIMED, str(folder / "instance"), *asked],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    first, again, memory, size = (float(part) for part in answer.stdout.split())
    return first, again, memory, size
