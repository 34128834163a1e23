"""Which options a Lagrangian opens, given what each is worth: so many sites, or within a budget.

Values are at most 0 but for rounding and costs of demand that a site must take; infinite for an
option that is ruled out. The total is a lower bound on every choice; the extra costs say by how
much it rises at least when an option is forced open, or a site shut.
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

HALVINGS: Final = 40


@dataclass(frozen=True, slots=True)
class Choice:
    """Options opened (a share each) with their total, and what forcing another choice costs."""

    total: float
    opened: Floats
    to_open: Floats
    to_shut: Floats


def choose_count(values: Floats, must: Booleans, count: int) -> Choice:
    """Open the ``count`` sites of least value, those that must be open among them.

    Parameters
    ----------
    values
        One a site.
    must
        Whether a site must be open.
    count
        How many sites open.

    Returns
    -------
    choice
        With an infinite total when there are not enough sites.

    Examples
    --------
    >>> choice = choose_count(np.array([-5.0, -3.0, -1.0]), np.array([False, False, True]), 2)
    >>> choice.total, choice.opened.tolist(), choice.to_open.tolist()
    (-6.0, [1.0, 0.0, 1.0], [0.0, 2.0, 0.0])
    >>> choice.to_shut.tolist()
    [2.0, 0.0, inf]
    """
    order = np.argsort(np.where(must, -np.inf, values), kind="stable")
    chosen, rest = order[:count], order[count:]
    opened = np.zeros(len(values))
    opened[chosen] = 1.0
    total = float(values[chosen].sum()) if len(chosen) == count else np.inf
    free = chosen[~must[chosen]]
    dearest = values[free].max(initial=-np.inf)
    with np.errstate(invalid="ignore"):
        to_open = np.where(opened > 0, 0.0, values - dearest)
        to_shut = np.where(opened > 0, values[rest].min(initial=np.inf) - values, 0.0)
    to_shut[must] = np.inf
    return Choice(total, opened, _known(to_open), _known(to_shut))


def choose_within(values: Floats, must: Booleans, prices: Floats, budget: float) -> Choice:
    """Open options whose prices stay within a budget, at most one a site.

    The choice is that of the linear relaxation: one option may be open in part.

    Parameters
    ----------
    values
        Sites x sizes.
    must
        Whether a site must be open.
    prices
        Sites x sizes, at least 0.
    budget
        What the options may cost together.

    Returns
    -------
    choice
        ``opened`` and ``to_open`` are sites by sizes in one row, ``to_shut`` is one a site; the
        total is infinite when the budget is too small for the sites that must be open.

    Examples
    --------
    >>> values, prices = np.array([[-5.0, -8.0], [-3.0, -4.0]]), np.array([[1.0, 2.0], [1.0, 2.0]])
    >>> choice = choose_within(values, np.array([False, False]), prices, 3.0)
    >>> choice.total, choice.opened.tolist()
    (-11.0, [0.0, 1.0, 1.0, 0.0])
    """
    low, high = 0.0, 0.0
    chosen = _cheapest(values, must)
    if _spent(chosen, prices) > budget:
        high = _enough(values, must, prices, budget)
        if np.isinf(high):
            nothing = np.zeros(values.size)
            return Choice(np.inf, nothing, nothing, np.zeros(len(values)))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            over = _spent(_cheapest(values + middle * prices, must), prices) > budget
            low, high = (middle, high) if over else (low, middle)
    opened = _mixed(values, must, prices, (low, high, budget))
    reduced = values + high * prices
    best = reduced.min(axis=1)
    shut = np.where(must, np.inf, 0.0)
    now = np.minimum(best, shut)
    to_open = (reduced - now[:, None]).reshape(-1)
    return Choice(float(now.sum()) - high * budget, opened, _known(to_open), _known(shut - now))


def choose_whole(
    values: Floats, must: Booleans, units: Integers, budget: int, *, forced: bool = True
) -> Choice:
    """Open whole options whose prices stay within a budget, at most one a site.

    Parameters
    ----------
    values
        Sites x sizes.
    must
        Whether a site must be open.
    units
        Sites x sizes, the prices in whole units.
    budget
        What the options may cost together, in units.
    forced
        Whether to tell what forcing another choice costs; else it is said to cost nothing.

    Returns
    -------
    choice
        As of :func:`choose_within`, no option open in part.

    Examples
    --------
    >>> values, units = np.array([[-5.0, -8.0], [-3.0, -4.0]]), np.array([[2, 4], [3, 5]])
    >>> choice = choose_whole(values, np.array([False, False]), units, 6)
    >>> choice.total, choice.opened.tolist(), choice.to_open.tolist()
    (-8.0, [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 4.0])
    >>> choose_whole(np.empty((0, 1)), np.empty(0, bool), np.empty((0, 1), int), 6).total
    0.0
    """
    count = len(values)
    ahead = _tables(values, must, units, budget)
    total, opened = float(ahead[-1][budget]), np.zeros(values.shape)
    to_open, to_shut = np.zeros(values.shape), np.where(must, np.inf, 0.0)
    if np.isinf(total):
        return Choice(total, opened.reshape(-1), to_open.reshape(-1), to_shut)
    left = budget
    for site in range(count - 1, -1, -1):
        now = ahead[site + 1][left]
        if not must[site] and ahead[site][left] == now:
            continue
        fits = np.flatnonzero(units[site] <= left)
        size = fits[
            np.abs(ahead[site][left - units[site, fits]] + values[site, fits] - now).argmin()
        ]
        opened[site, size] = 1.0
        left -= int(units[site, size])
    if forced:
        behind = _tables(values[::-1], must[::-1], units[::-1], budget)
        for site in range(count):
            one, other = ahead[site], behind[count - 1 - site][::-1]
            shut = (one + other).min()
            to_shut[site] = np.inf if must[site] else shut - total
            for size, unit in enumerate(units[site].tolist()):
                both = one[: max(0, budget + 1 - unit)] + other[unit:]
                to_open[site, size] = both.min(initial=np.inf) + values[site, size] - total
    return Choice(total, opened.reshape(-1), _known(to_open.reshape(-1)), _known(to_shut))


def _tables(values: Floats, must: Booleans, units: Integers, budget: int) -> Floats:
    """Least totals by units of budget, before and after each site in turn."""
    tables = np.zeros((len(values) + 1, budget + 1))
    for site, (worth, cost) in enumerate(zip(values.tolist(), units.tolist(), strict=True)):
        old, new = tables[site], tables[site + 1]
        new[:] = np.inf if must[site] else old
        for value, unit in zip(worth, cost, strict=True):
            if unit <= budget and (value < 0 or (must[site] and value < np.inf)):
                np.minimum(new[unit:], old[: budget + 1 - unit] + value, out=new[unit:])
    return tables


def _known(extra: Floats) -> Floats:
    """Extra costs that cannot be told are none."""
    return np.where(np.isnan(extra), 0.0, np.maximum(extra, 0.0))


def _cheapest(reduced: Floats, must: Booleans) -> Booleans:
    best = reduced.min(axis=1)
    opened = np.zeros(reduced.shape, dtype=bool)
    opened[np.arange(len(reduced)), reduced.argmin(axis=1)] = (best < 0) | must
    return opened


def _spent(opened: Booleans, prices: Floats) -> float:
    return float(prices[opened].sum())


def _enough(values: Floats, must: Booleans, prices: Floats, budget: float) -> float:
    """Return a price of money at which the choice stays within the budget."""
    high = 1.0
    known = values[np.isfinite(values)]
    while _spent(_cheapest(values + high * prices, must), prices) > budget:
        high *= 4
        if high > 1e15 * (1 + np.abs(known).max(initial=0.0)):
            return np.inf
    return high


def _mixed(
    values: Floats, must: Booleans, prices: Floats, at: tuple[float, float, float]
) -> Floats:
    low, high, budget = at
    dear, cheap = (_cheapest(values + price * prices, must) for price in (low, high))
    over, under = _spent(dear, prices), _spent(cheap, prices)
    share = (budget - under) / (over - under) if over > budget else 1.0
    return (share * dear + (1 - share) * cheap).reshape(-1)
