"""Conditions on the fields of a layer, as an address writes them.

The value is a list of codes (`geosvc.symbology.code_of`) or a range ``low..high`` with both ends
included. Within a code ``%``, ``,`` and ``..`` are percent-encoded once more, so that the commas
between codes and the dots of a range stay clear. All filters on a layer have to pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt

from geosvc.map_state.faults import number, refuse
from geosvc.symbology import code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from geosvc.catalog.model import Field, Layer

PREFIX = "f."
"""How the name of a filter's parameter begins: ``f.<layer>.<field>``."""
NUMBERS = ("integer", "number")
MOMENTS = ("date", "datetime", "time")
"""The types of fields that ranges fit, beside numbers."""

_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}(:\d{2}(:\d{2})?)?)?)?)?", re.ASCII)
_TIME = re.compile(r"\d{2}(:\d{2}(:\d{2})?)?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Filter:
    """One condition: the value of a field is one of ``codes``, or lies from ``low`` to ``high``.

    An empty code stands for a missing value. An empty end of a range is open; with both ends open
    the field must have a value.
    """

    layer: str
    field: str
    codes: tuple[str, ...] = ()
    low: str = ""
    high: str = ""

    @property
    def name(self) -> str:
        """The name of its parameter.

        >>> Filter("stops", "kind", ("bay",)).name
        'f.stops.kind'
        """
        return f"{PREFIX}{self.layer}.{self.field}"

    @property
    def value(self) -> str:
        """The value of its parameter, before the encoding of the query.

        >>> Filter("stops", "name", ("a,b", "")).value, Filter("stops", "slots", low="2").value
        ('a%2Cb,', '2..')
        >>> Filter("stops", "name", ("",)).value
        ''
        """
        if not self.codes:
            return f"{self.low}..{self.high}"
        return ",".join(
            code.replace("%", "%25").replace(",", "%2C").replace("..", "%2E%2E")
            for code in self.codes
        )


def parse_filter(layer: Layer, field_name: str, text: str) -> Filter:
    """Read one filter.

    Parameters
    ----------
    layer
        The layer that it is on.
    field_name
        The field that it names.
    text
        The decoded value of its parameter.

    Returns
    -------
    filter
        Codes sorted, each once.

    Raises
    ------
    StateError
        If there is no such field, it is personal, or its type does not take such a value.
    """
    name = f"{PREFIX}{layer.id}.{field_name}"
    field = layer.schema.field(field_name)
    if field is None:
        open_to_all = [item.name for item in layer.schema.fields if not item.privacy]
        refuse("unknown_field", name, field_name, ", ".join(open_to_all))
    if field.privacy:
        refuse("private_filter", name, field_name)
    low, dots, high = text.partition("..")
    if dots:
        _check_range(name, field, low, high)
        return Filter(layer.id, field_name, low=low, high=high)
    codes = {unquote(part) for part in text.split(",")}
    for code in codes - {""}:
        _check_code(name, field, code)
    return Filter(layer.id, field_name, tuple(sorted(codes)))


def passing(layer: Layer, frame: pd.DataFrame, filters: Iterable[Filter]) -> npt.NDArray[np.bool_]:
    """Tell which features pass all filters on their layer.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features; personal fields masked.
    filters
        Filters on this and on other layers; those on others do not count.

    Returns
    -------
    passes
        One truth for each row.

    Examples
    --------
    >>> import pandas as pd
    >>> from geosvc.catalog.model import Field, Layer, Schema, Style, Text
    >>> none = Text("", "")
    >>> schema = Schema("Point", "code", (Field("lanes", none, "integer"),))
    >>> roads = Layer("roads", "", none, schema, Style("ring", "c-rural"))
    >>> frame = pd.DataFrame({"lanes": pd.array([2, 6, None], dtype="Int64")})
    >>> passing(roads, frame, [Filter("roads", "lanes", low="3")]).tolist()
    [False, True, False]
    >>> passing(roads, frame.iloc[:0], []).tolist()
    []
    """
    passes = np.ones(len(frame), dtype=bool)
    for item in filters:
        field = layer.schema.field(item.field)
        if item.layer == layer.id and field is not None:
            test = _test(field, item)
            passes &= np.fromiter(map(test, frame[item.field]), dtype=bool, count=len(frame))
    return passes


def _check_range(name: str, field: Field, low: str, high: str) -> None:
    said = f"{low}..{high}"
    if field.type in NUMBERS:
        ends = [number(name, text) for text in (low, high) if text]
        is_turned = ends != sorted(ends)
    elif field.type in MOMENTS:
        form, example = (_TIME, "hh:mm") if field.type == "time" else (_DAY, "YYYY-MM-DD")
        for text in (low, high):
            if text and not form.fullmatch(text):
                refuse("wrong_type", name, text, example)
        is_turned = bool(low and high) and low[: len(high)] > high[: len(low)]
    else:
        if low or high:
            refuse("wrong_type", name, said, "a,b")
        is_turned = False
    if is_turned:
        refuse("order", name, said, f"{high}..{low}")


def _check_code(name: str, field: Field, code: str) -> None:
    known = list(field.labels) or (["true", "false"] if field.type == "boolean" else [])
    if known and code not in known:
        refuse("not_in_domain", name, code, ", ".join(known))
    if field.type in NUMBERS:
        number(name, code)


def _test(field: Field, item: Filter) -> Callable[[Any], bool]:
    if item.codes:
        return _code_test(field, item.codes)
    low, high = item.low, item.high
    if field.type in NUMBERS:
        least, most = float(low or "-inf"), float(high or "inf")
        return lambda value: bool(code_of(value)) and least <= value <= most
    # a moment lies within a day or a month that names its first digits
    return lambda value: (
        bool(code_of(value))
        and (not low or str(value)[: len(low)] >= low)
        and (not high or str(value)[: len(high)] <= high)
    )


def _code_test(field: Field, codes: tuple[str, ...]) -> Callable[[Any], bool]:
    if field.type == "list":
        return lambda value: not {*codes}.isdisjoint(value) if value else "" in codes
    if field.type in NUMBERS:
        numbers = {float(code) for code in codes if code}
        # a code has six digits, a number may have more
        return lambda value: (
            "" in codes
            if (code := code_of(value)) is None
            else float(value) in numbers or float(code) in numbers
        )
    return lambda value: (code_of(value) or "") in codes
