"""Poles at the roadside: on the right of their direction, on dry land, by no other road."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from shapely import Point

from data.sample_county.lines import compass, side_point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from data.sample_county.frame import Floats
    from data.sample_county.routes import Route, Service
    from data.sample_county.segments import Network, Segment

KERB_M = 1.1  # from the carriageway's edge
NEAREST_M, FARTHEST_M = 3.4, 11.6  # from the road's middle line
END_M = 16.0  # no pole nearer to a segment's end
OTHER_ROAD_M = 3.5  # another road is at least so much farther than the pole's own
TOLERANCE_M = 0.4
BANK_M = 4.0  # from any water
SHIFTS_M = (0, 14, -14, 28, -28, 42, -42, 60, -60, 80, -80)


@dataclass
class Stop:
    """A stop's pole: place in metres, direction, road segment and the routes that call."""

    x: float
    y: float
    heading: str
    segment: Segment
    chain_m: float
    routes: list[Route]
    name: str = ""
    pair: int = -1

    @property
    def trips(self) -> int:
        """Trips a day."""
        return sum(route.trips for route in self.routes)


Pair = list[Stop]


def middle_of(pair: Sequence[Stop]) -> Point:
    """Give the middle of the poles of one stop."""
    return Point(*np.mean([(stop.x, stop.y) for stop in pair], axis=0))


@dataclass
class Roadside:
    """What the placing of a stop must know: roads, routes, water widened by ``BANK_M``."""

    network: Network
    service: Service
    wet: BaseGeometry
    taken: Floats = field(default_factory=lambda: np.empty((0, 2)))

    def place(self, index: int, at_m: float, *, forward: bool) -> Stop | None:
        """Put a pole near chainage ``at_m`` of a segment for one direction.

        Returns
        -------
        stop
            None where roads or water leave no room, or no route runs in that direction.
        """
        segment = self.network.segments[index]
        routes = self.service.get((index, segment.end if forward else segment.start), [])
        if not routes:
            return None
        line = segment.line if forward else segment.line.reverse()
        offset = min(FARTHEST_M, max(NEAREST_M, segment.width_m / 2 + KERB_M))
        for shift in SHIFTS_M:
            at = (at_m if forward else line.length - at_m) + shift
            if not END_M <= at <= line.length - END_M:
                continue
            x, y, heading = side_point(line, at, offset)
            if self._is_free(Point(x, y), index, offset):
                chain_m = segment.chainage(at if forward else line.length - at)
                calls = sorted(routes, key=lambda route: route.order)
                return Stop(x, y, compass(heading), segment, chain_m, calls)
        return None

    def _is_free(self, pole: Point, index: int, offset: float) -> bool:
        reach = offset + OTHER_ROAD_M
        near = self.network.tree.query(pole, predicate="dwithin", distance=reach).tolist()
        if near != [index] or self.wet.intersects(pole):
            return False
        return abs(pole.distance(self.network.segments[index].line) - offset) <= TOLERANCE_M

    def claim(self, pair: Sequence[Stop], spacing_m: float) -> bool:
        """Take a stop's place unless another stop lies within ``spacing_m``."""
        middle = np.array(middle_of(pair).coords)
        if len(self.taken) and np.hypot(*(self.taken - middle).T).min() < spacing_m:
            return False
        self.taken = np.vstack([self.taken, middle])
        return True


def numbered(pairs: Sequence[Pair]) -> list[Stop]:
    """Give stops their numbers along their roads, and their poles in that order."""
    order = sorted(pairs, key=lambda pair: (pair[0].segment.name, pair[0].chain_m))
    for number, pair in enumerate(order):
        for stop in pair:
            stop.pair = number
    return [stop for pair in order for stop in pair]


def poles(pairs: Sequence[Pair]) -> int:
    """Count the poles of all stops."""
    return sum(len(pair) for pair in pairs)
