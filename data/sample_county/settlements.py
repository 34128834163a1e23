"""Where people live outside the town: the streets of the seats, and the villages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point

from data.sample_county import plan
from data.sample_county.chance import spread, stream
from data.sample_county.fields import field_grid
from data.sample_county.graph import Graph, Street
from data.sample_county.lines import turned
from data.sample_county.names import Names
from data.sample_county.noding import noded
from data.sample_county.shapes import as_mask, points
from data.sample_county.town import town_outline

if TYPE_CHECKING:
    from data.sample_county.frame import Floats
    from data.sample_county.terrain import Terrain

VILLAGES = 220
SEAT_RADIUS_M = 260.0  # no field road inside a seat
SEAT_CLEAR_M = 950.0  # no village nearer to a seat
WIDEST_M, NARROWEST_M, STEP_M = 2600.0, 900.0, 25.0  # tries for the spacing of villages
TOWN_CLEAR_M, SHORE_M, STILL_CLEAR_M = 350.0, 420.0, 160.0
BANK_M = 40.0
TIE_M = 250.0  # a trunk road that ends so near to a seat's street is led to it
HEART = (960.0, 340.0)  # a crossing in the middle of the town


@dataclass
class Settlement:
    """A township seat or village: its name, network node and place in metres."""

    name: str
    node: int
    x: float
    y: float
    township: str = ""


def seat_streets(township: plan.Township, rng: np.random.Generator) -> list[Street]:
    """Lay a small street grid for a township's seat."""
    middle, angle = np.array([township.x, township.y]), rng.normal(0.02, 0.09)
    across = _centered(rng.uniform(170, 300, 4))
    along = _centered(rng.uniform(150, 260, 4 if township.large else 3))
    titles = iter(plan.words("seat_streets"))
    streets = []
    for values, other, flip in ((across, along, False), (along, across, True)):
        for index, value in enumerate(values):
            through = index in {0, len(values) - 1, len(values) // 2}
            ends = other[[0, -1]] if through else np.sort(rng.choice(other, 2, replace=False))
            xy = np.array([[value, ends[0]], [value, ends[1]]])
            line = LineString(turned(xy[:, ::-1] if flip else xy, angle) + middle)
            road_class = "secondary" if index == len(values) // 2 else "branch"
            name = township.name.removesuffix("镇") + next(titles)
            streets.append(Street(line, road_class, name, kind="town", factor=0.9))
    return streets


def _centered(gaps: Floats) -> Floats:
    places = np.concatenate([[0.0], np.cumsum(gaps)])
    middled: Floats = places - places[-1] / 2
    return middled


def candidate_graph(terrain: Terrain, fixed: list[Street]) -> Graph:
    """Join town streets, trunks, the seats' streets and the field grid in one graph."""
    rng = stream("seats")
    grids = [street for item in plan.seats() for street in seat_streets(item, rng)]
    spots = points([(item.x, item.y) for item in plan.seats()])
    seats = shapely.union_all(shapely.buffer(spots, SEAT_RADIUS_M))
    shapely.prepare(seats)
    drawn = _tied(fixed, grids) + grids
    lattice = field_grid(terrain, drawn)
    outside = [street for street in lattice if not seats.contains(street.line)]
    return noded(drawn + outside)


def _tied(trunks: list[Street], grids: list[Street]) -> list[Street]:
    """Lead trunk roads that end beside a seat on to its nearest street."""
    streets = shapely.union_all([street.line for street in grids])
    tied = []
    for trunk in trunks:
        coords = shapely.get_coordinates(trunk.line)
        end = Point(coords[-1])
        if trunk.kind == "drawn" and 0 < end.distance(streets) < TIE_M:
            foot = shapely.get_coordinates(shapely.shortest_line(end, streets))[1:]
            tied.append(replace(trunk, line=LineString(np.vstack([coords, foot]))))
        else:
            tied.append(trunk)
    return tied


def pick_villages(graph: Graph, terrain: Terrain) -> list[Settlement]:
    """Choose the nodes of 220 villages, spread over the land, from north to south."""
    rng, names = (
        stream("villages"),
        Names("villages", [item.name[:-1] for item in plan.townships()]),
    )
    pool = _village_nodes(graph, terrain)
    order = [pool[index] for index in rng.permutation(len(pool))]
    taken: list[int] = []
    for spacing in np.arange(WIDEST_M, NARROWEST_M, -STEP_M):
        taken = spread(graph.xy, order, float(spacing), VILLAGES)
        if len(taken) == VILLAGES:
            break
    taken.sort(key=lambda node: (-graph.xy[node, 1], graph.xy[node, 0]))
    return [Settlement(names.village(), node, *graph.xy[node].tolist()) for node in taken]


def _village_nodes(graph: Graph, terrain: Terrain) -> list[int]:
    """Give the reachable nodes of the field grid away from town, seats and shores."""
    room = terrain.land.buffer(-SHORE_M).difference(town_outline().buffer(TOWN_CLEAR_M))
    room = room.difference(terrain.still_water.buffer(STILL_CLEAR_M))
    room = room.difference(terrain.wet(BANK_M))
    shapely.prepare(room)
    seats = shapely.multipoints([(item.x, item.y) for item in plan.seats()])
    home = graph.component(graph.nearest(*HEART))
    field_nodes = [
        node
        for node in sorted(home)
        if any(graph.edges[item].street.kind == "lattice" for item in graph.at[node])
    ]
    spots = points(graph.xy[field_nodes])
    good = as_mask(shapely.contains(room, spots) & ~shapely.dwithin(spots, seats, SEAT_CLEAR_M))
    return [node for node, fine in zip(field_nodes, good, strict=True) if fine]


def seat_settlements(graph: Graph) -> list[Settlement]:
    """Give the thirteen townships' seats on the nearest node of a town street."""
    town = {
        node
        for node, found in graph.at.items()
        if any(graph.edges[item].street.kind == "town" for item in found)
    }
    nodes = [(item, graph.nearest(item.x, item.y, town)) for item in plan.townships()]
    return [
        Settlement(item.name, node, float(graph.xy[node, 0]), float(graph.xy[node, 1]), item.name)
        for item, node in nodes
    ]


def spot_of(place: Settlement) -> Point:
    """Give a settlement's place as a point in local metres."""
    return Point(place.x, place.y)
