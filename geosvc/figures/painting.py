"""How the features of a layer are painted: the rules of ``static/js/paint.js``, on paper."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely

from geosvc.figures.sheet import Look, Type, outline
from geosvc.figures.symbols import PIN_MIDDLE, symbol_of

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.path import Path

    from geosvc.figures.content import Shown
    from geosvc.figures.sheet import Box, Geometries, Sheet
    from geosvc.figures.view import View
    from geosvc.symbology import LegendClass

Stops: TypeAlias = tuple[tuple[float, ...], tuple[float, ...]]

_STREET: Stops = (
    (8, 11, 12, 13, 14, 15, 16, 17, 18, 19),
    (0.28, 0.52, 0.64, 1, 1.78, 3.05, 5.1, 8.8, 16, 28),
)
"""``width_px`` of a scaled line is its width at zoom 13; these are its parts at other zooms."""
_DOT: Stops = ((8, 11, 13, 14.5, 17), (0.5, 0.62, 0.85, 1, 1.2))
_LEAST_PIN = 0.8
_NEAR_ZOOM = 12.5
MANY = 5_000
"""Above so many points a layer becomes pixels in SVG and PDF: no reader could open the file."""
_HATCH_PX = 7.0
_HATCH_WIDTH_PX = 1.2
HATCH_ALPHA = 0.8


def paint(sheet: Sheet, shown: Shown, view: View) -> None:
    """Paint one layer that was placed by the view."""
    sheet.is_raster = shown.count > MANY
    if shown.kind == "Point":
        _paint_points(sheet, shown, view)
    elif shown.kind == "LineString":
        _paint_lines(sheet, shown, view)
    else:
        _paint_areas(sheet, shown, view)
    sheet.is_raster = False


def symbol_mm(item: LegendClass, view: View) -> float:
    """Return the size of a point symbol on the paper."""
    part = float(np.interp(view.zoom, *_DOT))
    return item.size_px * (max(part, _LEAST_PIN) if item.shape == "pin" else part) * view.unit


def line_mm(shown: Shown, item: LegendClass, view: View) -> tuple[float, float]:
    """Return the widths of a line and of its casing on the paper."""
    scaled = shown.layer.style.scaled
    width = item.width_px * (float(np.interp(view.zoom, *_STREET)) if scaled else 1.0)
    casing = width + (2.4 if not scaled else 0.9 if view.zoom < _NEAR_ZOOM else 1.6)
    return width * view.unit, casing * view.unit


def point_boxes(shown: Shown, view: View) -> list[Box]:
    """Return what each point symbol covers, in the order of the features.

    Where there are so `MANY` that they lie on top of each other, one stands for its neighbors
    within half a millimeter.
    """
    places = shapely.get_coordinates(shown.geometries)
    sides = np.zeros((max(len(shown.symbols.classes), 1), 4))
    for code, item in enumerate(shown.symbols.classes):
        symbol = symbol_of(item.shape)
        sides[code] = np.array(symbol.box) * symbol_mm(item, view) / symbol.extent
    boxes = np.tile(places, 2) + sides[shown.symbols.codes]
    if len(boxes) > MANY:
        _, first = np.unique(np.round(2 * boxes), axis=0, return_index=True)
        boxes = boxes[np.sort(first)]
    return [(box[0], box[1], box[2], box[3]) for box in boxes.tolist()]


def _paint_points(sheet: Sheet, shown: Shown, view: View) -> None:
    places = shapely.get_coordinates(shown.geometries)
    # the first class of the legend is the most important one: it is painted last
    for code in reversed(range(len(shown.symbols.classes))):
        item = shown.symbols.classes[code]
        symbol = symbol_of(item.shape)
        scale = symbol_mm(item, view) / symbol.extent
        here = shown.symbols.codes == code
        sheet.symbols(places[here], symbol.parts, scale, sheet.palette.of(item.color))
        if item.shape == "pin":
            _write_pins(sheet, places[here], shown.column(shown.layer.style.label)[here], scale)


def _write_pins(
    sheet: Sheet,
    places: npt.NDArray[np.float64],
    texts: npt.NDArray[np.object_],
    scale: float,
) -> None:
    for (x, y), text in zip(places.tolist(), texts, strict=True):
        type_ = Type(14 * scale, "halo", bold=True, align="center")
        sheet.write((x, y + PIN_MIDDLE * scale), str(text)[:4], type_)


def _paint_lines(sheet: Sheet, shown: Shown, view: View) -> None:
    style, classes = shown.layer.style, shown.symbols.classes
    paths = [_outline_of(shown, code) for code in range(len(classes))]
    dash = tuple(part * view.unit for part in style.dash)
    for item, path in reversed(list(zip(classes, paths, strict=True))):
        if item.casing:
            edge = sheet.palette.of(item.casing, style.opacity)
            sheet.shape(path, Look(edge=edge, width=line_mm(shown, item, view)[1]))
    for item, path in reversed(list(zip(classes, paths, strict=True))):
        edge = sheet.palette.of(item.color, style.opacity)
        sheet.shape(path, Look(edge=edge, width=line_mm(shown, item, view)[0], dash=dash))


def _paint_areas(sheet: Sheet, shown: Shown, view: View) -> None:
    style = shown.layer.style
    dash = tuple(part * view.unit for part in style.dash)
    for code, item in enumerate(shown.symbols.classes):
        path = _outline_of(shown, code)
        if item.shape == "hatch":
            ink = sheet.palette.of(item.color, HATCH_ALPHA * style.opacity)
            areas = shown.geometries[shown.symbols.codes == code]
            lines = hatching(areas, _HATCH_PX * view.unit)
            sheet.shape(lines, Look(edge=ink, width=_HATCH_WIDTH_PX * view.unit, round=False))
        elif style.fill_opacity and not shown.is_outline:
            face = sheet.palette.of(item.color, style.fill_opacity * style.opacity)
            sheet.shape(path, Look(face=face))
        edge = sheet.palette.of(item.casing or item.color, style.opacity)
        if item.width_px:
            sheet.shape(path, Look(edge=edge, width=item.width_px * view.unit, dash=dash))


def hatching(areas: Geometries, step: float) -> Path:
    """Return slanted lines inside areas; where areas overlap they are hatched once.

    >>> len(hatching(np.array([shapely.box(0, 0, 4, 4)]), 2.0).vertices) > 4
    True
    >>> len(hatching(np.array([], dtype=object), 2.0).vertices)
    0
    """
    if not len(areas):
        return outline(areas)
    whole = shapely.union_all(shapely.make_valid(areas))
    left, bottom, right, top = shapely.bounds(whole)
    high = top - bottom
    apart = step * math.sqrt(2)
    first = math.floor((left - high) / apart) * apart
    starts = np.arange(first, right + apart, apart)
    ends = [np.column_stack([starts, np.full_like(starts, bottom)])]
    ends += [np.column_stack([starts + high, np.full_like(starts, top)])]
    lines = shapely.linestrings(np.stack(ends, axis=1))
    return outline(np.asarray(shapely.intersection(lines, whole)))


def _outline_of(shown: Shown, code: int) -> Path:
    return outline(shown.geometries[shown.symbols.codes == code])
