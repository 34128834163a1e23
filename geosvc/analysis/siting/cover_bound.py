"""How much p sites can cover at most: the linear relaxation, by a first-order method.

The dual of the relaxation asks for a share v in 0..1 of each demand's weight w: then no plan covers
more than ``sum w (1 - v)`` plus the p largest sums of ``w v`` over a column. Any v gives a true
bound, at the cost of two products of the matrix with a vector; a simplex method would need minutes
on some ten thousand rows.

References
----------
Chambolle, A. and Pock, T. (2011), A first-order primal-dual algorithm for convex problems, Journal
of Mathematical Imaging and Vision 40, 120-145; with the diagonal steps of Pock and Chambolle (2011)
and the restarts of Applegate et al. (2021), Practical large-scale linear programming using
primal-dual hybrid gradient.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.coverage import Coverage

    Floats = NDArray[np.float64]

_CHECK: Final = 20  # steps between two looks at the average
_LONGEST: Final = 10  # looks without a restart
_DROP: Final = 0.4  # share of the last restart's gap that calls for the next one


class CoverBound:
    """A bound that falls step by step to that of the linear relaxation.

    Parameters
    ----------
    cover
        The problem; it must not be settled.
    start
        A fractional plan to start from, one number a column.
    shares
        The dual shares to start from, one a row; those that fit ``start`` if missing.

    Examples
    --------
    >>> from geosvc.analysis.siting.coverage import Coverage, pattern
    >>> cover = Coverage.of(pattern(np.eye(3)), np.array([3.0, 2.0, 1.0]), 2)
    >>> cover = cover.reduced(np.ones(3, dtype=bool), np.zeros(3, dtype=bool))
    >>> relaxed = CoverBound(cover, np.array([1.0, 0.5, 0.5]))
    >>> relaxed.improve(100)
    >>> round(relaxed.bound, 3)
    5.0
    """

    _y: Floats
    _v: Floats
    _column_sums: Floats
    _mean_y: Floats
    _mean_v: Floats
    _count: int
    _looks: int

    def __init__(self, cover: Coverage, start: Floats, shares: Floats | None = None) -> None:
        self._cover = cover
        self._lengths = np.diff(cover.rows.indptr).astype(np.float64)
        self._sums = cover.columns @ cover.weights
        self._omega = 0.2
        y = _to_sum(start, np.ones(len(start)), cover.p)
        self.bound = math.inf
        """No plan covers more than this."""
        self.relaxed = -math.inf
        """What the best fractional plan so far covers: the bound cannot fall below."""
        self.point = y
        """That fractional plan, one number a column."""
        self.settled: tuple[Floats, Floats] = (self._sums, self._sums)
        """The bound for plans with each column, and for plans without."""
        v = (cover.rows @ y < 1).astype(np.float64) if shares is None else shares
        self.shares = v
        """The dual shares of the bound, one a row."""
        self._restart(y, v)
        self._last_gap = self._gap(y, v, self._column_sums)

    def improve(self, steps: int) -> None:
        """Take so many steps, and restart from averages where that is the better point."""
        for step in range(1, steps + 1):
            self._step()
            if step % _CHECK == 0 or step == steps:
                self._look()

    def _step(self) -> None:
        cover = self._cover
        tau = self._omega / self._sums
        y = _to_sum(self._y + tau * self._column_sums, tau, cover.p)
        slack = cover.rows @ (2 * y - self._y) - 1.0
        self._v = np.clip(self._v - slack / (self._omega * self._lengths), 0.0, 1.0)
        self._y = y
        self._column_sums = cover.columns @ (cover.weights * self._v)
        self._mean_y += y
        self._mean_v += self._v
        self._count += 1

    def _look(self) -> None:
        now = self._gap(self._y, self._v, self._column_sums)
        y, v = self._mean_y / self._count, self._mean_v / self._count
        mean = self._gap(y, v, self._cover.columns @ (self._cover.weights * v))
        self._looks += 1
        best = min(now, mean)
        if best < _DROP * self._last_gap or self._looks >= _LONGEST:
            self._balance()
            self._restart(*((self._y, self._v) if now <= mean else (y, v)))
            self._last_gap = best

    def _gap(self, y: Floats, v: Floats, column_sums: Floats) -> float:
        """Note the bound of v and the weight that y covers; return their difference."""
        cover = self._cover
        largest = np.partition(column_sums, len(column_sums) - cover.p - 1)[-cover.p - 1 :]
        last, out = largest[1:].min(), largest[0]
        bound = cover.base + float(cover.weights @ (1.0 - v) + largest[1:].sum())
        if bound < self.bound:
            self.bound, self.shares = bound, v
            self.settled = (
                bound - np.maximum(last - column_sums, 0.0),
                bound - np.maximum(column_sums - out, 0.0),
            )
        relaxed = cover.base + float(cover.weights @ np.minimum(cover.rows @ y, 1.0))
        if relaxed > self.relaxed:
            self.relaxed, self.point = relaxed, y
        return bound - relaxed

    def _restart(self, y: Floats, v: Floats) -> None:
        self._y, self._v = y, v
        self._from_y, self._from_v = y, v
        self._column_sums = self._cover.columns @ (self._cover.weights * v)
        self._mean_y, self._mean_v = np.zeros_like(y), np.zeros_like(v)
        self._count = self._looks = 0

    def _balance(self) -> None:
        """Weigh the steps of both sides by how far each has come since the last restart."""
        moved_y = math.sqrt(float(self._sums @ (self._y - self._from_y) ** 2))
        scale = self._cover.weights * self._lengths
        moved_v = math.sqrt(float(scale @ (self._v - self._from_v) ** 2))
        if moved_y > 0 and moved_v > 0:
            self._omega = math.sqrt(self._omega * moved_y / moved_v)


def _to_sum(z: Floats, steps: Floats, total: int) -> Floats:
    """Project z onto the points in 0..1 that sum to a total, in the metric of the steps."""
    low, high = float(((z - 1.0) / steps).min()), float((z / steps).max())
    for _ in range(50):
        middle = (low + high) / 2
        if np.clip(z - middle * steps, 0.0, 1.0).sum() > total:
            low = middle
        else:
            high = middle
    return np.clip(z - high * steps, 0.0, 1.0)
