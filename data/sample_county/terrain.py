"""The lie of the land: county outline, lake, canal, rivers and ponds, hand-drawn and roughened."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Polygon

from data.sample_county import plan
from data.sample_county.chance import stream
from data.sample_county.lines import curve, largest, longest, smoothed, turned, wiggled
from data.sample_county.shapes import as_line, as_polygon

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from data.sample_county.frame import Floats

CANAL_WIDTH_M = 92.0
MOAT = "护城河"
STILL = frozenset({"lake", "pond"})
FISH_PONDS = 46
FISH_POND_TRIES = 20_000


@dataclass
class Water:
    """A named water: its outline and kind (lake, canal, river, pond, fish_pond)."""

    name: str
    kind: str
    shape: Polygon


@dataclass
class Terrain:
    """County outline, the waters, and the middle lines of canal and rivers, in local metres."""

    county: Polygon
    canal: LineString
    rivers: dict[str, LineString]
    waters: list[Water] = field(default_factory=list)

    @property
    def lake(self) -> Polygon:
        """The lake, first among the waters."""
        return self.waters[0].shape

    @property
    def land(self) -> Polygon:
        """The county without the lake."""
        return largest(self.county.difference(self.lake))

    @cached_property
    def still_water(self) -> BaseGeometry:
        """Lake and marshes: no road crosses them."""
        return shapely.union_all([item.shape for item in self.waters if item.kind in STILL])

    def wet(self, margin_m: float = 0.0) -> BaseGeometry:
        """Join all waters, widened by ``margin_m``, prepared for many questions."""
        shapes = np.array([item.shape for item in self.waters])
        joined = shapely.union_all(shapely.buffer(shapes, margin_m) if margin_m else shapes)
        shapely.prepare(joined)
        return joined


def make_terrain() -> Terrain:
    """Build outline and waters; fish ponds are added when the roads are known."""
    rng = stream("terrain")
    outline = plan.area("outline")
    county = largest(Polygon(wiggled(_closed(outline), rng, ratio=0.085, step_m=380)).buffer(0))
    lake = _lake(county, rng)
    canal_line = curve(plan.area("canal"), tolerance_m=8)
    band = canal_line.buffer(CANAL_WIDTH_M / 2, cap_style="flat")
    canal = as_polygon(largest(band.intersection(county)).simplify(3))
    rivers = {item.name: _river(item.points, rng) for item in plan.courses("rivers")}
    terrain = Terrain(county, longest(canal_line.intersection(county)), rivers)
    terrain.waters = [Water("白荻湖", "lake", lake), Water("运河", "canal", canal)]
    for item in plan.courses("rivers"):
        strip = rivers[item.name].buffer(item.width_m / 2, cap_style="flat")
        shape = largest(strip.intersection(county).difference(canal).simplify(2))
        terrain.waters.append(Water(item.name, "river", shape))
    for spot in plan.marshes():
        terrain.waters.append(Water(spot.name, "pond", _marsh(spot, rng)))
    return terrain


def _closed(xy: Floats) -> Floats:
    return np.vstack([xy, xy[:1]])


def _lake(county: Polygon, rng: np.random.Generator) -> Polygon:
    shore = wiggled(_closed(plan.area("lake")), rng, ratio=0.055, step_m=330)
    drawn = Polygon(smoothed(shore, rounds=1, closed=True)).simplify(6)
    lake = largest(drawn.intersection(county))
    # slivers of land between the lake and the outline go to the lake
    rest = county.difference(lake)
    return largest(lake.union(rest.difference(largest(rest))))


def _river(points: Floats, rng: np.random.Generator) -> LineString:
    bent = wiggled(points, rng, ratio=0.045, step_m=1100)
    return as_line(LineString(smoothed(bent, rounds=2)).simplify(12))


def _marsh(spot: plan.Spot, rng: np.random.Generator) -> Polygon:
    angles = np.linspace(0, 2 * np.pi, 11)[:-1] + rng.uniform(-0.2, 0.2, 10)
    radii = spot.radius_m * rng.uniform(0.6, 1.3, 10)
    offsets = np.column_stack([radii * np.cos(angles) * 1.2, radii * np.sin(angles)])
    ring = np.array([spot.x, spot.y]) + offsets
    return as_polygon(Polygon(smoothed(ring, rounds=2, closed=True)).simplify(6))


def add_fish_ponds(terrain: Terrain, roads: BaseGeometry, keep_out: Polygon) -> None:
    """Dig fish ponds near lake and marshes, clear of roads, other water and ``keep_out``."""
    rng = stream("ponds")
    taken = [item.shape for item in terrain.waters]
    inner = terrain.land.buffer(-250).difference(keep_out)
    shapely.prepare([roads, inner])
    middles = np.array([(spot.x, spot.y) for spot in plan.marshes()])
    anchors = np.vstack([shapely.get_coordinates(terrain.lake.exterior), middles])
    made = 0
    for _ in range(FISH_POND_TRIES):
        if made == FISH_PONDS:
            break
        pond = _fish_pond(anchors[int(rng.integers(len(anchors)))], rng)
        if not inner.contains(pond) or shapely.dwithin(roads, pond, 45):
            continue
        if shapely.dwithin(taken, pond, 30).any():
            continue
        made += 1
        terrain.waters.append(Water(f"鱼塘{made:02d}", "fish_pond", pond))
        taken.append(pond)


def _fish_pond(anchor: Floats, rng: np.random.Generator) -> Polygon:
    middle = anchor + rng.normal(0, 1300, 2)
    size = np.array([rng.uniform(130, 420), rng.uniform(90, 230)])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size / 2
    return Polygon(turned(corners, rng.normal(0.05, 0.12)) + middle)
