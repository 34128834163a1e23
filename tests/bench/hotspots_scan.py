"""The network scan: how long windows and throws take, on 120 km and on a whole town."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from geosvc.analysis.scan import Scanner
from geosvc.network import Snapped, StreetNetwork
from tests.bench.server import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VISITS = 126
RADII_M = [100, 200, 300, 500]
TARGETS_S = {999: 2.0, 9_999: 15.0}
SURVEYED_KM = (120, 569)


def _surveyed(network: StreetNetwork, km: float) -> np.ndarray:
    """So much street around the middle of the town."""
    seats = gpd.read_file(PROJECT / "data" / "communities.geojson").to_crs(4549)
    center = seats.union_all().centroid
    away = network.vertices_xy[network.segments].mean(axis=1) - [center.x, center.y]
    order = np.argsort(np.hypot(away[:, 0], away[:, 1]))
    exposure_m = np.zeros(len(order))
    near = order[np.cumsum(network.lengths_m[order]) <= km * 1000]
    exposure_m[near] = network.lengths_m[near]
    return exposure_m


def _visits(network: StreetNetwork, exposure_m: np.ndarray) -> Snapped:
    random = np.random.default_rng(0)
    segment = random.choice(len(exposure_m), VISITS, p=exposure_m / exposure_m.sum())
    offset_m = random.random(VISITS) * network.lengths_m[segment]
    return Snapped(segment, offset_m, np.zeros(VISITS))


def rows(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what was measured, its figure, and what it stands beside."""
    roads = gpd.read_file(PROJECT / "data" / "roads.geojson").to_crs(4549)
    network = StreetNetwork.from_lines(roads)
    for km in SURVEYED_KM:
        exposure_m = _surveyed(network, km)
        visits = _visits(network, exposure_m)
        for draws, target_s in TARGETS_S.items():
            start = time.process_time()
            scanner = Scanner.prepare(network, exposure_m=exposure_m, radii_m=RADII_M)
            ready = time.process_time()
            scanner.run(visits, draws=draws, alpha=0.05, seed=1)
            end = time.process_time()
            yield (
                f"scan of {VISITS} visits, {km} km, {draws:,} throws, CPU s",
                f"{end - start:.2f}",
                f"windows {ready - start:.2f}, throws {end - ready:.2f}"
                + (f"; target {target_s:g}" if km == SURVEYED_KM[0] else ""),
            )
