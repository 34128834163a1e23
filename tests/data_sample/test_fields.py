from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from shapely import LineString, box

from data.sample_county.fields import BRIDGE_PRICE_M, field_grid
from data.sample_county.graph import Street

if TYPE_CHECKING:
    from data.sample_county.terrain import Terrain


def test_field_roads_keep_to_the_fields(small_terrain: Terrain) -> None:
    road = Street(LineString([(2000, -9000), (2000, 9000)]), "G")
    streets = field_grid(small_terrain, [road])
    lines = shapely.union_all([street.line for street in streets])
    assert {street.kind for street in streets} == {"lattice"}
    assert small_terrain.county.contains(lines)
    assert not lines.intersects(small_terrain.still_water)
    assert not lines.intersects(box(-2000, -2000, 4000, 3000))  # the town
    assert lines.touches(road.line) or lines.distance(road.line) < 1e-6


def test_bridges_are_dear(small_terrain: Terrain) -> None:
    small_terrain.rivers["河"] = LineString([(-2000, 7000), (9000, 7000)])
    river = small_terrain.rivers["河"]
    streets = field_grid(small_terrain, [Street(LineString([(2000, -9000), (2000, 9000)]), "G")])
    across = [street for street in streets if street.line.crosses(river)]
    assert across
    assert all(street.factor * street.line.length > BRIDGE_PRICE_M for street in across)
