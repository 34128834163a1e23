"""Charts and tables of a report, in the type and the colors of the maps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

import numpy as np

from geosvc import messages
from geosvc.catalog.model import Text
from geosvc.errors import FigureError
from geosvc.figures.fonts import read_typeface
from geosvc.figures.palette import read_palette
from geosvc.figures.request import DPI, MEDIA_TYPES, Figure
from geosvc.figures.sheet import Look, Sheet, Type
from geosvc.figures.symbols import symbol_of
from geosvc.settings import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from geosvc.catalog.model import Language
    from geosvc.figures.request import Format
    from geosvc.figures.sheet import Align, Box

STATIC: Final = PROJECT / "static"
_MARGIN = 4.0
_TITLE = 4.0
_TEXT = 2.4
_SMALL = 2.1
_ROW = 5.2
_PLOT = 58.0
_STEPS = (1, 2, 2.5, 5, 10)
_LEAST_MM, _MOST_MM = 60.0, 400.0
_MOST_ROWS = 40
_LABELS = 12


@dataclass(frozen=True, slots=True)
class Weeks:
    """Events by week: the ISO day a week begins on and its count, without gaps or with.

    ``marks`` are days on which something happened, with a few words. Texts are in one language.
    """

    title: str
    counts: tuple[tuple[str, int], ...]
    y_title: str = ""
    marks: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """What each number of sites reaches: p, value, and a bound that no plan can pass, if known.

    ``chosen`` is the p of the plan that the report speaks of. ``labels`` name value and bound.
    """

    title: str
    points: tuple[tuple[int, float, float | None], ...]
    x_title: str = ""
    y_title: str = ""
    labels: tuple[str, str] = ("", "")
    chosen: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts; ``numbers`` are the columns that are aligned to the right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    note: str = ""


Chart: TypeAlias = Weeks | Curve | Table


def draw_chart(
    chart: Chart,
    *,
    format: Format = "png",  # noqa: A002 - as in FigureRequest
    language: Language = "zh",
    width_mm: float = 160.0,
    dpi: int = 300,
    static: Path = STATIC,
) -> Figure:
    r"""Draw a chart of a report.

    Parameters
    ----------
    chart
        The numbers and the words beside them, in the language of the report.
    format
        ``png``, ``svg`` or ``pdf``.
    language
        For the names of axes that ``chart`` leaves empty.
    width_mm
        The width on the page; the height follows.
    dpi
        150 or 300.
    static
        The tree that holds fonts and colors.

    Returns
    -------
    figure
        The same bytes for the same chart.

    Raises
    ------
    FigureError
        If there is nothing to draw, the size is out of range, or a font is missing.

    Examples
    --------
    >>> weeks = Weeks("By week", (("2024-01-01", 3), ("2024-01-08", 5)))
    >>> drawn = draw_chart(weeks, dpi=150)
    >>> drawn.width_mm, drawn.content[:4], drawn.alt.en
    (160.0, b'\x89PNG', 'By week: 2024-01-01 3; 2024-01-08 5')
    >>> draw_chart(Weeks("By week", ()))
    Traceback (most recent call last):
    geosvc.errors.FigureError: chart
    """
    kind, drawing, values = _PLANS[type(chart)]
    if format not in MEDIA_TYPES or dpi not in DPI or not _LEAST_MM <= width_mm <= _MOST_MM:
        expected = f"{', '.join(MEDIA_TYPES)}; {DPI}; {_LEAST_MM:g}–{_MOST_MM:g}"
        _refuse(kind, f"{format}, {dpi}, {width_mm:g}", expected)
    chart = _worded(chart, language)
    if not values(chart):
        reason = "chart"
        raise FigureError(reason, found=kind)
    page = _Page(chart.title, chart.note, width_mm, static)
    drawing(page, chart)
    text = "; ".join(" ".join(_plain(part) for part in row) for row in values(chart))
    alt = f"{chart.title}: {text}" + (f" · {chart.note}" if chart.note else "")
    return Figure(
        content=page.sheet.rendered(format, dpi),
        media_type=MEDIA_TYPES[format],
        width_mm=page.sheet.width,
        height_mm=page.sheet.height,
        counts={},
        revisions={},
        caption=Text(chart.title, chart.title),
        alt=Text(alt, alt),
        as_of=None,
    )


def _plain(value: object) -> str:
    """Write a value as a person would read it aloud."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _refuse(name: str, found: str, expected: str) -> NoReturn:
    reason = "choice"
    raise FigureError(reason, name=name, found=found, expected=expected)


def _worded(chart: Chart, language: Language) -> Chart:
    """Give axes that have no name their usual one, and say how many rows a table leaves out."""

    def word(key: str, **values: int) -> str:
        return messages.text(f"figure.{key}", language, **values)

    if isinstance(chart, Weeks):
        return replace(chart, y_title=chart.y_title or word("cases"))
    if isinstance(chart, Curve):
        plan, bound = chart.labels
        labels = (plan or word("plan"), bound or word("bound"))
        return replace(chart, x_title=chart.x_title or word("new_sites"), labels=labels)
    left = len(chart.rows) - _MOST_ROWS
    if left <= 0:
        return chart
    note = " · ".join(text for text in (word("rows_left", n=left), chart.note) if text)
    return replace(chart, rows=chart.rows[:_MOST_ROWS], note=note)


