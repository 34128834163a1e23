from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.reports import document as word
from geosvc.reports.document_styles import CELL, LEAD, NOTE, PICTURE
from tests.reports.word_files import W, unpacked, xml

if TYPE_CHECKING:
    from geosvc.catalog.model import Language

SCRIPTS = ("ascii", "hAnsi", "eastAsia", "cs")


def fonts(language: Language) -> dict[str, dict[str, str]]:
    """The fonts of each style that names some, by script."""
    root = xml(word.save(word.new_document(language)), "word/styles.xml")
    found = {}
    for style in root.iterfind(f"{W}style"):
        named = style.find(f"{W}rPr/{W}rFonts")
        if named is not None:
            values = {name: named.get(f"{W}{name}") for name in SCRIPTS}
            found[style.get(f"{W}styleId", "")] = {k: v for k, v in values.items() if v}
    return found


def test_chinese_offices_find_their_fonts() -> None:
    found = fonts("zh")
    for style in ("Normal", "BodyText", LEAD):
        assert found[style] == dict.fromkeys(SCRIPTS, "仿宋")
    for style in ("Title", "Heading1", "Heading2"):
        assert found[style] == dict.fromkeys(SCRIPTS, "黑体")
    for style in ("Caption", CELL, NOTE):
        assert found[style] == dict.fromkeys(SCRIPTS, "宋体")


def test_english_has_latin_fonts_and_chinese_ones_for_names() -> None:
    found = fonts("en")
    assert found["BodyText"]["ascii"] == "Times New Roman"
    assert found["Heading1"]["ascii"] == "Arial"
    assert {found[name]["eastAsia"] for name in ("BodyText", CELL, "Title")} == {
        "仿宋",
        "宋体",
        "黑体",
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_style_refers_to_a_theme(language: Language) -> None:
    root = xml(word.save(word.new_document(language)), "word/styles.xml")
    named = [str(name) for item in root.iter() for name in item.attrib]
    assert not [name for name in named if "theme" in name.lower()]


def test_the_fonts_of_the_whole_file_are_ours() -> None:
    root = xml(word.save(word.new_document("zh")), "word/styles.xml")
    default = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}rFonts")
    assert default is not None
    assert {default.get(f"{W}{name}") for name in SCRIPTS} == {"仿宋"}
    lang = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    assert lang is not None
    assert lang.get(f"{W}eastAsia") == "zh-CN"


def test_chinese_text_begins_two_characters_in() -> None:
    def indent(language: Language) -> str | None:
        root = xml(word.save(word.new_document(language)), "word/styles.xml")
        found = root.find(f"{W}style[@{W}styleId='BodyText']/{W}pPr/{W}ind")
        return None if found is None else found.get(f"{W}firstLineChars")

    assert indent("zh") == "200"
    assert indent("en") is None


def test_headings_are_numbered_by_word() -> None:
    content = word.save(word.new_document("zh"))
    styles, numbering = xml(content, "word/styles.xml"), xml(content, "word/numbering.xml")
    for level, text in enumerate(("%1、", "（%2）")):
        style = styles.find(f"{W}style[@{W}styleId='Heading{level + 1}']/{W}pPr/{W}numPr")
        assert style is not None
        number = style.find(f"{W}numId")
        assert number is not None
        num = numbering.find(f"{W}num[@{W}numId='{number.get(f'{W}val')}']/{W}abstractNumId")
        assert num is not None
        path = f"{W}abstractNum[@{W}abstractNumId='{num.get(f'{W}val')}']/{W}lvl"
        found = numbering.findall(path)[level]
        shown = found.find(f"{W}lvlText")
        assert shown is not None
        assert shown.get(f"{W}val") == text
        kind = found.find(f"{W}numFmt")
        assert kind is not None
        assert kind.get(f"{W}val") == "chineseCounting"


def test_the_paper_is_a4_with_the_margins_of_official_documents() -> None:
    section = word.new_document("zh").sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert (section.page_width.mm, section.page_height.mm) == pytest.approx((210, 297), abs=0.1)
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [side.mm for side in sides if side is not None] == pytest.approx(
        [37, 35, 28, 26], abs=0.1
    )


def test_word_does_not_open_it_in_a_mode_for_old_files() -> None:
    settings = unpacked(word.save(word.new_document("zh")))["word/settings.xml"]
    assert b'w:name="compatibilityMode"' in settings
    root = xml(word.save(word.new_document("zh")), "word/settings.xml")
    modes = {item.get(f"{W}name"): item.get(f"{W}val") for item in root.iter(f"{W}compatSetting")}
    assert modes["compatibilityMode"] == "15"


def test_a_picture_stays_with_its_caption() -> None:
    root = xml(word.save(word.new_document("zh")), "word/styles.xml")
    assert root.find(f"{W}style[@{W}styleId='{PICTURE}']/{W}pPr/{W}keepNext") is not None


def test_the_zoom_has_the_share_that_the_format_requires() -> None:
    root = xml(word.save(word.new_document("zh")), "word/settings.xml")
    assert [zoom.get(f"{W}percent") for zoom in root.iter(f"{W}zoom")] == ["100"]
