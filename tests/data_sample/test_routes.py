from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from data.sample_county import plan
from data.sample_county.routes import SERVED_M, Route, edge_service
from data.sample_county.settlements import spot_of

if TYPE_CHECKING:
    from data.sample_county.county import County
    from data.sample_county.segments import Network


def test_routes_are_unbroken_paths(county: County) -> None:
    graph = county.network.graph
    for route in county.routes:
        for (_, node), (onward, _) in zip(route.path[:-1], route.path[1:], strict=True):
            assert node in {graph.edges[onward].start, graph.edges[onward].end}
        assert 300 <= route.first_min < route.last_min < 1440
        assert route.trips > 0


def test_every_town_route_is_led(county: County) -> None:
    numbers = [route.number for route in county.routes]
    assert {item.name for item in plan.courses("town_routes")} <= set(numbers)
    assert len(set(numbers)) == len(numbers)
    assert len(numbers) - len(plan.courses("town_routes")) <= 86  # the rural buses


def test_country_routes_pass_the_villages(county: County) -> None:
    used = {index for route in county.routes for index, _ in route.path}
    lines = shapely.union_all([county.network.segments[index].line for index in sorted(used)])
    spots = np.array([spot_of(item) for item in county.places.villages])
    assert shapely.dwithin(spots, lines, 3 * SERVED_M).mean() > 0.97


def test_buses_serve_both_directions(small_network: Network) -> None:
    graph = small_network.graph
    route = Route("1", ((0, graph.edges[0].end),), 10, 360, 1200)
    service = edge_service(graph, [route, route])
    assert service == {(0, graph.edges[0].end): [route], (0, graph.edges[0].start): [route]}


def test_routes_are_listed_by_number() -> None:
    routes = [Route(number, (), 1, 0, 1) for number in ("10", "游1", "2")]
    assert [item.number for item in sorted(routes, key=lambda item: item.order)] == [
        "2",
        "10",
        "游1",
    ]
