"""A figure for a report in Word: picture, caption, counts, where it is from, link and QR code."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from geosvc import messages
from geosvc.figures.content import data_layers
from geosvc.figures.draw import drawn
from geosvc.figures.words import alt_of
from geosvc.reports.docx_document import (
    SONG,
    TEXT_MM,
    add_caption,
    add_link,
    new_document,
    printable,
    set_font,
    write_note,
    written,
)
from geosvc.reports.qr import qr_png

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document

    from geosvc.catalog.model import Language
    from geosvc.figures import FigureRequest
    from geosvc.figures.content import Shown
    from geosvc.workspace import Workspace

DPI: Final = 300
QR_MM: Final = 22.0
_SEVERAL: Final = 2
_COLUMNS_MM: Final = (90, 30)


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
    notes = [printable(text) for text in words.facts]
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
        See `geosvc.reports.docx_document.add_caption`.

    Returns
    -------
    content
        The same bytes for the same block.
    """
    document = new_document(language, title=block.title, author=author)
    add_block(document, block, language, chapter=chapter)
    return written(document)


def add_block(
    document: Document,
    block: Block,
    language: Language,
    *,
    number: int = 1,
    chapter: int | None = None,
) -> None:
    """Add a block at the end of a document.

    Parameters
    ----------
    document
        Of `geosvc.reports.docx_document.new_document`.
    block
        What is added.
    language
        The language of the words around it.
    number
        Of the figure, as read until Word counts.
    chapter
        See `geosvc.reports.docx_document.add_caption`.
    """
    holder = document.add_paragraph()
    holder.alignment = WD_ALIGN_PARAGRAPH.CENTER
    holder.paragraph_format.keep_with_next = True
    width = Mm(min(block.width_mm, TEXT_MM))
    _describe(holder.add_run().add_picture(io.BytesIO(block.picture), width=width), block.alt)
    label = messages.text("docx.figure", language)
    caption = add_caption(document, label, block.title, number=number, chapter=chapter)
    caption.paragraph_format.keep_with_next = bool(block.rows)
    if block.rows:
        _add_table(document, block, language)
    _add_notes(document, block, language)


def _rows(layers: Sequence[Shown], language: Language) -> list[Row]:
    rows = []
    for shown in data_layers(layers):
        rows.append(Row(shown.layer.title.of(language), shown.count))
        classes = [item for item in shown.symbols.classes if item.count]
        if len(shown.symbols.classes) >= _SEVERAL:
            rows += [Row(item.label.of(language), item.count, is_class=True) for item in classes]
    return rows


def _add_table(document: Document, block: Block, language: Language) -> None:
    heads = [messages.text(f"docx.{name}", language) for name in ("category", "count")]
    table: Any = document.add_table(rows=1, cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    lines = [(heads[0], heads[1], False)]
    lines += [(row.label, f"{row.count:,}", row.is_class) for row in block.rows]
    for place, (label, count, is_class) in enumerate(lines):
        cells = table.rows[0].cells if place == 0 else table.add_row().cells
        _fill(cells[0], ("　" if is_class else "") + printable(label), bold=place == 0)
        _fill(cells[1], count, bold=place == 0, right=True)
    _set_widths(table, _COLUMNS_MM)
    # a table that runs on repeats its head
    repeat = table.rows[0]._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no such option
    repeat.append(repeat.makeelement(qn("w:tblHeader"), {}))
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _fill(cell: Any, text: str, *, bold: bool = False, right: bool = False) -> None:  # noqa: ANN401 - a cell
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(10.5)
    set_font(run._r.get_or_add_rPr(), SONG)  # noqa: SLF001 - python-docx sets one slot of four
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.paragraph_format.space_after = Pt(0)


def _add_notes(document: Document, block: Block, language: Language) -> None:
    """Add small print, and beside it the QR code of the address."""
    frame: Any = document.add_table(rows=1, cols=2)
    _set_widths(frame, (TEXT_MM - QR_MM - 4, QR_MM + 4))
    left, right = frame.rows[0].cells
    texts = [*block.notes, *([messages.text("docx.address", language)] if block.address else [])]
    for place, text in enumerate(texts):
        line = write_note(left.paragraphs[0] if place == 0 else left.add_paragraph(), text)
    if block.address:
        add_link(line, block.address)
        code = io.BytesIO(qr_png(block.address))
        picture = right.paragraphs[0].add_run().add_picture(code, width=Mm(QR_MM))
        _describe(picture, messages.text("docx.qr", language))


def _set_widths(table: Any, widths_mm: tuple[float, float]) -> None:  # noqa: ANN401 - a table
    table.autofit = False
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _describe(picture: Any, text: str) -> None:  # noqa: ANN401 - an inline shape
    picture._inline.docPr.set("descr", printable(text))  # noqa: SLF001 - python-docx writes no alt text
