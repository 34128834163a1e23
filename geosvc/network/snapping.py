"""The nearest place on a network, with how far away it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

UNPLACED = -1
"""The segment of a point that has no segment within the limit."""


@dataclass(frozen=True, slots=True)
class Snapped:
    """Points placed on a network: three arrays of one length.

    ``segment`` is the segment, -1 where none lies within the limit; ``offset_m`` the way along it
    from its first vertex; ``distance_m`` how far the point lay beside it (both NaN where there is
    no segment). Lists become arrays.

    Raises
    ------
    ValueError
        If the three are not equally long, or a segment is no whole number.

    Examples
    --------
    >>> Snapped([3, -1], [12.5, np.nan], [0, np.nan]).is_placed.tolist()
    [True, False]
    >>> len(Snapped([], [], []))
    0
    """

    segment: Integers
    offset_m: Floats
    distance_m: Floats

    def __post_init__(self) -> None:
        given = [np.asarray(values) for values in (self.segment, self.offset_m, self.distance_m)]
        if len({values.shape for values in given}) > 1 or given[0].ndim != 1:
            msg = "segment, offset_m and distance_m must be equally long"
            raise ValueError(msg)
        if not np.array_equal(given[0], np.asarray(given[0], dtype=np.int64)):
            msg = "segment must be whole numbers"
            raise ValueError(msg)
        for name, values, kind in zip(self.__slots__, given, ("i8", "f8", "f8"), strict=True):
            object.__setattr__(self, name, np.asarray(values, dtype=kind))

    def __len__(self) -> int:
        return len(self.segment)

    @property
    def is_placed(self) -> NDArray[np.bool_]:
        """Whether each point has a segment."""
        return np.not_equal(self.segment, UNPLACED)


def snap(starts_xy: Floats, ends_xy: Floats, points_xy: Floats, *, limit_m: float) -> Snapped:
    """Place points on the nearest of straight segments, offsets in meters between its ends.

    Parameters
    ----------
    starts_xy, ends_xy
        m x 2, the segments.
    points_xy
        n x 2; a point with NaN has no place.
    limit_m
        The largest distance that counts, inclusive; infinity for none.

    Returns
    -------
    snapped
        n places. Of segments equally near, the first in order is taken.
    """
    segment = np.full(len(points_xy), UNPLACED, dtype=np.int64)
    offset_m = np.full(len(points_xy), np.nan)
    distance_m = np.full(len(points_xy), np.nan)
    known = np.flatnonzero(np.isfinite(points_xy).all(axis=1))
    if len(known) and len(starts_xy):
        given, near = _candidates(starts_xy, ends_xy, points_xy[known], limit_m)
        offset, distance = project(starts_xy[near], ends_xy[near], points_xy[known][given])
        # exact distances decide, then the segment's number: the tree's order is its own affair
        order = np.lexsort((near, distance, given))
        first = order[np.unique(given[order], return_index=True)[1]]
        first = first[distance[first] <= limit_m]
        place = known[given[first]]
        segment[place], offset_m[place] = near[first], offset[first]
        distance_m[place] = distance[first]
    return Snapped(segment, offset_m, distance_m)


def project(starts_xy: Floats, ends_xy: Floats, points_xy: Floats) -> tuple[Floats, Floats]:
    """Return how far along its segment each point's nearest place is, and its distance, in meters.

    >>> here = [np.array([[0.0, 0.0]]), np.array([[4.0, 0.0]]), np.array([[1.0, 2.0]])]
    >>> [values.tolist() for values in project(*here)]
    [[1.0], [2.0]]
    >>> [len(values) for values in project(*(np.empty((0, 2)) for _ in range(3)))]
    [0, 0]
    """
    along = ends_xy - starts_xy
    length = np.hypot(along[:, 0], along[:, 1])
    unit = along / np.where(length > 0, length, 1.0)[:, None]
    offset = np.clip(((points_xy - starts_xy) * unit).sum(axis=1), 0.0, length)
    aside = points_xy - (starts_xy + unit * offset[:, None])
    return offset, np.hypot(aside[:, 0], aside[:, 1])


def _candidates(
    starts_xy: Floats, ends_xy: Floats, points_xy: Floats, limit_m: float
) -> tuple[Integers, Integers]:
    lines = np.asarray(shapely.linestrings(np.stack([starts_xy, ends_xy], axis=1)), dtype=object)
    # a little more than the limit: whether a point is within it is decided on exact distances
    reach = limit_m + max(1e-6, limit_m * 1e-9) if np.isfinite(limit_m) else None
    given, near = shapely.STRtree(lines).query_nearest(
        shapely.points(points_xy), max_distance=reach, all_matches=True
    )
    return np.asarray(given, dtype=np.int64), np.asarray(near, dtype=np.int64)
