from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import pdist

from data.sample_county.routes import MAIN
from data.sample_county.town_stops import POLES

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_poles_stand_along_the_main_streets(county: County) -> None:
    assert len(county.urban) == POLES
    assert {stop.segment.road_class for stop in county.urban} <= MAIN
    assert all(stop.routes for stop in county.urban)


def test_stops_have_one_name_each(county: County) -> None:
    names = {stop.pair: stop.name for stop in county.urban}
    assert len(set(names.values())) == len(names)
    assert {"泰北路计生站", "汽车客运站"} <= set(names.values())


def test_stops_are_a_walk_apart(county: County) -> None:
    sizes = Counter(stop.pair for stop in county.urban)
    middles = np.array(
        [
            np.mean([(stop.x, stop.y) for stop in county.urban if stop.pair == pair], axis=0)
            for pair in sizes
        ]
    )
    assert pdist(middles).min() > 250
