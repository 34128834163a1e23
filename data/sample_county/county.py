"""The county as a whole: each part is made from the ones before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shapely import MultiLineString

from data.sample_county.areas import make_places
from data.sample_county.blocks import side_streets
from data.sample_county.country import trunk_streets
from data.sample_county.country_stops import rural_stops
from data.sample_county.lanes import add_village_lanes
from data.sample_county.network import choose_roads
from data.sample_county.routes import Route, rural_routes, urban_routes
from data.sample_county.segments import Network, make_network
from data.sample_county.settlements import candidate_graph, pick_villages, seat_settlements
from data.sample_county.terrain import Terrain, add_fish_ponds, make_terrain
from data.sample_county.town import main_streets, town_outline
from data.sample_county.town_stops import urban_stops

if TYPE_CHECKING:
    from data.sample_county.places import Places
    from data.sample_county.roadside import Stop


@dataclass
class County:
    """Terrain, roads, places, routes and stops, in local metres."""

    terrain: Terrain
    network: Network
    places: Places
    routes: list[Route]
    urban: list[Stop]
    rural: list[Stop]


def make_county() -> County:
    """Make the whole county; about ten seconds."""
    terrain = make_terrain()
    mains = main_streets(terrain)
    fixed = mains + side_streets(terrain, mains) + trunk_streets(terrain)
    candidates = candidate_graph(terrain, fixed)
    villages, seats = pick_villages(candidates, terrain), seat_settlements(candidates)
    built = choose_roads(candidates, villages, seats)
    candidates, built = add_village_lanes(candidates, built, terrain, villages)
    network = make_network(candidates, built, terrain, villages + seats)
    for village in villages:
        village.x, village.y = network.nearest_place(village.x, village.y)
    roads = MultiLineString([segment.line for segment in network.segments])
    add_fish_ponds(terrain, roads, town_outline())
    places = make_places(terrain, network, villages)
    town, country = urban_routes(network), rural_routes(network, places)
    return County(
        terrain,
        network,
        places,
        town + country,
        urban_stops(network, town, places, terrain),
        rural_stops(network, country, places, terrain),
    )
