"""What a reader of hotspots must know beside the map, in numbers and codes that JSON can hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geosvc.analysis.cases import SNAP_LIMIT_M
from geosvc.analysis.exposure import ADDED
from geosvc.analysis.power import SHARE, Power
from geosvc.analysis.score import Score, weeks

if TYPE_CHECKING:
    from geosvc.analysis.effort import Effort
    from geosvc.analysis.scan import ScanResult
    from geosvc.analysis.surveyed import Field

METHOD: Final = "street_hotspots 1.0"

ROADS: Final = 12
"""How many roads are listed, those with the most visits."""


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What was computed beside the findings; None where it could not be."""

    by_visits: ScanResult
    by_cases: ScanResult
    effort: Effort | None
    power: Power
    score: Score | None


def report(field: Field, results: Results) -> dict[str, Any]:
    """Put together the choices, the data used and left out, and what the numbers are worth.

    Parameters
    ----------
    field
        Cases, visits and surveyed streets.
    results
        What was computed of them.

    Returns
    -------
    report
        Texts, numbers, None, lists and dicts of these only. ``exposure.added`` lists the streets
        that count for a case alone; ``roads`` those with the most visits, with their patrols.
    """
    scan = results.by_visits
    return {
        "method": METHOD,
        "seed": scan.seed,
        "draws": scan.draws,
        "alpha": scan.alpha,
        "radii_m": list(scan.radii_m),
        "snap_limit_m": SNAP_LIMIT_M,
        "period": dict(zip(("from", "to"), map(str, field.cases.period), strict=True)),
        "events": _events(field),
        "visits": _visits(field) | {"used": scan.n, "left_out": scan.left_out},
        "exposure": _exposure(field),
        "overall": _overall(scan),
        "cases": _overall(results.by_cases) | {"n": results.by_cases.n},
        "effort": None if results.effort is None else _overall(results.effort.scan),
        "power": _power(results.power),
        "score": None if results.score is None else _score(results.score),
        "weekly": _weekly(field),
        "roads": _roads(field),
    }


def _events(field: Field) -> dict[str, Any]:
    cases = field.cases
    return {"total": cases.total, "used": len(cases), "dropped": list(cases.dropped)}


def _visits(field: Field) -> dict[str, Any]:
    visits = field.visits
    return {
        "count": len(visits),
        "mean_size": round(float(visits.size.mean()), 3),
        "largest": int(visits.size.max()),
        "dispersion": round(visits.dispersion, 3),
    }


def _exposure(field: Field) -> dict[str, Any]:
    survey, network = field.survey, field.network
    added: dict[str, dict[str, Any]] = {}
    for at in np.flatnonzero(survey.source == ADDED).tolist():
        name = str(field.names[at])
        row = added.setdefault(name, {"road_name": name or None, "length_m": 0.0, "keys": []})
        row["length_m"] = round(row["length_m"] + float(network.lengths_m[at]), 1)
        held = np.flatnonzero(field.case_places.segment == at)
        row["keys"] += [field.cases.keys[case] for case in held]
    return {
        "rule": survey.rule,
        "length_m": round(float(survey.exposure_m.sum()), 1),
        "network_m": round(network.length_m, 1),
        "parts": int((network.component_lengths_m > 0).sum()),
        "patrols": survey.patrols,
        "patrols_placed": int(survey.patrols_at.is_placed.sum()),
        "added": list(added.values()),
    }


def _overall(scan: ScanResult) -> dict[str, Any]:
    as_strong = round(scan.p_value * (1 + scan.draws)) - 1
    return {"p_value": scan.p_value, "at_least_as_strong": as_strong}


def _power(power: Power) -> dict[str, Any]:
    return {
        "window_m": power.stretch_m,
        "draws": power.draws,
        "curve": [{"ratio": ratio, "power": share} for ratio, share in power.curve],
        "smallest_ratio": power.smallest_ratio,
        "share": SHARE,
    }


def _score(score: Score) -> dict[str, Any]:
    values = asdict(score)
    return values | {
        "periods": list(score.periods),
        "curve": [list(pair) for pair in score.curve],
    }


def _weekly(field: Field) -> list[dict[str, Any]]:
    of_case, of_visit = weeks(field.cases.day), weeks(field.visits.day)
    step = np.timedelta64(7, "D")
    return [
        {
            "from": str(week),
            "cases": int((of_case == week).sum()),
            "visits": int((of_visit == week).sum()),
        }
        for week in np.arange(of_case.min(), of_case.max() + step, step)
    ]


def _roads(field: Field) -> list[dict[str, Any]]:
    survey = field.survey
    patrols_at = survey.moved(survey.patrols_at)
    held = field.names[field.visit_places.segment]
    cases = field.names[field.case_places.segment]
    patrolled = field.names[patrols_at.segment[patrols_at.is_placed]]
    names, visits = np.unique(held[held != ""].astype(str), return_counts=True)
    rows = [
        {
            "road_name": name,
            "surveyed_m": round(float(survey.exposure_m[field.names == name].sum()), 1),
            "visits": count,
            "cases": int((cases == name).sum()),
            "patrols": int((patrolled == name).sum()),
        }
        for name, count in zip(names.tolist(), visits.tolist(), strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["visits"], row["road_name"]))[:ROADS]
