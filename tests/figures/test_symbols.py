from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.path import Path

from geosvc.catalog.parse_style import KINDS
from geosvc.figures.symbols import SYMBOLS, symbol_of
from geosvc.settings import PROJECT

SCRIPT = (PROJECT / "static" / "js" / "symbols.js").read_text("utf-8")
ON_SCREEN = SCRIPT[SCRIPT.index("const SHAPES") : SCRIPT.index("const BOX")]


def test_paper_and_screen_have_the_same_shapes() -> None:
    shapes = set(re.findall(r"^  (\w+): \{", ON_SCREEN, re.MULTILINE))
    assert set(SYMBOLS) == shapes
    assert set(KINDS["Point"]) <= shapes


@pytest.mark.parametrize("shape", sorted(SYMBOLS))
def test_a_style_means_the_same_size_on_both(shape: str) -> None:
    row = re.search(rf"^  {shape}: \{{\s*extent: ([\d.]+)", ON_SCREEN, re.MULTILINE)
    assert row
    assert SYMBOLS[shape].extent == float(row[1])


@pytest.mark.parametrize("shape", sorted(SYMBOLS))
def test_the_box_of_a_symbol_holds_all_its_strokes(shape: str) -> None:
    symbol = SYMBOLS[shape]
    left, bottom, right, top = symbol.box
    for part in symbol.parts:
        extents = part.path.get_extents()
        reach = part.width / 2 if part.stroke else 0.0
        # pointed corners are round: half the width beyond the outline is the most there is
        assert extents.x0 - reach >= left - 0.31
        assert extents.x1 + reach <= right + 0.31
        assert extents.y0 - reach >= bottom - 0.31
        assert extents.y1 + reach <= top + 0.31


def test_shapes_differ_without_color() -> None:
    drawn = {}
    for shape, symbol in SYMBOLS.items():
        grid = np.stack(np.meshgrid(np.linspace(-9, 9, 60), np.linspace(-9, 36, 90)), -1)
        ink = np.zeros(grid.shape[:2])
        for part in symbol.parts:
            closed = Path(part.path.vertices, part.path.codes)
            inside = closed.contains_points(grid.reshape(-1, 2), radius=part.width / 2)
            ink[inside.reshape(ink.shape)] = {"ink": 1, "halo": 2, None: 3}[part.fill]
        drawn[shape] = ink.tobytes()
    assert len(set(drawn.values())) == len(SYMBOLS)


def test_an_unknown_shape_is_a_disc() -> None:
    assert symbol_of("star") is SYMBOLS["circle"]
