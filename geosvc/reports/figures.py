"""The maps of a report: as wide as its text, frozen as any other figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from geosvc.figures.request import MM_PER_INCH, FigureRequest
from geosvc.reports.document_styles import TEXT_MM
from geosvc.reports.publish import Words, make

if TYPE_CHECKING:
    from geosvc.catalog.model import Text
    from geosvc.map_state import MapState
    from geosvc.reports.book import Book
    from geosvc.reports.publish import Made

DPI: Final = 300
HEIGHT_MM: Final = 165.0
"""High enough for a county that is higher than wide, low enough to leave room for its caption."""


def figure_of(book: Book, state: MapState, title: Text) -> Made:
    """Make a map of a report.

    Parameters
    ----------
    book
        The report.
    state
        What the map shows.
    title
        What stands above it.

    Raises
    ------
    PublishError
        If what is drawn, counted and said does not agree, or there is nothing to draw.
    """
    return make(book.workspace, text_wide(state), Words(title.of(book.language), titles=title))


def text_wide(state: MapState) -> FigureRequest:
    """Ask for a map as wide as the text of a report."""
    width, height = (round(length / MM_PER_INCH * DPI) for length in (TEXT_MM, HEIGHT_MM))
    return FigureRequest(state, paper="pixels", dpi=DPI, width_px=width, height_px=height)


def rows_counted(made: Made) -> int:
    """Return how many rows a figure stands for, those that it cannot show included."""
    said = orjson.loads(made.parts["numbers.json"].content)
    return sum(item["count"] + item["unlocated"] + item["outside"] for item in said.values())
