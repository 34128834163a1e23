"""Findings as rows: a stretch of street each, with what it is called and what was found there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from geosvc.analysis.exposure import NOT
from geosvc.analysis.surveyed import drawn
from geosvc.network import Snapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.analysis.effort import Effort
    from geosvc.analysis.findings import Finding
    from geosvc.analysis.scan import Window
    from geosvc.analysis.surveyed import Field

COLUMNS: Final = {
    "hotspot_id": "str",
    "rank": "Int64",
    "level": "str",
    "reason": "str",
    "road_name": "str",
    "cross_roads": "str",
    "radius_m": "float64",
    "length_m": "float64",
    "exposure_m": "float64",
    "visits": "int64",
    "cases": "int64",
    "expected": "float64",
    "ratio": "float64",
    "ratio_next": "Float64",
    "p_value": "float64",
    "rank_low": "Int64",
    "rank_high": "Int64",
    "is_stable": "boolean",
    "patrols": "Int64",
    "expected_by_patrols": "Float64",
    "p_by_patrols": "Float64",
}
"""The columns of the table; text may be None."""


def hotspot_table(
    findings: Sequence[Finding],
    field: Field,
    *,
    effort: Effort | None = None,
    following: Field | None = None,
) -> gpd.GeoDataFrame:
    """Make a row of each finding, in their order.

    Parameters
    ----------
    findings
        Windows, and what they are worth.
    field
        What they were found in.
    effort
        Patrols to hold them against, where patrols have places.
    following
        The period after, where there is one.

    Returns
    -------
    hotspots
        `COLUMNS` and lines. ``ratio`` is visits for each expected by surveyed
        meters, and too high for being selected; ``ratio_next`` the same in the following period,
        None where nothing of the stretch was surveyed then. ``road_name`` has the most street of
        the stretch, ``cross_roads`` are the others. ``patrols`` began within it;
        ``expected_by_patrols`` visits would be there by meters times patrols, and
        ``p_by_patrols`` is the p-value against that.
    """
    rows = [
        {"hotspot_id": f"h{at + 1}"} | _row(finding, field, effort, following)
        for at, finding in enumerate(findings)
    ]
    table = pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=object if kind == "str" else kind)
            for name, kind in COLUMNS.items()
        }
    )
    lines = [
        drawn(field.network, window.segment, window.start_m, window.end_m)
        for window in (finding.window for finding in findings)
    ]
    return gpd.GeoDataFrame(table, geometry=lines, crs=field.crs)


def _row(
    finding: Finding, field: Field, effort: Effort | None, following: Field | None
) -> dict[str, Any]:
    window = finding.window
    names = _roads(window, field)
    expected = p = None
    if effort is not None:
        expected, p = effort.of(window, finding.visits)
    return {
        "rank": finding.rank,
        "level": finding.level,
        "reason": finding.reason,
        "road_name": names[0] if names else None,
        "cross_roads": "、".join(names[1:]) or None,
        "radius_m": window.radius_m,
        "length_m": round(window.length_m, 1),
        "exposure_m": round(window.exposure_m, 1),
        "visits": finding.visits,
        "cases": int(window.holds(field.case_places).sum()),
        "expected": round(finding.expected, 3),
        "ratio": round(finding.visits / finding.expected, 2),
        "ratio_next": _ratio_next(window, following),
        "p_value": finding.p_value,
        "rank_low": finding.rank_low,
        "rank_high": finding.rank_high,
        "is_stable": finding.is_stable,
        "patrols": _patrols(window, field),
        "expected_by_patrols": None if expected is None else round(expected, 3),
        "p_by_patrols": p,
    }


def _roads(window: Window, field: Field) -> list[str]:
    """Return the names of a window's streets, the one with the most street first."""
    length_m: dict[str, float] = {}
    for name, long in zip(
        field.names[window.segment], (window.end_m - window.start_m).tolist(), strict=True
    ):
        length_m[name] = length_m.get(name, 0.0) + long
    return sorted(filter(None, length_m), key=lambda name: (-round(length_m[name], 3), name))


def _patrols(window: Window, field: Field) -> int | None:
    if field.survey.rule != "patrol_points":
        return None
    return int(window.holds(field.survey.moved(field.survey.patrols_at)).sum())


def _ratio_next(window: Window, following: Field | None) -> float | None:
    if following is None:
        return None
    middle = Snapped(window.segment, (window.start_m + window.end_m) / 2, window.start_m * 0)
    survey = following.survey
    is_surveyed = survey.source[survey.moved(middle).segment] != NOT
    exposure_m = float((window.end_m - window.start_m)[is_surveyed].sum())
    visits = window.holds(following.visits.places)
    if not exposure_m > 0:
        return None
    expected = len(visits) * exposure_m / float(survey.exposure_m.sum())
    return round(float(visits.sum()) / expected, 2)
