"""Where the ground lies on the paper: projection, scale, and the frame that is looked through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geosvc.crs import CRS84, datum_of, from_crs84, metric_crs

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyproj import CRS

    from geosvc.figures.sheet import Box, Geometries

_M_PER_PX = 156_543.03392804097
"""Meters a CSS pixel at zoom 0 on the equator."""
_MM_PER_M = 1000.0
_LEAST_M = 100.0
_DETAIL_MM = 0.03
_FINER_ZOOM = 0.5
_RIM = 9


@dataclass(frozen=True, slots=True)
class View:
    """A frame on the paper and the ground that is seen through it.

    ``scale`` is the denominator; ``center`` the ground in the middle of the frame in meters of
    ``crs``; ``frame`` is left, bottom, right, top in mm.
    """

    crs: CRS
    scale: float
    center: tuple[float, float]
    frame: Box
    latitude: float
    unit: float

    @property
    def zoom(self) -> float:
        """The zoom of a screen on which as many meters are one pixel (``unit`` mm on paper)."""
        per_px = self.scale * self.unit / _MM_PER_M
        return math.log2(_M_PER_PX * math.cos(math.radians(self.latitude)) / per_px)

    @property
    def detail(self) -> float:
        """The zoom up to which classes are drawn: print is finer than a screen."""
        return self.zoom + _FINER_ZOOM

    @property
    def box(self) -> shapely.Polygon:
        """The frame as an area on the paper."""
        return shapely.box(*self.frame)

    def length_mm(self, meters: float) -> float:
        """Return how long a length on the ground is on the paper.

        >>> View(metric_of((116, 39, 117, 40)), 50_000, (0, 0), (0, 0, 1, 1), 39.5, 0.2).length_mm(
        ...     1000
        ... )
        20.0
        """
        return meters * _MM_PER_M / self.scale

    def placed(self, geometries: npt.ArrayLike) -> Geometries:
        """Bring geometries from CRS84 onto the paper, in mm; what is too fine to print is left out.

        Parameters
        ----------
        geometries
            Shapely geometries; a missing one becomes an empty point.
        """
        return self.set(projected(geometries, self.crs))

    def set(self, ground: Geometries) -> Geometries:
        """Bring geometries in meters of ``crs`` onto the paper, as `placed` does those in CRS84."""
        left, bottom, right, top = self.frame
        middle = np.array([(left + right) / 2, (bottom + top) / 2])
        factor = _MM_PER_M / self.scale
        paper = shapely.transform(ground, lambda xy: (xy - self.center) * factor + middle)
        return np.asarray(shapely.simplify(paper, _DETAIL_MM))

    def may_show(self, ground: Geometries) -> npt.NDArray[np.bool_]:
        """Tell which geometries in meters of ``crs`` have a part of their bounds in the frame."""
        left, bottom, right, top = self.frame
        half = np.array([right - left, top - bottom]) / 2 + _DETAIL_MM
        reach = half * self.scale / _MM_PER_M
        (west, south), (east, north) = self.center - reach, self.center + reach
        bounds = shapely.bounds(ground)
        inside = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
        return np.asarray(inside & (bounds[:, 1] <= north) & (bounds[:, 3] >= south))


def projected(geometries: npt.ArrayLike, crs: CRS) -> Geometries:
    """Bring geometries from CRS84 to a metric CRS; a missing one becomes an empty point.

    >>> projected([None], metric_of((116, 39, 117, 40)))[0].is_empty
    True
    """
    there = np.array(geometries, dtype=object)
    there[shapely.is_missing(there)] = shapely.Point()
    return from_crs84(there, datum_of(crs))


def metric_of(box: Box) -> CRS:
    """Return the metric coordinate system of a place given as west, south, east, north."""
    return metric_crs(gpd.GeoDataFrame(geometry=[shapely.box(*box)], crs=CRS84))


def look_at(ground: Box, frame: Box, *, scale: float | None, unit: float) -> View:
    """Look at a place through a frame.

    Parameters
    ----------
    ground
        West, south, east, north in degrees.
    frame
        Left, bottom, right, top in mm.
    scale
        The denominator; without it the largest one of two digits that shows the place whole.
    unit
        Millimeters a CSS pixel.

    Examples
    --------
    >>> view = look_at((121.0, 33.5, 121.2, 33.6), (0, 0, 180, 200), scale=None, unit=0.2)
    >>> view.scale, round(view.zoom, 1)
    (110000, 12.5)
    """
    crs = metric_of(ground)
    # the edges of a box of degrees are curves, and a single point is a box too
    lon, lat = (np.linspace(ground[axis], ground[axis + 2], _RIM) for axis in (0, 1))
    rim = shapely.multipoints(np.stack(np.meshgrid(lon, lat), axis=-1).reshape(-1, 2))
    west, south, east, north = shapely.bounds(from_crs84(np.array([rim]), datum_of(crs))[0])
    center = ((west + east) / 2, (south + north) / 2)
    if scale is None:
        wide, high = frame[2] - frame[0], frame[3] - frame[1]
        across = max((east - west) / wide, (north - south) / high, _LEAST_M / wide)
        scale = two_digits(across * _MM_PER_M)
    return View(crs, scale, center, frame, (ground[1] + ground[3]) / 2, unit)


def two_digits(number: float) -> int:
    """Round a scale up to two digits.

    >>> two_digits(103_400), two_digits(99_000)
    (110000, 99000)
    """
    size = 10.0 ** (math.floor(math.log10(number)) - 1)
    return int(math.ceil(round(number / size, 6)) * size)
