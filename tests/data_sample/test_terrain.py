from __future__ import annotations

from shapely import box

from data.sample_county.terrain import FISH_PONDS, add_fish_ponds, make_terrain


def test_the_land_has_its_waters() -> None:
    terrain = make_terrain()
    kinds = [item.kind for item in terrain.waters]
    assert kinds[:2] == ["lake", "canal"]
    assert kinds.count("river") == 9
    assert kinds.count("pond") == 6
    assert all(item.shape.is_valid for item in terrain.waters)
    assert terrain.land.area + terrain.lake.area < terrain.county.area * 1.0001
    assert 1.9e9 < terrain.county.area < 2.6e9


def test_fish_ponds_keep_off_roads_water_and_each_other() -> None:
    terrain = make_terrain()
    before, town = len(terrain.waters), box(-3500, -5000, 7000, 4500)
    road = box(-20_000, -14_000, 20_000, -13_990).exterior
    add_fish_ponds(terrain, road, town)
    ponds = [item.shape for item in terrain.waters[before:]]
    assert len(ponds) == FISH_PONDS
    assert all(pond.distance(road) >= 45 and not pond.intersects(town) for pond in ponds)
    others = [item.shape for item in terrain.waters]
    assert all(pond is other or pond.distance(other) >= 30 for pond in ponds for other in others)


def test_wet_places_have_a_margin() -> None:
    terrain = make_terrain()
    assert terrain.wet(10).area > terrain.wet().area
    assert terrain.wet(10).contains(terrain.still_water)
