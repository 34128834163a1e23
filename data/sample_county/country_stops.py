"""Stops of the country: at seats, villages and junctions, so that hardly a village has none near.

Half are single poles, as along real country roads; busier places have one for each direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import Point

from data.sample_county import plan
from data.sample_county.lines import bearing_name
from data.sample_county.roadside import BANK_M, Pair, Roadside, Stop, numbered, poles
from data.sample_county.routes import Route, edge_service
from data.sample_county.settlements import spot_of
from data.sample_county.town import town_outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.sample_county.places import Places
    from data.sample_county.segments import Network
    from data.sample_county.terrain import Terrain

POLES = 180
TOWN_M = 250.0  # country stops keep so far from the town
REACH_M = 1950.0  # a village is served by a stop so near, with a margin to 2 km
AT_VILLAGE_M = 420.0
LONG_M = 500.0  # segments longer than this may have a stop half-way
LEAST_M = 650.0  # between two stops
HALF_GAP_M = 22.0
JUNCTION = 3  # roads that meet at a junction
VILLAGE_BONUS = 0.6  # in villages served; a stop stands in a village rather than beside it
PAIRED_SHARE = 0.32  # of all poles are kept for partners


@dataclass(frozen=True)
class Site:
    """Where a country bus might stop."""

    name: str
    spot: Point
    in_village: bool = False


def rural_stops(
    network: Network, routes: list[Route], places: Places, terrain: Terrain
) -> list[Stop]:
    """Put 180 poles on the country roads that buses use."""
    roadside = Roadside(network, edge_service(network.graph, routes), terrain.wet(BANK_M))
    town = town_outline().buffer(TOWN_M)
    shapely.prepare(town)
    lines = [segment.line for segment in network.segments]
    served = sorted({index for index, _ in roadside.service if not town.intersects(lines[index])})
    tree = shapely.STRtree([lines[index] for index in served])
    seats = [Site(f"{item.name}政府", Point(item.x, item.y)) for item in plan.seats()]
    sites = seats + _ranked(_sites(network, served, places, tree), places)
    pairs: list[Pair] = []
    names: set[str] = set()
    for number, site in enumerate(sites):
        if len(pairs) >= POLES * (1 - PAIRED_SHARE):
            break
        index = served[int(tree.nearest(site.spot))]
        pair = _pair(roadside, index, site.spot) if site.name not in names else []
        if pair and roadside.claim(pair, LEAST_M if number >= len(seats) else 0.0):
            names.add(site.name)
            for stop in pair:
                stop.name = site.name
            pairs.append(pair)
    return numbered(_thinned(pairs))


def _pair(roadside: Roadside, index: int, spot: Point) -> Pair:
    at = roadside.network.segments[index].line.project(spot)
    one = roadside.place(index, at + HALF_GAP_M, forward=True)
    two = roadside.place(index, at - HALF_GAP_M, forward=False)
    return [stop for stop in (one, two) if stop]


def _sites(
    network: Network, served: Sequence[int], places: Places, tree: shapely.STRtree
) -> list[Site]:
    """Give villages near a served road, junctions, and half-way points of long segments."""
    spots = [spot_of(village) for village in places.villages]
    near = set(tree.query(spots, predicate="dwithin", distance=AT_VILLAGE_M)[0].tolist())
    found = [
        Site(places.villages[item].name, spots[item], in_village=True) for item in sorted(near)
    ]
    known = shapely.STRtree(spots)
    for index in served:
        segment = network.segments[index]
        for node in (segment.start, segment.end):
            if len(network.graph.at[node]) >= JUNCTION:
                spot = Point(network.graph.xy[node])
                found.append(Site(places.villages[int(known.nearest(spot))].name + "路口", spot))
        if segment.line.length > LONG_M:
            spot = segment.line.interpolate(segment.line.length / 2)
            owner = places.villages[int(known.nearest(spot))]
            found.append(Site(owner.name + bearing_name(spot.x - owner.x, spot.y - owner.y), spot))
    return found


def _ranked(sites: list[Site], places: Places) -> list[Site]:
    """Order sites so that each next one brings most villages within reach of a stop."""
    xy = np.array([(site.spot.x, site.spot.y) for site in sites])
    known = np.array([(village.x, village.y) for village in places.villages])
    near = np.hypot(xy[:, None, 0] - known[:, 0], xy[:, None, 1] - known[:, 1]) < REACH_M
    bonus = np.array([site.in_village for site in sites]) * VILLAGE_BONUS
    gain = near.sum(axis=1) + bonus
    left = np.ones(len(known), dtype=bool)
    order = []
    for _ in sites:
        best = int(np.argmax(gain))
        order.append(sites[best])
        newly = near[best] & left
        left &= ~newly
        gain -= near[:, newly].sum(axis=1)
        gain[best] = -np.inf
    return order


def _thinned(pairs: list[Pair]) -> list[Pair]:
    """Drop partners of the least served stops until 180 poles are left."""
    pairs = [list(pair) for pair in pairs]
    order = sorted(pairs, key=lambda pair: (pair[0].name.endswith("政府"), pair[0].trips))
    for pair in order:
        if poles(pairs) <= POLES:
            break
        if len(pair) > 1:
            pair.pop()
    return pairs
