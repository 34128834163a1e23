"""What a plan for cells of demand is worth for the demand points themselves.

The members of the cells go to the open sites anew, each to where it is best: the value is exact for
these sites. The bound is a Lagrangian of all points that starts from the multipliers of the cells;
it is far closer than the bound of the cells less the most that joining can hide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.capacity_bound import CHILD, ROOT, Effort, tighten, whole_tree
from geosvc.analysis.siting.capacity_plans import split_plan
from geosvc.analysis.siting.merging import members_allocation
from geosvc.analysis.siting.result import Allocation

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.analysis.siting.capacity_problem import CapacityProblem
    from geosvc.analysis.siting.merging import MergedDemand
    from geosvc.analysis.siting.result import SitingResult

POINTS: Final = Effort(20, CHILD.length, CHILD.patience)
EXACT_S: Final = 1e6
"""A transport problem is solved to its end."""


@dataclass(frozen=True, slots=True)
class MembersAnswer:
    """Who serves which demand point, what that costs, and what no plan costs less than."""

    allocation: Allocation
    value: float
    bound: float


def members_answer(
    problem: CapacityProblem,
    merged: MergedDemand,
    found: SitingResult,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> MembersAnswer:
    """Serve the members of cells from the sites of a plan, and bound all plans for the members.

    Parameters
    ----------
    problem
        Of the demand points that have a cell, in their order; demand may split.
    merged
        Their cells.
    found
        A plan for the cells with its bound, as
        :func:`~geosvc.analysis.siting.capacity.capacitated` or ``site_sizes`` return it.
    stop
        Is asked between steps; True leaves the bound where it is.

    Returns
    -------
    answer
        The allocation names demand points as ``merged`` counts them. The value is never above that
        of the cells, the bound never below theirs less the error of ``merged``.

    Examples
    --------
    >>> from geosvc.analysis.siting.capacity import capacitated
    >>> from geosvc.analysis.siting.capacity_problem import CapacityProblem
    >>> from geosvc.analysis.siting.merging import merge_demand
    >>> far = np.array([[1.0, 2.0], [2.0, 1.0]])
    >>> cells = merge_demand(far, [3, 3], most=1)
    >>> plan = capacitated(cells.distances, cells.weights, [3, 3], 2)
    >>> problem = CapacityProblem(cost=3 * far, weights=np.full(2, 3.0), count=2,
    ...     capacities=np.full((2, 1), 3.0), fixed=np.zeros(2, dtype=bool))
    >>> answer = members_answer(problem, cells, plan)
    >>> plan.value, answer.value, plan.bound - cells.error <= answer.bound <= 6
    (9.0, 6.0, True)
    """
    rows = np.flatnonzero(merged.cell >= 0)
    bound = found.bound - merged.error
    if not len(rows) or not len(found.sites):
        return MembersAnswer(found.allocation, found.value, max(bound, problem.trivial_bound))
    sizes = found.sizes if len(found.sizes) else np.zeros(len(found.sites), dtype=np.int64)
    options = found.sites * problem.sizes + sizes
    plan = split_plan(problem, options, time_limit_s=EXACT_S)
    if plan is None or plan.value > found.value:
        weights = np.zeros(len(merged.cell))
        weights[rows] = problem.weights
        split, value = members_allocation(merged, weights, found.allocation), found.value
    else:
        order = np.lexsort((plan.site, plan.demand))
        demand, site = plan.demand[order], plan.site[order]
        amount = problem.weights[demand] * plan.share[order]
        split, value = Allocation.of(rows[demand], site, amount), plan.value
    bound = max(bound, _bound(problem, merged, value, stop))
    return MembersAnswer(split, value, min(value, bound))


def _bound(
    problem: CapacityProblem, merged: MergedDemand, value: float, stop: Callable[[], bool]
) -> float:
    cost = merged.distances * merged.weights[:, None]
    cells = replace(problem, cost=cost, weights=merged.weights, whole=False)
    node, root = whole_tree(cells), whole_tree(problem)
    joined = tighten(cells, node, value=value, cutoff=np.inf, effort=ROOT, stop=lambda _: stop())
    if joined is None:
        return root.bound
    # a member's multiplier is its share, by weight, of the one of its cell
    cell = merged.cell[merged.cell >= 0]
    multipliers = problem.weights * (joined.multipliers / merged.weights)[cell]
    start = replace(root, multipliers=multipliers)
    found = tighten(
        problem, start, value=value, cutoff=np.inf, effort=POINTS, stop=lambda _: stop()
    )
    return root.bound if found is None else problem.rounded(found.bound)
