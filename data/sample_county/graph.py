"""The street graph: edges between shared nodes, and shortest paths on it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from shapely import LineString

    from data.sample_county.frame import Floats

RAMP = "匝道"  # the end of a ramp's name


@dataclass
class Street:
    """A line as drawn, in local metres. ``free`` lines meet others only at their ends."""

    line: LineString
    road_class: str
    name: str = ""
    code: str = ""
    kind: str = "drawn"  # drawn | town | lattice | lane
    factor: float = 1.0  # cost per metre, for choosing among lattice lines
    free: bool = False
    bridge: bool = False

    @property
    def is_ramp(self) -> bool:
        """True for an expressway's ramp."""
        return self.name.endswith(RAMP)


@dataclass
class Edge:
    """A piece of street between two nodes."""

    start: int
    end: int
    street: Street

    @property
    def line(self) -> LineString:
        """The piece's geometry."""
        return self.street.line


Step = tuple[int, int]  # an edge and the node arrived at by it


@dataclass
class Graph:
    """Node positions, shape (n, 2), and edges, with the edges at each node."""

    xy: Floats
    edges: list[Edge]
    at: dict[int, list[int]] = field(init=False)
    links: dict[int, list[Step]] = field(init=False)

    def __post_init__(self) -> None:
        self.at, self.links = {}, {}
        for index, edge in enumerate(self.edges):
            for near, far in ((edge.start, edge.end), (edge.end, edge.start)):
                self.at.setdefault(near, []).append(index)
                self.links.setdefault(near, []).append((index, far))

    def other(self, edge: int, node: int) -> int:
        """Give the far end of an edge."""
        found = self.edges[edge]
        return found.end if found.start == node else found.start

    def nearest(self, x: float, y: float, among: Iterable[int] | None = None) -> int:
        """Find the node nearest to a place, of all with an edge or of ``among``."""
        pool = np.fromiter(sorted(self.at if among is None else among), dtype=int)
        gaps = np.hypot(self.xy[pool, 0] - x, self.xy[pool, 1] - y)
        return int(pool[np.argmin(gaps)])

    def path(
        self,
        sources: Iterable[int],
        goals: Collection[int],
        cost: Callable[[int], float],
        limit: float = np.inf,
    ) -> list[Step]:
        """Find the cheapest path from any source to any goal.

        Parameters
        ----------
        sources, goals
            Nodes.
        cost
            Gives the price of an edge; infinite where it may not be used.
        limit
            Paths dearer than this are not looked for.

        Returns
        -------
        steps
            Edges in order with the node that each arrives at; empty if there is no path.
        """
        best = dict.fromkeys(sources, 0.0)
        came: dict[int, Step] = {}
        heap = [(0.0, node) for node in best]
        heapq.heapify(heap)
        done: set[int] = set()
        while heap:
            spent, node = heapq.heappop(heap)
            if node in done:
                continue
            done.add(node)
            if node in goals:
                return _trace(node, came)
            for index, far in self.links.get(node, ()):
                price = spent + cost(index)
                if price < best.get(far, limit):
                    best[far] = price
                    came[far] = (index, node)
                    heapq.heappush(heap, (price, far))
        return []

    def component(self, start: int, allowed: Callable[[int], bool] | None = None) -> set[int]:
        """Give the nodes reachable from ``start``, along ``allowed`` edges only if given."""
        seen, stack = {start}, [start]
        while stack:
            for index, far in self.links.get(stack.pop(), ()):
                if far not in seen and (allowed is None or allowed(index)):
                    seen.add(far)
                    stack.append(far)
        return seen


def _trace(node: int, came: dict[int, Step]) -> list[Step]:
    steps = []
    while node in came:
        index, before = came[node]
        steps.append((index, node))
        node = before
    return steps[::-1]
