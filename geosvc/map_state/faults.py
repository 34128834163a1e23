"""What is wrong with a parameter of an address, and numbers read with care."""

from __future__ import annotations

import math
import re
from typing import NoReturn

from geosvc.errors import Issue, StateError

SHOWN = 60
"""How much of a wrong text is said back."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def refuse(code: str, parameter: str, found: str, expected: str = "") -> NoReturn:
    """Refuse a parameter.

    Raises
    ------
    StateError
        Always: with the parameter, what was found there and what was expected.

    Examples
    --------
    >>> refuse("wrong_type", "z", "near", "1..22")
    Traceback (most recent call last):
    geosvc.errors.StateError: z
    """
    issue = Issue(code, parameter[:SHOWN], found=found[:SHOWN], expected=expected)
    raise StateError(parameter[:SHOWN], issues=[issue])


def number(parameter: str, text: str, low: float = -math.inf, high: float = math.inf) -> float:
    """Read a finite number within bounds.

    Raises
    ------
    StateError
        If ``text`` is none.

    Examples
    --------
    >>> number("z", "14.25", 1, 22), number("f.roads.lanes", "2")
    (14.25, 2.0)
    >>> number("z", "")
    Traceback (most recent call last):
    geosvc.errors.StateError: z
    """
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        refuse("wrong_type", parameter, text, "1.5" if math.isinf(low) else f"{low:g}..{high:g}")
    if value < low:
        refuse("below_minimum", parameter, text, f"{low:g}")
    if value > high:
        refuse("above_maximum", parameter, text, f"{high:g}")
    return value
