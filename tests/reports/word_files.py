"""Reading Word files as plain XML, for tests."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from docx.oxml import parse_xml

if TYPE_CHECKING:
    from collections.abc import Mapping


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of a file by name."""
    with ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def xml(content: bytes, name: str = "word/document.xml") -> Any:  # noqa: ANN401 - lxml has no types
    """A part as XML."""
    return parse_xml(unpacked(content)[name])


def text_of(element: Any) -> str:  # noqa: ANN401 - as above
    """All of the text below an element."""
    return "".join(item.text or "" for item in element.iter(f"{W}t"))


def paragraphs(content: bytes) -> list[tuple[str, str]]:
    """The style and the text of each paragraph outside of tables, empty ones left out."""
    found = []
    for paragraph in xml(content).iterfind(f"{W}body/{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        text = text_of(paragraph)
        if text:
            found.append(("" if style is None else style.get(f"{W}val", ""), text))
    return found


def tables(content: bytes) -> list[list[list[str]]]:
    """The tables: rows of cells."""
    return [
        [[text_of(cell) for cell in row.iterfind(f"{W}tc")] for row in table.iterfind(f"{W}tr")]
        for table in xml(content).iter(f"{W}tbl")
    ]


def fields(content: bytes, name: str = "word/document.xml") -> list[str]:
    """The codes of fields."""
    return [(item.text or "").strip() for item in xml(content, name).iter(f"{W}instrText")]


def everything(content: bytes, parts: Mapping[str, bytes] = {}) -> bytes:
    """All bytes of a file, unpacked, and those of other parts."""
    return b"\n".join([content, *unpacked(content).values(), *parts.values()])
