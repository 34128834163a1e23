from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.cover_search import CoverSearch
from geosvc.analysis.siting.coverage import Coverage, pattern


def random_cover(seed: int, *, p: int, size: tuple[int, int] = (60, 12)) -> Coverage:
    random = np.random.default_rng(seed)
    rows = random.random(size) < 0.2
    weights = random.integers(1, 50, size[0]).astype(float)
    every = np.ones(size[1], dtype=np.bool_)
    return Coverage.of(pattern(rows), weights, p).reduced(every, ~every)


@given(st.integers(0, 500), st.integers(2, 5))
def test_no_exchange_of_one_site_gains(seed: int, p: int) -> None:
    cover = random_cover(seed, p=p)
    picked = CoverSearch(cover).climb(())
    assert len(set(picked.tolist())) == p
    value = cover.value(picked)
    for leaving in picked:
        for coming in set(range(len(cover.number))) - set(picked.tolist()):
            other = np.append(picked[picked != leaving], coming)
            assert cover.value(other) <= value


@given(st.integers(0, 500))
def test_a_start_is_only_improved(seed: int) -> None:
    cover = random_cover(seed, p=3)
    start = np.array([0, 1, 2])
    assert cover.value(CoverSearch(cover).climb(start)) >= cover.value(start)


def test_shaken_plans_find_the_best_of_all() -> None:
    cover = random_cover(5, p=4)
    search = CoverSearch(cover, seed=1)
    best = picked = search.climb(())
    for _ in range(40):
        picked = search.shaken(best)
        assert len(set(picked.tolist())) == 4
        best = max(best, picked, key=cover.value)
    plans = combinations(range(len(cover.number)), 4)
    assert cover.value(best) == max(cover.value(np.array(plan)) for plan in plans)


def test_a_seed_repeats_its_plans() -> None:
    cover = random_cover(9, p=4, size=(200, 30))
    start = CoverSearch(cover).climb(())
    runs = [CoverSearch(cover, seed=4) for _ in range(2)]
    plans = [[search.shaken(start).tolist() for _ in range(5)] for search in runs]
    assert plans[0] == plans[1]


def test_a_single_site_can_be_shaken() -> None:
    cover = random_cover(2, p=1)
    search = CoverSearch(cover)
    best = search.climb(())
    assert cover.value(search.shaken(best)) <= cover.value(best)
