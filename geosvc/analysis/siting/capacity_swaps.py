"""Better sets of options under capacity, where demand may split: exchanges ranked by a bound.

The duals of the transport problem of a plan say what room is worth at each site. With one site
shut they price each demand at the rest, and the knapsack of a further option at those prices says
what it can save at most: the Lagrangian bound of the plan after the exchange. So all exchanges are
ranked by a bound, and only those that may better the plan are solved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.capacity_plans import Loaded, split_plan
from geosvc.analysis.siting.capacity_problem import ROOM, SLACK
from geosvc.analysis.siting.knapsack import SplitKnapsack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from geosvc.analysis.siting.capacity_problem import CapacityProblem

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

TRIES: Final = 20
"""Exchanges that are solved before a plan is taken for the best of its kind."""
PAIRED: Final = 60
"""Options that may open two at a time, where a budget decides."""
KICKED: Final = 3
"""Sites that another start replaces, at most."""
RARE: Final = 0.01
"""How likely an option is at least, against 1 for one that is always open."""
EXACT_S: Final = 1e6
"""A transport problem is solved to its end."""


class Exchange:
    """Betters plans by shutting an option and opening others.

    Parameters
    ----------
    problem
        The whole problem, its demand may split.
    stop
        Is asked before each transport problem; True ends the search.
    seed
        For the starts that are drawn.

    Examples
    --------
    >>> from geosvc.analysis.siting.capacity_problem import CapacityProblem
    >>> problem = CapacityProblem(cost=np.array([[9.0, 4.0, 1.0]]), weights=np.array([3.0]),
    ...     capacities=np.full((3, 1), 3.0), fixed=np.zeros(3, dtype=bool), count=1)
    >>> start = split_plan(problem, np.array([0]), time_limit_s=10)
    >>> exchange = Exchange(problem, stop=lambda: False, seed=0)
    >>> exchange.descend(start).options.tolist()
    [2]
    """

    def __init__(
        self, problem: CapacityProblem, *, stop: Callable[[], bool], seed: int = 0
    ) -> None:
        self._problem, self._stop = problem, stop
        self._random = np.random.default_rng(seed)
        self._knapsack = SplitKnapsack(problem.cost, problem.weights, problem.capacities)
        self._room = problem.capacities.reshape(-1)
        self._site = np.arange(problem.sites * problem.sizes) // problem.sizes
        if problem.count is None:
            assert problem.prices is not None  # noqa: S101 - given with the budget
            self._price, self._limit = problem.prices.reshape(-1), problem.budget
        else:
            self._price, self._limit = np.ones(len(self._room)), float(problem.count)
        known = problem.cost[np.isfinite(problem.cost)]
        self._far = 4.0 * (1.0 + known.max(initial=0.0))

    def descend(self, plan: Loaded) -> Loaded:
        """Exchange options while it betters the plan."""
        while (better := self._better(plan)) is not None:
            plan = better
        return plan

    def restart(self, plan: Loaded, likely: Floats, *, anew: bool) -> Loaded | None:
        """Replace some sites of a plan, or all, by other likely options, and descend from there."""
        options = plan.options
        free = self._random.permutation(options[~self._problem.fixed[self._site[options]]])
        kicked = len(free) if anew else min(KICKED, max(1, len(free) // 2))
        start = self._drawn(np.setdiff1d(options, free[:kicked]), likely)
        found = None if start is None else split_plan(self._problem, start, time_limit_s=EXACT_S)
        return None if found is None else self.descend(found)

    def _better(self, plan: Loaded) -> Loaded | None:
        bounds, sets = self.ranked(plan)
        for place in np.argsort(bounds, kind="stable")[:TRIES]:
            if bounds[place] >= plan.value * (1 - SLACK) or self._stop():
                return None
            found = split_plan(self._problem, sets[place], time_limit_s=EXACT_S)
            if found is not None and found.value < plan.value * (1 - SLACK):
                return found
        return None

    def ranked(self, plan: Loaded) -> tuple[Floats, list[Integers]]:
        """Return a bound on each exchange that may better a plan, and the options after it."""
        bounds, sets = [], []
        for kept, prices, allowed in self._openings(plan):
            demand, worth = self._priced(kept, prices)
            for total, opened in self._opened(kept, worth, allowed):
                bounds.append(demand + float(worth[kept].sum()) + total)
                sets.append(np.sort(np.concatenate([kept, opened])))
        return np.array(bounds), sets

    def _openings(self, plan: Loaded) -> Iterator[tuple[Integers, Floats, Booleans]]:
        """Yield what stays open when an option is shut, its prices, and what may open instead."""
        options, fixed = plan.options, self._problem.fixed
        if self._problem.count is None:
            yield options, plan.prices, ~np.isin(self._site, self._site[options])
        for shut, option in enumerate(options.tolist()):
            kept = np.delete(options, shut)
            allowed = ~np.isin(self._site, self._site[kept])
            if fixed[self._site[option]]:
                allowed &= self._site == self._site[option]
            allowed[option] = False
            yield kept, np.delete(plan.prices, shut), allowed

    def _priced(self, kept: Integers, prices: Floats) -> tuple[float, Floats]:
        problem = self._problem
        priced = problem.cost[:, self._site[kept]] + problem.weights[:, None] * prices
        multipliers = priced.min(axis=1, initial=self._far)
        return float(multipliers.sum()), self._knapsack.solve(multipliers)

    def _opened(
        self, kept: Integers, worth: Floats, allowed: Booleans
    ) -> Iterator[tuple[float, Integers]]:
        """Yield the options, or pairs of them, that are worth most of those that fit."""
        left = self._limit - self._price[kept].sum()
        needed = self._problem.weights.sum() / ROOM - self._room[kept].sum()
        able = np.flatnonzero(allowed & (self._price <= left))
        able = able[np.argsort(worth[able], kind="stable")]
        for one in able[self._room[able] >= needed][:TRIES]:
            yield float(worth[one]), np.array([one])
        if self._problem.count is not None:
            return
        first, second = np.triu_indices(len(able[:PAIRED]), 1)
        first, second = able[first], able[second]
        fits = (self._price[first] + self._price[second] <= left) & (
            self._site[first] != self._site[second]
        )
        fits &= self._room[first] + self._room[second] >= needed
        first, second = first[fits], second[fits]
        both = worth[first] + worth[second]
        for place in np.argsort(both, kind="stable")[:TRIES]:
            yield float(both[place]), np.array([first[place], second[place]])

    def _drawn(self, chosen: Integers, likely: Floats) -> Integers | None:
        """Return the options with others drawn until none fits, None if they hold too little.

        Options below 0 are not drawn, others about as often as they are likely.
        """
        turn = self._random.exponential(size=len(likely)) / np.maximum(likely, RARE)
        for option in np.argsort(np.where(likely < 0, np.inf, turn), kind="stable").tolist():
            if likely[option] < 0:
                break
            fits = self._price[chosen].sum() + self._price[option] <= self._limit
            if fits and self._site[option] not in self._site[chosen]:
                chosen = np.append(chosen, option)
        enough = self._room[chosen].sum() * ROOM >= self._problem.weights.sum()
        whole = self._problem.count is None or len(chosen) == self._problem.count
        return np.sort(chosen) if enough and whole else None
