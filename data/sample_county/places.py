"""Areas and landmarks, and who lies where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import shapely
from shapely import Point, Polygon

from data.sample_county import plan

if TYPE_CHECKING:
    from data.sample_county.segments import Network
    from data.sample_county.settlements import Settlement

STREET_CLEAR_M = 45.0  # a landmark keeps so far from every street
PUSHED_M = 48.0
PUSHES = 6


@dataclass
class Area:
    """An area of local metres with its codes and population."""

    name: str
    code: str
    shape: Polygon
    township: str
    township_code: str
    kind: str = ""
    population: int = 0


@dataclass
class Landmark:
    """A named place that stops, cases and areas are named after."""

    name: str
    kind: str
    spot: Point


@dataclass
class Places:
    """All areas and landmarks, with a lookup from a place to its township and community."""

    townships: list[Area]
    communities: list[Area]
    lands: list[Area]
    villages: list[Settlement]
    landmarks: dict[str, Landmark] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._areas = self.communities + self.lands
        self._tree = shapely.STRtree([area.shape for area in self._areas])

    def area_at(self, x: float, y: float) -> Area:
        """Give the community or village whose land holds a place, or lies nearest to it."""
        return self._areas[int(self._tree.nearest(Point(x, y)))]

    def where(self, x: float, y: float) -> dict[str, str]:
        """Give the fields that say where a feature lies."""
        area = self.area_at(x, y)
        return {
            "township_code": area.township_code,
            "community": area.name,
            "grid_code": area.code + "001",
        }

    def spot(self, name: str) -> Point:
        """Give a landmark's place."""
        return self.landmarks[name].spot

    def landmark_near(self, spot: Point) -> str:
        """Name the landmark nearest to a place."""
        return min(self.landmarks.values(), key=lambda item: item.spot.distance(spot)).name


def place_landmarks(network: Network) -> dict[str, Landmark]:
    """Put the plan's landmarks down, moved off the nearest street where they stand on one."""
    return {
        item.name: Landmark(item.name, item.kind, _off_street(Point(item.x, item.y), network))
        for item in plan.landmarks()
    }


def _off_street(spot: Point, network: Network) -> Point:
    for _ in range(PUSHES):
        line = network.segments[int(network.tree.nearest(spot))].line
        gap = spot.distance(line)
        if gap >= STREET_CLEAR_M:
            break
        foot = line.interpolate(line.project(spot))
        push = (PUSHED_M - gap) / max(gap, 0.5)
        # the small constants free a place that stands exactly on a street
        spot = Point(
            spot.x + (spot.x - foot.x) * push + 0.3, spot.y + (spot.y - foot.y) * push + 0.2
        )
    return spot
