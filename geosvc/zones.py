"""The projected CRS to measure in at a place: which zone of which grid."""

from __future__ import annotations

import math
from dataclasses import dataclass

# west, south, east, north; coarse, for choosing a grid, no statement about borders
_CHINA = (
    (79.4, 42.9, 96.4, 49.3),
    (109.6, 39.3, 135.1, 53.6),
    (73.1, 29.5, 124.4, 42.9),
    (82.9, 26.7, 97.1, 29.5),
    (97.0, 20.4, 124.4, 29.5),
    (107.9, 15.5, 113.5, 20.4),
)
_FIRST_CHINESE, _FIRST_UTM = 4534, 32600
_NOT_CHINA = (
    (101.8, 20.0, 106.6, 22.3),
    (106.4, 20.0, 108.0, 21.5),
    (109.0, 50.3, 119.1, 55.9),
    (127.4, 49.6, 137.1, 55.9),
    (131.3, 42.5, 137.1, 44.8),
    (107.9, 15.5, 109.3, 17.8),
)


@dataclass(frozen=True, slots=True)
class Grid:
    """A transverse Mercator grid: its EPSG code, central meridian (degrees), scale there, origin.

    Eastings begin 500,000 m west of the central meridian, northings ``false_northing_m`` below the
    equator.
    """

    code: int
    meridian: float
    scale: float
    false_northing_m: float


def grid_of(lon: float, lat: float) -> Grid:
    """Return the grid in meters for a place, as `metric_code` chooses it.

    Parameters
    ----------
    lon, lat
        Degrees.

    Examples
    --------
    >>> grid_of(121.1, 33.5)
    Grid(code=4549, meridian=120.0, scale=1.0, false_northing_m=0.0)
    >>> grid_of(-51.2, -30.0)
    Grid(code=32722, meridian=-51.0, scale=0.9996, false_northing_m=10000000.0)
    """
    code = metric_code(lon, lat)
    if code < _FIRST_UTM:
        return Grid(code, 75.0 + 3 * (code - _FIRST_CHINESE), 1.0, 0.0)
    return Grid(code, code % 100 * 6.0 - 183, 0.9996, 0.0 if lat >= 0 else 1e7)


def metric_code(lon: float, lat: float) -> int:
    """Return the EPSG code of the grid in meters for a place.

    Parameters
    ----------
    lon, lat
        Degrees.

    Returns
    -------
    code
        In China the CGCS2000 3-degree Gauss-Kruger zone without zone prefix (4534 for 75 E to 4554
        for 135 E), elsewhere the UTM zone on WGS84.

    Examples
    --------
    >>> metric_code(121.1, 33.5), metric_code(24.94, 60.17)
    (4549, 32635)
    """
    if _inside(lon, lat, _CHINA) and not _inside(lon, lat, _NOT_CHINA):
        zone = min(max(math.floor((lon + 1.5) / 3), 25), 45)
        return _FIRST_CHINESE + zone - 25
    zone = min(max(math.floor((lon + 180) / 6) + 1, 1), 60)
    return (_FIRST_UTM if lat >= 0 else _FIRST_UTM + 100) + zone


def _inside(lon: float, lat: float, boxes: tuple[tuple[float, float, float, float], ...]) -> bool:
    return any(west <= lon <= east and south <= lat <= north for west, south, east, north in boxes)
