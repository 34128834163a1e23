"""A bound for p-median: demand points are priced, and the p sites that gain most are taken.

With prices ``u`` no choice of sites costs less than ``sum(u) + sum of the p least r_j``, where
``r_j = sum_i min(c_ij - u_i, 0)``. Prices are raised for demand that no taken site serves and
lowered for demand that several serve. A candidate whose ``r_j`` is too far from those taken can be
in no better answer and is dropped; one that no better answer can lack is opened.

References
----------
Cornuejols, Fisher and Nemhauser (1977), Location of bank accounts to optimize float; Beasley
(1993), Lagrangean heuristics for location problems; Camerini, Fratta and Maffioli (1975), On
improving relaxation methods by modified gradient techniques.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

MOMENTUM: Final = 0.7
"""How much of the last direction goes into the next."""

SHRINK: Final = 0.6
"""The pace after ``patience`` steps without progress."""

PROGRESS: Final = 2e-5
"""A step whose bound rises by less than this share does not count as progress."""

MEMORY: Final = 0.95
"""How slowly it is forgotten which sites were taken."""

WORTH_A_COPY: Final = 0.1
"""Share of the demand that must be settled before it is taken out."""

ROUNDING: Final = 1e-13
"""Share of the sums by which a bound is lowered, so that rounding cannot lift it too high."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What is left to decide: which ``count`` of ``sites`` to open besides those ``opened``.

    ``costs`` has a row for each of ``sites`` and a column for each demand point that still depends
    on them; ``caps`` is what a demand point costs if none of them helps; ``offset`` is what all
    other demand costs; ``prices`` are the multipliers, never above the caps.
    """

    costs: Floats
    caps: Floats
    prices: Floats
    sites: Integers
    count: int
    offset: float = 0.0
    opened: tuple[int, ...] = ()

    def keep(self, which: Booleans) -> Part:
        """Drop the other candidates."""
        if which.all():
            return self
        return _squeezed(replace(self, costs=self.costs[which], sites=self.sites[which]))

    def open(self, which: Booleans) -> Part:
        """Open some candidates."""
        if not which.any():
            return self
        caps = np.minimum(self.caps, self.costs[which].min(axis=0))
        left = replace(
            self,
            costs=self.costs[~which],
            caps=caps,
            prices=np.minimum(self.prices, caps),
            sites=self.sites[~which],
            count=self.count - int(which.sum()),
            opened=(*self.opened, *self.sites[which].tolist()),
        )
        return _squeezed(left)

    def value(self, which: Integers | Booleans | slice) -> float:
        """Return the whole cost when some of the candidates are opened too."""
        nearest = self.costs[which].min(axis=0, initial=np.inf)
        return self.offset + float(np.minimum(nearest, self.caps).sum())

    def alone(self) -> Floats:
        """Return the whole cost with each candidate as the only one opened besides."""
        nearest: Floats = np.minimum(self.costs, self.caps).sum(axis=1)
        return self.offset + nearest


def _squeezed(part: Part) -> Part:
    """Settle the demand that no candidate can help, once that is worth a copy."""
    settled = part.caps <= part.costs.min(axis=0, initial=np.inf)
    if settled.sum() < WORTH_A_COPY * len(settled) or not settled.any():
        return part
    return replace(
        part,
        costs=part.costs[:, ~settled],
        caps=part.caps[~settled],
        prices=part.prices[~settled],
        offset=part.offset + float(part.caps[settled].sum()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Dual:
    """The best bound of an ascent, with its prices and what it says of each candidate.

    ``reduced`` is ``r_j``; ``picked`` are the rows taken at this bound; ``often`` is the share of
    late steps in which a candidate was taken; ``pace`` is where a further ascent should go on.
    """

    bound: float
    prices: Floats
    reduced: Floats
    picked: Integers
    often: Floats
    pace: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to climb: steps at most, the first pace, the last, and how long to wait."""

    steps: int
    pace: float
    end: float
    patience: int


