from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from geosvc.analysis.siting.capacity import capacitated, site_sizes
from geosvc.analysis.siting.check import Plan, check_capacitated, check_sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.result import SitingResult

    Floats = NDArray[np.float64]

CPMP = Path(__file__).parents[4] / "shared/data/reference/siting/cpmp"
LONG_S = 1e6
needs_cpmp = pytest.mark.skipif(not CPMP.is_dir(), reason="the reference instances are not here")


def pmedcap(number: int) -> tuple[Floats, Floats, Floats, int, float]:
    """Distances, demand, capacities, p and the known optimum of an OR-Library instance."""
    text = (CPMP / f"pmedcap{number:02d}.txt").read_text().split()
    optimum, n, p, capacity = float(text[1]), int(text[2]), int(text[3]), float(text[4])
    rows = np.array(text[5 : 5 + 4 * n], dtype=np.float64).reshape(n, 4)
    between = rows[:, None, 1:3] - rows[None, :, 1:3]
    distances = np.floor(np.hypot(between[..., 0], between[..., 1]))
    return distances, rows[:, 3], np.full(n, capacity), p, optimum


def transport(distances: Floats, weights: Floats, rooms: Floats) -> float:
    """The least cost of serving all from sites with these rooms, by another solver."""
    n, m = distances.shape
    if not n:
        return 0.0
    reach = np.isfinite(distances).reshape(-1)
    each, load = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    found = linprog(
        np.where(reach, distances.reshape(-1), 0),
        A_ub=load,
        b_ub=rooms,
        A_eq=each,
        b_eq=weights,
        bounds=[(0, None if ok else 0) for ok in reach],
    )
    return math.inf if found.fun is None or found.status else float(found.fun)


def assigned(distances: Floats, weights: Floats, rooms: Floats) -> float:
    """The least cost with one site a demand, by enumeration."""
    best = math.inf
    for to in itertools.product(range(distances.shape[1]), repeat=len(weights)):
        load = np.bincount(to, weights, minlength=distances.shape[1])
        if (load <= rooms * (1 + 1e-9)).all():
            cost = distances[np.arange(len(to)), list(to)]
            best = min(best, float((cost * weights).sum()))
    return best


