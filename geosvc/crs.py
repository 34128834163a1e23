"""Coordinate systems and datums: from any declared datum to CRS84 and back.

Coordinates are x first everywhere: east or longitude, then north or latitude, whatever axis order
an authority declares (EPSG:4490 is lat, lon and EPSG:4549 is X north). CRS84 stands for WGS84 and
CGCS2000 alike: the two agree to centimeters, so going between them is the one null transformation
that is taken without being asked for. Every other transformation must be a single one that PROJ
knows the accuracy of.

The formulas of GCJ-02 and BD-09 stand in `geosvc.gcj02`.
"""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as ProjCrsError
from pyproj.transformer import TransformerGroup

from geosvc.errors import CrsError, Issue
from geosvc.gcj02 import (
    Degrees,
    Pair,
    bd09_to_gcj02,
    bd09mc_to_bd09,
    finite_pair,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_gcj02,
)
from geosvc.zones import metric_code

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

__all__ = [
    "CRS84",
    "Datum",
    "bd09_to_gcj02",
    "bd09mc_to_bd09",
    "datum_of",
    "from_crs84",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "metric_crs",
    "parse_datum",
    "to_crs84",
    "wgs84_to_gcj02",
]

Geometries: TypeAlias = npt.NDArray[np.object_]
Move: TypeAlias = "Callable[[Degrees, Degrees], Pair]"

_RETURN_M = 0.01
_RETURN_DEG = 1e-7

CRS84 = "OGC:CRS84"
"""The CRS of all frames between modules: WGS84, longitude first."""


@dataclass(frozen=True, slots=True)
class Datum:
    """A datum or CRS whose coordinates can be brought to CRS84.

    ``name`` is its canonical text: ``WGS84``, ``CGCS2000``, ``GCJ-02``, ``BD-09``, ``BD-09MC`` or
    ``EPSG:<code>``. Coordinates of a geographic one are degrees.
    """

    name: str
    is_geographic: bool


_NAMED = {
    "WGS84": Datum("WGS84", is_geographic=True),
    "CRS84": Datum("WGS84", is_geographic=True),
    "OGCCRS84": Datum("WGS84", is_geographic=True),
    "EPSG4326": Datum("WGS84", is_geographic=True),
    "CGCS2000": Datum("CGCS2000", is_geographic=True),
    "EPSG4490": Datum("CGCS2000", is_geographic=True),
    "GCJ02": Datum("GCJ-02", is_geographic=True),
    "BD09": Datum("BD-09", is_geographic=True),
    "BD09LL": Datum("BD-09", is_geographic=True),
    "BD09MC": Datum("BD-09MC", is_geographic=False),
}
_NEEDS_LOCAL = {
    "BEIJING54": "EPSG:4214",
    "BEIJING1954": "EPSG:4214",
    "北京54": "EPSG:4214",
    "XIAN80": "EPSG:4610",
    "XIAN1980": "EPSG:4610",
    "西安80": "EPSG:4610",
}


def parse_datum(text: str) -> Datum:
    """Understand the name of a datum or CRS.

    Parameters
    ----------
    text
        ``WGS84``, ``CGCS2000``, ``GCJ-02``, ``BD-09``, ``BD-09MC`` or ``EPSG:<code>``; case,
        spaces, hyphens and underscores do not matter.

    Returns
    -------
    datum
        With its canonical name.

    Raises
    ------
    CrsError
        If the name is unknown, or PROJ can only do the transformation as a ballpark or by a choice
        of variants (Beijing 1954, Xian 1980 and others), where the local parameters are needed.

    Examples
    --------
    >>> parse_datum("gcj02").name, parse_datum("epsg:4549").is_geographic
    ('GCJ-02', False)
    >>> parse_datum("")
    Traceback (most recent call last):
    geosvc.errors.CrsError: no datum is called ''
    """
    plain = re.sub(r"[\s:_-]+", "", text).upper().removeprefix("URNOGCDEFCRS")
    if plain in _NAMED:
        return _NAMED[plain]
    if plain in _NEEDS_LOCAL:
        return parse_datum(_NEEDS_LOCAL[plain])
    # at most 9 digits: PROJ takes no longer code
    code = re.fullmatch(r"EPSG0*([0-9]{1,9})", plain, flags=re.ASCII)
    if code is None:
        raise _unknown(text)
    name = f"EPSG:{code[1]}"
    return Datum(name, is_geographic=_proj(name).is_geographic)


