"""Strokes: chains of edges that a driver would call one road."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import shapely

from data.sample_county.graph import Graph, Step

NAMED_TURN = 2.4  # rad; a named road may turn sharply and still be that road
UNNAMED_TURN = 0.75

Stroke = list[Step]


@dataclass
class _Walker:
    graph: Graph
    used: set[int] = field(default_factory=set)
    headings: list[tuple[float, float]] = field(init=False)

    def __post_init__(self) -> None:
        self.headings = []
        for edge in self.graph.edges:
            xy = shapely.get_coordinates(edge.line).tolist()
            self.headings.append((_heading(xy[0], xy[1]), _heading(xy[-1], xy[-2])))

    def away(self, index: int, node: int) -> float:
        """Heading of an edge as it leaves a node."""
        return self.headings[index][self.graph.edges[index].start != node]

    def run(self, index: int, node: int) -> Stroke:
        """Follow a road from ``node`` on, away from edge ``index``."""
        steps: Stroke = []
        while (found := self.onward(index, node)) is not None:
            self.used.add(found)
            index, node = found, self.graph.other(found, node)
            steps.append((index, node))
        return steps

    def onward(self, index: int, node: int) -> int | None:
        here = self.graph.edges[index].street
        key = (here.road_class, here.name, here.code)
        came = self.away(index, node)
        best, choice = NAMED_TURN if here.name else UNNAMED_TURN, None
        for item in self.graph.at[node]:
            there = self.graph.edges[item].street
            if item in self.used or (there.road_class, there.name, there.code) != key:
                continue
            turn = abs(math.pi - abs(came - self.away(item, node)) % (2 * math.pi))
            if turn < best:
                best, choice = turn, item
        return choice


def _heading(near: list[float], far: list[float]) -> float:
    return math.atan2(far[1] - near[1], far[0] - near[0])


def strokes(graph: Graph) -> list[Stroke]:
    """Chain the edges into strokes, longest edge first.

    Returns
    -------
    strokes
        Each a list of (edge, node arrived at); every edge is in one stroke.
    """
    walker = _Walker(graph)
    found = []
    for first in sorted(range(len(graph.edges)), key=lambda item: -graph.edges[item].line.length):
        if first in walker.used:
            continue
        walker.used.add(first)
        edge = graph.edges[first]
        ahead = walker.run(first, edge.end)
        back = walker.run(first, edge.start)
        before = [(index, graph.other(index, node)) for index, node in reversed(back)]
        found.append([*before, (first, edge.end), *ahead])
    return found


def chainages(graph: Graph, chains: list[Stroke]) -> list[tuple[float, int]]:
    """Give each edge's chainage along its stroke.

    Returns
    -------
    chain
        By edge number: the chainage in metres of the edge's first vertex, and 1 where it
        grows along the edge, -1 where it falls.
    """
    chain = [(0.0, 1)] * len(graph.edges)
    for stroke in chains:
        run = 0.0
        for index, node in stroke:
            edge = graph.edges[index]
            length = edge.line.length
            chain[index] = (run, 1) if edge.end == node else (run + length, -1)
            run += length
    return chain