@st.composite
def instances(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    length = st.sampled_from([0.0, 1.0, 2.0, 2.5, 7.0, 7.0, 30.0, math.inf])
    rows = st.lists(st.lists(length, min_size=m, max_size=m), min_size=n, max_size=n)
    weight = st.sampled_from([0.0, 1.0, 2.0, 3.0, 1.7])
    room = st.sampled_from([0.0, 2.0, 3.0, 4.5, 9.0, math.inf])
    return (
        np.array(draw(rows)),
        np.array(draw(st.lists(weight, min_size=n, max_size=n))),
        np.array(draw(st.lists(room, min_size=m, max_size=m))),
    )


def best_count(
    instance: tuple[Floats, Floats, Floats], p: int, fixed: list[int], *, single: bool
) -> float:
    distances, weights, rooms = instance
    some, solve = weights > 0, assigned if single else transport
    best = math.inf
    for sites in itertools.combinations(range(len(rooms)), p):
        if set(fixed) <= set(sites):
            chosen = list(sites)
            with np.errstate(invalid="ignore"):
                limit = np.minimum(rooms[chosen], weights.sum())
            best = min(best, solve(distances[some][:, chosen], weights[some], limit))
    return best


def best_within(
    demand: tuple[Floats, Floats],
    sizes: list[float],
    costs: Floats,
    within: tuple[float, list[int]],
) -> float:
    """The least cost of all choices of sites and sizes within a budget, some sites fixed."""
    (distances, weights), (budget, fixed) = demand, within
    some, best = weights > 0, math.inf
    for plan in itertools.product(range(-1, len(sizes)), repeat=len(costs)):
        opened = [site for site, size in enumerate(plan) if size >= 0]
        spent = sum(costs[site, plan[site]] for site in opened)
        if spent <= budget and set(fixed) <= set(opened) and (opened or not some.any()):
            room = np.array([sizes[plan[site]] for site in opened])
            best = min(best, transport(distances[some][:, opened], weights[some], room))
    return best


def agrees(found: SitingResult, best: float) -> None:
    """The answer is the best, or an honest gap around it."""
    if math.isinf(best):
        assert found.status in {"infeasible", "gap"}
        assert len(found.sites) == 0
        return
    assert found.status in {"proven", "gap"}
    assert found.bound <= best + 1e-6 * (1 + best)
    assert found.value >= best - 1e-6 * (1 + best)
    assert found.bound <= found.value
    if found.status == "proven":
        assert found.value == pytest.approx(best, rel=1e-6, abs=1e-9)


@given(instances(), st.data(), st.booleans(), st.sampled_from([0.0, 0.01, LONG_S]))
def test_it_is_the_best_of_all_choices(
    instance: tuple[Floats, Floats, Floats],
    data: st.DataObject,
    single: bool,  # noqa: FBT001 - a parameter of the test
    time_limit_s: float,
) -> None:
    distances, weights, rooms = instance
    p = data.draw(st.integers(1, len(rooms)))
    fixed = data.draw(st.lists(st.integers(0, len(rooms) - 1), max_size=p, unique=True))
    found = capacitated(
        distances, weights, rooms, p, single_source=single, fixed=fixed, time_limit_s=time_limit_s
    )
    agrees(found, best_count(instance, p, fixed, single=single))
    if time_limit_s == LONG_S:
        assert found.status in {"proven", "infeasible"}
    if len(found.sites):
        plan = Plan(found.sites, found.allocation)
        value = check_capacitated(
            distances, weights, rooms, p, plan=plan, single_source=single, fixed=fixed
        )
        assert value == pytest.approx(found.value)


@given(instances(), st.data(), st.sampled_from([0.0, LONG_S]))
def test_sizes_are_the_best_within_the_budget(
    instance: tuple[Floats, Floats, Floats], data: st.DataObject, time_limit_s: float
) -> None:
    distances, weights, _ = instance
    m = distances.shape[1]
    sizes = data.draw(st.lists(st.sampled_from([1.0, 2.0, 4.0, 9.0]), min_size=1, max_size=2))
    price = st.sampled_from([0.0, 1.0, 2.0, 3.5, math.inf])
    costs = np.array(
        data.draw(
            st.lists(
                st.lists(price, min_size=len(sizes), max_size=len(sizes)), min_size=m, max_size=m
            )
        )
    )
    budget = data.draw(st.sampled_from([0.0, 1.0, 3.0, 5.5, 20.0]))
    fixed = data.draw(st.lists(st.integers(0, m - 1), max_size=1))
    found = site_sizes(
        distances, weights, sizes, costs, budget, fixed=fixed, time_limit_s=time_limit_s
    )
    best = best_within((distances, weights), sizes, costs, (budget, fixed))
    if not (weights > 0).any() and not math.isinf(best):
        assert found.value == 0
        return
    agrees(found, best)
    if time_limit_s == LONG_S:
        assert found.status in {"proven", "infeasible"}
    if len(found.sites):
        check_sizes(
            distances,
            weights,
            sizes,
            costs,
            budget,
            plan=Plan(found.sites, found.allocation, found.sizes),
            fixed=fixed,
        )


@needs_cpmp
@pytest.mark.parametrize(
    "number",
    [2, 4, 6, *(pytest.param(k, marks=pytest.mark.thorough) for k in (1, 3, 5, 7, 8, 9, 10))],
)
def test_the_published_optima_are_proven(number: int) -> None:
    distances, demand, rooms, p, optimum = pmedcap(number)
    # the published sums do not weigh distances by demand
    found = capacitated(
        distances / demand[:, None], demand, rooms, p, single_source=True, time_limit_s=LONG_S
    )
    assert found.status == "proven"
    assert found.value == pytest.approx(optimum)
    assert found.bound == pytest.approx(optimum)
    assert found.bound <= found.value


@needs_cpmp
def test_the_hardest_stays_honest_when_it_is_stopped() -> None:
    distances, demand, rooms, p, optimum = pmedcap(8)
    heard: list[tuple[float, float]] = []

    def listen(value: float, bound: float) -> bool:
        heard.append((value, bound))
        return len(heard) == 3

    found = capacitated(
        distances / demand[:, None], demand, rooms, p, single_source=True, progress=listen
    )
    assert len(heard) == 3
    assert all(bound <= optimum for _, bound in heard)
    assert found.status == "gap"
    assert found.bound <= optimum <= found.value + 1e-9


def test_a_gap_that_was_allowed_ends_the_search() -> None:
    random = np.random.default_rng(2)
    demand, sites = random.random((40, 2)), random.random((12, 2))
    rows = np.hypot(*(demand[:, None] - sites).transpose(2, 0, 1))
    weights, rooms = random.random(40) + 0.5, np.full(12, 14.0)
    best = capacitated(rows, weights, rooms, 4)
    loose = capacitated(rows, weights, rooms, 4, gap=0.2)
    assert best.status == "proven"
    assert loose.gap <= 0.2
    assert loose.bound <= best.value <= loose.value
    assert capacitated(rows, weights, rooms, 4).sites.tolist() == best.sites.tolist()


def test_sparse_distances_say_who_is_in_reach() -> None:
    # a stored zero is a distance of zero; what is absent is out of reach
    rows: sparse.csr_array = sparse.csr_array(
        ([0.0, 4.0, 0.0], ([0, 1, 1], [0, 0, 1])), shape=(2, 2)
    )
    found = capacitated(rows, [2, 2], [3, 1], 2)
    assert found.value == 4
    assert found.allocation.demand.tolist() == [0, 1, 1]
    assert found.allocation.site.tolist() == [0, 0, 1]
    assert found.allocation.amount.tolist() == [2, 1, 1]
    assert capacitated(rows, [2, 2], [3, 1], 2, single_source=True).status == "infeasible"


def test_demand_of_no_weight_may_be_out_of_reach() -> None:
    found = capacitated(np.array([[math.inf, math.inf], [3, 1]]), [0, 2], [5, 5], 1)
    assert found.value == 2
    assert found.allocation.demand.tolist() == [1]


def test_useless_sites_fill_up_the_count() -> None:
    found = capacitated([[1.0, 5, 5]], [0.0], [1, 1, 1], 2, fixed=[2])
    assert (found.sites.tolist(), found.value, found.status) == ([0, 2], 0.0, "proven")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"weights": [1, -1]}, "weight of demand 1"),
        ({"weights": [math.nan, 1]}, "weight of demand 0"),
        ({"capacities": [1, -2, 3]}, "capacity 1 is -2"),
        ({"capacities": [1, 2]}, "3 candidates"),
        ({"p": 0}, "0 sites"),
        ({"p": 4}, "4 sites"),
        ({"fixed": [3]}, "fixed site 3"),
        ({"fixed": [0, 1, 2]}, "3 sites are fixed"),
        ({"distances": [[1, 2, -1], [1, 1, 1]]}, "from demand 0 to site 2"),
    ],
)
def test_misuse_is_named(changed: dict[str, object], says: str) -> None:
    given_: dict[str, object] = {
        "distances": np.ones((2, 3)),
        "weights": [1, 1],
        "capacities": [5, 5, 5],
        "p": 2,
    }
    with pytest.raises(ValueError, match=says):
        capacitated(**(given_ | changed))  # type: ignore[arg-type]  # misuse


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"costs": [[1, 2]]}, "candidates x sizes"),
        ({"costs": [[1, 2], [1, math.nan]]}, "site 1 at size 1"),
        ({"budget": -1}, "the budget is -1"),
        ({"sizes": []}, "no sizes"),
    ],
)
def test_misuse_of_sizes_is_named(changed: dict[str, object], says: str) -> None:
    given_: dict[str, object] = {
        "distances": np.ones((2, 2)),
        "weights": [1, 1],
        "sizes": [14, 25],
        "costs": [[1, 2], [1, 2]],
        "budget": 3,
    }
    with pytest.raises(ValueError, match=says):
        site_sizes(**(given_ | changed))  # type: ignore[arg-type]  # misuse


def test_a_site_is_no_larger_than_it_needs() -> None:
    found = site_sizes([[1.0, 9.0]], [10], [14, 25], [[5, 8], [5, 8]], 100, fixed=[1])
    assert found.sites.tolist() == [0, 1]
    assert found.sizes.tolist() == [0, 0]


def test_the_size_decides_where_there_is_no_money_for_two() -> None:
    found = site_sizes([[1, 4], [4, 1]], [10, 12], [14, 25], [[5, 8], [5, 9]], 9)
    assert (found.sites.tolist(), found.sizes.tolist()) == ([1], [1])
    assert found.value == 52


@pytest.mark.thorough
def test_a_county_is_proven() -> None:
    random = np.random.default_rng(1)
    demand = random.normal(0, 3000, (500, 2)) * random.choice([0.4, 1, 2], (500, 1))
    sites = random.normal(0, 3500, (300, 2))
    rows = np.hypot(*(demand[:, None] - sites[None]).transpose(2, 0, 1))
    weights = random.integers(1, 40, 500) + random.random(500)
    rooms = random.choice([0.7, 1.0, 1.6], 300) * weights.sum() / 6 * 1.1
    assert capacitated(rows, weights, rooms, 6, time_limit_s=LONG_S).status == "proven"
