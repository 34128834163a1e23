"""A layer of many points as binary columns: what a canvas draws, and the rest when it is asked for.

A file is `MAGIC`, the length of the head (four bytes, little-endian), the head as JSON, and the
arrays that the head lists, each begun at a multiple of eight bytes. Points stand from north to
south, so that the rows of a view or of a click are one slice; a row's number is its place in that
order. Positions are whole steps of the Web Mercator square of 2^32 steps a side (9 mm at the
equator), northings as the difference from the row before.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
import pandas as pd
import shapely

from geosvc.errors import SourceError
from geosvc.tiles.columns import plain_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from geosvc.catalog.model import Field, Layer
    from geosvc.symbology import Symbols

MANY: Final = 10_000
"""A layer of more points than this is drawn from binary columns."""
PAGE: Final = 100
"""The rows of one page of records."""
MOST_VALUES: Final = 60_000
"""A column of more different values than this names its features, and is not sent as a column."""
MAGIC: Final = b"GSP1"
SIDE: Final = 2**32
"""The steps of the side of the Web Mercator square."""

_ALIGNED = 8
_NORTHERNMOST_DEG = 85.05
_NUMBERS = ("integer", "number")
_MOMENTS = ("date", "datetime")


def is_many(layer: Layer, count: int) -> bool:
    """Tell whether a layer is drawn from binary columns.

    Parameters
    ----------
    layer
        The layer.
    count
        How many features it has.

    Examples
    --------
    >>> from geosvc.catalog.model import Layer, Schema, Style, Text
    >>> schema, style = Schema("Point", "code", ()), Style("ring", "c-rural")
    >>> stops = Layer("stops", "", Text("", ""), schema, style)
    >>> is_many(stops, 10_000), is_many(stops, 10_001), is_many(stops, 0)
    (False, True, False)
    """
    return layer.schema.geometry == "Point" and count > MANY


def point_order(frame: Any) -> npt.NDArray[np.intp]:  # noqa: ANN401 - a GeoDataFrame
    """Return the rows of a frame from north to south; equal ones stay in order.

    Parameters
    ----------
    frame
        Points in lon, lat.

    Returns
    -------
    order
        The row of the frame at each place, shape ``(n,)``.
    """
    return np.argsort(-shapely.get_coordinates(frame.geometry.array)[:, 1], kind="stable")


def encode_points(
    layer: Layer, frame: pd.DataFrame, symbols: Symbols, *, revision: int, synthetic: bool
) -> bytes:
    """Write where the points of a layer are and which classes they have, without key or text.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features in lon, lat.
    symbols
        Their classes, in the same order.
    revision
        The number of the layer's revision.
    synthetic
        Whether the features, or any they were made from, are invented.

    Returns
    -------
    body
        A file with the arrays ``x`` and ``y`` (uint32) and ``class`` (int8 or int16), and a head
        with ``layer``, ``revision``, ``synthetic`` and ``count``.

    Raises
    ------
    SourceError
        If the layer holds something else than points.
    """
    features = np.asarray(frame.geometry.array, dtype=object)
    if (shapely.get_type_id(features) != shapely.GeometryType.POINT).any():
        raise SourceError(layer.id)
    order = point_order(frame)
    x, y = _steps(shapely.get_coordinates(features)[order])
    head = {
        "layer": layer.id,
        "revision": revision,
        "synthetic": synthetic,
        "count": len(frame),
    }
    down = np.diff(y, prepend=np.uint32(0))
    return _file(head, {"x": x, "y": down, "class": _narrow(symbols.codes[order])})


def encode_point_column(
    field: Field, frame: pd.DataFrame, order: npt.NDArray[np.intp]
) -> bytes | None:
    """Write one column of a layer of many points, for filters, facets and the time slider.

    Parameters
    ----------
    field
        The field; a personal one is never asked for.
    frame
        The layer's features.
    order
        See `point_order`.

    Returns
    -------
    body
        A file with ``codes`` (-1 where there is no value) and their ``dictionary`` in the head, or
        with ``values`` (float64, NaN where there is none) for numbers of many kinds; None for a
        column of texts of which nearly each is another. Moments of many kinds are told to the day.
    """
    cells = frame[field.name]
    if field.type == "list":
        cells = cells.map(lambda cell: tuple(cell) if isinstance(cell, (list, tuple)) else None)
    codes, found = pd.factorize(cells)
    if len(found) > MOST_VALUES and field.type in _NUMBERS:
        values = pd.to_numeric(cells).to_numpy(dtype=np.float64, na_value=np.nan)
        return _file({"field": field.name}, {"values": values[order]})
    if len(found) > MOST_VALUES and field.type in _MOMENTS:
        days, found = pd.factorize(pd.Series([str(value)[:10] for value in found], dtype=object))
        codes = np.append(days, -1)[codes]
    if len(found) > MOST_VALUES:
        return None
    head = {"field": field.name, "dictionary": plain_values(found)}
    return _file(head, {"codes": _narrow(codes[order])})


def encode_point_page(
    layer: Layer, frame: pd.DataFrame, order: npt.NDArray[np.intp], *, number: int
) -> bytes | None:
    """Write the records of one page of points: keys and all fields.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features; personal fields masked.
    order
        See `point_order`.
    number
        The number of the page, from 0.

    Returns
    -------
    body
        UTF-8 JSON with ``first``, ``keys`` and ``columns``; None for a page beyond the last.
    """
    first = number * PAGE
    rows = frame.iloc[order[first : first + PAGE]]
    if rows.empty:
        return None
    names = [field.name for field in layer.schema.fields if field.name in rows.columns]
    columns = {name: {"values": plain_values(rows[name])} for name in names}
    return orjson.dumps(
        {"first": first, "keys": [str(key) for key in rows.index]} | {"columns": columns}
    )


def point_place(frame: pd.DataFrame, order: npt.NDArray[np.intp], *, key: str) -> int | None:
    """Return the place of a feature in the order, None where there is no such key.

    Parameters
    ----------
    frame
        The layer's features.
    order
        See `point_order`.
    key
        The key of the feature.
    """
    row = np.flatnonzero(frame.index.astype(str) == key)
    return int(np.flatnonzero(order == row[0])[0]) if row.size else None


def _steps(positions: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.uint32], ...]:
    sine = np.sin(np.radians(np.clip(positions[:, 1], -_NORTHERNMOST_DEG, _NORTHERNMOST_DEG)))
    shares = positions[:, 0] / 360 + 0.5, 0.5 - np.arctanh(sine) / (2 * np.pi)
    return tuple(np.clip(np.rint(share * SIDE), 0, SIDE - 1).astype(np.uint32) for share in shares)


def _narrow(codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    most = int(codes.max(initial=0))
    kind = next(kind for kind in (np.int8, np.int16, np.int32) if most <= np.iinfo(kind).max)
    return codes.astype(kind)


def _file(head: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    listed = [
        [name, f"{array.dtype.kind}{array.itemsize}", len(array)] for name, array in arrays.items()
    ]
    said = orjson.dumps({**head, "arrays": listed})
    said += b" " * (-(len(MAGIC) + 4 + len(said)) % _ALIGNED)
    parts = [MAGIC, struct.pack("<I", len(said)), said]
    for array in arrays.values():
        body = array.astype(array.dtype.newbyteorder("<")).tobytes()
        parts += [body, bytes(-len(body) % _ALIGNED)]
    return b"".join(parts)
