"""How much a plan depends on the weights: drawn anew many times, solved each time.

Each weight is multiplied by 2 to the power of a number drawn evenly from -1 to 1, so it is halved
as often as it is doubled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geosvc.analysis.siting.solving import Ask, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.course import Course
    from geosvc.analysis.siting.goal import Each
    from geosvc.analysis.siting.problem import SitingProblem
    from geosvc.analysis.siting.solving import Plan

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How often each site was chosen.

    ``draws`` were solved of ``asked``, ``proven`` of them to the end; in ``infeasible`` no plan
    exists and in ``unfound`` none was found in time. ``chosen`` counts by row of the problem's
    sites; ``same`` counts draws that chose exactly the plan's sites. ``each`` says what was drawn:
    a weight that a person set, or the weight of each point.
    """

    asked: int
    draws: int
    proven: int
    infeasible: int
    unfound: int
    same: int
    chosen: Integers
    each: Each
    seed: int


def sensitivity(problem: SitingProblem, plan: Plan, course: Course) -> Sensitivity:
    """Draw weights and solve, until the draws or the time of the stage are over.

    Where a person set a single weight, points are drawn: a factor on all weights changes nothing.

    Parameters
    ----------
    problem
        The question; its goal has the number of draws and the seed.
    plan
        The best plan at the weights as they are set.
    course
        Its current stage is this.
    """
    goal = problem.goal
    each = goal.draw_each if len(problem.demand.groups) > 1 else "point"
    chosen = np.zeros(len(problem.sites), dtype=np.int64)
    counts = dict.fromkeys(("draws", "proven", "infeasible", "unfound", "same"), 0)
    added = len(plan.sites) - len(problem.standing)
    for number in range(goal.draws if plan.is_found else 0):
        course.done(number / goal.draws)
        left = course.left_s
        if left <= 0 or course.hear(plan.result.value, plan.result.bound):
            break
        weights = drawn_weights(problem, seed=goal.seed, number=number, each=each)
        ask = Ask(
            added=added,
            weights=weights,
            time_limit_s=left / min(5, goal.draws - number),
            # the values of a draw are not those of the plan
            progress=lambda *_: course.hear(plan.result.value, plan.result.bound),
        )
        found = solve(problem, ask)
        if course.stopped:
            break
        counts["draws"] += 1
        counts["proven"] += found.result.status == "proven"
        counts["infeasible"] += found.result.status == "infeasible"
        counts["unfound"] += found.result.status != "infeasible" and not found.is_found
        counts["same"] += np.array_equal(found.sites, plan.sites)
        chosen[found.sites] += 1
    return Sensitivity(asked=goal.draws, chosen=chosen, each=each, seed=goal.seed, **counts)


def drawn_weights(problem: SitingProblem, *, seed: int, number: int, each: Each) -> Floats:
    """Return the weights of one draw; the same for a seed and a number, whatever came before."""
    chance = np.random.default_rng([seed, number])
    if each == "point":
        return problem.demand.weights * 2 ** chance.uniform(-1, 1, len(problem.demand))
    factor = 2 ** chance.uniform(-1, 1, len(problem.demand.groups))
    return problem.demand.weights * factor[problem.demand.group]
