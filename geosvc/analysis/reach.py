"""Which pieces of street (lixels) lie within which distance of each other, along streets.

Distances run from the middle of a piece to the middle of another, over the whole network: a street
that has no pieces of its own still leads somewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import dijkstra

from geosvc.network.graph import adjacency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geosvc.network import Lixels, Snapped, StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_SLACK_M = 1e-6
"""Sums of lengths are rounded: a micrometer beyond the limit is still within it."""

_SOURCES = 256
"""Pieces measured at once; they lie together, so that a small part of the network will do."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Pieces of street, and for each the pieces around it.

    ``segment``, ``start_m`` and ``end_m`` are the pieces, in the order of segments and along each;
    a piece holds its end, and its start only where the segment starts. ``first`` (segments + 1)
    says where each segment's pieces begin. Around piece ``i`` lie ``near[around[i]:around[i + 1]]``
    at ``distance_m``, itself included, out to ``limit_m``.
    """

    segment: Integers
    start_m: Floats
    end_m: Floats
    first: Integers
    around: Integers
    near: Integers
    distance_m: Floats
    limit_m: float

    @classmethod
    def of(
        cls,
        network: StreetNetwork,
        kept: NDArray[np.bool_],
        *,
        lixel_m: float,
        limit_m: float,
    ) -> Reach:
        """Cut the kept segments into pieces and measure between all that lie within the limit.

        Parameters
        ----------
        network
            The streets; all of them can be walked.
        kept
            Whether each segment has pieces.
        lixel_m
            The longest piece.
        limit_m
            The largest distance that counts, inclusive.

        Raises
        ------
        ValueError
            If a length is not positive, or ``limit_m`` not finite.

        Examples
        --------
        >>> from geosvc.network import StreetNetwork
        >>> street = StreetNetwork.from_segments([[0, 0], [100, 0]], [[0, 1]])
        >>> reach = Reach.of(street, np.array([True]), lixel_m=25, limit_m=25)
        >>> reach.near[: reach.around[1]].tolist(), reach.distance_m[: reach.around[1]].tolist()
        ([0, 1], [0.0, 25.0])
        >>> len(Reach.of(street, np.array([False]), lixel_m=25, limit_m=25))
        0
        """
        if not (0 < limit_m < math.inf):
            msg = f"limit_m must be positive and finite, not {limit_m}"
            raise ValueError(msg)
        every = network.lixels(lixel_m)
        has_piece = kept[every.segment]
        segment = every.segment[has_piece]
        first = np.searchsorted(segment, np.arange(len(kept) + 1))
        graph = _graph(network, every, has_piece)
        rows, near, distance_m = _measured(graph, _in_strips(network, segment, limit_m), limit_m)
        around = np.searchsorted(rows, np.arange(len(segment) + 1))
        pieces = segment, every.start_m[has_piece], every.end_m[has_piece]
        return cls(*pieces, first, around, near, distance_m, limit_m)

    def __len__(self) -> int:
        return len(self.segment)

    def rings(self, radii_m: Floats) -> Integers:
        """Return the number of the smallest of rising radii that takes in each of ``near``."""
        return np.searchsorted(radii_m, self.distance_m - _SLACK_M)

    def place(self, places: Snapped) -> Integers:
        """Return the piece that holds each place, -1 where none does.

        Raises
        ------
        ValueError
            If a place names no segment, or lies beyond the ends of its segment.

        Examples
        --------
        >>> from geosvc.network import Snapped, StreetNetwork
        >>> street = StreetNetwork.from_segments([[0, 0], [100, 0]], [[0, 1]])
        >>> reach = Reach.of(street, np.array([True]), lixel_m=25, limit_m=25)
        >>> at = Snapped(np.array([0, 0, -1]), np.array([0.0, 60.0, np.nan]), np.zeros(3))
        >>> reach.place(at).tolist()
        [0, 2, -1]
        >>> reach.place(Snapped(np.array([]), np.array([]), np.array([]))).tolist()
        []
        """
        segment = np.asarray(places.segment, dtype=np.int64)
        offset_m = np.asarray(places.offset_m, dtype=np.float64)
        if (segment >= len(self.first) - 1).any():
            msg = "a place names no segment of the network"
            raise ValueError(msg)
        result = np.full(len(segment), -1, dtype=np.int64)
        placed = np.flatnonzero(segment >= 0)
        first, end = self.first[segment[placed]], self.first[segment[placed] + 1]
        placed, first, end = (values[first < end] for values in (placed, first, end))
        at = offset_m[placed]
        if not ((at >= 0) & (at <= self.end_m[end - 1] * (1 + 1e-9))).all():
            msg = "a place lies beyond the ends of its segment"
            raise ValueError(msg)
        guess = np.ceil(at / self.end_m[first]).astype(np.int64) - 1
        piece = np.clip(first + guess, first, end - 1)
        # the quotient is rounded: the pieces' own ends decide
        piece += (at > self.end_m[piece]) & (piece < end - 1)
        piece -= (at <= self.start_m[piece]) & (piece > first)
        result[placed] = piece
        return result


def _graph(network: StreetNetwork, every: Lixels, has_piece: NDArray[np.bool_]) -> csr_array:
    """Join the middles of pieces (nodes 0, 1, …) and the network's vertices (the nodes after)."""
    # a segment is the chain: vertex, middles of its pieces, vertex. One without pieces is one link
    segment, count = every.segment[has_piece], int(has_piece.sum())
    ends = network.segments + count
    node, half_m = np.arange(count), every.length_m[has_piece] / 2
    follows = segment[1:] == segment[:-1]
    is_first = np.append([True], ~follows)[:count]
    is_last = np.append(~follows, [True])[-count:] if count else is_first
    bare = np.ones(len(ends), dtype=np.bool_)
    bare[segment] = False
    from_ = [ends[segment[is_first], 0], node[:-1][follows], node[is_last], ends[bare, 0]]
    to = [node[is_first], node[1:][follows], ends[segment[is_last], 1], ends[bare, 1]]
    between_m = (half_m[:-1] + half_m[1:])[follows]
    length_m = [half_m[is_first], between_m, half_m[is_last], network.lengths_m[bare]]
    pairs = np.stack([np.concatenate(from_), np.concatenate(to)], axis=1)
    return adjacency(pairs, np.concatenate(length_m), vertices=count + len(network.vertices_xy))


