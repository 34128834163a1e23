"""How a Word file of ours looks: fonts, sizes, numbering, pages.

Chinese offices expect 仿宋 for text, 黑体 for headings and 宋体 in tables. A font is named for
every script and never by a theme: Word would fall back to another font for Chinese text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import (
    WD_ALIGN_PARAGRAPH,
    WD_LINE_SPACING,
    WD_TAB_ALIGNMENT,
    WD_TAB_LEADER,
)
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from docx.document import Document
    from docx.styles.style import ParagraphStyle

    from geosvc.catalog.model import Language

TEXT_MM: Final = 156.0
"""The width of the text: A4 within the margins of GB/T 9704."""
NOTE: Final = "Note"
"""The style of sources, ids and other small print."""
CELL: Final = "Cell"
"""The style of a paragraph in a table."""
PICTURE: Final = "Picture"
"""The style of a paragraph that holds a picture."""
CONTENTS_HEAD: Final = "Contents Heading"
"""The style of the heading of the contents, which is none of them."""
CONTENTS: Final = ("toc 1", "toc 2")
"""The styles of the entries of the contents, by level; so Word calls them."""
LEAD: Final = "Cover"
"""The style of the lines below the title of a cover."""

_MARGINS_MM: Final = {"top": 37.0, "bottom": 35.0, "left": 28.0, "right": 26.0}
_SCRIPTS: Final = ("ascii", "hAnsi", "eastAsia", "cs")
_FACES: Final[dict[Language, dict[str, tuple[str, str]]]] = {
    "zh": {
        role: (face, face)
        for role, face in (("body", "仿宋"), ("heading", "黑体"), ("table", "宋体"))
    },
    "en": {
        "body": ("Times New Roman", "仿宋"),
        "heading": ("Arial", "黑体"),
        "table": ("Times New Roman", "宋体"),
    },
}
_LEVELS: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    "zh": (("chineseCounting", "%1、"), ("chineseCounting", "（%2）")),
    "en": (("decimal", "%1  "), ("decimal", "%1.%2  ")),
}
_NUMBERING: Final = 70
"""The number of our list, above those of the template."""
_DIGITS: Final = "〇一二三四五六七八九"
_ACCENT: Final = "2E8B68"


@dataclass(frozen=True, slots=True)
class _Look:
    """A paragraph style; lengths in points."""

    face: str
    size: float
    bold: bool = False
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
    before: float = 0.0
    after: float = 0.0
    line: float | None = None
    holds_next: bool = False
    color: str = "000000"


_CENTER: Final = WD_ALIGN_PARAGRAPH.CENTER
_JUSTIFY: Final = WD_ALIGN_PARAGRAPH.JUSTIFY
_LOOKS: Final[dict[str, _Look]] = {
    "Normal": _Look("body", 14),
    "Body Text": _Look("body", 14, align=_JUSTIFY, line=26),
    "Title": _Look("heading", 26, align=_CENTER, before=150, after=18, line=42),
    "Heading 1": _Look("heading", 16, before=20, after=8, line=28, holds_next=True),
    "Heading 2": _Look("heading", 14, before=10, after=4, line=26, holds_next=True),
    "Caption": _Look("table", 10.5, align=_CENTER, before=4, after=4, line=16),
    NOTE: _Look("table", 9, align=_CENTER, after=8, line=14, color="404040"),
    CELL: _Look("table", 10, align=_CENTER, before=1.5, after=1.5),
    PICTURE: _Look("body", 10.5, align=_CENTER, before=6, holds_next=True),
    LEAD: _Look("body", 16, align=_CENTER, after=6, line=30),
    CONTENTS_HEAD: _Look("heading", 16, align=_CENTER, after=14, line=30),
    CONTENTS[0]: _Look("body", 14, line=26),
    CONTENTS[1]: _Look("body", 14, line=26),
    "Footer": _Look("table", 14, align=_CENTER),
}


def dress(document: Document, language: Language) -> None:
    """Give a document of the template our fonts, numbering and paper.

    Parameters
    ----------
    document
        As python-docx makes it; it is changed.
    language
        Of the text.
    """
    _forget_themes(document)
    _set_defaults(document, language)
    for name, look in _LOOKS.items():
        _set_style(_style(document, name), look, language)
    _indent(document, language)
    _lead_to_pages(document)
    _underline_title(document)
    _number(document, language)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side, width in _MARGINS_MM.items():
        setattr(section, f"{side}_margin", Mm(width))
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")
    # the format requires it, and python-docx's own template leaves it out
    for zoom in document.settings.element.iter(qn("w:zoom")):
        zoom.set(qn("w:percent"), "100")


def _fonts(role: str, language: Language) -> dict[str, str]:
    latin, chinese = _FACES[language][role]
    return {script: chinese if script == "eastAsia" else latin for script in _SCRIPTS}


def _forget_themes(document: Document) -> None:
    """Take the fonts and colors of themes out of every style."""
    for element in document.styles.element.iter():
        for name in [
            name for name in element.attrib if "theme" in str(name).rpartition("}")[2].lower()
        ]:
            del element.attrib[name]


def _set_defaults(document: Document, language: Language) -> None:
    for fonts in _found(document, "w:docDefaults//w:rFonts"):
        for script, face in _fonts("body", language).items():
            fonts.set(qn(f"w:{script}"), face)
    for lang in _found(document, "w:docDefaults//w:lang"):
        lang.set(qn("w:val"), "en-US")
        lang.set(qn("w:eastAsia"), "zh-CN")
    for spacing in _found(document, "w:docDefaults//w:pPrDefault//w:spacing"):
        spacing.set(qn("w:after"), "0")
        spacing.set(qn("w:line"), "240")


def _found(document: Document, path: str) -> Iterator[Any]:
    yield from document.styles.element.xpath(path)


def _style(document: Document, name: str) -> ParagraphStyle:
    styles = document.styles
    if name in styles:
        return cast("ParagraphStyle", styles[name])
    made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name in CONTENTS)
    made.base_style = styles["Normal"]
    return cast("ParagraphStyle", made)


def _set_style(style: ParagraphStyle, look: _Look, language: Language) -> None:
    style.hidden, style.quick_style = False, True
    font, layout = style.font, style.paragraph_format
    fonts = _fonts(look.face, language)
    font.name = fonts["ascii"]
    element = style.element.rPr.rFonts
    for script, face in fonts.items():
        element.set(qn(f"w:{script}"), face)
    font.size, font.bold, font.italic = Pt(look.size), look.bold, False
    font.color.rgb = RGBColor.from_string(look.color)
    layout.alignment = look.align
    layout.space_before, layout.space_after = Pt(look.before), Pt(look.after)
    layout.keep_with_next, layout.widow_control = look.holds_next, True
    if look.line is None:
        layout.line_spacing = 1.0
    else:
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(look.line)


def _indent(document: Document, language: Language) -> None:
    """Begin Chinese paragraphs two characters in; English ones stand apart."""
    layout = _style(document, "Body Text").paragraph_format
    if language == "en":
        layout.space_after = Pt(6)
        layout.line_spacing = Pt(20)
        return
    layout.first_line_indent = Pt(28)
    # in characters too: the indent stays two of them where somebody changes the size
    layout.element.pPr.ind.set(qn("w:firstLineChars"), "200")


def _lead_to_pages(document: Document) -> None:
    """Set the page numbers of the contents at the right, behind dots."""
    for level, name in enumerate(CONTENTS):
        layout = _style(document, name).paragraph_format
        layout.left_indent = Pt(28 * level)
        layout.tab_stops.add_tab_stop(Mm(TEXT_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def numbered(levels: Sequence[int], language: Language) -> str:
    """Write the number of a heading as Word does.

    Parameters
    ----------
    levels
        The counts of its level and those above it.
    language
        Of the text.

    Examples
    --------
    >>> numbered([3], "zh"), numbered([3, 12], "zh"), numbered([3, 12], "en")
    ('三、', '（十二）', '3.12  ')
    """
    kind, text = _LEVELS[language][len(levels) - 1]
    for level, count in enumerate(levels, start=1):
        said = _in_chinese(count) if kind == "chineseCounting" else str(count)
        text = text.replace(f"%{level}", said)
    return text


def _in_chinese(count: int) -> str:
    tens, ones = divmod(count, 10)
    before = f"{_DIGITS[tens] if tens > 1 else ''}十" if tens else ""
    return before + (_DIGITS[ones] if ones or not tens else "")


def _underline_title(document: Document) -> None:
    for border in _found(document, "w:style[@w:styleId='Title']//w:pBdr/w:bottom"):
        border.set(qn("w:color"), _ACCENT)
        border.set(qn("w:space"), "12")


def _number(document: Document, language: Language) -> None:
    """Have Word number the headings, so that they count on when one is taken out."""
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:pStyle w:val="Heading{at + 1}"/><w:suff w:val="nothing"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
        for at, (kind, text) in enumerate(_LEVELS[language])
    )
    numbering = document.part.numbering_part.element
    made = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{_NUMBERING}">'
        f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )
    numbering.insert(0, made)
    numbering.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{_NUMBERING}">'
            f'<w:abstractNumId w:val="{_NUMBERING}"/></w:num>'
        )
    )
    for at in range(len(_LEVELS[language])):
        layout = _style(document, f"Heading {at + 1}").element.get_or_add_pPr()
        found = layout._add_numPr()  # noqa: SLF001 - python-docx has no other way to number a style
        found._add_ilvl().val = at  # noqa: SLF001 - as above
        found._add_numId().val = _NUMBERING  # noqa: SLF001 - as above
