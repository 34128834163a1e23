"""What a question was settled on, as JSON: the goal, demand, ways to streets and rules."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from geosvc.analysis.siting.access import Access
    from geosvc.analysis.siting.problem import SitingProblem

_SHOWN: Final = 50


def goal_json(problem: SitingProblem) -> dict[str, Any]:
    """Return the goal by the names of `Goal`; no reach is null."""
    goal = asdict(problem.goal)
    if math.isinf(problem.goal.reach_m):
        goal["reach_m"] = None
    goal["sizes"] = list(goal["sizes"])
    goal["service_distances_m"] = list(goal["service_distances_m"])
    return goal


def demand_json(problem: SitingProblem) -> dict[str, Any]:
    """Return what counts how much, what was dropped, and what no usable site can be reached from.

    {points, weight, groups: [`GroupDocument`], dropped: {kind: features}, unreached: {points,
    weight, labels}}; at most fifty labels.
    """
    demand = problem.demand
    total = np.bincount(demand.group, demand.weights, minlength=len(demand.groups))
    points = np.bincount(demand.group, minlength=len(demand.groups))
    kinds = {kind.name: kind for kind in demand.kinds}
    lost = np.flatnonzero(~problem.connected & (demand.weights > 0))
    return {
        "points": len(demand),
        "weight": float(demand.weights.sum()),
        "groups": [
            {
                "kind": name,
                "value": value,
                "layer": kinds[name].layer,
                "points": int(points[row]),
                "weight": kinds[name].weight * kinds[name].by_weights.get(value, 1.0),
                "total": float(total[row]),
                "example": kinds[name].example,
            }
            for row, (name, value) in enumerate(demand.groups)
        ],
        "dropped": dict(demand.dropped),
        "unreached": {
            "points": len(lost),
            "weight": float(demand.weights[lost].sum()),
            "labels": [demand.labels[row] for row in lost[:_SHOWN]],
        },
    }


def access_json(problem: SitingProblem) -> dict[str, Any]:
    """Return the ways from places to streets, which are part of every distance.

    {demand: {mean_m, max_m, unplaced}, sites: the same, unplaced_keys, snap_limit_m}
    """
    lost = np.flatnonzero(~problem.site_access.places.is_placed)
    return {
        "demand": _ways(problem.demand_access),
        "sites": _ways(problem.site_access),
        "unplaced_keys": [problem.sites.keys[row] for row in lost],
        "snap_limit_m": problem.snap_limit_m,
    }


def _ways(access: Access) -> dict[str, float | int | None]:
    known = access.access_m[access.places.is_placed]
    some = len(known) > 0
    return {
        "mean_m": float(known.mean()) if some else None,
        "max_m": float(known.max()) if some else None,
        "unplaced": len(access) - len(known),
    }


def rules_json(problem: SitingProblem) -> list[dict[str, Any]]:
    """Return each rule as it was asked, and how many parcels break it (``broken``)."""
    parcels = [
        {broken.rule for broken in found}
        for found, stands in zip(problem.sites.findings, problem.sites.standing, strict=True)
        if not stands
    ]
    return [
        {**asdict(rule), "broken": sum(rule.name in broken for broken in parcels)}
        for rule in problem.rules
    ]
