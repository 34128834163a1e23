"""Siting under capacity: OR-Library's instances, a county of cells, and joining demand to cells."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geosvc.analysis.siting.capacity import capacitated
from geosvc.analysis.siting.merging import merge_demand

if TYPE_CHECKING:
    from collections.abc import Iterator

CPMP = Path(__file__).parents[3] / "shared/data/reference/siting/cpmp"
LIMIT_S = 120.0


def rows(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what was measured, its figure, and what it stands beside."""
    for path in sorted(CPMP.glob("pmedcap*.txt")):
        yield _pmedcap(path)
    yield from _county()


def _pmedcap(path: Path) -> tuple[str, str, str]:
    text = path.read_text().split()
    n, p, capacity = int(text[2]), int(text[3]), float(text[4])
    client = np.array(text[5 : 5 + 4 * n], dtype=np.float64).reshape(n, 4)
    between = client[:, None, 1:3] - client[None, :, 1:3]
    distances = np.floor(np.hypot(between[..., 0], between[..., 1])) / client[:, 3:]
    start = time.process_time()
    found = capacitated(
        distances, client[:, 3], np.full(n, capacity), p, single_source=True, time_limit_s=LIMIT_S
    )
    spent = time.process_time() - start
    said = f"{found.status} {found.value:.0f}, bound {found.bound:.0f}; published {text[1]}"
    return f"{path.stem}, one site a client, CPU s", f"{spent:.2f}", said


def _county() -> Iterator[tuple[str, str, str]]:
    random = np.random.default_rng(1)
    points = random.normal(0, 3000, (20_000, 2)) * random.choice([0.4, 1, 2], (20_000, 1))
    sites = random.normal(0, 3500, (300, 2))
    table = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
    weights = random.integers(1, 40, 20_000).astype(np.float64)
    start = time.process_time()
    cells = merge_demand(table, weights)
    spent = time.process_time() - start
    for p in (3, 6, 10):
        rooms = random.choice([0.7, 1.0, 1.6], 300) * weights.sum() / p * 1.1
        start = time.process_time()
        found = capacitated(cells.distances, cells.weights, rooms, p)
        taken = time.process_time() - start
        said = f"target 60; {found.status}, gap {found.gap:.1e}"
        yield f"500 cells x 300 sites, p = {p}, CPU s", f"{taken:.2f}", said
    share = cells.error / found.value
    yield "20,000 points x 300 sites to 500 cells, CPU s", f"{spent:.2f}", f"error {share:.1%}"
