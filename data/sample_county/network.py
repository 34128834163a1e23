"""Which country roads exist: links between seats, roads to every village, lanes to hamlets."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import Point

from data.sample_county import plan
from data.sample_county.chance import share, spread, stream
from data.sample_county.graph import Graph
from data.sample_county.settlements import HEART, Settlement
from data.sample_county.shapes import points

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

HAMLETS = 700
HAMLET_SPACING_M = 520.0
ONWARD_SHARE = 0.25  # hamlet lanes that run on to a second road
ONWARD_CLEAR_M = 900.0  # which is not one right here
STUB_M = 70.0  # shorter dead ends are dropped
NEIGHBORS = 4
LINK_M = 3500.0  # neighboring villages farther apart get no direct road


@dataclass(frozen=True)
class Rule:
    """How a kind of road is built: its class, the price of reused road, the dearest path."""

    road_class: str
    reuse: float
    limit: float = math.inf


SEAT_LINK = Rule("X", 0.55)
VILLAGE_ROAD = Rule("Y", 0.35)
HAMLET_LANE = Rule("C", 0.5, 6000.0)
HAMLET_ONWARD = Rule("C", 1.0, 3200.0)


@dataclass
class Builder:
    """Builds roads on a candidate graph; ``built`` holds the edges that exist."""

    graph: Graph
    built: set[int] = field(init=False)
    price: list[float] = field(init=False)

    def __post_init__(self) -> None:
        edges = self.graph.edges
        self.built = {index for index, edge in enumerate(edges) if edge.street.kind != "lattice"}
        self.price = [
            math.inf
            if edge.street.free or edge.street.is_ramp
            else edge.line.length * edge.street.factor
            for edge in edges
        ]

    def build(self, starts: Iterable[int], goals: Collection[int], rule: Rule) -> set[int]:
        """Build the cheapest road from ``starts`` to ``goals``; gives the nodes on it."""
        nodes = set(starts)

        def cost(index: int) -> float:
            return self.price[index] * (rule.reuse if index in self.built else 1.0)

        steps = self.graph.path(nodes, goals, cost, rule.limit)
        for index, node in steps:
            nodes |= {node, self.graph.other(index, node)}
            if index not in self.built:
                self.built.add(index)
                street = self.graph.edges[index].street
                self.graph.edges[index].street = replace(street, road_class=rule.road_class)
        return nodes if steps else set()

    def served(self, home: int) -> set[int]:
        """Give the nodes that built roads, expressways left out, connect with ``home``."""
        edges = self.graph.edges
        return self.graph.component(
            home, lambda index: index in self.built and not edges[index].street.free
        )


def choose_roads(graph: Graph, villages: list[Settlement], seats: list[Settlement]) -> set[int]:
    """Choose the edges that become roads; sets ``road_class`` on those of the field grid.

    Parameters
    ----------
    graph
        The candidate graph, changed in place.
    villages, seats
        The places that need a road.

    Returns
    -------
    built
        Indices of the edges that exist.
    """
    builder = Builder(graph)
    node_of = {seat.name: seat.node for seat in seats}
    for one, two in plan.links():
        builder.build([node_of[one]], {node_of[two]}, SEAT_LINK)
    home = seats[0].node
    served = builder.served(home)
    for place in sorted(villages + seats, key=lambda item: math.hypot(item.x, item.y)):
        served |= builder.build([place.node], served, VILLAGE_ROAD)
    _link_neighbors(builder, villages)
    _reach_hamlets(builder, home)
    return _without_stubs(builder, {item.node for item in villages + seats})


def _link_neighbors(builder: Builder, villages: list[Settlement]) -> None:
    """Give neighboring villages a direct road unless one exists that is nearly as short."""
    xy = np.array([(item.x, item.y) for item in villages])
    for one, village in enumerate(villages):
        gaps = np.hypot(*(xy - xy[one]).T)
        for two in np.argsort(gaps, kind="stable")[1 : NEIGHBORS + 1].tolist():
            middle, radius = (xy[one] + xy[two]) / 2, gaps[two] / 2
            has_between = bool((np.hypot(*(xy - middle).T) < radius - 1).any())
            if one < two and gaps[two] < LINK_M and not has_between:
                rule = Rule("Y", 0.62, float(gaps[two]) * 3)
                builder.build([village.node], {villages[two].node}, rule)


def _reach_hamlets(builder: Builder, home: int) -> None:
    """Lay lanes to hamlets off the roads; some run on to a second road."""
    graph, rng = builder.graph, stream("hamlets")
    pool = sorted(node for node, found in graph.at.items() if not builder.built & set(found))
    order = [pool[index] for index in rng.permutation(len(pool))]
    hamlets = spread(graph.xy, order, HAMLET_SPACING_M, HAMLETS)
    served = builder.served(home)
    tree = shapely.STRtree(points(graph.xy))
    for node in sorted(hamlets, key=lambda item: tuple(graph.xy[item])):
        served |= builder.build([node], served, HAMLET_LANE)
        if share(rng, ONWARD_SHARE):
            spot = Point(graph.xy[node])
            near = tree.query(spot, predicate="dwithin", distance=ONWARD_CLEAR_M)
            served |= builder.build([node], served.difference(near.tolist()), HAMLET_ONWARD)


def _without_stubs(builder: Builder, keep: set[int]) -> set[int]:
    """Drop short dead ends, and whatever does not hang on the town."""
    graph, built = builder.graph, set(builder.built)
    while stubs := _stubs(graph, built, keep):
        built -= stubs
    sub = Graph(graph.xy, [graph.edges[index] for index in sorted(built)])
    main = sub.component(sub.nearest(*HEART))
    return {index for index in built if graph.edges[index].start in main}


def _stubs(graph: Graph, built: set[int], keep: set[int]) -> set[int]:
    ends = {index: (graph.edges[index].start, graph.edges[index].end) for index in sorted(built)}
    degree = Counter(node for pair in ends.values() for node in pair)
    return {
        index
        for index, pair in ends.items()
        if graph.edges[index].line.length < STUB_M
        and not graph.edges[index].street.free
        and any(degree[node] == 1 and node not in keep for node in pair)
    }
