"""From drawn lines to a graph: cut where they meet, join near ends, dissolve needless nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from data.sample_county.graph import Edge, Graph, Street
from data.sample_county.lines import cut
from data.sample_county.shapes import Shapes, as_shapes, points

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from data.sample_county.frame import Floats

TOUCH_M = 1.0  # lines nearer than this meet
SNAP_M = 14.0  # ends nearer than this are one node
SHORT_M = 2.0  # a cut nearer than this to another is dropped
TWIN_M = 25.0  # two edges between the same nodes are one if their lengths agree so far
THROUGH = 2  # edges at a node that only passes a street on


def noded(streets: list[Street]) -> Graph:
    """Cut streets where they meet and join their ends into shared nodes."""
    pieces: list[tuple[Street, Floats]] = []
    for street, cuts in zip(streets, _cuts(streets), strict=True):
        pieces.extend((street, coords) for coords in _split(street, cuts))
    tips = np.array([coords[[0, -1]] for _, coords in pieces]).reshape(-1, 2)
    label = clusters(tips, SNAP_M)
    count = int(label.max()) + 1
    weight = np.bincount(label, minlength=count)
    xy = np.column_stack([np.bincount(label, tips[:, axis], count) / weight for axis in (0, 1)])
    edges: list[Edge] = []
    seen: set[tuple[int, int, int]] = set()
    for index, (street, coords) in enumerate(pieces):
        start, end = int(label[2 * index]), int(label[2 * index + 1])
        line = shapely.LineString(np.vstack([xy[start], coords[1:-1], xy[end]]))
        key = (min(start, end), max(start, end), round(line.length / TWIN_M))
        if start != end and key not in seen:
            seen.add(key)
            edges.append(Edge(start, end, replace(street, line=line)))
    return Graph(xy, edges)


def _cuts(streets: list[Street]) -> list[list[float]]:
    """Find the chainages at which each street meets another."""
    lines = np.array([street.line for street in streets])
    free = np.array([street.free for street in streets])
    fixed = np.flatnonzero([item.kind != "lattice" and not item.free for item in streets])
    mine, theirs = shapely.STRtree(lines).query(lines[fixed], "dwithin", distance=TOUCH_M)
    both = np.sort(np.column_stack([fixed[mine], theirs]), axis=1)
    both = np.unique(both[(both[:, 0] != both[:, 1]) & ~free[both].any(axis=1)], axis=0)
    cuts: list[list[float]] = [[] for _ in streets]
    for pair, spots in _meetings(lines[both[:, 0]], lines[both[:, 1]]):
        for column in (0, 1):
            owners = both[pair, column]
            at = shapely.line_locate_point(lines[owners], spots)
            for owner, chainage in zip(owners.tolist(), at.tolist(), strict=True):
                cuts[owner].append(chainage)
    return cuts


def _meetings(first: Shapes, second: Shapes) -> list[tuple[npt.NDArray[np.intp], Shapes]]:
    """Give pair numbers and meeting points: crossings, then ends that touch the other line."""
    met, pair = shapely.get_coordinates(shapely.intersection(first, second), return_index=True)
    found: list[tuple[npt.NDArray[np.intp], Shapes]] = [(pair, points(met))]
    for one, two in ((first, second), (second, first)):
        for end in (0, -1):
            tips = as_shapes(shapely.get_point(one, end))
            near = np.flatnonzero(shapely.distance(tips, two) < TOUCH_M)
            found.append((near, tips[near]))
    return found


def _split(street: Street, cuts: list[float]) -> list[Floats]:
    if not cuts:
        return [shapely.get_coordinates(street.line)]
    length = street.line.length
    stops = [0.0]
    for at in sorted(cuts):
        if at - stops[-1] > SHORT_M and length - at > SHORT_M:
            stops.append(at)
    return [shapely.get_coordinates(part) for part in cut(street.line, [*stops, length])]


def clusters(xy: Floats, reach_m: float) -> npt.NDArray[np.intp]:
    """Label points so that those within ``reach_m`` of each other, or of a chain, share one."""
    parent = list(range(len(xy)))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    spots = points(xy)
    pairs = shapely.STRtree(spots).query(spots, predicate="dwithin", distance=reach_m).T
    for one, two in pairs[pairs[:, 0] < pairs[:, 1]].tolist():
        parent[root(two)] = root(one)
    roots = np.array([root(index) for index in range(len(xy))])
    return np.unique(roots, return_inverse=True)[1]


def merged(graph: Graph, keep: Collection[int], same: Callable[[Street, Street], bool]) -> Graph:
    """Keep some edges and dissolve each node that only joins two like streets."""
    sub = Graph(graph.xy, [graph.edges[index] for index in sorted(keep)])
    ends = {node for node, found in sub.at.items() if not _passes(sub, found, same)}
    done: set[int] = set()
    edges: list[Edge] = []
    # rings without any end come last, from whichever node is first on them
    for start in [*sorted(ends), *sorted(set(sub.at) - ends)]:
        # a generator, because each run marks further edges as done
        edges.extend(
            _run(sub, (first, start), ends, done) for first in sub.at[start] if first not in done
        )
    return Graph(graph.xy, edges)


def _passes(graph: Graph, found: list[int], same: Callable[[Street, Street], bool]) -> bool:
    if len(found) != THROUGH or found[0] == found[1]:
        return False
    return same(graph.edges[found[0]].street, graph.edges[found[1]].street)


def _run(graph: Graph, first: tuple[int, int], ends: set[int], done: set[int]) -> Edge:
    index, start = first
    node, parts = start, []
    while True:
        done.add(index)
        coords = shapely.get_coordinates(graph.edges[index].line)
        parts.append(coords if graph.edges[index].start == node else coords[::-1])
        node = graph.other(index, node)
        onward = [item for item in graph.at[node] if item not in done]
        if node in ends or node == start or not onward:
            break
        index = onward[0]
    line = shapely.LineString(np.vstack(parts))
    return Edge(start, node, replace(graph.edges[first[0]].street, line=line))
