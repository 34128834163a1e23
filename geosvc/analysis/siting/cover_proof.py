"""The best covering plan and its proof: plans and bounds that close in on each other.

Plans come from exchange, bounds from the linear relaxation. A candidate whose plans cannot beat the
best one leaves; one that every better plan needs is taken; so the problem shrinks until HiGHS can
settle what is left. Where it does not shrink that far, both sides go on to the time limit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geosvc.analysis.siting.cover_bound import CoverBound
from geosvc.analysis.siting.cover_search import CoverSearch
from geosvc.analysis.siting.highs import INFINITY, Model, Solver
from geosvc.analysis.siting.result import PROVEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.coverage import Coverage
    from geosvc.analysis.siting.watch import Watch

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

_STEPS: Final = 20  # of the relaxation between two plans
_SMALLER: Final = 0.7  # a share of the columns that is worth a fresh start
_CLOSE: Final = 0.1  # share of the gap that better bounds could still take off at best
_COMPACT: Final = 300_000  # nonzeros that HiGHS is given
_GUARD: Final = 1e-6  # of rounding


class CoverProof:
    """Closes in on the best plan of a coverage.

    Parameters
    ----------
    cover
        The problem, reduced.
    watch
        Its time.
    gap
        The gap, as a share of the value, at which to end.
    seed
        For the shaken plans.

    Examples
    --------
    >>> from geosvc.analysis.siting.coverage import Coverage, pattern
    >>> from geosvc.analysis.siting.watch import Watch
    >>> cover = Coverage.of(pattern(np.eye(3)), np.array([3.0, 2.0, 1.0]), 2)
    >>> proof = CoverProof(cover.reduced(*2 * [np.zeros(3, dtype=bool)]), Watch(9), gap=0, seed=0)
    >>> proof.run()
    >>> proof.value, proof.bound, proof.sites.tolist()
    (0.0, 0.0, [])
    """

    def __init__(self, cover: Coverage, watch: Watch, *, gap: float, seed: int) -> None:
        self._watch, self._gap, self._seed = watch, gap, seed
        self._whole = bool((cover.weights == np.rint(cover.weights)).all())
        self._cover = cover
        self.sites = cover.forced
        self.value = cover.base
        self.bound = cover.base + float(cover.weights.sum())

    def run(self) -> None:
        """Find the best plan, or the best until the watch says stop."""
        if self._cover.is_settled:
            everything = np.arange(len(self._cover.number) if self._cover.p else 0)
            self._offer(everything)
            self.bound = self.value
            return
        self._begin(np.full(len(self._cover.number), self._cover.p / len(self._cover.number)))
        self._offer(self._search.climb(()))
        while not self._is_over():
            self._relaxed.improve(_STEPS)
            self._lower(self._relaxed.bound)
            if self._is_over():
                return
            self._offer(self._search.climb(self._rounded()))
            self._offer(self._search.shaken(self._best))
            if self._shrink():
                continue
            if self._is_at_rest() and self._cover.rows.nnz <= _COMPACT:
                self._settle()
                return

    def _begin(self, start: Floats, shares: Floats | None = None) -> None:
        self._search = CoverSearch(self._cover, seed=self._seed)
        self._relaxed = CoverBound(self._cover, start, shares)
        self._lower(self._relaxed.bound)
        self._best = self._search.climb(self._rounded())
        self._offer(self._best)

    def _is_over(self) -> bool:
        close = abs(self.bound - self.value) <= max(self._gap, PROVEN / 10) * self.value
        return self._watch.stop(self.value, self.bound) or close

    def _is_at_rest(self) -> bool:
        """Whether more steps of the relaxation cannot close much of the gap."""
        gap = self._relaxed.bound - self.value
        return self._relaxed.bound - self._relaxed.relaxed <= _CLOSE * gap

    def _rounded(self) -> Integers:
        return np.argsort(-self._relaxed.point, kind="stable")[: self._cover.p]

    def _offer(self, picked: Integers) -> None:
        """Keep a plan if it is the best so far."""
        value = self._cover.value(picked)
        if value > self.value or len(self.sites) < self._cover.p:
            self.value, self.sites = value, self._cover.sites(picked)
            self.bound = max(self.bound, value)
            self._best = picked

    def _lower(self, bound: float) -> None:
        if self._whole and math.isfinite(bound):
            bound = math.floor(bound + _GUARD)
        self.bound = max(self.value, min(self.bound, bound))

    def _shrink(self) -> bool:
        """Take settled candidates out; say whether what is left is a new, smaller problem."""
        needed = self.value + (1.0 - _GUARD if self._whole else 0.0)
        with_it, without = self._relaxed.settled
        take, keep = without <= needed, with_it > needed
        if not take.any() and keep.mean() > _SMALLER:
            return False
        if (
            (take & ~keep).any()
            or take.sum() > self._cover.p
            or (keep | take).sum() < self._cover.p
        ):
            self.bound = self.value
            return True
        old, point, shares = self._cover, self._relaxed.point, self._relaxed.shares
        self._cover = old.reduced(keep, take)
        if self._cover.is_settled:
            self._offer(np.arange(len(self._cover.number) if self._cover.p else 0))
            self.bound = self.value
            return True
        kept = np.isin(old.number, self._cover.number)
        self._begin(point[kept], self._cover.carried(shares, old.weights))
        return True

    def _settle(self) -> None:
        """Let HiGHS solve what is left."""
        cover = self._cover
        columns = len(cover.number)
        chosen = np.zeros(columns)
        chosen[self._best] = 1.0
        start = np.concatenate([chosen, np.minimum(cover.rows @ chosen, 1.0)])
        own = max(self.value - cover.base, 1.0)
        solver = Solver(
            compact(cover),
            seed=self._seed,
            options={"mip_abs_gap": 1.0 - _GUARD if self._whole else 0.0},
        )
        answer = solver.run(
            time_limit_s=self._watch.left_s,
            gap=self._gap * self.value / own,
            start=start,
            progress=self._heard,
        )
        if len(answer.x):
            self._offer(np.flatnonzero(answer.x[:columns] > 0.5))  # noqa: PLR2004 - of 0 and 1
        if answer.state == "infeasible":
            self.bound = self.value
        else:
            self._lower(answer.bound + cover.base)

    def _heard(self, value: float, bound: float) -> bool:
        """Pass on what HiGHS tells, with what it does not know."""
        base = self._cover.base
        return self._watch.stop(max(self.value, value + base), min(self.bound, bound + base))


def compact(cover: Coverage) -> Model:
    """Return the whole problem as one program: columns chosen, then rows covered.

    Examples
    --------
    >>> from geosvc.analysis.siting.coverage import Coverage, pattern
    >>> model = compact(Coverage.of(pattern(np.eye(2)), np.array([3.0, 2.0]), 1))
    >>> Solver(model).run(time_limit_s=9).value
    3.0
    """
    columns, rows = len(cover.number), len(cover.weights)
    covered = sparse.hstack([-cover.rows, sparse.eye_array(rows)], format="csr")
    limit = sparse.csr_array(np.concatenate([np.ones(columns), np.zeros(rows)])[np.newaxis])
    return Model(
        cost=np.concatenate([np.zeros(columns), cover.weights]),
        lower=np.zeros(columns + rows),
        upper=np.ones(columns + rows),
        rows=sparse.csr_array(sparse.vstack([covered, limit], format="csr")),
        row_lower=np.full(rows + 1, -INFINITY),
        row_upper=np.concatenate([np.zeros(rows), [float(cover.p)]]),
        integer=np.arange(columns + rows) < columns,
        maximize=True,
    )
