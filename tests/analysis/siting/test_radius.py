from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.branching import Incumbent
from geosvc.analysis.siting.lagrangian import Part
from geosvc.analysis.siting.radius import solve_radius
from geosvc.analysis.siting.watch import Watch


def part_of(seed: int, count: int, *, cap: float = math.inf, holes: float = 0.0) -> Part:
    random = np.random.default_rng(seed)
    costs = random.integers(0, 20, (8, 12)).astype(float)
    costs[random.random(costs.shape) < holes] = np.inf
    caps = np.full(12, cap)
    return Part(costs, caps, np.zeros(12), np.arange(10, 18), count, offset=3.0, opened=(2,))


def truth(part: Part) -> float:
    choices = combinations(range(len(part.sites)), part.count)
    return min(part.value(np.array(rows)) for rows in choices)


@given(
    st.integers(0, 10**6),
    st.integers(2, 7),
    st.sampled_from([math.inf, 9.0]),
    st.sampled_from([0.0, 0.2]),
)
def test_the_program_finds_the_best(seed: int, count: int, cap: float, holes: float) -> None:
    part = part_of(seed, count, cap=cap, holes=holes)
    known = truth(part)
    best = Incumbent(1e6, np.empty(0, dtype=np.int64), whole=True)
    bound = solve_radius(part, best, bound=0.0, seed=0, watch=Watch(60))
    if math.isinf(known):
        assert (best.value, bound) == (1e6, math.inf)
        return
    assert best.value == known
    assert bound == pytest.approx(known)
    assert best.sites[0] == 2
    assert len(best.sites) == count + 1


def test_it_starts_from_the_best_known_and_tells_how_far_it_is() -> None:
    part = part_of(5, 3)
    best = Incumbent(part.value(np.arange(3)), np.array([2, 10, 11, 12]), whole=True)
    heard: list[tuple[float, float]] = []

    def listen(value: float, bound: float) -> bool:
        heard.append((value, bound))
        return False

    bound = solve_radius(part, best, bound=0.0, seed=0, watch=Watch(60, listen))
    assert best.value == truth(part) == pytest.approx(bound)
    assert all(low <= value for value, low in heard)


def test_no_time_gives_no_bound() -> None:
    best = Incumbent(1e6, np.empty(0, dtype=np.int64), whole=True)
    assert solve_radius(part_of(1, 3), best, bound=0.0, seed=0, watch=Watch(0)) == -math.inf
    assert best.value == 1e6


def test_reach_that_so_many_sites_cannot_have_is_infeasible() -> None:
    costs = np.full((3, 3), np.inf)
    np.fill_diagonal(costs, 1.0)
    part = Part(costs, np.full(3, np.inf), np.zeros(3), np.arange(3), 2)
    best = Incumbent(50.0, np.empty(0, dtype=np.int64), whole=True)
    assert solve_radius(part, best, bound=0.0, seed=0, watch=Watch(60)) == math.inf
    assert best.value == 50.0
