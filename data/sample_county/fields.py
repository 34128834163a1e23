"""Where country roads may run: a warped grid of field lines, each with its price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from data.sample_county.chance import stream
from data.sample_county.graph import Street
from data.sample_county.shapes import Mask, Shapes, as_mask, as_shapes, points
from data.sample_county.town import town_outline

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from data.sample_county.frame import Floats
    from data.sample_county.terrain import Terrain

SPACING_M = 455.0
COLUMNS, ROWS = 138, 128
SOUTHWEST_M = (-24_500.0, -22_500.0)
JITTER_M = 34.0
PULL_M = 0.34 * SPACING_M  # grid nodes nearer to a road than this are moved onto it
GOODNESS = (0.72, 0.95, 1.25, 1.6)  # price per metre of long straight dykes and of worse lines
RUN = 9  # grid cells over which a field line keeps its price
BRIDGE_PRICE_M, UNDERPASS_PRICE_M, CANAL_PRICE_M = 1100.0, 500.0, 1e6
EXPRESSWAY_CLEAR_M = 90.0
TOWN_OVERLAP_M, SHORE_M, STILL_CLEAR_M = 60.0, 140.0, 70.0

Indices = npt.NDArray[np.intp]


@dataclass
class Grid:
    """The grid's nodes in metres, shape (n, 2), and its links as node pairs, shape (m, 2)."""

    xy: Floats
    col: Indices
    row: Indices
    pairs: Indices

    @property
    def is_eastward(self) -> Mask:
        """True for links along a row, shape (m,)."""
        return as_mask(self.pairs[:, 1] == self.pairs[:, 0] + 1)


def field_grid(terrain: Terrain, fixed: list[Street]) -> list[Street]:
    """Lay candidate country roads along the field grid, tied to the fixed roads."""
    rng = stream("fields")
    grid = _grid(rng)
    roads = shapely.union_all([street.line for street in fixed if not street.free])
    fast = shapely.union_all([street.line for street in fixed if street.free])
    shapely.prepare([roads, fast])
    nodes = points(grid.xy)
    near = as_mask(shapely.dwithin(roads, nodes, PULL_M))
    grid.xy[near] = shapely.get_coordinates(shapely.shortest_line(nodes[near], roads))[1::2]
    # a link between two nodes on roads would run along a road
    grid.pairs = grid.pairs[~(near[grid.pairs[:, 0]] & near[grid.pairs[:, 1]])]
    lines = as_shapes(shapely.linestrings(grid.xy[grid.pairs]))
    good = as_mask(shapely.contains(_allowed(terrain), lines))
    by_expressway = as_mask(shapely.dwithin(fast, nodes, EXPRESSWAY_CLEAR_M))
    good &= ~by_expressway[grid.pairs].any(axis=1)
    extra = _crossings(terrain, lines, fast) / shapely.length(lines)
    factors = np.add(_prices(grid, rng), extra)
    return [
        Street(lines[index], "C", kind="lattice", factor=float(factors[index]))
        for index in np.flatnonzero(good)
    ]


def _grid(rng: np.random.Generator) -> Grid:
    col, row = (part.ravel() for part in np.meshgrid(np.arange(COLUMNS), np.arange(ROWS)))
    xy = _warped(col, row, rng.uniform(0, 2 * np.pi, 4))
    xy += rng.normal(0, JITTER_M, xy.shape)
    number = np.arange(COLUMNS * ROWS)
    east, north = number[col < COLUMNS - 1], number[row < ROWS - 1]
    eastward = np.column_stack([east, east + 1])
    northward = np.column_stack([north, north + COLUMNS])
    return Grid(xy, col, row, np.vstack([eastward, northward]))


def _warped(col: Indices, row: Indices, phase: Floats) -> Floats:
    """Place grid positions: a slightly turned grid, warped by long waves."""
    x, y = SOUTHWEST_M[0] + col * SPACING_M, SOUTHWEST_M[1] + row * SPACING_M
    u = x + 420 * np.sin(y / 5200 + phase[0]) + 260 * np.sin((x + y) / 3100 + phase[1])
    v = y + 460 * np.sin(x / 6100 + phase[2]) + 240 * np.sin((x - y) / 2900 + phase[3])
    return np.column_stack([u + 0.05 * v, v - 0.05 * u])


def _allowed(terrain: Terrain) -> BaseGeometry:
    inland = terrain.land.buffer(-SHORE_M).difference(town_outline().buffer(-TOWN_OVERLAP_M))
    allowed = inland.difference(terrain.still_water.buffer(STILL_CLEAR_M))
    shapely.prepare(allowed)
    return allowed


def _prices(grid: Grid, rng: np.random.Generator) -> Floats:
    """Price each link per metre: field lines keep theirs over a run of cells."""
    runs = max(COLUMNS, ROWS) // RUN + 1
    quality = rng.choice(GOODNESS, size=(2, max(COLUMNS, ROWS), runs))
    east, first = grid.is_eastward, grid.pairs[:, 0]
    line = np.where(east, grid.row[first], grid.col[first])
    place = np.where(east, grid.col[first], grid.row[first])
    price: Floats = quality[east.astype(int), line, place // RUN]
    return price * rng.uniform(0.95, 1.05, len(first))


def _crossings(terrain: Terrain, lines: Shapes, fast: BaseGeometry) -> Floats:
    """Price the bridges and underpasses of each link, in metres of road."""
    wet = shapely.union_all(list(terrain.rivers.values()))
    shapely.prepare([wet, terrain.canal])
    price: Floats = (
        shapely.intersects(lines, wet) * BRIDGE_PRICE_M
        + shapely.intersects(lines, fast) * UNDERPASS_PRICE_M
        + shapely.intersects(lines, terrain.canal) * CANAL_PRICE_M
    )
    return price
