"""Hotspots on streets: where more visits found cases than chance would bring, and how sure it is.

From the cases as they were recorded to a table of stretches of street and a report of all that was
chosen, used and left out. The pieces: `cases`, `visits` and `exposure` make what is tested, `scan`
tests it, `findings` says what it is worth, `effort`, `power` and `score` what else to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from geosvc.analysis.effort import by_effort
from geosvc.analysis.findings import judged, ranked
from geosvc.analysis.hotspot_report import Results, report
from geosvc.analysis.hotspot_table import hotspot_table
from geosvc.analysis.power import power_curve
from geosvc.analysis.scan import Scanner, ScanResult
from geosvc.analysis.score import leave_one_out
from geosvc.analysis.surveyed import Field, Inputs, read_field
from geosvc.analysis.windows import MIN_VISITS
from geosvc.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd

    from geosvc.network import Snapped

POWER_DRAWS: Final = 200

STAGES: Final = {"survey": 5, "scan": 25, "cases": 40, "stability": 65, "effort": 80, "power": 90}
"""What is done, and how many hundredths of the work are done then; the score is the rest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody chose: windows, level, throws, seed, and where the period ends.

    ``until`` is the last day whose cases are tested; how the hotspots did afterwards is then told.
    """

    radii_m: tuple[float, ...]
    alpha: float
    draws: int
    seed: int
    until: date | None = None


def street_hotspots(  # noqa: PLR0913 - the method of a layer: its inputs and its parameters
    events: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    patrols: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    radii_m: Sequence[float],
    alpha: float,
    draws: int,
    seed: int,
    until: str = "",
    progress: Callable[[float, str], object] | None = None,
) -> gpd.GeoDataFrame:
    """Find stretches of street where visits found more than chance would bring.

    Parameters
    ----------
    events
        Cases: points with ``captured_at`` (text, datetimes or dates) and, where known,
        ``patrol_id``; their index is their key.
    streets
        Lines, with ``road_name`` where known.
    patrols
        Points or lines with ``started_at``; may be empty.
    areas
        Polygons whose streets count as surveyed where there are no patrols.
    radii_m
        How far windows reach along streets.
    alpha
        The level of the whole search.
    draws
        How many random throws.
    seed
        Of all that is random; the same seed gives the same result.
    until
        The last day (ISO 8601) whose cases are tested; how the hotspots did afterwards is then
        told. Empty for all days.
    progress
        As for `find_hotspots`.

    Returns
    -------
    hotspots
        One row a stretch, the strongest first, see `geosvc.analysis.hotspot_table`;
        ``attrs["report"]`` has everything else to know, see `geosvc.analysis.hotspot_report`.

    Raises
    ------
    AnalysisError
        If the data allow no answer: too few cases or visits, no times, no places, too many cases
        beside every street, all on one point, no streets, nothing surveyed.
    ValueError
        If the four are not in one metric CRS, or a parameter makes no sense.
    """
    last = date.fromisoformat(until) if until else None
    asked = Asked(tuple(radii_m), alpha, draws, seed, last)
    return find_hotspots(Inputs(events, streets, patrols, areas), asked, progress=progress)


def find_hotspots(
    inputs: Inputs, asked: Asked, *, progress: Callable[[float, str], object] | None = None
) -> gpd.GeoDataFrame:
    """Find hotspots as `street_hotspots` does, telling how far the work is.

    Parameters
    ----------
    inputs
        The four frames.
    asked
        The parameters.
    progress
        Told the share of the work that is done and the stage it is in: ``survey``, ``scan``,
        ``cases``, ``stability``, ``effort``, ``power``, ``score``. What it raises ends the work.

    Raises
    ------
    AnalysisError, ValueError
        As `street_hotspots` does.
    """
    tell = partial(_stage, progress)
    tell("survey")(0.0)
    field, following = read_field(inputs, until=asked.until)
    _refuse_few(len(field.visits))
    scanner = Scanner.prepare(
        field.network, exposure_m=field.survey.exposure_m, radii_m=asked.radii_m
    )
    by_visits = _scan(scanner, field.visit_places, asked, tell("scan"))
    by_cases = _scan(scanner, field.case_places, asked, tell("cases"))
    others = [_rescaled(field, asked, times, tell("stability")) for times in (0.5, 2.0)]
    findings = judged(by_visits, by_cases, field.visit_places, others=others)
    findings = ranked(findings, n=by_visits.n, seed=asked.seed)
    effort = None
    if field.survey.rule == "patrol_points":
        effort = by_effort(
            field.survey, field.visit_places, like=by_visits, progress=tell("effort")
        )
    power = power_curve(scanner, like=by_visits, draws=POWER_DRAWS, progress=tell("power"))
    score = leave_one_out(
        field.network,
        scanner.windows.reach,
        field.visit_places,
        day=field.visits.day,
        progress=tell("score"),
    )
    table = hotspot_table(findings, field, effort=effort, following=following)
    table.attrs["report"] = report(field, Results(by_visits, by_cases, effort, power, score))
    return table


def _stage(
    progress: Callable[[float, str], object] | None, stage: str
) -> Callable[[float], object]:
    """Return what takes the share of a stage and tells the share of all."""
    names = [*STAGES, "score"]
    ends = [0, *STAGES.values(), 100]
    begin, end = ends[names.index(stage)], ends[names.index(stage) + 1]

    def tell(share: float) -> None:
        if progress is not None:
            progress((begin + share * (end - begin)) / 100, stage)

    return tell


def _refuse_few(visits: int) -> None:
    if visits < MIN_VISITS:
        reason = "few_visits"
        raise AnalysisError(reason, visits=visits, least=MIN_VISITS)


def _scan(
    scanner: Scanner, places: Snapped, asked: Asked, progress: Callable[[float], object]
) -> ScanResult:
    return scanner.run(
        places, draws=asked.draws, alpha=asked.alpha, seed=asked.seed, progress=progress
    )


def _rescaled(
    field: Field, asked: Asked, times: float, progress: Callable[[float], object]
) -> ScanResult:
    """Scan visits with all radii multiplied."""
    radii_m = [times * radius_m for radius_m in asked.radii_m]
    scanner = Scanner.prepare(field.network, exposure_m=field.survey.exposure_m, radii_m=radii_m)
    return _scan(scanner, field.visit_places, asked, progress)
