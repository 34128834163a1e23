"""Places along streets: the nearest one, and disjoint ones laid over the network by chance.

A place is a point on the network; its area is all street within a network distance of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geosvc.analysis.cases import some
from geosvc.network import Snapped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geosvc.network import StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

LIKENESS: Final = 0.15
"""Places are comparable when their cases before differ by no more than such a share, or by one."""


def nearest(
    network: StreetNetwork, places: Snapped, targets: Snapped, *, limit_m: float
) -> tuple[Integers, Floats]:
    """Return for each target the nearest place along streets, and how far away it is.

    Parameters
    ----------
    network
        The streets; both directions of each.
    places, targets
        On the network; those without a segment are near nothing.
    limit_m
        The largest distance, inclusive.

    Returns
    -------
    number, distance_m
        One a target; -1 and infinity where no place is within the limit. Of places equally near,
        any.

    Examples
    --------
    >>> from geosvc.network import StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [900, 0]], [[0, 1]])
    >>> places, cases = Snapped([0, 0], [100, 600], [0, 0]), Snapped([0], [300], [0])
    >>> [values.tolist() for values in nearest(street, places, cases, limit_m=500)]
    [[0], [200.0]]
    >>> [values.tolist() for values in nearest(street, Snapped([], [], []), cases, limit_m=500)]
    [[-1], [inf]]
    """
    number = np.full(len(targets), -1)
    distance_m = np.full(len(targets), np.inf)
    placed, at = np.flatnonzero(places.is_placed), np.flatnonzero(targets.is_placed)
    if not len(placed) or not len(at):
        return number, distance_m
    kept, found = some(places, placed), some(targets, at)
    source, vertex_m = _search(network, kept, limit_m=limit_m)
    ends, ways_m = _over_ends(network, found)
    over_m = vertex_m[ends] + ways_m
    side = np.argmin(over_m, axis=1)
    row = np.arange(len(at))
    near, near_m = source[ends[row, side]], over_m[row, side]
    for own, target, direct_m in _direct(kept, found):
        closer = direct_m <= near_m[target]
        near[target[closer]], near_m[target[closer]] = own, direct_m[closer]
    within = np.isfinite(near_m) & (near_m <= limit_m)
    number[at[within]], distance_m[at[within]] = placed[near[within]], near_m[within]
    return number, distance_m


def lay_places(
    network: StreetNetwork, *, near: tuple[Snapped, float], far: tuple[Snapped, float], seed: int
) -> Snapped:
    """Lay disjoint places at vertices of the network, in an order drawn by chance.

    How many cases there are decides nothing, so that places are not chosen for what they show.

    Parameters
    ----------
    network
        The streets.
    near
        Cases, and the radius of the areas: an area without any case, before or after, is left out.
        Areas are disjoint: places lie more than two radii apart.
    far
        Points that all places keep away from, and by how much.
    seed
        Of the order.

    Returns
    -------
    places
        In the order in which they were laid.

    Examples
    --------
    >>> from geosvc.network import StreetNetwork
    >>> xy = [[x, 0] for x in range(0, 5000, 500)]
    >>> street = StreetNetwork.from_segments(xy, [[i, i + 1] for i in range(9)])
    >>> cases, site = Snapped([1, 8], [0, 500], [0, 0]), Snapped([8], [500], [0])
    >>> laid = lay_places(street, near=(cases, 500), far=(site, 2000), seed=1)
    >>> len(laid), (laid.segment * 500 + laid.offset_m).tolist()
    (1, [0.0])
    >>> len(lay_places(street, near=(Snapped([], [], []), 500), far=(site, 2000), seed=1))
    0
    """
    vertices, places = _at_vertices(network)
    (cases, radius_m), (points, clear_m) = near, far
    has_case = nearest(network, cases, places, limit_m=radius_m)[0] >= 0
    is_clear = nearest(network, points, places, limit_m=clear_m)[0] < 0
    free = np.zeros(len(network.vertices_xy), dtype=np.bool_)
    free[vertices[has_case & is_clear]] = True
    chosen = []
    for number in np.random.default_rng(seed).permutation(len(vertices)):
        vertex = vertices[number]
        if free[vertex]:
            chosen.append(number)
            reach_m = dijkstra(network.graph, indices=vertex, limit=2 * radius_m)
            free &= ~np.isfinite(reach_m)
    return some(places, np.array(chosen, dtype=np.int64))


def match(levels: ArrayLike, own: ArrayLike) -> Integers:
    """Give places to the treated places that they are comparable with.

    Parameters
    ----------
    levels
        Cases before at m places, in the weeks of each of k treated places: m x k.
    own
        Cases before at the k treated places.

    Returns
    -------
    group
        The treated place of each, -1 for none. One that is like several goes where fewest are.

    Examples
    --------
    >>> match([[10, 10], [9, 9], [11, 11], [30, 30], [17, 17]], [10, 12]).tolist()
    [0, 0, 1, -1, -1]
    >>> match(np.empty((0, 1)), [10]).tolist()
    []
    """
    wanted = np.asarray(own, dtype=np.float64).reshape(-1)
    counts = np.asarray(levels, dtype=np.float64)
    counts = counts.reshape(len(counts), len(wanted))
    is_like = np.abs(counts - wanted) <= np.maximum(1.0, LIKENESS * wanted) + 1e-9
    group = np.full(len(counts), -1)
    held = np.zeros(len(wanted), dtype=np.int64)
    for place in np.flatnonzero(is_like.any(axis=1)):
        group[place] = np.flatnonzero(is_like[place])[np.argmin(held[is_like[place]])]
        held[group[place]] += 1
    return group


def _search(network: StreetNetwork, places: Snapped, *, limit_m: float) -> tuple[Integers, Floats]:
    """Return for each vertex the nearest place and its distance."""
    graph, count = network.graph, len(places)
    vertices = graph.shape[0]
    ends, ways_m = _over_ends(network, places)
    # places are vertices that can be left and not entered
    begin = graph.indptr[-1] + 2 * np.arange(1, count + 1)
    parts = (
        np.concatenate([graph.data, ways_m.reshape(-1)]),
        np.concatenate([graph.indices, ends.reshape(-1)], dtype=np.int32),
        np.concatenate([graph.indptr, begin], dtype=np.int32),
    )
    joined = csr_array(parts, shape=(vertices + count, vertices + count))
    distance_m, _, source = dijkstra(
        joined,
        indices=vertices + np.arange(count),
        limit=limit_m,
        min_only=True,
        return_predecessors=True,
    )
    return source[:vertices].astype(np.int64) - vertices, distance_m[:vertices]


def _over_ends(network: StreetNetwork, places: Snapped) -> tuple[Integers, Floats]:
    whole = network.lengths_m[places.segment]
    offset_m = np.clip(places.offset_m, 0.0, whole)
    return network.segments[places.segment], np.stack([offset_m, whole - offset_m], axis=1)


def _direct(places: Snapped, targets: Snapped) -> list[tuple[int, Integers, Floats]]:
    """Return for each place the targets on its own segment, and the way along it."""
    order = np.argsort(targets.segment, kind="stable")
    segment = targets.segment[order]
    first = np.searchsorted(segment, places.segment)
    end = np.searchsorted(segment, places.segment, side="right")
    return [
        (number, at, np.abs(targets.offset_m[at] - places.offset_m[number]))
        for number in np.flatnonzero(end > first).tolist()
        for at in (order[first[number] : end[number]],)
    ]


def _at_vertices(network: StreetNetwork) -> tuple[Integers, Snapped]:
    """Return the vertices that have a segment, and each as a place at an end of one."""
    vertices, first = np.unique(network.segments.reshape(-1), return_index=True)
    segment = first // 2
    offset_m = np.where(first % 2 == 1, network.lengths_m[segment], 0.0)
    return vertices, Snapped(segment, offset_m, np.zeros(len(first)))
