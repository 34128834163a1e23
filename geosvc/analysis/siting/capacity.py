"""Sites that hold only so much: where they stand, who goes to which, and how large they are.

The answer minimizes the sum of amount times distance. Demand may split between sites unless each
is to have one. The bound comes from a Lagrangian and branch and bound; the value is recomputed by
:mod:`geosvc.analysis.siting.check` from the distances alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.capacity_plans import Loaded
from geosvc.analysis.siting.capacity_problem import (
    ROOM,
    CapacityProblem,
    capacity_short,
    counted,
    priced,
)
from geosvc.analysis.siting.capacity_tree import Tree
from geosvc.analysis.siting.check import Plan, check_capacitated, check_sizes
from geosvc.analysis.siting.highs import NAME
from geosvc.analysis.siting.inputs import demand_weights, dense_distances, open_sites
from geosvc.analysis.siting.result import Allocation, SitingResult, infeasible, status_of
from geosvc.analysis.siting.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from geosvc.analysis.siting.inputs import Matrix
    from geosvc.analysis.siting.result import Progress

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SOLVER: Final = f"geosvc Lagrangian branch and bound, {NAME}"


def capacitated(  # noqa: PLR0913 - names of the issue
    distances: Matrix,
    weights: ArrayLike,
    capacities: ArrayLike,
    p: int,
    *,
    single_source: bool = False,
    fixed: Sequence[int] | Integers = (),
    time_limit_s: float = 60,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> SitingResult:
    """Choose ``p`` sites that hold all demand at the least weighted distance.

    Parameters
    ----------
    distances
        Demand x candidates; infinite, or absent from a sparse matrix, where out of reach.
    weights
        One a demand: what it takes of a capacity, and what its distance is multiplied by.
    capacities
        One a candidate, in the units of the weights.
    p
        How many sites open, fixed ones included.
    single_source
        Whether each demand has one site; else it may split.
    fixed
        Candidates that must be open.
    time_limit_s
        Seconds after which the best so far is returned with its bound.
    gap
        The search may end when the bound is this close to the value, as a share of it.
    seed
        For the starts that are drawn, and the solver of integer programs.
    progress
        Hears value and bound; True stops the search.

    Returns
    -------
    result
        "infeasible" when no choice of sites holds all demand within reach. When the time ends
        before any plan is found the status is "gap", the value infinite, and there are no sites.

    Raises
    ------
    ValueError
        If an argument is not what is said above, or ``p`` is not 1 to the candidates.

    Examples
    --------
    >>> result = capacitated([[1, 10], [2, 3], [9, 1]], [2, 2, 2], [3, 5], 2)
    >>> result.status, result.value, result.sites.tolist()
    ('proven', 9.0, [0, 1])
    >>> capacitated([[1, 10], [2, 3]], [2, 2], [3, 3], 1).status
    'infeasible'
    >>> capacitated(np.empty((0, 2)), [], [3, 3], 1).value
    0.0
    """
    watch = Watch(time_limit_s, progress)
    table = dense_distances(distances)
    weight = demand_weights(weights, len(table))
    room = _capacities(capacities, table.shape[1], "candidates")
    opened = open_sites(fixed, table.shape[1], p=p)
    some = weight > 0
    problem = counted(table[some], weight[some], room, p, fixed=opened, single_source=single_source)

    def check(plan: Plan) -> float:
        return check_capacitated(
            table, weight, room, p, plan=plan, single_source=single_source, fixed=opened.tolist()
        )

    return _solved(problem, _Run(watch, gap, seed, np.flatnonzero(some), check))


def site_sizes(  # noqa: PLR0913, PLR0917 - names of the issue
    distances: Matrix,
    weights: ArrayLike,
    sizes: ArrayLike,
    costs: ArrayLike,
    budget: float,
    *,
    fixed: Sequence[int] | Integers = (),
    time_limit_s: float = 60,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> SitingResult:
    """Choose sites and the size of each within a budget, at the least weighted distance.

    Demand may split between sites. A site that serves nothing is not opened unless it is fixed,
    and no site is larger than what it serves needs, where the smaller one is cheaper.

    Parameters
    ----------
    distances
        Demand x candidates; infinite, or absent from a sparse matrix, where out of reach.
    weights
        One a demand: what it takes of a capacity, and what its distance is multiplied by.
    sizes
        The capacities a site can have, in the units of the weights.
    costs
        Candidates x sizes, at least 0; infinite where a size cannot be built.
    budget
        What the sites may cost together.
    fixed
        Candidates that must be open, at any size.
    time_limit_s
        Seconds after which the best so far is returned with its bound.
    gap
        The search may end when the bound is this close to the value, as a share of it.
    seed
        For the starts that are drawn, and the solver of integer programs.
    progress
        Hears value and bound; True stops the search.

    Returns
    -------
    result
        Its ``sizes`` are positions in ``sizes``, one a site. "infeasible" when no choice within
        the budget holds all demand.

    Raises
    ------
    ValueError
        If an argument is not what is said above.

    Examples
    --------
    >>> costs = [[5, 8], [5, 8]]
    >>> result = site_sizes([[1, 4], [4, 1]], [10, 20], [14, 25], costs, 13)
    >>> result.sites.tolist(), result.sizes.tolist(), result.value
    ([0, 1], [0, 1], 30.0)
    >>> site_sizes([[1, 4], [4, 1]], [10, 20], [14, 25], costs, 9).status
    'infeasible'
    >>> len(site_sizes(np.empty((0, 2)), [], [14, 25], costs, 9).sites)
    0
    """
    watch = Watch(time_limit_s, progress)
    table = dense_distances(distances)
    weight = demand_weights(weights, len(table))
    sites = table.shape[1]
    room = _capacities(sizes, None, "sizes")
    prices = _prices(costs, (sites, len(room)), budget)
    opened = open_sites(fixed, sites, p=None)
    some = weight > 0
    problem = priced(table[some], weight[some], room, prices, budget=budget, fixed=opened)

    def check(plan: Plan) -> float:
        return check_sizes(table, weight, room, prices, budget, plan=plan, fixed=opened.tolist())

    return _solved(problem, _Run(watch, gap, seed, np.flatnonzero(some), check))


@dataclass(frozen=True, slots=True)
class _Run:
    """How to solve, and how to say it: the rows of the demand, and the checker of a plan."""

    watch: Watch
    gap: float
    seed: int
    rows: Integers
    check: Callable[[Plan], float]


def _solved(problem: CapacityProblem, run: _Run) -> SitingResult:
    if capacity_short(problem):
        return infeasible(seconds=run.watch.seconds, solver=SOLVER)
    if not len(run.rows):
        return _result(problem, run, _idle(problem), 0.0)
    tree = Tree(problem, run.watch, gap=run.gap, seed=run.seed)
    if not tree.search():
        return infeasible(seconds=run.watch.seconds, solver=SOLVER)
    if tree.best is None:
        nothing = np.empty(0, dtype=np.int64)
        seconds = run.watch.seconds
        return SitingResult(
            "gap", nothing, Allocation.of(), np.inf, tree.bound, seconds, SOLVER, nothing
        )
    return _result(problem, run, tree.best, tree.bound)


def _result(problem: CapacityProblem, run: _Run, found: Loaded, bound: float) -> SitingResult:
    amount = problem.weights[found.demand] * found.share
    load = np.bincount(found.site, amount, minlength=problem.sites).astype(np.float64)
    order = np.lexsort((found.site, found.demand))
    allocation = Allocation.of(run.rows[found.demand[order]], found.site[order], amount[order])
    options = found.options if problem.prices is None else _fitting(problem, found.options, load)
    sites = options // problem.sizes
    sizes = options % problem.sizes if problem.prices is not None else options[:0]
    value = run.check(Plan(sites, allocation, sizes))
    bound = min(bound, value)
    status = status_of(value, bound)
    seconds = run.watch.seconds
    return SitingResult(status, sites, allocation, value, bound, seconds, SOLVER, sizes)


def _fitting(problem: CapacityProblem, options: Integers, load: Floats) -> Integers:
    """Drop sites that serve nothing, and make each as small as what it serves allows."""
    assert problem.prices is not None  # noqa: S101 - sizes have prices
    fitted = []
    for option in options.tolist():
        site = option // problem.sizes
        if not load[site] and not problem.fixed[site]:
            continue
        price = problem.prices[site].copy()
        price[problem.capacities[site] * ROOM < load[site]] = np.inf
        cheapest = int(price.argmin())
        now = option % problem.sizes
        best = cheapest if price[cheapest] < problem.prices[site, now] else now
        fitted.append(site * problem.sizes + best)
    return np.array(fitted, dtype=np.int64)


def _idle(problem: CapacityProblem) -> Loaded:
    """Return the plan where nobody comes: fixed sites, and others by index up to the count."""
    nothing = np.empty(0, dtype=np.int64)
    if problem.prices is None:
        ranked = np.lexsort((np.arange(problem.sites), ~problem.fixed))
        options = np.sort(ranked[: problem.count])
    else:
        cheapest = problem.prices.argmin(axis=1)
        sites = np.flatnonzero(problem.fixed)
        options = sites * problem.sizes + cheapest[sites]
    return Loaded(0.0, options, nothing, nothing, np.empty(0))


def _capacities(capacities: ArrayLike, count: int | None, of: str) -> Floats:
    array = np.array(capacities, dtype=np.float64).reshape(-1)
    if count is not None and len(array) != count:
        msg = f"{count} {of} need as many capacities, not {len(array)}"
        raise ValueError(msg)
    wrong = np.flatnonzero(~(array >= 0))
    if len(wrong) or not len(array):
        msg = f"capacity {wrong[0]} is {array[wrong[0]]}" if len(array) else f"there are no {of}"
        raise ValueError(msg)
    return array


def _prices(costs: ArrayLike, shape: tuple[int, int], budget: float) -> Floats:
    array = np.array(costs, dtype=np.float64)
    if array.shape != shape:
        msg = f"costs are {array.shape}, not candidates x sizes {shape}"
        raise ValueError(msg)
    wrong = np.argwhere(~(array >= 0))
    if len(wrong):
        site, size = wrong[0]
        msg = f"the cost of site {site} at size {size} is {array[site, size]}"
        raise ValueError(msg)
    if not (0 <= budget < np.inf):
        msg = f"the budget is {budget}"
        raise ValueError(msg)
    return array
