from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geosvc.analysis.siting.local_search import interchange

COSTS = st.tuples(st.integers(1, 7), st.integers(0, 9)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 20).map(float))
)


def cost_of(costs: np.ndarray, sites: list[int]) -> float:
    return float(costs[sites].min(axis=0, initial=np.inf).sum()) if costs.shape[1] else 0.0


@given(COSTS, st.data())
def test_no_swap_improves_what_is_returned(costs: np.ndarray, data: st.DataObject) -> None:
    candidates = list(range(len(costs)))
    start = data.draw(st.lists(st.sampled_from(candidates), unique=True, min_size=1))
    value, found = interchange(costs, np.array(start))
    sites = found.tolist()
    assert sites == sorted(set(sites))
    assert len(sites) == len(start)
    assert value == cost_of(costs, sites) <= cost_of(costs, start)
    for gone, new in product(sites, set(candidates) - set(sites)):
        assert cost_of(costs, [*(set(sites) - {gone}), new]) >= value - 1e-6


@given(COSTS)
def test_what_is_given_is_not_changed(costs: np.ndarray) -> None:
    before, start = costs.copy(), np.arange(len(costs))[::2].copy()
    interchange(costs, start)
    assert (costs == before).all()
    assert start.tolist() == list(range(0, len(costs), 2))


@pytest.mark.parametrize("count", [1, 4, 12])
def test_a_stop_leaves_the_start(count: int) -> None:
    costs = np.random.default_rng(1).random((12, 30))
    start = np.arange(count)
    value, sites = interchange(costs, start, stop=lambda: True)
    assert sites.tolist() == start.tolist()
    assert value == cost_of(costs, start.tolist())


def test_large_figures_do_not_go_round_in_circles() -> None:
    costs = np.random.default_rng(2).random((40, 80)) * 1e12 + 1e14
    value, sites = interchange(costs, np.arange(7))
    assert value == cost_of(costs, sites.tolist())
    assert value < cost_of(costs, list(range(7)))


def test_two_towns_get_one_site_each() -> None:
    place = np.array([0.0, 1, 2, 100, 101, 102])
    costs = np.abs(place[:, None] - place)
    value, sites = interchange(costs, np.array([0, 1]))
    assert (value, sites.tolist()) == (4.0, [1, 4])
