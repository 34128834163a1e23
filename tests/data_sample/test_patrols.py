from __future__ import annotations

import datetime as dt
import doctest
from typing import TYPE_CHECKING

from data.sample_county import patrols
from data.sample_county.cases import ZONE, Case, make_cases, violation_layer
from data.sample_county.washing import make_shops

if TYPE_CHECKING:
    from data.sample_county.county import County

NOON = dt.datetime(2024, 6, 1, 12, tzinfo=ZONE)


def test_a_patrol_covers_its_road_and_time() -> None:
    patrol = patrols.Patrol(NOON, NOON + dt.timedelta(minutes=30), "金桥路", 0, 0)
    assert patrol.covers(Case(NOON + dt.timedelta(minutes=5), "金桥路", 0, 0))
    assert not patrol.covers(Case(NOON + dt.timedelta(minutes=5), "佳醇路", 0, 0))
    assert not patrol.covers(Case(NOON + dt.timedelta(minutes=31), "金桥路", 0, 0))


def test_patrols_find_their_cases(county: County) -> None:
    cases = make_cases(county.network, make_shops(county.places, county.network))
    sent = patrols.make_patrols(county.network, cases)
    rows = patrols.patrol_layer(sent, county.places).rows
    assert len(rows) == patrols.PATROLS
    by_id = {row["patrol_id"]: patrol for row, patrol in zip(rows, sent, strict=True)}
    for case in cases:
        assert (case.patrol_id is not None) == case.by_patrol
        if case.patrol_id:
            assert by_id[case.patrol_id].covers(case)
    channels = [row["channel"] for row in violation_layer(cases, county.places).rows]
    assert channels.count("patrol") == sum(case.by_patrol for case in cases)


def test_examples_hold() -> None:
    assert doctest.testmod(patrols).failed == 0
