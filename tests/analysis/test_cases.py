"""Cases: what is read of a frame, and what is refused with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geosvc.analysis.cases import days, read_cases, some
from geosvc.errors import AnalysisError
from geosvc.network import StreetNetwork
from tests.analysis import town

NETWORK = StreetNetwork.from_lines(town.streets())


@pytest.mark.parametrize(
    "value",
    [
        "2024-06-01T00:10:00+08:00",
        "2024-06-01",
        date(2024, 6, 1),
        datetime(2024, 6, 1, 23, 59, tzinfo=UTC),
        pd.Timestamp("2024-06-01T07:00:00+08:00"),
    ],
)
def test_a_day_is_that_of_the_clock_of_the_place(value: object) -> None:
    frame = pd.DataFrame({"at": pd.Series([value], dtype=object)})
    assert days(frame, "at").tolist() == [date(2024, 6, 1)]


def test_what_has_no_time_has_no_day() -> None:
    frame = pd.DataFrame({"at": pd.Series([None, pd.NaT, float("nan"), pd.NA], dtype=object)})
    assert np.isnat(days(frame, "at")).all()
    assert np.isnat(days(frame, "unknown")).tolist() == [True] * 4
    stamps = pd.DataFrame({"at": pd.to_datetime(["2024-06-01T20:00:00Z"], utc=True)})
    local = stamps.assign(at=stamps["at"].dt.tz_convert("Asia/Shanghai"))
    assert days(local, "at").tolist() == [date(2024, 6, 2)]


def test_cases_are_on_streets_with_their_day_and_patrol() -> None:
    given = town.cases([(40, 3), (210, 100)], ["01", "02"], ["P7", None])
    cases = read_cases(given, NETWORK)
    assert cases.keys == ("C0", "C1")
    assert cases.places.distance_m.round(6).tolist() == [3, 0]
    assert cases.day.tolist() == [date(2024, 6, 1), date(2024, 6, 2)]
    assert cases.patrol.tolist() == [0, -1]
    assert (len(cases), cases.total, cases.dropped) == (2, 2, ())
    assert [str(day) for day in cases.period] == ["2024-06-01", "2024-06-02"]


def test_each_case_that_is_not_used_is_listed_with_its_reason() -> None:
    given = town.cases(
        [(10, 0)] * 7 + [(-51, 0), (20, 10), (30, 0), (40, 0)], ["01"] * 8 + [None] + ["02"] * 2
    )
    geometry = given.geometry.to_numpy().copy()
    geometry[9], geometry[10] = None, shapely.Point()
    cases = read_cases(given.set_geometry(gpd.GeoSeries(geometry, given.index, town.CRS)), NETWORK)
    assert len(cases) == 7
    assert cases.dropped == (
        {"key": "C7", "reason": "beyond_limit", "distance_m": 51.0},
        {"key": "C8", "reason": "no_time", "distance_m": 10.0},
        {"key": "C9", "reason": "no_place", "distance_m": None},
        {"key": "C10", "reason": "no_place", "distance_m": None},
    )


def test_a_fifth_may_be_far_away_and_no_more() -> None:
    near, far = [(10.0, 0.0)] * 4, [(-60.0, 0.0)]
    assert len(read_cases(town.cases(near + far, ["01"] * 5), NETWORK)) == 4
    with pytest.raises(AnalysisError) as caught:
        read_cases(town.cases(near + far * 2, ["01"] * 6), NETWORK)
    assert caught.value.reason == "too_far"
    assert caught.value.numbers == {"far": 2, "events": 6, "limit_m": 50}
    shown = [(issue.code, issue.key, issue.found) for issue in caught.value.issues[1:]]
    assert shown == [("far_from_street", "C4", "60"), ("far_from_street", "C5", "60")]


def test_the_limit_counts_as_near() -> None:
    assert len(read_cases(town.cases([(-50, 0)], ["01"]), NETWORK)) == 1
    with pytest.raises(AnalysisError, match="too_far"):
        read_cases(town.cases([(-50, 0)], ["01"]), NETWORK, limit_m=49)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (town.cases([], []), "no_events"),
        (town.cases([(0, 0)], [None]), "no_times"),
        (town.cases([(0, 0)], ["01"]).drop(columns="captured_at"), "no_times"),
        (town.cases([(np.nan, 0)], ["01"]), "no_places"),
    ],
)
def test_where_nothing_can_be_used_the_reason_is_said(given: gpd.GeoDataFrame, reason: str) -> None:
    with pytest.raises(AnalysisError, match=reason):
        read_cases(given, NETWORK)


def test_a_case_that_is_an_area_lies_in_its_middle() -> None:
    given = town.cases([(0, 0)], ["01"])
    given.geometry = [shapely.box(town.X0 + 20, town.Y0 - 5, town.X0 + 40, town.Y0 + 5)]
    cases = read_cases(given.drop(columns="patrol_id"), NETWORK)
    assert cases.places.offset_m.tolist() == [30]
    assert cases.patrol.tolist() == [-1]


def test_some_of_the_cases() -> None:
    cases = read_cases(
        town.cases([(10, 0), (20, 0), (-60, 0), *[(0, 0)] * 9], ["01"] * 12), NETWORK
    )
    second = cases.chosen(np.arange(11) == 1)
    assert second.keys == ("C1",)
    assert second.places.offset_m.tolist() == [20]
    assert second.dropped == cases.dropped
    moved = cases.chosen(np.arange(11) == 1, places=town.places([3], [4]))
    assert moved.places.segment.tolist() == [3]
    assert some(cases.places, np.array([1, 0])).offset_m.tolist() == [20, 10]
