"""One plan for one number of new sites: the objective handed to its solver, and the answer back."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from geosvc.analysis.siting.capacity import capacitated, site_sizes
from geosvc.analysis.siting.capacity_members import members_answer
from geosvc.analysis.siting.capacity_problem import counted, priced
from geosvc.analysis.siting.center import p_center
from geosvc.analysis.siting.covering import maximal_covering
from geosvc.analysis.siting.median import p_median, p_median_curve
from geosvc.analysis.siting.merging import MergedDemand, members_allocation, merge_demand
from geosvc.analysis.siting.result import SitingResult, infeasible, status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

    from geosvc.analysis.siting.capacity_problem import CapacityProblem
    from geosvc.analysis.siting.problem import SitingProblem
    from geosvc.analysis.siting.result import Progress

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

NO_SOLVER: Final = "geosvc, by counting"
CELLS_PART: Final = 0.7
"""The share of the time in which cells are solved; the rest is for the bound of their members."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked of one solve.

    ``added`` new sites beside those that stand. ``forced`` must be open, ``forbidden`` must not;
    rows are sites of the problem. ``weights`` stand for those of the demand. ``is_free`` lets an
    excluded site be forced in.
    """

    added: int
    forced: Collection[int] = ()
    forbidden: Collection[int] = ()
    weights: Floats | None = None
    time_limit_s: float = 60.0
    progress: Progress | None = None
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer in rows of the problem.

    ``result`` has sites and allocation as rows of the problem's sites and demand. ``bays`` aligns
    with the sites. ``merge_error`` is how much of the value joining demand to cells may have cost
    at most (None where demand was not joined, or only where that costs nothing).
    """

    result: SitingResult
    bays: Floats
    merge_error: float | None = None

    @property
    def sites(self) -> Integers:
        """The open sites, sorted."""
        return self.result.sites

    @property
    def is_found(self) -> bool:
        """Whether there is a plan at all."""
        return len(self.result.sites) > 0 and math.isfinite(self.result.value)


def solve(problem: SitingProblem, ask: Ask) -> Plan:
    """Find the best plan.

    Parameters
    ----------
    problem
        The question; its goal says which solver.
    ask
        How many sites, which must and must not be open.

    Returns
    -------
    plan
        "infeasible" if fewer sites can be used than asked for, more are forced than may be open,
        or the solver says so. Demand that no usable site can be reached from takes no part.

    Examples
    --------
    >>> from geosvc.analysis.siting.problem import SitingProblem
    >>> import geopandas as gpd, shapely
    >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1, 5, 8], [0, 0, 0]), crs=4549)
    >>> street = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (9, 0)])], crs=4549)
    >>> problem = SitingProblem.of({"points": points, "roads": street},
    ...     {"demand": [{"layer": "points"}], "candidates": {"layer": "points"}})
    >>> plan = solve(problem, Ask(added=1))
    >>> plan.result.status, plan.sites.tolist(), plan.result.value
    ('proven', [1], 7.0)
    >>> solve(problem, Ask(added=9)).result.status
    'infeasible'
    """
    start = time.perf_counter()
    columns, fixed = _columns(problem, ask)
    p = len(problem.standing) + ask.added
    is_counted = problem.goal.objective != "sizes"
    if is_counted and not max(1, len(fixed)) <= p <= len(columns):
        return _nothing(time.perf_counter() - start)
    rows = np.flatnonzero(_rows(problem, columns))
    weights = problem.demand.weights if ask.weights is None else ask.weights
    given = _Given(problem, ask, columns, rows, np.searchsorted(columns, fixed), p)
    return _SOLVERS[problem.goal.objective](given, weights[rows])


def solve_medians(problem: SitingProblem, added: Sequence[int], ask: Ask) -> list[Plan]:
    """Solve "median" for several numbers of new sites, each from the answer before.

    ``ask`` says what holds for all of them; its time is for all together.
    """
    columns, fixed = _columns(problem, ask)
    ps = [len(problem.standing) + more for more in added]
    if not all(max(1, len(fixed)) <= p <= len(columns) for p in ps):
        return [solve(problem, replace(ask, added=more)) for more in added]
    rows = np.flatnonzero(_rows(problem, columns))
    given = _Given(problem, ask, columns, rows, np.searchsorted(columns, fixed), 0)
    weights = problem.demand.weights if ask.weights is None else ask.weights
    found = p_median_curve(given.costs, weights[rows], ps, **given.options)
    return [given.plan(result) for result in found]


@dataclass(frozen=True, slots=True)
class _Given:
    problem: SitingProblem
    ask: Ask
    columns: Integers
    rows: Integers
    fixed: Integers
    p: int

    @property
    def costs(self) -> Floats:
        """What the solver sees of the distances."""
        return self.problem.costs_m[np.ix_(self.rows, self.columns)]

    @property
    def options(self) -> dict[str, Any]:
        """The keywords that all solvers have."""
        return {
            "fixed": self.fixed.tolist(),
            "time_limit_s": self.ask.time_limit_s,
            "seed": self.problem.goal.seed,
            "progress": self.ask.progress,
        }

    def plan(self, result: SitingResult) -> Plan:
        """Return rows of the problem instead of rows of what the solver saw."""
        served = result.allocation
        moved = replace(
            result,
            sites=self.columns[result.sites],
            allocation=type(served)(
                self.rows[served.demand], self.columns[served.site], served.amount
            ),
        )
        return Plan(moved, self.problem.sites.bays[moved.sites])


