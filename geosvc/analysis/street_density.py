"""The density of events along streets as a layer: pieces of street that carry events per km."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geosvc.analysis.network_density import heat_density
from geosvc.analysis.strokes import Pieces, join_streets
from geosvc.network import StreetNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.network import Snapped

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

CELLS: Final = 20
"""Cells in ``sigma_m``: the error of the heat equation is then below 1 % of the maximum."""


def street_density(
    events: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    sigma_m: float = 150.0,
    lixel_m: float = 50.0,
    snap_m: float = 50.0,
    least_per_km: float = 0.5,
) -> gpd.GeoDataFrame:
    """Spread events along the streets by `heat_density`, and draw it on pieces of street.

    This is a picture, not a finding: nothing is claimed about chance. Unlike counts on pieces it
    does not depend on where a piece begins.

    Parameters
    ----------
    events
        Points in a metric CRS.
    streets
        Lines in the same CRS; columns ``road_name`` and ``road_class`` are taken where present.
    sigma_m
        The standard deviation of the kernel along a straight street.
    lixel_m
        The length of pieces to aim at: streets of one name and class are joined where no third one
        of them meets, then cut into equal pieces.
    snap_m
        The largest distance from an event to its street.
    least_per_km
        Pieces below this density are left out.

    Returns
    -------
    lixels
        In the CRS of the input, with the columns ``lixel_id`` (the same as long as the joined
        street is), ``road_name``, ``road_class``, ``length_m``, ``cases`` (on the piece itself) and
        ``cases_per_km`` (the mean density over the piece). ``attrs``: ``n`` events used,
        ``unlocated`` events farther than ``snap_m`` from any street, ``sigma_m``, and ``total``,
        the integral over all streets.

    Raises
    ------
    ValueError
        If the two are not in one metric CRS, or a length is not positive.
    """
    if events.crs != streets.crs or streets.crs is None or streets.crs.is_geographic:
        msg = "events and streets must be in one metric CRS"
        raise ValueError(msg)
    if not (lixel_m > 0 and snap_m > 0):
        msg = "lixel_m and snap_m must be positive"
        raise ValueError(msg)
    pieces = Pieces.cut(join_streets(streets), length_m=lixel_m)
    network = StreetNetwork.from_lines(pieces.strokes)
    snapped = network.snap(shapely.get_coordinates(events.geometry.centroid), limit_m=snap_m)
    spacing_m = min(sigma_m / CELLS, lixel_m)
    density = heat_density(network, snapped, sigma_m=sigma_m, spacing_m=spacing_m)
    lixels = network.lixels(spacing_m)
    middle_m = (lixels.start_m + lixels.end_m) / 2
    at = _holding(pieces, network, lixels.segment, middle_m)
    length_m = np.bincount(at, lixels.length_m, len(pieces))
    # in events: the integral of the density over each piece
    held = np.bincount(
        at, density.at(lixels.segment, middle_m) * lixels.length_m / 1000.0, len(pieces)
    )
    per_km = np.divide(held * 1000.0, length_m, out=np.zeros(len(pieces)), where=length_m > 0)
    placed = snapped.is_placed
    cases = np.bincount(
        _holding(pieces, network, snapped.segment[placed], snapped.offset_m[placed]),
        minlength=len(pieces),
    )
    shown = np.flatnonzero(per_km >= least_per_km)
    result = _table(pieces, shown, cases[shown], per_km[shown])
    result.attrs |= _notes(snapped, sigma_m=sigma_m, total=density.total)
    return result


def _holding(
    pieces: Pieces, network: StreetNetwork, segment: Integers, offset_m: Floats
) -> Integers:
    return pieces.holding(network.line[segment], network.line_offset_m[segment] + offset_m)


def _notes(snapped: Snapped, *, sigma_m: float, total: float) -> dict[str, Any]:
    placed = int(snapped.is_placed.sum())
    return {
        "n": placed,
        "unlocated": len(snapped) - placed,
        "sigma_m": float(sigma_m),
        "total": round(total, 6),
    }


def _table(pieces: Pieces, piece: Integers, cases: Integers, per_km: Floats) -> gpd.GeoDataFrame:
    strokes, stroke = pieces.strokes, pieces.stroke[piece]
    codes = {int(at): _code(strokes, int(at)) for at in np.unique(stroke)}
    numbers = (piece - pieces.first[stroke]).tolist()
    columns: dict[str, Any] = {
        "lixel_id": [f"{codes[at]}-{of}" for at, of in zip(stroke.tolist(), numbers, strict=True)],
        "road_name": strokes["road_name"].to_numpy()[stroke],
        "road_class": strokes["road_class"].to_numpy()[stroke],
        "length_m": pieces.length_m[piece],
        "cases": cases,
        "cases_per_km": per_km,
    }
    lines = np.empty(len(piece), dtype=object)
    lines[:] = [pieces.line(int(at)) for at in piece]
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=lines, crs=strokes.crs)


def _code(strokes: gpd.GeoDataFrame, at: int) -> str:
    """Name a stroke by what it is, so that other streets can come and go."""
    row = strokes.iloc[at]
    # to the decimeter: a projection's last digits are no change
    where = np.rint(shapely.get_coordinates(row.geometry) * 10).astype(np.int64).tolist()
    text = repr((row["road_name"], row["road_class"], where))
    return blake2b(text.encode(), digest_size=5).hexdigest()
