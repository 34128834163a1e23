"""Where the parts of a figure stand on its sheet: heading, map, legend, foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geosvc.figures.furniture import notice_size
from geosvc.figures.sheet import Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.catalog.model import Language
    from geosvc.figures.fonts import Typeface
    from geosvc.figures.sheet import Box, Sheet
    from geosvc.figures.words import Words

_TITLE_PX = (15.0, 30.0)
_TITLE_PART = 0.033
_SUBTITLE_PX = 12.5
_FOOT_PX = 10.5
_LEADING = 1.35
_GAP_PX = 9.0
_MARGIN_PX = 44.0
_MARGIN_PART = 0.042
_JOIN = " · "
_NEARLY = 0.93


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one type; ``top`` is the upper edge of the first in mm."""

    lines: tuple[str, ...]
    type_: Type
    top: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a sheet in mm. ``inner`` is the room for map and legend.

    ``notice`` is the lower left corner of the notice that data are synthetic, if there is one.
    """

    size: tuple[float, float]
    inner: Box
    head: tuple[Block, ...]
    foot: tuple[Block, ...]
    notice: tuple[float, float] | None
    margin: float


@dataclass(frozen=True, slots=True)
class Measure:
    """What sizes on a sheet follow from."""

    typeface: Typeface
    unit: float
    language: Language


def lay_out(
    words: Words, size: tuple[float, float | None], measure: Measure, *, map_mm: float
) -> Layout:
    """Divide a sheet.

    Parameters
    ----------
    words
        The texts; empty ones take no room.
    size
        Width and height in mm; without a height the sheet is as high as it needs to be.
    measure
        Type, unit and language.
    map_mm
        The height of map and legend, where the sheet has none or need not be full; 0 to fill it.
    """
    width = size[0]
    unit = measure.unit
    margin = min(_MARGIN_PX * unit, width * _MARGIN_PART)
    column = width - 2 * margin
    title = _lines(words.title, measure, (column, _title_mm(width, unit)), most=2, bold=True)
    subtitle = _lines(words.subtitle, measure, (column, _SUBTITLE_PX * unit), most=2)
    filters = _lines(words.filters, measure, (column, _SUBTITLE_PX * unit), most=3)
    lines_above = [lines for lines in (title, subtitle, filters) if lines]
    head_mm = sum(map(_high, lines_above)) + (_GAP_PX * unit if lines_above else 0.0)
    notice = notice_size(measure.typeface, unit, measure.language) if words.is_synthetic else None
    beside = notice[0] + _GAP_PX * unit if notice else 0.0
    foot = _foot(words.facts, measure, column - beside)
    foot_mm = max(_high(foot), notice[1] if notice else 0.0) + _GAP_PX * unit
    height = size[1] or 2 * margin + head_mm + map_mm + foot_mm
    top = height - margin
    head = []
    for lines in lines_above:
        head.append(Block(lines.lines, lines.type_, top))
        top -= _high(lines)
    room = height - 2 * margin - head_mm - foot_mm
    # what is free stays white below the foot, unless it is little
    spare = room - map_mm if 0 < map_mm < _NEARLY * room else 0.0
    bottom = margin + foot_mm + spare
    inner = (margin, bottom, width - margin, height - margin - head_mm)
    foot_top = inner[1] - _GAP_PX * unit
    return Layout(
        (width, height),
        inner,
        tuple(head),
        (Block(foot.lines, foot.type_, foot_top),) if foot else (),
        (margin, foot_top - notice[1]) if notice else None,
        margin,
    )


def write_margins(sheet: Sheet, layout: Layout, measure: Measure) -> None:
    """Write what stands above and below the map."""
    for block in layout.head:
        _write(sheet, block, layout.size[0] / 2)
    beside = 0.0
    if layout.notice:
        beside = notice_size(measure.typeface, measure.unit, measure.language)[0]
        beside += _GAP_PX * measure.unit
    for block in layout.foot:
        _write(sheet, block, layout.margin + beside)


def _write(sheet: Sheet, block: Block, x: float) -> None:
    step = block.type_.size * _LEADING
    for place, line in enumerate(block.lines):
        sheet.write((x, block.top - (place + 0.5) * step), line, block.type_)


def _title_mm(width: float, unit: float) -> float:
    px = min(max(width / unit * _TITLE_PART, _TITLE_PX[0]), _TITLE_PX[1])
    return px * unit


@dataclass(frozen=True, slots=True)
class _Lines:
    lines: tuple[str, ...]
    type_: Type

    def __bool__(self) -> bool:
        return bool(self.lines)


def _high(lines: _Lines) -> float:
    return len(lines.lines) * lines.type_.size * _LEADING


def _lines(
    text: str, measure: Measure, room: tuple[float, float], *, most: int, bold: bool = False
) -> _Lines:
    width, size = room
    role = "ink" if bold else "ink-2"
    found = measure.typeface.lines(text, width / size, most, bold=bold)
    return _Lines(tuple(found), Type(size, role, bold=bold, align="center"))


def _foot(facts: Sequence[str], measure: Measure, width: float) -> _Lines:
    """Set facts one after the other; a fact goes to the next line as a whole where it can."""
    size = _FOOT_PX * measure.unit
    face, room = measure.typeface, width / size
    made: list[str] = []
    for fact in facts:
        shown = face.shown(fact)
        if made and face.width(made[-1] + _JOIN + shown) <= room:
            made[-1] += _JOIN + shown
        else:
            made += face.lines(shown, room, 3)
    return _Lines(tuple(made), Type(size, "ink-2"))