def _in_strips(network: StreetNetwork, segment: Integers, limit_m: float) -> Integers:
    """Order pieces so that consecutive ones lie together."""
    x, y = network.vertices_xy[network.segments[segment, 0]].T
    return np.lexsort((y, np.floor(x / limit_m)))


def _measured(
    graph: csr_array, order: Integers, limit_m: float
) -> tuple[Integers, Integers, Floats]:
    """Return all pairs of pieces within the limit, by the first, and their distance."""
    found = list(_blocks(graph, order, limit_m + _SLACK_M))
    empty = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    row, near, distance_m = (np.concatenate(parts) for parts in zip(empty, *found, strict=True))
    by_row = np.lexsort((near, row))
    return row[by_row], near[by_row], distance_m[by_row]


def _blocks(
    graph: csr_array, order: Integers, limit_m: float
) -> Iterator[tuple[Integers, Integers, Floats]]:
    for start in range(0, len(order), _SOURCES):
        sources = order[start : start + _SOURCES]
        nearest = dijkstra(graph, indices=sources, min_only=True, limit=limit_m)
        part = np.flatnonzero(np.isfinite(nearest))
        at = np.searchsorted(part, sources)
        distance_m = dijkstra(graph[part][:, part], indices=at, limit=limit_m)
        # pieces come before vertices
        distance_m = distance_m[:, : np.searchsorted(part, len(order))]
        row, column = np.nonzero(np.isfinite(distance_m))
        yield sources[row], part[column], distance_m[row, column]