class _Page:
    """A sheet with heading and note; made once its height is known."""

    sheet: Sheet

    def __init__(self, title: str, note: str, width: float, static: Path) -> None:
        self.typeface = read_typeface(static)
        self.palette = read_palette(static)
        self.width = width
        room = width - 2 * _MARGIN
        self.title = self.typeface.lines(title, room / _TITLE, 2, bold=True)
        self.note = self.typeface.lines(note, room / _SMALL, 4)

    def begin(self, body: float) -> Box:
        """Make the sheet with so much room between heading and note, and return that room."""
        head = len(self.title) * _TITLE * 1.35 + (1.5 if self.title else 0.0)
        foot = len(self.note) * _SMALL * 1.4 + (1.0 if self.note else 0.0)
        height = 2 * _MARGIN + head + body + foot
        self.sheet = Sheet((self.width, height), self.typeface, self.palette)
        top = height - _MARGIN
        for line in self.title:
            top -= _TITLE * 1.35
            self.text((_MARGIN, top + _TITLE * 0.67), line, Type(_TITLE, bold=True))
        for place, line in enumerate(self.note):
            y = _MARGIN + (len(self.note) - place - 0.5) * _SMALL * 1.4
            self.text((_MARGIN, y), line, Type(_SMALL, "ink-3"))
        return _MARGIN, _MARGIN + foot, self.width - _MARGIN, _MARGIN + foot + body

    def text(self, place: tuple[float, float], text: str, type_: Type) -> None:
        """Write a line of text."""
        self.sheet.write(place, text, type_)

    def look(self, role: str, width: float = 0.2, *, dash: tuple[float, ...] = ()) -> Look:
        """Return how a line of a color is drawn."""
        return Look(edge=self.sheet.palette.of(role), width=width, dash=dash, round=False)

    def face(self, role: str) -> Look:
        """Return how an area of a color is filled."""
        return Look(face=self.sheet.palette.of(role))


@dataclass(frozen=True, slots=True)
class _Scale:
    """Numbers on the paper: value ``low`` at ``start``, ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value stands."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def _ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers from at most ``low`` to at least ``high``."""
    span = max(high - low, 1e-9)
    size = 10 ** math.floor(math.log10(span / most))
    step = next(size * part for part in _STEPS if size * part * most >= span)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]


def _grid(page: _Page, frame: Box, ticks: Sequence[float], title: str) -> _Scale:
    """Draw level lines with their numbers, and return the scale."""
    scale = _Scale(ticks[0], ticks[-1], frame[1], frame[3])
    for value in ticks:
        y = scale.at(value)
        page.sheet.line([(frame[0], y), (frame[2], y)], page.look("line", 0.15))
        page.text((frame[0] - 1.2, y), f"{value:,.10g}", Type(_SMALL, "ink-2", align="right"))
    page.text((frame[0], frame[3] + 2.6), title, Type(_SMALL, "ink-2"))
    return scale


def _draw_weeks(page: _Page, chart: Weeks) -> None:
    room = page.begin(_PLOT)
    frame = (room[0] + 9.0, room[1] + 5.0, room[2], room[3] - (8.5 if chart.marks else 5.0))
    first, last = (date.fromisoformat(chart.counts[place][0]) for place in (0, -1))
    days = max((last - first).days + 7, 7)
    along = _Scale(0, days, frame[0], frame[2])
    scale = _grid(page, frame, _ticks(0, max(n for _, n in chart.counts) or 1), chart.y_title)
    half = along.at(7) - along.at(0)
    every = math.ceil(len(chart.counts) / _LABELS)
    for number, (day, count) in enumerate(chart.counts):
        left = along.at((date.fromisoformat(day) - first).days)
        box = (left + 0.12 * half, frame[1], left + 0.88 * half, scale.at(count))
        page.sheet.box(box, page.face("accent"))
        if number % every == 0:
            place = (left + half / 2, frame[1] - 2.4)
            page.text(place, day[5:] if number else day, Type(_SMALL, "ink-2", align="center"))
    for day, text in chart.marks:
        x = along.at((date.fromisoformat(day) - first).days)
        if frame[0] <= x <= frame[2]:
            ends = [(x, frame[1]), (x, frame[3] + 1.0)]
            page.sheet.line(ends, page.look("bad", 0.3, dash=(1.0, 0.7)))
            align: Align = "left" if x < (frame[0] + frame[2]) / 2 else "right"
            page.text((x, frame[3] + 5.8), text, Type(_SMALL, "bad", align=align))
    page.sheet.line([(frame[0], frame[1]), (frame[2], frame[1])], page.look("ink-2", 0.25))


