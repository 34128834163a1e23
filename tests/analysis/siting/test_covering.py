from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geosvc.analysis.siting.check import Plan, check_covering, check_set_covering
from geosvc.analysis.siting.covering import maximal_covering, set_covering

SITING = Path(__file__).parents[4] / "shared/data/reference/siting"
needs_reference = pytest.mark.skipif(
    not SITING.is_dir(), reason="the reference instances are not beside this checkout"
)


@st.composite
def instances(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int, list[int]]:
    demand, candidates = draw(st.integers(0, 9)), draw(st.integers(1, 6))
    bits = draw(st.lists(st.integers(0, 2**candidates - 1), min_size=demand, max_size=demand))
    covers = np.array([[code >> j & 1 for j in range(candidates)] for code in bits])
    numbers = st.one_of(st.integers(0, 4), st.sampled_from([0.1, 0.25, 1.7]))
    weights = draw(st.lists(numbers, min_size=demand, max_size=demand))
    p = draw(st.integers(1, candidates))
    fixed = draw(st.lists(st.integers(0, candidates - 1), max_size=p, unique=True))
    return covers.reshape(demand, candidates), np.array(weights, dtype=float), p, fixed


def best_cover(covers: np.ndarray, weights: np.ndarray, p: int, fixed: list[int]) -> float:
    plans = [sites for sites in combinations(range(covers.shape[1]), p) if set(fixed) <= set(sites)]
    return max(float(weights[covers[:, sites].any(axis=1)].sum()) for sites in plans)


def least_cover(covers: np.ndarray, fixed: list[int]) -> int | None:
    candidates = range(covers.shape[1])
    for count in range(len(fixed), len(candidates) + 1):
        for sites in combinations(candidates, count):
            if set(fixed) <= set(sites) and covers[:, sites].any(axis=1).all():
                return count
    return None


def discs(demand: int, candidates: int, *, radius: float) -> tuple[csr_array, np.ndarray]:
    random = np.random.default_rng(1)
    points, sites = random.random((demand, 2)) * 30, random.random((candidates, 2)) * 30
    apart = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
    return csr_array(apart <= radius), random.integers(1, 101, demand).astype(float)


@given(instances(), st.integers(0, 3))
def test_the_maximum_is_that_of_all_plans(
    instance: tuple[np.ndarray, np.ndarray, int, list[int]], seed: int
) -> None:
    covers, weights, p, fixed = instance
    found = maximal_covering(csr_array(covers), weights, p, fixed=fixed, seed=seed)
    assert found.status == "proven"
    assert found.value == pytest.approx(best_cover(covers, weights, p, fixed))
    assert found.bound == pytest.approx(found.value)
    plan = Plan(found.sites, found.allocation)
    assert check_covering(covers, weights, p, plan=plan, fixed=fixed) == found.value
    assert found.allocation.amount.sum() == pytest.approx(found.value)


@given(instances(), st.sampled_from([0.0, 0.0005, 0.01]))
def test_a_bound_is_true_however_little_time_there_is(
    instance: tuple[np.ndarray, np.ndarray, int, list[int]], time_limit_s: float
) -> None:
    covers, weights, p, fixed = instance
    best = best_cover(covers, weights, p, fixed)
    found = maximal_covering(covers, weights, p, fixed=fixed, time_limit_s=time_limit_s)
    assert found.value <= best * (1 + 1e-9) <= found.bound * (1 + 2e-9)
    assert found.status in {"proven", "gap"}
    plan = Plan(found.sites, found.allocation)
    assert check_covering(covers, weights, p, plan=plan, fixed=fixed) == found.value


@given(instances(), st.sampled_from([0.0, 60.0]))
def test_the_fewest_sites_are_those_of_all_plans(
    instance: tuple[np.ndarray, np.ndarray, int, list[int]], time_limit_s: float
) -> None:
    covers, _, _, fixed = instance
    least = least_cover(covers, fixed)
    found = set_covering(covers, fixed=fixed, time_limit_s=time_limit_s)
    if least is None:
        assert found.status == "infeasible"
        return
    assert found.bound <= least <= found.value
    assert found.status == "proven" or time_limit_s == 0
    assert found.allocation.demand.tolist() == list(range(len(covers)))
    plan = Plan(found.sites, found.allocation)
    assert check_set_covering(covers, plan=plan, fixed=fixed) == found.value


@pytest.mark.parametrize(("p", "seed"), [(3, 0), (5, 0), (5, 7)])
def test_a_sum_of_many_points_is_proven_by_an_independent_program(p: int, seed: int) -> None:
    covers, weights = discs(400, 40, radius=6.0)
    found = maximal_covering(covers, weights, p, seed=seed)
    assert found.status == "proven"
    # every plan of 3; of 5 those that hold two sites of the answer
    kept = found.sites[: p - 3].tolist()
    table = covers.toarray() > 0
    best = max(
        weights[table[:, [*kept, *sites]].any(axis=1)].sum()
        for sites in combinations(sorted(set(range(40)) - set(kept)), 3)
    )
    assert found.value == best


