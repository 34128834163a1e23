"""Chance: seeded streams, one a topic, and the draws that are made from them."""

from __future__ import annotations

import datetime as dt
import zlib
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.sample_county.frame import Floats

Key = TypeVar("Key")

SEED = 20240630


def stream(name: str) -> np.random.Generator:
    """Open the random stream of one topic; changing one topic leaves the others as they were."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode())])


def weighted(rng: np.random.Generator, options: Mapping[Key, float]) -> Key:
    """Draw one key of ``options`` by its weight."""
    keys = list(options)
    bounds = np.cumsum(list(options.values()))
    return keys[int(np.searchsorted(bounds, rng.random() * bounds[-1], side="right"))]


def share(rng: np.random.Generator, probability: float) -> bool:
    """Say yes with ``probability``."""
    return bool(rng.random() < probability)


def side(rng: np.random.Generator) -> int:
    """Draw one side of a street: 1 for the right, -1 for the left."""
    return 1 if share(rng, 0.5) else -1


def day(start: str, offset: int) -> str:
    """Give the ISO date ``offset`` days after ``start``."""
    return (dt.date.fromisoformat(start) + dt.timedelta(days=int(offset))).isoformat()


def spread(xy: Floats, order: Sequence[int], spacing_m: float, limit: int) -> list[int]:
    """Take places in order, each at least ``spacing_m`` from those taken before.

    Parameters
    ----------
    xy
        All places, shape (n, 2).
    order
        The rows to try, first choice first.
    spacing_m
        Least distance between two places.
    limit
        Stop when so many are taken.

    Returns
    -------
    rows
        The rows taken.
    """
    # a grid of cells as wide as the spacing: only the eight cells around can hold a near place
    cells: dict[tuple[int, int], list[tuple[float, float]]] = {}
    taken: list[int] = []
    for row in order:
        x, y = float(xy[row, 0]), float(xy[row, 1])
        col, line = int(x // spacing_m), int(y // spacing_m)
        around = [(col + i, line + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        near = (spot for cell in around for spot in cells.get(cell, ()))
        if any((u - x) ** 2 + (v - y) ** 2 < spacing_m**2 for u, v in near):
            continue
        taken.append(row)
        cells.setdefault((col, line), []).append((x, y))
        if len(taken) == limit:
            break
    return taken
