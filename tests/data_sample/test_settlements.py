from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import pdist
from shapely import Point

from data.sample_county import plan
from data.sample_county.settlements import Settlement, seat_streets, spot_of
from data.sample_county.town import town_outline

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_seats_have_their_own_streets(rng: np.random.Generator) -> None:
    township = plan.seats()[0]
    streets = seat_streets(township, rng)
    names = [street.name for street in streets]
    assert len(set(names)) == len(names)
    assert all(name.startswith(township.name.removesuffix("镇")) for name in names)
    middle = Point(township.x, township.y)
    assert all(street.line.distance(middle) < 1000 for street in streets)


def test_villages_are_spread_over_the_land(county: County) -> None:
    villages = county.places.villages
    xy = np.array([(item.x, item.y) for item in villages])
    assert len({item.name for item in villages}) == 220
    assert pdist(xy).min() > 900
    assert not any(town_outline().contains(spot_of(item)) for item in villages)
    assert all(item.township.endswith("镇") or item.township.endswith("街道") for item in villages)


def test_villages_lie_on_dry_land(county: County) -> None:
    wet = county.terrain.wet()
    assert not any(wet.intersects(spot_of(item)) for item in county.places.villages)


def test_trunk_roads_reach_the_seats(county: County) -> None:
    graph = county.network.graph
    for name in ("佳官线", "建横线"):
        nodes = {
            node
            for edge in graph.edges
            if edge.street.name == name
            for node in (edge.start, edge.end)
        }
        joined = {graph.edges[index].street.name for node in nodes for index in graph.at[node]}
        assert any(street.startswith(("官塘", "横塘")) for street in joined), name


def test_a_settlement_has_a_place() -> None:
    assert spot_of(Settlement("东风", 3, 1.0, 2.0)) == Point(1, 2)
