"""Streets joined end to end by name (strokes), and strokes cut into pieces of about equal length.

A street map divides a street where its makers stopped drawing, which says nothing of the street.
Geometry is in a metric CRS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import ops

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def join_streets(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join streets of one name and class where no third one of them meets.

    Parameters
    ----------
    streets
        Lines; columns ``road_name`` and ``road_class`` are taken where present.

    Returns
    -------
    strokes
        Lines with ``road_name`` and ``road_class`` (text or None), in an order and direction that
        depend on the streets but not on the order of their rows. A line that comes twice within
        one name and class is taken once.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    named = zip(_texts(streets, "road_name"), _texts(streets, "road_class"), strict=True)
    for at, pair in enumerate(named):
        groups.setdefault(pair, []).append(at)
    geometry = np.asarray(streets.geometry.array, dtype=object)
    rows: list[tuple[str | None, str | None]] = []
    lines: list[shapely.Geometry] = []
    for (name, kind), members in sorted(groups.items()):
        parts = shapely.to_wkb(shapely.normalize(shapely.get_parts(geometry[members])))
        known = shapely.from_wkb(sorted(set(parts)))
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(known)))
        joined = sorted((_directed(line) for line in merged if line.length > 0), key=shapely.to_wkb)
        lines += joined
        rows += [(name or None, kind or None)] * len(joined)
    table = {
        name: pd.Series([row[at] for row in rows], dtype=object)
        for at, name in enumerate(("road_name", "road_class"))
    }
    return gpd.GeoDataFrame(table, geometry=_objects(lines), crs=streets.crs)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Equal pieces of strokes, numbered along each stroke and stroke after stroke.

    ``first`` and ``count`` are of strokes: the number of its first piece, and how many it has.
    ``stroke`` and ``length_m`` are of pieces.
    """

    strokes: gpd.GeoDataFrame
    first: Integers
    count: Integers
    stroke: Integers
    length_m: Floats

    @classmethod
    def cut(cls, strokes: gpd.GeoDataFrame, *, length_m: float) -> Pieces:
        """Cut strokes into equal pieces as near to ``length_m`` as their own length allows."""
        whole = strokes.geometry.length.to_numpy(dtype=np.float64)
        count = np.maximum(np.rint(whole / length_m), 1).astype(np.int64)
        first = np.cumsum(count) - count
        stroke = np.repeat(np.arange(len(count)), count)
        return cls(strokes, first, count, stroke, (whole / count)[stroke])

    def __len__(self) -> int:
        return len(self.stroke)

    def holding(self, stroke: Integers, along_m: Floats) -> Integers:
        """Return the pieces at places of strokes."""
        number = np.floor(along_m / self.length_m[self.first[stroke]]).astype(np.int64)
        return np.asarray(self.first[stroke] + np.clip(number, 0, self.count[stroke] - 1))

    def line(self, piece: int) -> shapely.Geometry:
        """Return the line of a piece."""
        at, step = int(self.stroke[piece]), float(self.length_m[piece])
        start = float(piece - self.first[at]) * step
        line = cast("shapely.LineString", self.strokes.geometry.iloc[at])
        return ops.substring(line, start, start + step)


def _texts(streets: gpd.GeoDataFrame, name: str) -> list[str]:
    if name not in streets.columns:
        return [""] * len(streets)
    column = streets[name]
    return ["" if gone else str(text) for text, gone in zip(column, column.isna(), strict=True)]


def _objects(values: list[Any]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _directed(line: shapely.Geometry) -> shapely.Geometry:
    xy = shapely.get_coordinates(line)
    return line if tuple(xy[0]) <= tuple(xy[-1]) else shapely.reverse(line)
