"""The legend: what each symbol means and how many there are of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geosvc import messages
from geosvc.figures.content import data_layers
from geosvc.figures.painting import HATCH_ALPHA, hatching, line_mm, symbol_mm
from geosvc.figures.sheet import Look, Type
from geosvc.figures.symbols import SYMBOLS, symbol_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Language
    from geosvc.figures.content import Shown
    from geosvc.figures.fonts import Typeface
    from geosvc.figures.sheet import Sheet
    from geosvc.figures.view import View
    from geosvc.symbology import LegendClass

TEXT_PX = 11.5
_TITLE_PX = 13.0
ROW_PX = 17.0
_SYMBOL_PX = 24.0
_GAP_PX = 7.0
_COLUMN_GAP_PX = 18.0
PAD_PX = 9.0
_LONGEST_PX = 230.0
_MOST_ALIKE = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the legend; without ``item`` it is the heading of those that follow."""

    label: str
    count: str = ""
    shown: Shown | None = None
    item: LegendClass | None = None


@dataclass(frozen=True, slots=True)
class Legend:
    """Rows in columns with their widths in mm; ``size`` is width and height in mm.

    ``dropped`` counts the rows for which there was no room.
    """

    title: str
    columns: tuple[tuple[Row, ...], ...]
    widths: tuple[float, ...]
    unit: float
    dropped: int = 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in mm; nothing where there are no rows."""
        if not self.columns:
            return 0.0, 0.0
        rows = max(len(column) for column in self.columns)
        high = 2 * PAD_PX + rows * ROW_PX + (_TITLE_PX * 1.6 if self.title else 0.0)
        gaps = (len(self.columns) - 1) * _COLUMN_GAP_PX + 2 * PAD_PX
        return sum(self.widths) + gaps * self.unit, high * self.unit


def legend_rows(
    layers: Sequence[Shown], catalog: Catalog, *, view: View | None, language: Language
) -> list[Row]:
    """Return the rows of a legend: what the figure is about first, the ground last.

    Parameters
    ----------
    layers
        In drawing order from below.
    catalog
        For the order of the groups.
    view
        Classes too fine for its scale are left out.
    language
        The reader's language.
    """
    order = {group.id: place for place, group in enumerate(catalog.site.groups)}
    about = list(reversed(data_layers(layers)))
    about.sort(
        key=lambda shown: (
            not (shown.kind == "Point" or shown.layer.style.unit),
            order.get(shown.layer.group, len(order)),
        )
    )
    rows = [row for shown in about for row in _counted(shown, language)]
    ground = [shown for shown in reversed(layers) if shown.is_ground]
    return rows + [row for shown in ground for row in _alike(shown, view, language)]


def arranged(
    rows: Sequence[Row],
    setting: Setting,
    room: tuple[float, float],
    *,
    is_wide: bool = False,
) -> Legend:
    """Arrange rows in columns that keep to a room.

    Parameters
    ----------
    rows
        The rows.
    setting
        Title, type, unit and language.
    room
        Width and height in mm.
    is_wide
        Whether to take as many columns as there is width for, not as few as there is height for.

    Returns
    -------
    legend
        What finds no place is counted in a last row ("12 more"): the rows at the end go first.
    """
    kept, dropped = list(rows), 0
    while kept:
        last = [Row(messages.text("figure.more", setting.language, n=dropped))] if dropped else []
        # few rows a column make the legend wide, many make it high
        for most in sorted(range(1, len(kept) + 2), reverse=not is_wide):
            legend = _in_columns([*kept, *last], setting, most)
            # a column that only says how many are left out takes room from the map
            if last and kept and legend.columns[-1] == tuple(last):
                continue
            if legend.size[0] <= room[0] and legend.size[1] <= room[1]:
                return replace(legend, dropped=dropped)
        kept.pop()
        while kept and kept[-1].item is None:
            kept.pop()
        dropped = _items(rows) - _items(kept)
    left_out = messages.text("figure.left_out", setting.language, n=dropped)
    legend = _in_columns([Row(left_out)], replace(setting, title=""), 1)
    if dropped and legend.size[0] <= room[0] and legend.size[1] <= room[1]:
        return replace(legend, dropped=dropped)
    return Legend("", (), (), setting.unit, dropped)


def draw_legend(sheet: Sheet, legend: Legend, corner: tuple[float, float], *, view: View) -> None:
    """Draw a legend from its upper left corner downwards."""
    unit = legend.unit
    x, y = corner[0] + PAD_PX * unit, corner[1] - PAD_PX * unit
    if legend.title:
        y -= _TITLE_PX * 0.8 * unit
        sheet.write((x, y), legend.title, Type(_TITLE_PX * unit, "ink", bold=True))
        y -= _TITLE_PX * 0.8 * unit
    for column, width in zip(legend.columns, legend.widths, strict=True):
        for place, row in enumerate(column):
            middle = y - (place + 0.5) * ROW_PX * unit
            _draw_row(sheet, row, (x, middle, width), view)
        x += width + _COLUMN_GAP_PX * unit


@dataclass(frozen=True, slots=True)
class Setting:
    """What all rows of a legend share."""

    title: str
    typeface: Typeface
    unit: float
    language: Language


def _items(rows: Iterable[Row]) -> int:
    return sum(row.item is not None for row in rows)


def _counted(shown: Shown, language: Language) -> list[Row]:
    """Return the rows of a layer that the figure is about: classes that occur, with counts."""
    items = [item for item in shown.symbols.classes if item.count]
    title = shown.layer.title.of(language)
    unit = shown.layer.style.unit
    if unit:
        title += messages.text("figure.unit", language, unit=unit.of(language))
    if len(items) < 2 and not unit:  # noqa: PLR2004 - one class is the layer itself
        return [Row(title, f"{item.count:,}", shown, item) for item in items]
    rows = [Row(item.label.of(language), f"{item.count:,}", shown, item) for item in items]
    return [Row(title, f"{shown.count:,}", shown), *rows] if rows else []


def _alike(shown: Shown, view: View | None, language: Language) -> list[Row]:
    """Return a row for the classes of the ground that look the same; they are not counted."""
    groups: dict[tuple[str | None, ...], list[LegendClass]] = {}
    for item in shown.symbols.classes:
        is_fine = view is not None and item.min_zoom > view.detail
        if item.count and not is_fine:
            groups.setdefault((item.color, item.casing, item.shape), []).append(item)
    if len(groups) == 1:
        item = next(iter(groups.values()))[0]
        return [Row(shown.layer.title.of(language), "", shown, item)]
    comma = messages.text("figure.comma", language)
    rows = []
    for items in groups.values():
        labels = list(dict.fromkeys(item.label.of(language) for item in items))
        text = comma.join(labels[:_MOST_ALIKE])
        if len(labels) > _MOST_ALIKE:
            text = messages.text("figure.and_others", language, names=text)
        rows.append(Row(text, "", shown, items[0]))
    return rows


def _blocks(rows: Sequence[Row]) -> list[list[Row]]:
    """Return rows that stay in one column: a heading with its classes, or a row of its own."""
    blocks: list[list[Row]] = []
    for row in rows:
        is_next = blocks and blocks[-1][0].item is None and row.shown is not None
        if is_next and row.shown is blocks[-1][0].shown and row.item is not None:
            blocks[-1].append(row)
        else:
            blocks.append([row])
    return blocks


def _in_columns(rows: Sequence[Row], setting: Setting, most: int) -> Legend:
    """Put rows into columns of at most so many, where that is possible without tearing a block."""
    columns: list[list[Row]] = [[]]
    for block in _blocks(rows):
        if columns[-1] and len(columns[-1]) + len(block) > most:
            columns.append([])
        columns[-1] += block
    filled = [tuple(column) for column in columns if column]
    widths = tuple(max(_width(row, setting) for row in column) for column in filled)
    return Legend(setting.title, tuple(filled), widths, setting.unit)


def _width(row: Row, setting: Setting) -> float:
    face, is_head = setting.typeface, row.item is None
    text = face.width(face.shown(row.label), bold=is_head) * TEXT_PX
    text = min(text, _LONGEST_PX) + (0.0 if is_head else _SYMBOL_PX + _GAP_PX)
    count = face.width(row.count) * TEXT_PX + 12.0 if row.count else 0.0
    return (text + count) * setting.unit


def _draw_row(sheet: Sheet, row: Row, where: tuple[float, float, float], view: View) -> None:
    x, y, width = where
    unit, is_head = view.unit, row.item is None
    size = TEXT_PX * unit
    start = x
    if row.item is not None and row.shown is not None:
        draw_symbol(sheet, row.shown, row.item, (x + _SYMBOL_PX * unit / 2, y), view=view)
        start += (_SYMBOL_PX + _GAP_PX) * unit
    text = sheet.typeface.cut(sheet.typeface.shown(row.label), _LONGEST_PX / TEXT_PX, bold=is_head)
    sheet.write((start, y), text, Type(size, "ink" if is_head else "ink-2", bold=is_head))
    if row.count:
        sheet.write((x + width, y), row.count, Type(size, "ink-3", align="right"))


def draw_symbol(
    sheet: Sheet, shown: Shown, item: LegendClass, place: tuple[float, float], *, view: View
) -> None:
    """Draw the symbol of a class about a place, as it is on the map."""
    x, y = place
    unit = view.unit
    if item.shape in SYMBOLS:
        symbol = symbol_of(item.shape)
        most = 19.0 if item.shape == "pin" else 14.0
        size = min(max(symbol_mm(item, view), 8.5 * unit), most * unit)
        scale = size / symbol.extent
        middle = (symbol.box[1] + symbol.box[3]) / 2 * scale
        ink = sheet.palette.of(item.color)
        sheet.symbols(np.array([[x, y - middle]]), symbol.parts, scale, ink)
    elif shown.kind == "LineString":
        _line_symbol(sheet, shown, item, (x, y), view=view)
    else:
        _area_symbol(sheet, shown, item, (x, y, unit))


def _line_symbol(
    sheet: Sheet, shown: Shown, item: LegendClass, place: tuple[float, float], *, view: View
) -> None:
    x, y = place
    unit = view.unit
    half = _SYMBOL_PX * unit / 2
    ends = [(x - half, y), (x + half, y)]
    width, casing = line_mm(shown, item, view)
    widest = min(width, 6 * unit)
    alpha = shown.layer.style.opacity
    dash = tuple(part * unit for part in shown.layer.style.dash)
    if item.casing:
        edge = sheet.palette.of(item.casing, alpha)
        sheet.line(ends, Look(edge=edge, width=widest + casing - width, round=False))
    edge = sheet.palette.of(item.color, alpha)
    sheet.line(ends, Look(edge=edge, width=max(widest, unit), dash=dash, round=False))


def _area_symbol(
    sheet: Sheet, shown: Shown, item: LegendClass, where: tuple[float, float, float]
) -> None:
    x, y, unit = where
    style = shown.layer.style
    half, high = _SYMBOL_PX * unit / 2, 5.5 * unit
    box = (x - half, y - high, x + half, y + high)
    edge = sheet.palette.of(item.casing or item.color, style.opacity)
    if item.shape == "hatch":
        lines = hatching(np.array([shapely.box(*box)]), 5.0 * unit)
        ink = sheet.palette.of(item.color, HATCH_ALPHA * style.opacity)
        sheet.shape(lines, Look(edge=ink, width=1.1 * unit, round=False))
    elif style.fill_opacity and not shown.is_outline:
        face = sheet.palette.of(item.color, style.fill_opacity * style.opacity)
        sheet.box(box, Look(face=face))
    dash = tuple(min(part, 3.0) * unit for part in style.dash)
    sheet.box(box, Look(edge=edge, width=min(item.width_px, 2.0) * unit, dash=dash, round=False))
