from __future__ import annotations

from geosvc.reports import document as word
from geosvc.reports.document_contents import add_contents
from geosvc.reports.document_styles import numbered
from tests.reports.word_files import W, fields, paragraphs, xml


def written(language: str = "zh", *heads: tuple[int, str]) -> bytes:
    document = word.new_document("en" if language == "en" else "zh", has_cover=True)
    cover = word.add_cover(document, "报告", ["某市"])
    for level, text in heads:
        word.add_heading(document, text, level=level)
        word.add_text(document, "正文")
    add_contents(document, cover)
    return word.save(document)


HEADS = ((1, "总体情况"), (2, "逾期任务"), (1, "分布"), (2, "甲"), (2, "乙"))


def test_the_contents_are_a_field_that_word_fills_and_lists_the_headings_until_then() -> None:
    content = written("zh", *HEADS)
    codes = fields(content)
    assert codes == [r'TOC \o "1-2" \h \z \u']
    said = [text for style, text in paragraphs(content) if style.lower().startswith("toc")]
    assert said == [
        "一、总体情况",
        "（一）逾期任务",
        "二、分布",
        "（一）甲",
        "（二）乙",
    ]
    kinds = [item.get(f"{W}fldCharType") for item in xml(content).iter(f"{W}fldChar")]
    assert kinds == ["begin", "separate", "end"]
    dirty = [item for item in xml(content).iter(f"{W}fldChar") if item.get(f"{W}dirty")]
    assert len(dirty) == 1


def test_each_heading_has_the_bookmark_that_its_entry_refers_to() -> None:
    root = xml(written("zh", *HEADS))
    names = [item.get(f"{W}name") for item in root.iter(f"{W}bookmarkStart")]
    assert names == [f"_Toc{place:09d}" for place in range(1, 6)]
    assert [item.get(f"{W}anchor") for item in root.iter(f"{W}hyperlink")] == names
    ids = [item.get(f"{W}id") for item in root.iter(f"{W}bookmarkStart")]
    assert ids == [item.get(f"{W}id") for item in root.iter(f"{W}bookmarkEnd")]
    assert len(set(ids)) == 5


def test_the_contents_stand_behind_the_cover_and_are_none_of_their_headings() -> None:
    content = written("zh", *HEADS)
    texts = [text for _, text in paragraphs(content)]
    assert texts.index("某市") < texts.index("目录") < texts.index("总体情况")
    styles = {text: style for style, text in paragraphs(content)}
    assert not styles["目录"].startswith("Heading")
    assert written("zh", *HEADS) == content


def test_english_and_a_report_without_headings() -> None:
    texts = [text for _, text in paragraphs(written("en", (1, "Numbers"), (2, "Late")))]
    assert {"Contents", "1  Numbers", "1.1  Late"} <= set(texts)
    assert fields(written("zh")) == []
    assert numbered([20], "zh") == "二十、"
    assert numbered([10], "zh") == "十、"
