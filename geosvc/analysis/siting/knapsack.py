"""What each site would gain from demand within its capacity: the knapsacks of a Lagrangian.

A gain is negative: the cost of serving a demand less its multiplier. Each site takes the demand
that makes its sum least. ``SplitKnapsack`` may take parts of a demand; ``WholeKnapsack`` takes all
or nothing, by dynamic programming over whole units of capacity. Weights that are no multiples of a
unit are rounded down with the capacity, so that whatever fits in truth fits here, too: a bound
stays a bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

LEVELS: Final = 400
"""The most units a capacity is divided into."""


class SplitKnapsack:
    """Knapsacks that take any part of a demand.

    Parameters
    ----------
    cost
        Demand x sites, infinite out of reach.
    weights
        One a demand, above 0.
    capacities
        Sites x sizes.

    Examples
    --------
    >>> knapsack = SplitKnapsack(np.array([[1.0], [4.0]]), np.array([2.0, 2.0]), np.array([[3.0]]))
    >>> knapsack.solve(np.array([5.0, 6.0]))
    array([-5.])
    >>> knapsack.served(np.array([1.0]))
    array([1. , 0.5])
    """

    def __init__(self, cost: Floats, weights: Floats, capacities: Floats) -> None:
        self._cost, self._weights, self._capacities = cost, weights, capacities
        self._rows = self._columns = np.empty(0, dtype=np.int64)
        self._taken = np.empty((0, capacities.shape[1]))

    def solve(self, multipliers: Floats) -> Floats:
        """Return the least sum of each option, sites by sizes in one row."""
        gain = self._cost - multipliers[:, None]
        rows, columns = np.nonzero(gain < 0)
        gain, weight = gain[rows, columns], self._weights[rows]
        order = np.lexsort((gain / weight, columns))
        rows, columns, gain, weight = rows[order], columns[order], gain[order], weight[order]
        sites, sizes = self._capacities.shape
        before = np.concatenate([[0.0], np.cumsum(weight)])
        first = np.searchsorted(columns, np.arange(sites))
        ahead = before[:-1] - before[first][columns]
        room = self._capacities[columns] - ahead[:, None]
        taken = np.clip(room / weight[:, None], 0.0, 1.0)
        self._rows, self._columns, self._taken = rows, columns, taken
        sums = [np.bincount(columns, gain * taken[:, t], minlength=sites) for t in range(sizes)]
        return np.stack(sums, axis=1, dtype=np.float64).reshape(-1)

    def served(self, opened: Floats) -> Floats:
        """Return how much of each demand the options take, by how far each is open."""
        share = opened.reshape(self._capacities.shape)[self._columns]
        taken = (share * self._taken).sum(axis=1)
        return np.bincount(self._rows, taken, minlength=len(self._weights)).astype(np.float64)


class WholeKnapsack:
    """Knapsacks that take a demand or leave it, one size a site.

    Parameters
    ----------
    cost
        Demand x sites, infinite out of reach.
    units, rooms
        Whole units of weight and of capacity, one a demand and one a site.

    Examples
    --------
    >>> knapsack = WholeKnapsack(np.array([[1.0], [4.0]]), np.array([2, 2]), np.array([3]))
    >>> knapsack.solve(np.array([5.0, 6.0]))
    array([-4.])
    >>> knapsack.taken[:, 0]
    array([ True, False])
    """

    def __init__(self, cost: Floats, units: Integers, rooms: Integers) -> None:
        self._cost, self._units, self._rooms = cost, units, rooms
        self._levels = int(rooms.max(initial=0)) + 1
        self.taken = np.zeros(cost.shape, dtype=bool)

    def solve(self, multipliers: Floats, sites: Integers | None = None) -> Floats:
        """Return the least sum of each site, or of some; what others take stays as it was."""
        which = np.arange(len(self._rooms)) if sites is None else sites
        gain = self._cost[:, which] - multipliers[:, None]
        useful = np.flatnonzero((gain < 0).any(axis=1))
        tables = self._tables(gain, useful)
        site, left = np.arange(len(which)), self._rooms[which]
        taken = np.zeros(gain.shape, dtype=bool)
        sums = now = tables[-1][site, left]
        for table, demand in zip(tables[-2::-1], useful[::-1], strict=True):
            without = table[site, left]
            take = now < without
            taken[demand] = take
            left -= take * self._units[demand]
            now = table[site, left]
        self.taken[:, which] = taken
        return np.asarray(sums)

    def served(self, opened: Floats) -> Floats:
        """Return how often each demand is taken by the sites, by how far each is open."""
        return np.asarray(self.taken @ opened)

    def forced(self, multipliers: Floats) -> tuple[Floats, Floats]:
        """Return the least sums when a demand must be taken by a site, and when it must not.

        Both are demand x sites; infinite where a demand cannot be taken.
        """
        gain = self._cost - multipliers[:, None]
        count = len(gain)
        ahead = self._tables(gain, np.arange(count))
        # what follows is laid out by the units already spent, so that both tables add up
        behind = self._tables(gain, np.arange(count)[::-1])
        spent = self._rooms[:, None] - np.arange(self._levels)
        left = np.maximum(spent, 0)
        taken, without = np.empty(gain.shape), np.empty(gain.shape)
        for demand in range(count):
            after = np.take_along_axis(behind[count - 1 - demand], left, axis=1)
            after[spent < 0] = np.inf
            without[demand] = (ahead[demand] + after).min(axis=1)
            unit = int(self._units[demand])
            both = ahead[demand][:, : max(0, self._levels - unit)] + after[:, unit:]
            taken[demand] = both.min(axis=1, initial=np.inf) + gain[demand]
        return taken, without

    def _tables(self, gain: Floats, demand: Integers) -> Floats:
        """Least sums by site and units of room, before and after each demand in turn."""
        tables = np.zeros((len(demand) + 1, gain.shape[1], self._levels))
        for step, (one, unit) in enumerate(zip(demand, self._units[demand].tolist(), strict=True)):
            old, new = tables[step], tables[step + 1]
            if unit >= self._levels:
                new[:] = old
                continue
            new[:, :unit] = old[:, :unit]
            np.add(old[:, : self._levels - unit], gain[one][:, None], out=new[:, unit:])
            np.minimum(old[:, unit:], new[:, unit:], out=new[:, unit:])
        return tables


def in_units(
    weights: Floats, capacities: Floats, *, levels: int = LEVELS
) -> tuple[Integers, Integers]:
    """Return weights and capacities in whole units, at most ``levels`` of them.

    Examples
    --------
    >>> in_units(np.array([2.0, 4.0]), np.array([7.0]))
    (array([1, 2]), array([3]))
    >>> in_units(np.empty(0), np.empty(0))
    (array([], dtype=int64), array([], dtype=int64))
    """
    rooms = np.minimum(capacities, weights.sum())
    most = rooms.max(initial=0.0)
    if (weights == np.rint(weights)).all() and most < 2**53:
        unit = float(np.gcd.reduce(weights.astype(np.int64), initial=0)) or 1.0
        if most / unit <= levels:
            return _floor(weights / unit), _floor(rooms / unit)
    unit = most / levels or 1.0
    # a hair to the safe side: no rounding error may keep out what fits
    return _floor(weights / unit * (1 - 1e-12)), _floor(rooms / unit * (1 + 1e-9))


def _floor(values: Floats) -> Integers:
    return np.floor(values).astype(np.int64)
