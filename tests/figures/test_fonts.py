from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from geosvc import messages
from geosvc.errors import FigureError
from geosvc.figures.fonts import MISSING, MORE, Typeface, read_typeface
from geosvc.settings import PROJECT

if TYPE_CHECKING:
    from pathlib import Path


def test_the_fonts_hold_gb2312_and_the_common_characters(typeface: Typeface) -> None:
    lines = (PROJECT / ".ci" / "characters.txt").read_text("utf-8").splitlines()
    rare = [sign for line in lines if not line.startswith("#") for sign in line]
    assert len(rare) > 1_400
    first = "".join(
        bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(161, 255)
    )
    assert typeface.shown(first) == first
    missing = [sign for sign in rare if typeface.shown(sign) != sign]
    # the newest blocks of Unicode, which the font itself lacks
    assert len(missing) < 10


def test_every_sentence_of_a_figure_can_be_set(typeface: Typeface) -> None:
    for language in messages.LANGUAGES:
        for sentence in messages.table("figure", language).values():
            assert MISSING not in typeface.shown(sentence)


def test_both_fonts_are_small_true_type_without_features() -> None:
    face = read_typeface(PROJECT / "static")
    for path in (face.regular, face.bold):
        assert path.stat().st_size < 4e6
        with TTFont(path, lazy=True) as font:
            assert "glyf" in font
            assert "GSUB" not in font


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("公交\t站\n台", "公交 站 台"),
        ("\U0001f68c站", "□站"),
        ("\u202e站\u200b", "站"),
        ("e\u0301", "é"),
        ("<svg onload=1>", "<svg onload=1>"),
        ("\ud800", ""),
    ],
)
def test_what_the_fonts_lack_is_a_box(typeface: Typeface, text: str, shown: str) -> None:
    assert typeface.shown(text).replace(MISSING, "□") in {shown, MISSING}


def test_widths_are_those_of_the_font(typeface: Typeface) -> None:
    assert typeface.width("站台") == pytest.approx(2.0)
    assert 0.4 < typeface.width("n") < 0.7
    assert typeface.width("bold", bold=True) > typeface.width("bold")


@given(st.text(max_size=60), st.floats(2, 30), st.integers(1, 4))
def test_lines_keep_to_their_width(text: str, width: float, most: int) -> None:
    face = read_typeface(PROJECT / "static")
    lines = face.lines(text, width, most)
    assert len(lines) <= most
    assert all(face.width(line) <= width + 1e-9 or len(line) <= 2 for line in lines)
    kept = "".join(lines).replace(" ", "")
    whole = face.shown(text).replace(" ", "")
    assert kept == whole or (lines[-1].endswith(MORE) and whole.startswith(kept[:-1]))


def test_punctuation_begins_no_line(typeface: Typeface) -> None:
    assert typeface.lines("城区公交，站台", 4.0, 2) == ["城区公", "交，站台"]
    assert typeface.lines("violations here", 6.0, 2) == ["violations", "here"]


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    with pytest.raises(FigureError) as caught:
        read_typeface(tmp_path)
    assert caught.value.reason == "missing_font"
    assert caught.value.numbers == {"file": "NotoSansSC-Regular.ttf"}


def test_a_damaged_font_is_named(tmp_path: Path) -> None:
    for name in ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"):
        (tmp_path / name).write_bytes(b"no font")
    with pytest.raises(FigureError):
        Typeface(tmp_path)
