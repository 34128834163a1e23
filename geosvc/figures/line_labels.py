"""Names along lines, and the shields of numbered roads: once for each stretch."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geosvc.figures.painting import line_mm
from geosvc.figures.sheet import Look, Type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from geosvc.figures.content import Shown
    from geosvc.figures.placing import Taken
    from geosvc.figures.sheet import Box, Sheet
    from geosvc.figures.view import View

_APART_MM = 60.0
_HALO_PX = 1.4
_NAMED_FROM_PX = (2.0, 4.0)
"""A narrower street has no name: the first half of the legend, and the rest."""
_SIZE_PX = 10.0
_UPRIGHT = 0.72
_STRAIGHT = 0.97
_ROUTE = re.compile(r"[A-Z]\d{1,4}", re.ASCII)
_SHIELD_FROM_PX = {"G": 0.0, "S": 0.0, "X": 2.4, "Y": 3.2}
_SHIELD_ROLES = {"G": "bad", "S": "warn"}
_SHIELD_PX = 8.5
_EXPRESSWAY = re.compile(r"G\d{1,2}|G\d{4}|S\d{1,2}", re.ASCII)


@dataclass(slots=True)
class Names:
    """The names of one figure while they are set.

    ``taken`` are all boxes that names keep clear of; ``labels`` (one or more boxes a name) and
    ``shields`` are those that were set, for whoever wants to prove it. Points in the ``window`` are
    named elsewhere.
    """

    sheet: Sheet
    view: View
    taken: Taken
    labels: list[tuple[Box, ...]] = field(default_factory=list)
    shields: list[Box] = field(default_factory=list)
    seen: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    window: Box | None = None

    def is_new(self, text: str, place: tuple[float, float], apart: float = _APART_MM) -> bool:
        """Tell whether the same name stands far enough away."""
        x, y = place
        return all(np.hypot(x - a, y - b) >= apart for a, b in self.seen.get(text, ()))

    def is_wanted(self, text: str, place: tuple[float, float]) -> bool:
        """Tell whether a point is to be named: outside of the window, and not a second time."""
        left, bottom, right, top = self.window or (0.0, 0.0, 0.0, 0.0)
        is_there = left < place[0] < right and bottom < place[1] < top
        return not is_there and self.is_new(text, place)

    def keep(self, text: str, place: tuple[float, float], boxes: Sequence[Box]) -> None:
        """Note that a name was set."""
        self.seen.setdefault(text, []).append(place)
        self.labels.append(tuple(boxes))


def set_shields(names: Names, shown: Shown) -> None:
    """Set the number of each stretch of a numbered road, once.

    The number is the field that the layer's card has as its second line, where that reads like
    ``G204``.
    """
    codes = shown.column(shown.layer.popup.subtitle)
    for code, rows, kind in _stretches(shown, codes):
        if not _ROUTE.fullmatch(code):
            continue
        width = line_mm(shown, shown.symbols.classes[kind], names.view)[0] / names.view.unit
        if width < _SHIELD_FROM_PX.get(code[0], 99.0):
            continue
        for line in _joined(shown, rows):
            _set_shield(names, code, line)


def name_streets(names: Names, shown: Shown) -> None:
    """Name the lines of a layer that are wide and long enough."""
    texts, half = shown.column(shown.layer.style.label), len(shown.symbols.classes) / 2
    for text, rows, kind in _stretches(shown, texts):
        if any(text.startswith(code) for code in names.seen if _ROUTE.fullmatch(code)):
            # its shield says it already
            continue
        width = line_mm(shown, shown.symbols.classes[kind], names.view)[0] / names.view.unit
        is_main = kind < half
        if shown.layer.style.scaled and width < _NAMED_FROM_PX[0 if is_main else 1]:
            continue
        role = "m-label" if is_main else "m-label-2"
        type_ = Type(_SIZE_PX * names.view.unit, role)
        aside = (width / 2 + 9.0) * names.view.unit if is_main else 0.0
        pairs = [(names.sheet.typeface.shown(text), line) for line in _joined(shown, rows)]
        name_lines(names, pairs, type_, aside=aside)


def name_lines(
    names: Names,
    lines: Sequence[tuple[str, shapely.Geometry]],
    type_: Type,
    *,
    aside: float = 0.0,
) -> None:
    """Set a name along each line, level or slanted; Chinese on an upright line stands upright.

    Parameters
    ----------
    names
        The names of the figure.
    lines
        A name and its line each.
    type_
        How it is written.
    aside
        How far beside the line it may stand in mm where there is no room on the line.
    """
    gap = 0.25 * type_.size
    for text, line in lines:
        ruler = shapely.get_coordinates(line)
        width = names.sheet.typeface.width(text) * type_.size + gap * (len(text) - 1)
        if not text or shapely.length(line) < 1.6 * width:
            continue
        slots = _slots(shapely.length(line), width)
        choices = [(place, off) for off in dict.fromkeys((0.0, aside, -aside)) for place in slots]
        for place, off in choices:
            if _set_along(names, text, (ruler, place, width, off), type_):
                break


def _stretches(
    shown: Shown, texts: npt.NDArray[np.object_]
) -> Iterator[tuple[str, list[int], int]]:
    """Give the rows of each class and name; the important classes come first."""
    codes = shown.symbols.codes
    found: dict[tuple[int, str], list[int]] = {}
    for index, (code, text) in enumerate(zip(codes.tolist(), texts, strict=True)):
        if text:
            found.setdefault((code, str(text)), []).append(index)
    for (code, text), rows in sorted(found.items()):
        yield text, rows, code


def _joined(shown: Shown, rows: list[int]) -> list[shapely.LineString]:
    """Join the pieces of a street, the longest stretch first."""
    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(shown.geometries[rows])))
    lines = sorted(parts, key=lambda line: (-line.length, line.bounds))
    return [line for line in lines if line.geom_type == "LineString"]


def _slots(length: float, width: float) -> list[float]:
    """Return places along a line, the middle first."""
    places = np.arange(width / 2 + 1, length - width / 2 - 1, 3.0)
    order = np.argsort(np.abs(places - length / 2), kind="stable")
    return [length / 2, *places[order].tolist()]


def _set_along(
    names: Names,
    text: str,
    where: tuple[npt.NDArray[np.float64], float, float, float],
    type_: Type,
) -> bool:
    ruler, middle, width, off = where
    chord = _chord(ruler, middle - width / 2, middle + width / 2)
    if chord is None:
        return False
    start, end = chord
    across = (end - start)[::-1] * (-1, 1) / np.hypot(*(end - start))
    start, end = start + off * across, end + off * across
    place = ((start + end) / 2).tolist()
    if not names.is_new(text, (place[0], place[1])):
        return False
    angle = np.arctan2(*(end - start)[::-1])
    is_upright = not text.isascii() and abs(np.sin(angle)) > _UPRIGHT
    # from left to right, or from top to bottom
    if (start[1] < end[1]) if is_upright else (start[0] > end[0]):
        start, end = end, start
    count = len(text)
    steps = (np.arange(count) + 0.5) / count
    spots = start + (end - start) * steps[:, None]
    half = 0.58 * type_.size
    boxes: list[Box] = [(x - half, y - half, x + half, y + half) for x, y in spots.tolist()]
    if not names.taken.claim(boxes):
        return False
    turn = 0.0 if is_upright else float(np.degrees(np.arctan2(*(end - start)[::-1])))
    look = Type(type_.size, type_.role, align="center", halo=_HALO_PX * names.view.unit, angle=turn)
    if text.isascii():
        names.sheet.write((place[0], place[1]), text, look)
    else:
        for sign, spot in zip(text, spots.tolist(), strict=True):
            names.sheet.write((spot[0], spot[1]), sign, look)
    names.keep(text, (place[0], place[1]), boxes)
    return True


def _chord(
    ruler: npt.NDArray[np.float64], low: float, high: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    """Return both ends of a piece of a line, if the piece is straight enough to carry a text."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(ruler, axis=0).T))])
    if low < 0 or high > along[-1]:
        return None
    start, end = (
        np.array([np.interp(at, along, ruler[:, 0]), np.interp(at, along, ruler[:, 1])])
        for at in (low, high)
    )
    length = float(np.hypot(*(end - start)))
    if length < _STRAIGHT * (high - low):
        return None
    return start, end


def _set_shield(names: Names, code: str, line: shapely.LineString) -> None:
    unit = names.view.unit
    size = _SHIELD_PX * unit
    width = names.sheet.typeface.width(code, bold=True) * size + 5 * unit
    if line.length < 3 * width:
        return
    high = size * 0.72
    for part in (0.5, 0.38, 0.62, 0.26, 0.74, 0.15, 0.85):
        place = line.interpolate(part, normalized=True)
        if not names.is_new(code, (place.x, place.y)):
            continue
        box = (place.x - width / 2, place.y - high, place.x + width / 2, place.y + high)
        if not names.taken.claim([box]):
            continue
        role = "ok" if _EXPRESSWAY.fullmatch(code) else _SHIELD_ROLES.get(code[0], "ink-3")
        colors = names.sheet.palette
        look = Look(face=colors.of(role), edge=colors.of("halo"), width=1.0 * unit)
        names.sheet.box(box, look)
        type_ = Type(size, "halo", bold=True, align="center")
        names.sheet.write((place.x, place.y), code, type_)
        names.shields.append(box)
        names.seen.setdefault(code, []).append((place.x, place.y))
        return
