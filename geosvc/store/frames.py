"""Frames of exactly the contract's types, and their values as SQLite and Python know them.

string, date, datetime, time -> object (str or None); integer -> Int64; number -> Float64 (never
NaN, never -0.0); boolean -> boolean; list -> object (tuple of str, or None). The index is the key
as text, and rows are sorted by it, so that equal features make equal frames whatever their history.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from geosvc.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from pandas.api.extensions import ExtensionArray

    Column: TypeAlias = ExtensionArray | NDArray[Any]

    from geosvc.store.records import Shape

CRS84: Final = "OGC:CRS84"

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def conform(frame: pd.DataFrame, shape: Shape) -> pd.DataFrame:
    """Bring a frame to the types, columns and row order in which it is stored.

    Parameters
    ----------
    frame
        Has the fields of ``shape`` as columns and, where ``shape`` has a geometry, is a
        GeoDataFrame. Its index is the key where it bears the key's name, else the key is a column.
    shape
        The columns to have.

    Returns
    -------
    frame
        A new frame; a GeoDataFrame in OGC:CRS84 where ``shape`` has a geometry.

    Raises
    ------
    StoreError
        If a column or a geometry is missing, a key is missing or not unique, the CRS is another
        one, or values do not fit their type.
    """
    missing = [name for name, _ in shape.fields if name not in frame.columns]
    if missing:
        msg = f"columns missing: {', '.join(missing)}"
        raise StoreError(msg)
    named = frame.index.name == shape.primary_key
    given = _texts(frame.index if named else frame[shape.primary_key])
    keys = [key for key in given if key is not None]
    ordered = sorted(range(len(keys)), key=keys.__getitem__)
    if len(keys) < len(given) or any(
        keys[at] == keys[after] for at, after in itertools.pairwise(ordered)
    ):
        msg = f"{shape.primary_key}: a key is missing or not unique"
        raise StoreError(msg)
    order = np.array(ordered, dtype=np.intp)
    columns = {name: _typed(name, frame[name], kind).take(order) for name, kind in shape.fields}
    geometry = _geometry(frame).take(order) if shape.has_geometry else None
    return assemble([keys[at] for at in order], columns, geometry, shape)


def assemble(
    keys: Sequence[str],
    columns: Mapping[str, Column],
    geometry: NDArray[np.object_] | None,
    shape: Shape,
) -> pd.DataFrame:
    """Make a frame of typed columns and, unless it is None, an array of geometries."""
    index = pd.Index(_objects(keys), dtype=object, name=shape.primary_key)
    # the type is said, else pandas takes objects that are all texts for its own text type; without
    # copies mapped files stay mapped
    series = {
        name: pd.Series(values, index=index, dtype=values.dtype, copy=False)
        for name, values in columns.items()
    }
    names = _objects(list(columns))
    frame = pd.DataFrame(series, index=index, columns=names, copy=False)
    if geometry is None:
        return frame
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS84, copy=False)


def values_of(column: pd.Series[Any], kind: str) -> list[Any]:
    """Return a column's values as SQLite takes them, None where they are missing."""
    if kind == "list":
        # lists repeat: each is written once
        known = {value: list_text(value) for value in {*column} - {None}}
        return [known.get(value) for value in column]
    return _optional(column)


def typed_column(values: Sequence[Any], kind: str) -> Column:
    """Make a column of the type that ``kind`` has from what SQLite gave back.

    >>> typed_column([1, None], "boolean").tolist()
    [True, <NA>]
    >>> len(typed_column([], "integer"))
    0
    """
    return joined_column(values, (), kind)


def joined_column(stored: Sequence[Any], typed: Sequence[Any], kind: str) -> Column:
    """Make a column of what SQLite gave back and, after it, of values typed already.

    >>> joined_column(['["a"]', None], [("b",)], "list").tolist()
    [('a',), None, ('b',)]
    >>> len(joined_column([], [], "list"))
    0
    """
    if kind == "boolean":
        given = [None if value is None else bool(value) for value in stored]
        return _array([*given, *typed], kind)
    if kind == "list":
        # equal lists are one object: they repeat
        known = {text: list_value(text) for text in {*stored} - {None}}
        return _array([*map(known.get, stored), *typed], kind)
    return _array([*stored, *typed], kind)


def list_text(value: Sequence[str]) -> str:
    """Write a list as JSON.

    >>> list_text(("a", "乙"))
    '["a","乙"]'
    >>> list_text(())
    '[]'
    """
    return _ENCODER.encode(list(value))


def list_value(text: str) -> tuple[str, ...]:
    """Read what `list_text` wrote.

    >>> list_value('["a"]')
    ('a',)
    >>> list_value("[]")
    ()
    """
    return tuple(json.loads(text))


def _typed(name: str, column: pd.Series[Any], kind: str) -> Column:
    try:
        if kind == "list":
            return _array([_list(value) for value in column], kind)
        if kind == "number":
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0
            return pd.arrays.FloatingArray(numbers, np.isnan(numbers))
        texts = kind not in {"integer", "boolean"}
        return _array(_texts(column) if texts else _optional(column), kind)
    except (TypeError, ValueError, OverflowError) as error:
        msg = f"{name}: not of type {kind}: {error}"
        raise StoreError(msg) from error


def _array(values: Sequence[Any], kind: str) -> Column:
    if kind == "integer":
        return pd.array(values, dtype="Int64")
    if kind == "number":
        return pd.array(values, dtype="Float64")
    if kind == "boolean":
        return pd.array(values, dtype="boolean")
    return _objects(values)


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    # np.array would make a table of tuples that are equally long
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _optional(column: pd.Series[Any]) -> list[Any]:
    # tolist() gives Python's own numbers: SQLite would store those of numpy as bytes
    given, absent = column.tolist(), column.isna()
    return [None if gone else value for value, gone in zip(given, absent, strict=True)]


def _texts(column: pd.Series[Any] | pd.Index[Any]) -> list[str | None]:
    given = column.to_numpy(dtype=object)
    absent = pd.isna(given)
    return [None if gone else str(value) for value, gone in zip(given, absent, strict=True)]


def _list(value: object) -> tuple[str, ...] | None:
    if isinstance(value, tuple) and all(type(item) is str for item in value):
        return value
    if isinstance(value, (tuple, list)):
        return tuple(str(item) for item in value)
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN alone does
        return None
    msg = f"{type(value).__name__} is not a list"
    raise TypeError(msg)


def _geometry(frame: pd.DataFrame) -> NDArray[np.object_]:
    if not isinstance(frame, gpd.GeoDataFrame):
        msg = "geometry missing"
        raise StoreError(msg)
    if frame.crs != CRS84:
        msg = f"geometry in {frame.crs} instead of {CRS84}"
        raise StoreError(msg)
    geometry = np.asarray(frame.geometry.array, dtype=object)
    if any(item is None for item in geometry):
        msg = "a geometry is missing"
        raise StoreError(msg)
    return geometry
