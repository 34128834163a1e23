from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shapely import Point, Polygon, box

from data.sample_county.roadside import Roadside, Stop, middle_of, numbered, poles
from data.sample_county.routes import Route, edge_service

if TYPE_CHECKING:
    from data.sample_county.segments import Network


def _roadside(network: Network, wet: Polygon) -> Roadside:
    path = tuple((index, edge.end) for index, edge in enumerate(network.graph.edges[:1]))
    route = Route("1", path, 10, 360, 1200)
    return Roadside(network, edge_service(network.graph, [route]), wet)


def test_poles_stand_on_the_right_of_their_direction(small_network: Network) -> None:
    roadside = _roadside(small_network, Polygon())
    there = roadside.place(0, 200, forward=True)
    back = roadside.place(0, 200, forward=False)
    assert there is not None
    assert back is not None
    assert (there.heading, back.heading) == ("E", "W")
    assert (there.y, back.y) == pytest.approx((-5.1, 5.1))
    assert [route.number for route in there.routes] == ["1"]
    assert there.trips == 10


def test_no_route_no_stop(small_network: Network) -> None:
    assert _roadside(small_network, Polygon()).place(1, 200, forward=True) is None


def test_poles_keep_off_the_water(small_network: Network) -> None:
    pond = box(-320, -20, -280, 0)
    pole = _roadside(small_network, pond).place(0, 200, forward=True)
    assert pole is not None
    assert not pond.intersects(Point(pole.x, pole.y))
    everywhere = box(-600, -600, 600, 600)
    assert _roadside(small_network, everywhere).place(0, 200, forward=True) is None


def test_stops_keep_their_distance(small_network: Network) -> None:
    roadside = _roadside(small_network, Polygon())
    one, two = (_stop(small_network, x) for x in (0.0, 200.0))
    assert roadside.claim([one], 300)
    assert not roadside.claim([two], 300)
    assert roadside.claim([two], 100)


def test_stops_are_numbered_along_their_road(small_network: Network) -> None:
    far, near = [_stop(small_network, 300)], [_stop(small_network, 100), _stop(small_network, 110)]
    assert [stop.chain_m for stop in numbered([far, near])] == [100, 110, 300]
    assert [stop.pair for stop in (*near, *far)] == [0, 0, 1]
    assert poles([far, near]) == 3
    assert middle_of(near) == Point(105, 0)


def _stop(network: Network, x: float) -> Stop:
    return Stop(x, 0.0, "E", network.segments[0], x, [])
