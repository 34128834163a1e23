"""Covering: many points whose discs hardly overlap, heavy overlap, and a county's curve over p."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from geosvc.analysis.siting import maximal_covering, p_center

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SIDE = 30.0
LARGE = [  # demand, candidates, radius, p, target
    (1_000_000, 1000, 2.0, 10, "gap 1e-6 in 30 s"),
    (1_000_000, 1000, 2.0, 20, "gap 1e-6 in 30 s"),
    (200_000, 1000, 4.0, 15, "gap 3e-2 in 60 s, aim 5e-3"),
]
SJC = Path(__file__).parents[3] / "shared/data/reference/siting/mclp_sjc"


def discs(
    demand: int, candidates: int, *, radius: float
) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Points and sites in a square, who covers whom, and weights of 1 to 100."""
    random = np.random.default_rng(1)
    points, sites = random.random((demand, 2)) * SIDE, random.random((candidates, 2)) * SIDE
    weights = random.integers(1, 101, demand).astype(np.float64)
    near = cKDTree(points).sparse_distance_matrix(cKDTree(sites), radius, output_type="coo_matrix")
    ones = np.ones(near.nnz, dtype=np.int8)
    covers = csr_array((ones, (near.row, near.col)), shape=(demand, candidates))
    return covers, weights, points, sites


def rows(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what was measured, its figure, and what it stands beside."""
    yield from _known()
    for demand, candidates, radius, p, target in LARGE:
        covers, weights, *_ = discs(demand, candidates, radius=radius)
        start = time.process_time()
        found = maximal_covering(covers, weights, p)
        spent = time.process_time() - start
        name = f"covering {demand:,} x {candidates:,}, R {radius:g}, p {p}, CPU s"
        yield name, f"{spent:.2f}", f"{found.status}, gap {found.gap:.1e}; target {target}"
    yield from _county()


def _known() -> Iterator[tuple[str, str, str]]:
    if not SJC.is_dir():
        return
    with (SJC / "optima.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            name = row["instance"]
            points = np.loadtxt(SJC / f"{name}.txt", skiprows=1)
            weights = np.loadtxt(SJC / f"demand-{name}.dat")
            apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
            near = csr_array(apart <= float(row["radius_m"]))
            start = time.process_time()
            found = maximal_covering(near, weights, int(row["p"]))
            spent = time.process_time() - start
            what = f"covering {name}, R {row['radius_m']}, p {row['p']}, CPU s"
            right = "as" if found.value == float(row["covered"]) else "NOT as"
            yield what, f"{spent:.2f}", f"{found.status}, {right} published; target 2"


def _county() -> Iterator[tuple[str, str, str]]:
    for radius in (3.0, 5.5):
        covers, weights, points, sites = discs(20_000, 300, radius=radius)
        start = time.process_time()
        curve = [maximal_covering(covers, weights, p, time_limit_s=15) for p in range(1, 11)]
        spent = time.process_time() - start
        worst = max(found.gap for found in curve)
        name = f"covering 20,000 x 300, R {radius:g}, p 1..10, CPU s"
        yield name, f"{spent:.2f}", f"largest gap {worst:.1e}; target 30"
    apart = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
    start = time.process_time()
    found = p_center(apart, 5)
    spent = time.process_time() - start
    yield "p-center 20,000 x 300, p 5, CPU s", f"{spent:.2f}", f"{found.status}, {found.gap:.1e}"
