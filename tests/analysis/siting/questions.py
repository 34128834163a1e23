"""Small siting questions whose answers can be counted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from geosvc.analysis.siting.problem import SitingProblem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CRS = "EPSG:4549"


def at(
    places: Sequence[float | tuple[float, float]],
    columns: Mapping[str, Sequence[Any]] | None = None,
) -> gpd.GeoDataFrame:
    """Points on the street, or beside it where two numbers are given."""
    xy = [place if isinstance(place, tuple) else (place, 0.0) for place in places]
    geometry = [shapely.Point(one) for one in xy]
    return gpd.GeoDataFrame(dict(columns or {}), geometry=geometry, crs=CRS)


def streets(*lines: Sequence[tuple[float, float]]) -> gpd.GeoDataFrame:
    """Streets with names: one of 1 km unless others are given."""
    given = lines or ([(0.0, 0.0), (1000.0, 0.0)],)
    names = [f"street {number}" for number in range(len(given))]
    return gpd.GeoDataFrame(
        {"name": names}, geometry=[shapely.LineString(line) for line in given], crs=CRS
    )


def frames(
    demand: Mapping[float, float],
    parcels: Mapping[str, float],
    standing: Mapping[str, float] | None = None,
) -> dict[str, gpd.GeoDataFrame]:
    """Layers by where things are on the street: weights by place, places by key."""
    stands = standing or {}
    return {
        "roads": streets(),
        "homes": at(list(demand), {"amount": list(demand.values())}),
        "parcels": at(
            list(parcels.values()),
            {"id": list(parcels), "bays": [10] * len(parcels), "cost": [100.0] * len(parcels)},
        ),
        "washes": at(list(stands.values()), {"id": list(stands), "bays": [5] * len(stands)}),
    }


SETTINGS: dict[str, Any] = {
    "streets": {"layer": "roads", "name": "name"},
    "demand": [{"layer": "homes", "amount": "amount", "weight": 1}],
    "candidates": {"layer": "parcels", "key": "id", "bays": "bays", "cost": "cost"},
    "existing": {"layer": "washes", "key": "id", "bays": "bays"},
    "added": 2,
    "draws": 5,
    "time_limit_s": 30,
}


def question(
    demand: Mapping[float, float],
    parcels: Mapping[str, float],
    standing: Mapping[str, float] | None = None,
    /,
    **settings: Any,  # noqa: ANN401 - JSON of any kind
) -> SitingProblem:
    """One question on the street; settings replace those above."""
    return SitingProblem.of(frames(demand, parcels, standing), {**SETTINGS, **settings})


DEMAND = {0.0: 4.0, 100.0: 2.0, 400.0: 1.0, 700.0: 3.0, 1000.0: 2.0}
PARCELS = {"a": 50.0, "b": 300.0, "c": 650.0, "d": 950.0}
STANDING = {"w": 500.0}
