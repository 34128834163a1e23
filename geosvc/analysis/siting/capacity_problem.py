"""Siting under capacity in one form: options to open, demand to load on them, what opening costs.

An option is a site at a size; there is one option a site where sizes are given. Options stand site
by site: option ``site * sizes + size``. Costs are those of serving all of a demand: weight times
distance, infinite where a site is out of reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

SLACK: Final = 1e-7
"""Values closer than this share are taken for one, unless they are whole numbers."""
ROOM: Final = 1 + 1e-9
"""Loads may pass capacities by rounding errors."""
WHOLE: Final = 1e-9
"""The share by which a whole cost may miss its whole number."""
GUARD: Final = 1e-6
"""How far rounding errors of a bound may reach before it is rounded to a whole number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityProblem:
    """What is to be decided: which options open, and which demand loads which site.

    Attributes
    ----------
    cost
        Demand x sites: the cost of serving all of a demand, infinite out of reach.
    weights
        One a demand, above 0: what it takes of a capacity.
    capacities
        Sites x sizes.
    fixed
        One a site: whether it must be open.
    count
        How many sites open, or None where a budget decides.
    prices
        Sites x sizes, used with ``budget``.
    budget
        What the open options may cost together.
    single_source
        Whether each demand has one site.
    whole
        Whether the best value is a whole number.
    """

    cost: Floats
    weights: Floats
    capacities: Floats
    fixed: Booleans
    count: int | None = None
    prices: Floats | None = None
    budget: float = 0.0
    single_source: bool = False
    whole: bool = False

    @property
    def sites(self) -> int:
        """How many sites there are."""
        return int(self.cost.shape[1])

    @property
    def sizes(self) -> int:
        """How many sizes a site can have."""
        return int(self.capacities.shape[1])

    @property
    def trivial_bound(self) -> float:
        """What serving each demand from its nearest site would cost."""
        return float(self.cost.min(axis=1, initial=np.inf).sum())

    @property
    def worst(self) -> float:
        """What serving each demand from the dearest site within reach would cost."""
        return float(np.where(np.isfinite(self.cost), self.cost, 0.0).max(axis=1, initial=0).sum())

    def cutoff(self, value: float, gap: float) -> float:
        """Return the bound above which nothing can improve on ``value`` enough to matter."""
        least = max(SLACK, gap) * abs(value)
        return value - (max(least, 1 - 10 * GUARD) if self.whole else least)

    def rounded(self, bound: float) -> float:
        """Round a bound up where values are whole."""
        return float(np.ceil(bound - GUARD)) if self.whole and np.isfinite(bound) else bound

    def needed_price(self, options: Integers) -> float:
        """Return what ``options`` cost together; 0 where only their number matters."""
        return 0.0 if self.prices is None else float(self.prices.reshape(-1)[options].sum())


def counted(
    distances: Floats,
    weights: Floats,
    capacities: Floats,
    p: int,
    *,
    fixed: Integers,
    single_source: bool = False,
) -> CapacityProblem:
    """Return the problem of ``p`` sites that hold all demand, one capacity a site.

    Parameters
    ----------
    distances
        Demand x candidates, infinite out of reach.
    weights
        One a demand, above 0.
    capacities
        One a candidate.
    p
        How many sites open.
    fixed
        Candidates that must be open.
    single_source
        Whether each demand has one site.

    Examples
    --------
    >>> problem = counted(np.array([[2.0, 4.0]]), np.array([3.0]), np.full(2, 9.0), 1,
    ...                   fixed=np.array([1]))
    >>> problem.cost.tolist(), problem.capacities.tolist(), problem.fixed.tolist()
    ([[6.0, 12.0]], [[3.0], [3.0]], [False, True])
    >>> counted(np.empty((0, 1)), np.empty(0), np.ones(1), 1, fixed=np.array([0])).cost.shape
    (0, 1)
    """
    cost = _cost(distances, weights)
    return CapacityProblem(
        cost=cost,
        weights=weights,
        capacities=np.minimum(capacities, weights.sum())[:, None],
        fixed=_marked(fixed, distances.shape[1]),
        count=p,
        single_source=single_source,
        whole=_whole([cost] if single_source else [cost, weights, distances, capacities]),
    )


def priced(
    distances: Floats,
    weights: Floats,
    sizes: Floats,
    prices: Floats,
    *,
    budget: float,
    fixed: Integers,
) -> CapacityProblem:
    """Return the problem of sites and their sizes within a budget; demand may split.

    Parameters
    ----------
    distances
        Demand x candidates, infinite out of reach.
    weights
        One a demand, above 0.
    sizes
        The capacities a site can have.
    prices
        Candidates x sizes, infinite where a size cannot be built.
    budget
        What the sites may cost together.
    fixed
        Candidates that must be open.

    Examples
    --------
    >>> problem = priced(np.array([[2.0, 4.0]]), np.array([3.0]), np.array([2.0, 5.0]),
    ...     np.array([[1.0, 9.0], [1.0, 2.0]]), budget=4, fixed=np.empty(0, dtype=int))
    >>> problem.capacities.tolist(), problem.prices.tolist()
    ([[2.0, 0.0], [2.0, 3.0]], [[1.0, 9.0], [1.0, 2.0]])
    """
    unaffordable = prices > budget
    return CapacityProblem(
        cost=_cost(distances, weights),
        weights=weights,
        capacities=np.where(unaffordable, 0.0, np.minimum(sizes, weights.sum())),
        fixed=_marked(fixed, distances.shape[1]),
        prices=np.where(unaffordable, 2 * budget + 1, prices),
        budget=float(budget),
        whole=_whole([weights, distances, sizes]),
    )


def capacity_short(problem: CapacityProblem) -> bool:
    """Say whether a look at reach and capacity already shows that nothing satisfies.

    >>> tight = CapacityProblem(cost=np.ones((2, 2)), weights=np.full(2, 3.0), count=1,
    ...                         capacities=np.full((2, 1), 5.0), fixed=np.zeros(2, dtype=bool))
    >>> capacity_short(tight)
    True
    """
    within = np.isfinite(problem.cost)
    most = problem.capacities.max(axis=1, initial=0.0)
    if problem.single_source:
        within = within & (problem.weights[:, None] <= most * ROOM)
    if len(within) and not within.any(axis=1).all():
        return True
    if problem.count is None:
        return _dearer_than_budget(problem)
    free = np.sort(most[~problem.fixed])[::-1][: problem.count - int(problem.fixed.sum())]
    return bool((free.sum() + most[problem.fixed].sum()) * ROOM < problem.weights.sum())


def _dearer_than_budget(problem: CapacityProblem) -> bool:
    assert problem.prices is not None  # noqa: S101 - problems without a count have prices
    least = problem.prices[problem.fixed].min(axis=1, initial=np.inf)
    return bool(least.sum() > problem.budget * ROOM)


def _cost(table: Floats, weight: Floats) -> Floats:
    """Weight times distance, whole numbers where only rounding keeps them from it."""
    cost = table * weight[:, None]
    known = np.isfinite(cost)
    nearest = np.rint(cost[known])
    if (np.abs(cost[known] - nearest) <= WHOLE * np.maximum(1.0, nearest)).all():
        cost[known] = nearest
    return cost


def _whole(numbers: list[Floats]) -> bool:
    """Say whether all that are finite are whole: with them the best value is."""
    known = [each[np.isfinite(each)] for each in numbers]
    return all(bool((each == np.rint(each)).all()) for each in known)


def _marked(sites: Integers, count: int) -> Booleans:
    marks = np.zeros(count, dtype=bool)
    marks[sites] = True
    return marks
