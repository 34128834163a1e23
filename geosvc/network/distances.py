"""Distances along streets between places on segments.

A way between two places leaves the first segment over one of its ends and enters the other over
one of its, or stays on the segment that both share; the shortest of these is the distance. Streets
are walked in both directions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.network.snapping import Snapped
    from geosvc.network.streets import StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

ROUNDING_M = 1e-6
"""An offset may miss its segment by so much, which is what coordinates of kilometers hold."""

_HELD = 4_000_000  # distances from places to vertices that are held at a time


def distances(
    network: StreetNetwork, sources: Snapped, targets: Snapped, *, limit_m: float
) -> Floats:
    """Measure from each source to each target, see `StreetNetwork.distances`."""
    if math.isnan(limit_m) or limit_m < 0:
        msg = f"limit_m must be at least 0, not {limit_m}"
        raise ValueError(msg)
    found = np.full((len(sources), len(targets)), np.inf)
    from_, to = _placed(network, sources), _placed(network, targets)
    # it is as far there as back: one search for each place of the shorter side
    turned = len(to) < len(from_)
    rows, columns = (to, from_) if turned else (from_, to)
    held = found.T if turned else found
    searched, met = (targets, sources) if turned else (sources, targets)
    step = max(1, _HELD // max(1, len(network.vertices_xy) + len(columns)))
    for begin in range(0, len(rows) if len(columns) else 0, step):
        block = rows[begin : begin + step]
        near = _measured(network, (searched, block), (met, columns), limit_m=limit_m)
        held[np.ix_(block, columns)] = np.where(near <= limit_m, near, np.inf)
    return found


def _placed(network: StreetNetwork, places: Snapped) -> Integers:
    """Return which places have a segment, and hold all of them against the network."""
    placed = np.flatnonzero(places.is_placed)
    segment, offset_m = places.segment[placed], places.offset_m[placed]
    if ((segment < 0) | (segment >= len(network.segments))).any():
        msg = "the network has no such segment"
        raise ValueError(msg)
    beyond_m = np.abs(offset_m - np.clip(offset_m, 0.0, network.lengths_m[segment]))
    if not (beyond_m <= ROUNDING_M).all():
        msg = "an offset lies beyond its segment"
        raise ValueError(msg)
    return placed


def _measured(
    network: StreetNetwork,
    sources: tuple[Snapped, Integers],
    targets: tuple[Snapped, Integers],
    *,
    limit_m: float,
) -> Floats:
    """Measure from some of the sources to some of the targets, all of them placed."""
    (start, rows), (end, columns) = sources, targets
    ends, ways_m = _over_ends(network, end, columns)
    reached = _search(network.graph, *_over_ends(network, start, rows), limit_m=limit_m)
    near = np.minimum(
        reached[:, ends[:, 0]] + ways_m[:, 0],
        reached[:, ends[:, 1]] + ways_m[:, 1],
    )
    row, column = np.nonzero(start.segment[rows][:, None] == end.segment[columns])
    direct = np.abs(start.offset_m[rows[row]] - end.offset_m[columns[column]])
    near[row, column] = np.minimum(near[row, column], direct)
    return near


def _over_ends(network: StreetNetwork, places: Snapped, at: Integers) -> tuple[Integers, Floats]:
    """Return the two ends of each place's segment, and how far away they are."""
    segment = places.segment[at]
    whole = network.lengths_m[segment]
    offset_m = np.clip(places.offset_m[at], 0.0, whole)
    return network.segments[segment], np.stack([offset_m, whole - offset_m], axis=1)


def _search(graph: csr_array, ends: Integers, ways_m: Floats, *, limit_m: float) -> Floats:
    """Return how far all vertices are from places, given how far two vertices are from each.

    The places are put into the graph as vertices that can be left and not entered.
    """
    vertices, count = graph.shape[0], len(ends)
    begin = graph.indptr[-1] + 2 * np.arange(1, count + 1)
    parts = (
        np.concatenate([graph.data, ways_m.reshape(-1)]),
        np.concatenate([graph.indices, ends.reshape(-1)], dtype=np.int32),
        np.concatenate([graph.indptr, begin], dtype=np.int32),
    )
    joined = csr_array(parts, shape=(vertices + count, vertices + count))
    places = vertices + np.arange(count)
    return np.asarray(dijkstra(joined, indices=places, limit=limit_m), dtype=np.float64)
