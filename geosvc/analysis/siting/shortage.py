"""Why there is no plan: the smallest reason, as a code with numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse

from geosvc.analysis.siting.highs import Model, Solver
from geosvc.analysis.siting.merging import merge_demand

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geosvc.analysis.siting.merging import MergedDemand
    from geosvc.analysis.siting.problem import SitingProblem

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

_SHOWN: Final = 20
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason.

    ``code`` is one of

    * ``no_demand``: ``points``
    * ``no_candidates``: ``given``, ``excluded`` (by rules), ``unplaced`` (on no street)
    * ``kept_excluded``: ``sites`` that are to be kept and that a rule excludes or no street reaches
    * ``too_many_kept``: ``kept``, ``added``, ``short_by``
    * ``too_few_candidates``: ``usable``, ``added``, ``short_by``, ``excluded``, ``unplaced``
    * ``out_of_reach``: ``points`` and ``weight`` of demand that no usable site has within
      ``distance_m``, with the first ``labels`` and the ``share`` of the weight that can be reached
    * ``capacity_short``: ``demand``, ``capacity`` of the largest sites, ``short_by``, ``sites``
      (p), ``needed`` (how many of the largest would do; None: all together do not)
    * ``sites_short``: ``sites`` (p), ``needed`` at least (``proven``: exactly), ``short_by``,
      ``distance_m`` (None: any distance), ``bays`` (the most that a site has; None: unlimited),
      ``weight`` that must be served
    * ``budget_short``: ``budget``, ``needed`` at least (``proven``: exactly), ``short_by``
    * ``time``: no plan was found in time; that there is none is not proven
    """

    code: str
    numbers: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the code with its numbers."""
        return {"code": self.code, **self.numbers}


def why_infeasible(problem: SitingProblem, *, time_limit_s: float = 10.0) -> list[Reason]:
    """Say why the goal cannot be met with as many new sites as it allows.

    Parameters
    ----------
    problem
        The question.
    time_limit_s
        For the programs that count what would be needed.

    Returns
    -------
    reasons
        The smallest first: what fails before anything else is looked at. Empty where none is found.
    """
    steps: tuple[Callable[[], Reason | None], ...] = (
        lambda: _no_demand(problem),
        lambda: _no_candidates(problem),
        lambda: _kept(problem),
        lambda: _too_few(problem),
        lambda: _out_of_reach(problem),
        lambda: _capacity(problem),
        lambda: _counted(problem, time_limit_s),
        lambda: _budget(problem, time_limit_s),
    )
    # each later reason takes for granted that the earlier ones do not hold
    for step in steps:
        reason = step()
        if reason is not None:
            return [reason]
    return []


def _no_demand(problem: SitingProblem) -> Reason | None:
    if problem.demand.weights.sum() > 0:
        return None
    return Reason("no_demand", {"points": len(problem.demand)})


def _taken(problem: SitingProblem) -> dict[str, int]:
    sites = problem.sites
    excluded = sites.excluded
    unplaced = ~problem.site_access.places.is_placed & ~sites.standing & ~excluded
    return {"excluded": int(excluded.sum()), "unplaced": int(unplaced.sum())}


def _no_candidates(problem: SitingProblem) -> Reason | None:
    new = problem.usable & ~problem.sites.standing
    if new.any() or problem.goal.added == 0:
        return None
    given = int((~problem.sites.standing).sum())
    return Reason("no_candidates", {"given": given, **_taken(problem)})


def _kept(problem: SitingProblem) -> Reason | None:
    lost = np.flatnonzero(problem.sites.fixed & ~problem.usable)
    if len(lost):
        return Reason("kept_excluded", {"sites": [problem.sites.keys[site] for site in lost]})
    kept, added = int((problem.sites.fixed & ~problem.sites.standing).sum()), problem.goal.added
    if kept <= added or problem.goal.objective in {"sizes", "fewest"}:
        return None
    return Reason("too_many_kept", {"kept": kept, "added": added, "short_by": kept - added})


def _too_few(problem: SitingProblem) -> Reason | None:
    usable = int((problem.usable & ~problem.sites.standing).sum())
    added = problem.goal.added
    if usable >= added or problem.goal.objective in {"sizes", "fewest"}:
        return None
    numbers = {"usable": usable, "added": added, "short_by": added - usable}
    return Reason("too_few_candidates", {**numbers, **_taken(problem)})


def _limit_m(problem: SitingProblem) -> float:
    limit_m = problem.goal.service_distance_m
    if problem.goal.objective == "fewest" and limit_m is not None:
        return limit_m
    return problem.goal.reach_m


def _counts(problem: SitingProblem) -> Booleans:
    """Return the demand that must be served: all of it that a street leads from."""
    counted = problem.demand.weights > 0
    if problem.goal.objective != "fewest":
        counted &= problem.connected
    return counted


def _within(problem: SitingProblem) -> Booleans:
    if problem.goal.objective == "fewest":
        return problem.costs_m <= _limit_m(problem)
    return np.isfinite(problem.costs_m)


def _out_of_reach(problem: SitingProblem) -> Reason | None:
    goal, weights = problem.goal, problem.demand.weights
    if goal.objective == "coverage":
        return None
    lost = _counts(problem) & ~_within(problem)[:, problem.usable].any(axis=1)
    weight = float(weights[lost].sum())
    total = float(weights.sum())
    allowed = (1 - goal.share) * total if goal.objective == "fewest" else 0.0
    if weight <= allowed + _ROUNDING * total:
        return None
    limit_m = _limit_m(problem)
    shown = [problem.demand.labels[row] for row in np.flatnonzero(lost)[:_SHOWN]]
    numbers = {
        "points": int(lost.sum()),
        "weight": weight,
        "distance_m": None if math.isinf(limit_m) else limit_m,
        "labels": shown,
        "share": 1 - weight / total,
    }
    return Reason("out_of_reach", numbers)


def _capacity(problem: SitingProblem) -> Reason | None:
    if problem.goal.objective != "capacitated":
        return None
    sites, p = problem.sites, len(problem.standing) + problem.goal.added
    demand = float(problem.demand.weights[_counts(problem)].sum())
    room = np.where(problem.usable, problem.room, 0.0)
    free = np.sort(room[~sites.fixed])[::-1]
    fixed = float(room[sites.fixed].sum())
    held = fixed + np.concatenate([[0.0], np.cumsum(free)])
    most = float(held[min(p - int(sites.fixed.sum()), len(free))])
    if most >= demand * (1 - _ROUNDING):
        return None
    enough = np.flatnonzero(held >= demand * (1 - _ROUNDING))
    needed = int(sites.fixed.sum()) + int(enough[0]) if len(enough) else None
    numbers = {"demand": demand, "capacity": most, "short_by": demand - most}
    return Reason("capacity_short", {**numbers, "sites": p, "needed": needed})


def _counted(problem: SitingProblem, time_limit_s: float) -> Reason | None:
    """Count the fewest sites that serve all demand in reach, with their room."""
    goal = problem.goal
    if goal.objective not in {"median", "center", "capacitated"}:
        return None
    p = len(problem.standing) + goal.added
    price = np.ones((len(problem.sites), 1))
    least, proven = least_price(problem, price, problem.room[:, None], time_limit_s=time_limit_s)
    needed = len(problem.sites) + 1 if math.isinf(least) else math.ceil(least - 1e-6)
    if needed <= p:
        return None
    bays = problem.sites.bays[problem.usable].max() if goal.has_room else None
    numbers = {
        "sites": p,
        "needed": None if math.isinf(least) else needed,
        "short_by": None if math.isinf(least) else needed - p,
        "proven": proven,
        "distance_m": None if math.isinf(goal.reach_m) else goal.reach_m,
        "bays": None if bays is None else float(bays),
        "weight": float(problem.demand.weights[_counts(problem)].sum()),
    }
    return Reason("sites_short", numbers)


def _budget(problem: SitingProblem, time_limit_s: float) -> Reason | None:
    """Find the least budget at which the sizes hold all demand."""
    goal, sites = problem.goal, problem.sites
    if goal.objective != "sizes":
        return None
    each, size = goal.washes_per_bay_day or 0.0, np.array([size.bays for size in goal.sizes])
    cost = np.array([size.cost for size in goal.sizes])
    price = np.where(size > sites.bays[:, None], np.inf, cost)
    price[sites.standing] = 0.0
    room = np.where(sites.standing[:, None], sites.bays[:, None], size) * each
    least, proven = least_price(problem, price, room, time_limit_s=time_limit_s)
    budget = goal.budget or 0.0
    if least <= budget * (1 + _ROUNDING):
        return None
    needed = None if math.isinf(least) else least
    short = None if needed is None else needed - budget
    numbers = {"budget": budget, "needed": needed, "proven": proven, "short_by": short}
    return Reason("budget_short", numbers)


def least_price(
    problem: SitingProblem, price: Floats, room: Floats, *, time_limit_s: float
) -> tuple[float, bool]:
    """Return the least price at which sites can serve all demand in reach, and if that is proven.

    Parameters
    ----------
    problem
        The question.
    price, room
        Sites x sizes; an infinite price is a size that cannot be.
    time_limit_s
        For the integer program; when it ends, the price is a lower bound.
    """
    counted = _counts(problem)
    sites = np.flatnonzero(problem.usable)
    cells = merge_demand(problem.costs_m[np.ix_(counted, sites)], problem.demand.weights[counted])
    model = _price_model(cells, price[sites], room[sites], problem.sites.fixed[sites])
    answer = Solver(model).run(time_limit_s=time_limit_s)
    if answer.state == "infeasible":
        return math.inf, True
    return float(answer.bound), answer.state == "optimal"


def _price_model(cells: MergedDemand, price: Floats, room: Floats, fixed: Booleans) -> Model:
    """Build: shares of demand sum to 1, a site takes no more than the room of its one size."""
    demand, site = np.nonzero(np.isfinite(cells.distances))
    weights = cells.weights
    arcs, (count, kinds) = len(demand), price.shape
    opened = count * kinds
    size = np.arange(opened)
    total = float(weights.sum())
    # a site without limit takes all
    room = np.minimum(np.nan_to_num(room, nan=0.0, posinf=total), total).reshape(-1)
    ones, at = np.ones(arcs), opened + np.arange(arcs)
    shape = (opened + arcs,)
    served = sparse.csr_array((ones, (demand, at)), shape=(len(weights), *shape))
    held = sparse.csr_array(
        (
            np.concatenate([weights[demand], -room]),
            (np.concatenate([site, size // kinds]), np.concatenate([at, size])),
        ),
        shape=(count, *shape),
    )
    once = sparse.csr_array((np.ones(opened), (size // kinds, size)), shape=(count, *shape))
    # without this a share could go to a site that is open for a small part only
    linked = sparse.csr_array(
        (np.concatenate([ones, -np.ones(arcs * kinds)]), _links(arcs, site, kinds, at)),
        shape=(arcs, *shape),
    )
    possible = np.isfinite(price).reshape(-1)
    return Model(
        cost=np.concatenate([np.where(possible, price.reshape(-1), 0.0), np.zeros(arcs)]),
        lower=np.zeros(opened + arcs),
        upper=np.concatenate([possible.astype(np.float64), ones]),
        rows=sparse.csr_array(sparse.vstack([served, held, once, linked])),
        row_lower=np.concatenate(
            [np.ones(len(weights)), np.full(count, -math.inf), fixed, np.full(arcs, -math.inf)]
        ),
        row_upper=np.concatenate(
            [np.ones(len(weights)), np.zeros(count), np.ones(count), np.zeros(arcs)]
        ),
        integer=np.arange(opened + arcs) < opened,
    )


def _links(arcs: int, site: Integers, kinds: int, at: Integers) -> tuple[Integers, Integers]:
    arc = np.arange(arcs)
    sizes = (site[:, None] * kinds + np.arange(kinds)).reshape(-1)
    return np.concatenate([arc, np.repeat(arc, kinds)]), np.concatenate([at, sizes])
