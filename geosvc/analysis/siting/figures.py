"""What a plan means for those who need a site: how far, how even, how full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.result import Allocation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geosvc.analysis.siting.problem import SitingProblem

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Load:
    """What one open site gets a day, and how full it is.

    ``per_bay`` is None where its bays are unknown, ``utilisation`` where nobody entered how many
    washes a bay does a day.
    """

    site: int
    weight: float
    bays: float | None
    per_bay: float | None
    utilisation: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Numbers of a plan, by true distances without penalties.

    Distances are those of the allocation, None where nothing is served. ``coverage`` gives the
    share of all weight that has an open site within each service distance. ``unserved`` is the
    weight that no open site serves, None where there is no plan.
    """

    mean_m: float | None
    p95_m: float | None
    max_m: float | None
    gini: float | None
    coverage: tuple[tuple[float, float], ...]
    loads: tuple[Load, ...]
    unserved: float | None


NO_FIGURES: Final = Figures(
    mean_m=None, p95_m=None, max_m=None, gini=None, coverage=(), loads=(), unserved=None
)
"""What is known of a plan that does not exist."""


def nearest(problem: SitingProblem, sites: Integers) -> Allocation:
    """Give all demand to its nearest open site within reach; of equally near ones to the first.

    The nearest is meant as a plan counts: with soft penalties.
    """
    if not len(sites):
        return Allocation.of()
    costs = problem.costs_m[:, sites]
    best = costs.argmin(axis=1)
    weights = problem.demand.weights
    row = np.flatnonzero(np.isfinite(costs.min(axis=1)) & (weights > 0))
    return Allocation(row.astype(np.int64), sites[best[row]], weights[row])


def figures(
    problem: SitingProblem, sites: Integers, served: Allocation, *, bays: Floats
) -> Figures:
    """Measure a plan.

    Parameters
    ----------
    problem
        The question.
    sites
        The open sites.
    served
        Who goes where.
    bays
        One a site, NaN where unknown.
    """
    weights = problem.demand.weights
    distance_m = problem.distances_m[served.demand, served.site]
    total = float(weights.sum())
    away = problem.distances_m[:, sites].min(axis=1, initial=np.inf)
    goal = problem.goal
    levels = {
        *goal.service_distances_m,
        *([goal.service_distance_m] if goal.service_distance_m else []),
    }
    within = [
        (level, float(weights[away <= level].sum()) / total if total else 0.0)
        for level in sorted(levels)
    ]
    some = len(served) > 0
    amount = served.amount
    return Figures(
        mean_m=float(np.average(distance_m, weights=amount)) if some else None,
        p95_m=weighted_quantile(distance_m, amount, 0.95) if some else None,
        max_m=float(distance_m.max()) if some else None,
        gini=gini(distance_m, amount) if some else None,
        coverage=tuple(within),
        loads=_loads(problem, sites, served, bays),
        unserved=max(0.0, total - float(amount.sum())),
    )


def weighted_quantile(values: ArrayLike, weights: ArrayLike, share: float) -> float:
    """Return the smallest value that at least ``share`` of the weight does not exceed.

    >>> weighted_quantile([3, 1, 2], [1, 8, 1], 0.9), weighted_quantile([3, 1, 2], [1, 8, 1], 0.95)
    (2.0, 3.0)
    """
    value, weight = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    order = np.argsort(value, kind="stable")
    below = np.cumsum(weight[order])
    at = int(np.searchsorted(below, share * below[-1] * (1 - 1e-12)))
    return float(value[order[at]])


def gini(values: ArrayLike, weights: ArrayLike) -> float:
    """Return the Gini coefficient: 0 where all are equal, near 1 where one has all.

    Half the mean difference of two draws, as a share of the mean (Gini 1912).

    >>> gini([2, 2, 2], [1, 5, 1]), gini([0, 4], [1, 1]), gini([0, 0], [1, 1])
    (0.0, 0.5, 0.0)
    """
    value, weight = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    order = np.argsort(value, kind="stable")
    share = weight[order] / weight.sum()
    mean = float((share * value[order]).sum())
    if mean <= 0:
        return 0.0
    below = np.cumsum(share)
    return max(0.0, float((share * value[order] * (2 * below - share)).sum()) / mean - 1.0)


def _loads(
    problem: SitingProblem, sites: Integers, served: Allocation, bays: Floats
) -> tuple[Load, ...]:
    weight = np.bincount(served.site, served.amount, minlength=len(problem.sites))
    each = problem.goal.washes_per_bay_day
    loads = []
    for site, count in zip(sites.tolist(), bays.tolist(), strict=True):
        got = float(weight[site])
        known = count > 0
        per_bay = got / count if known else None
        full = got / (count * each) if known and each else None
        loads.append(Load(site, got, count if known else None, per_bay, full))
    return tuple(loads)
