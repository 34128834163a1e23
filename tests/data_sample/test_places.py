from __future__ import annotations

from typing import TYPE_CHECKING

from shapely import Point, box

from data.sample_county.places import STREET_CLEAR_M, Area, Places, place_landmarks

if TYPE_CHECKING:
    from data.sample_county.segments import Network


def _places() -> Places:
    one = Area("东风", "329901101201", box(0, 0, 10, 10), "运西镇", "329901101")
    two = Area("红旗", "329901101202", box(10, 0, 20, 10), "运西镇", "329901101")
    return Places([], [one], [two], [])


def test_places_know_whose_they_are() -> None:
    assert _places().area_at(5, 5).name == "东风"
    assert _places().where(15, 5) == {
        "township_code": "329901101",
        "community": "红旗",
        "grid_code": "329901101202001",
    }


def test_the_nearest_area_holds_places_outside() -> None:
    assert _places().area_at(500, 5).name == "红旗"


def test_landmarks_stand_off_the_streets(small_network: Network) -> None:
    marks = place_landmarks(small_network)
    lines = [segment.line for segment in small_network.segments]
    assert all(
        item.spot.distance(line) >= STREET_CLEAR_M for item in marks.values() for line in lines
    )
    places = Places([], _places().communities, [], [], marks)
    spot = places.spot("鼓楼")
    assert places.landmark_near(Point(spot.x + 1, spot.y)) == "鼓楼"
