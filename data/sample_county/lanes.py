"""Short lanes off the roads through each village, where its houses stand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString

from data.sample_county.chance import share, side, stream
from data.sample_county.graph import Edge, Graph, Street
from data.sample_county.lines import cut, side_point

if TYPE_CHECKING:
    from collections.abc import Collection

    from shapely.geometry.base import BaseGeometry

    from data.sample_county.settlements import Settlement
    from data.sample_county.terrain import Terrain

SHORTEST_M = 260.0  # shorter roads get no lane
BOTH_SIDES = 0.6
CLEAR_M = 15.0  # from any other road
BANK_M = 12.0


@dataclass
class Plot:
    """A road network that grows: edges, node places, and which edges exist."""

    edges: list[Edge]
    xy: list[tuple[float, float]]
    built: set[int]
    rng: np.random.Generator = field(default_factory=lambda: stream("village-lanes"))

    def add(self, start: int, end: int, street: Street) -> None:
        """Add an edge."""
        self.built.add(len(self.edges))
        self.edges.append(Edge(start, end, street))

    def node(self, x: float, y: float) -> int:
        """Add a node; gives its number."""
        self.xy.append((x, y))
        return len(self.xy) - 1


def add_village_lanes(
    graph: Graph, built: Collection[int], terrain: Terrain, villages: list[Settlement]
) -> tuple[Graph, set[int]]:
    """Add lanes on one or both sides of the country roads that meet in a village.

    Returns
    -------
    graph
        The graph with more nodes and edges.
    built
        Indices of the edges that exist.
    """
    plot = Plot(list(graph.edges), [(x, y) for x, y in graph.xy.tolist()], set(built))
    tree = shapely.STRtree([graph.edges[index].line for index in sorted(built)])
    wet = terrain.wet(BANK_M)
    for village in villages:
        for index in graph.at[village.node]:
            edge = plot.edges[index]
            is_field_road = index in built and edge.street.kind == "lattice"
            if is_field_road and edge.line.length >= SHORTEST_M:
                _add_lanes(plot, index, tree, wet)
    return Graph(np.array(plot.xy), plot.edges), plot.built


def _add_lanes(plot: Plot, index: int, tree: shapely.STRtree, wet: BaseGeometry) -> None:
    edge = plot.edges[index]
    at = plot.rng.uniform(90, edge.line.length - 110)
    sides = (1, -1) if share(plot.rng, BOTH_SIDES) else (side(plot.rng),)
    foot = edge.line.interpolate(at)
    tips = []
    for sign in sides:
        x, y, _ = side_point(edge.line, at, sign * plot.rng.uniform(120, 210))
        lane = LineString([(foot.x, foot.y), (x, y)])
        near = tree.query(lane, predicate="dwithin", distance=CLEAR_M)
        if not wet.intersects(lane) and len(near) <= 1:
            tips.append((x, y))
    if not tips:
        return
    hub = plot.node(foot.x, foot.y)
    first, second = cut(edge.line, [0.0, at, edge.line.length])
    plot.edges[index] = Edge(edge.start, hub, replace(edge.street, line=first))
    plot.add(hub, edge.end, replace(edge.street, line=second))
    for x, y in tips:
        line = LineString([(foot.x, foot.y), (x, y)])
        plot.add(hub, plot.node(x, y), Street(line, "C", kind="lane"))
