"""The curve: the present state, then the best plan for each number of new sites."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.figures import NO_FIGURES, Figures, figures, nearest
from geosvc.analysis.siting.result import Allocation, SitingResult
from geosvc.analysis.siting.solving import NO_SOLVER, Ask, Plan, solve, solve_medians

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.course import Course
    from geosvc.analysis.siting.problem import SitingProblem

_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Row:
    """One number of new sites: the best plan, its numbers, and what it gains over the row before.

    ``gain`` is in the unit of the value and positive where the plan is better; None where either
    has no value. ``cost`` is that of new sites and of closing others, None where one is unknown.
    """

    added: int
    plan: Plan
    served: Allocation
    figures: Figures
    gain: float | None
    cost: float | None


def curve(problem: SitingProblem, course: Course) -> list[Row]:
    """Solve for 0 (the present state), 1, … new sites.

    The objective "fewest" ends at the first number that covers the share asked for, "sizes" has one
    row for its budget. A course that was stopped ends the curve after the plan at hand.

    Parameters
    ----------
    problem
        The question.
    course
        Its current stage is the curve.
    """
    rows = [present(problem)]
    goal, least = problem.goal, _least(problem)
    if goal.objective == "sizes":
        ask = Ask(added=0, time_limit_s=course.left_s, progress=course.hear)
        plan = solve(problem, ask)
        opened = max(0, len(plan.sites) - len(problem.standing))
        return [*rows, row_of(problem, plan, added=opened, before=rows[0])]
    steps = range(least, _last(problem) + 1)
    if goal.objective == "median":
        ask = Ask(added=least, time_limit_s=course.left_s, progress=course.hear)
        for added, plan in zip(steps, solve_medians(problem, steps, ask), strict=True):
            rows.append(row_of(problem, plan, added=added, before=rows[-1]))
        return rows
    for done, added in enumerate(steps):
        course.done(done / len(steps))
        left = course.left_s / (len(steps) - done)
        plan = solve(problem, Ask(added=added, time_limit_s=left, progress=course.hear))
        rows.append(row_of(problem, plan, added=added, before=rows[-1]))
        if course.stopped or is_enough(problem, rows[-1]):
            break
    return rows


def is_enough(problem: SitingProblem, row: Row) -> bool:
    """Say whether a row reaches what "fewest" asks for; other objectives never have enough."""
    wanted = problem.goal.share * float(problem.demand.weights.sum())
    value = row.plan.result.value
    return problem.goal.objective == "fewest" and value >= wanted * (1 - _ROUNDING)


def _least(problem: SitingProblem) -> int:
    """Return the smallest number of new sites that a plan can have."""
    kept = int((problem.sites.fixed & ~problem.sites.standing).sum())
    return max(1 - len(problem.standing), kept, 1)


def _last(problem: SitingProblem) -> int:
    free = int((problem.usable & ~problem.sites.standing).sum())
    wanted = free if problem.goal.objective == "fewest" else problem.goal.added
    return min(free, wanted)


def present(problem: SitingProblem) -> Row:
    """Return the state as it is: all standing sites open, everybody at the nearest.

    Where sites hold only so much, demand is shared out at the least distance; where they do not
    hold all of it, the row is infeasible and tells how full each would be.
    """
    sites = problem.standing
    served = nearest(problem, sites)
    if problem.goal.has_room and len(sites):
        plan = _filled(problem)
        if plan.is_found:
            return row_of(problem, plan, added=0, before=None)
    value = math.nan if problem.goal.has_room else plan_value(problem, sites, served)
    result = SitingResult("proven", sites, served, value, value, 0.0, NO_SOLVER)
    if math.isnan(value):
        result = replace(result, status="infeasible")
    plan = Plan(result, problem.sites.bays[sites])
    return Row(0, plan, served, figures(problem, sites, served, bays=plan.bays), None, 0.0)


def _filled(problem: SitingProblem) -> Plan:
    """Share all demand out among the sites that stand."""
    goal = replace(problem.goal, objective="capacitated")
    others = np.flatnonzero(~problem.sites.standing).tolist()
    return solve(replace(problem, goal=goal), Ask(added=0, forbidden=others))


def plan_value(problem: SitingProblem, sites: NDArray[np.int64], served: Allocation) -> float:
    """Return the objective of open sites, NaN where demand that counts has none in reach."""
    weights, goal = problem.demand.weights, problem.goal
    costs = problem.costs_m[:, sites].min(axis=1, initial=np.inf)
    if goal.is_maximum:
        return float(weights[costs <= (goal.service_distance_m or 0.0)].sum())
    counted = problem.connected & (weights > 0)
    if np.isinf(costs[counted]).any():
        return math.nan
    if goal.objective == "center":
        return float(costs[counted].max(initial=0.0))
    return float((served.amount * problem.costs_m[served.demand, served.site]).sum())


def plan_cost(problem: SitingProblem, plan: Plan) -> float | None:
    """Return what new sites cost, and the closing of standing ones; None where one is unknown."""
    opened = np.zeros(len(problem.sites), dtype=np.bool_)
    opened[plan.sites] = True
    stands = problem.sites.standing
    cost = problem.sites.cost[opened & ~stands]
    if problem.goal.objective == "sizes":
        price = {size.bays: size.cost for size in problem.goal.sizes}
        cost = np.array([price[bays] for bays in plan.bays[~stands[plan.sites]].tolist()])
    total = float(cost.sum() + problem.sites.closing[stands & ~opened].sum())
    return None if math.isnan(total) else total


def row_of(problem: SitingProblem, plan: Plan, *, added: int, before: Row | None) -> Row:
    """Measure a plan and compare it with another row."""
    served = plan.result.allocation
    if plan.is_found and not problem.goal.has_room:
        served = nearest(problem, plan.sites)
    value = plan.result.value
    gain = None
    if before is not None and math.isfinite(value) and math.isfinite(before.plan.result.value):
        step = before.plan.result.value - value
        gain = (-step if problem.goal.is_maximum else step) + 0.0  # no negative zero
    cost = plan_cost(problem, plan) if plan.is_found else None
    found = NO_FIGURES
    if plan.is_found:
        found = figures(problem, plan.sites, served, bays=plan.bays)
    return Row(added, plan, served, found, gain, cost)
