"""Exposure: the street that was surveyed, and could have shown a case.

Without it every busy district is a hotspot, because nobody looks elsewhere. The network is cut
where surveyed street begins and ends, so that each segment counts wholly or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geosvc.analysis.cases import SNAP_LIMIT_M, days, some
from geosvc.network import Snapped, StreetNetwork

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Stretches = tuple[Integers, Floats, Floats]

ROUTE_M: Final = 30.0
"""Street so near to a patrol's route, in a straight line, was seen from it."""

POINT_M: Final = 300.0
"""Street so near to a patrol's place, along streets, was seen on that patrol."""

_LEAST_M: Final = 0.01
"""Shorter stretches, and shorter gaps between them, are rounding."""

Rule = Literal["patrol_routes", "patrol_points", "areas"]
NOT, PATROL, AREA, ADDED = range(4)
"""Why a segment counts as surveyed: not at all, a patrol, an area, or a case without a patrol."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """A network with what of it was surveyed.

    ``network`` is the streets cut at the ends of surveyed stretches, ``line`` of it still the row
    of the streets; ``source`` says of each segment why it counts (`NOT`, `PATROL`, `AREA`,
    `ADDED`). ``rule`` is what the patrols allowed, ``patrols`` their number in the period and
    ``patrols_at`` the places of those that have one. ``first`` (segments before the cut + 1) and
    ``start_m`` say where the pieces of a segment begin.
    """

    network: StreetNetwork
    source: Integers
    rule: Rule
    patrols: int
    patrols_at: Snapped
    first: Integers
    start_m: Floats

    @property
    def exposure_m(self) -> Floats:
        """Surveyed meters of each segment: its length, or 0."""
        return np.where(self.source == NOT, 0.0, self.network.lengths_m)

    def moved(self, places: Snapped) -> Snapped:
        """Return places of the network before the cut on the network after it.

        A place where surveyed street ends is on the surveyed side.
        """
        segment, offset_m = places.segment.copy(), places.offset_m.copy()
        at = np.flatnonzero(places.is_placed)
        first, last = self.first[segment[at]], self.first[segment[at] + 1] - 1
        piece = first.copy()
        # a segment has few pieces: step along all of them at once
        while (on := (piece < last) & (self._next_start(piece) <= offset_m[at])).any():
            piece += on
        back = (piece > first) & (self.source[piece] == NOT) & (self.start_m[piece] == offset_m[at])
        piece -= back
        within = np.clip(offset_m[at] - self.start_m[piece], 0.0, self.network.lengths_m[piece])
        segment[at], offset_m[at] = piece, within
        return Snapped(segment, offset_m, places.distance_m)

    def _next_start(self, piece: Integers) -> Floats:
        return self.start_m[np.minimum(piece + 1, len(self.start_m) - 1)]


def survey(
    network: StreetNetwork,
    cases: Snapped,
    *,
    patrols: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    period: tuple[np.datetime64, np.datetime64],
) -> Survey:
    """Say which street was surveyed in a period.

    Street within 30 m of the patrols' routes, where they are lines; else street within 300 m,
    along streets, of the patrols' places; without patrols the street inside the areas. A segment
    that has a case and was not surveyed so is added: somebody was there.

    Parameters
    ----------
    network
        The streets.
    cases
        Places on it.
    patrols
        Points or lines in the CRS of the network, with ``started_at``.
    areas
        Polygons in the same CRS.
    period
        The first and the last day; patrols of other days, or of none, do not count.

    Examples
    --------
    >>> import geopandas as gpd
    >>> street = StreetNetwork.from_segments([[0, 0], [1000, 0]], [[0, 1]])
    >>> day = np.datetime64("2024-06-01")
    >>> when = {"started_at": ["2024-06-01T08:00:00+08:00"]}
    >>> patrols = gpd.GeoDataFrame(when, geometry=gpd.points_from_xy([100], [0]))
    >>> none, nowhere = Snapped([], [], []), gpd.GeoDataFrame(geometry=[])
    >>> seen = survey(street, none, patrols=patrols, areas=nowhere, period=(day, day))
    >>> seen.rule, seen.exposure_m.tolist()
    ('patrol_points', [400.0, 0.0])
    >>> before = day - 1, day - 1
    >>> seen = survey(street, none, patrols=patrols, areas=nowhere, period=before)
    >>> seen.rule, seen.exposure_m.tolist()
    ('areas', [0.0])
    """
    day = days(patrols, "started_at")
    in_period = patrols[(day >= period[0]) & (day <= period[1])]
    geometry = np.asarray(in_period.geometry.array, dtype=object)
    routes = geometry[shapely.get_dimensions(geometry) == 1]
    points = geometry[(shapely.get_dimensions(geometry) == 0) & ~shapely.is_empty(geometry)]
    places = network.snap(shapely.get_coordinates(points), limit_m=SNAP_LIMIT_M)
    found = [
        _inside(network, shapely.buffer(routes, ROUTE_M)),
        _around(network, places, POINT_M),
    ]
    rule: Rule = "patrol_routes" if len(routes) else "patrol_points"
    if not any(len(stretches[0]) for stretches in found):
        rule, found = "areas", [_inside(network, np.asarray(areas.geometry.array, dtype=object))]
    stretches = _joined(network, found)
    return _cut(network, cases, stretches, rule=rule, patrols=(len(in_period), places))


def _inside(network: StreetNetwork, polygons: NDArray[np.object_]) -> Stretches:
    """Return the stretches of segments inside any of the polygons."""
    whole = shapely.union_all(polygons)
    shapely.prepare(whole)
    ends = network.vertices_xy[network.segments]
    lines = np.asarray(shapely.linestrings(ends), dtype=object)
    meets = np.flatnonzero(shapely.intersects(whole, lines))
    parts, of = shapely.get_parts(shapely.intersection(lines[meets], whole), return_index=True)
    is_line = shapely.get_dimensions(parts) == 1
    segment = meets[of[is_line]]
    straight_m = np.hypot(*(ends[segment, 1] - ends[segment, 0]).T)
    stretch = network.lengths_m[segment] / np.where(straight_m > 0, straight_m, 1.0)
    at = [
        np.hypot(*(shapely.get_coordinates(shapely.get_point(parts[is_line], end)) - from_).T)
        for end, from_ in ((0, ends[segment, 0]), (-1, ends[segment, 0]))
    ]
    return segment, np.minimum(*at) * stretch, np.maximum(*at) * stretch


def _around(network: StreetNetwork, places: Snapped, limit_m: float) -> Stretches:
    """Return the stretches of segments within a distance, along streets, of any of the places."""
    placed = places.is_placed
    segment, offset_m = places.segment[placed], places.offset_m[placed]
    whole_m = network.lengths_m
    away_m = _to_vertices(network, segment, offset_m, limit_m)[network.segments]
    left_m = np.clip(limit_m - away_m, 0.0, whole_m[:, None])
    every = np.arange(len(whole_m))
    parts = [
        (every, np.zeros(len(every)), left_m[:, 0]),
        (every, whole_m - left_m[:, 1], whole_m),
        (
            segment,
            np.maximum(offset_m - limit_m, 0.0),
            np.minimum(offset_m + limit_m, whole_m[segment]),
        ),
    ]
    segment, start_m, end_m = (np.concatenate(values) for values in zip(*parts, strict=True))
    kept = end_m > start_m
    return segment[kept], start_m[kept], end_m[kept]


def _to_vertices(
    network: StreetNetwork, segment: Integers, offset_m: Floats, limit_m: float
) -> Floats:
    """Return how far each vertex is from the nearest of the places."""
    graph, vertices = network.graph, len(network.vertices_xy)
    least_m = np.full(vertices, np.inf)
    np.minimum.at(least_m, network.segments[segment, 0], offset_m)
    np.minimum.at(least_m, network.segments[segment, 1], network.lengths_m[segment] - offset_m)
    ends = np.flatnonzero(least_m <= limit_m)
    # all places are one more vertex, that can only be left
    parts = (
        np.concatenate([graph.data, least_m[ends]]),
        np.concatenate([graph.indices, ends], dtype=np.int32),
        np.append(graph.indptr, graph.indptr[-1] + len(ends)).astype(np.int32),
    )
    joined = csr_array(parts, shape=(vertices + 1, vertices + 1))
    return np.asarray(dijkstra(joined, indices=[vertices], limit=limit_m))[0, :vertices]


def _joined(network: StreetNetwork, found: list[Stretches]) -> Stretches:
    """Join stretches that overlap or touch, and take them to the ends that they nearly reach."""
    segment, start_m, end_m = (np.concatenate(values) for values in zip(*found, strict=True))
    order = np.lexsort((start_m, segment))
    # all segments end to end, apart, so that one running maximum does for all
    before_m = np.cumsum(network.lengths_m + 1.0) - network.lengths_m
    start_m, end_m = (values[order] + before_m[segment[order]] for values in (start_m, end_m))
    reached_m = np.maximum.accumulate(end_m)
    is_new = np.append([True], start_m[1:] > reached_m[:-1] + _LEAST_M)[: len(order)]
    first = np.flatnonzero(is_new)
    last = np.append(first[1:], len(order))[: len(first)] - 1
    segment = segment[order][first]
    start_m, end_m = start_m[first] - before_m[segment], reached_m[last] - before_m[segment]
    whole_m = network.lengths_m[segment]
    start_m = np.where(start_m < _LEAST_M, 0.0, start_m)
    end_m = np.where(end_m > whole_m - _LEAST_M, whole_m, end_m)
    kept = end_m - start_m >= np.minimum(_LEAST_M, whole_m)
    return segment[kept], start_m[kept], end_m[kept]


def _cut(
    network: StreetNetwork,
    cases: Snapped,
    stretches: Stretches,
    *,
    rule: Rule,
    patrols: tuple[int, Snapped],
) -> Survey:
    segment, start_m, end_m = stretches
    whole_m = network.lengths_m
    every = np.arange(len(whole_m))
    of = np.concatenate([every, segment, segment])
    at = np.unique(np.stack([of, np.r_[np.zeros(len(every)), start_m, end_m]], axis=1), axis=0)
    of, begin_m = at[:, 0].astype(np.int64), at[:, 1]
    # where a segment ends no piece of it begins
    begins = (begin_m < whole_m[of]) | (begin_m == 0)
    of, begin_m = of[begins], begin_m[begins]
    # one axis for all segments, so that stretches can be looked up
    before_m = np.cumsum(whole_m + 1.0)
    source = np.full(len(of), NOT)
    surveyed = np.searchsorted(before_m[of] + begin_m, before_m[segment] + start_m)
    source[surveyed] = AREA if rule == "areas" else PATROL
    first = np.searchsorted(of, np.arange(len(every) + 1))
    pieces = _pieces(network, of, begin_m)
    seen = Survey(pieces, source, rule, patrols[0], patrols[1], first, begin_m)
    held = seen.moved(some(cases, cases.is_placed)).segment
    source[held[source[held] == NOT]] = ADDED
    return seen


def _pieces(network: StreetNetwork, of: Integers, begin_m: Floats) -> StreetNetwork:
    """Return the network with each segment ``of`` beginning anew at ``begin_m``."""
    whole_m, ends = network.lengths_m[of], network.segments[of]
    is_new = begin_m > 0
    share = (begin_m[is_new] / whole_m[is_new])[:, None]
    from_xy, to_xy = (network.vertices_xy[ends[is_new, side]] for side in (0, 1))
    vertices_xy = np.concatenate([network.vertices_xy, from_xy + share * (to_xy - from_xy)])
    start = ends[:, 0].copy()
    start[is_new] = len(network.vertices_xy) + np.arange(is_new.sum())
    goes_on = np.append(of[1:] == of[:-1], [False])[: len(of)]
    end = np.where(goes_on, np.roll(start, -1), ends[:, 1])
    end_m = np.where(goes_on, np.roll(begin_m, -1), whole_m)
    return StreetNetwork(
        vertices_xy=vertices_xy,
        segments=np.stack([start, end], axis=1),
        lengths_m=end_m - begin_m,
        line=network.line[of],
        line_offset_m=network.line_offset_m[of] + begin_m,
    )
