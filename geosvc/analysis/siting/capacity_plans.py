"""Plans under capacity: how demand loads the sites that are open.

Where demand may split this is a transport problem, solved exactly; where each demand has one site
it is searched by moves and swaps, with overload allowed at a price until none is left.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geosvc.analysis.siting.capacity_problem import ROOM
from geosvc.analysis.siting.highs import INFINITY, Model, Solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.capacity_problem import CapacityProblem

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

SERVED: Final = 1e-9
"""Shares of a demand below this are rounding errors of the solver."""
ROUNDS: Final = 20


@dataclass(frozen=True, slots=True)
class Loaded:
    """Options that open and the share of each demand at each site, with the cost of it all.

    ``prices`` say what a unit more of room would save at each option, where demand may split.
    """

    value: float
    options: Integers
    demand: Integers
    site: Integers
    share: Floats
    prices: Floats = field(default_factory=lambda: np.empty(0))


def split_plan(
    problem: CapacityProblem, options: Integers, *, time_limit_s: float
) -> Loaded | None:
    """Load the open options at least cost, demand split as needed; None if they cannot hold it.

    Parameters
    ----------
    problem
        The whole problem.
    options
        The options that are open.
    time_limit_s
        Seconds; None is returned, too, when they do not suffice.

    Examples
    --------
    >>> from geosvc.analysis.siting.capacity_problem import CapacityProblem
    >>> problem = CapacityProblem(cost=np.array([[1.0, 10.0]]), weights=np.array([3.0]), count=2,
    ...     capacities=np.array([[2.0], [2.0]]), fixed=np.zeros(2, dtype=bool))
    >>> plan = split_plan(problem, np.array([0, 1]), time_limit_s=10)
    >>> round(plan.value, 6), plan.share.round(3).tolist()
    (4.0, [0.667, 0.333])
    >>> split_plan(problem, np.array([0]), time_limit_s=10) is None
    True
    """
    options = np.sort(options)
    sites = options // problem.sizes
    rows, columns = np.nonzero(np.isfinite(problem.cost[:, sites]))
    unit = problem.cost[rows, sites[columns]] / problem.weights[rows]
    count, demand = len(rows), len(problem.weights)
    ends = np.stack([rows, demand + columns], axis=1).reshape(-1)
    pairs = np.repeat(np.arange(count), 2)
    shape = (demand + len(sites), count)
    matrix = sparse.csr_array((np.ones(2 * count), (ends, pairs)), shape=shape)
    room = problem.capacities.reshape(-1)[options]
    zeros = np.zeros(len(sites))
    model = Model(
        cost=unit,
        lower=np.zeros(count),
        upper=problem.weights[rows],
        rows=matrix,
        row_lower=np.concatenate([problem.weights, zeros]),
        row_upper=np.concatenate([problem.weights, room]),
    )
    answer = Solver(model).run(time_limit_s=time_limit_s)
    if answer.state != "optimal":
        return None
    share = answer.x / problem.weights[rows]
    some = share > SERVED
    plan = _loaded(problem, options, (rows[some], sites[columns[some]]), share[some])
    return replace(plan, prices=np.maximum(0.0, -answer.duals[demand:]))


def single_plan(problem: CapacityProblem, sites: Integers) -> Loaded | None:
    """Search a good load of open sites, one site a demand; sites may move; None if none is found.

    Parameters
    ----------
    problem
        The whole problem, with one size a site.
    sites
        The sites to start from.

    Examples
    --------
    >>> from geosvc.analysis.siting.capacity_problem import CapacityProblem
    >>> problem = CapacityProblem(cost=np.array([[1.0, 5.0], [1.0, 2.0]]), weights=np.ones(2),
    ...     capacities=np.ones((2, 1)), fixed=np.zeros(2, dtype=bool), count=2, single_source=True)
    >>> plan = single_plan(problem, np.array([0, 1]))
    >>> plan.value, plan.site.tolist()
    (3.0, [0, 1])
    """
    best: Loaded | None = None
    for _ in range(ROUNDS):
        search = _Search(problem, sites)
        search.descend()
        found = search.plan()
        if best is not None and (found is None or found.value >= best.value):
            break
        best = found
        moved = search.centered()
        if np.array_equal(moved, sites):
            break
        sites = moved
    return best


def any_plan(
    problem: CapacityProblem, *, time_limit_s: float, seed: int
) -> tuple[Loaded | None, bool]:
    """Find any plan by an integer program, and say whether there can be one.

    Examples
    --------
    >>> from geosvc.analysis.siting.capacity_problem import CapacityProblem
    >>> problem = CapacityProblem(cost=np.ones((3, 2)), weights=np.full(3, 2.0), count=2,
    ...     capacities=np.full((2, 1), 3.0), fixed=np.zeros(2, dtype=bool), single_source=True)
    >>> any_plan(problem, time_limit_s=10, seed=0)
    (None, False)
    """
    rows, columns = np.nonzero(np.isfinite(problem.cost))
    model = _feasibility(problem, rows, columns)
    answer = Solver(model, seed=seed).run(time_limit_s=time_limit_s)
    if not len(answer.x):
        return None, answer.state != "infeasible"
    pairs = len(rows)
    options = np.flatnonzero(answer.x[pairs:] > 0.5)  # noqa: PLR2004 - of a zero or one
    if not problem.single_source:
        return split_plan(problem, options, time_limit_s=max(1.0, time_limit_s)), True
    taken = answer.x[:pairs] > 0.5  # noqa: PLR2004 - of a zero or one
    plan = _loaded(problem, options, (rows[taken], columns[taken]), np.ones(int(taken.sum())))
    return plan, True


def _loaded(
    problem: CapacityProblem, options: Integers, pairs: tuple[Integers, Integers], share: Floats
) -> Loaded:
    value = float((problem.cost[pairs] * share).sum())
    return Loaded(value, np.sort(options), *pairs, share)


def _feasibility(problem: CapacityProblem, rows: Integers, columns: Integers) -> Model:
    """Write the compact model: each demand served, sites loaded within what is open of them."""
    pairs, demand, sites, sizes = len(rows), len(problem.weights), problem.sites, problem.sizes
    options = np.arange(sites * sizes)
    site = options // sizes
    pair, ones = np.arange(pairs), np.ones(len(options))
    one_size, last = demand + sites, demand + 2 * sites
    price = ones if problem.prices is None else problem.prices.reshape(-1)
    limit = float(problem.budget if problem.count is None else problem.count)
    where = np.concatenate(
        [rows, demand + columns, demand + site, one_size + site, last + 0 * site]
    )
    which = np.concatenate([pair, pair, *[pairs + options] * 3])
    room = -problem.capacities.reshape(-1)
    what = np.concatenate([np.ones(pairs), problem.weights[rows], room, ones, price])
    lower = [np.ones(demand), np.full(sites, -INFINITY), problem.fixed * 1.0]
    upper = [np.ones(demand), np.zeros(sites), np.ones(sites), np.array([limit])]
    return Model(
        cost=np.zeros(pairs + len(options)),
        lower=np.zeros(pairs + len(options)),
        upper=np.ones(pairs + len(options)),
        rows=sparse.csr_array((what, (where, which)), shape=(last + 1, pairs + len(options))),
        row_lower=np.concatenate([*lower, [-INFINITY if problem.count is None else limit]]),
        row_upper=np.concatenate(upper),
        integer=np.concatenate([np.full(pairs, problem.single_source), ones > 0]),
    )


class _Search:
    """One load of open sites, bettered by moving a demand or swapping two."""

    def __init__(self, problem: CapacityProblem, sites: Integers) -> None:
        self._problem, self._sites = problem, sites
        cost = problem.cost[:, sites]
        known = cost[np.isfinite(cost)]
        far = 4.0 * (1.0 + known.max(initial=0.0))
        self._cost = np.where(np.isfinite(cost), cost, far * len(cost))
        self._room = problem.capacities[sites, 0]
        self._price = 2.0 * far / problem.weights.mean()
        self._at = self._greedy()

    def _greedy(self) -> Integers:
        """Give each demand the best site with room, those first that have most to lose."""
        cost, left = self._cost, self._room.copy()
        two = np.sort(cost, axis=1)[:, :2]
        at = np.zeros(len(cost), dtype=np.int64)
        for one in np.argsort(two[:, 0] - two[:, -1], kind="stable"):
            weight = self._problem.weights[one]
            fits = left * ROOM >= weight
            at[one] = np.where(fits, cost[one], np.inf).argmin() if fits.any() else left.argmax()
            left[at[one]] -= weight
        return at

    def descend(self) -> None:
        """Move and swap while it helps."""
        for _ in range(4 * len(self._at)):
            move, swap = self._moves(), self._swaps()
            best = min(move.min(), swap.min())
            if best > -1e-9 * (1 + self._cost.max()):
                return
            if move.min() <= swap.min():
                one, site = np.unravel_index(move.argmin(), move.shape)
                self._at[one] = site
            else:
                one, other = np.unravel_index(swap.argmin(), swap.shape)
                self._at[[one, other]] = self._at[[other, one]]

    def _load(self) -> Floats:
        load = np.bincount(self._at, self._problem.weights, minlength=len(self._sites))
        return load.astype(np.float64)

    def _over(self, load: Floats, room: Floats) -> Floats:
        return np.asarray(self._price * np.maximum(load - room * ROOM, 0.0))

    def _moves(self) -> Floats:
        """Say what each demand at each site instead would add to the cost."""
        weight, at, load, room = self._problem.weights, self._at, self._load(), self._room
        now = self._over(load, room)
        joined = self._over(load + weight[:, None], room) - now
        freed = self._over(load[at] - weight, room[at]) - now[at]
        rows = np.arange(len(at))
        change: Floats = self._cost - self._cost[rows, at][:, None] + joined + freed[:, None]
        change[rows, at] = 0.0
        return change

    def _swaps(self) -> Floats:
        """Say what each two demands in each other's place would add to the cost."""
        weight, at, load, room = self._problem.weights, self._at, self._load(), self._room
        there = self._cost[:, at]
        moved = there - np.diagonal(there)[:, None]
        heavier = weight[None, :] - weight[:, None]
        now = self._over(load, room)[at][:, None]
        moved = moved + self._over(load[at][:, None] + heavier, room[at][:, None]) - now
        change: Floats = moved + moved.T
        change[at[:, None] == at] = 0.0
        return change

    def plan(self) -> Loaded | None:
        """Return the load, None while a site is overloaded or out of reach."""
        rows, site = np.arange(len(self._at)), self._sites[self._at]
        reached = np.isfinite(self._problem.cost[rows, site]).all()
        if not reached or (self._load() > self._room * ROOM).any():
            return None
        return _loaded(self._problem, self._sites, (rows, site), np.ones(len(rows)))

    def centered(self) -> Integers:
        """Return the sites that would serve the same groups best, the largest group first."""
        load, taken = self._load(), self._problem.fixed.copy()
        taken[self._sites] = True
        moved = self._sites.copy()
        for group in np.argsort(-load, kind="stable"):
            if self._problem.fixed[self._sites[group]]:
                continue
            taken[moved[group]] = False
            cost = self._problem.cost[self._at == group].sum(axis=0)
            fits = ~taken & (self._problem.capacities[:, 0] * ROOM >= load[group])
            fits[moved[group]] = True
            cost = np.where(fits, cost, np.inf)
            if np.isfinite(cost).any():
                moved[group] = cost.argmin()
            taken[moved[group]] = True
        return np.sort(moved)
