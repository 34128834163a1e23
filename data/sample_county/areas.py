"""Tile the town with communities and the rest of the land with villages' lands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Polygon

from data.sample_county import plan
from data.sample_county.chance import stream
from data.sample_county.communities import make_communities
from data.sample_county.places import Area, Places, place_landmarks
from data.sample_county.shapes import Mask, as_mask, as_shapes, points
from data.sample_county.tiling import (
    Labels,
    faces,
    groups,
    inner_points,
    made_whole,
    rough_borders,
    union,
)
from data.sample_county.town import town_outline

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from data.sample_county.frame import Floats
    from data.sample_county.segments import Network
    from data.sample_county.settlements import Settlement
    from data.sample_county.terrain import Terrain

OVERLAP_M = 2.0  # town and country lines overrun the town's edge so far, to be noded there
FRINGE_RAYS = 28
FRINGE_MIDDLE = (1200.0, 0.0)
FRINGE_REACH_M = 12_000.0
URBAN_REACH = 0.42  # how strongly a subdistrict draws villages, a town's seat being 1
WEST_BANK_M = (-7600.0, -2150.0)  # 运西镇 lies between lake and canal
WEST_BANK_SLANT = 0.08
WEST_BANK_SOUTH_M, WEST_BANK_NORTH_M = -9000.0, 20_500.0
WEST_BANK, NORTH_BANK, EAST_OF_IT = 2, 10, 8  # township numbers: 运西镇, 苇港镇, 丰乐镇
SEAT_PEOPLE = 4200  # the smallest seat


def make_places(terrain: Terrain, network: Network, villages: list[Settlement]) -> Places:
    """Tile the land; townships are unions of communities and villages' lands.

    County and lake of ``terrain`` get the vertices of the tiling, so that they still fit
    after rounding; each village learns its township.
    """
    town = town_outline()
    seats = plan.seats()
    seeds = np.array(
        [*((item.x, item.y) for item in villages), *((item.x, item.y) for item in seats)]
    )
    everything = faces([*_country_lines(terrain, seeds), *_town_lines(terrain, network)])
    shapely.prepare([terrain.lake, town])
    spots = points(inner_points(everything))
    in_lake = as_mask(shapely.contains(terrain.lake, spots))
    in_town = as_mask(shapely.contains(town, spots))
    _share_vertices(terrain, everything, in_lake)
    urban = [face for face, inside in zip(everything, in_town, strict=True) if inside]
    rural = [face for face, out in zip(everything, ~in_lake & ~in_town, strict=True) if out]
    communities = make_communities(urban)
    names = [item.name for item in villages]
    names += [item.name.removesuffix("镇") + "居委会" for item in seats]
    lands = _Lands(seeds, names, communities).make(rural)
    for village, area in zip(villages, lands, strict=False):
        village.township = area.township
    townships = _townships(lands + communities)
    return Places(townships, communities, lands, villages, place_landmarks(network))


def _country_lines(terrain: Terrain, seeds: Floats) -> list[BaseGeometry]:
    land, core = terrain.land, town_outline().buffer(-OVERLAP_M)
    cells = shapely.voronoi_polygons(
        shapely.multipoints(seeds), extend_to=land.buffer(5000), ordered=True
    )
    borders = rough_borders(shapely.get_parts(cells).tolist(), land)
    lines = [terrain.county.exterior, terrain.lake.exterior, *borders]
    return [town_outline().exterior, *(line.difference(core) for line in lines)]


def _town_lines(terrain: Terrain, network: Network) -> list[BaseGeometry]:
    town = town_outline()
    room = town.buffer(OVERLAP_M)
    streets = [
        item.line for item in network.segments if item.road_class in {"arterial", "secondary"}
    ]
    inner = [line.intersection(room) for line in [*streets, terrain.canal]]
    built = shapely.union_all(shapely.get_parts(shapely.polygonize([shapely.union_all(streets)])))
    strip = town.difference(built).buffer(OVERLAP_M)
    angles = np.linspace(0, 2 * np.pi, FRINGE_RAYS + 1)[:-1] + 0.05
    x, y = FRINGE_MIDDLE
    rays = [
        LineString([(x, y), (x + FRINGE_REACH_M * np.cos(a), y + FRINGE_REACH_M * np.sin(a))])
        for a in angles
    ]
    return [*inner, *(ray.intersection(strip) for ray in rays)]


def _share_vertices(terrain: Terrain, tiles: list[Polygon], in_lake: Mask) -> None:
    terrain.county = union(tiles)
    terrain.waters[0].shape = union(as_shapes(tiles)[in_lake])


@dataclass
class _Lands:
    """Groups rural faces by the nearest seed, and seeds by township; the seats come last."""

    seeds: Floats
    names: list[str]
    communities: list[Area]

    def make(self, tiles: list[Polygon]) -> list[Area]:
        rng, counts = stream("village-lands"), Counter[int]()
        middles = inner_points(tiles)
        label = np.array([np.argmin(np.hypot(*(self.seeds - spot).T)) for spot in middles])
        shapes = groups(tiles, made_whole(tiles, label), len(self.names))
        first_seat = len(self.names) - len(plan.seats())
        areas = []
        for index, owner in enumerate(self._owners(shapes).tolist()):
            township, is_seat = plan.townships()[owner], index >= first_seat
            counts[owner] += 1
            number = "001" if is_seat else f"{200 + counts[owner]}"
            people = rng.normal(9000, 2600) if is_seat else rng.lognormal(7.45, 0.33)
            people = max(people, SEAT_PEOPLE) if is_seat else min(max(people, 620), 5200)
            areas.append(
                Area(
                    self.names[index],
                    township.code + number,
                    shapes[index],
                    township.name,
                    township.code,
                    "village",
                    int(people),
                )
            )
        return areas

    def _owners(self, shapes: list[Polygon]) -> Labels:
        """Give the township number of each seed, none of its parts cut off from the others."""
        towns = plan.townships()
        heads = np.array([(item.x, item.y) for item in towns])
        reach = np.array([URBAN_REACH if item.urban else 1.0 for item in towns])
        urban = sum(item.urban for item in towns)
        villages = len(self.seeds) - len(plan.seats())
        owners = []
        for index, (x, y) in enumerate(self.seeds.tolist()):
            nearest = int(np.argmin(np.hypot(*(heads - [x, y]).T) / reach))
            is_seat = index >= villages
            owners.append(urban + index - villages if is_seat else _across(nearest, x, y))
        town = [
            union([area.shape for area in self.communities if area.township == item.name])
            for item in towns[:urban]
        ]
        label = np.array([*owners, *range(urban)])
        return made_whole([*shapes, *town], label)[: len(self.seeds)]


def _across(owner: int, x: float, y: float) -> int:
    """Keep 运西镇 on its bank of the canal, and the other townships off it."""
    west, east = WEST_BANK_M
    if west < x < east - WEST_BANK_SLANT * abs(y) and y > WEST_BANK_SOUTH_M:
        return WEST_BANK
    if owner == WEST_BANK:
        return EAST_OF_IT if y < WEST_BANK_NORTH_M else NORTH_BANK
    return owner


def _townships(parts: list[Area]) -> list[Area]:
    result = []
    for item in plan.townships():
        mine = [area for area in parts if area.township == item.name]
        shape = union([area.shape for area in mine])
        people = sum(area.population for area in mine)
        result.append(Area(item.name, item.code, shape, item.name, item.code, "township", people))
    return result