def ascend(
    part: Part, *, target: float, upper: float, effort: Effort, stop: Callable[[float], bool]
) -> Dual:
    """Raise the bound of a part until it reaches ``target`` or climbs no more.

    Parameters
    ----------
    part
        With at least one site to choose and more candidates than that.
    target
        The bound at which nothing better can be in the part.
    upper
        The value of the best known answer, finite: it sets the length of a step.
    effort
        How long to climb.
    stop
        Asked with the bound at every step.
    """
    climb = _Climb(part, effort.pace)
    for _ in range(effort.steps):
        climb.look()
        if climb.best.bound >= target or stop(climb.best.bound):
            break
        if climb.idle >= effort.patience:
            climb.slow_down()
            if climb.pace < effort.end:
                break
        if not climb.step(upper):
            climb.pace = 0.0  # there is nothing to gain
            break
    return replace(climb.best, often=climb.often, pace=climb.pace)


class _Climb:
    """The state of an ascent."""

    def __init__(self, part: Part, pace: float) -> None:
        self.part, self.pace, self.idle = part, pace, 0
        self.prices = part.prices
        self.often = np.zeros(len(part.sites))
        self.floor = part.costs.min(axis=0)
        np.minimum(self.floor, part.caps, out=self.floor)
        self._direction = np.zeros(len(part.caps))
        self._under = np.empty_like(part.costs)
        nothing = np.empty(0)
        self.best = Dual(-np.inf, self.prices, nothing, np.empty(0, dtype=np.int64), nothing, pace)
        self._picked = self.best.picked

    def look(self) -> None:
        """Take the sites that gain most at these prices, and see what bound follows."""
        part, prices = self.part, self.prices
        np.minimum(part.costs, prices, out=self._under)
        paid = float(prices.sum())
        reduced = self._under.sum(axis=1) - paid
        self._picked = np.argpartition(reduced, part.count - 1)[: part.count]
        gained = float(reduced[self._picked].sum())
        slack = ROUNDING * (part.count + 1) * (abs(paid) + part.offset)
        bound = part.offset + paid + gained - slack
        self.often *= MEMORY
        self.often[self._picked] += 1 - MEMORY
        self.idle = 0 if bound > self.best.bound + PROGRESS * abs(bound) else self.idle + 1
        if bound > self.best.bound:
            self.best = Dual(bound, prices, reduced, self._picked, self.often, self.pace)
        self._bound = bound

    def slow_down(self) -> None:
        """Return to the best prices with shorter steps."""
        self.pace *= SHRINK
        self.idle = 0
        self.prices = self.best.prices
        self._direction = np.zeros(len(self.prices))

    def step(self, upper: float) -> bool:
        """Change the prices; return False if every demand point is served exactly once."""
        slope = 1.0 - (self.part.costs[self._picked] < self.prices).sum(axis=0)
        slope[(self.prices >= self.part.caps) & (slope > 0)] = 0.0
        if not slope.any():
            return False
        way = slope + MOMENTUM * self._direction
        # sums of squares without BLAS, whose threads cost more than they bring here
        length = float(np.square(way).sum())
        self._direction = way if length else slope
        stride = self.pace * max(upper - self._bound, 1e-9 * abs(upper))
        moved = self.prices + stride / (length or float(np.square(slope).sum())) * self._direction
        self.prices = np.clip(moved, self.floor, self.part.caps)
        return True


def reduce_part(part: Part, dual: Dual, *, target: float) -> Part:
    """Drop the candidates that no answer below ``target`` has, and open those that all have.

    Returns
    -------
    part
        With the prices of ``dual``. It may have fewer candidates than it must open: then nothing
        in it is below ``target``.
    """
    part = replace(part, prices=dual.prices)
    ranked = np.sort(dual.reduced)
    taken = dual.reduced <= ranked[part.count - 1]
    in_vain = ~taken & (dual.bound + dual.reduced - ranked[part.count - 1] >= target)
    needed = np.zeros(len(taken), dtype=np.bool_)
    # of candidates that gain the same only the first few are taken: none of them is needed
    if taken.sum() == part.count < len(taken):
        needed = taken & (dual.bound - dual.reduced + ranked[part.count] >= target)
    opened = part.open(needed)
    return opened.keep(~in_vain[~needed])
