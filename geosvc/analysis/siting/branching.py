"""Branch and bound for p-median: a site is opened, or it is not, until nothing better is left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.lagrangian import Dual, Effort, Part, ascend, reduce_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.watch import Watch

    Integers = NDArray[np.int64]

TOLERANCE: Final = 1e-8
"""Share of the value below which a possible improvement is not looked for."""

GUARD: Final = 1e-6
"""Whole numbers are rounded with this much to spare."""

NODE: Final = Effort(steps=60, pace=0.5, end=0.05, patience=4)


@dataclass(slots=True)
class Incumbent:
    """The best answer so far, and what another must do to be better.

    ``whole`` says that every answer costs a whole number; ``gap`` is the share of the value that
    may stay unproven.
    """

    value: float
    sites: Integers
    whole: bool = False
    gap: float = 0.0

    def offer(self, value: float, sites: Integers) -> None:
        """Take an answer if it is better."""
        if value < self.value:
            self.value, self.sites = value, np.sort(sites)

    @property
    def target(self) -> float:
        """The bound from which on a part holds nothing that is looked for.

        >>> Incumbent(10.0, np.array([1]), whole=True).target
        9.000002
        """
        if math.isinf(self.value):
            return math.inf
        if self.whole:
            return min(self.value - 1 + 2 * GUARD, self.value * (1 - self.gap))
        return self.value * (1 - max(self.gap, TOLERANCE))

    def rounded(self, bound: float) -> float:
        """Lift a bound to the next whole number if answers are whole, and not above the value.

        >>> Incumbent(10.0, np.array([1]), whole=True).rounded(8.3)
        9.0
        >>> Incumbent(10.0, np.array([1])).rounded(8.3)
        8.3
        """
        if self.whole and math.isfinite(bound):
            bound = float(math.ceil(bound - GUARD))
        return min(bound, self.value)


def search(part: Part, best: Incumbent, *, bound: float, nodes: int, watch: Watch) -> float:
    """Look for the best answer in a part, and return the bound that holds then.

    Parameters
    ----------
    part
        What is to be decided.
    best
        Replaced by what is better.
    bound
        A bound of the part that is known already.
    nodes
        Stop after so many.
    watch
        Says when the time is over.

    Returns
    -------
    bound
        No answer in the part costs less. It is at least ``best.target`` if the search was ended by
        itself and not by ``nodes`` or ``watch``.
    """
    waiting = [(bound, part)]
    while waiting:
        least = min(known for known, _ in waiting)
        if nodes <= 0 or watch.stop(best.value, best.rounded(max(bound, least))):
            return min(least, max(bound, best.target))
        nodes -= 1
        known, part = waiting.pop()
        if known < best.target:
            waiting += _branch(part, best, known=known, watch=watch)
    return max(bound, best.target)


def _branch(part: Part, best: Incumbent, *, known: float, watch: Watch) -> list[tuple[float, Part]]:
    """Return the parts that are left of one; those that are left last are searched first."""
    if _is_decided(part, best):
        return []
    dual = _bound(part, best, watch)
    known = max(known, dual.bound)
    best.offer(part.value(dual.picked), _with(part, dual.picked))
    if known >= best.target:
        return []
    left = reduce_part(part, dual, target=best.target)
    if len(left.sites) <= left.count or left.count <= 1:
        return [] if _is_decided(left, best) else [(known, left)]
    often = dual.often[np.isin(part.sites, left.sites, assume_unique=True)]
    # the site of which the bound is least sure
    split = np.zeros(len(left.sites), dtype=np.bool_)
    split[np.argmin(np.abs(often - 0.5))] = True
    return [(known, left.keep(~split)), (known, left.open(split))]


def _bound(part: Part, best: Incumbent, watch: Watch) -> Dual:
    return ascend(
        part,
        target=best.target,
        upper=best.value,
        effort=NODE,
        stop=lambda _bound: watch.left_s <= 0,
    )


def _is_decided(part: Part, best: Incumbent) -> bool:
    """Settle a part in which nothing, everything or a single site is to be chosen."""
    if len(part.sites) < part.count or _is_hopeless(part):
        return True
    if part.count == 0:
        best.offer(part.value(slice(0)), _with(part, np.empty(0, dtype=np.int64)))
    elif part.count == 1:
        costs = part.alone()
        best.offer(float(costs.min()), _with(part, np.array([np.argmin(costs)])))
    elif len(part.sites) == part.count:
        best.offer(part.value(slice(None)), _with(part, np.arange(part.count)))
    else:
        return False
    return True


def _is_hopeless(part: Part) -> bool:
    """Say if some demand has no site in reach, whichever are opened."""
    nearest = np.minimum(part.costs.min(axis=0, initial=np.inf), part.caps)
    return math.isinf(part.offset) or bool(np.isinf(nearest).any())


def _with(part: Part, rows: Integers) -> Integers:
    return np.concatenate([np.array(part.opened, dtype=np.int64), part.sites[rows]])
