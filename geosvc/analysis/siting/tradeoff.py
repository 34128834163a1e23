"""Cost against coverage: the most that can be covered within each of some budgets.

An integer program: a site is open or not, a demand point is covered at most as much as sites that
cover it are open. Demand points with the same sites are one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geosvc.analysis.siting.coverage import merged, pattern
from geosvc.analysis.siting.highs import Model, Solver
from geosvc.analysis.siting.result import Status, status_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.course import Course
    from geosvc.analysis.siting.problem import SitingProblem

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bargain:
    """What a budget buys: sites, their cost, and the weight covered, with its bound."""

    budget: float
    cost: float
    sites: Integers
    value: float
    bound: float
    status: Status


def bargains(problem: SitingProblem, course: Course, *, highest: float) -> list[Bargain]:
    """Return the most coverage for budgets from 0 to ``highest``, none dominated by a cheaper one.

    Parameters
    ----------
    problem
        The question; sites without a known cost take no part. A standing site that can be closed
        costs its closing when it is left out.
    course
        Its current stage is this.
    highest
        The largest budget; ``goal.budgets`` of them are spread evenly.

    Returns
    -------
    bargains
        Empty where the goal has no service distance, no parcel a cost, or nothing fits the budget.
    """
    limit_m, steps = problem.goal.service_distance_m, problem.goal.budgets
    sites, base, price = _priced(problem)
    # without a parcel that has a price there is nothing to buy
    if limit_m is None or steps == 0 or not (~problem.sites.standing[sites]).any():
        return []
    covers = pattern(problem.costs_m[:, sites] <= limit_m)
    rows, weights, _ = merged(covers, problem.demand.weights)
    found: list[Bargain] = []
    for done in range(steps + 1):
        course.done(done / (steps + 1))
        if course.left_s <= 0:
            break
        budget = highest * done / steps
        left = course.left_s / (steps + 1 - done)
        solver = Solver(_model(problem, rows, weights, (sites, price, budget - base)))
        answer = solver.run(time_limit_s=left, progress=course.hear)
        if not len(answer.x):
            continue
        opened = answer.x[: len(sites)] > 0.5  # noqa: PLR2004 - of 0 and 1
        value = float(weights[(rows @ opened.astype(np.float64)) > 0].sum())
        bound = max(value, answer.bound)
        if not found or value > found[-1].value:
            cost = base + float(price[opened].sum())
            status = status_of(value, bound)
            found.append(Bargain(budget, cost, sites[opened], value, bound, status))
    return found


def _priced(problem: SitingProblem) -> tuple[Integers, float, Floats]:
    """Return the sites that take part, what opening none of them costs, and what each adds."""
    given = problem.sites
    cost = np.where(given.standing, -np.nan_to_num(given.closing), given.cost)
    sites = np.flatnonzero(problem.usable & ~np.isnan(cost))
    base = float(np.nan_to_num(given.closing[given.standing]).sum())
    return sites, base, cost[sites]


def _model(
    problem: SitingProblem,
    rows: sparse.csr_array,
    weights: Floats,
    bought: tuple[Integers, Floats, float],
) -> Model:
    sites, price, budget = bought
    count, demand = len(sites), len(weights)
    links = sparse.hstack([rows, -sparse.eye_array(demand)])
    spent = sparse.csr_array(np.concatenate([price, np.zeros(demand)])[None, :])
    lower = np.zeros(count + demand)
    lower[:count] = problem.sites.fixed[sites]
    return Model(
        cost=np.concatenate([np.zeros(count), weights]),
        lower=lower,
        upper=np.ones(count + demand),
        rows=sparse.csr_array(sparse.vstack([links, spent])),
        row_lower=np.append(np.zeros(demand), -math.inf),
        row_upper=np.append(np.full(demand, math.inf), budget),
        integer=np.arange(count + demand) < count,
        maximize=True,
    )
