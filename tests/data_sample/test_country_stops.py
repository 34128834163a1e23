from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from data.sample_county import plan
from data.sample_county.country_stops import POLES

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_poles_are_counted(county: County) -> None:
    assert len(county.rural) == POLES
    assert all(stop.routes for stop in county.rural)


def test_every_seat_has_a_pair(county: County) -> None:
    names = [stop.name for stop in county.rural]
    assert all(names.count(f"{item.name}政府") == 2 for item in plan.seats())


def test_hardly_a_village_is_left_out(county: County) -> None:
    stops = np.array([(stop.x, stop.y) for stop in county.rural + county.urban])
    villages = np.array([(item.x, item.y) for item in county.places.villages])
    assert (cdist(villages, stops).min(axis=1) < 2000).mean() >= 0.95