def _draw_curve(page: _Page, chart: Curve) -> None:
    room = page.begin(_PLOT + 8.0)
    frame = (room[0] + 12.0, room[1] + 9.0, room[2] - 3.0, room[3] - 11.0)
    numbers = [point[0] for point in chart.points]
    values = [value for point in chart.points for value in point[1:] if value is not None]
    low = 0.0 if min(values) >= 0 else min(values)
    scale = _grid(page, frame, _ticks(low, max(values)), chart.y_title)
    along = _Scale(min(numbers) - 0.5, max(numbers) + 0.5, frame[0], frame[2])
    every = math.ceil((max(numbers) - min(numbers) + 1) / _LABELS)
    for number in range(min(numbers), max(numbers) + 1, every):
        place = (along.at(number), frame[1] - 2.2)
        page.text(place, f"{number}", Type(_SMALL, "ink-2", align="center"))
    middle = (frame[0] + frame[2]) / 2
    page.text((middle, frame[1] - 6.0), chart.x_title, Type(_SMALL, "ink-2", align="center"))
    bounds = [(along.at(p), scale.at(bound)) for p, _, bound in chart.points if bound is not None]
    plans = [(along.at(p), scale.at(value)) for p, value, _ in chart.points]
    if bounds:
        page.sheet.line(bounds, page.look("ink-3", 0.3, dash=(1.2, 0.8)))
        _dots(page, bounds, "triangle_down_open", "ink-3")
    page.sheet.line(plans, page.look("accent", 0.45))
    _dots(page, plans, "circle", "accent")
    chosen = [
        place for place, point in zip(plans, chart.points, strict=True) if point[0] == chart.chosen
    ]
    _dots(page, chosen, "diamond", "c-chosen", size=3.6)
    _key(page, chart, (frame[0], frame[3] + 7.0), has_bound=bool(bounds))


def _dots(
    page: _Page,
    places: Sequence[tuple[float, float]],
    shape: str,
    role: str,
    *,
    size: float = 2.0,
) -> None:
    symbol = symbol_of(shape)
    ink = page.sheet.palette.of(role)
    page.sheet.symbols(np.array(places).reshape(-1, 2), symbol.parts, size / symbol.extent, ink)


def _key(page: _Page, chart: Curve, place: tuple[float, float], *, has_bound: bool) -> None:
    x, y = place
    looks = [("circle", "accent", chart.labels[0])]
    looks += [("triangle_down_open", "ink-3", chart.labels[1])] if has_bound else []
    for shape, role, text in looks:
        if text:
            _dots(page, [(x + 1.2, y)], shape, role)
            page.text((x + 3.6, y), text, Type(_TEXT, "ink-2"))
            x += 9.0 + page.typeface.width(page.typeface.shown(text)) * _TEXT


def _draw_table(page: _Page, chart: Table) -> None:
    rows = chart.rows
    room = page.begin((len(rows) + 1) * _ROW + 1.0)
    widths = _column_widths(page, chart, room[2] - room[0])
    top = room[3]
    page.sheet.line([(room[0], top), (room[2], top)], page.look("ink-2", 0.35))
    for number, row in enumerate((chart.columns, *rows)):
        middle = top - (number + 0.5) * _ROW
        if number and number % 2 == 0:
            box = (room[0], middle - _ROW / 2, room[2], middle + _ROW / 2)
            page.sheet.box(box, page.face("sunken"))
        x = room[0]
        for column, (text, width) in enumerate(zip(row, widths, strict=True)):
            is_number = column in chart.numbers
            type_ = Type(
                _TEXT,
                "ink-2" if number else "ink",
                bold=not number,
                align="right" if is_number else "left",
            )
            shown = page.typeface.cut(
                page.typeface.shown(text), (width - 2.0) / _TEXT, bold=not number
            )
            page.text((x + width - 1.0 if is_number else x + 1.0, middle), shown, type_)
            x += width
        if not number:
            y = top - _ROW
            page.sheet.line([(room[0], y), (room[2], y)], page.look("ink-2", 0.2))
    end = top - (len(rows) + 1) * _ROW
    page.sheet.line([(room[0], end), (room[2], end)], page.look("ink-2", 0.35))


def _column_widths(page: _Page, chart: Table, room: float) -> list[float]:
    """Share the room out as the texts need it."""
    face = page.typeface
    needs = [
        max(face.width(face.shown(row[column]), bold=True) for row in (chart.columns, *chart.rows))
        * _TEXT
        + 3.0
        for column in range(len(chart.columns))
    ]
    whole = sum(needs)
    if whole <= room:
        return [need + (room - whole) / len(needs) for need in needs]
    fair = room / len(needs)
    spare = room - sum(min(need, fair) for need in needs)
    over = sum(max(need - fair, 0.0) for need in needs)
    return [min(need, fair) + max(need - fair, 0.0) / over * spare for need in needs]


_PLANS: dict[
    type[Chart], tuple[str, Callable[..., None], Callable[..., Sequence[tuple[object, ...]]]]
] = {
    Weeks: ("weeks", _draw_weeks, lambda chart: chart.counts),
    Curve: ("curve", _draw_curve, lambda chart: chart.points),
    Table: ("table", _draw_table, lambda chart: chart.rows),
}
