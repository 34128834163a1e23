"""The colors of the interface, read from its design tokens: figures use the light scheme.

A few roles are darker on paper than on a screen (`PRINTED`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

Rgba: TypeAlias = tuple[float, float, float, float]

PRINTED = {"m-road-case": "#a7acaa", "m-arterial-case": "#9a9b94"}
"""Roles that are darker on paper: a grey printer loses the edges that a screen shows."""

_ROOT = re.compile(r":root\s*\{(.*?)\n\}", re.DOTALL)
_HEX = re.compile(r"#([0-9a-f]{6})", re.ASCII | re.IGNORECASE)
_TOKEN = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{3,6}|rgb\([^)]*\))\s*;", re.ASCII)


@lru_cache(maxsize=4)
def read_palette(static: Path) -> Palette:
    """Read the palette of a static tree, once.

    >>> from geosvc.settings import PROJECT
    >>> read_palette(PROJECT / "static").of("surface")
    (1.0, 1.0, 1.0, 1.0)
    """
    text = (static / "css" / "tokens.css").read_text("utf-8")
    light = _ROOT.search(text)
    printed = "".join(f"--{role}: {color};" for role, color in PRINTED.items())
    return Palette((light[1] if light else "") + printed)


class Palette:
    """Colors by role.

    Parameters
    ----------
    css
        Custom properties, ``--role: color;`` each.
    """

    def __init__(self, css: str) -> None:
        self._roles = {name: _rgba(value) for name, value in _TOKEN.findall(css)}

    def of(self, color: str, alpha: float = 1.0) -> Rgba:
        """Return a role of the palette, or ``#rrggbb``, as red, green, blue, alpha from 0 to 1.

        A role that the tokens lack is black, which nobody overlooks.

        >>> Palette("--ok: #00ff00;").of("ok", 0.5), Palette("").of("no-such-role")
        ((0.0, 1.0, 0.0, 0.5), (0.0, 0.0, 0.0, 1.0))
        """
        if _HEX.fullmatch(color):
            red, green, blue, own = _rgba(color)
        else:
            red, green, blue, own = self._roles.get(color, (0.0, 0.0, 0.0, 1.0))
        return red, green, blue, own * alpha


def _rgba(value: str) -> Rgba:
    if value.startswith("rgb"):
        numbers = [float(part) for part in re.findall(r"[\d.]+", value)]
        red, green, blue = (part / 255 for part in numbers[:3])
        return red, green, blue, numbers[3] if len(numbers) > 3 else 1.0  # noqa: PLR2004 - r g b a
    digits = value[1:]
    if len(digits) == 3:  # noqa: PLR2004 - #rgb is short for #rrggbb
        digits = "".join(2 * sign for sign in digits)
    red, green, blue = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue, 1.0
