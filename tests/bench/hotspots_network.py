"""The density along streets: how its cost grows with the network and with the number of events."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from geosvc.analysis.network_density import heat_density
from geosvc.network import Snapped, StreetNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK_M = 150.0
SIDE = 100  # 2 x 99 x 100 blocks of 150 m: 2,970 km
TARGET_S = 0.6


def grid() -> StreetNetwork:
    """Streets in a square of blocks, 2,970 km in 19,800 segments."""
    at = np.arange(SIDE) * BLOCK_M
    x, y = np.meshgrid(at, at)
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    across = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    along = np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)
    vertices = np.stack([x.ravel(), y.ravel()], axis=1)
    return StreetNetwork.from_segments(vertices, np.concatenate([across, along]))


def rows(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what was measured, its figure, and what it stands beside."""
    network, random = grid(), np.random.default_rng(0)
    for count in (126, 10_000, 1_000_000):
        segment = random.integers(0, len(network.segments), count)
        events = Snapped(segment, random.random(count) * BLOCK_M, np.zeros(count))
        spent = []
        for _ in range(3):
            start = time.process_time()
            density = heat_density(network, events, sigma_m=200.0, spacing_m=15.0)
            spent.append(time.process_time() - start)
        lost = abs(density.total - count) / count
        yield (
            f"heat density, {network.length_m / 1000:,.0f} km, {count:,} events, CPU s",
            f"{sorted(spent)[1]:.2f}",
            f"target {TARGET_S}; mass lost {lost:.0e}",
        )
