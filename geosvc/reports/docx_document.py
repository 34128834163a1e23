"""Word documents as Chinese offices expect them: 宋体, 黑体 and 仿宋, captions that are fields.

Every style names its font for Chinese and for Latin letters alike and refers to no theme, because a
font of the theme wins over both. Equal content gives equal bytes: the archive has fixed dates.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

    from geosvc.catalog.model import Language

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SONG: Final = "宋体"
HEI: Final = "黑体"
FANG: Final = "仿宋"
TEXT_MM: Final = 156.0
"""How wide text is on a page: A4 less the margins of official documents (GB/T 9704), 28 and 26."""

_LONGEST: Final = 255
_FIXED: Final = datetime(2000, 1, 1, tzinfo=UTC)
_STYLES: Final = {
    # style: font, points, bold
    "Normal": (FANG, 12.0, False),
    "Title": (HEI, 22.0, False),
    "Heading 1": (HEI, 16.0, False),
    "Heading 2": (HEI, 14.0, False),
    "Heading 3": (HEI, 12.0, False),
    "Caption": (HEI, 10.5, False),
}
_SLOTS: Final = ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs")


def new_document(language: Language, *, title: str, author: str) -> Document:
    """Make an empty A4 document with the fonts of an office.

    Parameters
    ----------
    language
        The language that spelling is checked in.
    title
        What it is about, for its properties.
    author
        Whose it is.
    """
    document = docx.Document()
    _set_fonts(document, language)
    # python-docx's template carries a picture of itself
    relations = document.part.package.rels
    for key in [key for key, item in relations.items() if item.reltype.endswith("/thumbnail")]:
        del relations[key]
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    known = document.core_properties
    known.title = printable(title)[:_LONGEST]
    known.author = known.last_modified_by = printable(author)[:_LONGEST]
    known.comments, known.keywords, known.revision = "", "", 1
    known.created = known.modified = _FIXED
    known.language = "zh-CN" if language == "zh" else "en-US"
    return document


def written(document: Document) -> bytes:
    """Return a document as a file; equal content is equal bytes."""
    given = io.BytesIO()
    document.save(given)
    packed = io.BytesIO()
    with zipfile.ZipFile(given) as source, zipfile.ZipFile(packed, "w") as target:
        for item in source.infolist():
            entry = zipfile.ZipInfo(item.filename, _FIXED.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, source.read(item))
    return packed.getvalue()


def add_field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    r"""Add a field that Word counts itself.

    Parameters
    ----------
    paragraph
        Where it stands.
    instruction
        As ``SEQ 图 \* ARABIC``.
    shown
        What is read until the fields are updated (F9).
    """
    for kind in ("begin", "instr", "separate", "shown", "end"):
        run = paragraph.add_run(shown if kind == "shown" else None)
        if kind == "instr":
            words = OxmlElement("w:instrText")
            words.set(qn("xml:space"), "preserve")
            words.text = f" {instruction} "
            run._r.append(words)  # noqa: SLF001 - python-docx has no fields
        elif kind != "shown":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)  # noqa: SLF001 - as above


def add_caption(
    document: Document, label: str, text: str, *, number: int = 1, chapter: int | None = None
) -> Paragraph:
    """Add a caption, as ``图 3-1 …``, whose numbers are fields.

    Parameters
    ----------
    document
        Where it is added.
    label
        What is counted: 图 or 表.
    text
        What stands after the number.
    number
        What is read until the fields are updated.
    chapter
        The number of the chapter (a numbered ``Heading 1``) that it stands in; None counts through
        the whole document.
    """
    paragraph = document.add_paragraph(f"{label} ", style="Caption")
    if chapter is not None:
        add_field(paragraph, r"STYLEREF 1 \s", str(chapter))
        paragraph.add_run("-")
    restart = "" if chapter is None else r" \s 1"
    add_field(paragraph, rf"SEQ {label} \* ARABIC{restart}", str(number))
    paragraph.add_run(f"  {printable(text)}")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def write_note(paragraph: Paragraph, text: str) -> Paragraph:
    """Write small print into an empty paragraph, and return it."""
    run = paragraph.add_run(printable(text))
    set_font(run._r.get_or_add_rPr(), SONG)  # noqa: SLF001 - python-docx sets one slot of four
    run.font.size = Pt(9)
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = 1.15
    return paragraph


def add_link(paragraph: Paragraph, address: str) -> None:
    """Add an address that can be clicked."""
    outside = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, outside, is_external=True))
    run = paragraph.add_run(address)
    set_font(run._r.get_or_add_rPr(), SONG)  # noqa: SLF001 - as above
    run.font.size, run.font.underline = Pt(9), True
    link.append(run._r)  # noqa: SLF001 - a run moves into the link
    paragraph._p.append(link)  # noqa: SLF001 - python-docx adds no links


def set_font(properties: Any, name: str) -> None:  # noqa: ANN401 - an element of XML
    """Name a font in every slot of run properties, and take away what refers to a theme."""
    fonts = properties.get_or_add_rFonts()
    for slot in list(fonts.attrib):
        del fonts.attrib[slot]
    for slot in _SLOTS:
        fonts.set(qn(slot), name)


def printable(text: str) -> str:
    r"""Leave out what XML cannot hold; a break of the line is a space.

    >>> printable("第一行\n第二行\x00")
    '第一行 第二行'
    >>> printable("")
    ''
    """
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


def _set_fonts(document: Document, language: Language) -> None:
    root = document.styles.element
    for fonts in root.iter(qn("w:rFonts")):
        set_font(fonts.getparent(), SONG)
    for spoken in root.iter(qn("w:lang")):
        spoken.set(qn("w:val"), "en-US")
        spoken.set(qn("w:eastAsia"), "zh-CN" if language == "zh" else "en-US")
    for name, (font, points, bold) in _STYLES.items():
        style: Any = document.styles[name]
        set_font(style.element.get_or_add_rPr(), font)
        style.font.size, style.font.bold, style.font.italic = Pt(points), bold, False
        style.font.color.rgb = RGBColor(0, 0, 0)
