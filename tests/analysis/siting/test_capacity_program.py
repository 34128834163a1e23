from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting import capacity_program
from geosvc.analysis.siting.capacity_bound import Node, whole_tree
from geosvc.analysis.siting.capacity_problem import CapacityProblem, counted
from geosvc.analysis.siting.capacity_program import finish, is_small


def drawn(seed: int) -> tuple[CapacityProblem, Node]:
    """Some plans of a small problem: one site must open, one is out, one pair is ruled out."""
    random = np.random.default_rng(seed)
    weights = random.integers(1, 4, 5).astype(np.float64)
    lengths = np.where(random.random((5, 4)) < 0.15, np.inf, random.integers(0, 20, (5, 4)))
    lengths[np.arange(5), random.integers(0, 4, 5)] = 7.0  # each has a site in reach
    rooms = random.integers(3, 10, 4).astype(np.float64)
    fixed = random.choice(4, 1)
    problem = counted(lengths, weights, rooms, 2, fixed=fixed, single_source=True)
    root = whole_tree(problem)
    out, allowed = root.out.copy(), root.allowed.copy()
    out[(fixed[0] + 1) % 4] = True
    allowed[random.integers(0, 5), random.integers(0, 4)] = False
    return problem, replace(root, out=out, allowed=allowed)


def best(problem: CapacityProblem, node: Node) -> float:
    """The value of the best plan of a node, by looking at all of them."""
    least, demand = np.inf, np.arange(len(problem.weights))
    for at in product(np.flatnonzero(~node.out).tolist(), repeat=len(demand)):
        site = np.array(at)
        load = np.bincount(site, problem.weights, minlength=problem.sites)
        opened = set(at) | set(np.flatnonzero(node.must).tolist())
        fits = (load <= problem.capacities[:, 0]).all() and node.allowed[demand, site].all()
        if fits and len(opened) <= (problem.count or 0):
            least = min(least, float(problem.cost[demand, site].sum()))
    return least


@given(st.integers(0, 10_000), st.sampled_from([-1.0, 0.0, 5.0, np.inf]))
def test_it_is_the_best_plan_of_the_node(seed: int, above: float) -> None:
    problem, node = drawn(seed)
    truth = best(problem, node)
    cutoff = truth + above if np.isfinite(truth) else above
    plan, is_done = finish(problem, node, cutoff=cutoff, seed=0, stop=lambda: False)
    assert is_done
    if np.isinf(truth) or above < 0:
        assert plan is None
        return
    assert plan is not None
    assert plan.value == pytest.approx(truth)
    assert len(plan.options) == 2
    assert set(plan.site.tolist()) <= set(plan.options.tolist())


@given(st.integers(0, 10_000))
def test_large_costs_are_scaled(seed: int) -> None:
    problem, node = drawn(seed)
    dear = replace(problem, cost=problem.cost * 1e9)
    cheap = finish(problem, node, cutoff=np.inf, seed=0, stop=lambda: False)[0]
    plan = finish(dear, node, cutoff=np.inf, seed=0, stop=lambda: False)[0]
    assert (plan is None) == (cheap is None)
    if plan is not None and cheap is not None:
        assert plan.value == pytest.approx(cheap.value * 1e9)


def test_what_is_ended_early_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity_program, "LIMIT_S", 0.0)
    problem, node = drawn(3)
    assert finish(problem, node, cutoff=np.inf, seed=0, stop=lambda: False) == (None, False)


def test_small_is_few_pairs_of_single_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, node = drawn(3)
    assert is_small(problem, node)
    monkeypatch.setattr(capacity_program, "SMALL", int((node.allowed & ~node.out).sum()) - 1)
    assert not is_small(problem, node)
