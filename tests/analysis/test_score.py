"""The score: worked by hand on one street, and what it must be where all is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from geosvc.analysis.reach import Reach
from geosvc.analysis.score import SHARE, SHARES, Score, leave_one_out, weeks
from geosvc.network import StreetNetwork
from tests.analysis import town

WHOLE_M = 10_000.0
STREET = StreetNetwork.from_segments([[0.0, 0.0], [WHOLE_M, 0.0]], [[0, 1]])
REACH = Reach.of(STREET, np.array([True]), lixel_m=25, limit_m=25)
MONDAY = np.datetime64("2024-06-03")


def scored(offset_m: list[float], day: list[int], **changed: object) -> Score | None:
    places = town.places([0] * len(day), offset_m)
    days = MONDAY + np.array(day, dtype=np.int64).astype("timedelta64[D]")
    return leave_one_out(STREET, REACH, places, day=days, **changed)  # type: ignore[arg-type]


def test_where_it_always_happens_it_is_foretold() -> None:
    score = scored([5010.0] * 4, [0, 7, 14, 21])
    assert score is not None
    assert score.period == "week"
    assert (score.pai, score.pei) == (1 / SHARE, 1.0)
    assert [row["pai"] for row in score.periods] == [1 / SHARE] * 4
    assert [row["from"] for row in score.periods] == [str(MONDAY + 7 * k) for k in range(4)]


def test_where_it_never_happened_it_is_not() -> None:
    score = scored([1000.0, 9000.0], [0, 7])
    assert score is not None
    assert (score.pai, score.pei) == (0, 0)
    assert score.curve[-1] == (1.0, 1.0)


def test_half_foretold() -> None:
    # in the second week one of two comes back
    score = scored([1010.0, 1010.0, 9010.0], [0, 7, 7])
    assert score is not None
    first, second = score.periods
    # one place alone is learned for the second week; two for the first
    assert (first["n"], second["n"]) == (1, 2)
    assert second["pai"] == 0.5 / SHARE
    assert second["pei"] == 0.5
    assert score.pai == round((first["pai"] * 1 + second["pai"] * 2) / 3, 2)


def test_the_curve_rises_from_nothing_to_all() -> None:
    rng = np.random.default_rng(1)
    score = scored(rng.uniform(0, WHOLE_M, 60).tolist(), rng.integers(0, 40, 60).tolist())
    assert score is not None
    shares = [share for _, share in score.curve]
    assert [at for at, _ in score.curve] == list(SHARES)
    assert shares == sorted(shares)
    assert (score.curve[0], score.curve[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert sum(row["n"] for row in score.periods) == 60


def test_without_a_pattern_the_curve_is_the_diagonal() -> None:
    rng = np.random.default_rng(2)
    score = scored(rng.uniform(0, WHOLE_M, 400).tolist(), rng.integers(0, 56, 400).tolist())
    assert score is not None
    away = [abs(at - share) for at, share in score.curve]
    assert max(away) < 0.12
    assert score.pai < 3


def test_half_a_year_is_scored_by_months() -> None:
    assert (score := scored([10.0, 10.0], [0, 182])) is not None
    assert score.period == "week"
    assert (score := scored([10.0, 10.0, 10.0], [0, 40, 183])) is not None
    assert score.period == "month"
    assert [row["n"] for row in score.periods] == [1, 1, 1]


def test_one_period_cannot_be_scored() -> None:
    assert scored([10.0, 20.0], [0, 6]) is None
    assert scored([10.0, 20.0], [6, 7]) is not None
    assert scored([], []) is None


def test_what_lies_on_no_surveyed_street_does_not_count() -> None:
    two = StreetNetwork.from_segments([[0, 0], [900, 0], [900, 900]], [[0, 1], [1, 2]])
    reach = Reach.of(two, np.array([True, False]), lixel_m=25, limit_m=25)
    places = town.places([0, 0, 1], [10, 10, 10])
    score = leave_one_out(two, reach, places, day=MONDAY + 7 * np.arange(3))
    assert score is not None
    assert len(score.periods) == 2


def test_progress_is_told() -> None:
    told: list[float] = []
    scored([10.0] * 4, [0, 7, 14, 21], progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("day", range(14))
def test_a_week_begins_on_monday(day: int) -> None:
    found = weeks(np.array([MONDAY + day])).tolist()[0]
    assert found.weekday() == 0
    assert found == date(2024, 6, 3 + 7 * (day // 7))
    before = weeks(np.array(["1969-12-31"], dtype="datetime64[D]")).tolist()
    assert before == [date(1969, 12, 29)]
