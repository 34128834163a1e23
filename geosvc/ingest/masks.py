"""Fields marked ``privacy``: their values are parted from the frame, which keeps a mask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.catalog.model import Schema

HIDDEN = "***"
"""What stands for a value of which nothing may be shown."""

# a province's character, a city's letter, five or six characters of which the last may be a kind
_PLATE = re.compile(r"([\u4e00-\u9fff][A-Z])[\s·.-]?([A-Z0-9]{4,5}[A-Z0-9挂学警港澳])")


def mask_text(text: str) -> str:
    """Hide a personal text; of a vehicle plate the city and the last three characters stay.

    Parameters
    ----------
    text
        The value.

    Returns
    -------
    mask
        The same mask for every text that is no plate.

    Examples
    --------
    >>> mask_text("苏XA1234"), mask_text("Wang")
    ('苏X·**234', '***')
    >>> mask_text("")
    '***'
    """
    plate = _PLATE.fullmatch(text.strip().upper())
    return f"{plate[1]}·**{plate[2][-3:]}" if plate else HIDDEN


def split_personal(
    columns: dict[str, Sequence[object]], schema: Schema, keys: Sequence[str]
) -> tuple[dict[str, Sequence[object]], pd.DataFrame]:
    """Part the true values of personal fields from the columns of a frame.

    Parameters
    ----------
    columns
        Typed columns; not changed.
    schema
        Says which fields are personal.
    keys
        The key of each row.

    Returns
    -------
    columns
        Personal texts masked; personal values of other types hidden altogether.
    personal
        Columns key, field, value (text), one row for each value.

    Examples
    --------
    >>> from geosvc.catalog.model import Field, Schema, Text
    >>> plate = Field("plate", Text("", ""), privacy="enforcement")
    >>> schema = Schema("None", "plate", (plate,))
    >>> columns, personal = split_personal({"plate": ["苏XA1234", None]}, schema, ["1", "2"])
    >>> columns, personal.to_dict("records")
    ({'plate': ['苏X·**234', None]}, [{'key': '1', 'field': 'plate', 'value': '苏XA1234'}])
    >>> len(split_personal({"plate": []}, schema, [])[1])
    0
    """
    shown = dict(columns)
    rows: list[tuple[str, str, str]] = []
    for field in schema.fields:
        if field.privacy is None:
            continue
        values = columns[field.name]
        for key, value in zip(keys, values, strict=True):
            parts = value if isinstance(value, tuple) else (value,)
            rows += [(key, field.name, str(part)) for part in parts if part is not None]
        shown[field.name] = [_mask(value) for value in values]
    return shown, pd.DataFrame(rows, columns=["key", "field", "value"], dtype=object)


def _mask(value: object) -> object:
    if isinstance(value, str):
        return mask_text(value)
    return (HIDDEN,) if isinstance(value, tuple) else None
