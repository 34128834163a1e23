"""Names on a figure: by rank, where they cover no symbol, no furniture and no other name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geosvc.figures.line_labels import Names, name_lines, name_streets, set_shields
from geosvc.figures.painting import line_mm, point_boxes, symbol_mm
from geosvc.figures.placing import grown
from geosvc.figures.sheet import Type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geosvc.figures.content import Shown
    from geosvc.figures.sheet import Box

SIZES = {1: 13.0, 2: 13.5, 3: 11.0, 4: 10.0, 5: 9.5}
"""Sizes of names by the rank of their layer, in CSS pixels."""
FROM_ZOOM = {1: 0.0, 2: 9.3, 3: 9.7, 4: 10.0, 5: 10.4}
"""The zoom at which the points of a rank are named; paper shows finer things than a screen."""
_WATER = "m-water"
_HALO_PX = 1.4
_APART_MM = 60.0
_LINE = 1.2
_STEPS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9)
_THIN = 0.18
_SMALL_PX = 50.0
_BROAD_PX = 3.0


def name_all(names: Names, layers: Sequence[Shown]) -> None:
    """Set the names of all layers, those of the best rank first.

    Parameters
    ----------
    names
        What is taken already; point symbols are added here.
    layers
        In drawing order from below, placed.
    """
    for shown in layers:
        _take(names, shown)
    for shown in layers:
        if shown.kind == "LineString":
            set_shields(names, shown)
    ranked = [(shown.layer.style.label_rank, -place, shown) for place, shown in enumerate(layers)]
    for _, _, shown in sorted(ranked, key=lambda item: item[:2]):
        if shown.layer.style.label:
            _KINDS[shown.kind](names, shown)


def _take(names: Names, shown: Shown) -> None:
    """Take points, and of what the figure is about small areas and broad lines."""
    if shown.kind == "Point":
        for box in point_boxes(shown, names.view):
            names.taken.take(grown(box, 0.1))
    elif not shown.is_ground:
        _take_shapes(names, shown)


def _take_shapes(names: Names, shown: Shown) -> None:
    """Take small areas whole, and broad lines piece by piece."""
    unit = names.view.unit
    if shown.kind == "Polygon":
        for box in shapely.bounds(shown.geometries).tolist():
            if max(box[2] - box[0], box[3] - box[1]) < _SMALL_PX * unit:
                names.taken.take((box[0], box[1], box[2], box[3]))
        return
    widths = [line_mm(shown, item, names.view)[0] for item in shown.symbols.classes]
    for code, line in zip(shown.symbols.codes.tolist(), shown.geometries, strict=True):
        half = widths[code] / 2
        if half < _BROAD_PX * unit / 2:
            continue
        for x, y in shapely.get_coordinates(shapely.segmentize(line, max(half, 0.5))).tolist():
            names.taken.take((x - half, y - half, x + half, y + half))


def _name_points(names: Names, shown: Shown) -> None:
    style, view = shown.layer.style, names.view
    if view.zoom < FROM_ZOOM.get(style.label_rank, 13.0) or style.kind == "pin":
        return
    size = SIZES.get(style.label_rank, SIZES[5]) * view.unit
    places = shapely.get_coordinates(shown.geometries)
    texts = shown.column(style.label)
    classes = shown.symbols.classes
    for (x, y), raw, code in zip(places.tolist(), texts, shown.symbols.codes, strict=True):
        text = names.sheet.typeface.shown(raw)
        if not text or classes[code].shape == "pin" or not names.is_wanted(text, (x, y)):
            continue
        width = names.sheet.typeface.width(text) * size
        off = symbol_mm(classes[code], view) / 2 + 2.2 * view.unit
        choices = [_centered(place, width, size) for place in _around((x, y), off, width, size)]
        # a name needs air around it, or it reads as part of the next one
        number = names.taken.first_free([[grown(box, 0.6 * view.unit)] for box in choices])
        if number is not None:
            box = choices[number]
            type_ = Type(size, "m-label-2", halo=_HALO_PX * view.unit)
            names.sheet.write((box[0], (box[1] + box[3]) / 2), text, type_)
            names.keep(text, (x, y), [box])


def _around(
    place: tuple[float, float], off: float, width: float, size: float
) -> list[tuple[float, float]]:
    """Return the middles of a name beside a point: right, left, above, below, then slanted."""
    x, y = place
    aside, above = off + width / 2, off + size * _LINE / 2
    near = 0.7 * off
    return [
        *((x + aside, y), (x - aside, y), (x, y + above), (x, y - above)),
        *((x + near + width / 2, y + 0.8 * above), (x + near + width / 2, y - 0.8 * above)),
        *((x - near - width / 2, y + 0.8 * above), (x - near - width / 2, y - 0.8 * above)),
    ]


def _centered(place: tuple[float, float], width: float, size: float) -> Box:
    x, y = place
    high = size * _LINE / 2
    return x - width / 2, y - high, x + width / 2, y + high


def _name_areas(names: Names, shown: Shown) -> None:
    """Name areas, the largest first, each name once."""
    texts = shown.column(shown.layer.style.label)
    seen = shapely.intersection(shapely.make_valid(shown.geometries), names.view.box)
    for index in np.argsort(-shapely.area(seen), kind="stable"):
        text = names.sheet.typeface.shown(texts[index])
        if text and text not in names.seen:
            _name_area(names, shown, text, seen[index])


def _name_area(names: Names, shown: Shown, text: str, area: shapely.Geometry) -> None:
    parts = shapely.get_parts([area])
    parts = parts[shapely.get_type_id(parts) == 3]  # noqa: PLR2004 - areas
    if not len(parts):
        return
    part = parts[np.argmax(shapely.area(parts))]
    rank, view = shown.layer.style.label_rank, names.view
    is_water = shown.symbols.classes[0].color.startswith(_WATER)
    wide = np.ptp(shapely.bounds(part).reshape(2, 2), axis=0).max() / view.unit
    px = min(20.0, 10.5 + wide / 60) if is_water else SIZES.get(rank, SIZES[5])
    size = px * view.unit
    role = "m-label-water" if is_water else "m-label" if rank < 3 else "m-label-2"  # noqa: PLR2004 - as on screen
    gap = 0.6 * size if is_water and wide > 200 else 0.0  # noqa: PLR2004 - a lake's name is spread
    type_ = Type(size, role, bold=not is_water and rank < 3, halo=_HALO_PX * view.unit)  # noqa: PLR2004
    if is_water and _is_thin(part):
        name_lines(names, [(text, _middle_line(part))], Type(min(size, 11 * view.unit), role))
        return
    width = names.sheet.typeface.width(text, bold=type_.bold) * size + gap * (len(text) - 1)
    # a township may be named across its edge, a small area only where its name fits in
    needed = 0.0 if rank < 3 and not is_water else 0.98  # noqa: PLR2004
    if part.area < needed * width * size * _LINE:
        return
    for box in _level_places(part, width, size):
        # what is taken is known at once, what lies inside takes geometry
        if not names.taken.is_free(grown(box, 0.8 * view.unit)):
            continue
        if not needed or _inside(box, part) >= needed * _area(box):
            names.taken.take(grown(box, 0.8 * view.unit))
            _spread(names, text, type_, (box, gap))
            names.keep(text, ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), [box])
            return


def _spread(names: Names, text: str, type_: Type, where: tuple[Box, float]) -> None:
    (left, bottom, _, top), gap = where
    y = (bottom + top) / 2
    if not gap:
        names.sheet.write((left, y), text, type_)
        return
    for sign in text:
        names.sheet.write((left, y), sign, type_)
        left += names.sheet.typeface.width(sign, bold=type_.bold) * type_.size + gap


def _level_places(area: shapely.Polygon, width: float, size: float) -> Iterator[Box]:
    """Give boxes of a name in an area: about its middle first."""
    left, bottom, right, top = area.bounds
    inner = area.representative_point()
    yield _centered((inner.x, inner.y), width, size)
    found = []
    for up in _STEPS:
        for along in _STEPS:
            place = left + (right - left) * along, bottom + (top - bottom) * up
            found.append((abs(up - 0.5) + abs(along - 0.5), place))
    found.sort(key=lambda item: item[0])
    ready = shapely.points([place for _, place in found])
    shapely.prepare(area)
    for (_, place), is_in in zip(found, shapely.contains(area, ready), strict=True):
        if is_in:
            yield _centered(place, width, size)


def _inside(box: Box, area: shapely.Polygon) -> float:
    return float(shapely.area(shapely.intersection(shapely.box(*box), area)))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _is_thin(area: shapely.Polygon) -> bool:
    """Tell whether an area is a ribbon: a river, a canal."""
    return bool(4 * np.pi * area.area < _THIN * area.length**2)


def _middle_line(area: shapely.Polygon) -> shapely.LineString:
    """Return the line halfway between the banks of a ribbon."""
    left, bottom, right, top = area.bounds
    is_tall = top - bottom > right - left
    low, high = (bottom, top) if is_tall else (left, right)
    places = []
    for level in np.arange(low + 1.0, high, 2.0):
        ends = [(left, level), (right, level)] if is_tall else [(level, bottom), (level, top)]
        cuts = shapely.get_parts(shapely.intersection(area, shapely.LineString(ends)))
        if len(cuts):
            widest = cuts[np.argmax(shapely.length(cuts))]
            places.append(np.mean(shapely.get_coordinates(widest), axis=0))
    return shapely.LineString(places) if len(places) > 1 else shapely.LineString()


_KINDS = {"Point": _name_points, "Polygon": _name_areas, "LineString": name_streets}
