"""Road segments: merged, smoothed, named and described."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import shapely
from shapely import LineString, Point

from data.sample_county.chance import share, stream
from data.sample_county.lines import smoothed
from data.sample_county.naming import name_strokes
from data.sample_county.noding import merged
from data.sample_county.shapes import Mask, as_line, as_mask, as_shapes
from data.sample_county.strokes import Stroke, chainages, strokes
from data.sample_county.town import quarter

if TYPE_CHECKING:
    import numpy as np

    from data.sample_county.graph import Edge, Graph, Street
    from data.sample_county.settlements import Settlement
    from data.sample_county.terrain import Terrain

LANES_AND_WIDTH = {  # lanes, width of the carriageway in m
    "express": (4, 25.0),
    "G": (4, 16.0),
    "S": (4, 15.0),
    "X": (2, 9.0),
    "Y": (2, 6.5),
    "C": (1, 4.5),
    "arterial": (6, 20.5),
    "secondary": (4, 14.0),
    "branch": (2, 8.0),
    "lane": (1, 4.0),
}
RAMP_SIZE = (1, 8.5)
OLD_SIZE = (2, 10.0)  # secondary streets of the old town
STRICT = frozenset(
    ("金桥路", "佳醇路", "泰北路", "人民路", "解放路", "府前街", "北门大街", "迎宾大道")
)
WALKED = frozenset({"arterial", "secondary", "branch"})
TACTILE_SHARE = {"arterial": 1.0, "secondary": 0.72, "branch": 0.22}
LANE_WALK_SHARE = 0.1
ONE_WAY_SHARE = 0.18
ROUND_TRIP_M = 1500.0  # the longest way back along a one-way lane
TWO_WAY_STREETS = 3  # at each end of a one-way lane
SIMPLIFY_M = 3.0
COUNTRY_SIMPLIFY_M = 9.0
SHORE_M = 20.0  # smoothed roads keep off still water so far


@dataclass
class Segment:
    """A road segment; chainage is counted along its named road in metres."""

    road_id: str
    street: Street
    start: int
    end: int
    lanes: int
    width_m: float
    has_sidewalk: bool
    has_tactile_paving: bool
    chain: tuple[float, int] = (0.0, 1)
    oneway: bool = False

    @property
    def name(self) -> str:
        """The road's name."""
        return self.street.name

    @property
    def road_class(self) -> str:
        """The road's class."""
        return self.street.road_class

    @property
    def line(self) -> LineString:
        """The segment's geometry in local metres."""
        return self.street.line

    @property
    def is_strict(self) -> bool:
        """True where parking is controlled strictly."""
        return self.name in STRICT

    def chainage(self, at_m: float) -> float:
        """Give the road's chainage at ``at_m`` along the segment."""
        first, sign = self.chain
        return max(0.0, first + sign * at_m)


@dataclass
class Network:
    """The county's roads: graph, segments (in the order of its edges) and strokes."""

    graph: Graph
    segments: list[Segment]
    strokes: list[Stroke] = field(default_factory=list)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """An index of the segments' lines."""
        return shapely.STRtree([segment.line for segment in self.segments])

    def road(self, name: str) -> LineString:
        """Give a named street as one line: its longest part, led east or north."""
        lines = [segment.line for segment in self.segments if segment.name == name]
        joined = shapely.line_merge(shapely.MultiLineString(lines))
        line: LineString = max(shapely.get_parts(joined), key=lambda part: float(part.length))
        first, last = line.coords[0], line.coords[-1]
        return line if sum(last) > sum(first) else line.reverse()

    def nearest_place(self, x: float, y: float) -> tuple[float, float]:
        """Give the place on the nearest road, all in local metres."""
        spot = Point(x, y)
        line = self.segments[int(self.tree.nearest(spot))].line
        foot = line.interpolate(line.project(spot))
        return foot.x, foot.y

    def width_m(self, name: str) -> float:
        """Give the carriageway width of a named street."""
        return next(segment.width_m for segment in self.segments if segment.name == name)


def make_network(
    graph: Graph, built: set[int], terrain: Terrain, places: list[Settlement]
) -> Network:
    """Merge, smooth, name and describe the roads that exist."""
    final = merged(graph, built, _is_same_road)
    _smooth(final, terrain)
    name_strokes(final, strokes(final), places)
    chains = strokes(final)
    rng = stream("attributes")
    crossed = _bridges(final, terrain)
    segments = [
        _described(f"R{index + 1:05d}", edge, rng, bridge=bool(crossed[index]))
        for index, edge in enumerate(final.edges)
    ]
    for segment, chain in zip(segments, chainages(final, chains), strict=True):
        segment.chain = chain
    _turn_lanes_one_way(final, segments, rng)
    return Network(final, segments, chains)


def _is_same_road(a: Street, b: Street) -> bool:
    return (a.road_class, a.name, a.code, a.free) == (b.road_class, b.name, b.code, b.free)


def _smooth(graph: Graph, terrain: Terrain) -> None:
    """Round the corners of field roads, so that they do not climb the grid like stairs."""
    shore = terrain.still_water.buffer(SHORE_M)
    shapely.prepare(shore)
    for edge in graph.edges:
        line = as_line(edge.line.simplify(SIMPLIFY_M))
        if edge.street.kind == "lattice":
            soft = LineString(smoothed(shapely.get_coordinates(line), rounds=2))
            if not shore.intersects(soft):
                line = as_line(soft.simplify(COUNTRY_SIMPLIFY_M))
        edge.street = replace(edge.street, line=line)


def _bridges(graph: Graph, terrain: Terrain) -> Mask:
    water = shapely.union_all([terrain.canal, *terrain.rivers.values()])
    shapely.prepare(water)
    return as_mask(shapely.crosses(water, as_shapes([edge.line for edge in graph.edges])))


def _described(road_id: str, edge: Edge, rng: np.random.Generator, *, bridge: bool) -> Segment:
    street = edge.street = replace(edge.street, bridge=bridge)
    middle = street.line.interpolate(street.line.length / 2)
    size = LANES_AND_WIDTH[street.road_class]
    if street.is_ramp:
        size = RAMP_SIZE
    elif street.road_class == "secondary" and quarter(middle.x, middle.y) == "old":
        size = OLD_SIZE
    is_lane = street.road_class == "lane"
    walk = street.road_class in WALKED or (is_lane and share(rng, LANE_WALK_SHARE))
    tactile = walk and share(rng, TACTILE_SHARE.get(street.road_class, 0.0))
    return Segment(road_id, street, edge.start, edge.end, *size, walk, tactile)


def _turn_lanes_one_way(graph: Graph, segments: list[Segment], rng: np.random.Generator) -> None:
    """Turn a few lanes one-way where two-way streets lead around them."""
    for _index, segment in enumerate(segments):
        if segment.road_class != "lane" or not share(rng, ONE_WAY_SHARE):
            continue
        ends = (segment.start, segment.end)
        two_way = [sum(not segments[item].oneway for item in graph.at[node]) for node in ends]
        if min(two_way) < TWO_WAY_STREETS:
            continue
        segment.oneway = True

        def cost(item: int) -> float:
            return math.inf if segments[item].oneway else segments[item].line.length

        back = graph.path([segment.end], {segment.start}, cost, ROUND_TRIP_M)
        segment.oneway = bool(back)
