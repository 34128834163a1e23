"""What a map needs around its features: scale bar, north arrow, neat line, locator, notice."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from matplotlib.path import Path

from geosvc import messages
from geosvc.figures.painting import hatching
from geosvc.figures.placing import grown
from geosvc.figures.sheet import Look, Type, outline
from geosvc.figures.view import look_at

if TYPE_CHECKING:
    from geosvc.catalog.model import Language
    from geosvc.figures.fonts import Typeface
    from geosvc.figures.sheet import Box, Geometries, Sheet
    from geosvc.figures.view import View

_KILOMETER = 1000
_TEXT_PX = 10.5
_BAR_PX = 5.0
_STEPS = (1, 2, 5)
ARROW_PX = (26.0, 50.0)
"""Width and height of the north arrow in CSS pixels."""


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A scale bar: its length on the ground in meters and on the paper in mm.

    ``labels`` stand at its start, middle and end; ``ratio`` is empty where paper has no scale.
    """

    meters: int
    length: float
    labels: tuple[str, str, str]
    ratio: str
    size: tuple[float, float]


def scale_bar(view: View, typeface: Typeface, *, language: Language, has_ratio: bool) -> ScaleBar:
    """Choose a round length that takes at most a quarter of the frame.

    Parameters
    ----------
    view
        The view; the bar is true to its scale.
    typeface
        For the width of the labels.
    language
        The reader's language.
    has_ratio
        Whether ``1:50 000`` stands above it.
    """
    most = (view.frame[2] - view.frame[0]) / 4 * view.scale / 1000
    size = 10 ** math.floor(math.log10(most))
    meters = int(max(size * step for step in _STEPS if size * step <= most) or 1)
    key, each = ("figure.km", _KILOMETER) if meters >= _KILOMETER else ("figure.m", 1)
    last = messages.text(key, language, n=f"{meters / each:g}")
    labels = ("0", f"{meters / 2 / each:g}", last)
    length = view.length_mm(meters)
    number, first = last.split(" ")[0], labels[0]
    over = (typeface.width(last) - (typeface.width(number) - typeface.width(first)) / 2) * _TEXT_PX
    ratio = f"1:{view.scale:,.0f}".replace(",", "\u2009") if has_ratio else ""
    high = (_BAR_PX + _TEXT_PX * 1.3 + (_TEXT_PX * 1.5 if ratio else 0)) * view.unit
    pad = 6 * view.unit
    return ScaleBar(
        meters, length, labels, ratio, (length + (over + 2) * view.unit + 2 * pad, high + 2 * pad)
    )


def draw_scale_bar(sheet: Sheet, bar: ScaleBar, corner: tuple[float, float], unit: float) -> None:
    """Draw a scale bar in the box whose lower left corner is given."""
    left, bottom = corner
    plate(sheet, (left, bottom, left + bar.size[0], bottom + bar.size[1]), unit)
    x, y = left + (6 + 5) * unit, bottom + 6 * unit
    ink, paper = sheet.palette.of("ink"), sheet.palette.of("surface")
    half = bar.length / 2
    for start, face in ((x, ink), (x + half, paper)):
        box = (start, y, start + half, y + _BAR_PX * unit)
        sheet.box(box, Look(face=face, edge=ink, width=0.8 * unit, round=False))
    middle = y + (_BAR_PX + _TEXT_PX * 0.72) * unit
    number = bar.labels[2].split(" ")[0]
    for place, text in zip((x, x + half), bar.labels[:2], strict=True):
        sheet.write((place, middle), text, Type(_TEXT_PX * unit, "ink", align="center"))
    # the number stands at the end of the bar, its unit behind it
    shift = sheet.typeface.width(number) * _TEXT_PX * unit / 2
    sheet.write((x + bar.length - shift, middle), bar.labels[2], Type(_TEXT_PX * unit, "ink"))
    if bar.ratio:
        above = middle + _TEXT_PX * 1.4 * unit
        sheet.write((x, above), bar.ratio, Type(_TEXT_PX * unit, "ink-2"))


