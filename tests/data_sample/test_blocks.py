from __future__ import annotations

from typing import TYPE_CHECKING

from shapely import LineString, box

from data.sample_county.blocks import Divider, side_streets
from data.sample_county.graph import Street

if TYPE_CHECKING:
    import numpy as np

    from data.sample_county.terrain import Terrain

BLOCK = box(1000, 1000, 1600, 1600)


def test_blocks_are_divided_until_they_are_small(rng: np.random.Generator) -> None:
    cuts = Divider(rng).divide(BLOCK, "new")
    assert 4 < len(cuts) < 12
    assert all(line.intersects(BLOCK) for _, line in cuts)
    assert cuts[0][0] == 0


def test_small_blocks_stay_whole(rng: np.random.Generator) -> None:
    assert Divider(rng).divide(box(0, 0, 100, 100), "new") == []


def test_larger_quarters_have_fewer_streets(rng: np.random.Generator) -> None:
    works, old = (len(Divider(rng).divide(BLOCK, place)) for place in ("works", "old"))
    assert works < old


def test_side_streets_lie_between_the_main_streets(small_terrain: Terrain) -> None:
    ring = box(1000, 1000, 2200, 2200).exterior
    made = side_streets(small_terrain, [Street(LineString(ring), "arterial", "环路")])
    assert len(made) > 10
    assert {street.road_class for street in made} == {"branch"}
    assert all(street.line.within(box(999, 999, 2201, 2201)) for street in made)
