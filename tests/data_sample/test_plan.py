from __future__ import annotations

import pytest
from shapely import Point, Polygon

from data.sample_county import plan


def test_townships_are_thirteen_of_which_two_are_urban() -> None:
    assert len(plan.townships()) == 13
    assert [item.name for item in plan.townships() if item.urban] == ["宝塔街道", "金桥街道"]
    assert len(plan.seats()) == 11
    assert len({item.code for item in plan.townships()}) == 13


def test_courses_are_in_metres() -> None:
    streets = {item.name: item for item in plan.courses("streets")}
    assert {"金桥路", "佳醇路", "泰北路"} <= set(streets)
    assert abs(streets["金桥路"].points).max() > 1000
    assert all(
        len(item.points) >= 2 for table in ("rivers", "trunks") for item in plan.courses(table)
    )


@pytest.mark.parametrize("name", ["outline", "lake", "town", "old_town"])
def test_areas_are_simple_rings(name: str) -> None:
    assert Polygon(plan.area(name)).is_valid


def test_places_lie_in_the_county() -> None:
    county, town = Polygon(plan.area("outline")), Polygon(plan.area("town"))
    assert county.contains(town)
    assert all(county.contains(Point(item.x, item.y)) for item in plan.townships())
    assert all(town.contains(Point(item.x, item.y)) for item in plan.community_seeds())


def test_links_and_interchanges_name_known_places() -> None:
    names = {item.name for item in plan.townships()}
    assert all({one, two} <= names for one, two in plan.links())
    roads = {item.name for table in ("trunks", "expressways") for item in plan.courses(table)}
    assert all({first, second} <= roads for _, first, second in plan.interchanges())


def test_community_seeds_are_in_the_word_lists() -> None:
    pools = ("old", "new", "west", "works")
    known = {word for pool in pools for word in plan.words(f"{pool}_communities")}
    assert {item.name for item in plan.community_seeds()} <= known


@pytest.mark.parametrize(
    "name",
    ["surnames", "road_heads", "works_heads", "lane_heads", "village_heads", "village_tails"],
)
def test_words_are_not_repeated(name: str) -> None:
    assert len(set(plan.words(name))) == len(plan.words(name))


def test_landmarks_have_kinds() -> None:
    kinds = {item.name: item.kind for item in plan.landmarks()}
    assert kinds["北港码头"] == "port"
    assert kinds["运东船闸"] == "lock"
    assert all(kinds.values())
    assert all(item.radius_m > 0 for item in plan.marshes())
