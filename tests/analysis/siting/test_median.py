from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from geosvc.analysis.siting import p_median, p_median_curve
from geosvc.analysis.siting.check import Plan, check_p_median
from tests.analysis.siting.reference import (
    FOLDER,
    SAN_FRANCISCO,
    pmed,
    pmed_like,
    published,
    san_francisco,
)

if TYPE_CHECKING:
    from geosvc.analysis.siting.result import SitingResult

needs_reference = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the reference instances do not lie beside this checkout"
)
LENGTHS = st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 5.5, math.inf])


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int, list[int]]:
    demand, sites = draw(st.integers(0, 7)), draw(st.integers(1, 7))
    lengths = draw(st.sampled_from([LENGTHS, st.integers(0, 9).map(float), st.just(2.0)]))
    row = st.lists(lengths, min_size=sites, max_size=sites)
    table = np.array(draw(st.lists(row, min_size=demand, max_size=demand)))
    table = table.reshape(demand, sites)
    weight = st.sampled_from([0.0, 1.0, 2.0, 7.0, 0.3])
    weights = np.array(draw(st.lists(weight, min_size=demand, max_size=demand)))
    p = draw(st.integers(1, sites))
    if draw(st.booleans()):
        table[:, -1] = table[:, 0]  # two candidates alike
    fixed = draw(st.lists(st.integers(0, sites - 1), unique=True, max_size=p))
    return table, weights, p, fixed


def enumerated(table: np.ndarray, weights: np.ndarray, p: int, fixed: list[int]) -> float:
    best = math.inf
    rows = weights > 0
    for sites in combinations(range(table.shape[1]), p):
        if set(fixed) <= set(sites):
            nearest = table[np.ix_(rows, np.array(sites))].min(axis=1)
            best = min(best, float((nearest * weights[rows]).sum()))
    return best


def assert_sound(found: SitingResult, truth: float) -> None:
    if math.isinf(truth):
        assert found.status == "infeasible" or math.isinf(found.value)
        return
    assert found.status != "infeasible"
    assert found.value >= truth - 1e-9
    assert found.bound <= truth + 1e-9


@given(problems())
def test_the_answer_is_that_of_enumeration(
    problem: tuple[np.ndarray, np.ndarray, int, list[int]],
) -> None:
    table, weights, p, fixed = problem
    truth = enumerated(table, weights, p, fixed)
    found = p_median(table, weights, p, fixed=fixed)
    assert_sound(found, truth)
    assert (found.status == "infeasible") == math.isinf(truth)
    if math.isfinite(truth):
        assert found.status == "proven"
        assert found.value == pytest.approx(truth)
        plan = Plan(found.sites, found.allocation)
        assert check_p_median(table, weights, p, plan=plan, fixed=fixed) == found.value


@given(problems(), st.sampled_from([0.0, 1e-4, 0.01]))
def test_a_short_time_leaves_a_sound_bound(
    problem: tuple[np.ndarray, np.ndarray, int, list[int]], time_limit_s: float
) -> None:
    table, weights, p, fixed = problem
    found = p_median(table, weights, p, fixed=fixed, time_limit_s=time_limit_s)
    assert_sound(found, enumerated(table, weights, p, fixed))


@given(problems(), st.sampled_from([0.05, 0.5, 1.0]))
def test_a_gap_that_is_allowed_is_not_exceeded(
    problem: tuple[np.ndarray, np.ndarray, int, list[int]], gap: float
) -> None:
    table, weights, p, fixed = problem
    found = p_median(table, weights, p, fixed=fixed, gap=gap)
    truth = enumerated(table, weights, p, fixed)
    assert_sound(found, truth)
    assert math.isinf(truth) or found.value <= truth / (1 - gap + 1e-9) + 1e-9


def town(seed: int, *, demand: int = 60, sites: int = 30) -> np.ndarray:
    random = np.random.default_rng(seed)
    here, there = random.random((demand, 1, 2)), random.random((1, sites, 2))
    return np.asarray(np.hypot(*np.moveaxis(here - there, 2, 0))) * 1000


