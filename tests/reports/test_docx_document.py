from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import docx
import pytest
from docx.oxml.ns import qn

from geosvc.reports.docx_document import (
    FANG,
    HEI,
    SONG,
    add_caption,
    add_field,
    add_link,
    new_document,
    printable,
    write_note,
    written,
)

if TYPE_CHECKING:
    from docx.document import Document

SLOTS = [qn(f"w:{name}") for name in ("ascii", "hAnsi", "eastAsia", "cs")]


@pytest.fixture
def document() -> Document:
    return new_document("zh", title="半年报", author="某市")


def instructions(document: Document) -> list[str]:
    return [item.text.strip() for item in document.element.body.iter(qn("w:instrText"))]


def marks(document: Document) -> list[str]:
    kind = qn("w:fldCharType")
    return [str(item.get(kind)) for item in document.element.body.iter(qn("w:fldChar"))]


def test_a_caption_counts_by_itself(document: Document) -> None:
    caption = add_caption(document, "图", "洗车整治")
    assert caption.text == "图 1  洗车整治"
    assert caption.style is not None
    assert caption.style.name == "Caption"
    assert instructions(document) == [r"SEQ 图 \* ARABIC"]
    assert marks(document) == ["begin", "separate", "end"]


def test_a_caption_in_a_chapter_starts_anew_there(document: Document) -> None:
    caption = add_caption(document, "图", "站点", number=2, chapter=3)
    assert caption.text == "图 3-2  站点"
    assert instructions(document) == [r"STYLEREF 1 \s", r"SEQ 图 \* ARABIC \s 1"]
    assert marks(document) == ["begin", "separate", "end"] * 2


def test_a_field_shows_its_value_between_its_marks(document: Document) -> None:
    paragraph = document.add_paragraph()
    add_field(paragraph, "PAGE", "7")
    runs = document.element.body.iter(qn("w:r"))
    kinds = [child.tag.rpartition("}")[2] for run in runs for child in run]
    assert kinds == ["fldChar", "instrText", "fldChar", "t", "fldChar"]


def test_no_font_comes_from_a_theme(document: Document) -> None:
    add_caption(document, "图", "站点")
    write_note(document.add_paragraph(), "注")
    with zipfile.ZipFile(io.BytesIO(written(document))) as archive:
        for name in ("word/styles.xml", "word/document.xml"):
            assert "Theme=" not in archive.read(name).decode(), name
    every = list(document.styles.element.iter(qn("w:rFonts")))
    assert len(every) > 5
    for fonts in every:
        assert len({fonts.get(slot) for slot in SLOTS}) == 1


@pytest.mark.parametrize(
    ("style", "font"), [("Normal", FANG), ("Heading 1", HEI), ("Caption", HEI), ("Title", HEI)]
)
def test_styles_have_the_fonts_of_an_office(document: Document, style: str, font: str) -> None:
    fonts = document.styles[style].element.rPr.rFonts
    assert {fonts.get(slot) for slot in SLOTS} == {font}


def test_small_print_is_in_song(document: Document) -> None:
    note = write_note(document.add_paragraph(), "数据来源\n某市")
    (fonts,) = document.element.body.iter(qn("w:rFonts"))
    assert {fonts.get(slot) for slot in SLOTS} == {SONG}
    assert note.text == "数据来源 某市"


def test_a_link_can_be_clicked(document: Document) -> None:
    paragraph = document.add_paragraph("见 ")
    add_link(paragraph, "https://gis.example.gov.cn/maps/all?z=9&lang=en")
    again = docx.Document(io.BytesIO(written(document)))
    (link,) = again.paragraphs[-1].hyperlinks
    assert link.address == "https://gis.example.gov.cn/maps/all?z=9&lang=en"
    assert link.text == link.address


def test_equal_documents_are_equal_bytes() -> None:
    files = set()
    for _ in range(2):
        made = new_document("zh", title="半年报", author="某市")
        add_caption(made, "图", "站点", chapter=1)
        files.add(written(made))
    assert len(files) == 1
    with zipfile.ZipFile(io.BytesIO(files.pop())) as archive:
        assert {item.date_time for item in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert "docProps/thumbnail.jpeg" not in archive.namelist()
        assert archive.testzip() is None


def test_properties_name_nobody_else() -> None:
    known = new_document("en", title="x" * 300, author="County").core_properties
    assert (known.author, known.last_modified_by) == ("County", "County")
    assert len(known.title) == 255
    assert known.language == "en-US"


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\u2028b", "<w:p>&amp;", "{{7*7}}"])
def test_any_text_makes_a_sound_file(document: Document, text: str) -> None:
    add_caption(document, "图", text)
    again = docx.Document(io.BytesIO(written(document)))
    assert again.paragraphs[-1].text == f"图 1  {printable(text)}"


def test_paper_is_a4_with_the_margins_of_official_documents(document: Document) -> None:
    page = document.sections[0]
    sides = (page.page_width, page.page_height, page.left_margin, page.right_margin)
    assert [round(side.mm) for side in sides if side is not None] == [210, 297, 28, 26]
