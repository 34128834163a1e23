"""The verdict on a siting: what a person should read first, as codes with numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from geosvc.analysis.siting.alternatives import loss_of
from geosvc.analysis.siting.curve import is_enough

if TYPE_CHECKING:
    from geosvc.analysis.siting.answer import SitingAnswer
    from geosvc.analysis.siting.curve import Row


def verdict(found: SitingAnswer) -> list[dict[str, Any]]:
    """Return the sentences of a verdict in the order in which they are read.

    * ``present``: ``sites``, ``bays`` (null where unknown), ``mean_m``, ``coverage``
    * ``present_load``, one for each kind of demand: ``kind``, ``weight``, ``bays``, ``per_bay``
      (how many washes a day each standing bay would have to do), ``utilisation`` and ``holds``
      (null where nobody entered what a bay does)
    * ``best``: ``added``, ``status``, ``gap``, ``keys``, ``mean_m`` and ``before_m``, ``coverage``,
      ``cost``, ``closed`` (keys)
    * ``fewest``: ``added``, ``least`` (no smaller number can do), ``proven``
    * ``runner_up``: ``keys``, ``loss``, ``share`` of the value, ``status``
    * ``always``: ``keys`` of the new sites in every plan near the best, ``near_share``
    * ``steady``: ``draws``, ``same``, and ``keys`` of the new sites with ``chosen`` counts
    * ``queue_grows``: ``keys`` of sites whose queue grows through the peak
    * ``unreached``: ``points``, ``weight``
    * ``examples``: ``kinds`` of demand with weights nobody set, ``rules`` that are examples
    * ``stopped``
    * ``short``: no plan reaches the goal; the reasons tell why
    """
    said = [_present(found), *_loads(found)]
    if found.best is not None:
        said += _best(found, found.best)
    lost = np.flatnonzero(~found.problem.connected & (found.problem.demand.weights > 0))
    if len(lost):
        weight = float(found.problem.demand.weights[lost].sum())
        said.append({"code": "unreached", "points": len(lost), "weight": weight})
    kinds = [kind.name for kind in found.problem.demand.kinds if kind.example]
    rules = [rule.name for rule in found.problem.rules if rule.example]
    if kinds or rules:
        said.append({"code": "examples", "kinds": kinds, "rules": rules})
    if found.stopped:
        said.append({"code": "stopped"})
    if found.reasons and not found.stopped:
        said.append({"code": "short"})
    return said


def _bays(found: SitingAnswer) -> float | None:
    bays = float(found.problem.sites.bays[found.problem.standing].sum())
    return None if math.isnan(bays) else bays


def _present(found: SitingAnswer) -> dict[str, Any]:
    figures = found.curve[0].figures
    return {
        "code": "present",
        "sites": len(found.problem.standing),
        "bays": _bays(found),
        "mean_m": figures.mean_m,
        "coverage": _coverage(found.curve[0]),
    }


def _coverage(row: Row) -> list[dict[str, float]]:
    return [{"distance_m": limit, "share": share} for limit, share in row.figures.coverage]


def _loads(found: SitingAnswer) -> list[dict[str, Any]]:
    bays, demand = _bays(found), found.problem.demand
    if not bays:
        return []
    each = found.problem.goal.washes_per_bay_day
    said = []
    for kind in demand.kinds:
        groups = [row for row, (name, _) in enumerate(demand.groups) if name == kind.name]
        weight = float(demand.weights[np.isin(demand.group, groups)].sum())
        full = None if each is None else weight / (bays * each)
        said.append(
            {
                "code": "present_load",
                "kind": kind.name,
                "weight": weight,
                "bays": bays,
                "per_bay": weight / bays,
                "utilisation": full,
                "holds": None if full is None else full <= 1,
            }
        )
    return said


def _best(found: SitingAnswer, best: Row) -> list[dict[str, Any]]:
    result, sites = best.plan.result, found.problem.sites
    closed = np.setdiff1d(found.problem.standing, result.sites)
    said: list[dict[str, Any]] = [
        {
            "code": "best",
            "added": best.added,
            "status": result.status,
            "gap": None if not math.isfinite(result.gap) else result.gap,
            "keys": _new(found, best),
            "mean_m": best.figures.mean_m,
            "before_m": found.curve[0].figures.mean_m,
            "coverage": _coverage(best),
            "cost": best.cost,
            "closed": [sites.keys[site] for site in closed],
        }
    ]
    if found.problem.goal.objective == "fewest":
        said += _fewest(found)
    said += _beside(found, best)
    grows = [sites.keys[site] for site, queue in found.queues if queue.grows]
    return said + ([{"code": "queue_grows", "keys": grows}] if grows else [])


def _new(found: SitingAnswer, row: Row) -> list[str]:
    new = np.setdiff1d(row.plan.sites, found.problem.standing)
    return [found.problem.sites.keys[site] for site in new]


def _fewest(found: SitingAnswer) -> list[dict[str, Any]]:
    """Say how few new sites do, and below which number it is proven that none do."""
    problem, last = found.problem, found.curve[-1]
    if not is_enough(problem, last):
        return []
    wanted = problem.goal.share * float(problem.demand.weights.sum())
    able = (row.added for row in found.curve if row.plan.result.bound >= wanted * (1 - 1e-12))
    least = min(able, default=last.added)
    return [
        {
            "code": "fewest",
            "added": last.added,
            "least": least,
            "proven": least == last.added,
        }
    ]


def _beside(found: SitingAnswer, best: Row) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    sites, value = found.problem.sites, best.plan.result.value
    if found.plans:
        second = found.plans[0]
        loss = loss_of(found.problem, value, second.plan.result.value)
        said.append(
            {
                "code": "runner_up",
                "keys": _new(found, second),
                "loss": loss,
                "share": None if loss is None or not value else loss / abs(value),
                "status": second.plan.result.status,
            }
        )
    if found.worths:
        keys = [sites.keys[worth.site] for worth in found.worths if worth.near == "every"]
        share = found.problem.goal.near_share
        said.append({"code": "always", "keys": keys, "near_share": share})
    if found.sensitivity is not None and found.sensitivity.draws:
        drawn = found.sensitivity
        new = np.setdiff1d(best.plan.sites, found.problem.standing)
        said.append(
            {
                "code": "steady",
                "draws": drawn.draws,
                "same": drawn.same,
                "keys": [sites.keys[site] for site in new],
                "chosen": drawn.chosen[new].tolist(),
            }
        )
    return said
