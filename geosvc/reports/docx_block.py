"""A figure for a report in Word: picture, caption, counts, where it is from, link and QR code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from geosvc import messages
from geosvc.figures.content import data_layers
from geosvc.figures.draw import drawn
from geosvc.figures.words import alt_of
from geosvc.reports import document as word
from geosvc.reports.document_styles import NOTE, TEXT_MM
from geosvc.reports.qr import qr_png

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

    from geosvc.catalog.model import Language
    from geosvc.figures import FigureRequest
    from geosvc.figures.content import Shown
    from geosvc.workspace import Workspace

DPI: Final = 300
QR_MM: Final = 22.0
_SEVERAL: Final = 2
_COLUMNS_MM: Final = (90.0, 30.0)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a layer with its total, or one of its classes."""

    label: str
    count: int
    is_class: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """What stands in a report for one figure.

    ``notes`` say where the figure is from; ``address`` leads to the map that it shows, and is
    empty where there is none. ``alt`` describes the picture to those who cannot see it.
    """

    picture: bytes
    width_mm: float
    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    alt: str
    address: str = ""


def block_of(workspace: Workspace, request: FigureRequest, *, address: str = "") -> Block:
    """Draw a figure and gather what is said of it.

    Parameters
    ----------
    workspace
        A view of one moment, as readers see it who have not signed in.
    request
        State and paper; its title is that of the caption and not drawn, its dpi does not count.
    address
        Where the map is found, absolute.

    Returns
    -------
    block
        Counts are of what is drawn: the table and the picture come from one drawing.

    Raises
    ------
    UnknownMapError, FigureError, StateError
        If no figure can be made of the request.
    """
    language = request.state.language
    plain = replace(request, format="png", dpi=DPI, title="", subtitle="")
    drawing = drawn(workspace, plain)
    words = drawing.words[language]
    title = request.title or workspace.catalog.map(request.state.map_id).title.of(language)
    # the picture has no title, but who cannot see it is told one
    named = {tongue: replace(said, title=title) for tongue, said in drawing.words.items()}
    notes = [word.printable(text) for text in words.facts]
    if words.is_synthetic:
        notes.append(messages.text("docx.synthetic", language))
    return Block(
        picture=drawing.sheet.rendered("png", DPI),
        width_mm=drawing.sheet.width,
        title=title,
        rows=tuple(_rows(drawing.plan.layers, language)),
        notes=tuple(notes),
        alt=alt_of(named, drawing.plan.layers).of(language),
        address=address,
    )


def document_of(block: Block, language: Language, *, author: str, chapter: int | None) -> bytes:
    """Write one block as a document to insert into another.

    Parameters
    ----------
    block
        What stands in it.
    language
        The language of the words around it.
    author
        Whose document it is.
    chapter
        See `geosvc.reports.document.add_caption`.

    Returns
    -------
    content
        The same bytes for the same block.
    """
    document = word.new_document(language, title=block.title, author=author)
    add_block(document, block, chapter=chapter)
    return word.save(document)


def add_block(document: Document, block: Block, *, chapter: int | None = None) -> None:
    """Add a block at the end of a document.

    Parameters
    ----------
    document
        Of `geosvc.reports.document.new_document`; its language is that of the words around.
    block
        What is added.
    chapter
        See `geosvc.reports.document.add_caption`.
    """
    word.add_picture(document, block.picture, block.width_mm, block.alt)
    caption = word.add_caption(document, "figure", block.title, chapter=chapter)
    caption.paragraph_format.keep_with_next = bool(block.rows)
    if block.rows:
        _add_table(document, block)
    _add_notes(document, block)


def _rows(layers: Sequence[Shown], language: Language) -> list[Row]:
    rows = []
    for shown in data_layers(layers):
        rows.append(Row(shown.layer.title.of(language), shown.count))
        classes = [item for item in shown.symbols.classes if item.count]
        if len(shown.symbols.classes) >= _SEVERAL:
            rows += [Row(item.label.of(language), item.count, is_class=True) for item in classes]
    return rows


def _add_table(document: Document, block: Block) -> None:
    tongue = word.language_of(document)
    header = [messages.text(f"docx.{name}", tongue) for name in ("category", "count")]
    rows = [
        (f"{word.INDENT if row.is_class else ''}{row.label}", f"{row.count:,}")
        for row in block.rows
    ]
    word.add_table(document, header, rows, _COLUMNS_MM, width_mm=sum(_COLUMNS_MM))
    # tables that follow each other are one table to Word
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _add_notes(document: Document, block: Block) -> None:
    """Add small print, and beside it the QR code of the address."""
    tongue = word.language_of(document)
    frame = document.add_table(rows=1, cols=2)
    frame.autofit = False
    left, right = frame.rows[0].cells
    widths = (TEXT_MM - QR_MM - 4, QR_MM + 4)
    for column, cell, width in zip(frame.columns, (left, right), widths, strict=True):
        column.width = cell.width = Mm(width)
    for text in block.notes:
        _note(left, text)
    if block.address:
        word.add_link(_note(left, messages.text("docx.address", tongue)), block.address)
        code = qr_png(block.address)
        word.show_picture(right.paragraphs[0], code, QR_MM, messages.text("docx.qr", tongue))


def _note(cell: _Cell, text: str) -> Paragraph:
    """Add a line of small print to a cell, which begins with an empty one."""
    first = cell.paragraphs[0]
    line: Paragraph = cell.add_paragraph() if first.text else first
    line.style = NOTE
    line.alignment = WD_ALIGN_PARAGRAPH.LEFT
    line.paragraph_format.space_after = Pt(0)
    line.add_run(word.printable(text))
    return line
