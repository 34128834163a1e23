"""The pieces of a Word file: cover, headings, text, captions, tables, pictures, page numbers.

What is written stays editable: headings are numbered and captions counted by Word's own fields. The
same pieces give the same bytes: no time, author or machine is in the file. Texts are text, whatever
they hold; characters that XML cannot hold are left out.
"""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import docx
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from geosvc import messages
from geosvc.reports.document_styles import CELL, LEAD, NOTE, PICTURE, TEXT_MM, dress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.table import Table, _Cell, _Row
    from docx.text.paragraph import Paragraph

    from geosvc.catalog.model import Language

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOMENT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - Word's core properties know no zones
"""When every file says it was made: its content says of which day it is."""
Kind = Literal["figure", "table"]

INDENT: Final = "　"
"""What begins a text in a table that belongs to the one above it."""

_BREAKS: Final = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]+\s*")
# what XML cannot hold, and what turns the direction of the text around it
_UNPRINTABLE: Final = re.compile(
    "[^\x20-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_LONGEST: Final = 255  # of a property of a file
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
_FIGURES: Final = re.compile(r"[-–−+≥≤<>~]?[\d.,:/%×年月日r\s-]*")
_SHORT: Final = 8
_SHADE: Final = "EFEFEF"
_RULE: Final = "7F7F7F"
_MARGIN: Final = "70"  # beside the text of a cell, in twentieths of a point
# pictures of the template, and styles of programs before 2010
_LEFT_OUT: Final = ("thumbnail", "customXml", "stylesWithEffects", "webSettings", "fontTable")


def new_document(
    language: Language, *, title: str = "", author: str = "", has_cover: bool = False
) -> Document:
    """Begin a Word file: A4, our fonts.

    Parameters
    ----------
    language
        Of the text and of the captions' words.
    title, author
        For the properties of the file.
    has_cover
        Whether it is a report of its own: the first page is a cover, the next one is page 1. What
        is inserted into another file has no page numbers.

    Returns
    -------
    document
        With nothing in it yet.

    Examples
    --------
    >>> document = new_document("zh")
    >>> _ = add_caption(document, "figure", "违法分布")
    >>> document.paragraphs[0].text
    '图 1  违法分布'
    >>> save(new_document("zh")) == save(new_document("zh"))
    True
    """
    document = docx.Document()
    for package in (document.part.package.rels, document.part.rels):
        for name in [key for key, rel in package.items() if rel.reltype.endswith(_LEFT_OUT)]:
            del package[name]
    dress(document, language)
    about = document.core_properties
    about.language = "zh-CN" if language == "zh" else "en-US"
    about.title = printable(title)[:_LONGEST]
    about.author = about.last_modified_by = printable(author)[:_LONGEST]
    about.comments, about.revision = "", 1
    about.created = about.modified = MOMENT
    if has_cover:
        _number_pages(document)
    return document


def language_of(document: Document) -> Language:
    """Return the language that a document was begun in."""
    return "en" if document.core_properties.language == "en-US" else "zh"


def add_cover(
    document: Document, title: str, lines: Sequence[str], *, notice: str = ""
) -> Paragraph:
    """Add a title, the lines below it, a notice in bold, and begin the next page.

    Parameters
    ----------
    document
        Begun with ``has_cover``.
    title
        Also the title of the file.
    lines
        Whom it is from, of which days it is.
    notice
        Such as that the data are made up.

    Returns
    -------
    last
        The paragraph behind which the next page begins.
    """
    document.core_properties.title = printable(title)[:_LONGEST]
    document.add_paragraph(printable(title), "Title")
    for line in lines:
        document.add_paragraph(printable(line), LEAD)
    if notice:
        document.add_paragraph("", LEAD).add_run(printable(notice)).bold = True
    last = document.paragraphs[-1]
    last.add_run().add_break(WD_BREAK.PAGE)
    return last


def add_heading(document: Document, text: str, *, level: int = 1) -> Paragraph:
    """Add a numbered heading of level 1 or 2."""
    return document.add_paragraph(printable(text), f"Heading {level}")


def add_text(document: Document, text: str) -> Paragraph:
    """Add a paragraph of text; in Chinese its first line begins two characters in."""
    return document.add_paragraph(printable(text), "Body Text")


def add_note(document: Document, text: str) -> Paragraph:
    """Add a line of small print: a source, an id."""
    return document.add_paragraph(printable(text), NOTE)


def add_caption(
    document: Document, kind: Kind, text: str, *, chapter: int | None = None
) -> Paragraph:
    """Add a caption whose number is a field of Word.

    Parameters
    ----------
    document
        Captions of the same kind in it are counted.
    kind
        ``figure`` below a picture, ``table`` above a table: that one stays with what follows.
    text
        What is shown.
    chapter
        The number of the chapter (a numbered ``Heading 1``) that it stands in, as in 图 3-1: a
        field too. None counts through the whole document.

    Returns
    -------
    caption
        The paragraph.
    """
    word = messages.text(f"word.{kind}", language_of(document))
    restart = "" if chapter is None else r"\s 1 "
    code = rf" SEQ {word} \* ARABIC {restart}"
    count = sum(item.text == code for item in document.element.body.iter(qn("w:instrText")))
    caption = document.add_paragraph(f"{word} ", "Caption")
    if chapter is not None:
        add_field(caption, r" STYLEREF 1 \s ", str(chapter))
        caption.add_run("-")
    add_field(caption, code, str(count + 1))
    caption.add_run(f"  {printable(text)}")
    caption.paragraph_format.keep_with_next = True
    return caption


def add_field(paragraph: Paragraph, code: str, shown: str) -> None:
    """Add a field that Word computes; ``shown`` stands there until it does."""
    for kind in ("begin", "code", "separate", "shown", "end"):
        run = paragraph.add_run(shown if kind == "shown" else None)
        if kind == "code":
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = code
            run._r.append(element)  # noqa: SLF001 - python-docx has no fields
        elif kind != "shown":
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
            run._r.append(element)  # noqa: SLF001 - as above


def add_link(paragraph: Paragraph, address: str) -> None:
    """Add an address that can be clicked."""
    link = OxmlElement("w:hyperlink")
    kind = RELATIONSHIP_TYPE.HYPERLINK
    link.set(qn("r:id"), paragraph.part.relate_to(address, kind, is_external=True))
    run = paragraph.add_run(address)
    run.font.underline = True
    link.append(run._r)  # noqa: SLF001 - a run moves into the link
    paragraph._p.append(link)  # noqa: SLF001 - python-docx adds no links


def add_picture(document: Document, content: bytes, width_mm: float, alt: str) -> Paragraph:
    """Add a picture in the middle of the page, with words for who cannot see it.

    Parameters
    ----------
    document
        The file.
    content
        A PNG.
    width_mm
        Its width; a picture wider than the text is made as wide as that.
    alt
        What it shows.
    """
    paragraph = document.add_paragraph("", PICTURE)
    about = show_picture(paragraph, content, min(width_mm, TEXT_MM), alt)
    about.set("name", f"{messages.text('word.figure', language_of(document))} {about.get('id')}")
    return paragraph


def show_picture(paragraph: Paragraph, content: bytes, width_mm: float, alt: str) -> Any:  # noqa: ANN401 - an element of XML
    """Add a picture to a line of text, and return what is said about it."""
    shape = paragraph.add_run().add_picture(BytesIO(content), width=Mm(width_mm))
    about = shape._inline.docPr  # noqa: SLF001 - python-docx has no alternative text
    about.set("descr", printable(alt))
    return about


def add_table(
    document: Document,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    width_mm: float = TEXT_MM,
) -> Table:
    """Add a table whose header stands on every page that it reaches.

    Parameters
    ----------
    document
        The file.
    header
        A text for each column.
    rows
        As many texts each.
    widths
        Of the columns, in any unit.
    width_mm
        Of the table; by default that of the text.

    Returns
    -------
    table
        Numbers and short words stand in the middle of their column, others at its left, as does a
        column in which a text begins with `INDENT`.
    """
    table = document.add_table(len(rows) + 1, len(header), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _rule(table)
    share = width_mm / sum(widths)
    sizes = [Mm(width * share) for width in widths]
    for column, size in zip(table.columns, sizes, strict=True):
        column.width = size
    is_middle = [all(_is_short(row[at]) for row in rows) for at in range(len(header))]
    for at, (row, texts) in enumerate(zip(table.rows, [header, *rows], strict=True)):
        _mark(row, is_header=at == 0)
        cells = zip(row.cells, texts, sizes, is_middle, strict=True)
        for cell, text, size, middle in cells:
            cell.width = size
            _write(cell, text, is_header=at == 0, is_middle=middle or at == 0)
    return cast("Table", table)


def save(document: Document) -> bytes:
    """Return the file; the same pieces give the same bytes."""
    written = BytesIO()
    document.save(written)
    packed = BytesIO()
    with ZipFile(written) as parts, ZipFile(packed, "w") as target:
        for name in parts.namelist():
            entry = ZipInfo(name, _ZIP_DATE)
            entry.compress_type = ZIP_STORED if name.endswith(".png") else ZIP_DEFLATED
            entry.create_system = 0
            target.writestr(entry, parts.read(name))
    return packed.getvalue()


def printable(text: str) -> str:
    r"""Leave out what Word cannot hold or show in place; a break of the line is a space.

    >>> printable("a\x00b\x1fc\ud800"), printable("第一行\n第二行\u202e")
    ('abc', '第一行 第二行')
    >>> printable("")
    ''
    """
    return _UNPRINTABLE.sub("", _BREAKS.sub(" ", text))


def _number_pages(document: Document) -> None:
    section = document.sections[0]
    footer = section.footer.paragraphs[0]
    footer.add_run("— ")
    add_field(footer, " PAGE ", "1")
    footer.add_run(" —")
    section.different_first_page_header_footer = True
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "0")
    margins = section._sectPr.find(qn("w:pgMar"))  # noqa: SLF001 - python-docx numbers no pages
    margins.addnext(start)


def _rule(table: Table) -> None:
    properties = table._tbl.tblPr  # noqa: SLF001 - python-docx draws no rules
    rules = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        rule = OxmlElement(f"w:{side}")
        width = "8" if side in {"top", "bottom"} else "4"
        for name, value in {"val": "single", "sz": width, "space": "0", "color": _RULE}.items():
            rule.set(qn(f"w:{name}"), value)
        rules.append(rule)
    layout = properties.find(qn("w:tblLayout"))
    layout.addprevious(rules)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), _MARGIN)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    layout.addnext(margins)


def _mark(row: _Row, *, is_header: bool) -> None:
    """Keep a row on one page, and repeat the header on every page."""
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx repeats no rows
    for name in ("w:cantSplit", "w:tblHeader")[: 1 + is_header]:
        properties.append(OxmlElement(name))


def _is_short(text: str) -> bool:
    is_short = len(text) <= _SHORT or _FIGURES.fullmatch(text) is not None
    return is_short and not text.startswith(INDENT)


def _write(cell: _Cell, text: str, *, is_header: bool, is_middle: bool) -> None:
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.style = CELL
    paragraph.add_run(printable(text)).bold = is_header or None
    if not is_middle:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    if is_header:
        shade = OxmlElement("w:shd")
        for name, value in {"val": "clear", "color": "auto", "fill": _SHADE}.items():
            shade.set(qn(f"w:{name}"), value)
        layout = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - python-docx shades no cells
        layout.find(qn("w:vAlign")).addprevious(shade)
        paragraph.paragraph_format.keep_with_next = True
