"""Classes, colors, shapes and legend rows of a layer, worked out once for maps, tiles and figures.

A style holds values that are the same for all features and values chosen by one field. The field's
classes are the rows of the legend: codes in the order of the style, or intervals between breaks.
Nothing is left out: a feature that no class takes belongs to a last class, "other".
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geosvc import messages
from geosvc.catalog.model import By, Layer, Scalar, Style, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NEUTRAL = "c-out"
"""The palette role of features for which a style names no color."""
WIDTH_PX = 1.5
"""The width of lines for which a style names none."""


@dataclass(frozen=True, slots=True)
class LegendClass:
    """One row of a legend: what it stands for, how many features, how they are drawn.

    ``value`` is the code (or the number of the interval), None for the only or the "other" class.
    """

    value: str | None
    label: Text
    count: int
    color: str
    shape: str
    casing: str | None
    size_px: float
    width_px: float
    min_zoom: float


@dataclass(frozen=True, slots=True)
class Symbols:
    """The classes of a layer and the class of each feature (index, -1 where it has none)."""

    field: str | None
    classes: tuple[LegendClass, ...]
    codes: npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class _Row:
    value: str | None
    label: Text
    choose: Callable[[By], Scalar | None]


def symbolize(layer: Layer, frame: pd.DataFrame) -> Symbols:
    """Put each feature of a layer into a class of its legend.

    Parameters
    ----------
    layer
        The layer, for its style and the labels of its fields.
    frame
        Its features, columns typed as the schema says.

    Returns
    -------
    symbols
        Classes with counts that add up to ``len(frame)``, and a class for each feature.

    Examples
    --------
    >>> from geosvc.catalog.model import Schema
    >>> schema, style = Schema("Point", "code", ()), Style("ring", "c-rural")
    >>> stops = Layer("stops", "layers/stops.toml", Text("站点", "Stops"), schema, style)
    >>> symbols = symbolize(stops, pd.DataFrame(index=["a", "b"]))
    >>> [(row.label.en, row.count, row.shape) for row in symbols.classes], symbols.codes.tolist()
    ([('Stops', 2, 'ring')], [0, 0])
    >>> symbolize(stops, pd.DataFrame()).classes[0].count
    0
    """
    chosen = _chosen(layer.style)
    if not chosen or chosen[0].field not in frame.columns:
        row = _Row(None, layer.title, lambda by: by.default)
        codes = np.zeros(len(frame), dtype=np.int16)
        return Symbols(None, (_legend_class(layer.style, row, len(frame)),), codes)
    column = frame[chosen[0].field]
    breaks = _merged_breaks(chosen)
    if breaks.size:
        rows, codes = _interval_rows(breaks), _interval_codes(column, breaks)
    else:
        rows = _code_rows(layer, chosen)
        codes = _value_codes(column, [str(row.value) for row in rows])
    if (codes < 0).any():
        codes = np.where(codes < 0, np.int16(len(rows)), codes).astype(np.int16)
        rows.append(_Row(None, _words("legend.other"), lambda by: by.default))
    counts = np.bincount(codes, minlength=len(rows)).tolist()
    classes = tuple(
        _legend_class(layer.style, row, count) for row, count in zip(rows, counts, strict=True)
    )
    return Symbols(chosen[0].field, classes, codes)


def code_of(value: object) -> str | None:
    """Write a value as the code that layer files use for it, None for a missing one.

    >>> code_of(True), code_of(3), code_of(2.5), code_of("lane"), code_of(None), code_of(("a", "b"))
    ('true', '3', '2.5', 'lane', None, 'a')
    """
    if isinstance(value, (tuple, list)):
        return code_of(value[0]) if value else None
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN is not itself
        return None
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, (float, np.floating)) else str(value)


def _chosen(style: Style) -> list[By]:
    options = (style.color, style.shape, style.casing, style.width_px, style.min_zoom)
    return [option for option in options if isinstance(option, By)]


def _merged_breaks(chosen: list[By]) -> npt.NDArray[np.float64]:
    return np.unique(np.array([value for by in chosen for value in by.breaks], dtype=np.float64))


def _interval_codes(
    column: pd.Series[Any], breaks: npt.NDArray[np.float64]
) -> npt.NDArray[np.int16]:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    codes = np.searchsorted(breaks, values, side="right")
    return np.where(np.isnan(values), -1, codes).astype(np.int16)


def _interval_rows(breaks: npt.NDArray[np.float64]) -> list[_Row]:
    limits = [-np.inf, *breaks.tolist(), np.inf]
    rows = []
    for number, (low, high) in enumerate(itertools.pairwise(limits)):
        key = "below" if low == -np.inf else "above" if high == np.inf else "between"
        label = _words(f"legend.{key}", low=f"{low:,.10g}", high=f"{high:,.10g}")
        rows.append(_Row(str(number), label, _step(low)))
    return rows


def _step(low: float) -> Callable[[By], Scalar | None]:
    def choose(by: By) -> Scalar | None:
        place = int(np.searchsorted(np.array(by.breaks), low, side="right"))
        return by.steps[place] if place < len(by.steps) else by.default

    return choose


def _code_rows(layer: Layer, chosen: list[By]) -> list[_Row]:
    field = layer.schema.field(chosen[0].field)
    labels: Mapping[str, Any] = field.labels if field else {}
    rows = []
    for value in dict.fromkeys(str(value) for by in chosen for value in _codes(by)):
        label = labels[value].text if value in labels else Text(value, value)
        rows.append(_Row(value, label, _pick(value)))
    return rows


def _pick(value: str) -> Callable[[By], Scalar | None]:
    return lambda by: _codes(by).get(value, by.default)


def _codes(by: By) -> Mapping[str, Scalar]:
    return by.values  # noqa: PD011 - a style, not a frame


def _value_codes(column: pd.Series[Any], values: list[str]) -> npt.NDArray[np.int16]:
    places = {value: place for place, value in enumerate(values)}
    found = [places.get(code_of(value) or "", -1) for value in column]
    return np.array(found, dtype=np.int16)


def _legend_class(style: Style, row: _Row, count: int) -> LegendClass:
    def value(option: Scalar | By | None) -> Scalar | None:
        return row.choose(option) if isinstance(option, By) else option

    casing = value(style.casing)
    return LegendClass(
        value=row.value,
        label=row.label,
        count=count,
        color=str(value(style.color) or NEUTRAL),
        shape=str(value(style.shape) or style.kind),
        casing=None if casing is None else str(casing),
        size_px=float(style.size_px),
        width_px=float(_first(value(style.width_px), WIDTH_PX)),
        min_zoom=float(_first(value(style.min_zoom), 0.0)),
    )


def _first(value: Scalar | None, default: float) -> Scalar:
    return default if value is None else value


def _words(key: str, **values: str) -> Text:
    return Text(messages.text(key, "zh", **values), messages.text(key, "en", **values))