def _columns(problem: SitingProblem, ask: Ask) -> tuple[Integers, Integers]:
    usable, fixed = problem.usable.copy(), problem.sites.fixed.copy()
    forced, forbidden = list(ask.forced), list(ask.forbidden)
    usable[forbidden] = False
    fixed[forced] = True
    if ask.is_free:
        usable[forced] = True
    # a site that is kept and cannot be used leaves too few columns for the fixed ones
    lost = fixed & ~usable
    columns = np.flatnonzero(usable)
    if lost.any():
        return np.empty(0, dtype=np.int64), np.flatnonzero(fixed)
    return columns, np.flatnonzero(fixed)


def _rows(problem: SitingProblem, columns: Integers) -> NDArray[np.bool_]:
    is_near = np.isfinite(problem.distances_m[:, columns]).any(axis=1)
    return np.asarray(problem.connected | is_near, dtype=np.bool_)


def _nothing(seconds: float) -> Plan:
    return Plan(infeasible(seconds=seconds, solver=NO_SOLVER), np.empty(0))


def _median(given: _Given, weights: Floats) -> Plan:
    return given.plan(p_median(given.costs, weights, given.p, **given.options))


def _coverage(given: _Given, weights: Floats) -> Plan:
    limit_m = given.problem.goal.service_distance_m or 0.0
    covers = csr_array(given.costs <= limit_m)
    return given.plan(maximal_covering(covers, weights, given.p, **given.options))


def _center(given: _Given, weights: Floats) -> Plan:
    some = weights > 0
    counted = replace(given, rows=given.rows[some])
    return counted.plan(p_center(counted.costs, given.p, **given.options))


def _capacitated(given: _Given, weights: Floats) -> Plan:
    goal, room = given.problem.goal, given.problem.room[given.columns]
    if goal.single_source:
        options = {**given.options, "single_source": True}
        return given.plan(capacitated(given.costs, weights, room, given.p, **options))
    cells, some = merge_demand(given.costs, weights), weights > 0
    result = capacitated(cells.distances, cells.weights, room, given.p, **_for_cells(given, cells))

    def whole() -> CapacityProblem:
        return counted(given.costs[some], weights[some], room, given.p, fixed=given.fixed)

    return _unjoined(given, weights, _Joined(cells, result, whole))


def _sizes(given: _Given, weights: Floats) -> Plan:
    """Choose sizes; a site that stands keeps its own and costs nothing."""
    goal, sites = given.problem.goal, given.problem.sites
    each = goal.washes_per_bay_day or 0.0
    stands = sites.standing[given.columns]
    own = np.unique(sites.bays[given.problem.standing])
    sizes = np.concatenate([[size.bays for size in goal.sizes], own])
    costs = np.full((len(given.columns), len(sizes)), np.inf)
    price = np.array([size.cost for size in goal.sizes])
    bays = sites.bays[given.columns]
    fits = ~(sizes[: len(price)] > bays[:, None])  # unknown bays are no limit
    costs[:, : len(price)] = np.where(fits & ~stands[:, None], price, np.inf)
    costs[:, len(price) :] = np.where(stands[:, None] & (own == bays[:, None]), 0.0, np.inf)
    cells = merge_demand(given.costs, weights)
    fixed = np.union1d(given.fixed, np.flatnonzero(stands))
    options = {**_for_cells(given, cells), "fixed": fixed.tolist()}
    budget, rooms, some = goal.budget or 0.0, sizes * each, weights > 0
    result = site_sizes(cells.distances, cells.weights, rooms, costs, budget, **options)

    def whole() -> CapacityProblem:
        table = given.costs[some]
        return priced(table, weights[some], rooms, costs, budget=budget, fixed=fixed)

    plan = _unjoined(given, weights, _Joined(cells, result, whole))
    return replace(plan, bays=sizes[result.sizes])


def _for_cells(given: _Given, cells: MergedDemand) -> dict[str, Any]:
    """Return the keywords for a solve of cells: it leaves some time for their members."""
    part = CELLS_PART if cells.error else 1.0
    return {**given.options, "time_limit_s": part * given.ask.time_limit_s}


@dataclass(frozen=True, slots=True)
class _Joined:
    """An answer for cells, and how to write the problem of all their members."""

    cells: MergedDemand
    result: SitingResult
    whole: Callable[[], CapacityProblem]


def _unjoined(given: _Given, weights: Floats, joined: _Joined) -> Plan:
    """Serve the members of cells from the sites of a plan, with a bound that holds for them."""
    start, cells, result = time.perf_counter(), joined.cells, joined.result
    if not cells.error or not len(result.sites):
        members = members_allocation(cells, weights, result.allocation)
        return given.plan(replace(result, allocation=members))

    def stop() -> bool:
        spent = result.seconds + time.perf_counter() - start
        heard = given.ask.progress
        late = spent > given.ask.time_limit_s
        return late or (
            heard is not None and heard(result.value, max(0.0, result.bound - cells.error))
        )

    found = members_answer(joined.whole(), cells, result, stop=stop)
    answer = replace(
        result,
        allocation=found.allocation,
        value=found.value,
        bound=found.bound,
        status=status_of(found.value, found.bound),
        seconds=result.seconds + time.perf_counter() - start,
    )
    return replace(given.plan(answer), merge_error=min(cells.error, found.value - found.bound))


_SOLVERS: Final[dict[str, Callable[[_Given, Floats], Plan]]] = {
    "median": _median,
    "coverage": _coverage,
    "fewest": _coverage,
    "center": _center,
    "capacitated": _capacitated,
    "sizes": _sizes,
}