def datum_of(crs: CRS) -> Datum:
    """Name the datum of a CRS that a file declares.

    Parameters
    ----------
    crs
        As read from the file; it need not carry a code, so long as PROJ finds one for it.

    Returns
    -------
    datum
        With its canonical name.

    Raises
    ------
    CrsError
        As `parse_datum` does, or if no code fits the CRS.

    Examples
    --------
    >>> datum_of(CRS.from_user_input("OGC:CRS84")).name
    'WGS84'
    """
    if crs.equals(CRS.from_user_input(CRS84), ignore_axis_order=True):
        return _NAMED["WGS84"]
    code = crs.to_epsg()
    if code is None:
        raise _unknown(crs.name)
    return parse_datum(f"EPSG:{code}")


def to_crs84(geometry: npt.ArrayLike, datum: Datum) -> Geometries:
    """Bring geometries from a datum to CRS84.

    Parameters
    ----------
    geometry
        Shapely geometries or None, x (east, longitude) first; a Z is dropped.
    datum
        The datum of their coordinates.

    Returns
    -------
    geometry
        New geometries in degrees; coordinates that cannot be transformed are not finite.

    Raises
    ------
    CrsError
        If the datum has no single transformation of known accuracy.

    Examples
    --------
    >>> points = shapely.points([[500000, 3708000]])
    >>> round(to_crs84(points, parse_datum("EPSG:4549"))[0].x, 9)
    120.0
    >>> to_crs84([], parse_datum("WGS84")).tolist()
    []
    """
    return _apply(geometry, _inward(datum.name))


def from_crs84(geometry: npt.ArrayLike, datum: Datum) -> Geometries:
    """Bring geometries from CRS84 to a datum.

    Parameters
    ----------
    geometry
        Shapely geometries or None in degrees, longitude first; a Z is dropped.
    datum
        The datum of the result.

    Returns
    -------
    geometry
        New geometries, x (east, longitude) first.

    Raises
    ------
    CrsError
        For BD-09MC, which is read but never written, and as `to_crs84` does.

    Examples
    --------
    >>> from_crs84(shapely.points([[120, 30]]), parse_datum("EPSG:4549"))[0].x
    500000.0
    >>> from_crs84([], parse_datum("GCJ-02")).tolist()
    []
    """
    return _apply(geometry, _outward(datum.name))


def metric_crs(gdf: gpd.GeoDataFrame) -> CRS:
    """Choose a projected CRS in meters for measuring ``gdf``.

    Parameters
    ----------
    gdf
        Features in any CRS.

    Returns
    -------
    crs
        In China the CGCS2000 3-degree Gauss-Kruger zone of the layer's center (scale error below
        1 part in 4,000 in a county), elsewhere its UTM zone.

    Raises
    ------
    CrsError
        If ``gdf`` has no CRS, or no features to center on.

    Examples
    --------
    >>> import geopandas as gpd
    >>> stops = gpd.GeoDataFrame(geometry=shapely.points([[121.1, 33.5]]), crs=CRS84)
    >>> metric_crs(stops).to_epsg()
    4549
    >>> metric_crs(stops.iloc[:0])
    Traceback (most recent call last):
    geosvc.errors.CrsError: no features to center a metric CRS on
    """
    if gdf.crs is None:
        msg = "features without a CRS cannot be measured"
        raise CrsError(msg)
    west, south, east, north = (float(edge) for edge in gdf.total_bounds)
    center = shapely.points([(west + east) / 2], [(south + north) / 2])
    point = to_crs84(center, datum_of(gdf.crs))[0]
    if not (math.isfinite(point.x) and math.isfinite(point.y)):
        msg = "no features to center a metric CRS on"
        raise CrsError(msg)
    return CRS.from_epsg(metric_code(point.x, point.y))


def _unknown(text: str) -> CrsError:
    expected = ", ".join([*sorted({datum.name for datum in _NAMED.values()}), "EPSG:…"])
    issue = Issue("bad_datum", "", key="source.datum", found=text, expected=expected)
    return CrsError(f"no datum is called {text!r}", issues=[issue])


