"""Faults of geometry: missing, of the wrong kind, invalid, or far from where the layer should be.

Nothing is repaired: a polygon that crosses itself is refused, since only its author knows what was
meant. A Z is dropped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geosvc.crs import Geometries, datum_of, from_crs84, metric_crs

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd
    import numpy.typing as npt

    from geosvc.catalog.model import GeometryType
    from geosvc.ingest.records import Faults

GEOMETRY = "geometry"
"""The name under which faults of geometry are listed; no field can have it."""

WITHIN_M = 20_000.0
"""How far outside its ``within`` layer a feature may reach, in meters."""

_DEGREES = (180.0, 90.0)

_KINDS: dict[GeometryType, tuple[str, ...]] = {
    "Point": ("Point",),
    "LineString": ("LineString", "MultiLineString"),
    "Polygon": ("Polygon", "MultiPolygon"),
    "None": (),
}


def check_kind(
    geometry: Geometries, kind: GeometryType, faults: Faults, *, unread: Collection[int] = ()
) -> Geometries:
    """Find rows without a geometry, or with one of the wrong kind.

    Parameters
    ----------
    geometry
        Geometries or None, shape (n,).
    kind
        The kind that the schema asks for; its Multi form fits too, save for points.
    faults
        Takes the faults.
    unread
        Rows whose fault is told already, counted from 0.

    Returns
    -------
    geometry
        The same in two dimensions.

    Examples
    --------
    >>> from geosvc.ingest.records import Faults
    >>> faults = Faults("a.geojson")
    >>> check_kind(np.array([shapely.Point(1, 2, 3), None], dtype=object), "Point", faults)[0].wkt
    'POINT (1 2)'
    >>> [issue.code for issue in faults.issues]
    ['null_geometry']
    >>> check_kind(np.array([], dtype=object), "Point", faults).tolist()
    []
    """
    names = [item.geom_type if item is not None else "" for item in geometry]
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    for row, name in enumerate(names):
        if row in unread:
            continue
        if name and name not in _KINDS[kind]:
            faults.add("wrong_geometry", row, key=GEOMETRY, found=name, expected=kind)
        elif empty[row]:
            faults.add("null_geometry", row, key=GEOMETRY)
    # GEOS warns of coordinates that are not finite, and those are told row by row
    with np.errstate(invalid="ignore"):
        return np.asarray(shapely.force_2d(geometry), dtype=object)


def check_valid(geometry: Geometries, faults: Faults) -> None:
    """Find geometries in CRS84 that lie nowhere or are not valid.

    Parameters
    ----------
    geometry
        Geometries in degrees, or None in rows that have a fault already; shape (n,).
    faults
        Takes the faults.

    Examples
    --------
    >>> from geosvc.ingest.records import Faults
    >>> faults = Faults("a.geojson")
    >>> check_valid(shapely.points([[121, 33], [500, 33]]), faults)
    >>> [(issue.code, issue.row) for issue in faults.issues]
    [('invalid_geometry', 2)]
    >>> check_valid(np.array([], dtype=object), faults)
    """
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    nowhere = ~((np.abs(xy) <= _DEGREES).all(axis=1))
    lost = np.unique(owner[nowhere])
    for row in lost.tolist():
        x, y = xy[(owner == row) & nowhere][0].tolist()
        faults.add("invalid_geometry", row, key=GEOMETRY, found=f"{x:g}, {y:g}")
    placed = np.setdiff1d(np.unique(owner), lost)
    broken = placed[~shapely.is_valid(geometry[placed])]
    reasons = np.atleast_1d(shapely.is_valid_reason(geometry[broken]))
    for row, reason in zip(broken.tolist(), reasons.tolist(), strict=True):
        faults.add("invalid_geometry", row, key=GEOMETRY, found=reason)


def check_within(
    geometry: Geometries, area: gpd.GeoDataFrame, faults: Faults, *, name: str
) -> None:
    """Find geometries that reach more than 20 km outside an area.

    Parameters
    ----------
    geometry
        Valid geometries in CRS84, or None; shape (n,).
    area
        The features of the ``within`` layer in CRS84; without any there is nothing to check.
    faults
        Takes the faults.
    name
        The id of the ``within`` layer.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geosvc.ingest.records import Faults
    >>> area = gpd.GeoDataFrame(geometry=[shapely.box(121, 33, 121.2, 33.2)], crs="OGC:CRS84")
    >>> faults = Faults("a.geojson")
    >>> check_within(shapely.points([[121.3, 33.1], [0, 0]]), area, faults, name="boundary")
    >>> [(issue.code, issue.row, issue.found) for issue in faults.issues]
    [('outside', 2, '0.00000, 0.00000')]
    >>> check_within(np.array([], dtype=object), area, faults, name="boundary")
    """
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    if area.empty or not len(xy):
        return
    outside = ~_near(xy, area)
    rows, first = np.unique(owner[outside], return_index=True)
    for row, (lon, lat) in zip(rows.tolist(), xy[outside][first].tolist(), strict=True):
        found = f"{lon:.5f}, {lat:.5f}"
        faults.add("outside", row, key=GEOMETRY, found=found, expected=name)


def only_rows(geometry: Geometries, rows: list[int], *, drop: bool = False) -> Geometries:
    """Keep the geometries of some rows.

    Parameters
    ----------
    geometry
        Geometries or None, shape (n,).
    rows
        Which to keep, counted from 0.
    drop
        Whether the others leave the array; by default None stands for them.

    Returns
    -------
    geometry
        Shape (n,), or the number of rows.

    Examples
    --------
    >>> places = shapely.points([[1, 2], [3, 4]])
    >>> only_rows(places, [1])[0] is None, len(only_rows(places, [1], drop=True))
    (True, 1)
    >>> only_rows(places, [], drop=True).tolist()
    []
    """
    index = np.asarray(rows, dtype=np.intp)
    if drop:
        return geometry[index]
    kept = np.full(len(geometry), None, dtype=object)
    kept[index] = geometry[index]
    return kept


def _near(xy: npt.NDArray[np.float64], area: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    west, south, east, north = area.total_bounds
    # a projection says nothing of places far from its meridian: those fail by their degrees
    high = 2 * WITHIN_M / 110_000
    wide = high / max(math.cos(math.radians(min(max(abs(south), abs(north)) + high, 89))), 0.01)
    near: npt.NDArray[np.bool_] = (
        (xy[:, 0] >= west - wide)
        & (xy[:, 0] <= east + wide)
        & (xy[:, 1] >= south - high)
        & (xy[:, 1] <= north + high)
    )
    datum = datum_of(metric_crs(area))
    ground = shapely.union_all(from_crs84(area.geometry.to_numpy(), datum))
    shapely.prepare(ground)
    places: Any = shapely.points(xy[near])
    near[near] = shapely.dwithin(ground, from_crs84(places, datum), WITHIN_M)
    return near