@pytest.mark.parametrize("seed", range(4))
def test_a_town_of_many_ties_is_proven(seed: int) -> None:
    table = np.ceil(town(seed, demand=25, sites=11) / 100)
    weights = np.arange(25) % 4
    for p in (2, 3, 5):
        found = p_median(table, weights, p)
        assert found.status == "proven"
        assert found.value == found.bound == enumerated(table, weights, p, [])


def test_the_curve_falls_and_agrees_with_single_runs() -> None:
    table, weights = town(1), np.arange(60) / 7
    curve = p_median_curve(table, weights, range(1, 31), fixed=[4])
    values = [found.value for found in curve]
    assert {found.status for found in curve} == {"proven"}
    assert values == sorted(values, reverse=True)
    assert [len(found.sites) for found in curve] == list(range(1, 31))
    assert all(4 in found.sites for found in curve)
    alone = p_median(table, weights, 6, fixed=[4])
    assert alone.value == pytest.approx(values[5], rel=1e-7)
    assert alone.sites.tolist() == curve[5].sites.tolist()


def test_a_seed_gives_the_same_answer_twice() -> None:
    table = np.ceil(town(2) / 200)
    one, two = (p_median(table, np.ones(60), 8, seed=3) for _ in range(2))
    assert (one.sites.tolist(), one.bound) == (two.sites.tolist(), two.bound)


def test_an_absent_entry_is_out_of_reach_and_a_stored_zero_is_near() -> None:
    near = sparse.csr_array(([0.0, 4.0, 2.0], ([0, 1, 1], [0, 0, 1])), shape=(2, 2))
    found = p_median(near, [1, 1], 1)
    assert (found.sites.tolist(), found.value) == ([0], 4.0)
    assert p_median(near, [1, 1], 1, fixed=[1]).status == "infeasible"
    assert p_median(near, [0, 1], 1).sites.tolist() == [1]


def test_demand_of_weight_zero_takes_no_part() -> None:
    found = p_median([[math.inf, math.inf], [3.0, 1.0]], [0, 2], 1)
    assert found.value == 2.0
    assert found.allocation.demand.tolist() == [1]
    assert p_median([[1.0, 2.0]], [0], 2).sites.tolist() == [0, 1]


def test_sites_that_serve_nobody_are_the_first_by_index() -> None:
    table = np.array([[9.0, 9, 9, 0, 9], [9, 9, 9, 9, 0]])
    assert p_median(table, [1, 1], 4).sites.tolist() == [0, 1, 3, 4]
    assert p_median(table, [1, 1], 4, fixed=[2]).sites.tolist() == [0, 2, 3, 4]


def test_alike_demand_is_merged_and_each_row_is_allotted() -> None:
    table = np.repeat(town(5, demand=4, sites=6), 50, axis=0)
    found = p_median(table, np.ones(200), 2)
    assert found.value == pytest.approx(enumerated(table, np.ones(200), 2, []))
    assert len(found.allocation) == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"p": 0}, "0 sites"),
        ({"p": 3}, "3 sites"),
        ({"weights": [1, -1]}, "demand 1 is -1"),
        ({"weights": [math.nan, 1]}, "demand 0 is nan"),
        ({"weights": [1]}, "2 demand points"),
        ({"fixed": [5]}, "fixed site 5"),
        ({"fixed": [0, 1]}, "2 sites are fixed"),
        ({"distances": [[1, 2], [math.nan, 1]]}, "demand 1 to site 0"),
        ({"distances": [[1, 2], [3, -4]]}, "demand 1 to site 1"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, object], words: str) -> None:
    given: dict[str, object] = {"distances": [[1, 2], [3, 4]], "weights": [1, 1], "p": 1}
    with pytest.raises(ValueError, match=words):
        p_median(**(given | changes))  # type: ignore[arg-type]


