from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.coverage import pattern
from geosvc.analysis.siting.set_cover import smallest_cover
from geosvc.analysis.siting.watch import Watch

NOTHING = np.empty(0, dtype=np.int64)


def random_covers(seed: int, *, size: tuple[int, int], density: float) -> np.ndarray:
    random = np.random.default_rng(seed)
    covers = random.random(size) < density
    covers[np.arange(size[0]), random.integers(0, size[1], size[0])] = True
    return covers


def least(covers: np.ndarray, fixed: np.ndarray) -> int:
    for count in range(len(fixed), covers.shape[1] + 1):
        for sites in combinations(range(covers.shape[1]), count):
            if set(fixed.tolist()) <= set(sites) and covers[:, sites].any(axis=1).all():
                return count
    raise AssertionError


@given(st.integers(0, 1000), st.sampled_from([0.1, 0.25, 0.4]), st.integers(0, 2))
def test_it_is_the_smallest_of_all(seed: int, density: float, fixed: int) -> None:
    covers = random_covers(seed, size=(14, 8), density=density)
    wanted = np.arange(fixed)
    fewest = least(covers, wanted)
    found = smallest_cover(pattern(covers), wanted, Watch(60))
    assert found.sites is not None
    assert covers[:, found.sites].any(axis=1).all()
    assert set(wanted.tolist()) <= set(found.sites.tolist())
    assert len(found.sites) == found.bound == fewest


@given(st.integers(0, 1000), st.integers(1, 6))
def test_it_says_whether_so_many_are_enough(seed: int, most: int) -> None:
    covers = random_covers(seed, size=(20, 9), density=0.2)
    fewest = least(covers, NOTHING)
    found = smallest_cover(pattern(covers), NOTHING, Watch(60), most=most)
    assert found.bound <= max(fewest, most)
    if fewest <= most:
        assert found.sites is not None
        assert len(found.sites) <= most
        assert covers[:, found.sites].any(axis=1).all()
    else:
        assert most < found.bound


@pytest.mark.parametrize("most", [None, 3])
def test_without_time_the_bound_still_holds(most: int | None) -> None:
    covers = random_covers(4, size=(200, 60), density=0.05)
    proven = smallest_cover(pattern(covers), NOTHING, Watch(60))
    hasty = smallest_cover(pattern(covers), NOTHING, Watch(0), most=most)
    assert proven.sites is not None
    assert len(proven.sites) == proven.bound
    assert hasty.bound <= proven.bound
    if most is None:
        assert hasty.sites is not None
        assert covers[:, hasty.sites].any(axis=1).all()
    else:
        assert hasty.sites is None


def test_progress_hears_bounds_of_the_whole() -> None:
    covers = random_covers(8, size=(500, 250), density=0.03)
    heard: list[tuple[float, float]] = []

    def listen(value: float, bound: float) -> bool:
        heard.append((value, bound))
        return len(heard) == 2

    found = smallest_cover(pattern(covers), NOTHING, Watch(60, listen))
    assert found.sites is not None
    assert heard
    for value, bound in heard:
        assert bound <= found.bound <= len(found.sites) <= value
    assert covers[:, found.sites].any(axis=1).all()
