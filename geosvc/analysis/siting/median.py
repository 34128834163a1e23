"""Where p sites serve all demand over the least weighted distance, with a proof.

Swaps find good sites, prices bound what any sites can cost (``lagrangian``), candidates that this
bound rules out are dropped, and the rest is decided by branching (``branching``) or, where many
sites are to be chosen and the branching does not end soon, by HiGHS (``radius``).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from geosvc.analysis.siting import highs
from geosvc.analysis.siting.branching import Incumbent, search
from geosvc.analysis.siting.check import Plan, check_p_median
from geosvc.analysis.siting.inputs import demand_weights, dense_distances, open_sites
from geosvc.analysis.siting.lagrangian import Effort, Part, ascend, reduce_part
from geosvc.analysis.siting.local_search import interchange
from geosvc.analysis.siting.radius import solve_radius
from geosvc.analysis.siting.result import Allocation, SitingResult, infeasible, status_of
from geosvc.analysis.siting.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from geosvc.analysis.siting.inputs import Matrix
    from geosvc.analysis.siting.result import Progress

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SOLVER: Final = f"geosvc p-median with {highs.NAME}"

ROUND: Final = Effort(steps=40, pace=1.0, end=1e-3, patience=12)
"""The first bound is raised in rounds; after each, candidates are dropped."""

MANY_SITES: Final = 12
"""Above so many sites to choose, branching is given only ``FEW_NODES``, then HiGHS decides."""

FEW_NODES: Final = 400

SAMPLE: Final = 2000
"""With much more demand than this a start is first improved on so much of it."""

WHOLE_BELOW: Final = 1e11
"""Sums of whole numbers below this are exact enough to round a bound."""


def p_median(  # noqa: PLR0913 - names of the issue
    distances: Matrix,
    weights: ArrayLike,
    p: int,
    *,
    fixed: Sequence[int] = (),
    time_limit_s: float = 60,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> SitingResult:
    """Choose ``p`` sites so that the weighted distance to the nearest of them is least.

    Parameters
    ----------
    distances
        Demand points by candidate sites, at least 0; dense with infinity, or sparse with nothing,
        where a site is out of reach. A zero that a sparse matrix stores is a distance of zero.
    weights
        One a demand point, at least 0; a demand point of weight 0 takes no part.
    p
        How many sites are open, ``fixed`` ones included.
    fixed
        Candidate indexes that must be open.
    time_limit_s
        Seconds, after which the best so far is returned with its bound.
    gap
        The share of the value that may stay unproven.
    seed
        For the random start; the same seed gives the same answer unless the time runs out.
    progress
        Hears value and bound about twice a second; True ends the solve like the time limit.

    Returns
    -------
    result
        Infeasible if no ``p`` sites reach all demand. If the time ran out before any such sites
        were found, the status is "gap", the value infinite and there are no sites.

    Raises
    ------
    ValueError
        If what is given makes no sense: the first offender is named.

    Examples
    --------
    >>> found = p_median([[0, 4, 9], [4, 0, 9], [9, 9, 1]], [1, 1, 1], 2)
    >>> found.status, found.sites.tolist(), found.value
    ('proven', [0, 2], 5.0)
    >>> p_median([[np.inf]], [1], 1).status
    'infeasible'
    >>> p_median(np.empty((0, 2)), [], 1).value
    0.0
    """
    return p_median_curve(
        distances,
        weights,
        [p],
        fixed=fixed,
        time_limit_s=time_limit_s,
        gap=gap,
        seed=seed,
        progress=progress,
    )[0]


def p_median_curve(  # noqa: PLR0913 - the names of p_median
    distances: Matrix,
    weights: ArrayLike,
    ps: Sequence[int],
    *,
    fixed: Sequence[int] = (),
    time_limit_s: float = 60,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[SitingResult]:
    """Solve ``p_median`` for several numbers of sites, each from the answer before.

    ``time_limit_s`` is for all together: time that one number does not need is left to the others.

    Examples
    --------
    >>> curve = p_median_curve([[0, 4, 9], [4, 0, 9], [9, 9, 1]], [1, 1, 1], range(1, 4))
    >>> [found.value for found in curve]
    [13.0, 5.0, 1.0]
    """
    table = dense_distances(distances)
    weight = demand_weights(weights, len(table))
    for p in ps:
        open_sites(fixed, table.shape[1], p=p)
    watch = Watch(time_limit_s, progress)
    costs = _merged_costs(table, weight)
    whole = _is_whole(costs)
    curve: list[SitingResult] = []
    before = np.empty(0, dtype=np.int64)
    for done, p in enumerate(ps):
        share = Watch(watch.left_s / (len(ps) - done), progress)
        forced = open_sites(fixed, table.shape[1], p=p)
        best = Incumbent(math.inf, np.empty(0, dtype=np.int64), whole, gap)
        bound = _Solve(costs, forced, p, best=best, seed=seed, watch=share).run(before)
        before = best.sites
        seconds = watch.seconds - sum(found.seconds for found in curve)
        curve.append(_result(table, weight, best, bound=bound, fixed=forced, p=p, seconds=seconds))
    return curve


def _merged_costs(table: Floats, weight: Floats) -> Floats:
    """Return candidates by demand: what it costs to serve it, alike demand points being one."""
    rows = np.flatnonzero(weight)
    seen: dict[bytes, int] = {}
    group = np.array([seen.setdefault(table[row].tobytes(), len(seen)) for row in rows], dtype=int)
    _, first = np.unique(group, return_index=True)
    summed = np.bincount(group, weight[rows], minlength=len(seen))
    return np.ascontiguousarray(table[rows[first]].T) * summed


class _Solve:
    """One number of sites."""

    def __init__(
        self,
        costs: Floats,
        fixed: Integers,
        p: int,
        *,
        best: Incumbent,
        seed: int,
        watch: Watch,
    ) -> None:
        self.best, self.watch, self.seed = best, watch, seed
        free = np.setdiff1d(np.arange(len(costs)), fixed)
        caps = costs[fixed].min(axis=0, initial=np.inf)
        kept = costs if len(fixed) == 0 else costs[free]
        opened = tuple(fixed.tolist())
        self.part = Part(kept, caps, np.zeros(len(caps)), free, p - len(fixed), opened=opened)
        self.bound = float(np.minimum(kept.min(axis=0, initial=np.inf), caps).sum())

    def run(self, before: Integers) -> float:
        """Improve the best answer, and return its bound, which is infinite if there is none."""
        if math.isinf(self.bound) or not self._start(before):
            return math.inf
        if math.isfinite(self.best.value):
            self.part = self._root(self.part)
            if self.bound < self.best.target:
                self._decide()
        return self.best.rounded(self.bound)

    def _must_stop(self) -> bool:
        return self.watch.stop(self.best.value, self.bound)

    def _decide(self) -> None:
        many = self.part.count > MANY_SITES
        left = search(
            self.part,
            self.best,
            bound=self.bound,
            nodes=FEW_NODES if many else 2**62,
            watch=self.watch,
        )
        if left < self.best.target and self.watch.left_s > 0:
            found = solve_radius(self.part, self.best, bound=left, seed=self.seed, watch=self.watch)
            left = max(left, min(found, self.best.target))
        self.bound = max(self.bound, left)

    def _start(self, before: Integers) -> bool:
        """Find sites that reach all demand; return False if there are none."""
        part = self.part
        chosen = np.flatnonzero(np.isin(part.sites, before))[: part.count]
        others = np.setdiff1d(np.arange(len(part.sites)), chosen)
        random = np.random.default_rng(self.seed)
        more = random.permutation(others)[: part.count - len(chosen)]
        rows = np.concatenate([chosen, more])
        if len(before) == 0 and part.costs.shape[1] > 2 * SAMPLE:
            some = np.sort(random.choice(part.costs.shape[1], SAMPLE, replace=False))
            _, rows = interchange(_finite(part, some), rows, stop=self._must_stop)
        self._improve(part, rows)
        if math.isfinite(self.best.value):
            return True
        answer = highs.Solver(_cover(part), seed=self.seed).run(
            time_limit_s=self.watch.left_s,
            progress=(lambda *_: self._must_stop()) if self.watch.progress else None,
        )
        if len(answer.x):
            rows = np.argsort(-answer.x, kind="stable")[: part.count]
            self._improve(part, rows)
        return answer.state != "infeasible"

    def _improve(self, part: Part, rows: Integers) -> None:
        """Swap sites from a start, and offer what comes of it."""
        if not self._must_stop():
            _, rows = interchange(_finite(part), rows, stop=self._must_stop)
        opened = np.array(part.opened, dtype=np.int64)
        self.best.offer(part.value(rows), np.concatenate([opened, part.sites[rows]]))

    def _root(self, part: Part) -> Part:
        """Raise the bound in rounds, and drop and open candidates by it."""
        part = self._priced(part)
        pace = ROUND.pace
        while 1 < part.count < len(part.sites) and pace >= ROUND.end:
            dual = ascend(
                part,
                target=self.best.target,
                upper=self.best.value,
                effort=replace(ROUND, pace=pace),
                stop=lambda bound: self.watch.stop(self.best.value, max(self.bound, bound)),
            )
            self.bound, pace = max(self.bound, dual.bound), dual.pace
            self._improve(part, dual.picked)
            if self.bound >= self.best.target or self.watch.left_s <= 0:
                break
            part = reduce_part(part, dual, target=self.best.target)
        return part

    def _priced(self, part: Part) -> Part:
        """Price demand halfway between its nearest two sites."""
        chosen = part.costs[np.isin(part.sites, self.best.sites)]
        near = np.sort(np.concatenate([chosen, part.caps[None]]), axis=0)
        second = near[min(1, len(near) - 1)]
        prices = (near[0] + np.where(np.isinf(second), near[0], second)) / 2
        return replace(part, prices=prices)


def _finite(part: Part, demand: Integers | slice = slice(None)) -> Floats:
    """Return costs in which out of reach is dearer than anything in reach."""
    costs = np.minimum(part.costs[:, demand], part.caps[demand])
    if np.isinf(costs).any():
        far = 1 + float(np.max(costs, axis=0, where=np.isfinite(costs), initial=0.0).sum())
        costs[np.isinf(costs)] = far
    return costs


def _is_whole(costs: Floats) -> bool:
    reached = np.isfinite(costs)
    most = np.max(costs, axis=0, where=reached, initial=0.0).sum()
    return bool(most < WHOLE_BELOW) and bool((costs[reached] == np.rint(costs[reached])).all())


def _cover(part: Part) -> highs.Model:
    """Ask for as many sites as may be chosen that reach all demand."""
    reach = np.isfinite(part.costs[:, np.isinf(part.caps)]).T
    demand, sites = reach.shape
    return highs.Model(
        cost=np.zeros(sites),
        lower=np.zeros(sites),
        upper=np.ones(sites),
        rows=csr_array(
            np.concatenate([reach, np.ones((1, sites), dtype=np.bool_)]).astype(np.float64)
        ),
        row_lower=np.concatenate([np.ones(demand), [part.count]]),
        row_upper=np.concatenate([np.full(demand, np.inf), [part.count]]),
        integer=np.ones(sites, dtype=np.bool_),
    )


def _result(  # noqa: PLR0913 - private, each has its name
    table: Floats,
    weight: Floats,
    best: Incumbent,
    *,
    bound: float,
    fixed: Integers,
    p: int,
    seconds: float,
) -> SitingResult:
    if math.isinf(best.value):
        if math.isinf(bound):
            return infeasible(seconds=seconds, solver=SOLVER)
        nothing = np.empty(0, dtype=np.int64)
        return SitingResult("gap", nothing, Allocation.of(), math.inf, bound, seconds, SOLVER)
    demand = np.flatnonzero(weight)
    sites = _tidied(
        best.sites, fixed, nearest=_nearest(table, demand, best.sites), of=table.shape[1]
    )
    nearest = _nearest(table, demand, sites)
    allocation = Allocation.of(demand, nearest, weight[demand])
    plan = Plan(sites, allocation)
    value = check_p_median(table, weight, p, plan=plan, fixed=fixed.tolist())
    bound = min(bound, value)
    return SitingResult(status_of(value, bound), sites, allocation, value, bound, seconds, SOLVER)


def _nearest(table: Floats, demand: Integers, sites: Integers) -> Integers:
    nearest: Integers = sites[np.argmin(table[np.ix_(demand, sites)], axis=1)]
    return nearest


def _tidied(sites: Integers, fixed: Integers, *, nearest: Integers, of: int) -> Integers:
    """Replace sites that serve nobody by the first candidates, so that none is there by chance."""
    serving = np.union1d(nearest, fixed)
    others = np.setdiff1d(np.arange(of), serving)
    return np.sort(np.concatenate([serving, others[: len(sites) - len(serving)]]))
