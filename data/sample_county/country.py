"""Trunk roads and expressways drawn by hand, with ramps where they meet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import shapely
from shapely import LineString, Point, Polygon

from data.sample_county import plan
from data.sample_county.graph import RAMP, Street
from data.sample_county.lines import curve, cut, longest
from data.sample_county.shapes import as_line

if TYPE_CHECKING:
    from data.sample_county.terrain import Terrain

RAMP_START_M = 620.0  # from the crossing, along the expressway
RAMP_END_M = 420.0  # along the other road
INSET_M = 20.0  # trunk roads end so far inside the boundary


def trunk_streets(terrain: Terrain) -> list[Street]:
    """Draw national, provincial and county trunks, expressways and their ramps."""
    edge = terrain.county.buffer(-INSET_M)
    roads = [_street(item, edge, item.road_class) for item in plan.courses("trunks")]
    fast = [_street(item, edge, "express") for item in plan.courses("expressways")]
    return roads + _with_ramps(roads, fast)


def _street(item: plan.Course, edge: Polygon, road_class: str) -> Street:
    line = longest(curve(item.points, tolerance_m=10).intersection(edge))
    is_free = road_class == "express"
    return Street(line, road_class, item.name, item.code, factor=0.45, free=is_free)


def _with_ramps(roads: list[Street], fast: list[Street]) -> list[Street]:
    """Cut the expressways where ramps leave them, and add the ramps."""
    breaks: dict[str, list[float]] = {street.name: [] for street in fast}
    ramps: list[Street] = []
    for name, first, second in plan.interchanges():
        one = next(street for street in fast if street.name == first)
        others = [street for street in roads + fast if street.name == second]
        two = min(others, key=lambda street: street.line.distance(one.line))
        spot = Point(shapely.get_coordinates(one.line.intersection(two.line))[0])
        there = two.line.project(spot) + RAMP_END_M
        if two.free:
            breaks[second].append(there)
        for sign in (1, -1):
            here = one.line.project(spot) + sign * RAMP_START_M
            breaks[first].append(here)
            line = _ramp(one.line, two.line, here, (sign, there))
            ramps.append(Street(line, "express", name + RAMP, one.code, free=two.free))
    return [piece for street in fast for piece in _pieces(street, breaks[street.name])] + ramps


def _ramp(one: LineString, two: LineString, here: float, goal: tuple[int, float]) -> LineString:
    """Bend a ramp from chainage ``here`` of one road to chainage ``there`` of another."""
    sign, there = goal
    on_one = shapely.line_interpolate_point(one, [here, here - sign * 320])
    on_two = shapely.line_interpolate_point(two, [there - 170, there])
    bent = shapely.get_coordinates([*on_one, *on_two])
    bent[1:3] += (bent[3] - bent[1:3]) * 0.25
    return as_line(LineString(bent).simplify(4))


def _pieces(street: Street, breaks: list[float]) -> list[Street]:
    stops = sorted({0.0, street.line.length, *breaks})
    return [replace(street, line=part) for part in cut(street.line, stops)]
