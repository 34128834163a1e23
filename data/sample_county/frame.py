"""Coordinates: the local frame in which the county is drawn, and the way out to degrees.

Inside the generator everything is in metres from ``ORIGIN``, x east and y north, on the CGCS2000
3-degree Gauss-Kruger zone 120 E (EPSG:4549). The origin lies in the open sea on purpose: nothing
that is invented here shall fall on a real place.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

from geosvc.crs import wgs84_to_gcj02

Floats: TypeAlias = npt.NDArray[np.float64]

ORIGIN_LONLAT = (121.10, 33.50)
DECIMALS = 6  # of a degree: 0.1 m
_TO_DEGREES = Transformer.from_crs(4549, 4490, always_xy=True)
_TO_METRES = Transformer.from_crs(4490, 4549, always_xy=True)
_EAST, _NORTH = _TO_METRES.transform(*ORIGIN_LONLAT)
ORIGIN = (round(_EAST, 3), round(_NORTH, 3))


def _degrees(xy: Floats) -> Floats:
    lon, lat = _TO_DEGREES.transform(xy[:, 0] + ORIGIN[0], xy[:, 1] + ORIGIN[1])
    return np.round(np.column_stack([lon, lat]), DECIMALS)


def _metres(lonlat: Floats) -> Floats:
    east, north = _TO_METRES.transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([east - ORIGIN[0], north - ORIGIN[1]])


def to_lonlat(geoms: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Turn many shapes from local metres into CGCS2000 degrees of six decimals."""
    return np.asarray(shapely.transform(geoms, _degrees), dtype=object)


def to_local(geoms: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Turn many shapes from CGCS2000 degrees into local metres."""
    return np.asarray(shapely.transform(geoms, _metres), dtype=object)


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Give one place of the local frame in CGCS2000 degrees of six decimals."""
    lon, lat = _degrees(np.array([[x, y]]))[0]
    return float(lon), float(lat)


def gcj02(x: float, y: float) -> tuple[float, float]:
    """Give one place of the local frame in GCJ-02 degrees of six decimals.

    CGCS2000 and WGS84 agree within centimetres here, so no step lies between them.
    """
    lon, lat = lonlat(x, y)
    east, north = wgs84_to_gcj02(np.array([lon]), np.array([lat]))
    return round(float(east[0]), DECIMALS), round(float(north[0]), DECIMALS)
