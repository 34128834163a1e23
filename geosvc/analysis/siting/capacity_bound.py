"""Lower bounds under capacity: the Lagrangian of "each demand is served", raised by subgradients.

A node is a part of all plans: options ruled out, sites that must open and, where each demand has
one site, the sites still allowed for it. Its multipliers start from those of its parent. What the
bound leaves no room for is ruled out on the way: options, sites, single pairs of demand and site.

References
----------
Ceselli, A. and Righini, G. (2005). A branch-and-price algorithm for the capacitated p-median
problem. Networks 45(3), 125-142 (the knapsacks and the branching on pairs).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.choosing import Choice, choose_count, choose_whole, choose_within
from geosvc.analysis.siting.knapsack import SplitKnapsack, WholeKnapsack, in_units

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geosvc.analysis.siting.capacity_problem import CapacityProblem

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

CELLS: Final = 5_000_000
"""The largest table of whole knapsacks; beyond it demand may split in the bound."""
MONEY: Final = 2000
"""The most units a budget is divided into."""
DECAY: Final = 0.9
"""How much of the mean over past choices stays at each step."""
SPARE: Final = 6
"""Knapsacks solved beyond the number of sites, lest they turn out to be chosen."""
NO_UNIT: Final = 1e-9
"""In place of a weight below one unit, where it divides."""
SHRINK: Final = 1.5
"""What the step is divided by when the bound does not rise."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of all plans, with a bound on their values.

    ``out`` marks options, ``must`` sites, ``allowed`` pairs of demand and site. ``worth`` is the
    least cost of the demand that an option would take at the ``multipliers``. ``opened`` and
    ``loads`` are means over late choices of the Lagrangian: how often an option was open, and a
    demand at a site (empty where demand splits).
    """

    bound: float
    out: Booleans
    must: Booleans
    allowed: Booleans
    multipliers: Floats
    worth: Floats
    opened: Floats
    loads: Floats


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to raise a bound: steps, the first step's length, patience before it shrinks."""

    steps: int
    length: float
    patience: int


ROOT: Final = Effort(600, 2.0, 10)
CHILD: Final = Effort(20, 0.3, 4)


