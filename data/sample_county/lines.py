"""Natural-looking lines: roughened, smoothed and drawn ones, and places beside them."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from data.sample_county.shapes import as_line, as_polygon

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry.base import BaseGeometry

    from data.sample_county.frame import Floats

HEADING_STEP_M = 4.0  # a heading is measured over twice this length


def wiggled(xy: Floats, rng: np.random.Generator, *, ratio: float, step_m: float) -> Floats:
    """Roughen a line by midpoint displacement.

    Parameters
    ----------
    xy
        The line's vertices, shape (n, 2).
    rng
        The random stream.
    ratio
        Sideways push as a share of a piece's length.
    step_m
        Pieces no longer than this stay straight.

    Returns
    -------
    xy
        More vertices, the given ones among them.
    """
    pieces = [xy[0]]
    for start, end in itertools.pairwise(xy):
        pieces.extend(_displaced((start, end), rng, ratio, step_m))
    return np.array(pieces)


def _displaced(
    ends: tuple[Floats, Floats], rng: np.random.Generator, ratio: float, step_m: float
) -> list[Floats]:
    start, end = ends
    delta = end - start
    if math.hypot(delta[0], delta[1]) <= step_m:
        return [end]
    push = min(max(rng.normal(0, ratio), -2 * ratio), 2 * ratio)
    sideways = np.array([-delta[1], delta[0]])
    middle = start + delta * rng.uniform(0.42, 0.58) + push * sideways
    left = _displaced((start, middle), rng, ratio, step_m)
    return left + _displaced((middle, end), rng, ratio, step_m)


def smoothed(xy: Floats, *, rounds: int = 3, closed: bool = False) -> Floats:
    """Cut corners by Chaikin's rule; an open line keeps its ends.

    References
    ----------
    Chaikin, G. (1974). An algorithm for high-speed curve generation.
    """
    for _ in range(rounds):
        ring = np.vstack([xy, xy[:1]]) if closed and not np.allclose(xy[0], xy[-1]) else xy
        cut = np.empty((2 * (len(ring) - 1), 2))
        cut[0::2] = 0.75 * ring[:-1] + 0.25 * ring[1:]
        cut[1::2] = 0.25 * ring[:-1] + 0.75 * ring[1:]
        xy = np.vstack([cut, cut[:1]]) if closed else np.vstack([ring[:1], cut, ring[-1:]])
    return xy


def curve(xy: Floats, *, tolerance_m: float = 4.0) -> LineString:
    """Lead a smooth line through control points in metres."""
    return as_line(LineString(smoothed(xy)).simplify(tolerance_m))


def largest(geom: BaseGeometry) -> Polygon:
    """Give the largest part of an areal geometry."""
    return as_polygon(max(shapely.get_parts(geom), key=lambda part: float(part.area)))


def longest(geom: BaseGeometry) -> LineString:
    """Give the longest part of a lineal geometry; an empty line where there is none."""
    parts = [part for part in shapely.get_parts(geom) if part.geom_type == "LineString"]
    return max(parts, key=lambda part: float(part.length), default=LineString())


def cut(line: LineString, stops: Iterable[float]) -> list[LineString]:
    """Cut a line at ascending chainages; the first and the last stand for its ends."""
    coords = shapely.get_coordinates(line)
    steps = np.hypot(*np.diff(coords, axis=0).T)
    chain = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.fromiter(stops, dtype=float)
    tips = np.column_stack([np.interp(at, chain, coords[:, axis]) for axis in (0, 1)])
    first, last = np.searchsorted(chain, at[:-1], "right"), np.searchsorted(chain, at[1:], "left")
    return [
        LineString(np.vstack([tips[k : k + 1], coords[first[k] : last[k]], tips[k + 1 : k + 2]]))
        for k in range(len(at) - 1)
    ]


def side_point(line: LineString, at_m: float, offset_m: float) -> tuple[float, float, float]:
    """Find the place ``offset_m`` to the right of a line.

    Parameters
    ----------
    line
        A line in local metres.
    at_m
        Chainage along it.
    offset_m
        Distance to the right; negative to the left.

    Returns
    -------
    x, y
        The place.
    heading
        Direction of the line there in radians, east 0, counter-clockwise.
    """
    at = np.clip([at_m, at_m - HEADING_STEP_M, at_m + HEADING_STEP_M], 0.0, line.length)
    here, behind, ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    heading = math.atan2(ahead[1] - behind[1], ahead[0] - behind[0])
    x = float(here[0]) + offset_m * math.sin(heading)
    return x, float(here[1]) - offset_m * math.cos(heading), heading


def compass(heading: float) -> str:
    """Name a heading in radians (east 0, counter-clockwise) as E, N, W or S."""
    return "ENWS"[round(heading / (math.pi / 2)) % 4]


def bearing_name(east: float, north: float) -> str:
    """Name the side that an offset points to: 东, 西, 南 or 北."""
    if abs(east) > abs(north):
        return "东" if east > 0 else "西"
    return "北" if north > 0 else "南"


def side_of(spot: Point, line: LineString) -> str:
    """Name the side of a line that a place lies on: 东, 西, 南 or 北."""
    foot = line.interpolate(line.project(spot))
    return bearing_name(spot.x - foot.x, spot.y - foot.y)


def turned(points: Floats, angle: float) -> Floats:
    """Turn points about the origin by ``angle`` radians, clockwise as row vectors."""
    cos, sin = math.cos(angle), math.sin(angle)
    result: Floats = points @ np.array([[cos, sin], [-sin, cos]])
    return result
