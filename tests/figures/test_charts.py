from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.image import imread

from geosvc.errors import FigureError
from geosvc.figures.charts import Curve, Table, Weeks, draw_chart

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.catalog.model import Language
    from geosvc.figures.charts import Chart
    from geosvc.figures.request import Format

WEEKS = Weeks(
    "占道洗车违法：按周",
    (("2024-01-01", 10), ("2024-01-08", 5), ("2024-01-22", 0)),
    marks=(("2024-01-10", "洗车点启用"), ("2030-01-01", "以后")),
    note="模拟数据",
)
CURVE = Curve("选址", ((1, 30.0, 35.0), (2, 55.0, None), (4, 80.0, 88.0)), chosen=2)
TABLE = Table("热点", ("路段", "起数"), (("金桥路", "12"), ("佳醇路" * 40, "3")), numbers=(1,))


@pytest.mark.parametrize("data", [WEEKS, CURVE, TABLE], ids=lambda chart: type(chart).__name__)
@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_every_chart_is_drawn_in_every_format(data: Chart, form: Format) -> None:
    one = draw_chart(data, format=form, dpi=150)
    again = draw_chart(replace(data), format=form, dpi=150)
    assert one == again
    assert one.caption.zh == data.title
    assert one.width_mm == 160
    if form == "svg":
        ET.fromstring(one.content)  # noqa: S314 - our own file


def test_the_size_is_the_one_asked_for() -> None:
    drawn = draw_chart(TABLE, width_mm=80.0)
    high, wide = imread(io.BytesIO(drawn.content), format="png").shape[:2]
    assert wide == pytest.approx(80 / 25.4 * 300, abs=1)
    assert high == pytest.approx(drawn.height_mm / 25.4 * 300, abs=1)


def test_bars_are_as_high_as_their_numbers() -> None:
    seen = imread(io.BytesIO(draw_chart(WEEKS, dpi=150).content), format="png")
    accent = np.abs(seen[..., :3] - np.array([11, 90, 112]) / 255).sum(axis=2) < 0.05
    heights = accent.sum(axis=0)
    runs = np.split(heights, np.flatnonzero(heights == 0))
    bars = [run for run in runs if run.size and run.max() > 4]
    assert len(bars) == 2
    assert bars[0].max() / bars[1].max() == pytest.approx(2, abs=0.06)


def test_axes_without_a_name_have_their_usual_one() -> None:
    named = draw_chart(Curve("a", CURVE.points, labels=("方案", "上界")))
    assert draw_chart(Curve("a", CURVE.points)).content == named.content
    english = draw_chart(Curve("a", CURVE.points), language="en")
    assert english.content != named.content


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (Weeks("a", ()), {}),
        (Table("a", ("b",), ()), {}),
        (Curve("a", ()), {}),
        (CURVE, {"width_mm": 20.0}),
        (CURVE, {"dpi": 72}),
        (CURVE, {"format": "gif"}),
    ],
)
def test_what_cannot_be_drawn_is_refused(data: Chart, asked: dict[str, Any]) -> None:
    with pytest.raises(FigureError):
        draw_chart(data, **asked)


def test_a_font_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    with pytest.raises(FigureError, match="missing_font"):
        draw_chart(TABLE, static=tmp_path)


@pytest.mark.parametrize(
    ("language", "told"), [("zh", "另 3 行 · 模拟"), ("en", "3 more rows · 模拟")]
)
def test_a_table_says_how_many_rows_it_leaves_out(language: Language, told: str) -> None:
    rows = tuple((f"{number}",) for number in range(43))
    drawn = draw_chart(Table("a", ("b",), rows, note="模拟"), language=language, dpi=150)
    assert drawn.alt.zh.endswith(f"39 · {told}")
    whole = draw_chart(Table("a", ("b",), rows[:40], note="模拟"), language=language, dpi=150)
    assert whole.alt.zh.endswith("39 · 模拟")
    assert whole.height_mm == drawn.height_mm


def test_flat_and_negative_numbers_have_an_axis() -> None:
    for points in (((1, 0.0, None),), ((1, -5.0, None), (2, -5.0, None)), ((3, 7.0, 7.0),)):
        assert draw_chart(Curve("a", points), dpi=150).content[:4] == b"\x89PNG"
    assert draw_chart(Weeks("a", (("2024-01-01", 0),)), dpi=150).content


def test_hostile_texts_are_only_texts() -> None:
    hostile = "<script>alert(1)</script> $\\frac{1}{0}$ {{ 7 * 7 }}"
    data = Table(hostile, (hostile,), ((hostile,),), note=hostile)
    content = draw_chart(data, format="svg").content
    assert b"script" not in content
