"""Recompute the value of an answer from what the solver was given, and nothing else.

Each function takes the data of one problem and a plan. It returns the plan's value, or raises
ValueError with the first rule that the plan breaks. No solver's number enters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geosvc.analysis.siting.inputs import demand_weights, dense_distances, sparse_covers
from geosvc.analysis.siting.result import Allocation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from geosvc.analysis.siting.inputs import Matrix

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

TOLERANCE: Final = 1e-6
"""Share of a weight or capacity by which sums of amounts may differ from it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a solver proposes: sites, who serves whom, and the size of each site if it was asked."""

    sites: Integers
    allocation: Allocation = field(default_factory=Allocation.of)
    sizes: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def check_p_median(
    distances: Matrix, weights: ArrayLike, p: int, *, plan: Plan, fixed: Sequence[int] = ()
) -> float:
    """Return the weighted distance of a plan of ``p`` sites that serve all demand.

    Raises
    ------
    ValueError
        If the plan breaks a rule.

    Examples
    --------
    >>> plan = Plan(np.array([1]), Allocation.of([0, 1], [1, 1], [2.0, 1.0]))
    >>> check_p_median([[0, 5], [5, 0]], [2, 1], 1, plan=plan)
    10.0
    """
    table = dense_distances(distances)
    weight = demand_weights(weights, len(table))
    _check_sites(plan.sites, table.shape[1], p=p, fixed=fixed)
    return _served(table, weight, plan)


def check_covering(
    covers: Matrix, weights: ArrayLike, p: int, *, plan: Plan, fixed: Sequence[int] = ()
) -> float:
    """Return the weight that ``p`` sites cover.

    Raises
    ------
    ValueError
        If the plan breaks a rule: also if it allots demand to a site that does not cover it.

    Examples
    --------
    >>> check_covering([[1, 0], [1, 1], [0, 1]], [4, 2, 1], 1, plan=Plan(np.array([0])))
    6.0
    """
    table = sparse_covers(covers)
    weight = demand_weights(weights, table.shape[0])
    _check_sites(plan.sites, table.shape[1], p=p, fixed=fixed)
    _check_allotted(table, plan)
    return float(weight[_is_covered(table, plan.sites)].sum())


def check_set_covering(covers: Matrix, *, plan: Plan, fixed: Sequence[int] = ()) -> float:
    """Return the number of sites of a plan that covers every demand point.

    Raises
    ------
    ValueError
        If the plan breaks a rule.

    Examples
    --------
    >>> check_set_covering([[1, 0], [1, 1]], plan=Plan(np.array([0])))
    1.0
    """
    table = sparse_covers(covers)
    _check_sites(plan.sites, table.shape[1], p=None, fixed=fixed)
    _check_allotted(table, plan)
    missed = np.flatnonzero(~_is_covered(table, plan.sites))
    if len(missed):
        msg = f"demand {missed[0]} is not covered"
        raise ValueError(msg)
    return float(len(plan.sites))


def check_p_center(distances: Matrix, p: int, *, plan: Plan, fixed: Sequence[int] = ()) -> float:
    """Return the longest distance from a demand point to the nearest of ``p`` sites.

    Raises
    ------
    ValueError
        If the plan breaks a rule, or a demand point has no site in reach.

    Examples
    --------
    >>> check_p_center([[0, 5], [7, 0]], 1, plan=Plan(np.array([1])))
    5.0
    """
    table = dense_distances(distances)
    _check_sites(plan.sites, table.shape[1], p=p, fixed=fixed)
    nearest = table[:, plan.sites].min(axis=1)
    if np.isinf(nearest).any():
        msg = f"demand {np.argmax(nearest)} has no site in reach"
        raise ValueError(msg)
    return float(nearest.max(initial=0.0))


def check_capacitated(  # noqa: PLR0913 - names of the issue
    distances: Matrix,
    weights: ArrayLike,
    capacities: ArrayLike,
    p: int,
    *,
    plan: Plan,
    single_source: bool = False,
    fixed: Sequence[int] = (),
) -> float:
    """Return the weighted distance of a plan of ``p`` sites that serve all within capacity.

    Raises
    ------
    ValueError
        If the plan breaks a rule.

    Examples
    --------
    >>> plan = Plan(np.array([0, 1]), Allocation.of([0, 0], [0, 1], [2.0, 1.0]))
    >>> check_capacitated([[1, 10]], [3], [2, 2], 2, plan=plan)
    12.0
    """
    table = dense_distances(distances)
    weight = demand_weights(weights, len(table))
    _check_sites(plan.sites, table.shape[1], p=p, fixed=fixed)
    _check_load(plan, np.asarray(capacities, dtype=np.float64))
    if single_source and len(np.unique(plan.allocation.demand)) < len(plan.allocation):
        msg = "a demand point is split between sites"
        raise ValueError(msg)
    return _served(table, weight, plan)


def check_sizes(  # noqa: PLR0913, PLR0917 - names of the issue
    distances: Matrix,
    weights: ArrayLike,
    sizes: ArrayLike,
    costs: ArrayLike,
    budget: float,
    *,
    plan: Plan,
    fixed: Sequence[int] = (),
) -> float:
    """Return the weighted distance of a plan of sites and their sizes within the budget.

    ``plan.sizes`` are positions in ``sizes``, one a site.

    Raises
    ------
    ValueError
        If the plan breaks a rule.

    Examples
    --------
    >>> plan = Plan(np.array([0]), Allocation.of([0], [0], [3.0]), np.array([1]))
    >>> check_sizes([[2.0]], [3], [1, 5], [[10, 20]], 20, plan=plan)
    6.0
    """
    table, price = dense_distances(distances), np.asarray(costs, dtype=np.float64)
    weight = demand_weights(weights, len(table))
    _check_sites(plan.sites, table.shape[1], p=None, fixed=fixed)
    if plan.sizes.shape != plan.sites.shape:
        msg = "each site needs one size"
        raise ValueError(msg)
    spent = float(price[plan.sites, plan.sizes].sum())
    if spent > budget + TOLERANCE * abs(budget):
        msg = f"the plan costs {spent}, the budget is {budget}"
        raise ValueError(msg)
    capacity = np.zeros(table.shape[1])
    capacity[plan.sites] = np.asarray(sizes, dtype=np.float64)[plan.sizes]
    _check_load(plan, capacity)
    return _served(table, weight, plan)


def _check_sites(sites: Integers, candidates: int, *, p: int | None, fixed: Sequence[int]) -> None:
    wrong = [
        (bool(len(sites)) and not 0 <= sites.min() <= sites.max() < candidates, "no candidate"),
        (bool((np.diff(sites) <= 0).any()), "not sorted, or one is there twice"),
        (p is not None and len(sites) != p, f"not {p}"),
        (not set(np.asarray(fixed).tolist()) <= set(sites.tolist()), "without a fixed one"),
    ]
    for is_wrong, why in wrong:
        if is_wrong:
            msg = f"sites {sites.tolist()}: {why}"
            raise ValueError(msg)


def _served(table: Floats, weight: Floats, plan: Plan) -> float:
    """Check that all demand is served by open sites in reach; return the weighted distance."""
    to = plan.allocation
    if (to.amount < 0).any() or not np.isin(to.site, plan.sites).all():
        msg = "an amount is negative, or goes to a site that is not open"
        raise ValueError(msg)
    served = np.bincount(to.demand, to.amount, minlength=len(table))
    wrong = np.flatnonzero(np.abs(served - weight) > TOLERANCE * weight)
    if len(wrong):
        msg = f"demand {wrong[0]} is {weight[wrong[0]]}, but {served[wrong[0]]} is served"
        raise ValueError(msg)
    length = table[to.demand, to.site]
    if np.isinf(length).any():
        msg = f"demand {to.demand[np.argmax(length)]} is served from out of reach"
        raise ValueError(msg)
    return float((length * to.amount).sum())


def _check_load(plan: Plan, capacity: Floats) -> None:
    load = np.bincount(plan.allocation.site, plan.allocation.amount, minlength=len(capacity))
    wrong = np.flatnonzero(load > capacity * (1 + TOLERANCE))
    if len(wrong):
        msg = f"site {wrong[0]} serves {load[wrong[0]]}, its capacity is {capacity[wrong[0]]}"
        raise ValueError(msg)


def _check_allotted(table: sparse.csr_array, plan: Plan) -> None:
    to = plan.allocation
    if not np.isin(to.site, plan.sites).all():
        msg = "demand is allotted to a site that is not open"
        raise ValueError(msg)
    pairs = sparse.csr_array((np.ones(len(to)), (to.demand, to.site)), shape=table.shape)
    if (pairs.multiply(table)).sum() < len(to):
        msg = "demand is allotted to a site that does not cover it"
        raise ValueError(msg)


def _is_covered(table: sparse.csr_array, sites: Integers) -> NDArray[np.bool_]:
    chosen = np.zeros(table.shape[1])
    chosen[sites] = 1
    return np.asarray(table @ chosen > 0)
