"""Side streets: each block between main streets is divided until it has its quarter's size."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.ops import split

from data.sample_county.chance import share, stream
from data.sample_county.graph import Street
from data.sample_county.lines import longest
from data.sample_county.shapes import as_mask, as_polygon, points
from data.sample_county.terrain import MOAT, Terrain
from data.sample_county.town import QUARTERS, Quarter, quarter

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from data.sample_county.frame import Floats

MOAT_BANK_M = 18.0
MOAT_STOPS = 0.7  # share of the lesser streets that stop at the moat
SHORTEST_STREET_M = 60.0
SHORTEST_CUT_M = 80.0
REACH_M = 3000.0  # longer than any block
OVERSHOOT = 0.6  # a cut runs this far over the block's rim, so that it is noded there
BIG = 5.0  # only blocks below this many usual sizes may stay whole


@dataclass
class Divider:
    """Divides the blocks of one quarter; remembers where streets ended on the rims."""

    rng: np.random.Generator
    ends: list[Floats] = field(default_factory=list)

    def divide(self, block: Polygon, place: str, depth: int = 0) -> list[tuple[int, LineString]]:
        """Cut a block, then its parts; gives depth and line of each cut."""
        style = QUARTERS[place]
        if self._is_done(block, style, depth):
            return []
        line = self._cut(block, style, bent=place == "old")
        if line is None:
            return []
        self.ends += [np.array(line.coords[0]), np.array(line.coords[-1])]
        found = [(depth, line)]
        for part in split(block, line).geoms:
            found += self.divide(as_polygon(part), place, depth + 1)
        return found

    def _is_done(self, block: Polygon, style: Quarter, depth: int) -> bool:
        if block.area < style.block_m2 * self.rng.uniform(1.25, 2.1):
            return True
        may_stay = depth > 0 and block.area < style.block_m2 * BIG
        return may_stay and share(self.rng, style.whole)

    def _cut(self, block: Polygon, style: Quarter, *, bent: bool) -> LineString | None:
        """Draw a line across the block's long side, through a street end where one is near."""
        corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(block))[:4]
        sides = np.roll(corners, -1, axis=0) - corners
        long = int(np.argmax(np.hypot(*sides.T)))
        angle = math.atan2(sides[long][1], sides[long][0]) + math.pi / 2
        angle += self.rng.normal(0, style.jitter)
        way = np.array([math.cos(angle), math.sin(angle)])
        middle = corners[long] + sides[(long + 1) % 4] / 2
        at = self._start(block, middle, sides[long], style)
        inside = longest(LineString([at - REACH_M * way, at + REACH_M * way]).intersection(block))
        if inside.length < SHORTEST_CUT_M:
            return None
        tips = shapely.get_coordinates(inside)[[0, -1]]
        out = (tips[1] - tips[0]) / inside.length
        push = self.rng.normal(0, style.jitter * 0.35) * inside.length
        bend = [tips.mean(axis=0) + push * np.array([-out[1], out[0]])] if bent else []
        return LineString([tips[0] - OVERSHOOT * out, *bend, tips[1] + OVERSHOOT * out])

    def _start(self, block: Polygon, middle: Floats, along: Floats, style: Quarter) -> Floats:
        """Choose the place that the cut is led through."""
        length = float(np.hypot(*along))
        across = along / length
        at = middle + along * self.rng.uniform(0.38, 0.62)
        known = np.array(self.ends).reshape(-1, 2)
        known = known[np.abs((known - at) @ across) < 0.22 * length]
        rim = known[as_mask(shapely.dwithin(points(known), block.exterior, 2.0))]
        if len(rim) and share(self.rng, style.meet):
            best: Floats = rim[int(np.argmin(np.abs((rim - at) @ across)))]
            return best
        return at


def side_streets(terrain: Terrain, mains: list[Street]) -> list[Street]:
    """Lay the unnamed branch streets, and the old town's lanes, between the main streets."""
    divider = Divider(stream("town"))
    walls = shapely.union_all([street.line for street in mains])
    moat = terrain.rivers[MOAT].buffer(MOAT_BANK_M)
    made: list[Street] = []
    for block in _blocks(walls):
        if block.intersects(terrain.canal):
            continue
        place = quarter(block.centroid.x, block.centroid.y)
        for depth, line in divider.divide(block, place):
            stops = depth > 1 and share(divider.rng, MOAT_STOPS)
            parts = shapely.get_parts(line.difference(moat) if stops else line)
            road_class = "lane" if place == "old" and depth > 1 else "branch"
            made += [
                Street(part, road_class, kind="town", factor=1.5)
                for part in parts
                if part.length > SHORTEST_STREET_M
            ]
    return made


def _blocks(walls: BaseGeometry) -> list[Polygon]:
    faces = shapely.get_parts(shapely.polygonize([walls]))
    return sorted(faces, key=lambda face: (round(face.centroid.y), round(face.centroid.x)))
