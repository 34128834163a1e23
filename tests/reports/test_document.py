from __future__ import annotations

import struct
import zlib
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.reports import document as word
from geosvc.reports.document_styles import TEXT_MM
from tests.reports.word_files import W, fields, paragraphs, tables, text_of, unpacked, xml

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
    word.add_caption(document, "figure", "又一幅", chapter="3")
    return word.save(document)


def test_captions_are_fields_that_word_counts() -> None:
    content = written()
    codes = [code for code in fields(content) if code.startswith("SEQ")]
    assert codes == ["SEQ 图 \\* ARABIC", "SEQ 表 \\* ARABIC", "SEQ 图 \\* ARABIC"]
    said = [text for style, text in paragraphs(content) if style == "Caption"]
    assert said == ["图 1  站点分布", "表 1  数字", "图 3-2  又一幅"]
    kinds = [item.get(f"{W}fldCharType") for item in xml(content).iter(f"{W}fldChar")]
    assert kinds == ["begin", "separate", "end"] * 3


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
    plain = next(xml(word.save(word.new_document("zh"))).iter(f"{W}sectPr"))
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
    word.add_caption(document, "figure", hostile, chapter=hostile)
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
