"""Instances with known answers, which lie beside the checkout if at all."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FOLDER: Final = Path(__file__).parents[4] / "shared/data/reference/siting"
SAN_FRANCISCO: Final = 2848268129.7145104
"""The published value of four stores."""


def published() -> dict[str, int]:
    """Read the optima of the instances of OR-Library."""
    with (FOLDER / "pmed/optima.csv").open() as lines:
        return {row["instance"]: int(row["optimum"]) for row in csv.DictReader(lines)}


def pmed(name: str) -> tuple[Floats, int]:
    """Read distances and the number of sites; of an edge that is repeated the last one counts."""
    numbers = np.array((FOLDER / f"pmed/{name}.txt").read_text().split(), dtype=int)
    (nodes, edges, p), rest = numbers[:3], numbers[3:]
    return along(int(nodes), rest[: 3 * edges].reshape(-1, 3) - [1, 1, 0]), int(p)


def pmed_like(nodes: int) -> Floats:
    """Make distances as in OR-Library: a random graph, edges of length 1 to 100."""
    random = np.random.default_rng(0)
    tree = [(node, random.integers(0, node)) for node in range(1, nodes)]
    more = random.integers(0, nodes, (nodes * nodes // 50 - nodes + 1, 2))
    pairs = np.concatenate([tree, more[more[:, 0] != more[:, 1]]])
    return along(nodes, np.column_stack([pairs, random.integers(1, 101, len(pairs))]))


def along(nodes: int, edges: NDArray[np.int64]) -> Floats:
    """Return the lengths of the shortest ways between all nodes."""
    lengths = np.zeros((nodes, nodes))
    for one, other, length in edges:
        lengths[one, other] = lengths[other, one] = length
    ways: Floats = dijkstra(csr_array(lengths), directed=False)
    return ways


def san_francisco() -> tuple[Floats, Floats]:
    """Read the distances from 205 tracts to 16 stores, and the population of the tracts."""
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with (FOLDER / "spopt_sf" / name).open() as lines:
        rows = list(csv.DictReader(lines))
    tracts = sorted({row["DestinationName"] for row in rows})
    stores = sorted({row["name"] for row in rows})
    table, weights = np.full((len(tracts), len(stores)), np.inf), np.zeros(len(tracts))
    for row in rows:
        tract = tracts.index(row["DestinationName"])
        table[tract, stores.index(row["name"])] = float(row["distance"])
        weights[tract] = float(row["demand"])
    return table, weights


def county(demand: int = 20_000, sites: int = 300) -> tuple[Floats, Floats]:
    """Throw demand into 30 villages and between them, and parcels anywhere, in 40 km by 40 km."""
    random = np.random.default_rng(0)
    villages = random.random((30, 2)) * 40_000
    lone = demand * 3 // 10
    crowd = villages[random.integers(0, 30, demand - lone)]
    crowd += random.normal(0, 2000, crowd.shape)
    here = np.concatenate([crowd, random.random((lone, 2)) * 40_000])
    there = random.random((sites, 2)) * 40_000
    table: Floats = np.hypot(
        here[:, None, 0] - there[None, :, 0], here[:, None, 1] - there[None, :, 1]
    )
    return table, random.integers(1, 10, demand).astype(float)
