from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from data.sample_county.cases import BY_PATROL, CASES, Case, make_cases, violation_layer
from data.sample_county.washing import make_shops

if TYPE_CHECKING:
    from data.sample_county.county import County


def _cases(county: County) -> list[Case]:
    return make_cases(county.network, make_shops(county.places, county.network))


def test_cases_come_in_order_and_by_day(county: County) -> None:
    cases = _cases(county)
    assert len(cases) == CASES
    assert cases == sorted(cases, key=lambda case: case.captured)
    assert all(7 <= case.captured.hour < 20 for case in cases)
    assert {case.captured.utcoffset() for case in cases} == {dt.timedelta(hours=8)}
    assert sum(case.by_patrol for case in cases) == BY_PATROL


def test_rows_tell_how_a_case_was_handled(county: County) -> None:
    rows = violation_layer(_cases(county), county.places).rows
    for row in rows:
        assert (row["fine_yuan"] == 200) == (row["state"] == "penalised")
        assert (row["closed_at"] is None) == (row["state"] != "penalised")
        assert str(row["updated_at"]) <= "2024-06-30"
        assert row["channel"] == "police_app"


def test_some_cars_come_again(county: County) -> None:
    plates = [row["plate"] for row in violation_layer(_cases(county), county.places).rows]
    assert 100 < len(set(plates)) < CASES
