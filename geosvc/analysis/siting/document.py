"""An answer as JSON: codes and numbers, which messages put in words.

Sites are named by their place in the list ``sites``, demand points by their place in the list that
`points_frame` returns. A number that does not exist is null: never NaN, never infinite.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypedDict, cast

import numpy as np

from geosvc.analysis.siting.settled import access_json, demand_json, goal_json, rules_json
from geosvc.analysis.siting.verdict import verdict

if TYPE_CHECKING:
    from geosvc.analysis.siting.alternatives import Worth
    from geosvc.analysis.siting.answer import SitingAnswer
    from geosvc.analysis.siting.curve import Row
    from geosvc.analysis.siting.explain import WhyNot
    from geosvc.analysis.siting.problem import SitingProblem
    from geosvc.analysis.siting.rules import Finding
    from geosvc.analysis.siting.solving import Plan
    from geosvc.analysis.siting.tradeoff import Bargain

VERSION = 1


class FindingDocument(TypedDict):
    """A rule that a site breaks; ``found`` is meters or the value of a field."""

    rule: str
    keep: str
    hard: bool
    penalty_m: float
    found: float | str | bool | None
    asked: Any
    feature: str
    source: str
    clause: str
    example: bool


class SiteDocument(TypedDict):
    """A site that stands or a parcel, in the order of all indexes."""

    key: str
    name: str
    standing: bool
    fixed: bool
    usable: bool
    bays: float | None
    cost: float | None
    closing: float | None
    street: str | None
    access_m: float | None
    penalty_m: float
    findings: list[FindingDocument]


class LoadDocument(TypedDict):
    """What an open site gets, in units of weight a day."""

    site: int
    weight: float
    bays: float | None
    per_bay: float | None
    utilisation: float | None


class CoverageDocument(TypedDict):
    """Share of all weight (0 to 1) that has an open site within a distance."""

    distance_m: float
    share: float


class RowDocument(TypedDict):
    """A plan with its numbers.

    ``status``: proven, gap, infeasible or heuristic. ``value`` and ``bound`` are in ``unit`` of the
    document; ``gap`` a share of the value; ``gain`` is positive where the plan is better than the
    row before (in ``plans``: than the chosen row). ``opened`` and ``closed`` are the differences
    from the present state. ``merge_error`` is what joining demand to cells can have cost at most.
    """

    added: int
    status: str
    value: float | None
    bound: float | None
    gap: float | None
    gain: float | None
    sites: list[int]
    opened: list[int]
    closed: list[int]
    mean_m: float | None
    p95_m: float | None
    max_m: float | None
    gini: float | None
    coverage: list[CoverageDocument]
    loads: list[LoadDocument]
    unserved: float | None
    cost: float | None
    merge_error: float | None
    solver: str
    seconds: float


class GroupDocument(TypedDict):
    """One weight that a person set; ``value`` is that of the field ``by``, empty without one."""

    kind: str
    value: str
    layer: str
    points: int
    weight: float
    total: float
    example: bool


class SitingDocument(TypedDict):
    """The whole answer.

    ``unit``: what value, bound, gain and loss count: "weight_m" (weight times meters), "weight" or
    "m". ``unreached``: demand that no street joins with a usable site; it takes no part and counts
    as unserved. ``chosen`` is an index of ``curve``, null where no plan was found. ``always`` are
    the new sites of every plan near the best, ``unsure`` those where that is not proven.
    ``allocation`` has [demand, site, amount] for the chosen row (the present state without one).
    ``verdict`` and ``reasons`` are lists of {code, ...numbers}, see `verdict.verdict` and
    `shortage.Reason`; ``reasons`` also has "stopped" and "unknown".
    """

    version: int
    objective: str
    unit: str
    goal: dict[str, Any]
    demand: dict[str, Any]
    access: dict[str, Any]
    rules: list[dict[str, Any]]
    sites: list[SiteDocument]
    curve: list[RowDocument]
    chosen: int | None
    plans: list[RowDocument]
    worths: list[dict[str, Any]]
    always: list[int]
    unsure: list[int]
    sensitivity: dict[str, Any] | None
    bargains: list[dict[str, Any]]
    queues: list[dict[str, Any]]
    allocation: list[tuple[int, int, float]]
    verdict: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    stopped: bool
    seconds: float
    seed: int


class WhyNotDocument(TypedDict):
    """Why a place has no site.

    ``code``: standing, chosen, excluded, unplaced or not_chosen. ``key`` is null for a point.
    ``covers`` has {distance_m, weight, share, new_weight}, ``relieves`` {key, weight, share, bays}.
    ``forced`` is the best plan with the place in it (without it where the code is "chosen"), with
    the keys of its sites (null for the point); ``loss`` what that plan loses, in ``unit``.
    """

    code: str
    key: str | None
    name: str
    street: str | None
    access_m: float | None
    findings: list[FindingDocument]
    unchecked: list[str]
    covers: list[dict[str, float | None]]
    relieves: list[dict[str, Any]]
    forced: dict[str, Any] | None
    loss: float | None
    loss_share: float | None
    unit: str


def as_json(found: SitingAnswer) -> SitingDocument:
    """Return an answer as plain JSON.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geosvc.analysis.siting.answer import solve_problem
    >>> from geosvc.analysis.siting.problem import SitingProblem
    >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1, 5], [0, 0]), crs=4549)
    >>> street = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (9, 0)])], crs=4549)
    >>> document = as_json(solve_problem(SitingProblem.of({"points": points, "roads": street},
    ...     {"demand": [{"layer": "points"}], "candidates": {"layer": "points"}, "added": 2})))
    >>> [(row["value"], row["status"]) for row in document["curve"]]
    [(None, 'infeasible'), (4.0, 'proven'), (0.0, 'proven')]
    >>> document["chosen"], document["allocation"]
    (2, [(0, 0, 1.0), (1, 1, 1.0)])
    """
    problem, best = found.problem, found.best or found.curve[0]
    served = best.served
    arrays = (served.demand.tolist(), served.site.tolist(), served.amount.tolist())
    near: dict[str, list[int]] = {"every": [], "unsure": [], "not_every": []}
    for worth in found.worths:
        near[worth.near].append(worth.site)
    return {
        "version": VERSION,
        "objective": problem.goal.objective,
        "unit": unit(problem),
        "goal": goal_json(problem),
        "demand": demand_json(problem),
        "access": access_json(problem),
        "rules": rules_json(problem),
        "sites": [_site(problem, row) for row in range(len(problem.sites))],
        "curve": [row_json(problem, row) for row in found.curve],
        "chosen": found.chosen,
        "plans": [row_json(problem, row) for row in found.plans],
        "worths": [_worth(worth) for worth in found.worths],
        "always": near["every"],
        "unsure": near["unsure"],
        "sensitivity": _sensitivity(found),
        "bargains": [_bargain(one) for one in found.bargains],
        "queues": [{"site": site, **queue.as_json()} for site, queue in found.queues],
        "allocation": list(zip(*arrays, strict=True)),
        "verdict": verdict(found),
        "reasons": [reason.as_json() for reason in found.reasons],
        "stopped": found.stopped,
        "seconds": found.seconds,
        "seed": problem.goal.seed,
    }


def _worth(worth: Worth) -> dict[str, Any]:
    status = worth.without.result.status
    return {"site": worth.site, "loss": worth.loss, "status": status, "near": worth.near}


def _bargain(one: Bargain) -> dict[str, Any]:
    bound, sites = number(one.bound), one.sites.tolist()
    return {**asdict(one), "bound": bound, "sites": sites}


def unit(problem: SitingProblem) -> str:
    """Return what values count: "weight_m", "weight" or "m"."""
    if problem.goal.is_maximum:
        return "weight"
    return "m" if problem.goal.objective == "center" else "weight_m"


def number(value: float | None) -> float | None:
    """Return a number that JSON knows.

    >>> number(2), number(math.inf), number(math.nan), number(None)
    (2.0, None, None, None)
    """
    return None if value is None or not math.isfinite(value) else float(value)


def row_json(problem: SitingProblem, row: Row) -> RowDocument:
    """Return a row of a curve or a plan beside it."""
    result, figures = row.plan.result, row.figures
    standing = problem.standing
    return {
        "added": row.added,
        "status": result.status,
        "value": number(result.value),
        "bound": number(result.bound),
        "gap": number(result.gap),
        "gain": number(row.gain),
        "sites": result.sites.tolist(),
        "opened": np.setdiff1d(result.sites, standing).tolist(),
        "closed": np.setdiff1d(standing, result.sites).tolist() if row.plan.is_found else [],
        "mean_m": number(figures.mean_m),
        "p95_m": number(figures.p95_m),
        "max_m": number(figures.max_m),
        "gini": number(figures.gini),
        "coverage": [{"distance_m": limit, "share": share} for limit, share in figures.coverage],
        "loads": [cast("LoadDocument", asdict(load)) for load in figures.loads],
        "unserved": number(figures.unserved),
        "cost": row.cost,
        "merge_error": number(row.plan.merge_error),
        "solver": result.solver,
        "seconds": result.seconds,
    }


def _site(problem: SitingProblem, row: int) -> SiteDocument:
    sites = problem.sites
    return {
        "key": sites.keys[row],
        "name": sites.names[row],
        "standing": bool(sites.standing[row]),
        "fixed": bool(sites.fixed[row]),
        "usable": bool(problem.usable[row]),
        "bays": number(sites.bays[row]),
        "cost": number(sites.cost[row]),
        "closing": number(sites.closing[row]),
        "street": problem.street_of(problem.site_access, row),
        "access_m": number(problem.site_access.access_m[row]),
        "penalty_m": float(sites.penalty_m[row]),
        "findings": [finding_json(broken) for broken in sites.findings[row]],
    }


def _sensitivity(found: SitingAnswer) -> dict[str, Any] | None:
    """Return how often each site was chosen: {site, count}, only those that were."""
    drawn = found.sensitivity
    if drawn is None:
        return None
    return {
        "asked": drawn.asked,
        "draws": drawn.draws,
        "proven": drawn.proven,
        "infeasible": drawn.infeasible,
        "unfound": drawn.unfound,
        "same": drawn.same,
        "each": drawn.each,
        "seed": drawn.seed,
        "chosen": [
            {"site": site, "count": int(drawn.chosen[site])}
            for site in np.flatnonzero(drawn.chosen).tolist()
        ],
    }


def finding_json(broken: Finding) -> FindingDocument:
    """Return a broken rule."""
    return cast("FindingDocument", asdict(broken))


def why_not_json(found: WhyNot) -> WhyNotDocument:
    """Return why a place has no site."""
    problem, sites = found.problem, found.problem.sites
    forced = found.forced
    worse = None
    if found.loss is not None and forced is not None:
        best = forced.result.value + (found.loss if problem.goal.is_maximum else -found.loss)
        worse = found.loss / abs(best) if best else None
    return {
        "code": found.code,
        "key": sites.keys[found.site] or None,
        "name": sites.names[found.site],
        "street": found.street,
        "access_m": found.access_m,
        "findings": [finding_json(broken) for broken in found.findings],
        "unchecked": list(found.unchecked),
        "covers": [asdict(one) for one in found.covers],
        "relieves": [
            {
                "key": sites.keys[one.site],
                "weight": one.weight,
                "share": one.share,
                "bays": one.bays,
            }
            for one in found.relieves
        ],
        "forced": None if forced is None else _forced(problem, forced),
        "loss": number(found.loss),
        "loss_share": number(worse),
        "unit": unit(problem),
    }


def _forced(problem: SitingProblem, plan: Plan) -> dict[str, Any]:
    return {
        "status": plan.result.status,
        "value": number(plan.result.value),
        "bound": number(plan.result.bound),
        "keys": [problem.sites.keys[site] or None for site in plan.sites.tolist()],
    }
