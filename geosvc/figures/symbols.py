"""The point symbols of the map as paths: the same shapes as ``static/js/symbols.js`` draws.

Each is a list of fills and strokes on a grid of 20 units around its anchor, the y axis upwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from matplotlib.path import Path

if TYPE_CHECKING:
    from collections.abc import Sequence

Tone: TypeAlias = Literal["ink", "halo"]
Places: TypeAlias = "Sequence[tuple[float, float]]"


@dataclass(frozen=True, slots=True)
class Part:
    """One fill or stroke of a symbol; ``width`` in units of the grid."""

    path: Path
    fill: Tone | None = None
    stroke: Tone | None = None
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Symbol:
    """A point symbol; ``extent`` are the units that a style's ``size_px`` measures.

    ``box`` is what it covers around its anchor: left, bottom, right, top.
    """

    extent: float
    parts: tuple[Part, ...]
    box: tuple[float, float, float, float]


def _placed(places: Places) -> list[tuple[float, float]]:
    """Put the anchor (10, 10) of the screen's grid at the origin, and y upwards."""
    return [(x - 10.0, 10.0 - y) for x, y in places]


def _polygon(*places: tuple[float, float]) -> Path:
    return Path([*_placed(places), (0.0, 0.0)], closed=True)


def _stroke(*pieces: Places) -> Path:
    return Path.make_compound_path(*(Path(_placed(piece)) for piece in pieces))


def _circle(radius: float) -> Path:
    return Path.circle((0.0, 0.0), radius)


def _rounded(reach: float, corner: float) -> Path:
    """Return a square of half the side ``reach`` with round corners."""
    turn = [np.deg2rad(part) for part in np.linspace(0, 90, 7)]
    inner = reach - corner
    places = []
    for quarter, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        for angle in turn:
            full = angle + quarter * np.pi / 2
            places.append((sx * inner + corner * np.cos(full), sy * inner + corner * np.sin(full)))
    return Path([*places, places[0]], closed=True)


def _solid(path: Path, edge: float = 1.5) -> tuple[Part, ...]:
    return (Part(path, fill="ink", stroke="halo", width=edge),)


def _open(back: Path, front: Path) -> tuple[Part, ...]:
    return Part(back, fill="halo"), Part(front, fill="halo", stroke="ink", width=2.2)


def _square(*marks: Part) -> Symbol:
    return Symbol(14.8, (*_solid(_rounded(7.4, 2.0), 1.4), *marks), (-8.1, -8.1, 8.1, 8.1))


def _mark(*pieces: Places, tone: Tone = "halo", width: float = 2.0) -> Part:
    return Part(_stroke(*pieces), stroke=tone, width=width)


_UP = _polygon((10, 2.6), (18, 16.4), (2, 16.4))
_DOWN = _polygon((10, 17.4), (2, 3.6), (18, 3.6))
_PIN = Path(
    [
        *((-10.5, 34.1), (10.5, 34.1), (14.5, 30.1), (14.5, 12.1), (10.5, 8.1), (4.2, 8.1)),
        *((0.0, 0.0), (-4.2, 8.1), (-10.5, 8.1), (-14.5, 12.1), (-14.5, 30.1), (-10.5, 34.1)),
    ],
    closed=True,
)
PIN_MIDDLE = 21.0
"""How far the text of a pin stands above its tip, in units of its grid."""

SYMBOLS: dict[str, Symbol] = {
    "circle": Symbol(11.2, _solid(_circle(5.6), 1.6), (-6.4, -6.4, 6.4, 6.4)),
    "ring": Symbol(
        11.2,
        (Part(_circle(6.6), fill="halo"), Part(_circle(4.5), fill="halo", stroke="ink", width=2.3)),
        (-6.6, -6.6, 6.6, 6.6),
    ),
    "square": _square(),
    "square_cross": _square(_mark(((6.8, 6.8), (13.2, 13.2)), ((13.2, 6.8), (6.8, 13.2)))),
    "square_check": _square(_mark(((6, 10.4), (8.8, 13.2), (14, 7.2)), width=2.1)),
    "square_arrow": Symbol(
        14.8,
        (
            Part(_rounded(8.1, 2.4), fill="halo"),
            Part(_rounded(6.6, 1.6), fill="halo", stroke="ink", width=2.0),
            _mark(
                ((6.2, 10), (13.2, 10)),
                ((10.4, 7.1), (13.3, 10), (10.4, 12.9)),
                tone="ink",
                width=1.9,
            ),
        ),
        (-8.1, -8.1, 8.1, 8.1),
    ),
    "triangle_up": Symbol(16.0, _solid(_UP), (-8.7, -7.2, 8.7, 8.2)),
    "triangle_down": Symbol(16.0, _solid(_DOWN), (-8.7, -8.2, 8.7, 7.2)),
    "triangle_up_open": Symbol(
        16.0,
        _open(
            _polygon((10, 2.2), (18.4, 16.8), (1.6, 16.8)),
            _polygon((10, 5), (15.9, 15.2), (4.1, 15.2)),
        ),
        (-8.4, -6.8, 8.4, 7.8),
    ),
    "triangle_down_open": Symbol(
        16.0,
        _open(
            _polygon((10, 17.8), (1.6, 3.2), (18.4, 3.2)),
            _polygon((10, 15), (4.1, 4.8), (15.9, 4.8)),
        ),
        (-8.4, -7.8, 8.4, 6.8),
    ),
    "diamond": Symbol(
        16.0, _solid(_polygon((10, 2), (18, 10), (10, 18), (2, 10))), (-8.8, -8.8, 8.8, 8.8)
    ),
    "flag": Symbol(
        16.0,
        (
            Part(_stroke(((5.5, 1.8), (5.5, 18.5))), stroke="halo", width=4.2),
            Part(
                _polygon((5.5, 2.5), (16, 2.5), (13.4, 6.2), (16, 9.9), (5.5, 9.9)),
                fill="ink",
                stroke="halo",
                width=1.4,
            ),
            Part(_stroke(((5.5, 2), (5.5, 18))), stroke="ink", width=1.9),
        ),
        (-6.6, -10.6, 6.7, 10.3),
    ),
    "pin": Symbol(34.0, _solid(_PIN, 2.0), (-15.5, -1.0, 15.5, 35.1)),
}


def symbol_of(shape: str) -> Symbol:
    """Return the symbol of a shape, a disc where there is none.

    >>> symbol_of("ring").extent, symbol_of("no_such_shape") is SYMBOLS["circle"]
    (11.2, True)
    """
    return SYMBOLS.get(shape, SYMBOLS["circle"])
