"""The vendored typeface: how wide a text is, where it breaks, what it cannot show."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from fontTools.ttLib import TTFont, TTLibError

from geosvc.errors import FigureError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MISSING = "□"
"""What stands for a character that the typeface lacks."""
MORE = "…"
_FILES = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")
# no line begins with one of these
_CLOSING = frozenset("，。、；：？！）》」』】”’…—·％,.;:?!)]}%")


@lru_cache(maxsize=4)
def read_typeface(static: Path) -> Typeface:
    """Read the typeface of a static tree, once.

    Raises
    ------
    FigureError
        If a font file is missing or cannot be read.
    """
    folders = sorted((static / "vendor").glob("noto-sans-sc-*"))
    folder = folders[-1] if folders else static / "vendor" / "noto-sans-sc"
    return Typeface(folder)


class Typeface:
    """A regular and a bold font of the same characters.

    Parameters
    ----------
    folder
        Where the two files lie.

    Attributes
    ----------
    regular, bold
        The font files.

    Raises
    ------
    FigureError
        If a font file is missing or cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.regular, self.bold = (folder / name for name in _FILES)
        self._advances = {False: _advances(self.regular), True: _advances(self.bold)}

    def shown(self, text: str) -> str:
        r"""Return the text as the fonts can show it: one line, a box for an unknown character.

        >>> from geosvc.settings import PROJECT
        >>> face = read_typeface(PROJECT / "static")
        >>> face.shown("a\n\u200bb"), face.shown("\U0001f600"), face.shown("")
        ('a b', '□', '')
        """
        line = " ".join(unicodedata.normalize("NFC", text).split())
        known = self._advances[False]
        return "".join(
            sign if ord(sign) in known else MISSING
            for sign in line
            if unicodedata.category(sign) not in {"Cf", "Cc", "Mn", "Me"}
        )

    def width(self, text: str, *, bold: bool = False) -> float:
        """Return the width of a shown text, in parts of its size.

        >>> from geosvc.settings import PROJECT
        >>> read_typeface(PROJECT / "static").width("公交站")
        3.0
        """
        known = self._advances[bold]
        return sum(known.get(ord(sign), 1.0) for sign in text)

    def cut(self, text: str, width: float, *, bold: bool = False) -> str:
        """Shorten a text to a width in parts of its size, with an ellipsis.

        >>> from geosvc.settings import PROJECT
        >>> face = read_typeface(PROJECT / "static")
        >>> face.cut("城区公交站台", 4.0), face.cut("站台", 4.0), face.cut("", 1.0)
        ('城区公…', '站台', '')
        """
        if self.width(text, bold=bold) <= width:
            return text
        room = width - self.width(MORE, bold=bold)
        kept = ""
        for sign in text:
            room -= self.width(sign, bold=bold)
            if room < 0:
                break
            kept += sign
        return kept.rstrip() + MORE

    def lines(self, text: str, width: float, most: int, *, bold: bool = False) -> list[str]:
        """Break a text into at most so many lines; what is left over ends in an ellipsis.

        >>> from geosvc.settings import PROJECT
        >>> face = read_typeface(PROJECT / "static")
        >>> face.lines("城区公交站台，及农村", 4.0, 3), face.lines("城区公交站台", 3.0, 1)
        (['城区公交', '站台，及', '农村'], ['城区…'])
        >>> face.lines("bus stops", 4.0, 2), face.lines("", 4.0, 2)
        (['bus', 'stops'], [])
        """
        made: list[str] = []
        rest = self.shown(text)
        while rest and len(made) < most - 1 and self.width(rest, bold=bold) > width:
            end = self._break(rest, width, bold=bold)
            made.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        return [*made, self.cut(rest, width, bold=bold)] if rest else made

    def _break(self, text: str, width: float, *, bold: bool) -> int:
        room, end = width, 0
        while end < len(text) and (room := room - self.width(text[end], bold=bold)) >= 0:
            end += 1
        fits = max(end, 1)
        while end > 1 and not _may_break(text, end):
            end -= 1
        return end if end > 1 else fits


def _may_break(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if after in _CLOSING:
        return False
    return not (_is_letter(before) and _is_letter(after))


def _is_letter(sign: str) -> bool:
    return sign.isascii() and not sign.isspace()


def _advances(path: Path) -> Mapping[int, float]:
    try:
        with path.open("rb") as stream, TTFont(stream, lazy=True) as font:
            units = font["head"].unitsPerEm
            widths = font["hmtx"].metrics
            return {code: widths[name][0] / units for code, name in font.getBestCmap().items()}
    except (OSError, TTLibError, KeyError) as error:
        reason = "missing_font"
        raise FigureError(reason, file=path.name) from error
