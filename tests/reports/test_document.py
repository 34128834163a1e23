from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.reports import document as word
from geosvc.reports.document_styles import TEXT_MM
from tests.reports.word_files import W, fields, paragraphs, tables, text_of, unpacked, xml

if TYPE_CHECKING:
    from pathlib import Path

MM = 36000
"""English metric units in a millimeter."""


def a_picture(width: int = 40, height: int = 20) -> bytes:
    """A gray PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def written() -> bytes:
    """A file with one of each piece."""
    document = word.new_document("zh", has_cover=True)
    word.add_cover(document, "报告", ["某市"], notice="模拟数据")
    word.add_heading(document, "总体情况")
    word.add_text(document, "共 315 个。")
    word.add_heading(document, "细目", level=2)
    word.add_picture(document, a_picture(), 300.0, "地图：站点")
    word.add_caption(document, "figure", "站点分布")
    word.add_caption(document, "table", "数字")
    rows = [["站点", "315"], ["一种很长很长很长的说明", "2,117"]]
    word.add_table(document, ["指标", "数值"], rows, (3, 1))
    word.add_note(document, "来源：样例")
    word.add_caption(document, "figure", "又一幅", chapter=3)
    return word.save(document)


def test_captions_are_fields_that_word_counts() -> None:
    content = written()
    codes = [code for code in fields(content) if code.startswith("SEQ")]
    assert codes == [r"SEQ 图 \* ARABIC", r"SEQ 表 \* ARABIC", r"SEQ 图 \* ARABIC \s 1"]
    assert fields(content)[2] == r"STYLEREF 1 \s"
    said = [text for style, text in paragraphs(content) if style == "Caption"]
    assert said == ["图 1  站点分布", "表 1  数字", "图 3-1  又一幅"]
    kinds = [item.get(f"{W}fldCharType") for item in xml(content).iter(f"{W}fldChar")]
    assert kinds == ["begin", "separate", "end"] * 4


def test_captions_of_a_chapter_are_counted_in_it() -> None:
    document = word.new_document("zh")
    for _ in range(2):
        caption = word.add_caption(document, "figure", "站点", chapter=3)
    assert caption.text == "图 3-2  站点"
    assert caption.style is not None
    assert caption.style.name == "Caption"


def test_a_field_shows_its_value_between_its_marks() -> None:
    document = word.new_document("zh")
    word.add_field(document.add_paragraph(), " PAGE ", "7")
    runs = xml(word.save(document)).iter(f"{W}r")
    kinds = [child.tag.rpartition("}")[2] for run in runs for child in run]
    assert kinds == ["fldChar", "instrText", "fldChar", "t", "fldChar"]


def test_a_link_can_be_clicked() -> None:
    document = word.new_document("zh")
    address = "https://gis.example.gov.cn/maps/all?z=9&lang=en"
    word.add_link(document.add_paragraph("见 "), address)
    again = docx.Document(BytesIO(word.save(document)))
    (link,) = again.paragraphs[-1].hyperlinks
    assert link.address == link.text == address


def test_properties_name_who_wrote_and_nobody_else() -> None:
    document = word.new_document("en", title="x" * 300, author="County\x00")
    about = docx.Document(BytesIO(word.save(document))).core_properties
    assert (about.author, about.last_modified_by) == ("County", "County")
    assert len(about.title) == 255
    assert about.language == "en-US"


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\u2028b", "a\tb\r\n c", "<w:p>&amp;"])
def test_any_caption_makes_a_sound_file_of_one_line(text: str) -> None:
    document = word.new_document("zh")
    word.add_caption(document, "figure", text)
    again = docx.Document(BytesIO(word.save(document)))
    assert again.paragraphs[-1].text == f"图 1  {word.printable(text)}"
    assert not any(sign in word.printable(text) for sign in "\t\r\n\u2028")


def test_a_table_can_be_narrower_and_indented_texts_stand_at_the_left() -> None:
    document = word.new_document("zh")
    rows = [["站点", "3"], [f"{word.INDENT}港湾", "1"]]
    word.add_table(document, ["类别", "数量"], rows, (3, 1), width_mm=120)
    table = next(xml(word.save(document)).iter(f"{W}tbl"))
    widths = [int(item.get(f"{W}w", "0")) for item in table.iter(f"{W}gridCol")]
    assert sum(widths) / 20 * 25.4 / 72 == pytest.approx(120, abs=0.1)
    cells = [row.findall(f"{W}tc") for row in table.findall(f"{W}tr")[1:]]
    is_left = [[cell.find(f".//{W}jc") is not None for cell in row] for row in cells]
    assert is_left == [[True, False]] * 2
    assert tables(word.save(document))[0][2] == [f"{word.INDENT}港湾", "1"]


def test_captions_speak_the_language_of_the_document() -> None:
    document = word.new_document("en")
    word.add_caption(document, "figure", "Stops")
    word.add_caption(document, "table", "Numbers")
    content = word.save(document)
    assert [code.split()[1] for code in fields(content)] == ["Figure", "Table"]
    assert word.language_of(document) == "en"
    assert word.language_of(word.new_document("zh")) == "zh"


def test_the_same_pieces_are_the_same_bytes() -> None:
    assert written() == written()
    with ZipFile(BytesIO(written())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"
    about = docx.Document(BytesIO(written())).core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    assert about.created is not None
    assert about.created.replace(tzinfo=None) == word.MOMENT
    assert about.title == "报告"


def test_pictures_are_as_wide_as_the_text_at_most_and_have_words() -> None:
    document = word.new_document("zh")
    word.add_picture(document, a_picture(), 300.0, "地图：站点")
    word.add_picture(document, a_picture(), 80.0, "小图")
    first, second = document.inline_shapes
    assert first.width == round(TEXT_MM * MM)
    assert first.height * 2 == first.width
    assert second.width == 80 * MM
    names = [item.attrib for item in xml(word.save(document)).iter() if "docPr" in str(item.tag)]
    assert [item["descr"] for item in names] == ["地图：站点", "小图"]


def test_the_header_of_a_table_repeats_and_rows_stay_whole() -> None:
    table = next(xml(written()).iter(f"{W}tbl"))
    rows = table.findall(f"{W}tr")
    assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True, False, False]
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
    widths = [int(item.get(f"{W}w", "0")) for item in table.iter(f"{W}gridCol")]
    # in twentieths of a point
    assert sum(widths) / 20 * 25.4 / 72 == pytest.approx(TEXT_MM, abs=0.1)
    assert widths[0] == pytest.approx(3 * widths[1], abs=3)
    assert tables(written()) == [
        [["指标", "数值"], ["站点", "315"], ["一种很长很长很长的说明", "2,117"]]
    ]


def test_numbers_stand_in_the_middle_and_texts_at_the_left() -> None:
    rows = next(xml(written()).iter(f"{W}tbl")).findall(f"{W}tr")[1:]
    aligned = [
        [
            None if (found := cell.find(f".//{W}jc")) is None else found.get(f"{W}val")
            for cell in row.iterfind(f"{W}tc")
        ]
        for row in rows
    ]
    assert aligned == [["left", None], ["left", None]]


def test_a_cover_has_no_number_and_the_next_page_is_the_first() -> None:
    content = written()
    section = next(xml(content).iter(f"{W}sectPr"))
    assert section.find(f"{W}titlePg") is not None
    start = section.find(f"{W}pgNumType")
    assert start is not None
    assert start.get(f"{W}start") == "0"
    footers = [name for name in unpacked(content) if name.startswith("word/footer")]
    assert [fields(content, name) for name in footers].count(["PAGE"]) == 1
    bare = word.save(word.new_document("zh"))
    assert not [name for name in unpacked(bare) if name.startswith("word/footer")]
    plain = next(xml(bare).iter(f"{W}sectPr"))
    assert plain.find(f"{W}titlePg") is None
    assert plain.find(f"{W}pgNumType") is None


def test_the_file_carries_nothing_of_its_template() -> None:
    names = unpacked(written())
    assert not [name for name in names if "thumbnail" in name or "customXml" in name]
    assert b"python-docx" not in b"".join(names.values())


def test_a_hostile_text_is_a_text() -> None:
    document = word.new_document("zh")
    hostile = "{{7*7}}<w:p/>&\x00\x08\ud800]]>"
    word.add_text(document, hostile)
    word.add_table(document, [hostile], [[hostile]], (1,))
    word.add_caption(document, "figure", hostile)
    content = word.save(document)
    assert paragraphs(content)[0] == ("BodyText", "{{7*7}}<w:p/>&]]>")
    assert tables(content) == [[["{{7*7}}<w:p/>&]]>"]] * 2]
    assert "{{7*7}}<w:p/>&]]>" in text_of(xml(content))


@given(st.text(max_size=40))
def test_any_text_can_be_written(text: str) -> None:
    document = word.new_document("zh")
    word.add_heading(document, text)
    assert word.save(document)
    assert word.printable(word.printable(text)) == word.printable(text)


@pytest.mark.thorough
def test_libreoffice_opens_it_and_counts_its_captions(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    assert office, "LibreOffice is missing: see .ci/install"
    path = tmp_path / "report.docx"
    path.write_bytes(written())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "fodt", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=180)  # noqa: S603 - our own words
    root = ET.fromstring((tmp_path / "report.fodt").read_bytes())  # noqa: S314 - made here
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    counted = [item.get(f"{{{text}}}name") for item in root.iter(f"{{{text}}}sequence")]
    assert counted == ["图", "表", "图"]
    assert "共 315 个。" in "".join(root.itertext())
