"""Events per length of street, drawn on short pieces of street (lixels)."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geosvc.analysis.strokes import Pieces, join_streets
from geosvc.network import StreetNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray


def street_density(
    events: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    lixel_m: float = 100.0,
    snap_m: float = 50.0,
) -> gpd.GeoDataFrame:
    """Count events on pieces of street about ``lixel_m`` long.

    This is a picture, not a finding. A rate depends on the length of the pieces: one event on
    100 m is 10 per km, on 50 m it is 20. Nothing is claimed about chance.

    Streets of one name and class are joined end to end where no third one of them meets, then cut
    into equal pieces of 2/3 to 4/3 of ``lixel_m`` (up to 3/2 where the whole street is shorter
    than that). A street shorter than half of ``lixel_m`` goes to a neighbor that it touches,
    before all to one of the same name; one that touches no other stays as it is.

    Parameters
    ----------
    events
        Points in a metric CRS.
    streets
        Lines in the same CRS; columns ``road_name`` and ``road_class`` are taken where present.
    lixel_m
        The length of pieces to aim at.
    snap_m
        The largest distance from an event to its street.

    Returns
    -------
    lixels
        The pieces that have events, in the CRS of the input, with the columns ``lixel_id`` (the
        same as long as the joined street is), ``road_name``, ``road_class``, ``length_m``,
        ``cases`` and ``cases_per_km``. ``attrs["unlocated"]`` is the number of events farther
        than ``snap_m`` from any street: they are in no piece.

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
    points_xy = shapely.get_coordinates(events.geometry.centroid)
    snapped = network.snap(points_xy, limit_m=snap_m)
    at = snapped.segment[snapped.is_placed]
    along_m = network.line_offset_m[at] + snapped.offset_m[snapped.is_placed]
    held = pieces.owner[pieces.holding(network.line[at], along_m)]
    result = _table(pieces, *np.unique(held, return_counts=True))
    result.attrs["unlocated"] = int((~snapped.is_placed).sum())
    return result


def _table(pieces: Pieces, piece: NDArray[np.int64], cases: NDArray[np.int64]) -> gpd.GeoDataFrame:
    strokes, stroke = pieces.strokes, pieces.stroke[piece]
    length_m = pieces.owned_m()[piece]
    codes = [_code(strokes, int(at)) for at in stroke]
    numbers = (piece - pieces.first[stroke]).tolist()
    columns: dict[str, Any] = {
        "lixel_id": [f"{code}-{number}" for code, number in zip(codes, numbers, strict=True)],
        "road_name": strokes["road_name"].to_numpy()[stroke],
        "road_class": strokes["road_class"].to_numpy()[stroke],
        "length_m": length_m,
        "cases": cases,
        "cases_per_km": cases / length_m * 1000.0,
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