def draw_north(sheet: Sheet, corner: tuple[float, float], unit: float, language: Language) -> None:
    """Draw the north arrow in the box whose lower left corner is given."""
    wide, high = (side * unit for side in ARROW_PX)
    x, y = corner[0] + wide / 2, corner[1]
    tip, foot, notch = y + high * 0.66, y + 2 * unit, y + 9 * unit
    ink, paper = sheet.palette.of("ink"), sheet.palette.of("surface")
    for side, face in ((-1, ink), (1, paper)):
        places = [(x, tip), (x + side * 9 * unit, foot), (x, notch), (x, tip)]
        look = Look(face=face, edge=ink, width=0.9 * unit, round=False)
        sheet.shape(Path(places, closed=True), look)
    type_ = Type(12.5 * unit, "ink", bold=True, align="center", halo=1.5 * unit)
    sheet.write((x, y + high * 0.84), messages.text("figure.north", language), type_)


def draw_neat_line(sheet: Sheet, frame: Box, unit: float) -> None:
    """Draw the line around the map."""
    sheet.box(frame, Look(edge=sheet.palette.of("ink-2"), width=1.4 * unit, round=False))


def draw_locator(
    sheet: Sheet, county: shapely.Geometry, box: Box, view: View, *, bounds: Box
) -> None:
    """Draw the county small in a box, with a frame where the map is.

    Parameters
    ----------
    sheet
        To draw on.
    county
        In CRS84.
    box
        Left, bottom, right, top in mm.
    view
        The view of the map.
    bounds
        The county's west, south, east, north.
    """
    unit = view.unit
    plate(sheet, box, unit)
    inner = grown(box, -5 * unit)
    small = replace(look_at(bounds, inner, scale=None, unit=unit), crs=view.crs)
    shape = small.placed(np.array([county]))
    edge = sheet.palette.of("m-boundary")
    look = Look(face=sheet.palette.of("m-outside"), edge=edge, width=1.0 * unit)
    sheet.shape(outline(shape), look)
    middle = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    x, y = (
        middle[axis] + (view.center[axis] - small.center[axis]) * 1000 / small.scale
        for axis in (0, 1)
    )
    part = view.scale / small.scale
    sides = (view.frame[2] - view.frame[0], view.frame[3] - view.frame[1])
    wide, high = (max(side * part / 2, 3 * unit) for side in sides)
    here = (x - wide, y - high, x + wide, y + high)
    seen = shapely.bounds(shapely.intersection(shapely.box(*here), shapely.box(*inner)))
    look = Look(edge=sheet.palette.of("bad"), width=1.5 * unit, round=False)
    if not np.isnan(seen).any():
        sheet.box((seen[0], seen[1], seen[2], seen[3]), look)


def notice_size(typeface: Typeface, unit: float, language: Language) -> tuple[float, float]:
    """Return width and height of the notice that data are synthetic, in mm."""
    text = messages.text("figure.synthetic", language)
    return (typeface.width(text, bold=True) * 12.5 + 18) * unit, 22 * unit


def draw_notice(sheet: Sheet, corner: tuple[float, float], unit: float, language: Language) -> None:
    """Draw the notice that data are synthetic from its lower left corner: violet and hatched."""
    wide, high = notice_size(sheet.typeface, unit, language)
    x, y = corner
    box = (x, y, x + wide, y + high)
    sheet.box(box, Look(face=sheet.palette.of("synth-soft")))
    lines = hatching(np.array([shapely.box(*box)]), 4.5 * unit)
    sheet.shape(lines, Look(edge=sheet.palette.of("synth-line"), width=1.3 * unit, round=False))
    sheet.box(box, Look(edge=sheet.palette.of("synth"), width=1.0 * unit, round=False))
    text = messages.text("figure.synthetic", language)
    type_ = Type(12.5 * unit, "synth", bold=True, align="center", halo=1.6 * unit)
    sheet.write((x + wide / 2, y + high / 2), text, type_)


def plate(sheet: Sheet, box: Box, unit: float) -> None:
    """Draw the ground of what lies on the map."""
    face, edge = sheet.palette.of("surface", 0.94), sheet.palette.of("line-2")
    sheet.box(box, Look(face=face, edge=edge, width=0.8 * unit, round=False))


def county_shape(geometries: Geometries) -> shapely.Geometry:
    """Return the areas of a layer as one."""
    return shapely.union_all(shapely.make_valid(geometries))