def hard() -> np.ndarray:
    """Distances at random: no place is like another, and bounds are weak."""
    return np.random.default_rng(0).integers(1, 1000, (150, 150)).astype(float)


def test_a_stop_returns_the_best_so_far_with_its_bound() -> None:
    heard: list[tuple[float, float]] = []

    def stop(value: float, bound: float) -> bool:
        heard.append((value, bound))
        return len(heard) == 2

    found = p_median(hard(), np.ones(150), 10, progress=stop)
    assert found.status == "gap"
    assert found.bound < found.value < math.inf
    assert len(heard) == 2
    assert heard[-1][1] <= found.value


def test_the_time_limit_holds() -> None:
    found = p_median(hard(), np.ones(150), 10, time_limit_s=0.5)
    assert found.status == "gap"
    assert 0 < found.gap < 0.5
    assert len(found.sites) == 10


def test_reach_that_a_start_does_not_find_is_found() -> None:
    """Each of 12 groups has one site that reaches it: only one choice of 12 of 40 will do."""
    table = np.full((12, 40), np.inf)
    table[np.arange(12), np.arange(12) * 3] = 5.0
    found = p_median(table, np.ones(12), 12)
    assert found.sites.tolist() == list(range(0, 36, 3))
    assert p_median(table, np.ones(12), 11).status == "infeasible"
    heard = p_median(table, np.ones(12), 12, progress=lambda _value, _bound: False)
    assert heard.status == "proven"
    late = p_median(table, np.ones(12), 11, time_limit_s=0)
    assert (late.status, late.value, len(late.sites)) == ("gap", math.inf, 0)
    assert late.bound == 60.0


def test_swaps_that_miss_a_demand_point_are_helped() -> None:
    """No single swap leads from the random start to the sites that reach everybody."""
    random = np.random.default_rng(20)
    far = random.random((8, 9)) < 0.62
    table = np.where(far, np.inf, np.floor(random.random((8, 9)) * 10))
    found = p_median(table, np.ones(8), 3, progress=lambda _value, _bound: False)
    assert (found.status, found.value) == ("proven", 40.0)
    assert found.value == enumerated(table, np.ones(8), 3, [])


OFTEN = (1, 5, 6, 10, 11, 15, 16, 20)
"""Of each size of the library the fewest and the most sites."""


@needs_reference
@pytest.mark.parametrize(
    "number",
    [pytest.param(k, marks=() if k in OFTEN else pytest.mark.thorough) for k in range(1, 21)],
)
def test_or_library_is_proven(number: int) -> None:
    table, p = pmed(f"pmed{number}")
    found = p_median(table, np.ones(len(table)), p)
    assert found.status == "proven"
    assert found.value == found.bound == published()[f"pmed{number}"]


@needs_reference
def test_san_francisco_is_proven() -> None:
    table, weights = san_francisco()
    found = p_median(table, weights, 4)
    assert found.status == "proven"
    assert found.value == pytest.approx(SAN_FRANCISCO, rel=1e-12)


@pytest.mark.thorough
@pytest.mark.parametrize(("nodes", "p"), [(500, 10), (600, 200), (900, 5), (900, 90)])
def test_larger_ones_of_the_family_are_proven(nodes: int, p: int) -> None:
    table = pmed_like(nodes)
    found = p_median(table, np.ones(nodes), p)
    assert (found.status, found.value) == ("proven", found.bound)
    assert found.value == table[:, found.sites].min(axis=1).sum()
    assert p_median(table, np.ones(nodes), p + 1, time_limit_s=5).bound <= found.value


@pytest.mark.thorough
def test_many_large_sites_are_decided_by_levels() -> None:
    table = np.random.default_rng(3).integers(1, 60, (120, 80)).astype(float)
    found = p_median(table, np.ones(120), 24)
    assert found.status == "proven"
    model = p_median(table, np.ones(120), 24, seed=9)
    assert model.value == found.value
