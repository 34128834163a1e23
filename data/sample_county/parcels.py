"""Where a car-wash site could stand: plots with frontage on a street."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from data.sample_county.chance import share, side, stream, weighted
from data.sample_county.lines import side_of
from data.sample_county.records import shape_fields
from data.sample_county.segments import WALKED, Network, Segment
from data.sample_county.town import quarter, town_outline
from data.sample_county.write import Layer, Row

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from data.sample_county.places import Places
    from data.sample_county.terrain import Terrain

PARCELS = 60
SHORTEST_FRONT_M = 90.0
BANK_M = 15.0
APART_M = 60.0
LANDMARK_CLEAR_M = 12.0
VERGE_M = 3.0  # from any carriageway
ROAD_REACH_M = 16.0
BAY_M2 = 75.0
OLD_TOWN_SKIP = 0.6
SCALE = {"old": 0.65, "new": 1.0, "west": 1.1, "works": 1.5}
PRICE = {"old": 1.9, "new": 1.25, "west": 0.85, "works": 0.6}
SEWER = {"old": 0.9, "new": 0.85, "west": 0.5, "works": 0.7}
OWNERS = {"state": 0.45, "collective": 0.3, "company": 0.25}
OWNER_COST = {"state": 0.0, "collective": 15.0, "company": 40.0}
LAND_USE = {
    "new": {
        "reserve": 0.3,
        "parking": 0.28,
        "commercial": 0.2,
        "utility": 0.14,
        "green_edge": 0.08,
    },
    "works": {"industrial": 0.5, "logistics": 0.25, "reserve": 0.25},
    "old": {"parking": 0.6, "commercial": 0.4},
    "west": {"reserve": 0.5, "parking": 0.3, "utility": 0.2},
}


@dataclass
class Plot:
    """A plot in local metres: its street, its quarter and how long it fronts the street."""

    front: Segment
    shape: Polygon
    place: str
    frontage_m: float


@dataclass
class _Surveyor:
    places: Places
    network: Network
    wet: BaseGeometry
    rng: np.random.Generator = field(default_factory=lambda: stream("parcels"))
    plots: list[Plot] = field(default_factory=list)

    def __post_init__(self) -> None:
        town = town_outline()
        shapely.prepare(town)
        self.fronts = [
            item
            for item in self.network.segments
            if item.road_class in WALKED
            and item.line.length > SHORTEST_FRONT_M
            and town.contains(item.line)
        ]

    def draw(self) -> Plot | None:
        """Draw a plot; None where the old town has no room for it."""
        rng = self.rng
        front = self.fronts[int(rng.integers(len(self.fronts)))]
        line = front.line
        middle = line.interpolate(line.length / 2)
        place = quarter(middle.x, middle.y)
        if place == "old" and share(rng, OLD_TOWN_SKIP):
            return None
        size = SCALE[place] * rng.uniform([26.0, 24.0], [62.0, 58.0])
        at = rng.uniform(45, line.length - 40)
        offset = side(rng) * (front.width_m / 2 + rng.uniform(5, 9))
        return Plot(front, _rectangle(line, at, offset, size), place, float(size[0]))

    def is_free(self, plot: Plot) -> bool:
        """Tell whether a plot is clear of roads, water, landmarks and other plots."""
        shape, network = plot.shape, self.network
        near = network.tree.query(shape, predicate="dwithin", distance=ROAD_REACH_M)
        for item in near.tolist():
            segment = network.segments[item]
            if shape.distance(segment.line) < segment.width_m / 2 + VERGE_M:
                return False
        if self.wet.intersects(shape) or not town_outline().contains(shape):
            return False
        if any(shape.distance(other.shape) < APART_M for other in self.plots):
            return False
        marks = self.places.landmarks.values()
        return all(item.spot.distance(shape) >= LANDMARK_CLEAR_M for item in marks)


def _rectangle(
    line: LineString,
    at_m: float,
    offset_m: float,
    size: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> Polygon:
    """Lay a rectangle (front, depth in m) beside a line; a negative offset is on its left."""
    foot, ahead = shapely.get_coordinates(line.interpolate([at_m, at_m + 5.0]))
    way = (ahead - foot) / np.hypot(*(ahead - foot))
    out = np.sign(offset_m) * np.array([way[1], -way[0]])
    corner = foot + out * abs(offset_m) - way * size[0] / 2
    along, deep = way * size[0], out * size[1]
    return Polygon([corner, corner + along, corner + along + deep, corner + deep])


def parcel_layer(places: Places, network: Network, terrain: Terrain) -> Layer:
    """Survey sixty plots, clear of roads, water and each other."""
    surveyor = _Surveyor(places, network, terrain.wet(BANK_M))
    while len(surveyor.plots) < PARCELS:
        plot = surveyor.draw()
        if plot is not None and surveyor.is_free(plot):
            surveyor.plots.append(plot)
    rng = stream("parcel-rows")
    rows = [_row(number, plot, places, rng) for number, plot in enumerate(surveyor.plots, start=1)]
    return Layer("candidate_parcels", rows, [plot.shape for plot in surveyor.plots])


def _row(number: int, plot: Plot, places: Places, rng: np.random.Generator) -> Row:
    shape, front = plot.shape, plot.front
    has_sewer = share(rng, SEWER[plot.place])
    owner = weighted(rng, OWNERS)
    cost = shape.area * 0.055 * PRICE[plot.place] * rng.uniform(0.8, 1.25) + OWNER_COST[owner]
    cost += 0.0 if has_sewer else rng.uniform(12, 40)
    middle = Point(shape.centroid)
    return {
        "feature_id": f"CP{number:03d}",
        "parcel_id": f"DK{number:03d}",
        "parcel_name": f"{front.name}{side_of(middle, front.line)}侧{number:02d}号地块",
        "road_name": front.name,
        "road_id": front.road_id,
        "frontage_m": round(plot.frontage_m, 1),
        "area_m2": round(shape.area),
        "land_use": weighted(rng, LAND_USE[plot.place]),
        "sewer": has_sewer,
        "water_supply": share(rng, 0.93),
        "owner_type": owner,
        "max_bays": min(max(int(shape.area / BAY_M2), 4), 40),
        "cost_wan": round(cost, 1),
        "available_from": f"2024-{int(rng.integers(7, 13)):02d}-01",
        **shape_fields(shape, places),
    }
