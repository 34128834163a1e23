from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.figures.layout import Measure, lay_out, write_margins
from geosvc.figures.words import Words
from tests.figures.test_sheet import picture

if TYPE_CHECKING:
    from geosvc.figures.fonts import Typeface
    from geosvc.figures.sheet import Sheet

FACTS = ("数据来源：某市", "坐标系：CGCS2000", "数据截至 2024 年 6 月 30 日", "修订 12")
WORDS = Words("全市一张图", "公交站点与洗车整治", FACTS, is_synthetic=True, as_of=None, revision=1)
BARE = Words("", "", (), is_synthetic=False, as_of=None, revision=0)


@pytest.fixture
def measure(typeface: Typeface) -> Measure:
    return Measure(typeface, 0.2, "zh")


def test_the_map_has_the_room_between_heading_and_foot(measure: Measure) -> None:
    layout = lay_out(WORDS, (210.0, 297.0), measure, map_mm=0)
    left, bottom, right, top = layout.inner
    assert left == pytest.approx(210 - right)
    assert 5 < left < 12
    title, subtitle = layout.head
    assert title.top > subtitle.top > top
    assert layout.foot[0].top < bottom
    assert (top - bottom) > 0.8 * 297
    assert layout.notice is not None
    assert layout.notice[1] >= layout.margin - 0.01


def test_filters_stand_below_the_subtitle(measure: Measure) -> None:
    plain = lay_out(WORDS, (210.0, 297.0), measure, map_mm=0)
    said = replace(WORDS, filters="筛选：道路 = 泰北路")
    layout = lay_out(said, (210.0, 297.0), measure, map_mm=0)
    title, subtitle, filters = layout.head
    assert filters.lines == ("筛选：道路 = 泰北路",)
    assert title.top > subtitle.top > filters.top > layout.inner[3]
    assert layout.inner[3] < plain.inner[3]
    long = lay_out(replace(said, filters="泰北路、" * 300), (210.0, 297.0), measure, map_mm=0)
    assert len(long.head[2].lines) == 3
    assert long.head[2].lines[2].endswith("…")


def test_what_is_not_said_takes_no_room(measure: Measure) -> None:
    layout = lay_out(BARE, (210.0, 297.0), measure, map_mm=0)
    assert layout.head == layout.foot == ()
    assert layout.notice is None
    whole = lay_out(WORDS, (210.0, 297.0), measure, map_mm=0)
    assert layout.inner[3] > whole.inner[3]
    assert layout.inner[1] < whole.inner[1]


def test_a_sheet_of_free_height_is_as_high_as_its_map_needs(measure: Measure) -> None:
    layout = lay_out(WORDS, (80.0, None), measure, map_mm=70.0)
    assert layout.inner[3] - layout.inner[1] == pytest.approx(70)


def test_what_the_map_does_not_need_stays_white_below_the_foot(measure: Measure) -> None:
    full = lay_out(WORDS, (210.0, 297.0), measure, map_mm=0)
    less = lay_out(WORDS, (210.0, 297.0), measure, map_mm=180.0)
    assert less.inner[3] == full.inner[3]
    assert less.inner[3] - less.inner[1] == pytest.approx(180)
    assert less.inner[1] - less.foot[0].top == pytest.approx(full.inner[1] - full.foot[0].top)
    assert less.notice is not None
    assert less.notice[1] > 40
    nearly = 0.97 * (full.inner[3] - full.inner[1])
    for height in (nearly, 900.0):
        assert lay_out(WORDS, (210.0, 297.0), measure, map_mm=height).inner == full.inner


def test_a_long_title_has_two_lines_and_an_ellipsis(measure: Measure) -> None:
    long = Words("整治情况通报" * 80, "", FACTS, is_synthetic=False, as_of=None, revision=1)
    (title,) = lay_out(long, (210.0, 297.0), measure, map_mm=0).head
    assert len(title.lines) == 2
    assert title.lines[1].endswith("…")
    for line in title.lines:
        assert measure.typeface.width(line, bold=True) * title.type_.size <= 210 - 12


def test_facts_fill_lines_as_wholes(measure: Measure) -> None:
    (foot,) = lay_out(WORDS, (80.0, 200.0), measure, map_mm=0).foot
    assert "".join(foot.lines).count("·") + len(foot.lines) == len(FACTS)
    (wide,) = lay_out(WORDS, (297.0, 210.0), measure, map_mm=0).foot
    assert len(wide.lines) == 1


def test_margins_are_written_outside_the_map(sheet: Sheet, measure: Measure) -> None:
    layout = lay_out(WORDS, (100.0, 80.0), measure, map_mm=0)
    write_margins(sheet, layout, measure)
    seen = picture(sheet)[..., 0]
    top, bottom = 800 - int(layout.inner[3] * 10), 800 - int(layout.inner[1] * 10)
    assert seen[top + 2 : bottom - 2].min() == 1
    assert (seen[:top] < 0.5).any()
    assert (seen[bottom:] < 0.5).any()
