from __future__ import annotations

import csv
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geosvc.analysis.siting.center import p_center
from geosvc.analysis.siting.check import Plan, check_p_center

SITING = Path(__file__).parents[4] / "shared/data/reference/siting"


@st.composite
def instances(draw: st.DrawFn) -> tuple[np.ndarray, int, list[int]]:
    demand, candidates = draw(st.integers(0, 7)), draw(st.integers(1, 6))
    lengths = st.sampled_from([0.0, 1.0, 2.5, 2.5, 4.0, 7.0, math.inf])
    cells = draw(st.lists(lengths, min_size=demand * candidates, max_size=demand * candidates))
    p = draw(st.integers(1, candidates))
    fixed = draw(st.lists(st.integers(0, candidates - 1), max_size=p, unique=True))
    return np.array(cells).reshape(demand, candidates), p, fixed


def best_radius(table: np.ndarray, p: int, fixed: list[int]) -> float:
    return min(
        float(table[:, sites].min(axis=1).max(initial=0.0))
        for sites in combinations(range(table.shape[1]), p)
        if set(fixed) <= set(sites)
    )


@given(instances())
def test_the_radius_is_that_of_all_plans(instance: tuple[np.ndarray, int, list[int]]) -> None:
    table, p, fixed = instance
    best = best_radius(table, p, fixed)
    found = p_center(table, p, fixed=fixed)
    if math.isinf(best):
        assert found.status == "infeasible"
        return
    assert (found.status, found.value, found.bound) == ("proven", best, best)
    plan = Plan(found.sites, found.allocation)
    assert check_p_center(table, p, plan=plan, fixed=fixed) == best
    chosen = table[found.allocation.demand, found.allocation.site]
    assert chosen.tolist() == table[:, found.sites].min(axis=1).tolist()


@given(instances())
def test_a_bound_is_true_without_any_time(instance: tuple[np.ndarray, int, list[int]]) -> None:
    table, p, fixed = instance
    best = best_radius(table, p, fixed)
    found = p_center(table, p, fixed=fixed, time_limit_s=0.0)
    if found.status == "infeasible":
        assert math.isinf(best)
        return
    assert found.bound <= best <= found.value
    assert len(found.sites) == p
    if found.status == "heuristic":
        assert math.isinf(found.value)


def test_absent_pairs_are_out_of_reach_and_stored_zeros_are_near() -> None:
    apart = csr_array(([0.0, 3.0, 5.0], ([0, 1, 1], [0, 0, 1])), shape=(2, 3))
    assert p_center(apart, 1).value == 3.0
    assert p_center(apart, 1).sites.tolist() == [0]
    assert p_center(apart, 1, fixed=[1]).status == "infeasible"
    assert p_center(apart, 2, fixed=[1]).value == 3.0


def test_random_points_agree_with_all_plans() -> None:
    points = np.random.default_rng(2).random((120, 2))
    apart = np.hypot(*(points[:, None] - points[None, :25]).transpose(2, 0, 1))
    found = p_center(apart, 4)
    assert found.status == "proven"
    assert found.value == best_radius(apart, 4, [])


def test_a_stop_keeps_the_best_with_a_true_bound() -> None:
    points = np.random.default_rng(3).random((200, 2))
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    heard: list[tuple[float, float]] = []

    def stop(value: float, bound: float) -> bool:
        heard.append((value, bound))
        return True

    found = p_center(apart, 5, progress=stop)
    proven = p_center(apart, 5)
    assert found.bound <= proven.value <= found.value
    assert heard == [(found.value, found.bound)]
    assert proven.status == "proven"
    assert p_center(apart, 5, gap=0.5).gap <= 0.5


@pytest.mark.parametrize(
    ("table", "p", "fixed", "reason"),
    [
        ([[1.0, -1.0]], 1, [], "from demand 0 to site 1 is -1"),
        ([[math.nan, 1.0]], 1, [], "from demand 0 to site 0 is nan"),
        ([[1.0, 1.0]], 3, [], "3 sites"),
        ([[1.0, 1.0]], 1, [2], "fixed site 2"),
        ([1.0, 1.0], 1, [], "1 dimensions"),
    ],
)
def test_what_makes_no_sense_is_refused(
    table: list[list[float]], p: int, fixed: list[int], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        p_center(table, p, fixed=fixed)


@pytest.mark.skipif(not SITING.is_dir(), reason="the reference instances are not here")
def test_san_francisco_has_its_center() -> None:
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with (SITING / "spopt_sf" / name).open(encoding="utf-8") as lines:
        apart = {
            (row["DestinationName"], row["name"]): float(row["distance"])
            for row in csv.DictReader(lines)
        }
    tracts, stores = sorted({tract for tract, _ in apart}), sorted({store for _, store in apart})
    table = np.array([[apart[tract, store] for store in stores] for tract in tracts])
    found = p_center(table, 4)
    assert found.status == "proven"
    assert found.value == pytest.approx(7403.0638, abs=1e-4)
