"""Shapes with the types that they have: shapely's operations promise any geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, Polygon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.sample_county.frame import Floats

Shapes: TypeAlias = npt.NDArray[np.object_]
Mask: TypeAlias = npt.NDArray[np.bool_]


def as_line(geom: object) -> LineString:
    """Take a geometry for the line that it is.

    Raises
    ------
    TypeError
        If it is no line.
    """
    if not isinstance(geom, LineString):
        msg = f"a line is needed, not {type(geom).__name__}"
        raise TypeError(msg)
    return geom


def as_polygon(geom: object) -> Polygon:
    """Take a geometry for the single polygon that it is.

    Raises
    ------
    TypeError
        If it is no single polygon.
    """
    if not isinstance(geom, Polygon):
        msg = f"a polygon is needed, not {type(geom).__name__}"
        raise TypeError(msg)
    return geom


def as_mask(answers: object) -> Mask:
    """Take the answers to a question about many shapes for an array of bools."""
    return np.atleast_1d(np.asarray(answers, dtype=bool))


def as_shapes(geoms: object) -> Shapes:
    """Take shapes for an array of objects."""
    return np.atleast_1d(np.asarray(geoms, dtype=object))


def points(xy: Floats | Sequence[tuple[float, float]]) -> Shapes:
    """Make points of coordinates, shape (n, 2)."""
    return as_shapes(shapely.points(np.asarray(xy, dtype=float).reshape(-1, 2)))
