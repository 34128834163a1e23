from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.branching import Incumbent, search
from geosvc.analysis.siting.lagrangian import Part
from geosvc.analysis.siting.watch import Watch


def part_of(costs: np.ndarray, count: int) -> Part:
    nearest = np.where(np.isfinite(costs), costs, 0).max(axis=0)
    return Part(costs, np.full(costs.shape[1], np.inf), nearest, np.arange(len(costs)), count)


def truth(costs: np.ndarray, count: int) -> float:
    choices = combinations(range(len(costs)), count)
    return min(float(costs[list(rows)].min(axis=0).sum()) for rows in choices)


def costs_of(seed: int, *, holes: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    costs = random.integers(0, 50, (9, 14)).astype(float)
    costs[random.random(costs.shape) < holes] = np.inf
    return costs


def start(costs: np.ndarray, *, whole: bool, value: float = 1e6, gap: float = 0.0) -> Incumbent:
    assert costs.size
    return Incumbent(value, np.empty(0, dtype=np.int64), whole, gap)


@given(st.integers(0, 10**6), st.integers(1, 9), st.booleans(), st.sampled_from([0.0, 0.3]))
def test_a_search_that_ends_finds_the_best(
    seed: int,
    count: int,
    whole: bool,  # noqa: FBT001 - drawn, not passed by hand
    holes: float,
) -> None:
    costs = costs_of(seed, holes=holes)
    best = start(costs, whole=whole)
    bound = search(part_of(costs, count), best, bound=0.0, nodes=10**6, watch=Watch(math.inf))
    known = truth(costs, count)
    assert bound >= best.target
    if math.isinf(known):
        assert len(best.sites) == 0
    else:
        assert best.value == known
        assert float(costs[best.sites].min(axis=0).sum()) == known
        assert len(best.sites) == count


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(0, 12))
def test_a_search_cut_short_has_a_sound_bound(seed: int, count: int, nodes: int) -> None:
    costs = costs_of(seed)
    best = start(costs, whole=True)
    bound = search(part_of(costs, count), best, bound=1.0, nodes=nodes, watch=Watch(math.inf))
    known = truth(costs, count)
    assert bound >= 1.0
    assert best.rounded(bound) <= known <= best.value


def test_no_time_returns_the_bound_that_was_known() -> None:
    costs = costs_of(1)
    best = start(costs, whole=True)
    assert search(part_of(costs, 3), best, bound=7.0, nodes=99, watch=Watch(0)) == 7.0
    assert best.value == 1e6


def test_what_is_as_good_as_the_best_is_not_searched() -> None:
    costs = costs_of(2)
    known = truth(costs, 3)
    best = start(costs, whole=True, value=known)
    search(part_of(costs, 3), best, bound=0.0, nodes=10**6, watch=Watch(math.inf))
    assert (best.value, len(best.sites)) == (known, 0)


@pytest.mark.parametrize(
    ("whole", "gap", "target"),
    [(True, 0.0, 99.000002), (False, 0.0, 99.999999), (True, 0.1, 90.0), (False, 0.1, 90.0)],
)
def test_the_target_is_what_would_be_better(whole: bool, gap: float, target: float) -> None:  # noqa: FBT001 - a case of the table
    best = start(np.ones((1, 1)), whole=whole, value=100.0, gap=gap)
    assert best.target == pytest.approx(target, abs=1e-9)
    assert start(np.ones((1, 1)), whole=whole, value=math.inf).target == math.inf


def test_a_bound_is_rounded_with_room_to_spare() -> None:
    best = start(np.ones((1, 1)), whole=True, value=100.0)
    assert best.rounded(98.0000001) == 98.0
    assert best.rounded(98.1) == 99.0
    assert best.rounded(math.inf) == 100.0
    assert best.rounded(-math.inf) == -math.inf


def test_only_a_better_answer_is_taken() -> None:
    best = start(np.ones((1, 1)), whole=True, value=10.0)
    best.offer(10.0, np.array([1]))
    assert len(best.sites) == 0
    best.offer(9.0, np.array([3, 1]))
    assert best.sites.tolist() == [1, 3]
