"""The county town: its outline, quarters and the main streets drawn by hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from data.sample_county import plan
from data.sample_county.graph import Street
from data.sample_county.lines import curve, largest, longest

if TYPE_CHECKING:
    from data.sample_county.terrain import Terrain

WORKS_EAST_M = 3690.0  # the works lie east of this and south of WORKS_NORTH_M,
WORKS_NORTH_M = -1250.0
BEYOND_RING_M = 5080.0  # and everywhere beyond the eastern ring road
WEST_BANK_M, EAST_BANK_M = -210.0, 175.0  # the canal streets, from the canal's middle line


@dataclass(frozen=True)
class Quarter:
    """How a quarter is built.

    Attributes
    ----------
    block_m2
        Usual area of a block.
    jitter
        Spread of street angles in radians.
    whole
        Share of larger blocks that are left undivided.
    meet
        Share of streets that continue another one across the street that they end on.
    """

    block_m2: float
    jitter: float
    whole: float
    meet: float = 0.92


QUARTERS = {
    "old": Quarter(23_000, 0.16, 0.02, 0.35),
    "new": Quarter(44_000, 0.02, 0.05),
    "west": Quarter(65_000, 0.05, 0.08),
    "works": Quarter(130_000, 0.015, 0.08),
}


@cache
def town_outline() -> Polygon:
    """Give the built-up town that the communities tile."""
    points = plan.area("town")
    ring = curve(np.vstack([points, points[:1]]), tolerance_m=3)
    return largest(Polygon(ring.coords).buffer(0))


@cache
def _old_town() -> Polygon:
    shape = Polygon(plan.area("old_town"))
    shapely.prepare(shape)
    return shape


@cache
def _canal() -> tuple[list[float], list[float]]:
    x, y = shapely.get_coordinates(curve(plan.area("canal"))).T
    order = np.argsort(y)
    return y[order].tolist(), x[order].tolist()


def quarter(x: float, y: float) -> str:
    """Tell which quarter a place of the town lies in: old, west, works or new."""
    if _old_town().contains(Point(x, y)):
        return "old"
    if x < float(np.interp(y, *_canal())):
        return "west"
    in_works = x > WORKS_EAST_M and y < WORKS_NORTH_M
    return "works" if in_works or x > BEYOND_RING_M else "new"


def main_streets(terrain: Terrain) -> list[Street]:
    """Draw the named main streets and the two on the canal's dykes."""
    drawn = [
        Street(curve(item.points, tolerance_m=2), item.road_class, item.name, kind="town")
        for item in plan.courses("streets")
    ]
    by_name = {street.name: street.line for street in drawn}
    north, south = by_name["环城北路"], by_name["环城南路"]
    ring = Polygon([*north.coords, *reversed(south.coords)])
    for name, shift in (("运河西路", WEST_BANK_M), ("运河东路", EAST_BANK_M)):
        bank = LineString([(x + shift, y) for x, y in terrain.canal.coords]).simplify(6)
        line = longest(bank.intersection(ring))
        drawn.append(Street(line, "secondary", name, kind="town"))
    return drawn
