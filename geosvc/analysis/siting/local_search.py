"""Better sites by swapping one at a time: the interchange of Teitz and Bart, all swaps at once.

The tables of Resende and Werneck say what every swap would save. They are kept up to date for the
demand whose nearest two sites a swap has changed, so that with many sites a swap costs little.

References
----------
Teitz and Bart (1968), Heuristic methods for estimating the generalized vertex median of a weighted
graph; Resende and Werneck (2007), A fast swap-based local search procedure for location problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

IMPROVES: Final = 1e-9
"""A swap must save this share of the value, so that rounding cannot make it go round in circles."""


def interchange(
    costs: Floats, sites: Integers, *, stop: Callable[[], bool] = lambda: False
) -> tuple[float, Integers]:
    """Swap sites for better ones until no single swap saves anything.

    Parameters
    ----------
    costs
        Candidates by demand, finite: what it costs to serve a demand point from a candidate.
    sites
        The candidates to start from.
    stop
        Asked before every swap.

    Returns
    -------
    value
        The total cost when each demand point goes to the cheapest of the sites.
    sites
        Sorted.

    Examples
    --------
    >>> costs = np.array([[0.0, 4, 9, 9], [5, 0, 9, 9], [9, 9, 1, 0]])
    >>> value, sites = interchange(costs, np.array([0, 1]))
    >>> value, sites.tolist()
    (5.0, [0, 2])
    >>> interchange(np.empty((2, 0)), np.array([1]))[0]
    0.0
    """
    if costs.shape[1] == 0 or len(sites) in {0, len(costs)}:
        return float(costs[sites].min(axis=0, initial=np.inf).sum()), np.sort(sites)
    swaps = _Swaps(costs, sites.copy())
    while not stop():
        before, value = swaps.sites.copy(), swaps.value
        if not swaps.make_best() or swaps.value >= value:
            swaps.sites, swaps.value = before, min(value, swaps.value)
            break
    return float(costs[swaps.sites].min(axis=0).sum()), np.sort(swaps.sites)


class _Swaps:
    """The savings of every swap at the present sites."""

    def __init__(self, costs: Floats, sites: Integers) -> None:
        candidates, demand = costs.shape
        self.costs, self.sites = costs, sites
        self.nearest = np.zeros(demand, dtype=np.int64)  # a position in sites
        self.first, self.second = np.zeros(demand), np.zeros(demand)
        self.gain = np.zeros(candidates)  # what opening a candidate saves
        self.spared = np.zeros((candidates, len(sites)))  # loss it takes over from a closed site
        everything = np.arange(demand)
        self._rank(everything)
        self._count(everything, 1.0)
        self.value = float(self.first.sum())

    def make_best(self) -> bool:
        """Make the swap that saves most, or return False if none saves anything."""
        loss = np.bincount(self.nearest, self.second - self.first, minlength=len(self.sites))
        change = loss - self.spared - self.gain[:, None]
        change[self.sites] = np.inf
        opened, closed = np.unravel_index(np.argmin(change), change.shape)
        if change[opened, closed] >= -IMPROVES * self.value:
            return False
        touched = (self.costs[opened] < self.second) | (
            self.costs[self.sites[closed]] <= self.second
        )
        rows = np.flatnonzero(touched)
        self._count(rows, -1.0)
        self.sites[closed] = opened
        self._rank(rows)
        self._count(rows, 1.0)
        self.value = float(self.first.sum())
        return True

    def _rank(self, rows: Integers) -> None:
        """Find the nearest and second nearest of the sites for some demand."""
        near = self.costs[self.sites].take(rows, axis=1)
        place = np.arange(len(rows))
        best = near.argmin(axis=0)
        self.nearest[rows], self.first[rows] = best, near[best, place]
        near[best, place] = np.inf
        # a lone site is never closed without another being opened: any finite figure will do
        alone = len(self.sites) == 1
        self.second[rows] = self.costs[:, rows].max(axis=0) if alone else near.min(axis=0)

    def _count(self, rows: Integers, sign: float) -> None:
        """Add some demand to the tables, or take it out."""
        rows = rows[np.argsort(self.nearest[rows], kind="stable")]
        if not len(rows):
            return
        costs = self.costs.take(rows, axis=1)  # much faster than an index
        first, second = self.first[rows], self.second[rows]
        self.gain += sign * np.maximum(first - costs, 0).sum(axis=1)
        closed, start = np.unique(self.nearest[rows], return_index=True)
        np.maximum(costs, first, out=costs)
        np.subtract(second, costs, out=costs)
        np.maximum(costs, 0, out=costs)
        self.spared[:, closed] += sign * np.add.reduceat(costs, start, axis=1)
