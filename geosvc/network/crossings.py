"""Declared crossings: places where lines that only cross are joined.

Lines that cross without a shared vertex may be a bridge, so only a source that knows can say that
they meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geosvc.network.snapping import project

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

CROSSING_M = 0.05
"""A crossing may lie so far beside its lines: files round degrees to a centimeter or so."""


def cut_at(
    starts_xy: Floats, ends_xy: Floats, line: Integers, *, crossings_xy: ArrayLike
) -> tuple[Floats, Floats, Integers]:
    """Cut segments at the crossings that they pass, so that they share a vertex there.

    Parameters
    ----------
    starts_xy, ends_xy
        m x 2, the segments.
    line
        The line of each.
    crossings_xy
        k x 2; one that no segment passes changes nothing.

    Returns
    -------
    starts_xy, ends_xy, line
        In the order of the segments and along each.

    Raises
    ------
    ValueError
        If a crossing is not finite.

    Examples
    --------
    >>> street = np.array([[0.0, 0.0]]), np.array([[9.0, 0.0]]), np.array([7])
    >>> starts_xy, ends_xy, line = cut_at(*street, crossings_xy=[[4, 0], [4, 8]])
    >>> starts_xy.tolist(), ends_xy.tolist(), line.tolist()
    ([[0.0, 0.0], [4.0, 0.0]], [[4.0, 0.0], [9.0, 0.0]], [7, 7])
    >>> len(cut_at(*street, crossings_xy=[])[0])
    1
    """
    points = np.asarray(crossings_xy, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(points).all():
        msg = "crossings must be finite"
        raise ValueError(msg)
    lines = shapely.linestrings(np.stack([starts_xy, ends_xy], axis=1))
    tree = shapely.STRtree(np.asarray(lines, dtype=object))
    point, at = tree.query(shapely.points(points), predicate="dwithin", distance=CROSSING_M)
    offset_m, _ = project(starts_xy[at], ends_xy[at], points[point])
    segment = np.concatenate([np.arange(len(starts_xy)), at])
    # a segment's own start comes first
    order = np.lexsort((np.concatenate([np.full(len(starts_xy), -1.0), offset_m]), segment))
    segment, from_ = segment[order], np.concatenate([starts_xy, points[point]])[order]
    to = np.roll(from_, -1, axis=0)
    last = np.append(segment[1:] != segment[:-1], True)[: len(segment)]
    to[last] = ends_xy
    return from_, to, line[segment]
