"""A layer as a file for other programs: GeoJSON, CSV, GeoPackage.

Files carry field names and codes, never labels, and say whether their features are invented.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyogrio
import shapely

from geosvc.tiles.columns import plain_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from geosvc.catalog.model import Layer, Text

DIGITS = 7
"""Decimals of a degree in downloads, about 1 cm."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
# GDAL keeps one set of options for all threads
_GDAL = threading.Lock()


def geojson(layer: Layer, frame: pd.DataFrame, facts: dict[str, Any]) -> bytes:
    """Write features as GeoJSON (RFC 7946: lon, lat in WGS84, right-hand rings).

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features; personal fields masked.
    facts
        Further members of the collection, such as ``synthetic`` and ``revision``.

    Returns
    -------
    body
        UTF-8.
    """
    columns = {name: plain_values(frame[name]) for name in _names(layer, frame)}
    shapes = shapely.to_geojson(_rounded(frame))
    features = [
        {
            "type": "Feature",
            "id": str(key),
            "geometry": orjson.Fragment(shape),
            "properties": {name: column[place] for name, column in columns.items()},
        }
        for place, (key, shape) in enumerate(zip(frame.index, shapes, strict=True))
    ]
    head = {"type": "FeatureCollection", "name": layer.id}
    return orjson.dumps(head | facts | {"features": features})


def table(layer: Layer, frame: pd.DataFrame, *, synthetic: bool) -> bytes:
    """Write features as CSV: UTF-8 with BOM, longitude and latitude (or WKT), no live formula.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features; personal fields masked.
    synthetic
        Whether they are invented; said in each row.

    Returns
    -------
    body
        A cell that a spreadsheet would compute begins with an apostrophe; numbers stay numbers.
    """
    names = _names(layer, frame)
    columns = [[_cell(value) for value in plain_values(frame[name])] for name in names]
    heads, places = _position_columns(layer, frame)
    said = [["true" if synthetic else "false"] * len(frame)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*names, *heads, _free_name("synthetic", frame, "_data")])
    writer.writerows(zip(*columns, *places, *said, strict=True))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def geopackage(
    layer: Layer, frame: pd.DataFrame, facts: dict[str, Any], *, at: str | None
) -> bytes:
    """Write features as a GeoPackage with its facts as metadata.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features; personal fields masked.
    facts
        Metadata of the layer, such as ``synthetic`` and ``revision``.
    at
        The moment of the revision, ISO 8601, which the file names as its last change.

    Returns
    -------
    body
        A SQLite file; lists are joined by ``;``. The columns of row number and geometry are ``fid``
        and ``geom``, with a suffix where a field has that name.
    """
    plain = frame.copy()
    for name in _names(layer, frame):
        if any(isinstance(value, tuple) for value in frame[name]):
            plain[name] = [_cell_text(value) for value in plain_values(frame[name])]
    metadata = {key: _cell_text(value) for key, value in facts.items()}
    with written_at(at), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{layer.id}.gpkg"
        pyogrio.write_dataframe(
            plain.reset_index(drop=True),
            path,
            layer=layer.id,
            driver="GPKG",
            layer_metadata=metadata,
            promote_to_multi=False,
            FID=_free_name("fid", frame, "_row"),
            GEOMETRY_NAME=_free_name("geom", frame),
        )
        return path.read_bytes()


@contextmanager
def written_at(at: str | None) -> Iterator[None]:
    """Have files that are written within a block name a moment (ISO 8601) as their last change."""
    moment = datetime.fromisoformat(at) if at else datetime.fromtimestamp(0, UTC)
    day = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with _GDAL:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": day})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def facts_of(
    *, synthetic: bool, revision: int, attribution: Text, as_of: str | None
) -> dict[str, Any]:
    """Return what a download says about itself.

    >>> from geosvc.catalog.model import Text
    >>> words = Text("模拟", "Invented")
    >>> facts_of(synthetic=True, revision=3, attribution=words, as_of=None)["attribution"]
    {'zh': '模拟', 'en': 'Invented'}
    """
    words = {"zh": attribution.zh, "en": attribution.en}
    return {"synthetic": synthetic, "revision": revision, "attribution": words, "as_of": as_of}


def neutral(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula.

    >>> neutral("=1+1"), neutral("-3.5"), neutral("-3+A1"), neutral("金桥路"), neutral("")
    ("'=1+1", '-3.5', "'-3+A1", '金桥路', '')
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _names(layer: Layer, frame: pd.DataFrame) -> list[str]:
    return [field.name for field in layer.schema.fields if field.name in frame.columns]


def _cell(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    return neutral(_cell_text(value)) if isinstance(value, (str, list)) else _flag(value)


def _flag(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    return ("true" if value else "false") if isinstance(value, bool) else value


def _cell_text(value: Any) -> str:  # noqa: ANN401 - a JSON value
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return "" if value is None else str(_flag(value))


def _position_columns(layer: Layer, frame: pd.DataFrame) -> tuple[list[str], list[list[Any]]]:
    if layer.schema.geometry == "None":
        return [], []
    shapes = _rounded(frame)
    if layer.schema.geometry == "Point":
        heads = [_free_name(name, frame) for name in ("lon", "lat")]
        return heads, [shapely.get_x(shapes).tolist(), shapely.get_y(shapes).tolist()]
    wkt = shapely.to_wkt(shapes, rounding_precision=DIGITS, trim=True)
    return [_free_name("wkt", frame)], [list(wkt)]


def _free_name(name: str, frame: pd.DataFrame, suffix: str = "_wgs84") -> str:
    # SQLite and spreadsheets see no difference of case
    taken = {str(column).lower() for column in frame.columns}
    while name in taken:
        name += suffix
    return name


def _rounded(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    shapes = np.asarray(frame.geometry.array, dtype=object)
    rounded = shapely.transform(shapes, lambda positions: np.round(positions, DIGITS))
    return np.asarray(shapely.orient_polygons(rounded), dtype=object)
