"""Segments joined through the vertices where only two of them meet: the links between junctions.

A bend is no place on a network: what spreads along a street or walks on it does not notice it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.network.streets import StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a network, and where its segments lie on them.

    ``ends`` is k x 2 vertices and ``length_m`` k lengths. ``link``, ``start_m`` and ``direction``
    are of segments: its link (-1 for a segment of no length), how far along that its first vertex
    is, and 1 or -1 as it runs along the link or against it. Make one by `Links.of`.
    """

    ends: Integers
    length_m: Floats
    link: Integers
    start_m: Floats
    direction: Integers

    @classmethod
    def of(cls, network: StreetNetwork) -> Links:
        """Join the segments of a network.

        A ring that meets nothing else is one link from a vertex of it to itself. Segments of no
        length are left out; a link ends where one leads elsewhere.

        Examples
        --------
        >>> from geosvc.network import StreetNetwork
        >>> bend = StreetNetwork.from_segments([[0, 0], [3, 0], [3, 4]], [[0, 1], [2, 1]])
        >>> links = Links.of(bend)
        >>> links.ends.tolist(), links.length_m.tolist(), links.direction.tolist()
        ([[0, 2]], [7.0], [1, -1])
        >>> len(Links.of(StreetNetwork.from_segments([], [])).length_m)
        0
        """
        real = np.flatnonzero(network.lengths_m > 0)
        pairs, lengths = network.segments[real], network.lengths_m[real]
        free = network.segments[network.lengths_m == 0]
        free = free[free[:, 0] != free[:, 1]].reshape(-1)
        copies, origin = _split(pairs, free, vertices=len(network.vertices_xy))
        ring = _rings(copies, len(origin))
        if len(ring):
            copies, origin = _opened(copies, origin, ring)
        label, first, along = _walk(copies, lengths, len(origin))
        last = _last(label, along, len(first))
        whole = np.full(len(network.lengths_m), -1, dtype=np.int64)
        start_m, direction = np.zeros(len(whole)), np.ones(len(whole), dtype=np.int64)
        whole[real] = label[copies[:, 0]]
        start_m[real] = along[copies[:, 0]]
        direction[real] = np.where(along[copies[:, 1]] >= along[copies[:, 0]], 1, -1)
        ends = np.stack([origin[first], origin[last]], axis=1)
        return cls(ends, along[last], whole, start_m, direction)

    def place(self, segment: Integers, offset_m: Floats) -> tuple[Integers, Floats]:
        """Return the links of places on segments, and how far along each they are."""
        link = self.link[segment]
        along = self.start_m[segment] + self.direction[segment] * offset_m
        limit = self.length_m[link] if len(self.length_m) else along
        return link, np.clip(along, 0.0, limit)


def _split(pairs: Integers, free: Integers, *, vertices: int) -> tuple[Integers, Integers]:
    """Give every segment its own copy of a vertex that is a junction or an end.

    So is each of the ``free`` vertices, from which a segment of no length leads elsewhere.
    """
    flat = pairs.reshape(-1)
    degree = np.bincount(flat, minlength=vertices)
    degree[free] = 0
    own = degree[flat] != 2  # noqa: PLR2004 - where two meet, a street goes on
    copy = flat.copy()
    copy[own] = vertices + np.arange(int(own.sum()))
    origin = np.concatenate([np.arange(vertices), flat[own]])
    return copy.reshape(-1, 2), origin


def _rings(copies: Integers, count: int) -> Integers:
    """Return one segment of each ring: a component in which every vertex has two segments."""
    degree = np.bincount(copies.reshape(-1), minlength=count)
    label = _components(copies, count)
    has_end = np.zeros(count, dtype=bool)
    has_end[label[degree == 1]] = True
    closed = np.flatnonzero(~has_end[label[copies[:, 0]]])
    _, first = np.unique(label[copies[closed, 0]], return_index=True)
    return closed[first]


def _opened(copies: Integers, origin: Integers, ring: Integers) -> tuple[Integers, Integers]:
    copies = copies.copy()
    cut = copies[ring, 1]
    copies[ring, 1] = len(origin) + np.arange(len(ring))
    return copies, np.concatenate([origin, origin[cut]])


def _walk(copies: Integers, lengths: Floats, count: int) -> tuple[Integers, Integers, Floats]:
    """Give every link a number, and every vertex its way from the first end of its link."""
    degree = np.bincount(copies.reshape(-1), minlength=count)
    _, label = np.unique(_components(copies, count)[copies[:, 0]], return_inverse=True)
    of = np.full(count, -1, dtype=np.int64)
    of[copies[:, 0]] = of[copies[:, 1]] = label
    ends = np.flatnonzero(degree == 1)
    _, at = np.unique(of[ends], return_index=True)
    first = ends[at]
    along = np.zeros(count)
    if len(first):
        graph = coo_array((lengths, (copies[:, 0], copies[:, 1])), shape=(count, count)).tocsr()
        along = dijkstra(graph, directed=False, indices=first, min_only=True)
    return of, first, along


def _last(label: Integers, along: Floats, links: int) -> Integers:
    used = np.flatnonzero(label >= 0)
    order = used[np.lexsort((along[used], label[used]))]
    return order[np.searchsorted(label[order], np.arange(links), side="right") - 1]


def _components(copies: Integers, count: int) -> Integers:
    ones = np.ones(len(copies), dtype=np.int8)
    graph = coo_array((ones, (copies[:, 0], copies[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
