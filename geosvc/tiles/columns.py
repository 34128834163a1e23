"""A layer as columns of JSON: the same bytes for the same revision, in no language.

Coordinates are whole micro-degrees (about 0.1 m), each written as the difference from the one
before it, which compresses to a third of GeoJSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd
import shapely

from geosvc.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geosvc.catalog.model import Layer
    from geosvc.symbology import Symbols

STEPS_PER_DEGREE = 1_000_000
KINDS = {"Point": "point", "LineString": "line", "Polygon": "area", "None": "none"}
"""The browser's word for each geometry type of a schema."""


def encode_columns(
    layer: Layer, frame: pd.DataFrame, symbols: Symbols, *, revision: int, synthetic: bool
) -> bytes:
    """Write what a map draws of a layer: keys, classes, geometry, and the columns a popup shows.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features in lon, lat; personal fields masked.
    symbols
        Their classes, in the same order.
    revision
        The number of the layer's revision.
    synthetic
        Whether the features, or any they were made from, are invented.

    Returns
    -------
    body
        UTF-8 JSON with ``layer``, ``revision``, ``synthetic``, ``count``, ``keys``, ``class``,
        ``geometry`` and ``columns``.

    Raises
    ------
    SourceError
        If a layer of points holds something else.
    """
    head = _head(layer, frame, revision=revision, synthetic=synthetic)
    body = head | {
        "class": symbols.codes.tolist(),
        "geometry": _geometry(layer, frame),
        "columns": _columns(frame, shown_fields(layer)),
    }
    return orjson.dumps(body)


def encode_rows(layer: Layer, frame: pd.DataFrame, *, revision: int, synthetic: bool) -> bytes:
    """Write every field of a layer for a table, without geometry.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features; personal fields masked.
    revision
        The number of the layer's revision.
    synthetic
        Whether the features, or any they were made from, are invented.

    Returns
    -------
    body
        UTF-8 JSON like that of `encode_columns`, with all fields and no ``class`` or ``geometry``.
    """
    names = [field.name for field in layer.schema.fields]
    head = _head(layer, frame, revision=revision, synthetic=synthetic)
    return orjson.dumps(head | {"columns": _columns(frame, names)})


def shown_fields(layer: Layer) -> list[str]:
    """Return the fields that a map shows in popups, labels and classes, in schema order.

    >>> from geosvc.catalog.model import Field, Layer, Popup, Schema, Style, Text
    >>> none = Text("", "")
    >>> schema = Schema("Point", "code", (Field("code", none), Field("note", none)))
    >>> style = Style("ring", "c-rural")
    >>> shown_fields(Layer("stops", "", none, schema, style, popup=Popup("code")))
    ['code']
    >>> shown_fields(Layer("stops", "", none, schema, style))
    []
    """
    popup, style = layer.popup, layer.style
    wanted = {popup.title, popup.subtitle, *popup.badges, *popup.facts, style.label}
    return [field.name for field in layer.schema.fields if field.name in wanted]


def plain_values(column: Iterable[Any]) -> list[Any]:
    """Return a column as JSON values: None for what is missing or not finite, lists for tuples.

    >>> plain_values(pd.array([1, None], dtype="Int64"))
    [1, None]
    >>> plain_values([("a", "b"), float("nan"), "x"]), plain_values([])
    ([['a', 'b'], None, 'x'], [])
    """
    return [_plain(value) for value in column]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of any column
    if isinstance(value, (tuple, list)):
        return list(value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    return value if not isinstance(value, float) or np.isfinite(value) else None


def _head(layer: Layer, frame: pd.DataFrame, *, revision: int, synthetic: bool) -> dict[str, Any]:
    return {
        "layer": layer.id,
        "revision": revision,
        "synthetic": synthetic,
        "count": len(frame),
        "keys": [str(key) for key in frame.index],
    }


def _columns(frame: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    return {name: _column(plain_values(frame[name])) for name in names if name in frame.columns}


def _column(values: list[Any]) -> dict[str, Any]:
    texts = [value for value in values if value is not None]
    plain = {"values": values}
    if not texts or not all(isinstance(value, str) for value in texts):
        return plain
    places = {value: place for place, value in enumerate(dict.fromkeys(texts))}
    codes = [-1 if value is None else places[value] for value in values]
    coded = {"codes": codes, "dictionary": list(places)}
    return coded if len(orjson.dumps(coded)) < len(orjson.dumps(plain)) else plain


def _geometry(layer: Layer, frame: pd.DataFrame) -> dict[str, Any]:
    kind = KINDS[layer.schema.geometry]
    if kind == "none":
        return {"kind": kind}
    features = np.asarray(frame.geometry.array, dtype=object)
    if kind == "point":
        return {"kind": kind} | _points(layer, features)
    parts, owner = shapely.get_parts(features, return_index=True)
    if kind == "area":
        rings, ring_owner = shapely.get_rings(parts, return_index=True)
        parts, owner = rings, owner[ring_owner]
    positions, path = shapely.get_coordinates(parts, return_index=True)
    sizes = np.bincount(path, minlength=len(parts))
    return {"kind": kind} | _deltas(positions) | {"sizes": sizes.tolist(), "owner": owner.tolist()}


def _points(layer: Layer, features: npt.NDArray[Any]) -> dict[str, list[int]]:
    positions = shapely.get_coordinates(features)
    kinds = shapely.get_type_id(features)
    if len(positions) != len(features) or (kinds != shapely.GeometryType.POINT).any():
        raise SourceError(layer.id)
    return _deltas(positions)


def _deltas(positions: npt.NDArray[np.float64]) -> dict[str, list[int]]:
    steps = np.rint(positions * STEPS_PER_DEGREE).astype(np.int64)
    moves = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return {"lon": moves[:, 0].tolist(), "lat": moves[:, 1].tolist()}
