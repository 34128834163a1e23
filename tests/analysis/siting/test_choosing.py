from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.choosing import choose_count, choose_whole, choose_within

WORTH = st.lists(st.integers(-9, 2), min_size=1, max_size=5)


@given(WORTH, st.data())
def test_so_many_sites_and_what_another_choice_costs(worth: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(worth)))
    must = np.array([data.draw(st.booleans()) for _ in worth])
    must &= np.cumsum(must) <= count
    plans = {
        plan: float(sum(worth[site] for site in plan))
        for plan in itertools.combinations(range(len(worth)), count)
        if set(np.flatnonzero(must)) <= set(plan)
    }
    choice = choose_count(np.array(worth, dtype=np.float64), must, count)
    assert choice.total == min(plans.values())
    for site in range(len(worth)):
        into = min((v for plan, v in plans.items() if site in plan), default=np.inf)
        out_of = min((v for plan, v in plans.items() if site not in plan), default=np.inf)
        assert choice.total + choice.to_open[site] == into
        assert choice.total + choice.to_shut[site] <= out_of


def test_too_few_sites_make_no_choice() -> None:
    assert choose_count(np.array([-1.0]), np.array([False]), 2).total == np.inf


@given(WORTH, st.data())
def test_a_budget_gives_a_bound(worth: list[int], data: st.DataObject) -> None:
    prices = np.array([[data.draw(st.integers(0, 4)) + t for t in range(2)] for _ in worth], float)
    values = np.array([[each, each - 2] for each in worth], dtype=np.float64)
    must = np.array([data.draw(st.booleans()) for _ in worth])
    budget = float(data.draw(st.integers(0, 12)))
    choice = choose_within(values, must, prices, budget)
    best = np.inf
    for plan in itertools.product([-1, 0, 1], repeat=len(worth)):
        opened = [(site, size) for site, size in enumerate(plan) if size >= 0]
        value = sum(values[each] for each in opened)
        if sum(prices[each] for each in opened) > budget or any(must[np.array(plan) < 0]):
            continue
        best = min(best, value)
        for site, size in opened:
            assert choice.total + choice.to_open[2 * site + size] <= value + 1e-6
        for site in np.flatnonzero(np.array(plan) < 0).tolist():
            assert choice.total + choice.to_shut[site] <= value + 1e-6
    assert choice.total <= best + 1e-6
    if np.isfinite(choice.total):
        assert (choice.opened * prices.reshape(-1)).sum() <= budget + 1e-6


def test_a_budget_too_small_for_what_must_open() -> None:
    values, prices = np.array([[-5.0]]), np.array([[2.0]])
    assert choose_within(values, np.array([True]), prices, 1.0).total == np.inf
    assert choose_within(values, np.array([False]), prices, 1.0).total == pytest.approx(-2.5)


@given(
    st.lists(st.tuples(*[st.integers(-9, 2)] * 2, *[st.integers(0, 7)] * 2), max_size=4),
    st.integers(0, 12),
    st.data(),
)
def test_whole_options_within_a_budget_are_the_best(
    sites: list[tuple[int, int, int, int]], budget: int, data: st.DataObject
) -> None:
    table = np.array(sites, dtype=np.int64).reshape(-1, 4)
    values, units = table[:, :2].astype(np.float64), table[:, 2:]
    count = len(values)
    must = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool)
    totals: dict[tuple[int, ...], float] = {}
    for plan in itertools.product((-1, 0, 1), repeat=count):
        opened = [(site, size) for site, size in enumerate(plan) if size >= 0]
        if sum(units[each] for each in opened) <= budget and not must[np.array(plan) < 0].any():
            totals[plan] = float(sum(values[each] for each in opened))
    choice = choose_whole(values, must, units, budget)
    best = min(totals.values(), default=np.inf)
    assert choice.total == best
    for site, size in itertools.product(range(count), range(2)) if totals else ():
        forced = [total for plan, total in totals.items() if plan[site] == size]
        to_open = choice.to_open.reshape(-1, 2)[site, size]
        assert best + to_open <= min(forced, default=np.inf)
        shut = [total for plan, total in totals.items() if plan[site] < 0]
        assert best + choice.to_shut[site] <= min(shut, default=np.inf)
    if totals:
        assert choice.opened @ values.reshape(-1) == best
