"""Before and after as a layer: the streets that are compared, and what the comparison says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geosvc.analysis.areas import CONTROL, RING, ROLES, TREATED, comparable, draw_areas
from geosvc.analysis.cases import SNAP_LIMIT_M, read_cases, some
from geosvc.analysis.evaluation import before_after, detectable
from geosvc.analysis.matched import Sets
from geosvc.analysis.places import lay_places
from geosvc.analysis.steps import read_steps
from geosvc.analysis.visits import group_visits
from geosvc.errors import AnalysisError
from geosvc.network import Snapped, StreetNetwork

if TYPE_CHECKING:
    from geosvc.analysis.areas import Areas
    from geosvc.analysis.cases import Cases
    from geosvc.analysis.evaluation import Power
    from geosvc.analysis.steps import Steps

METHOD: Final = "street_before_after 1.0"

_NOT_YET: Final = (
    *("control", "control_ring", "wdd", "wdd_places", "wdd_rings", "rate_ratio", "placebo"),
)

_WAITS: Final = {
    "sites": ("opened_on", ("phase", "open", False)),
    "shops": ("action_date", ("action", "pending", True)),
}


def street_before_after(  # noqa: PLR0913 - the inputs and parameters of the layer file
    events: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    shops: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    *,
    treated_m: float = 500.0,
    ring_m: float = 1500.0,
    draws: int = 999,
    seed: int = 1,
) -> gpd.GeoDataFrame:
    """Compare cases before and after around car-wash sites that opened, and shops dealt with.

    Sites and shops are two comparisons. Each step has as many whole weeks before its day as after
    it. Its place is compared with disjoint places beyond the rings of all steps of both, laid
    without looking at the number of cases, of which those are kept that had about as many cases in
    the same weeks before.

    Parameters
    ----------
    events
        Points in a metric CRS, with ``captured_at`` and, where known, ``patrol_id``.
    streets
        Lines in the same CRS.
    shops
        Points by key, with ``action_date``; not yet those whose ``action`` is ``pending``.
    sites
        Points by key, with ``opened_on``; not yet those whose ``phase`` is not ``open``.
    treated_m
        The area of a place: streets within this network distance.
    ring_m
        The ring around it, where cases may have moved to, ends here.
    draws, seed
        Of the placebo rank; the seed also decides where places are laid.

    Returns
    -------
    areas
        One row an area, MultiLineStrings: ``area_id``, ``comparison`` (``sites``, ``shops``),
        ``role`` (``treated``, ``ring``, ``control``, ``control_ring``), ``step`` (the key of the
        site or shop), ``acted_on``, ``weeks`` (on either side), ``before``, ``after`` (cases),
        ``length_m``. None where a step has no weeks to compare; around a planned site ``before``
        holds all cases. ``attrs["report"]`` says what was used and dropped, and below ``sites`` and
        ``shops`` what `geosvc.analysis.evaluation.Evaluation` says, ``places`` and ``steps``. The
        status of a comparison without any step that was done is ``not_open_yet``; its power is as
        if as many cases came again.

    Raises
    ------
    AnalysisError
        If there are no streets, or no cases to compare (see `read_cases`).
    ValueError
        If the frames are not in one metric CRS, or ``ring_m`` is not longer than ``treated_m``.
    """
    frames = (events, streets, shops, sites)
    if (
        streets.crs is None
        or streets.crs.is_geographic
        or any(f.crs != streets.crs for f in frames)
    ):
        msg = "all frames must be in one metric CRS"
        raise ValueError(msg)
    if not 0 < treated_m < ring_m:
        msg = "ring_m must be longer than treated_m, and both positive"
        raise ValueError(msg)
    if not len(streets):
        reason = "no_streets"
        raise AnalysisError(reason)
    town = _Town.of(events, streets, reach_m=(treated_m, ring_m))
    steps = {
        name: _steps(name, frame, town) for name, frame in (("sites", sites), ("shops", shops))
    }
    acted = _joined([found.chosen(found.is_dated).places for found in steps.values()])
    tables, said = [], {}
    for name, found in steps.items():
        compared = _Compared.of(town, found, acted, seed=seed)
        tables.append(compared.table(name, crs=streets.crs))
        said[name] = compared.report(town, found, draws=draws, seed=seed)
    result = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=streets.crs)
    preface = _preface(town) | {"draws": draws, "seed": seed}
    result.attrs["report"] = preface | said
    return result


@dataclass(frozen=True, slots=True, eq=False)
class _Town:
    """The streets, the cases on them, and how far areas and rings reach."""

    network: StreetNetwork
    cases: Cases
    visits: int
    dispersion: float
    reach_m: tuple[float, float]

    @classmethod
    def of(
        cls, events: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, *, reach_m: tuple[float, float]
    ) -> _Town:
        """Place the cases on the streets and group them to visits."""
        network = StreetNetwork.from_lines(streets)
        cases = read_cases(events, network)
        visits = group_visits(network, cases)
        return cls(network, cases, len(visits), visits.dispersion, reach_m)


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """Steps of one kind that have areas: the dated ones, or where none is, all (``is_planned``)."""

    steps: Steps
    is_planned: bool
    laid: int
    areas: Areas

    @classmethod
    def of(cls, town: _Town, every: Steps, acted: Snapped, *, seed: int) -> _Compared:
        """Find comparable places beyond all that was done (``acted``), and draw the areas."""
        network, cases, (treated_m, ring_m) = town.network, town.cases, town.reach_m
        is_planned = not every.is_dated.any()
        # nothing is laid around what is only planned
        laid, group = some(acted, np.empty(0, np.int64)), np.empty(0, dtype=np.int64)
        if is_planned:
            steps = every.chosen(every.places.is_placed).planned(cases)
        else:
            steps = every.chosen(every.is_dated)
            near, far = (cases.places, treated_m), (acted, treated_m + ring_m)
            laid = lay_places(network, near=near, far=far, seed=seed)
            group = comparable(network, cases, steps, laid, reach_m=treated_m)
        control = some(laid, group >= 0), group[group >= 0]
        areas = draw_areas(network, cases, steps, control, reach_m=town.reach_m)
        return cls(steps, is_planned, len(laid), areas)

    def table(self, name: str, *, crs: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - as geopandas takes it
        """Return the areas with any street as rows."""
        areas, drawn = self.areas, np.flatnonzero(self.areas.length_m > 0)
        step, place = areas.step[drawn], areas.place[drawn].tolist()
        role = [ROLES[number] for number in areas.role[drawn].tolist()]
        parts = zip(role, self.steps.keys[step], place, strict=True)
        weeks, counts = self.steps.weeks[step], areas.counts[drawn]
        table = gpd.GeoDataFrame(
            {
                "area_id": [
                    "-".join([name, *map(str, part)]).removesuffix("--1") for part in parts
                ],
                "comparison": [name] * len(drawn),
                "role": role,
                "step": self.steps.keys[step],
                "acted_on": self.steps.day[step].astype(str).astype(object),
                "weeks": pd.array(weeks, dtype="Int64"),
                "before": pd.array(counts[:, 0], dtype="Int64"),
                "after": pd.array(counts[:, 1], dtype="Int64"),
                "length_m": areas.length_m[drawn],
            },
            geometry=areas.lines[drawn],
            crs=crs,
        )
        table.loc[weeks == 0, ["weeks", "before", "after"]] = pd.NA
        if self.is_planned:
            table[["weeks", "after"]] = pd.NA
            table["acted_on"] = None
        return table

    def report(self, town: _Town, every: Steps, *, draws: int, seed: int) -> dict[str, Any]:
        """Return what the comparison says, power first."""
        if self.is_planned:
            return self._plan(town, every)
        (rings, weights), sets = self.areas.rings, self.areas.sets
        found = before_after(
            sets,
            rings=rings,
            ring_weights=weights,
            dispersion=town.dispersion,
            draws=draws,
            seed=seed,
        )
        steps = _used(self.steps, self.areas)
        # without controls, as for a plan
        power = {} if steps else {"power": asdict(self._power(town))}
        reasons = _reasons(every) | {
            key: "no_controls"
            for key in self.steps.keys[self.steps.weeks > 0].tolist()
            if key not in {step["key"] for step in steps}
        }
        return (
            found.report()
            | power
            | {
                "places": {"laid": self.laid, "comparable": len(sets.group) - len(steps)},
                "steps": {"total": len(every), "used": steps, "dropped": _listed(reasons)},
            }
        )

    def _plan(self, town: _Town, every: Steps) -> dict[str, Any]:
        """Say what could be found once the steps are done, from the cases so far."""
        so_far = [self._before(role) for role in (TREATED, RING)]
        return {
            "status": "not_open_yet",
            "power": asdict(self._power(town)),
            "dispersion": round(town.dispersion, 3),
            "treated": {"before": so_far[0], "after": None},
            "ring": {"before": so_far[1], "after": None},
            **dict.fromkeys(_NOT_YET),
            "places": {"laid": 0, "comparable": 0},
            "steps": {"total": len(every), "used": [], "dropped": _listed(_reasons(every))},
        }

    def _power(self, town: _Town) -> Power:
        """Return what could be found if there were one control as large."""
        before = self._before(TREATED)
        counts = np.array([[before, 0], [before, 0]])
        alike = Sets(np.zeros(2, dtype=np.int64), np.array([True, False]), counts)
        return detectable(alike, dispersion=town.dispersion)

    def _before(self, role: int) -> int:
        return int(self.areas.counts[self.areas.role == role, 0].sum())


def _steps(name: str, frame: gpd.GeoDataFrame, town: _Town) -> Steps:
    column, waits = _WAITS[name]
    limit_m = town.reach_m[0]
    return read_steps(frame, town.network, town.cases, column=column, waits=waits, limit_m=limit_m)


def _joined(places: list[Snapped]) -> Snapped:
    parts = zip(*((held.segment, held.offset_m, held.distance_m) for held in places), strict=True)
    return Snapped(*(np.concatenate(part) for part in parts))


def _preface(town: _Town) -> dict[str, Any]:
    cases, (treated_m, ring_m) = town.cases, town.reach_m
    first, last = cases.period
    return {
        "method": METHOD,
        "treated_m": treated_m,
        "ring_m": ring_m,
        "snap_limit_m": SNAP_LIMIT_M,
        "period": {"from": str(first), "to": str(last)},
        "events": {"total": cases.total, "used": len(cases), "dropped": list(cases.dropped)},
        "visits": {"count": town.visits, "dispersion": round(town.dispersion, 3)},
    }


def _used(steps: Steps, areas: Areas) -> list[dict[str, Any]]:
    """Return the steps that were compared."""
    controls = np.bincount(areas.step[areas.role == CONTROL], minlength=len(steps))
    found = []
    for step in np.flatnonzero(controls).tolist():
        [before, after] = areas.counts[(areas.role == TREATED) & (areas.step == step)].sum(axis=0)
        found.append(
            {
                "key": steps.keys[step],
                "acted_on": str(steps.day[step]),
                "weeks": int(steps.weeks[step]),
                "before": int(before),
                "after": int(after),
                "comparable": int(controls[step]),
            }
        )
    return found


def _reasons(every: Steps) -> dict[str, str]:
    pairs = zip(every.keys.tolist(), every.reason.tolist(), strict=True)
    return {key: reason for key, reason in pairs if reason}


def _listed(reasons: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "reason": reason} for key, reason in sorted(reasons.items())]
