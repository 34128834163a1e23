"""Streets as straight segments between shared vertices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geosvc.network.crossings import cut_at
from geosvc.network.distances import distances
from geosvc.network.graph import adjacency, label_components
from geosvc.network.lixels import Lixels, cut
from geosvc.network.snapping import Snapped, snap

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

NODE_GRID_M = 0.001
"""Vertices of lines on the same point of this grid are one node."""


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """Nodes, and the straight segments between them.

    ``vertices_xy`` is n x 2 in meters; ``segments`` m x 2 indices into it; ``lengths_m`` the
    length of each segment along the street. ``line`` says from which line (0, 1, …) a segment
    comes and ``line_offset_m`` how far from that line's start it begins.

    Make one by `from_lines` or `from_segments`.
    """

    vertices_xy: Floats
    segments: Integers
    lengths_m: Floats
    line: Integers
    line_offset_m: Floats

    @classmethod
    def from_segments(
        cls, vertices_xy: ArrayLike, segments: ArrayLike, *, lengths_m: ArrayLike | None = None
    ) -> StreetNetwork:
        """Take vertices and segments as they are; each segment is a line of its own.

        Parameters
        ----------
        vertices_xy
            n x 2 in meters.
        segments
            m x 2 indices of vertices.
        lengths_m
            m lengths where they are not those of the straight lines (a bend left out).

        Raises
        ------
        ValueError
            If an array has another shape, an index names no vertex, a coordinate is not finite
            or a length is negative.

        Examples
        --------
        >>> StreetNetwork.from_segments([[0, 0], [3, 4]], [[0, 1]]).length_m
        5.0
        >>> StreetNetwork.from_segments([], []).length_m
        0.0
        """
        vertices = np.asarray(vertices_xy, dtype=np.float64).reshape(-1, 2)
        pairs = np.asarray(segments, dtype=np.int64).reshape(-1, 2)
        if not np.isfinite(vertices).all() or ((pairs < 0) | (pairs >= len(vertices))).any():
            msg = "segments must name vertices, and vertices be finite"
            raise ValueError(msg)
        straight = _lengths(vertices, pairs)
        lengths = straight if lengths_m is None else np.asarray(lengths_m, dtype=np.float64)
        if lengths.shape != straight.shape or not (np.isfinite(lengths) & (lengths >= 0)).all():
            msg = "lengths_m must be one finite length of at least 0 a segment"
            raise ValueError(msg)
        return cls(vertices, pairs, lengths, np.arange(len(pairs)), np.zeros(len(pairs)))

    @classmethod
    def from_lines(
        cls, gdf: gpd.GeoDataFrame, *, crossings_xy: ArrayLike | None = None
    ) -> StreetNetwork:
        """Cut lines at every vertex.

        Vertices on the same millimeter are one node. Segments of zero length, and segments that
        join the same two nodes as an earlier one, are left out. Lines that only cross are not
        joined (one of them may be a bridge), save at declared crossings.

        Parameters
        ----------
        gdf
            LineStrings or MultiLineStrings in a metric CRS; rows are the lines of ``line``.
        crossings_xy
            k x 2 points where the lines that pass within 5 cm meet.

        Raises
        ------
        ValueError
            If ``gdf`` is in degrees, or has other geometry than lines, or a coordinate is not
            finite.
        """
        if gdf.crs is not None and gdf.crs.is_geographic:
            msg = "streets must be in a metric CRS"
            raise ValueError(msg)
        starts, ends, line = _vertex_pairs(np.asarray(gdf.geometry.array, dtype=object))
        if crossings_xy is not None:
            starts, ends, line = cut_at(starts, ends, line, crossings_xy=crossings_xy)
        vertices, pairs = _nodes(starts, ends)
        step = np.hypot(*(ends - starts).T)
        before = np.cumsum(step) - step
        # the way from the start of the whole array, less that of the line's first segment
        first = np.unique(line, return_index=True)[1]
        offset = before - np.repeat(before[first], np.diff([*first, len(line)]))
        kept = _first_of_each(pairs)
        lengths = _lengths(vertices, pairs[kept])
        return cls(vertices, pairs[kept], lengths, line[kept], offset[kept])

    @property
    def length_m(self) -> float:
        """The length of all segments together."""
        return float(self.lengths_m.sum())

    @cached_property
    def graph(self) -> csr_array:
        """The length of the shortest segment between each two vertices.

        Symmetric, n x n, for `scipy.sparse.csgraph`. A segment of no length is an explicit zero:
        csgraph walks over it for nothing.
        """
        return adjacency(self.segments, self.lengths_m, vertices=len(self.vertices_xy))

    @cached_property
    def components(self) -> Integers:
        """Which part of the network each vertex belongs to, from 0, the longest part first."""
        return label_components(self.graph, self.segments, self.lengths_m)

    @cached_property
    def component_lengths_m(self) -> Floats:
        """The length of each part; one that is a vertex alone has 0."""
        label, count = self.components, int(self.components.max(initial=-1)) + 1
        length_m = np.bincount(label[self.segments[:, 0]], self.lengths_m, minlength=count)
        return length_m.astype(np.float64)

    def snap(self, points_xy: ArrayLike, *, limit_m: float) -> Snapped:
        """Place points on their nearest segments.

        Parameters
        ----------
        points_xy
            n x 2 in the CRS of the network.
        limit_m
            The largest distance that counts.

        Returns
        -------
        snapped
            n places; offsets are in the network's own lengths.

        Examples
        --------
        >>> street = StreetNetwork.from_segments([[0, 0], [10, 0]], [[0, 1]])
        >>> street.snap([[4, 3], [4, 90]], limit_m=50).segment.tolist()
        [0, -1]
        >>> len(street.snap([], limit_m=50))
        0
        """
        points = np.asarray(points_xy, dtype=np.float64).reshape(-1, 2)
        found = snap(*self._ends(), points, limit_m=limit_m)
        at = found.segment[found.is_placed]
        straight = _lengths(self.vertices_xy, self.segments[at])
        offset_m = found.offset_m.copy()
        share = offset_m[found.is_placed] / np.where(straight > 0, straight, 1.0)
        exact = self.lengths_m[at] == straight
        offset_m[found.is_placed] = np.where(
            exact, offset_m[found.is_placed], share * self.lengths_m[at]
        )
        return Snapped(found.segment, offset_m, found.distance_m)

    def distances(self, sources: Snapped, targets: Snapped, *, limit_m: float = np.inf) -> Floats:
        """Measure along streets, in both directions of each.

        Parameters
        ----------
        sources, targets
            Places on this network; how far beside it they lay does not count.
        limit_m
            The longest way that counts, inclusive. The search ends there.

        Returns
        -------
        distances_m
            Sources x targets. Infinite beyond the limit, where no street leads, and for a place
            without a segment.

        Raises
        ------
        ValueError
            If a place is on no segment of this network or beyond its ends, or the limit is
            negative.

        Examples
        --------
        >>> street = StreetNetwork.from_segments([[0, 0], [10, 0], [10, 5]], [[0, 1], [1, 2]])
        >>> here = street.snap([[4, 1]], limit_m=9)
        >>> there = street.snap([[10, 3], [6, 0]], limit_m=9)
        >>> street.distances(here, there).tolist()
        [[9.0, 2.0]]
        >>> street.distances(here, there, limit_m=5).tolist()
        [[inf, 2.0]]
        >>> street.distances(here, street.snap([], limit_m=9)).shape
        (1, 0)
        """
        return distances(self, sources, targets, limit_m=limit_m)

    def lixels(self, length_m: float) -> Lixels:
        """Cut each segment into equal pieces of at most ``length_m``.

        Raises
        ------
        ValueError
            If ``length_m`` is not positive.

        Examples
        --------
        >>> street = StreetNetwork.from_segments([[0, 0], [10, 0]], [[0, 1]])
        >>> street.lixels(4).end_m.round(3).tolist()
        [3.333, 6.667, 10.0]
        >>> len(StreetNetwork.from_segments([], []).lixels(4))
        0
        """
        return cut(*self._ends(), self.lengths_m, length_m=length_m)

    def _ends(self) -> tuple[Floats, Floats]:
        return self.vertices_xy[self.segments[:, 0]], self.vertices_xy[self.segments[:, 1]]


def _lengths(vertices: Floats, pairs: Integers) -> Floats:
    along = vertices[pairs[:, 1]] - vertices[pairs[:, 0]]
    return np.hypot(along[:, 0], along[:, 1])


def _vertex_pairs(lines: NDArray[np.object_]) -> tuple[Floats, Floats, Integers]:
    allowed = [shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING]
    if not np.isin(shapely.get_type_id(lines), allowed).all():
        msg = "streets must be lines"
        raise ValueError(msg)
    parts, row = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    if not np.isfinite(xy).all():
        msg = "streets must have finite coordinates"
        raise ValueError(msg)
    joined = part[1:] == part[:-1]
    return xy[:-1][joined], xy[1:][joined], np.asarray(row[part[:-1][joined]], dtype=np.int64)


def _nodes(starts: Floats, ends: Floats) -> tuple[Floats, Integers]:
    xy = np.concatenate([starts, ends])
    grid = np.round(xy / NODE_GRID_M).astype(np.int64)
    _, first, node = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    return xy[first], np.stack(np.split(node.reshape(-1).astype(np.int64), 2), axis=1)


def _first_of_each(pairs: Integers) -> Integers:
    joining = np.flatnonzero(pairs[:, 0] != pairs[:, 1])
    _, first = np.unique(np.sort(pairs[joining], axis=1), axis=0, return_index=True)
    return joining[np.sort(first)]
