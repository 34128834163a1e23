"""Names and codes of the roads that the plan leaves unnamed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely
from shapely import Point

from data.sample_county.names import Names
from data.sample_county.plan import words
from data.sample_county.settlements import Settlement, spot_of
from data.sample_county.town import quarter, town_outline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.sample_county.graph import Graph
    from data.sample_county.strokes import Stroke

FIRST_NUMBER = {"X": 105, "Y": 200, "C": 1000}  # the plan's own county roads end at X105


@dataclass
class _Namer:
    graph: Graph
    places: list[Settlement]
    names: Names

    def __post_init__(self) -> None:
        self.numbers = dict(FIRST_NUMBER)
        self.tree = shapely.STRtree([spot_of(place) for place in self.places])
        shapely.prepare(town_outline())

    def name(self, stroke: Stroke) -> tuple[str, str]:
        """Give name and code of an unnamed stroke."""
        road_class = self.graph.edges[stroke[0][0]].street.road_class
        if road_class in self.numbers:
            self.numbers[road_class] += 1
            code = f"{road_class}{self.numbers[road_class]}"
            return self._country_name(stroke, road_class), code
        line = self.graph.edges[stroke[len(stroke) // 2][0]].line
        middle = line.interpolate(line.length / 2)
        return self._town_name(middle, road_class), ""

    def _town_name(self, middle: Point, road_class: str) -> str:
        if road_class == "lane":
            return self.names.lane()
        place = quarter(middle.x, middle.y) if town_outline().contains(middle) else "new"
        if place == "works":
            return self.names.take("works_heads", "路")
        return self.names.take("road_heads", "街" if place == "old" else "路")

    def _country_name(self, stroke: Stroke, road_class: str) -> str:
        first, node = stroke[0]
        ends = (self.graph.other(first, node), stroke[-1][1])
        near = [self.places[int(self.tree.nearest(Point(self.graph.xy[end])))] for end in ends]
        one, two = (place.name.removesuffix("街道").removesuffix("镇") for place in near)
        tail = "路" if road_class == "C" else "线"
        return self.names.claim(_tries(one, two, tail)) or self.names.take("road_heads", tail)


def _tries(one: str, two: str, tail: str) -> Iterator[str]:
    if one != two:
        yield one[0] + two[0] + tail
        yield one[0] + two[-1] + tail
        yield one[-1] + two[0] + tail
    for part in words("village_roads"):
        yield f"{one}{part}路"
    yield one + two + tail


def name_strokes(graph: Graph, chains: list[Stroke], places: list[Settlement]) -> None:
    """Give every unnamed stroke a name, and country roads a code; changes the graph's streets.

    Parameters
    ----------
    graph
        The roads.
    chains
        The strokes of ``graph``.
    places
        Villages and seats that country roads are named after.
    """
    taken = {edge.street.name for edge in graph.edges}
    namer = _Namer(graph, places, Names("side-streets", taken))
    for stroke in chains:
        if graph.edges[stroke[0][0]].street.name:
            continue
        name, code = namer.name(stroke)
        for index, _ in stroke:
            graph.edges[index].street = replace(graph.edges[index].street, name=name, code=code)
