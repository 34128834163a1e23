from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import eye_array, hstack

from geosvc.analysis.siting.cover_bound import CoverBound
from geosvc.analysis.siting.coverage import Coverage, pattern


def random_cover(seed: int, *, p: int, size: tuple[int, int] = (40, 9)) -> Coverage:
    random = np.random.default_rng(seed)
    rows = random.random(size) < 0.25
    weights = random.integers(1, 50, size[0]).astype(float)
    every = np.ones(size[1], dtype=np.bool_)
    return Coverage.of(pattern(rows), weights, p).reduced(every, ~every)


def even(cover: Coverage) -> np.ndarray:
    return np.full(len(cover.number), cover.p / len(cover.number))


@given(st.integers(0, 500), st.integers(1, 5), st.sampled_from([0, 1, 20, 200]))
def test_no_plan_covers_more_than_the_bounds_say(seed: int, p: int, steps: int) -> None:
    cover = random_cover(seed, p=p)
    relaxed = CoverBound(cover, even(cover))
    relaxed.improve(steps)
    with_it, without = relaxed.settled
    for plan in combinations(range(len(cover.number)), p):
        value = cover.value(np.array(plan)) * (1 - 1e-12)
        assert value <= relaxed.bound
        for column in range(len(cover.number)):
            assert value <= (with_it if column in plan else without)[column]


@pytest.mark.parametrize(
    ("seed", "p"),
    [
        (0, 2),
        (2, 5),
        *(pytest.param(*each, marks=pytest.mark.thorough) for each in [(1, 3), (3, 1)]),
    ],
)
def test_it_closes_in_on_the_linear_relaxation(seed: int, p: int) -> None:
    cover = random_cover(seed, p=p)
    relaxed = CoverBound(cover, even(cover))
    relaxed.improve(1500)
    rows, columns = cover.rows.shape
    limits = np.concatenate([np.zeros(rows), [p]])
    sites = np.concatenate([np.ones(columns), np.zeros(rows)])[np.newaxis]
    matrix = np.vstack([hstack([-cover.rows, eye_array(rows)]).toarray(), sites])
    gains = np.concatenate([np.zeros(columns), -cover.weights])
    least = linprog(gains, A_ub=matrix, b_ub=limits, bounds=(0, 1)).fun
    assert least is not None
    exact = -least
    assert relaxed.bound == pytest.approx(exact, rel=2e-3)
    assert relaxed.relaxed <= exact * (1 + 1e-9) <= relaxed.bound * (1 + 2e-9)
    assert relaxed.point.sum() == pytest.approx(p, abs=1e-6)
    assert cover.weights @ np.minimum(cover.rows @ relaxed.point, 1) == pytest.approx(
        relaxed.relaxed
    )


def test_shares_bring_the_bound_along() -> None:
    cover = random_cover(3, p=3)
    relaxed = CoverBound(cover, even(cover))
    relaxed.improve(400)
    again = CoverBound(cover, relaxed.point, relaxed.shares)
    assert again.bound == pytest.approx(relaxed.bound, rel=1e-12)
    assert CoverBound(cover, even(cover)).bound > again.bound