def _refused(name: str, *, reason: str) -> CrsError:
    # how to go on: convert by the local parameters first, then declare the result's datum
    expected = "CGCS2000, EPSG:4549, WGS84"
    issue = Issue(f"datum_{reason}", "", key="source.datum", found=name, expected=expected)
    way = "a choice of variants" if reason == "variants" else "a ballpark"
    msg = (
        f"{name} comes to CGCS2000 only by {way}: convert the file with the survey bureau's "
        "local 4- or 7-parameter set and declare the datum of the result"
    )
    return CrsError(msg, issues=[issue])


@dataclass(frozen=True, slots=True)
class _Proj:
    inward: Transformer
    outward: Transformer
    is_geographic: bool

    def checked(self, x: Degrees, y: Degrees) -> Pair:
        """Transform to degrees what comes back from there; the rest is NaN."""
        # far outside its domain a projection wraps, and gives places that look sound
        lon, lat = self.inward.transform(*finite_pair(x, y))
        back_x, back_y = self.outward.transform(lon, lat)
        tolerance = _RETURN_DEG if self.is_geographic else _RETURN_M
        with np.errstate(invalid="ignore"):
            lost = ~((np.abs(back_x - x) < tolerance) & (np.abs(back_y - y) < tolerance))
        return np.where(lost, np.nan, lon), np.where(lost, np.nan, lat)


@lru_cache(maxsize=64)
def _proj(name: str) -> _Proj:
    crs = _flat(name)
    china = CRS.from_epsg(4490)
    base = crs.geodetic_crs
    if base is None or not (crs.is_geographic or crs.is_projected):
        raise _unknown(name)
    same = base.datum is not None and base.datum == china.datum
    if not same:
        _hold_single(CRS(base).to_2d(), name)
    target = china if same else CRS.from_user_input(CRS84)
    return _Proj(
        Transformer.from_crs(crs, target, always_xy=True, allow_ballpark=same),
        Transformer.from_crs(target, crs, always_xy=True, allow_ballpark=same),
        crs.is_geographic,
    )


def _flat(name: str) -> CRS:
    try:
        crs = CRS.from_user_input(name)
    except ProjCrsError as error:
        raise _unknown(name) from error
    # a height is dropped before anything is transformed
    return (crs.sub_crs_list[0] if crs.is_compound else crs).to_2d()


def _hold_single(base: CRS, name: str) -> None:
    with warnings.catch_warnings():
        # a missing grid is counted below
        warnings.simplefilter("ignore")
        group = TransformerGroup(base, CRS.from_epsg(4326), always_xy=True)
    known = {found.definition for found in group.transformers if found.accuracy >= 0}
    if len(known) + len(group.unavailable_operations) > 1:
        raise _refused(name, reason="variants")
    if not known:
        raise _refused(name, reason="ballpark")


def _inward(name: str) -> Move:
    known: dict[str, Move] = {
        "WGS84": finite_pair,
        "CGCS2000": finite_pair,
        "GCJ-02": gcj02_to_wgs84,
        "BD-09": lambda x, y: gcj02_to_wgs84(*bd09_to_gcj02(x, y)),
        "BD-09MC": lambda x, y: gcj02_to_wgs84(*bd09_to_gcj02(*bd09mc_to_bd09(x, y))),
    }
    return known[name] if name in known else _proj(name).checked


def _outward(name: str) -> Move:
    if name == "BD-09MC":
        msg = "BD-09MC is read but never written"
        raise CrsError(msg, issues=[Issue("datum_inward_only", "", found=name)])
    known: dict[str, Move] = {
        "WGS84": finite_pair,
        "CGCS2000": finite_pair,
        "GCJ-02": wgs84_to_gcj02,
        "BD-09": lambda x, y: gcj02_to_bd09(*wgs84_to_gcj02(x, y)),
    }
    return known[name] if name in known else _proj(name).outward.transform


def _apply(geometry: npt.ArrayLike, move: Move) -> Geometries:
    def moved(xy: Degrees) -> Degrees:
        result = np.column_stack(move(xy[:, 0], xy[:, 1]))
        # a ring that starts with NaN is not closed, since NaN is not itself; infinity is
        return np.where(np.isfinite(result), result, np.inf)

    flat = np.asarray(geometry, dtype=object)
    # GEOS warns of coordinates that are not finite, and those are told row by row
    with np.errstate(invalid="ignore"):
        result: Any = shapely.transform(flat, moved)
    return np.asarray(result, dtype=object)
