"""Layers and their files: GeoJSON with one feature a line, or CSV; the same bytes every time."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import shapely

from data.sample_county.frame import DECIMALS, to_lonlat
from data.sample_county.shapes import as_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

Value: TypeAlias = str | int | float | bool | list[str] | None
Row: TypeAlias = dict[str, Value]


@dataclass
class Layer:
    """A layer: rows of the same fields, and one shape in local metres a row where it is a map.

    Without shapes the layer is written as CSV.
    """

    name: str
    rows: Sequence[Row]
    shapes: Sequence[BaseGeometry] = ()

    def write(self, folder: Path) -> Path:
        """Write the layer into ``folder``; gives the file's path."""
        if self.shapes:
            path = folder / f"{self.name}.geojson"
            path.write_text(self._geojson(), encoding="utf-8", newline="\n")
        else:
            path = folder / f"{self.name}.csv"
            self._write_csv(path)
        return path

    def _geojson(self) -> str:
        head = {"type": "FeatureCollection", "name": self.name, "synthetic": True, "features": []}
        placed = shapely.orient_polygons(to_lonlat(as_shapes(self.shapes)))
        lines = [
            _json({"type": "Feature", "properties": row, "geometry": _geometry(shape)})
            for row, shape in zip(self.rows, placed, strict=True)
        ]
        return _json(head).removesuffix("]}") + "\n" + ",\n".join(lines) + "\n]}\n"

    def _write_csv(self, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.rows[0])
            writer.writerows([cell(value) for value in row.values()] for row in self.rows)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _geometry(shape: BaseGeometry) -> dict[str, object]:
    # the coordinates are rounded already; this takes the last bits off their text
    geometry: dict[str, object] = json.loads(shapely.to_geojson(shape))
    return {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])}


def _rounded(value: object) -> object:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, DECIMALS) if isinstance(value, float) else value


def cell(value: Value) -> str:
    """Write a value for CSV: lists joined by ``;``, true and false, nothing for none.

    Examples
    --------
    >>> [cell(value) for value in (["a", "b"], True, 2.50, 3, None)]
    ['a;b', 'true', '2.5', '3', '']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, float):
        return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return str(value)
