"""The question: who needs a site, where one can stand, what binds, and how far it is.

Frames are in one metric CRS. Ways are measured along streets; the way from a point or from the
edge of a parcel to its nearest street is added at both ends and told.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from geosvc.analysis.siting.access import Access, reach_streets, ways
from geosvc.analysis.siting.asked import Asked, refused
from geosvc.analysis.siting.demand import Demand, DemandKind, demand_points
from geosvc.analysis.siting.goal import Goal
from geosvc.analysis.siting.rules import EXAMPLE_ZONES, Rule
from geosvc.analysis.siting.sites import Sites, read_sites
from geosvc.network import StreetNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

SNAP_LIMIT_M: Final = 2000.0
"""How far from any street a place may lie, unless a person sets it."""


@dataclass(frozen=True, eq=False)
class SitingProblem:
    """One question, all of it: give it to `solve_problem`.

    ``distances_m`` is demand x sites, infinite where no street leads. ``streets`` are the names of
    the network's lines (None: no name). ``frames`` are the layers, kept for rules at other points.
    """

    goal: Goal
    demand: Demand
    sites: Sites
    rules: tuple[Rule, ...]
    network: StreetNetwork
    streets: tuple[str | None, ...]
    demand_access: Access
    site_access: Access
    distances_m: Floats
    snap_limit_m: float
    frames: Mapping[str, gpd.GeoDataFrame]

    @classmethod
    def of(
        cls, frames: Mapping[str, gpd.GeoDataFrame], settings: Mapping[str, Any]
    ) -> SitingProblem:
        """Build one from layers and plain settings.

        Parameters
        ----------
        frames
            By layer id, all in one metric CRS.
        settings
            JSON. ``streets`` (``layer``, ``name``: a field), ``demand`` (a list, see `DemandKind`),
            ``candidates``, ``existing``, ``keep``, ``exclude`` (see `read_sites`), ``rules`` (a
            list, see `Rule`; the county's exclusion zones where it is missing and the layer is
            there), ``as_of`` (a date), ``snap_limit_m``, and the names of `Goal`.

        Raises
        ------
        AnalysisError
            "siting_setting" with the setting at fault.

        Examples
        --------
        >>> import geopandas as gpd
        >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1, 5], [0, 0]), crs=4549)
        >>> street = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (9, 0)])], crs=4549)
        >>> frames = {"points": points, "roads": street}
        >>> problem = SitingProblem.of(
        ...     frames, {"demand": [{"layer": "points"}], "candidates": {"layer": "points"}})
        >>> problem.distances_m.tolist()
        [[0.0, 4.0], [4.0, 0.0]]
        """
        asked = Asked(settings)
        _hold_crs(frames)
        network, streets = _streets(asked.table("streets"), frames)
        kinds = [DemandKind.of(kind) for kind in asked.tables("demand")]
        demand = demand_points(frames, kinds, as_of=_date(asked))
        rules = _rules(asked, frames)
        sites = read_sites(asked, frames, rules)
        limit_m = asked.number("snap_limit_m", SNAP_LIMIT_M)
        goal = Goal.of(asked)
        asked.done()
        _hold_bays(goal, sites)
        ours = reach_streets(
            network, np.array(shapely.points(demand.xy), dtype=object), limit_m=limit_m
        )
        theirs = reach_streets(network, sites.geometry, limit_m=limit_m)
        return cls(
            goal=goal,
            demand=demand,
            sites=sites,
            rules=tuple(rules),
            network=network,
            streets=streets,
            demand_access=ours,
            site_access=theirs,
            distances_m=ways(network, ours, theirs),
            snap_limit_m=limit_m,
            frames=frames,
        )

    @property
    def standing(self) -> Integers:
        """The sites that stand."""
        return np.flatnonzero(self.sites.standing)

    @cached_property
    def usable(self) -> Booleans:
        """What a plan can open: sites that stand, and parcels on a street within the rules."""
        placed = self.site_access.places.is_placed
        return np.asarray(self.sites.standing | (placed & ~self.sites.excluded), dtype=np.bool_)

    @cached_property
    def connected(self) -> Booleans:
        """The demand from which some usable site can be reached, however far."""
        reached = np.isfinite(self.distances_m[:, self.usable]).any(axis=1)
        return np.asarray(reached, dtype=np.bool_)

    @cached_property
    def costs_m(self) -> Floats:
        """What a plan counts: the distances with soft penalties, infinite beyond the reach."""
        within = np.where(self.distances_m <= self.goal.reach_m, self.distances_m, np.inf)
        return within + self.sites.penalty_m

    @cached_property
    def room(self) -> Floats:
        """What each site holds a day, infinite where the objective does not ask."""
        each = self.goal.washes_per_bay_day
        if each is None:
            return np.full(len(self.sites), np.inf)
        return self.sites.bays * each

    def street_of(self, access: Access, row: int) -> str | None:
        """Return the name of the street that a place is reached from."""
        line = int(access.line[row])
        return None if line < 0 else self.streets[line]


def _hold_crs(frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    known = {gdf.crs for gdf in frames.values() if gdf.crs is not None}
    if len(known) > 1 or any(crs.is_geographic for crs in known):
        msg = "all frames must be in one metric CRS"
        raise ValueError(msg)


def _streets(
    asked: Asked, frames: Mapping[str, gpd.GeoDataFrame]
) -> tuple[StreetNetwork, tuple[str | None, ...]]:
    layer, name = asked.text("layer", "roads"), asked.text("name")
    asked.done()
    if layer not in frames:
        raise refused(layer, at="streets.layer")
    gdf = frames[layer]
    if name and name not in gdf.columns:
        raise refused(name, at="streets.name")
    names = gdf[name].tolist() if name else [None] * len(gdf)
    said = tuple(value if isinstance(value, str) else None for value in names)
    return StreetNetwork.from_lines(gdf), said


def _date(asked: Asked) -> pd.Timestamp | None:
    text = asked.text("as_of")
    if not text:
        return None
    try:
        return pd.Timestamp(text)
    except ValueError as error:
        raise refused(text, at="as_of") from error


def _rules(asked: Asked, frames: Mapping[str, gpd.GeoDataFrame]) -> list[Rule]:
    if asked.plain("rules") is not None:
        return [Rule.of(rule) for rule in asked.tables("rules")]
    return [EXAMPLE_ZONES] if EXAMPLE_ZONES.layer in frames else []


def _hold_bays(goal: Goal, sites: Sites) -> None:
    """Refuse to fill sites of which nobody knows how much they hold."""
    new = ~sites.standing & (goal.objective == "capacitated")
    needed = goal.has_room & (sites.standing | new)
    unknown = np.flatnonzero(needed & np.isnan(sites.bays))
    if len(unknown):
        table = "existing" if sites.standing[unknown[0]] else "candidates"
        raise refused(sites.keys[unknown[0]], at=f"{table}.bays")
