"""TOML files decoded, and their values written back for people to read."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from geosvc.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE = re.compile(r"at line (\d+)")
_LONGEST_SHOWN = 80


def read_toml(path: str, data: str | bytes, issues: list[Issue]) -> Mapping[str, Any] | None:
    r"""Decode and parse a TOML file.

    Parameters
    ----------
    path
        The path that faults name.
    data
        The file's content; bytes are UTF-8, with or without a byte order mark.
    issues
        Receives ``unreadable`` with the line that TOML or UTF-8 stumbled over.

    Returns
    -------
    values
        The file's top table, or None if it is unreadable.

    Examples
    --------
    >>> faults = []
    >>> read_toml("layers/a.toml", b"order = 5", faults)
    {'order': 5}
    >>> read_toml("layers/a.toml", b"order = 5\nvisible = maybe", faults)
    >>> faults[0].code, faults[0].found
    ('unreadable', 'line 2')
    >>> read_toml("layers/a.toml", "", faults)
    {}
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        issues.append(Issue("unreadable", path, found=f"line {line}", expected="UTF-8"))
        return None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        at = _LINE.search(str(error))
        # tomllib names no line for an open end, a number of thousands of digits or deep nesting
        line = int(at[1]) if at else text.count("\n") + 1
        issues.append(Issue("unreadable", path, found=f"line {line}", expected="TOML"))
        return None


def shown(value: object) -> str:
    r"""Write a value of a file on one short line of printable characters.

    >>> shown({"lon": 1})
    '{"lon": 1}'
    >>> shown("a\nb")
    '"a\\nb"'
    >>> shown("")
    ''
    """
    if isinstance(value, str) and value.isprintable():
        text = value
    else:
        try:
            text = json.dumps(value, ensure_ascii=False, default=str)
        except RecursionError:
            text = "…"
        if not text.isprintable():
            text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
