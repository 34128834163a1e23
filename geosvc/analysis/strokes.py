"""Streets joined end to end by name (strokes), and strokes cut into pieces of about equal length.

Segments of a street map are short: a rate per length on one of 5 m would say nothing. Geometry is
in a metric CRS.
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
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

TOUCH_M = 0.001
"""How near an end must be to a stroke to touch it."""


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
    ``stroke``, ``length_m`` and ``owner`` are of pieces; ``owner`` is the piece itself, or the one
    that a short piece was given to.
    """

    strokes: gpd.GeoDataFrame
    first: Integers
    count: Integers
    stroke: Integers
    length_m: Floats
    owner: Integers

    @classmethod
    def cut(cls, strokes: gpd.GeoDataFrame, *, length_m: float) -> Pieces:
        """Cut strokes into equal pieces as near to ``length_m`` as their own length allows.

        A stroke shorter than half of ``length_m`` is given to the piece that it touches with an
        end: before all one of the same name, then the shortest. One that touches none stays.
        """
        whole = strokes.geometry.length.to_numpy(dtype=np.float64)
        count = np.maximum(np.rint(whole / length_m), 1).astype(np.int64)
        first = np.cumsum(count) - count
        stroke = np.repeat(np.arange(len(count)), count)
        lengths = (whole / count)[stroke]
        loose = cls(strokes, first, count, stroke, lengths, np.arange(len(stroke)))
        short = np.flatnonzero(whole < length_m / 2)
        return cls(strokes, first, count, stroke, lengths, loose._given_away(short, length_m))

    def holding(self, stroke: Integers, along_m: Floats) -> Integers:
        """Return the pieces at places of strokes, before short ones were given away."""
        number = np.floor(along_m / self.length_m[self.first[stroke]]).astype(np.int64)
        return np.asarray(self.first[stroke] + np.clip(number, 0, self.count[stroke] - 1))

    def owned_m(self) -> Floats:
        """Return the length of each piece with all that was given to it; 0 for one given away."""
        owned = np.zeros(len(self.owner))
        np.add.at(owned, self.owner, self.length_m)
        return owned

    def line(self, piece: int) -> shapely.Geometry:
        """Return the line of a piece with all that was given to it."""
        lines: list[shapely.Geometry] = []
        for member in np.flatnonzero(self.owner == piece):
            at, step = int(self.stroke[member]), float(self.length_m[member])
            start = float(member - self.first[at]) * step
            line = cast("shapely.LineString", self.strokes.geometry.iloc[at])
            lines.append(ops.substring(line, start, start + step))
        return lines[0] if len(lines) == 1 else shapely.line_merge(shapely.union_all(lines))

    def _given_away(self, short: Integers, length_m: float) -> Integers:
        owner = self.owner.copy()
        held = self.length_m.copy()
        names = self.strokes["road_name"].tolist()
        tree = shapely.STRtree(np.asarray(self.strokes.geometry.array, dtype=object))
        for stroke in sorted(short.tolist(), key=lambda at: (self.length_m[self.first[at]], at)):
            own = _root(owner, int(self.first[stroke]))
            if held[own] >= length_m / 2:  # it was given enough already
                continue
            touched = {_root(owner, piece) for piece in self._touching(stroke, tree)} - {own}
            if touched:
                same = names[stroke]
                best = min(touched, key=lambda at: (names[self.stroke[at]] != same, held[at], at))
                held[best] += held[own]
                owner[own] = best
        return np.array([_root(owner, at) for at in range(len(owner))], dtype=np.int64)

    def _touching(self, stroke: int, tree: shapely.STRtree) -> Iterator[int]:
        line = self.strokes.geometry.iloc[stroke]
        for end in (shapely.get_point(line, 0), shapely.get_point(line, -1)):
            near = tree.query(end, predicate="dwithin", distance=TOUCH_M)
            along = shapely.line_locate_point(self.strokes.geometry.to_numpy()[near], end)
            yield from self.holding(np.asarray(near, dtype=np.int64), along).tolist()


def _root(owner: Integers, piece: int) -> int:
    while owner[piece] != piece:
        piece = int(owner[piece])
    return piece


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
