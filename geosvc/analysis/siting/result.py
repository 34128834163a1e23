"""What a solver says of a siting problem: the sites, the value, and a bound that proves it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Status: TypeAlias = Literal["proven", "gap", "infeasible", "heuristic"]

Progress: TypeAlias = Callable[[float, float], bool]
"""Hears the best value and bound so far; returns True to have the solver stop with them."""

PROVEN: Final = 1e-6
"""A value is proven when the bound differs by at most this share of it."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which site serves how much of which demand: three arrays of one length.

    ``demand`` and ``site`` are rows and columns of what the solver was given; ``amount`` is in the
    units of the weights. Demand that no site serves is not listed.
    """

    demand: Integers
    site: Integers
    amount: Floats

    def __len__(self) -> int:
        return len(self.demand)

    @classmethod
    def of(cls, demand: ArrayLike = (), site: ArrayLike = (), amount: ArrayLike = ()) -> Allocation:
        """Make one of anything like arrays.

        >>> len(Allocation.of([0, 1], [3, 3], [1.5, 2.0])), len(Allocation.of())
        (2, 0)
        """
        return cls(
            np.asarray(demand, dtype=np.int64).reshape(-1),
            np.asarray(site, dtype=np.int64).reshape(-1),
            np.asarray(amount, dtype=np.float64).reshape(-1),
        )


@dataclass(frozen=True, slots=True)
class SitingResult:
    """An answer with its proof.

    ``status``: proven (``bound`` equals ``value``), gap (the best found, and how far off it can be
    at most), infeasible (no choice of sites satisfies; ``value`` and ``bound`` are NaN), heuristic
    (no bound is known: it is minus infinity for minima, infinity for maxima). ``sites`` are sorted
    candidate indexes; ``sizes``, where the size of a site was to be chosen, aligns with them.
    ``bound`` lies below the value for minima and above it for maxima. ``solver`` names what did it
    with its version.
    """

    status: Status
    sites: Integers
    allocation: Allocation
    value: float
    bound: float
    seconds: float
    solver: str
    sizes: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def gap(self) -> float:
        """How far the value can be from the best, as a share of the value; NaN if infeasible."""
        return relative_gap(self.value, self.bound)


def relative_gap(value: float, bound: float) -> float:
    """Return the distance of a bound from a value, as a share of the value.

    >>> relative_gap(10.0, 9.0), relative_gap(0.0, 0.0)
    (0.1, 0.0)
    >>> relative_gap(math.nan, math.nan)
    nan
    """
    if value == bound:
        return 0.0
    return abs(value - bound) / abs(value) if value else math.inf


def status_of(value: float, bound: float) -> Status:
    """Say what a checked value and a bound amount to.

    >>> status_of(7696, 7696), status_of(9443, 7101), status_of(5, -math.inf)
    ('proven', 'gap', 'heuristic')
    >>> status_of(math.nan, math.nan)
    'infeasible'
    """
    if math.isnan(value):
        return "infeasible"
    if math.isinf(bound):
        return "heuristic"
    return "proven" if abs(value - bound) <= PROVEN * abs(value) else "gap"


def infeasible(*, seconds: float, solver: str) -> SitingResult:
    """Return the answer that no choice of sites satisfies."""
    nothing = np.empty(0, dtype=np.int64)
    return SitingResult("infeasible", nothing, Allocation.of(), math.nan, math.nan, seconds, solver)
