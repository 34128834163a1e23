from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from shapely import Point

from data.sample_county import plan

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_townships_hold_their_parts(county: County) -> None:
    places = county.places
    parts = places.communities + places.lands
    for township in places.townships:
        mine = [area for area in parts if area.township == township.name]
        assert sum(area.population for area in mine) == township.population
        assert shapely.area(shapely.union_all([area.shape for area in mine])) > 0
    assert len({area.code for area in parts}) == len(parts)


def test_seats_lie_in_their_townships(county: County) -> None:
    shapes = {area.name: area.shape for area in county.places.townships}
    assert all(shapes[item.name].contains(Point(item.x, item.y)) for item in plan.seats())


def test_county_and_lake_fit_the_tiling(county: County) -> None:
    lands = [area.shape for area in county.places.townships]
    whole = shapely.coverage_union_all([*lands, county.terrain.lake])
    assert whole.symmetric_difference(county.terrain.county).area < 1
