"""Visits: which cases are one, and where it was."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.cases import Cases
from geosvc.analysis.visits import Visits, group_visits
from geosvc.network import StreetNetwork
from tests.analysis import town

STREET = StreetNetwork.from_segments([[0, 0], [1000, 0]], [[0, 1]])


def cases(
    offset_m: list[float], day: list[int], patrol: list[int] | None = None, *, segment: int = 0
) -> Cases:
    count = len(offset_m)
    days = np.datetime64("2024-06-01") + np.array(day, dtype=np.int64).astype("timedelta64[D]")
    at = town.places([segment] * count, offset_m)
    numbers = np.array(patrol or [-1] * count, dtype=np.int64)
    return Cases(tuple(map(str, range(count))), at, days, numbers, ())


def visits(*args: object, **changed: object) -> Visits:
    return group_visits(STREET, cases(*args, **changed))  # type: ignore[arg-type] # as cases takes them


def test_cases_of_one_day_and_place_are_one_visit() -> None:
    found = visits([100, 140, 600], [0, 0, 0])
    assert found.of_case.tolist() == [0, 0, 1]
    assert found.size.tolist() == [2, 1]
    assert len(found) == 2


def test_cases_of_other_days_are_other_visits() -> None:
    assert visits([100, 100], [0, 1]).of_case.tolist() == [0, 1]


def test_cases_of_one_patrol_are_one_visit_over_midnight() -> None:
    found = visits([100, 120, 120], [1, 0, 0], [7, 7, 8])
    assert found.of_case.tolist() == [0, 0, 0]
    assert found.day.tolist() == [date(2024, 6, 1)]
    assert visits([100, 120], [1, 0], [7, 8]).of_case.tolist() == [0, 1]


def test_fifty_meters_are_near_and_a_visit_may_be_longer() -> None:
    assert visits([100, 150], [0, 0]).of_case.tolist() == [0, 0]
    assert visits([100, 150.01], [0, 0]).of_case.tolist() == [0, 1]
    assert visits([100, 200, 150], [0, 0, 0]).of_case.tolist() == [0, 0, 0]


def test_meters_are_along_streets() -> None:
    # two streets ten meters apart, that meet a kilometer away
    network = StreetNetwork.from_segments(
        [[0, 0], [1000, 0], [1000, 10], [0, 10]], [[0, 1], [1, 2], [2, 3]]
    )
    both = cases([100, 900], [0, 0])
    apart = Cases(both.keys, town.places([0, 2], [100, 900]), both.day, both.patrol, ())
    assert group_visits(network, apart).of_case.tolist() == [0, 1]
    assert group_visits(network, apart, apart_m=2000).of_case.tolist() == [0, 0]


def test_a_visit_is_where_its_middle_case_is() -> None:
    found = visits([100, 130, 110, 700], [0, 0, 0, 0])
    assert found.places.offset_m.tolist() == [110, 700]
    # of two neither is in the middle: the first along the street
    assert visits([130, 100], [0, 0]).places.offset_m.tolist() == [100]


def test_dispersion_is_what_clumps_add_to_chance() -> None:
    assert visits([0, 100, 200], [0, 0, 0]).dispersion == 1.0
    assert visits([0, 0, 0, 500], [0, 0, 0, 0]).dispersion == pytest.approx((9 + 1) / 4)
    assert visits([], []).dispersion == 1.0
    # the variance of the number of cases of a Poisson number of such visits, over its mean
    rng = np.random.default_rng(1)
    sizes = np.array([1, 1, 4])
    totals = np.array([sizes[rng.integers(0, 3, rng.poisson(30))].sum() for _ in range(4000)])
    assert totals.var() / totals.mean() == pytest.approx((sizes**2).sum() / sizes.sum(), rel=0.1)


CASE = st.tuples(st.integers(0, 200), st.integers(0, 2), st.integers(-1, 2))


@given(st.lists(CASE, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing(rows: list[tuple[int, int, int]], chance: object) -> None:
    order = list(range(len(rows)))
    chance.shuffle(order)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    one = visits(*(list(column) for column in zip(*rows, strict=True)))
    shuffled = [rows[at] for at in order]
    other = visits(*(list(column) for column in zip(*shuffled, strict=True)))
    assert sorted(one.size.tolist()) == sorted(other.size.tolist())
    assert sorted(one.places.offset_m.tolist()) == sorted(other.places.offset_m.tolist())
    together = {(i, j) for i in order for j in order if one.of_case[i] == one.of_case[j]}
    back = np.empty(len(order), dtype=np.int64)
    back[order] = other.of_case
    assert together == {(i, j) for i in order for j in order if back[i] == back[j]}


@given(st.lists(CASE, min_size=1, max_size=12))
def test_linked_by_every_chain_of_near_cases(rows: list[tuple[int, int, int]]) -> None:
    linked = np.array(
        [
            [
                abs(a[0] - b[0]) <= 50 and (a[1] == b[1] or (a[2] == b[2] and a[2] >= 0))
                for b in rows
            ]
            for a in rows
        ]
    )
    for _ in rows:
        linked = (linked.astype(int) @ linked.astype(int)) > 0
    found = visits(*(list(column) for column in zip(*rows, strict=True)))
    assert ((found.of_case[:, None] == found.of_case) == linked).all()
    assert found.size.sum() == len(rows)