def whole_tree(problem: CapacityProblem) -> Node:
    """Return the node of all plans."""
    allowed = np.isfinite(problem.cost)
    if problem.single_source:
        allowed &= problem.weights[:, None] <= problem.capacities.max(axis=1)
    rank = min(problem.sites - 1, max(1, problem.sites // 10))
    near = np.sort(np.where(allowed, problem.cost, np.inf), axis=1)
    start = np.where(np.isfinite(near[:, rank]), near[:, rank], near[:, 0])
    options = problem.sites * problem.sizes
    loads = np.zeros(problem.cost.shape if problem.single_source else (0, 0))
    return Node(
        problem.trivial_bound,
        np.zeros(options, dtype=bool),
        problem.fixed.copy(),
        allowed,
        start,
        np.repeat(np.where(allowed, near[:, :1] - start[:, None], 0).sum(axis=0), problem.sizes),
        np.zeros(options),
        loads,
    )


def tighten(
    problem: CapacityProblem,
    node: Node,
    *,
    value: float,
    cutoff: float,
    effort: Effort,
    stop: Callable[[float], bool],
) -> Node | None:
    """Raise the bound of a node and rule out what cannot lead below ``cutoff``.

    Parameters
    ----------
    problem
        The whole problem.
    node
        A part of its plans.
    value
        The best value known, infinite if none is.
    cutoff
        No plan of a higher cost is looked for.
    effort
        When to give up.
    stop
        Is told the bound after each step; True ends the work.

    Returns
    -------
    node
        With what was found, or None when no plan of the node can cost ``cutoff`` or less.
    """
    settled = _settle(problem, node)
    if settled is None:
        return None
    part = _Part(problem, settled)
    found = part.ascend(value=value, cutoff=cutoff, effort=effort, stop=stop)
    if found > cutoff or np.isinf(found):
        return None
    return part.fixed(found, cutoff)


def _settle(problem: CapacityProblem, node: Node) -> Node | None:
    """Draw what follows from rules on single pairs: sites that must open, and the last options."""
    allowed, must, out = node.allowed, node.must, node.out
    if problem.single_source:
        allowed = allowed & ~out
        choices = allowed.sum(axis=1)
        if not choices.all():
            return None
        must = must.copy()
        must[allowed[choices == 1].argmax(axis=1)] = True
    if problem.count is not None:
        if must.sum() > problem.count or (must & out).any():
            return None
        if must.sum() == problem.count:
            out = ~must
            allowed = allowed & ~out if problem.single_source else allowed
    return replace(node, allowed=allowed, must=must, out=out)


class _Part:
    """The demand and sites of a node that are still open to choice."""

    def __init__(self, problem: CapacityProblem, node: Node) -> None:
        self._problem, self._node = problem, node
        self._sites = np.flatnonzero(~node.out.reshape(problem.sites, -1).all(axis=1))
        self._must = node.must[self._sites]
        self._free = np.arange(len(problem.weights))
        self._taken_cost = np.zeros(len(self._sites))
        self._crowded = False
        self._relaxed: SplitKnapsack | None = None
        if problem.prices is not None:
            prices = problem.prices[self._sites]
            units, budget = in_units(prices.reshape(-1), np.array([problem.budget]), levels=MONEY)
            self._units = units.reshape(prices.shape), int(budget[0])
        self._knapsack = self._whole() if problem.single_source else self._split()
        self.best = node.multipliers[self._free].copy()

    def _split(self) -> SplitKnapsack | WholeKnapsack:
        problem, sites = self._problem, self._sites
        return SplitKnapsack(problem.cost[:, sites], problem.weights, problem.capacities[sites])

    def _whole(self) -> SplitKnapsack | WholeKnapsack:
        problem, allowed = self._problem, self._node.allowed[:, self._sites]
        cost = np.where(allowed, problem.cost[:, self._sites], np.inf)
        room = problem.capacities[self._sites, 0].copy()
        bound_to = allowed.sum(axis=1) == 1
        site, demand = allowed[bound_to].argmax(axis=1), np.flatnonzero(bound_to)
        np.subtract.at(room, site, problem.weights[demand])
        np.add.at(self._taken_cost, site, cost[demand, site])
        self._crowded = bool((room < -1e-9 * problem.capacities[self._sites, 0]).any())
        self._free = np.flatnonzero(~bound_to)
        cost, weights = cost[self._free], problem.weights[self._free]
        units, rooms = in_units(weights, np.maximum(room, 0.0))
        if cost.size * (int(rooms.max(initial=0)) + 1) <= CELLS:
            parts = np.maximum(units, NO_UNIT).astype(np.float64)
            hair = np.full((len(rooms), 1), NO_UNIT * len(units))
            self._relaxed = SplitKnapsack(cost, parts, rooms[:, None] + hair)
            return WholeKnapsack(cost, units, rooms)
        return SplitKnapsack(cost, weights, np.maximum(room, 0.0)[:, None])

    def _values(self, multipliers: Floats) -> Floats:
        """Value the options; those of whole knapsacks exact where they can be chosen.

        The others are bounds from knapsacks that split: most sites are nowhere near being chosen.
        """
        if self._relaxed is None or not isinstance(self._knapsack, WholeKnapsack):
            return self._knapsack.solve(multipliers)
        count, must = self._problem.count or 0, self._must
        values = self._relaxed.solve(multipliers)
        exact = must.copy()
        ranked = np.argsort(np.where(must, -np.inf, values + self._taken_cost), kind="stable")
        batch = ranked[: count + SPARE]
        while len(batch):
            values[batch] = self._knapsack.solve(multipliers, batch)
            exact[batch] = True
            total = np.where(must, -np.inf, values + self._taken_cost)
            last = np.sort(total)[count - 1] if count <= len(total) else np.inf
            batch = np.flatnonzero((total <= last) & ~exact)
        return values

    def _choose(self, multipliers: Floats, *, forced: bool = False) -> tuple[float, Choice, Floats]:
        problem = self._problem
        values = self._values(multipliers)
        if problem.count is not None:
            choice = choose_count(values + self._taken_cost, self._must, problem.count)
        else:
            assert problem.prices is not None  # noqa: S101 - given with the budget
            shape = (len(self._sites), problem.sizes)
            out = self._node.out.reshape(problem.sites, -1)[self._sites]
            priced = np.where(out, np.inf, values.reshape(shape))
            prices = problem.prices[self._sites]
            choice = choose_within(priced, self._must, prices, problem.budget)
            units, budget = self._units
            whole = choose_whole(priced, self._must, units, budget, forced=forced)
            # prices are rounded down to units: either may be the better bound
            choice = whole if whole.total >= choice.total else choice
        return float(multipliers.sum()) + choice.total, choice, values

    def ascend(
        self, *, value: float, cutoff: float, effort: Effort, stop: Callable[[float], bool]
    ) -> float:
        """Raise the bound; return the best, infinite when no plan is left."""
        if self._crowded:
            return np.inf
        best, length, stalled = -np.inf, effort.length, 0
        at = self.best.copy()
        self._opened = np.zeros(len(self._sites) * self._problem.sizes)
        whole = isinstance(self._knapsack, WholeKnapsack)
        self._loads = np.zeros((len(self._free), len(self._sites)) if whole else (0, 0))
        for _ in range(effort.steps):
            bound, choice, _ = self._choose(at)
            if np.isinf(bound):
                return bound
            stalled = 0 if bound > best + 1e-4 * abs(best) else stalled + 1
            if bound > best:
                best, self.best = bound, at.copy()
            if best > cutoff or stop(best):
                break
            self._remember(choice)
            missed = 1.0 - self._knapsack.served(choice.opened)
            size = float(missed @ missed)
            if size <= 1e-12 or length < effort.length / 12:  # noqa: PLR2004 - squared shares
                break
            if stalled >= effort.patience:
                length, stalled, at = length / SHRINK, 0, self.best.copy()
                continue
            goal = 1.02 * value if np.isfinite(value) else bound + 0.05 * abs(bound) + 1.0
            at = at + length * max(goal - bound, 1e-3 * abs(goal)) / size * missed
        return best

    def _remember(self, choice: Choice) -> None:
        self._opened = DECAY * self._opened + (1 - DECAY) * choice.opened
        if isinstance(self._knapsack, WholeKnapsack):
            self._loads *= DECAY
            self._loads += (1 - DECAY) * (self._knapsack.taken * choice.opened)

    def fixed(self, bound: float, cutoff: float) -> Node | None:
        """Return the node with its bound, and ruled out what lies above ``cutoff``."""
        problem, node, sizes = self._problem, self._node, self._problem.sizes
        _, choice, values = self._choose(self.best, forced=True)
        options = (self._sites[:, None] * sizes + np.arange(sizes)).reshape(-1)
        out, must = node.out.copy(), node.must.copy()
        out[options[bound + choice.to_open > cutoff]] = True
        must[self._sites[bound + choice.to_shut > cutoff]] = True
        multipliers, opened = node.multipliers.copy(), np.zeros(len(node.out))
        multipliers[self._free], opened[options] = self.best, self._opened
        worth = np.zeros(len(node.out))
        worth[options] = values + np.repeat(self._taken_cost, sizes)
        allowed, loads = node.allowed, node.loads
        if isinstance(self._knapsack, WholeKnapsack):
            room = cutoff - bound
            sure = must[self._sites] & (choice.opened > 0)
            keep, only = self._pairs(values, choice, (room, sure))
            allowed, loads = allowed.copy(), np.zeros(allowed.shape)
            grid = np.ix_(self._free, self._sites)
            allowed[grid] &= keep
            loads[grid] = self._loads
            for demand, site in np.argwhere(only & allowed[grid]):
                allowed[self._free[demand]] = False
                allowed[self._free[demand], self._sites[site]] = True
        bound = max(bound, node.bound)
        return _settle(problem, Node(bound, out, must, allowed, multipliers, worth, opened, loads))

    def _pairs(
        self, values: Floats, choice: Choice, within: tuple[float, Booleans]
    ) -> tuple[Booleans, Booleans]:
        """Say which pairs can be in a plan of the node, and which must be."""
        assert isinstance(self._knapsack, WholeKnapsack)  # noqa: S101 - only then called
        room, sure = within
        taken, without = self._knapsack.forced(self.best)
        keep = choice.to_open + taken - values <= room
        return keep, (without - values > room) & sure
