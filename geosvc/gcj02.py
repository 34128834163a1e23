"""GCJ-02 and BD-09 by the public formulas, forward and exactly back.

Degrees, longitude first. The formulas agree with the map vendors' own services to about 1 m.
Outside their box (lon 72.004..137.8347, lat 0.8293..55.8271) GCJ-02 equals WGS84, as in all
published implementations; whoever reads a file refuses points far from where its layer should be.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Degrees: TypeAlias = npt.NDArray[np.float64]
Pair: TypeAlias = tuple[Degrees, Degrees]

_RADIUS_M = 6378245.0  # Krasovsky 1940, on which the GCJ-02 formula stands
_ECCENTRICITY2 = 0.00669342162296594323
_BD_TURN = math.pi * 3000 / 180
_LARGEST = 1e9  # no datum has larger coordinates, and powers of larger ones overflow
_STEPS = 6  # each step of the fixed point gains a factor of 250: five reach 1e-14 degrees
_BOX = (72.004, 0.8293, 137.8347, 55.8271)

# Baidu's bands of |y| in BD-09MC meters, from the equator, and one row of terms for each band:
# two for the longitude, seven for the latitude, the scale of y
_MC_BANDS = (0.0, 1678043.12, 3481989.83, 5591021.0, 8362377.87, 12890594.86)
_MC_TERMS = np.fromstring(
    """
    2.890871144776878e-9 8.983055095805407e-6 -3.068298e-8 7.47137025468032 -3.53937994e-6
    -0.02145144861037 -1.234426596e-5 1.0322952773e-4 -3.23890364e-6 826088.5
    3.09191371068437e-9 8.983055096812155e-6 6.995724062e-5 23.10934304144901 -2.3663490511e-4
    -0.6321817810242 -0.00663494467273 0.03430082397953 -0.00466043876332 2555164.4
    -1.981981304930552e-8 8.983055099779535e-6 0.03278182852591 40.31678527705744 0.65659298677277
    -4.44255534477492 0.85341911805263 0.12923347998204 -0.04625736007561 4482777.06
    -3.030883460898826e-8 8.98305509983578e-6 0.30071316287616 59.74293618442277 7.357984074871
    -25.38371002664745 13.45380521110908 -3.29883767235584 0.32710905363475 6856817.37
    -7.435856389565537e-9 8.983055097726239e-6 -0.78625201886289 96.32687599759846 -1.85204757529826
    -59.36935905485877 47.40033549296737 -16.50741931063887 2.28786674699375 10260144.86
    1.410526172116255e-8 8.98305509648872e-6 -1.9939833816331 200.9824383106796 -187.2403703815547
    91.6087516669843 -23.38765649603339 2.57121317296198 -0.03801003308653 17337981.2
    """,
    sep=" ",
).reshape(6, 10)


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift WGS84 or CGCS2000 coordinates to GCJ-02.

    Parameters
    ----------
    lon, lat
        Degrees, of one shape.

    Returns
    -------
    lon, lat
        Degrees in GCJ-02; NaN where an input is not finite or beyond 1e9.

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02([121.5272106], [31.1774276])
    >>> lon.round(7).tolist(), lat.round(7).tolist()
    ([121.5315419], [31.175304])
    >>> [part.tolist() for part in wgs84_to_gcj02([], [])]
    [[], []]
    """
    x, y = finite_pair(lon, lat)
    return _shift_gcj02(x, y, _in_box(x, y))


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Bring GCJ-02 coordinates back to WGS84, as the exact inverse of `wgs84_to_gcj02`.

    Parameters
    ----------
    lon, lat
        Degrees, of one shape.

    Returns
    -------
    lon, lat
        Degrees in WGS84, within 1e-9 of the exact inverse; NaN where an input is not finite.

    Examples
    --------
    >>> lon, lat = gcj02_to_wgs84(*wgs84_to_gcj02([121.5272106], [31.1774276]))
    >>> lon.round(9).tolist(), lat.round(9).tolist()
    ([121.5272106], [31.1774276])
    >>> [part.tolist() for part in gcj02_to_wgs84([], [])]
    [[], []]
    """
    x, y = finite_pair(lon, lat)
    inside = _in_box(x, y)
    return _invert(lambda u, v: _shift_gcj02(u, v, inside), x, y)


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Turn GCJ-02 coordinates into BD-09 (``bd09ll``).

    Parameters
    ----------
    lon, lat
        Degrees, of one shape.

    Returns
    -------
    lon, lat
        Degrees in BD-09; NaN where an input is not finite or beyond 1e9.

    Examples
    --------
    >>> lon, lat = gcj02_to_bd09([114.022306], [33.0115324])
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([114.028778], [33.01767])
    >>> [part.tolist() for part in gcj02_to_bd09([], [])]
    [[], []]
    """
    x, y = finite_pair(lon, lat)
    return _turn_bd09(x, y)


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Turn BD-09 coordinates back into GCJ-02, as the exact inverse of `gcj02_to_bd09`.

    Parameters
    ----------
    lon, lat
        Degrees, of one shape.

    Returns
    -------
    lon, lat
        Degrees in GCJ-02, within 1e-9 of the exact inverse; NaN where an input is not finite.

    Examples
    --------
    >>> lon, lat = bd09_to_gcj02(*gcj02_to_bd09([114.022306], [33.0115324]))
    >>> lon.round(9).tolist(), lat.round(9).tolist()
    ([114.022306], [33.0115324])
    >>> [part.tolist() for part in bd09_to_gcj02([], [])]
    [[], []]
    """
    x, y = finite_pair(lon, lat)
    return _invert(_turn_bd09, x, y)


def bd09mc_to_bd09(x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> Pair:
    """Turn Baidu's Mercator meters (BD-09MC) into BD-09 degrees; there is no way back.

    Parameters
    ----------
    x_m, y_m
        Meters east and north, of one shape.

    Returns
    -------
    lon, lat
        Degrees in BD-09; NaN where an input is not finite or beyond 1e9.

    Examples
    --------
    >>> lon, lat = bd09mc_to_bd09([12693763.634], [3874151.929])
    >>> lon.round(5).tolist(), lat.round(5).tolist()
    ([114.02878], [33.01767])
    >>> [part.tolist() for part in bd09mc_to_bd09([], [])]
    [[], []]
    """
    x, y = finite_pair(x_m, y_m)
    band = np.clip(np.searchsorted(_MC_BANDS, np.abs(y), side="right") - 1, 0, len(_MC_TERMS) - 1)
    terms = np.moveaxis(_MC_TERMS[band], -1, 0)
    share = np.abs(y) / terms[9]
    lat = np.zeros_like(share)
    for term in terms[8:1:-1]:
        lat = lat * share + term
    lon = terms[0] + terms[1] * np.abs(x)
    return np.copysign(lon, x), np.copysign(lat, y)


def finite_pair(x: npt.ArrayLike, y: npt.ArrayLike) -> Pair:
    """Take two arrays of coordinates as floats, both NaN where one is not finite or beyond 1e9.

    Parameters
    ----------
    x, y
        Coordinates, of one shape.

    Returns
    -------
    x, y
        New arrays.

    Examples
    --------
    >>> [part.tolist() for part in finite_pair([1, 2], [3, float("inf")])]
    [[1.0, nan], [3.0, nan]]
    >>> [part.tolist() for part in finite_pair([], [])]
    [[], []]
    """
    east, north = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    lost = ~((np.abs(east) < _LARGEST) & (np.abs(north) < _LARGEST))
    return np.where(lost, np.nan, east), np.where(lost, np.nan, north)


def _in_box(lon: Degrees, lat: Degrees) -> npt.NDArray[np.bool_]:
    west, south, east, north = _BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _shift_gcj02(lon: Degrees, lat: Degrees, inside: npt.NDArray[np.bool_]) -> Pair:
    x, y = lon - 105.0, lat - 35.0
    root = 0.2 * np.sqrt(np.abs(x))
    shared = (20 * np.sin(6 * math.pi * x) + 20 * np.sin(2 * math.pi * x)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + root / 2 + shared
    east += _waves(x, ((1, 20), (1 / 3, 40), (1 / 12, 150), (1 / 30, 300)))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + root + shared
    north += _waves(y, ((1, 20), (1 / 3, 40), (1 / 12, 160), (1 / 30, 320)))
    phi = np.radians(lat)
    w2 = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    # radii of curvature turn meters into degrees: prime vertical eastward, meridian northward
    prime_m = _RADIUS_M / np.sqrt(w2) * np.cos(phi)
    meridian_m = _RADIUS_M * (1 - _ECCENTRICITY2) / (w2 * np.sqrt(w2))
    return (
        lon + np.where(inside, np.degrees(east / prime_m), 0.0),
        lat + np.where(inside, np.degrees(north / meridian_m), 0.0),
    )


def _waves(value: Degrees, terms: tuple[tuple[float, float], ...]) -> Degrees:
    total = np.zeros_like(value)
    for turns, amplitude in terms:
        total += amplitude * 2 / 3 * np.sin(turns * math.pi * value)
    return total


def _turn_bd09(lon: Degrees, lat: Degrees) -> Pair:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _invert(forward: Callable[[Degrees, Degrees], Pair], x: Degrees, y: Degrees) -> Pair:
    u, v = x, y
    for _ in range(_STEPS):
        there_x, there_y = forward(u, v)
        u, v = u - (there_x - x), v - (there_y - y)
    return u, v
