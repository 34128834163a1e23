"""What lies in a box of degrees, as browsers count it: micro-degrees, the boxes of parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from geosvc.map_state.faults import number, refuse

if TYPE_CHECKING:
    Box: TypeAlias = tuple[float, float, float, float]

_STEPS = 1_000_000


def parse_box(text: str) -> Box:
    """Read ``west,south,east,north`` in degrees.

    Raises
    ------
    StateError
        If they are not four numbers in this order.

    Examples
    --------
    >>> parse_box("121.1,33.5,121.2,33.6")
    (121.1, 33.5, 121.2, 33.6)
    >>> parse_box("")
    Traceback (most recent call last):
    geosvc.errors.StateError: bbox
    """
    parts = text.split(",")
    if len(parts) != len(("west", "south", "east", "north")):
        refuse("wrong_type", "bbox", text, "west,south,east,north")
    west, east = (number("bbox", part, -180, 180) for part in parts[::2])
    south, north = (number("bbox", part, -90, 90) for part in parts[1::2])
    if west > east or south > north:
        refuse("order", "bbox", text, "west,south,east,north")
    return west, south, east, north


def within(shapes: npt.NDArray[Any], box: Box) -> npt.NDArray[np.bool_]:
    """Tell which shapes meet a box by the box of one of their parts.

    Parameters
    ----------
    shapes
        Geometries in lon, lat.
    box
        West, south, east, north in degrees; the edges belong to it.

    Returns
    -------
    meets
        One truth for each shape; an empty shape meets nothing.

    Examples
    --------
    >>> lines = shapely.from_wkt(["POINT (121.1 33.5)", "LINESTRING (121 33, 121.2 33)"])
    >>> within(lines, (121.05, 33, 121.15, 33.6)).tolist()
    [True, True]
    >>> within(lines[:0], (0, 0, 1, 1)).tolist()
    []
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    steps = np.rint(shapely.bounds(parts) * _STEPS)
    west, south, east, north = (value * _STEPS for value in box)
    met = (steps[:, 0] <= east) & (steps[:, 2] >= west)
    met &= (steps[:, 1] <= north) & (steps[:, 3] >= south)
    found = np.zeros(len(shapes), dtype=bool)
    found[owner[met]] = True
    return found