def test_the_same_seed_gives_the_same_plan() -> None:
    covers, weights = discs(2000, 80, radius=5.0)
    first = maximal_covering(covers, weights, 6, seed=3)
    assert first.status == "proven"
    assert maximal_covering(covers, weights, 6, seed=3).sites.tolist() == first.sites.tolist()


def test_a_stop_keeps_the_best_with_a_true_bound() -> None:
    covers, weights = discs(1500, 70, radius=5.0)
    heard: list[tuple[float, float]] = []

    def stop(value: float, bound: float) -> bool:
        heard.append((value, bound))
        return True

    found = maximal_covering(covers, weights, 6, progress=stop)
    assert len(heard) == 1
    assert heard[0][0] <= heard[0][1]
    proven = maximal_covering(covers, weights, 6)
    assert found.value <= proven.value <= found.bound
    assert proven.status == "proven"


def test_a_gap_that_is_good_enough_ends_the_search() -> None:
    covers, weights = discs(1500, 100, radius=5.5)
    found = maximal_covering(covers, weights, 7, gap=0.05)
    assert found.gap <= 0.05


def test_useless_sites_fill_up_by_index() -> None:
    covers = np.array([[0, 0, 0, 1], [0, 0, 0, 1]])
    found = maximal_covering(covers, [1.0, 1.0], 3)
    assert found.sites.tolist() == [0, 1, 3]
    assert maximal_covering(covers, [0.0, 0.0], 2).sites.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("weights", "p", "fixed", "reason"),
    [
        ([1.0, -2.0], 1, [], "weight of demand 1 is -2"),
        ([np.nan, 1.0], 1, [], "weight of demand 0 is nan"),
        ([1.0], 1, [], "2 demand points need as many weights"),
        ([1.0, 1.0], 0, [], "0 sites"),
        ([1.0, 1.0], 4, [], "4 sites are not to be had from 3"),
        ([1.0, 1.0], 1, [3], "fixed site 3"),
        ([1.0, 1.0], 1, [0, 1], "2 sites are fixed"),
    ],
)
def test_what_makes_no_sense_is_refused(
    weights: list[float], p: int, fixed: list[int], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        maximal_covering(np.ones((2, 3)), weights, p, fixed=fixed)


def test_a_set_covering_refuses_a_site_that_is_none() -> None:
    with pytest.raises(ValueError, match="fixed site 9"):
        set_covering(np.ones((2, 3)), fixed=[9])


@needs_reference
@pytest.mark.parametrize("instance", ["SJC324", "SJC402"])
def test_known_maxima(instance: str) -> None:
    folder = SITING / "mclp_sjc"
    points = np.loadtxt(folder / f"{instance}.txt", skiprows=1)
    weights = np.loadtxt(folder / f"demand-{instance}.dat")
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    with (folder / "optima.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["instance"] != instance:
                continue
            near = csr_array(apart <= float(row["radius_m"]))
            found = maximal_covering(near, weights, int(row["p"]))
            assert found.status == "proven"
            assert found.value == float(row["covered"])


def san_francisco() -> tuple[np.ndarray, np.ndarray]:
    folder = SITING / "spopt_sf"
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with (folder / name).open(encoding="utf-8") as lines:
        apart = {
            (row["DestinationName"], row["name"]): float(row["distance"])
            for row in csv.DictReader(lines)
        }
    with (folder / "SF_demand_205_centroid_uniform_weight.csv").open(encoding="utf-8") as lines:
        people = {row["NAME"]: float(row["POP2000"]) for row in csv.DictReader(lines)}
    tracts = sorted({tract for tract, _ in apart}, key=float)
    stores = sorted({store for _, store in apart})
    table = np.array([[apart[tract, store] for store in stores] for tract in tracts])
    names = {float(name): weight for name, weight in people.items()}
    return table, np.array([names[float(tract)] for tract in tracts])


@needs_reference
def test_san_francisco_is_covered() -> None:
    distances, people = san_francisco()
    near = csr_array(distances <= 5000)
    found = maximal_covering(near, people, 4)
    assert (found.status, found.value, found.bound) == ("proven", 875247, 875247)
    fewest = set_covering(near)
    assert (fewest.status, fewest.value) == ("proven", 8)


@pytest.mark.thorough
def test_many_that_hardly_overlap_are_proven_and_heavy_overlap_is_bounded() -> None:
    covers, weights = discs(100_000, 400, radius=2.0)
    found = maximal_covering(covers, weights, 10)
    assert found.status == "proven"
    plan = Plan(found.sites, found.allocation)
    assert check_covering(covers, weights, 10, plan=plan) == found.value
    covers, weights = discs(50_000, 400, radius=4.0)
    hard = maximal_covering(covers, weights, 15, time_limit_s=60)
    assert hard.value <= hard.bound
    assert hard.gap <= 0.03
