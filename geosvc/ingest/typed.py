"""Loose values to the types of a schema, one value at a time.

Text and typed formats meet here: ``"12"`` and ``12`` are one integer, whichever format they came
in. Digits, signs and points may be full width in numbers, and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geosvc.catalog.model import FieldType

Value: TypeAlias = str | int | float | bool | tuple[str, ...]

EXPECTED = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "true, false",
    "date": "YYYY-MM-DD",
    "datetime": "YYYY-MM-DDThh:mm:ss+08:00",
    "time": "hh:mm",
    "list": "a;b",
}
"""How each type is written, for a reader of a fault."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?", re.ASCII)
_BOOLEANS = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}
_INT64 = 2**63
_EXACT = 2**53  # whole numbers that a float holds without loss


def to_type(value: object, kind: FieldType) -> Value | None:
    """Read one value as a type.

    Parameters
    ----------
    value
        Text or a value of a typed format; not None.
    kind
        The field's type.

    Returns
    -------
    value
        Of the type (dates and times as ISO text, a list as a tuple of texts), or None if the value
        is not of this type.

    Examples
    --------
    >>> to_type("１２", "integer"), to_type("a; b", "list"), to_type(321084.0, "string")
    (12, ('a', 'b'), '321084')
    >>> to_type("2024/6/3", "date") is None
    True
    """
    return _READERS[kind](value)


def to_number(value: object) -> float | None:
    """Read a finite number.

    Parameters
    ----------
    value
        Text or a number.

    Returns
    -------
    number
        None if the value is not a number or too large for one.

    Examples
    --------
    >>> to_number("１２１．５"), to_number("1e999"), to_number("")
    (121.5, None, None)
    """
    if isinstance(value, str):
        plain = unicodedata.normalize("NFKC", value).strip()
        number = float(plain) if _NUMBER.fullmatch(plain) else math.inf
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    else:
        try:
            number = float(value)
        except OverflowError:
            # an integer may be too long for a float
            return None
    return number if math.isfinite(number) else None


def in_order(low: object, high: object, kind: FieldType) -> bool:
    """Tell whether two values do not decrease.

    Parameters
    ----------
    low, high
        Values as `to_type` returns them, or bounds of a layer file.
    kind
        Their type. Datetimes compare as moments, so that offsets do not matter; a bare day and a
        datetime compare by their days.

    Returns
    -------
    holds
        Whether ``low`` is at most ``high``.

    Examples
    --------
    >>> in_order("2024-06-03T09:00:00+09:00", "2024-06-03T08:30:00+08:00", "datetime")
    True
    >>> in_order("", "", "string")
    True
    """
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        return low <= high
    left, right = str(low), str(high)
    if kind == "datetime":
        if _DATE.fullmatch(left) or _DATE.fullmatch(right):
            return left[:10] <= right[:10]
        return dt.datetime.fromisoformat(left) <= dt.datetime.fromisoformat(right)
    if kind == "time":
        return dt.time.fromisoformat(left) <= dt.time.fromisoformat(right)
    return left <= right


def _string(value: object) -> str | None:
    if isinstance(value, str):
        # neither the store nor a page can hold a NUL
        return None if "\0" in value else value
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < _EXACT
        return str(int(value)) if whole else repr(value) if math.isfinite(value) else None
    return str(value) if isinstance(value, int) else None


def _integer(value: object) -> int | None:
    number: int | None = None
    if isinstance(value, str):
        plain = unicodedata.normalize("NFKC", value).strip()
        number = int(plain) if _INTEGER.fullmatch(plain) else None
    elif isinstance(value, float):
        number = int(value) if value.is_integer() and abs(value) < _EXACT else None
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    return number if number is not None and -_INT64 <= number < _INT64 else None


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, (str, int)):
        return _BOOLEANS.get(str(value).strip().lower())
    return None


def _date(value: object) -> str | None:
    return _moment(value, _DATE, dt.date.fromisoformat)


def _datetime(value: object) -> str | None:
    return _moment(value, _DATETIME, dt.datetime.fromisoformat)


def _time(value: object) -> str | None:
    return _moment(value, _TIME, dt.time.fromisoformat)


def _moment(
    value: object, form: re.Pattern[str], read: Callable[[str], dt.date | dt.time]
) -> str | None:
    plain = value.strip() if isinstance(value, str) else ""
    if not form.fullmatch(plain):
        return None
    try:
        moment = read(plain)
    except ValueError:
        return None
    # a time of day keeps the precision in which it was written
    return plain if isinstance(moment, dt.time) else moment.isoformat()


def _list(value: object) -> tuple[str, ...] | None:
    items: Sequence[object]
    if isinstance(value, str):
        items = _json_list(value) or [part.strip() for part in value.split(";")]
    elif isinstance(value, (list, tuple)):
        items = value
    else:
        return None
    texts = [_string(item) for item in items]
    if any(text is None for text in texts):
        return None
    return tuple(text for text in texts if text)


def _json_list(text: str) -> list[object]:
    # GDAL writes lists into formats that have none as JSON
    if not text.startswith('["'):
        return []
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


_READERS: dict[FieldType, Callable[[object], Value | None]] = {
    "string": _string,
    "integer": _integer,
    "number": to_number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "list": _list,
}
