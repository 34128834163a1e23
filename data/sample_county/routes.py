"""Bus routes as paths on the road network; stops are placed along them later."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from data.sample_county import plan
from data.sample_county.chance import stream
from data.sample_county.graph import Graph, Step
from data.sample_county.settlements import Settlement, spot_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.sample_county.places import Places
    from data.sample_county.segments import Network

DEPOT = (3700.0, -1300.0)  # the coach station's crossing
URBAN_COST = {
    "arterial": 1.0,
    "secondary": 1.05,
    "branch": 4.0,
    "lane": 20.0,
    "G": 1.2,
    "S": 1.2,
    "X": 2.0,
    "Y": 3.0,
    "C": 9.0,
    "express": math.inf,
}
RURAL_COST = {
    "arterial": 1.0,
    "secondary": 1.1,
    "branch": 3.0,
    "lane": 20.0,
    "G": 0.8,
    "S": 0.8,
    "X": 0.85,
    "Y": 1.0,
    "C": 3.5,
    "express": math.inf,
}
MAIN = frozenset({"arterial", "secondary"})
RURAL_ROADS = frozenset("GSXY") | MAIN
SERVED_M = 700.0  # a village so near to a route needs no other
ONWARD_M = 5500.0  # how far a route goes on to the next unserved village
CALLS = 4  # unserved villages that one route is led through
FIRST_RURAL = 201
CROSSING = 2  # main streets that meet at a crossing

Service = dict[Step, list["Route"]]


@dataclass(frozen=True, eq=False)
class Route:
    """A bus route: number, path outward, trips a day, first and last bus in minutes of the day."""

    number: str
    path: tuple[Step, ...]
    trips: int
    first_min: int
    last_min: int

    @property
    def order(self) -> tuple[int, str]:
        """The key by which stops list their routes."""
        return len(self.number), self.number


@dataclass
class _Pathfinder:
    network: Network
    costs: Mapping[str, float]

    def __post_init__(self) -> None:
        self.price = [
            math.inf if item.oneway else item.line.length * self.costs[item.road_class]
            for item in self.network.segments
        ]

    def path(self, nodes: list[int]) -> tuple[Step, ...]:
        """Lead a path through nodes in order."""
        steps: list[Step] = []
        for one, two in itertools.pairwise(nodes):
            if one != two:
                steps += self.network.graph.path([one], {two}, self.price.__getitem__)
        return tuple(steps)


def urban_routes(network: Network) -> list[Route]:
    """Lead the town's routes through the plan's crossings."""
    rng, graph = stream("urban-routes"), network.graph
    is_main = [item.road_class in MAIN for item in network.segments]
    crossings = [
        node for node, found in graph.at.items() if sum(is_main[item] for item in found) >= CROSSING
    ]
    finder = _Pathfinder(network, URBAN_COST)
    routes = []
    for item in plan.courses("town_routes"):
        path = finder.path([graph.nearest(x, y, crossings) for x, y in item.points.tolist()])
        trips, first, last = rng.integers([28, 36, 110], [76, 39, 126]).tolist()
        routes.append(Route(item.name, path, trips, first * 10, last * 10))
    return routes


def rural_routes(network: Network, places: Places) -> list[Route]:
    """Lead country routes from the coach station over each seat until all villages are near one."""
    rng, graph = stream("rural-routes"), network.graph
    roads = _road_nodes(graph, network)
    finder = _Pathfinder(network, RURAL_COST)
    depot = graph.nearest(*DEPOT, roads)
    routes: list[Route] = []
    for township in plan.seats():
        mine = [site for site in places.villages if site.township == township.name]
        seat = graph.nearest(township.x, township.y, roads)
        start = finder.path([depot, seat])
        while mine:
            calls = _calls(mine, (township.x, township.y))
            nodes = [seat, *(graph.nearest(site.x, site.y, roads) for site in calls)]
            path = start + finder.path(nodes)
            trips, first, last = rng.integers([3, 35, 101], [9, 40, 112]).tolist()
            number = str(FIRST_RURAL + len(routes))
            routes.append(Route(number, path, trips * 2, first * 10, last * 10))
            mine = _unserved([site for site in mine if site not in calls], path, network)
    return routes


def _road_nodes(graph: Graph, network: Network) -> list[int]:
    is_road = [item.road_class in RURAL_ROADS for item in network.segments]
    return [node for node, found in graph.at.items() if any(is_road[item] for item in found)]


def _calls(sites: list[Settlement], seat: tuple[float, float]) -> list[Settlement]:
    """Choose the villages of one route: towards the farthest, nearest first, on its way out."""
    far = max(sites, key=lambda site: math.dist((site.x, site.y), seat))
    calls, rest = [far], [site for site in sites if site is not far]
    while rest and len(calls) < CALLS:
        # from the far end back to the seat, as long as each step brings the route nearer to it
        last = calls[-1]
        gap = math.dist((last.x, last.y), seat)
        inward = [site for site in rest if math.dist((site.x, site.y), seat) < gap]
        near = min(inward, key=lambda site: spot_of(site).distance(spot_of(last)), default=None)
        if near is None or spot_of(near).distance(spot_of(last)) > ONWARD_M:
            break
        calls.append(near)
        rest.remove(near)
    return calls[::-1]


def _unserved(
    sites: list[Settlement], path: tuple[Step, ...], network: Network
) -> list[Settlement]:
    lines = shapely.union_all([network.segments[index].line for index, _ in path])
    far = ~shapely.dwithin(np.array([spot_of(site) for site in sites]), lines, SERVED_M)
    return [site for site, is_far in zip(sites, np.atleast_1d(far), strict=True) if is_far]


def edge_service(graph: Graph, routes: list[Route]) -> Service:
    """Give the routes that run along each edge towards each of its ends, out and back."""
    service: Service = defaultdict(list)
    for route in routes:
        for index, node in route.path:
            for key in ((index, node), (index, graph.other(index, node))):
                if route not in service[key]:
                    service[key].append(route)
    return service
