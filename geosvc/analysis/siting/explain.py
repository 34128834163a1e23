"""Why not here: what binds a place, what it would do, what a plan with it would lose."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from geosvc.analysis.siting.access import Access, reach_streets, ways
from geosvc.analysis.siting.alternatives import loss_of
from geosvc.analysis.siting.figures import nearest
from geosvc.analysis.siting.rules import screen
from geosvc.analysis.siting.solving import Ask, Plan, solve
from geosvc.network import Snapped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.problem import SitingProblem
    from geosvc.analysis.siting.rules import Finding

    Floats = NDArray[np.float64]

Place: TypeAlias = "str | tuple[float, float]"
"""A key, or x and y in the CRS of the problem."""

Code: TypeAlias = Literal["standing", "chosen", "excluded", "unplaced", "not_chosen"]


@dataclass(frozen=True, slots=True)
class Covered:
    """Weight within a distance of a place: all of it, and what the plan does not cover."""

    distance_m: float
    weight: float
    share: float
    new_weight: float


@dataclass(frozen=True, slots=True)
class Relief:
    """Weight that would come from a site of the plan, for which the place is nearer."""

    site: int
    weight: float
    share: float
    bays: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """The answer; ``site`` is a row of ``problem``, which has one more where a point was asked.

    ``forced`` is the best plan with the place in it and as many sites (without it where the code is
    "chosen"), as if no rule took it out; None where none was sought. ``loss`` is what that plan
    loses. ``unchecked`` names rules about fields, which a point has not.
    """

    code: Code
    problem: SitingProblem
    site: int
    is_point: bool
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]
    street: str | None
    access_m: float | None
    covers: tuple[Covered, ...]
    relieves: tuple[Relief, ...]
    forced: Plan | None
    loss: float | None


def why_not(
    problem: SitingProblem,
    place: Place,
    plan: Plan,
    *,
    bays: float | None = None,
    time_limit_s: float = 10.0,
) -> WhyNot:
    """Say why a plan has no site at a place, and what would be if it had.

    Parameters
    ----------
    problem
        The question.
    place
        The key of a parcel, or a point; a point in a parcel means the parcel.
    plan
        The plan to compare with.
    bays
        How many a point would have; without it no plan that fills sites is sought there.
    time_limit_s
        For the plan with the place in it.

    Raises
    ------
    AnalysisError
        If no site has the key.
    """
    problem, site, is_point = _placed(problem, place, bays)
    code = _code(problem, site, plan)
    other = _forced(problem, site, plan, is_chosen=code == "chosen", time_limit_s=time_limit_s)
    loss = None if other is None else loss_of(problem, plan.result.value, other.result.value)
    access_m = float(problem.site_access.access_m[site])
    fields = tuple(rule.name for rule in problem.rules if rule.keep == "attribute")
    return WhyNot(
        code=code,
        problem=problem,
        site=site,
        is_point=is_point,
        findings=problem.sites.findings[site],
        unchecked=fields if is_point else (),
        street=problem.street_of(problem.site_access, site),
        access_m=None if math.isnan(access_m) else access_m,
        covers=_covers(problem, site, plan),
        relieves=_relieves(problem, site, plan),
        forced=other,
        loss=loss,
    )


def with_point(
    problem: SitingProblem, xy: tuple[float, float], *, bays: float | None = None
) -> SitingProblem:
    """Return the problem with one more parcel: a point, held against all rules of distance."""
    point = shapely.Point(xy)
    crs = next((gdf.crs for gdf in problem.frames.values() if gdf.crs is not None), None)
    here = gpd.GeoDataFrame(geometry=[point], crs=crs)
    away = [rule for rule in problem.rules if rule.keep != "attribute"]
    findings = screen(here, away, problem.frames)
    access = reach_streets(problem.network, [point], limit_m=problem.snap_limit_m)
    column = ways(problem.network, problem.demand_access, access)
    given = problem.sites
    shapes = np.empty(1, dtype=object)
    shapes[0] = point
    sites = replace(
        given,
        keys=(*given.keys, ""),
        names=(*given.names, ""),
        geometry=np.concatenate([given.geometry, shapes]),
        standing=np.append(given.standing, False),
        fixed=np.append(given.fixed, False),
        bays=np.append(given.bays, np.nan if bays is None else bays),
        cost=np.append(given.cost, np.nan),
        closing=np.append(given.closing, np.nan),
        findings=(*given.findings, *findings),
    )
    return replace(
        problem,
        sites=sites,
        site_access=_joined(problem.site_access, access),
        distances_m=np.hstack([problem.distances_m, column]),
    )


def _joined(first: Access, second: Access) -> Access:
    one, two = first.places, second.places
    places = Snapped(
        np.append(one.segment, two.segment),
        np.append(one.offset_m, two.offset_m),
        np.append(one.distance_m, two.distance_m),
    )
    return Access(
        places, np.append(first.access_m, second.access_m), np.append(first.line, second.line)
    )


def _placed(
    problem: SitingProblem, place: Place, bays: float | None
) -> tuple[SitingProblem, int, bool]:
    if isinstance(place, str):
        return problem, problem.sites.index(place), False
    inside = np.flatnonzero(shapely.intersects(problem.sites.geometry, shapely.Point(place)))
    if len(inside):
        return problem, int(inside[0]), False
    return with_point(problem, place, bays=bays), len(problem.sites), True


def _code(problem: SitingProblem, site: int, plan: Plan) -> Code:
    if site in plan.sites:
        return "standing" if problem.sites.standing[site] else "chosen"
    if problem.sites.excluded[site]:
        return "excluded"
    return "not_chosen" if problem.site_access.places.is_placed[site] else "unplaced"


def _forced(
    problem: SitingProblem, site: int, plan: Plan, *, is_chosen: bool, time_limit_s: float
) -> Plan | None:
    """Return the best plan with the site, or without it where it was chosen."""
    added = len(plan.sites) - len(problem.standing)
    known = not problem.goal.has_room or not math.isnan(problem.sites.bays[site])
    placed = problem.site_access.places.is_placed[site]
    if not (plan.is_found and added > 0 and known and placed) or problem.sites.fixed[site]:
        return None
    ask = Ask(
        added=added,
        forced=() if is_chosen else (site,),
        forbidden=(site,) if is_chosen else (),
        time_limit_s=time_limit_s,
        is_free=True,
    )
    return solve(problem, ask)


def _covers(problem: SitingProblem, site: int, plan: Plan) -> tuple[Covered, ...]:
    weights, total = problem.demand.weights, float(problem.demand.weights.sum())
    here = problem.distances_m[:, site]
    away = problem.distances_m[:, plan.sites].min(axis=1, initial=np.inf)
    goal = problem.goal
    own = () if goal.service_distance_m is None else (goal.service_distance_m,)
    found = []
    for level in sorted({*goal.service_distances_m, *own}):
        weight = float(weights[here <= level].sum())
        new = float(weights[(here <= level) & (away > level)].sum())
        found.append(Covered(level, weight, weight / total if total else 0.0, new))
    return tuple(found)


def _relieves(problem: SitingProblem, site: int, plan: Plan) -> tuple[Relief, ...]:
    """Return what would leave each open site for this one, most first."""
    if site in plan.sites:
        return ()
    served = plan.result.allocation if problem.goal.has_room else nearest(problem, plan.sites)
    leaves = problem.costs_m[served.demand, site] < problem.costs_m[served.demand, served.site]
    load = np.bincount(served.site, served.amount, minlength=len(problem.sites))
    gone = np.bincount(served.site[leaves], served.amount[leaves], minlength=len(problem.sites))
    bays = dict(zip(plan.sites.tolist(), plan.bays.tolist(), strict=True))
    order = np.argsort(-gone, kind="stable")
    return tuple(
        Relief(
            one,
            float(gone[one]),
            float(gone[one] / load[one]),
            None if math.isnan(bays[one]) else bays[one],
        )
        for one in order.tolist()
        if gone[one] > 0
    )
