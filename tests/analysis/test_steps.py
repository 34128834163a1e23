"""What was done, when, and which of it can be compared."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from geosvc.analysis.cases import Cases
from geosvc.analysis.steps import LEAST_WEEKS, Steps, read_steps
from geosvc.network import Snapped, StreetNetwork

STREET = StreetNetwork.from_segments([[0, 0], [1000, 0]], [[0, 1]])
OPEN = ("phase", "open", False)


def _cases(first: str = "2024-01-01", last: str = "2024-12-31") -> Cases:
    day = np.array([first, last], dtype="datetime64[D]")
    at = Snapped(np.zeros(2, dtype=int), np.array([5.0, 9.0]), np.zeros(2))
    return Cases(keys=("a", "b"), places=at, day=day, patrol=np.array([-1, -1]), dropped=())


def _read(columns: dict[str, list[Any]], *, y: float = 0.0, limit_m: float = 500.0) -> Steps:
    [count] = {len(values) for values in columns.values()}
    geometry = gpd.points_from_xy(100.0 * np.arange(count), np.full(count, y))
    frame = gpd.GeoDataFrame(columns, geometry=geometry, index=[f"S{at}" for at in range(count)])
    given = {"column": "on", "waits": OPEN, "limit_m": limit_m}
    return read_steps(frame, STREET, _cases(), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "weeks", "reason"),
    [
        ("2024-07-01", 26, ""),
        ("2024-01-14", 0, "no_before"),
        ("2024-01-15", 2, ""),
        ("2024-12-18", 2, ""),
        ("2024-12-19", 0, "no_after"),
        ("2023-05-01", 0, "no_before"),
        ("2025-05-01", 0, "no_after"),
        (None, 0, "no_date"),
    ],
)
def test_as_many_whole_weeks_before_as_after(day: str | None, weeks: int, reason: str) -> None:
    steps = _read({"on": [day]})
    assert (steps.weeks.tolist(), steps.reason.tolist()) == ([weeks], [reason])
    assert LEAST_WEEKS == 2


def test_what_has_not_been_done_waits_whatever_its_day() -> None:
    steps = _read({"on": ["2024-07-01"] * 3, "phase": ["open", "construction", None]})
    assert steps.reason.tolist() == ["", "not_yet", "not_yet"]
    assert steps.is_dated.tolist() == [True, False, False]
    assert np.isnat(steps.day).tolist() == [False, True, True]


def test_a_column_that_is_not_there_is_no_date() -> None:
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([5], [0]))
    steps = read_steps(frame, STREET, _cases(), column="on", waits=OPEN, limit_m=50)
    assert steps.reason.tolist() == ["no_date"]


def test_a_step_off_every_street_is_told() -> None:
    steps = _read({"on": ["2024-07-01"]}, y=501.0)
    assert steps.reason.tolist() == ["no_place"]
    assert not steps.is_dated.any()
    assert _read({"on": ["2024-07-01"]}, y=499.0).reason.tolist() == [""]


def test_steps_can_be_chosen() -> None:
    steps = _read({"on": ["2024-07-01", None, "2024-03-01"]})
    some = steps.chosen(steps.is_dated)
    assert (len(steps), len(some)) == (3, 2)
    assert some.keys.tolist() == ["S0", "S2"]
    assert some.weeks.tolist() == [26, 8]
    assert some.places.offset_m.tolist() == [0.0, 200.0]


def test_a_plan_has_all_days_so_far_before_it() -> None:
    cases = _cases("2024-05-16", "2024-06-30")
    plan = _read({"on": [None]}).planned(cases)
    assert plan.day.tolist() == [np.datetime64("2024-07-01").item()]
    # 46 days are begun weeks: none is left out
    assert plan.weeks.tolist() == [7]
