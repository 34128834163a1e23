from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geosvc.analysis.siting.lagrangian import Effort, Part, ascend, reduce_part

LONG = Effort(steps=300, pace=1.0, end=1e-3, patience=10)
COSTS = st.tuples(st.integers(3, 7), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 20).map(float))
)


def part_of(costs: np.ndarray, count: int, *, cap: float = math.inf) -> Part:
    caps = np.full(costs.shape[1], cap)
    prices = np.minimum(np.median(costs, axis=0), caps)
    return Part(costs, caps, prices, np.arange(len(costs)), count)


def best_of(part: Part) -> float:
    choices = combinations(range(len(part.sites)), part.count)
    return min((part.value(np.array(rows, dtype=int)) for rows in choices), default=math.inf)


def climb(part: Part, *, upper: float, target: float = math.inf) -> float:
    return ascend(part, target=target, upper=upper, effort=LONG, stop=lambda _bound: False).bound


@given(COSTS, st.integers(1, 2), st.sampled_from([math.inf, 8.0]))
def test_a_bound_never_passes_the_best(costs: np.ndarray, count: int, cap: float) -> None:
    part = part_of(costs, count, cap=cap)
    best = best_of(part)
    assert climb(part, upper=best + 3) <= best


@given(COSTS, st.integers(1, 2), st.integers(0, 4))
def test_reducing_keeps_every_better_answer(costs: np.ndarray, count: int, more: int) -> None:
    part = part_of(costs, count)
    best = best_of(part)
    target = best + more + 0.5
    dual = ascend(part, target=math.inf, upper=target, effort=LONG, stop=lambda _bound: False)
    left = reduce_part(part, dual, target=target)
    assert best_of(left) == best
    assert len(left.opened) + left.count == count


@given(COSTS, st.data())
def test_opening_and_dropping_keep_the_cost(costs: np.ndarray, data: st.DataObject) -> None:
    part = part_of(costs, 2)
    row = data.draw(st.integers(0, len(costs) - 1))
    which = np.arange(len(costs)) == row
    opened = part.open(which)
    others = [other for other in range(len(costs)) if other != row]
    for place, other in enumerate(others):
        assert opened.value(np.array([place])) == part.value(np.array([row, other]))
    assert (opened.opened, opened.count) == ((row,), 1)
    kept = part.keep(~which)
    assert kept.sites.tolist() == others
    assert kept.value(slice(None)) == part.value(np.array(others))
    assert kept.alone().tolist() == part.alone()[others].tolist()


def test_nothing_opened_or_dropped_is_the_same_part() -> None:
    part = part_of(np.eye(3), 1)
    assert part.open(np.zeros(3, dtype=bool)) is part
    assert part.keep(np.ones(3, dtype=bool)) is part


def test_settled_demand_goes_into_the_offset() -> None:
    part = part_of(np.array([[1.0, 9.0], [5.0, 2.0]]), 2).open(np.array([True, False]))
    assert part.caps.tolist() == [9.0]
    assert part.offset == 1.0
    assert part.prices.tolist() == [5.5]


def test_the_bound_of_a_line_is_tight() -> None:
    place = np.arange(20.0)
    part = part_of(np.abs(place[:, None] - place), 2)
    assert climb(part, upper=best_of(part)) == pytest.approx(best_of(part), rel=2e-3)


def test_a_target_or_a_stop_ends_the_climb() -> None:
    costs = np.random.default_rng(0).random((30, 40))
    part = part_of(costs, 4)
    asked: list[float] = []

    def stop(bound: float) -> bool:
        asked.append(bound)
        return len(asked) == 3

    ascend(part, target=math.inf, upper=9.0, effort=LONG, stop=stop)
    assert len(asked) == 3
    dual = ascend(part, target=-1e9, upper=9.0, effort=LONG, stop=lambda _bound: False)
    assert dual.prices.tolist() == part.prices.tolist()
    once = ascend(
        part, target=9e9, upper=9.0, effort=replace(LONG, steps=1), stop=lambda _bound: False
    )
    assert once.bound == dual.bound
    assert once.often.sum() == pytest.approx(4 * 0.05)


def test_demand_that_is_served_once_each_ends_the_climb() -> None:
    part = Part(np.array([[0.0, 9], [9, 0], [9, 9]]), np.full(2, 9.0), np.ones(2), np.arange(3), 2)
    dual = ascend(part, target=math.inf, upper=1.0, effort=LONG, stop=lambda _bound: False)
    assert dual.pace == 0
    assert dual.bound == pytest.approx(0)
    assert sorted(dual.picked.tolist()) == [0, 1]
