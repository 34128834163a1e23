"""The whole answer to a siting question."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geosvc.analysis.siting.alternatives import Worth, next_plans, worths
from geosvc.analysis.siting.course import Course
from geosvc.analysis.siting.curve import Row, curve, is_enough, row_of
from geosvc.analysis.siting.queueing import Queue, peak_queue
from geosvc.analysis.siting.sensitivity import Sensitivity, sensitivity
from geosvc.analysis.siting.shortage import Reason, why_infeasible
from geosvc.analysis.siting.tradeoff import Bargain, bargains

if TYPE_CHECKING:
    from geosvc.analysis.siting.course import Told
    from geosvc.analysis.siting.problem import SitingProblem

STAGES = (("curve", 0.5), ("plans", 0.65), ("worths", 0.75), ("sensitivity", 0.9), ("costs", 1.0))
"""The stages of an answer, and the share of the whole at which each ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingAnswer:
    """All that was found.

    ``chosen`` is the row of the curve that the rest speaks of: the last with a plan, None where
    there is none but the present state. ``plans`` are the next-best with as many sites (``gain``
    compares with the chosen one and is not positive). ``queues`` go by open site of the chosen row.
    ``reasons`` say why the goal was not reached; empty where it was.
    """

    problem: SitingProblem
    curve: tuple[Row, ...]
    chosen: int | None
    plans: tuple[Row, ...]
    worths: tuple[Worth, ...]
    sensitivity: Sensitivity | None
    bargains: tuple[Bargain, ...]
    queues: tuple[tuple[int, Queue], ...]
    reasons: tuple[Reason, ...]
    stopped: bool
    seconds: float

    @property
    def best(self) -> Row | None:
        """The chosen row."""
        return None if self.chosen is None else self.curve[self.chosen]


def solve_problem(problem: SitingProblem, *, told: Told | None = None) -> SitingAnswer:
    """Answer a question: the curve, other plans, what they depend on, and why there is none.

    Parameters
    ----------
    problem
        The question; its goal has the time for all of it.
    told
        Hears of the progress; True stops at once, and what is known by then is the answer.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1, 5, 8], [0, 0, 0]), crs=4549)
    >>> street = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (9, 0)])], crs=4549)
    >>> from geosvc.analysis.siting.problem import SitingProblem
    >>> problem = SitingProblem.of({"points": points, "roads": street},
    ...     {"demand": [{"layer": "points"}], "candidates": {"layer": "points"}, "added": 2})
    >>> [row.plan.result.value for row in solve_problem(problem).curve]
    [nan, 7.0, 3.0]
    """
    start = time.perf_counter()
    course = Course(problem.goal.time_limit_s, told)
    ends = dict(STAGES)
    course.begin("curve", until=ends["curve"])
    rows = curve(problem, course)
    found = [at for at, row in enumerate(rows) if at > 0 and row.plan.is_found]
    chosen = found[-1] if found else None
    course.begin("plans", until=ends["plans"])
    made = _around(problem, None if chosen is None else rows[chosen], course, ends)
    return SitingAnswer(
        problem=problem,
        curve=tuple(rows),
        chosen=chosen,
        plans=made.plans,
        worths=made.worths,
        sensitivity=made.sensitivity,
        bargains=made.bargains,
        queues=() if chosen is None else peak_queues(problem, rows[chosen]),
        reasons=_reasons(problem, rows, stopped=course.stopped),
        stopped=course.stopped,
        seconds=time.perf_counter() - start,
    )


@dataclass(frozen=True, slots=True)
class _Around:
    plans: tuple[Row, ...] = ()
    worths: tuple[Worth, ...] = ()
    sensitivity: Sensitivity | None = None
    bargains: tuple[Bargain, ...] = ()


def _around(
    problem: SitingProblem, best: Row | None, course: Course, ends: dict[str, float]
) -> _Around:
    """Look around the best plan; what was not begun when the course was stopped is left out."""
    made = _Around()
    if best is None or course.stopped:
        return made
    plans = next_plans(problem, best.plan, course, count=problem.goal.plans)
    made = replace(
        made, plans=tuple(row_of(problem, plan, added=best.added, before=best) for plan in plans)
    )
    course.begin("worths", until=ends["worths"])
    made = replace(made, worths=tuple(worths(problem, best.plan, course)))
    course.begin("sensitivity", until=ends["sensitivity"])
    if problem.goal.draws and not course.stopped:
        made = replace(made, sensitivity=sensitivity(problem, best.plan, course))
    course.begin("costs", until=ends["costs"])
    if best.cost is not None and not course.stopped:
        return replace(made, bargains=tuple(bargains(problem, course, highest=best.cost)))
    return made


def peak_queues(problem: SitingProblem, row: Row) -> tuple[tuple[int, Queue], ...]:
    """Return the queue at each open site whose bays are known, by the arrivals it gets.

    The arrivals of the peak hour go to the sites as the weight does.
    """
    peak, loads = problem.goal.peak, row.figures.loads
    total = sum(load.weight for load in loads)
    if peak is None or total == 0:
        return ()
    return tuple(
        (
            load.site,
            peak_queue(
                replace(peak, arrivals_per_hour=peak.arrivals_per_hour * load.weight / total),
                bays=int(load.bays),
            ),
        )
        for load in loads
        if load.bays is not None and load.bays >= 1
    )


def _reasons(problem: SitingProblem, rows: list[Row], *, stopped: bool) -> tuple[Reason, ...]:
    """Return why the goal was not reached, if it was not."""
    last = rows[-1]
    wanted = {"fewest": is_enough(problem, last), "sizes": last.plan.is_found}
    reached = last.plan.is_found and last.added == problem.goal.added
    if wanted.get(problem.goal.objective, reached and len(problem.demand) > 0):
        return ()
    if stopped:
        return (Reason("stopped"),)
    found = why_infeasible(problem)
    unproven = last.plan.result.status != "infeasible"
    return tuple(found) or (Reason("time" if unproven else "unknown"),)
