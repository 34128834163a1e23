"""What else could be built: the next-best plans, and what each site of the best is worth.

The plans that differ from those found are split into parts (Lawler 1972): in each, some sites of a
found plan must be open and one must not. The best of all parts is the next plan; the least bound
of all parts is its bound.

References
----------
Lawler (1972), A procedure for computing the K best solutions to discrete optimization problems,
Management Science 18 (7), section 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from geosvc.analysis.siting.result import status_of
from geosvc.analysis.siting.solving import Ask, Plan, solve

if TYPE_CHECKING:
    from geosvc.analysis.siting.course import Course
    from geosvc.analysis.siting.problem import SitingProblem


@dataclass(frozen=True, slots=True)
class Worth:
    """What a plan loses without one of its sites, another taking its place.

    ``loss`` is at least 0 and in the unit of the value; None where no plan can do without it (or
    none was found in time: ``without.result.status`` tells). ``near`` says whether every plan that
    is near the best has the site: "every", "not_every" or, where the proof is missing, "unsure".
    """

    site: int
    without: Plan
    loss: float | None
    near: Literal["every", "not_every", "unsure"]


def loss_of(problem: SitingProblem, best: float, value: float) -> float | None:
    """Return by how much a value is worse than the best, None without one."""
    if not (math.isfinite(best) and math.isfinite(value)):
        return None
    return (best - value if problem.goal.is_maximum else value - best) + 0.0  # no negative zero


def next_plans(problem: SitingProblem, best: Plan, course: Course, *, count: int) -> list[Plan]:
    """Return the next-best plans after the best, best first.

    Parameters
    ----------
    problem
        The question.
    best
        The best plan.
    course
        Its current stage is this.
    count
        How many are wanted; fewer where there are no more, or the time ends.

    Returns
    -------
    plans
        With as many sites as the best, each with the status and bound that all parts prove.
    """
    if not best.is_found or count == 0:
        return []
    solves = count * max(1, len(best.sites))
    parts = _split(problem, best, (frozenset(), frozenset()), course, left=solves)
    found: list[Plan] = []
    while parts and len(found) < count and not course.stopped:
        course.done(len(found) / count)
        sign = -1.0 if problem.goal.is_maximum else 1.0
        parts.sort(key=lambda part: sign * part.plan.result.value)
        first = parts.pop(0)
        if not first.plan.is_found:
            break
        bounds = [sign * part.plan.result.bound for part in (first, *parts)]
        bound = sign * min(bound for bound in bounds if not math.isnan(bound))
        value = first.plan.result.value
        said = replace(first.plan.result, bound=bound, status=status_of(value, bound))
        found.append(replace(first.plan, result=said))
        if len(found) < count:
            parts += _split(
                problem, first.plan, (first.forced, first.forbidden), course, left=solves
            )
    return found


def worths(problem: SitingProblem, best: Plan, course: Course) -> list[Worth]:
    """Return what each new site of a plan is worth, in the order of its sites."""
    worth = []
    new = [site for site in best.sites.tolist() if not problem.sites.fixed[site]]
    for done, site in enumerate(new):
        course.done(done / len(new))
        if course.stopped:
            break
        left = course.left_s / (len(new) - done)
        ask = replace(_like(problem, best, course), forbidden=[site], time_limit_s=left)
        without = solve(problem, ask)
        loss = loss_of(problem, best.result.value, without.result.value)
        worth.append(Worth(site, without, loss, _near(problem, best, without)))
    return worth


def _near(
    problem: SitingProblem, best: Plan, without: Plan
) -> Literal["every", "not_every", "unsure"]:
    """Say whether all plans near the best have the site that one was found without."""
    if without.result.status == "infeasible":
        return "every"
    share, known = problem.goal.near_share, best.result
    # the best itself is known to lie between value and bound only
    loss = loss_of(problem, known.bound, without.result.value)
    if loss is not None and loss <= share * abs(known.bound):
        return "not_every"
    least = loss_of(problem, known.value, without.result.bound)
    return "every" if least is not None and least > share * abs(known.value) else "unsure"


@dataclass(frozen=True, slots=True)
class _Part:
    plan: Plan
    forced: frozenset[int]
    forbidden: frozenset[int]


def _split(
    problem: SitingProblem,
    plan: Plan,
    within: tuple[frozenset[int], frozenset[int]],
    course: Course,
    *,
    left: int,
) -> list[_Part]:
    """Split the plans of a part that differ from its best, and solve each piece."""
    forced, forbidden = within
    parts = []
    for site in plan.sites.tolist():
        if problem.sites.fixed[site] or site in forced:
            continue
        ask = replace(
            _like(problem, plan, course),
            forced=forced,
            forbidden=[*forbidden, site],
            time_limit_s=course.left_s / left,
        )
        parts.append(_Part(solve(problem, ask), forced, forbidden | {site}))
        forced |= {site}
    return [part for part in parts if part.plan.result.status != "infeasible"]


def _like(problem: SitingProblem, plan: Plan, course: Course) -> Ask:
    """Return the ask for a plan with as many sites."""
    added = len(plan.sites) - len(problem.standing)
    return Ask(added=added, time_limit_s=course.left_s, progress=course.hear)
