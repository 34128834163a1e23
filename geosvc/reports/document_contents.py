"""The table of contents of a Word file: a field that Word fills, a list of links until then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from geosvc import messages
from geosvc.reports.document import add_field, language_of
from geosvc.reports.document_styles import CONTENTS, CONTENTS_HEAD, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.document import Document
    from docx.text.paragraph import Paragraph

CODE: Final = r' TOC \o "1-2" \h \z \u '
"""Headings of two levels, with links."""
_ANCHOR: Final = "_Toc{:09d}"


def add_contents(document: Document, after: Paragraph) -> None:
    """Add the contents behind a paragraph, and begin the next page.

    Parameters
    ----------
    document
        All of its headings are written.
    after
        The last paragraph before the contents, such as the end of a cover.

    Notes
    -----
    Word asks at opening whether fields are to be updated, and with a yes it adds the page numbers;
    nobody else knows them. Until then, and in readers that compute no contents, each heading stands
    there as a link, without dots that would lead nowhere.
    """
    language = language_of(document)
    head = document.add_paragraph(messages.text("word.contents", language), CONTENTS_HEAD)
    made = [head]
    counts = [0] * len(CONTENTS)
    for place, (level, heading) in enumerate(_headings(document)):
        counts[level - 1] += 1
        counts[level:] = [0] * (len(counts) - level)
        name = _ANCHOR.format(place + 1)
        _mark(heading, place, name)
        made.append(
            _entry(document, (level, numbered(counts[:level], language) + heading.text), name)
        )
    _enclose(made[1:])
    made[-1].add_run().add_break(WD_BREAK.PAGE)
    spot = after._p  # noqa: SLF001 - python-docx moves no paragraphs
    for paragraph in made:
        spot.addnext(paragraph._p)  # noqa: SLF001 - as above
        spot = paragraph._p  # noqa: SLF001 - as above


def _headings(document: Document) -> Iterator[tuple[int, Paragraph]]:
    levels = {"Heading 1": 1, "Heading 2": 2}
    for paragraph in list(document.paragraphs):
        level = levels.get(str(paragraph.style and paragraph.style.name))
        if level and paragraph.text:
            yield level, paragraph


def _mark(heading: Paragraph, place: int, name: str) -> None:
    """Put a bookmark around a heading."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(place))
    start.set(qn("w:name"), name)
    runs = heading._p.r_lst  # noqa: SLF001 - python-docx has no bookmarks
    runs[0].addprevious(start)
    runs[-1].addnext(end)


def _entry(document: Document, what: tuple[int, str], name: str) -> Paragraph:
    level, text = what
    paragraph = document.add_paragraph(style=CONTENTS[level - 1])
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), name)
    link.set(qn("w:history"), "1")
    link.append(paragraph.add_run(text)._r)  # noqa: SLF001 - a run moves into the link
    paragraph._p.append(link)  # noqa: SLF001 - python-docx adds no links
    return paragraph


def _enclose(entries: list[Paragraph]) -> None:
    """Make the entries the result of a field that is out of date."""
    if not entries:
        return
    first = entries[0]
    add_field(first, CODE, "")
    runs = first._p.r_lst[-5:]  # noqa: SLF001 - python-docx has no fields
    runs[0].find(qn("w:fldChar")).set(qn("w:dirty"), "true")
    spot: Any = first._p.find(qn("w:hyperlink"))  # noqa: SLF001 - as above
    for run in runs[:3]:
        spot.addprevious(run)
    first._p.remove(runs[3])  # noqa: SLF001 - as above
    entries[-1]._p.append(runs[4])  # noqa: SLF001 - as above
