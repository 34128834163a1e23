from __future__ import annotations

from shapely import Point

from data.sample_county.county import County, make_county


def test_a_county_is_whole(county: County) -> None:
    assert len(county.places.townships) == 13
    assert len(county.places.villages) == 220
    assert 5000 < len(county.network.segments) < 7000


def test_villages_are_moved_onto_their_roads(county: County) -> None:
    tree, segments = county.network.tree, county.network.segments
    for village in county.places.villages:
        spot = Point(village.x, village.y)
        assert spot.distance(segments[int(tree.nearest(spot))].line) < 1e-6


def test_the_county_is_the_same_again(county: County) -> None:
    again = make_county()
    assert [stop.name for stop in again.urban] == [stop.name for stop in county.urban]
    assert [item.line.wkb for item in again.network.segments] == [
        item.line.wkb for item in county.network.segments
    ]
