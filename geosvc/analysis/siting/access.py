"""How points and parcels reach the streets: the nearest place on one, and the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geosvc.network import Snapped, StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """Where each geometry meets the streets.

    ``access_m`` is the straight way from its edge to the street (NaN where none is near enough),
    ``line`` the row of the street in the frame that the network was made of, -1 without one.
    """

    places: Snapped
    access_m: Floats
    line: Integers

    def __len__(self) -> int:
        return len(self.access_m)


def reach_streets(
    network: StreetNetwork,
    geometry: Sequence[shapely.Geometry | None] | NDArray[np.object_],
    *,
    limit_m: float,
) -> Access:
    """Find the nearest street of each geometry.

    Parameters
    ----------
    network
        In the CRS of the geometries.
    geometry
        Points or areas; one that is missing or empty has no street.
    limit_m
        The longest way to a street that counts.

    Examples
    --------
    >>> from geosvc.network import StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [9, 0]], [[0, 1]])
    >>> access = reach_streets(street, [shapely.box(2, 3, 4, 5), shapely.Point(0, 99)], limit_m=9)
    >>> access.access_m.tolist(), access.line.tolist()
    ([3.0, nan], [0, -1])
    >>> len(reach_streets(street, [], limit_m=9))
    0
    """
    shapes = np.asarray(geometry, dtype=object).reshape(-1)
    ends = network.vertices_xy[network.segments]
    lines = np.asarray(shapely.linestrings(ends), dtype=object).reshape(-1)
    meets = np.full((len(shapes), 2), np.nan)
    access_m = np.full(len(shapes), np.nan)
    known = np.flatnonzero(shapely.is_geometry(shapes) & ~shapely.is_empty(shapes))
    if len(known) and len(lines):
        reach = limit_m + 1e-6 if np.isfinite(limit_m) else None
        given, near = shapely.STRtree(lines).query_nearest(
            shapes[known], max_distance=reach, all_matches=False
        )
        way = shapely.shortest_line(lines[near], shapes[known[given]])
        meets[known[given]] = shapely.get_coordinates(shapely.get_point(way, 0))
        access_m[known[given]] = shapely.length(way)
    # a point on a street is as near as its coordinates are exact
    places = network.snap(meets, limit_m=0.01)
    line = np.full(len(shapes), -1, dtype=np.int64)
    line[places.is_placed] = network.line[places.segment[places.is_placed]]
    return Access(places, np.where(places.is_placed, access_m, np.nan), line)


def ways(network: StreetNetwork, sources: Access, targets: Access) -> Floats:
    """Measure from each source to each target: along streets, with the ways to and from them.

    Examples
    --------
    >>> from geosvc.network import StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [9, 0]], [[0, 1]])
    >>> access = reach_streets(street, shapely.points([[1, 2], [7, 1]]), limit_m=9)
    >>> ways(street, access, access).tolist()
    [[4.0, 9.0], [9.0, 2.0]]
    """
    along = network.distances(sources.places, targets.places)
    aside = np.nan_to_num(sources.access_m)[:, None] + np.nan_to_num(targets.access_m)
    return along + aside
