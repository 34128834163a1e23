from __future__ import annotations

import io
import re
import zlib
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely
from matplotlib.image import imread
from matplotlib.path import Path

from geosvc.figures.sheet import Look, Sheet, Type, outline
from geosvc.figures.symbols import symbol_of

if TYPE_CHECKING:
    from geosvc.figures.fonts import Typeface


def picture(sheet: Sheet, dpi: int = 254) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The sheet with 10 pixels a millimeter, first row on top."""
    return np.asarray(imread(io.BytesIO(sheet.rendered("png", dpi)), format="png"))


def test_millimeters_are_millimeters(sheet: Sheet) -> None:
    sheet.box((10, 20, 60, 30), Look(face=(0, 0, 0, 1)))
    seen = picture(sheet)
    assert seen.shape[:2] == (800, 1000)
    dark = seen[..., 0] < 0.5
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    assert (columns[0], columns[-1] + 1) == (100, 600)
    assert (rows[0], rows[-1] + 1) == (500, 600)


def test_what_is_drawn_later_lies_above_and_is_clipped(sheet: Sheet) -> None:
    sheet.box((0, 0, 100, 80), Look(face=(1, 0, 0, 1)))
    sheet.clip = (0, 0, 50, 80)
    sheet.box((0, 0, 100, 80), Look(face=(0, 0, 1, 1)))
    seen = picture(sheet)
    assert seen[400, 250, :3].tolist() == [0, 0, 1]
    assert seen[400, 750, :3].tolist() == [1, 0, 0]


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_a_text_covers_what_the_metrics_say(sheet: Sheet, align: str) -> None:
    sheet.write((50, 40), "站台站台", Type(10.0, "ink", align=align))  # type: ignore[arg-type]
    dark = picture(sheet)[..., 0] < 0.5
    columns = np.flatnonzero(dark.any(axis=0)) / 10
    rows = 80 - np.flatnonzero(dark.any(axis=1)) / 10
    start = {"left": 50.0, "center": 30.0, "right": 10.0}[align]
    assert start <= columns[0] <= start + 1.5
    assert start + 38.5 <= columns[-1] <= start + 40
    # the middle of the characters stands at the middle that was asked for
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(40, abs=0.6)


def test_no_text_is_a_formula_and_unknown_signs_give_no_warning(sheet: Sheet) -> None:
    sheet.write((10, 40), "$x_1$ {a} \\alpha \U0001f68c", Type(5.0, halo=0.4))
    sheet.write((10, 20), "\u200b", Type(5.0))
    assert (picture(sheet)[..., 0] < 0.5).any()


def test_holes_stay_empty(sheet: Sheet) -> None:
    ring = shapely.Polygon(
        shapely.box(10, 10, 70, 70).exterior, [shapely.box(30, 30, 50, 50).exterior.coords]
    )
    path = outline(np.array([ring, shapely.box(80, 10, 90, 20)]))
    assert codes(path).count(int(Path.MOVETO)) == 3
    sheet.shape(path, Look(face=(0, 0, 0, 1)))
    seen = picture(sheet)[..., 0]
    assert seen[800 - 400, 400] == 1
    assert seen[800 - 400, 200] == 0
    assert seen[800 - 150, 850] == 0


def test_lines_and_areas_make_one_path() -> None:
    shapes = [
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0)]]),
        shapely.box(0, 0, 1, 1),
        shapely.Point(3, 3),
        shapely.LineString(),
    ]
    path = outline(np.array(shapes, dtype=object))
    assert codes(path).count(int(Path.MOVETO)) == 4
    assert codes(path).count(int(Path.CLOSEPOLY)) == 1
    assert codes(path)[-1] == Path.CLOSEPOLY


def test_symbols_are_drawn_whole_one_after_the_other(sheet: Sheet) -> None:
    symbol = symbol_of("circle")
    places = np.array([(40.0, 40.0), (45.0, 40.0)])
    sheet.symbols(places, symbol.parts, 10 / symbol.extent, (0, 0, 0, 1))
    seen = picture(sheet)[400, :, 0]
    # the edge of the second separates it from the first
    assert seen[380] == 0
    assert seen[450] == 0
    assert seen[398:402].max() == 1


@pytest.fixture
def written(sheet: Sheet) -> Sheet:
    sheet.write((10, 40), "公交站台 G636", Type(6.0, halo=0.5))
    sheet.write((10, 20), "粗体", Type(6.0, bold=True))
    sheet.line([(1, 1), (99, 1)], Look(edge=(0, 0, 0, 1), width=0.5, dash=(2, 1)))
    return sheet


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_drawing_gives_the_same_bytes(written: Sheet, form: str) -> None:
    assert written.rendered(form, 150) == written.rendered(form, 150)


def test_an_svg_is_paths_and_names_no_address_but_namespaces(written: Sheet) -> None:
    content = written.rendered("svg", 150)
    root = ET.fromstring(content)  # noqa: S314 - our own file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert b"<text" not in content
    assert b"DOCTYPE" not in content
    addresses = set(re.findall(rb'https?://[^"<\s]+', content))
    assert addresses == {b"http://www.w3.org/2000/svg", b"http://www.w3.org/1999/xlink"}
    assert root.attrib["width"].startswith("283.4")


def codes(path: Path) -> list[int]:
    return [int(code) for code in np.asarray(path.codes)]


def streams(content: bytes) -> list[bytes]:
    """The decompressed streams of a PDF."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    made = []
    for part in found:
        try:
            made.append(zlib.decompress(part))
        except zlib.error:
            made.append(part)
    return made


def test_the_text_of_a_pdf_is_text_in_embedded_true_type(written: Sheet) -> None:
    content = written.rendered("pdf", 150)
    assert b"/FontFile2" in content
    assert b"/CIDFontType2" in content
    assert b"/Type3" not in content
    assert b"NotoSansSC-Bold" in content
    maps = b"".join(
        part for part in streams(content) if b"beginbfrange" in part or b"bfchar" in part
    )
    for sign in "公交站台":
        assert f"{ord(sign):04x}".encode() in maps.lower()
    assert b"CreationDate" not in content
    assert b"http" not in content


def test_many_points_become_pixels_in_a_pdf(sheet: Sheet) -> None:
    rng = np.random.default_rng(1)
    places = rng.uniform(5, 75, (3_000, 2))
    symbol = symbol_of("ring")
    sheet.is_raster = True
    sheet.symbols(places, symbol.parts, 0.1, (0, 0, 0, 1))
    sheet.is_raster = False
    assert b"/Image" in sheet.rendered("pdf", 150)
    assert b"data:image/png" in sheet.rendered("svg", 150)


def test_sheets_do_not_share_what_is_drawn(typeface: Typeface, sheet: Sheet) -> None:
    other = Sheet((100.0, 80.0), typeface, sheet.palette)
    sheet.box((0, 0, 100, 80), Look(face=(0, 0, 0, 1)))
    assert picture(other)[..., 0].min() == 1
