from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from geosvc.analysis.siting.capacity_bound import CHILD, ROOT, tighten, whole_tree
from geosvc.analysis.siting.capacity_problem import CapacityProblem


def single(seed: int) -> tuple[CapacityProblem, float, tuple[int, ...]]:
    """A small problem with its best value and who goes where, by enumeration."""
    random = np.random.default_rng(seed)
    weights = random.integers(1, 6, 6).astype(np.float64)
    problem = CapacityProblem(
        cost=random.integers(1, 40, (6, 4)).astype(np.float64),
        weights=weights,
        capacities=np.full((4, 1), np.ceil(weights.sum() * 0.6)),
        fixed=np.zeros(4, dtype=bool),
        count=2,
        single_source=True,
        whole=True,
    )
    values = {
        to: float(problem.cost[np.arange(6), list(to)].sum())
        for to in itertools.product(range(4), repeat=6)
        if len(set(to)) <= 2
        and (np.bincount(to, weights, minlength=4) <= problem.capacities[:, 0]).all()
    }
    best = min(values, key=lambda to: values[to])
    return problem, values[best], best


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_holds_and_keeps_the_best(seed: int) -> None:
    problem, best, to = single(seed)
    node = tighten(
        problem,
        whole_tree(problem),
        value=best,
        cutoff=best + 1e-6,
        effort=ROOT,
        stop=lambda _: False,
    )
    assert node is not None
    assert problem.trivial_bound <= node.bound <= best + 1e-6
    assert node.allowed[np.arange(6), list(to)].all()
    assert not node.out[list(to)].any()
    assert node.must.sum() <= 2


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_left_far_below_the_best(seed: int) -> None:
    problem, best, _ = single(seed)
    node = tighten(
        problem,
        whole_tree(problem),
        value=best,
        cutoff=problem.trivial_bound - 1,
        effort=CHILD,
        stop=lambda _: False,
    )
    assert node is None


def test_it_stops_when_told() -> None:
    problem, best, _ = single(1)
    heard: list[float] = []

    def stop(bound: float) -> bool:
        heard.append(bound)
        return len(heard) == 2

    node = tighten(
        problem, whole_tree(problem), value=best, cutoff=math.inf, effort=ROOT, stop=stop
    )
    assert node is not None
    assert len(heard) == 2
    assert node.bound <= best
