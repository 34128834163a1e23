"""Depots: where a fleet stands at night, as a person points it out, with its vehicles as demand.

Nobody knows where vehicles park, so a fleet counts only where a person gave places for it. The
vehicles of a place are those that the person wrote; the rest of the fleet, as the layer counts it,
is shared evenly by the places without a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import shapely

from geosvc.analysis.siting.asked import Asked, refused
from geosvc.crs import CRS84

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.workspace.reader import Workspace

PREFIX: Final = ":depots."
"""Begins the name of a layer that is made of depots: no layer file can have it."""
VEHICLES: Final = "vehicles"

_MOST_POINTS: Final = 200
_WITH_NUMBER: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """The depots of one kind of vehicle: their places in CRS84, and the demand that they mean."""

    layer: str
    frame: gpd.GeoDataFrame
    demand: Mapping[str, Any]


def read_depots(workspace: Workspace, wishes: Mapping[str, Any]) -> list[Fleet]:
    """Read the depots of wishes.

    Parameters
    ----------
    workspace
        Has the layer that counts the fleets.
    wishes
        ``depots`` has ``layer``, ``key`` (the field of the kind), ``count`` (of vehicles) and
        ``kinds``, each with ``name`` (a value of the key), ``weight`` and ``points``: longitude,
        latitude and, if known, vehicles.

    Returns
    -------
    fleets
        One for each kind with a point.

    Raises
    ------
    AnalysisError
        If a kind is not counted, a place lies nowhere, or more vehicles are given than there are.
    LayerUnavailableError
        If the layer has nothing to show.
    """
    table = Asked(wishes.get("depots") or {}, "depots")
    layer, key, count = (table.text(name) for name in ("layer", "key", "count"))
    kinds = table.tables("kinds")
    table.done()
    if not kinds:
        return []
    if layer not in workspace.catalog.layers:
        raise refused(layer, at="depots.layer")
    frame = workspace.frame(layer)
    for name, column in (("key", key), ("count", count)):
        if column not in frame.columns:
            raise refused(column, at=f"depots.{name}")
    sizes = dict(zip(frame[key].astype(str), frame[count].astype(float), strict=True))
    found = [_fleet(asked, sizes, f"depots.kinds[{number}]") for number, asked in enumerate(kinds)]
    return [fleet for fleet in found if len(fleet.frame)]


def _fleet(asked: Asked, sizes: Mapping[str, float], at: str) -> Fleet:
    name = asked.text("name")
    given = asked.values("points")
    demand: dict[str, Any] = {"name": name, "layer": f"{PREFIX}{name}", "amount": VEHICLES}
    if asked.has("weight"):
        # a weight that nobody set is an example
        demand["weight"] = asked.number("weight", 1.0)
    asked.done()
    if name not in sizes:
        raise refused(name, at=f"{at}.name")
    if len(given) > _MOST_POINTS:
        raise refused(len(given), at=f"{at}.points")
    places = [_place(point, f"{at}.points") for point in given]
    vehicles = shared([place[2:] for place in places], sizes[name])
    if vehicles is None:
        raise refused(sum(sum(place[2:]) for place in places), at=f"{at}.points")
    points = [shapely.Point(place[:2]) for place in places]
    frame = gpd.GeoDataFrame({VEHICLES: vehicles}, geometry=points, crs=CRS84)
    return Fleet(f"{PREFIX}{name}", frame, demand)


def _place(point: object, at: str) -> tuple[float, ...]:
    place = Asked({"point": point}, at).numbers("point", least=-180.0)
    is_whole = len(place) in {2, _WITH_NUMBER} and abs(place[0]) <= 180 and abs(place[1]) <= 90  # noqa: PLR2004 - degrees
    if not is_whole or any(part < 0 for part in place[2:]):
        raise refused(point, at=at)
    return place


def shared(given: Sequence[Sequence[float]], total: float) -> list[float] | None:
    """Share the vehicles that are left among the places without a number.

    Returns
    -------
    vehicles
        Of each place; None if more are given than there are.

    Examples
    --------
    >>> shared([(), (40.0,), ()], 100), shared([(40.0,)], 100), shared([(140.0,)], 100)
    ([30.0, 40.0, 30.0], [40.0], None)
    >>> shared([], 100)
    []
    """
    rest = total - sum(sum(one) for one in given)
    if rest < 0:
        return None
    open_ = sum(not one for one in given)
    return [one[0] if one else rest / open_ for one in given]
