from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.figures import furniture
from geosvc.figures.fonts import read_typeface
from geosvc.figures.view import look_at
from geosvc.settings import PROJECT
from tests.figures.test_sheet import picture

if TYPE_CHECKING:
    from geosvc.figures.sheet import Sheet

GROUND = (121.0, 33.4, 121.2, 33.6)
FRAME = (5.0, 5.0, 95.0, 75.0)
FACE = read_typeface(PROJECT / "static")


@given(st.integers(5_000, 900_000))
def test_a_scale_bar_is_round_and_true(scale: int) -> None:
    view = look_at(GROUND, FRAME, scale=scale, unit=0.2)
    bar = furniture.scale_bar(view, FACE, language="zh", has_ratio=True)
    assert bar.length == pytest.approx(bar.meters * 1000 / scale)
    assert 0.09 * 90 <= bar.length <= 0.25 * 90
    assert f"{bar.meters}".rstrip("0") in {"1", "2", "5"}
    number, unit = bar.labels[2].split(" ")
    assert float(number) * {"米": 1, "公里": 1000}[unit] == bar.meters
    assert float(bar.labels[1]) * 2 == float(number)


@pytest.mark.parametrize("scale", [10_000, 50_000, 123_000])
def test_the_bar_is_as_long_on_the_paper_as_it_says(sheet: Sheet, scale: int) -> None:
    view = look_at(GROUND, FRAME, scale=scale, unit=0.2)
    bar = furniture.scale_bar(view, FACE, language="en", has_ratio=False)
    furniture.draw_scale_bar(sheet, bar, (20.0, 20.0), 0.2)
    # a row of pixels through the bar: its dark half is half of it
    row = picture(sheet)[800 - 219, :, 0] < 0.4
    columns = np.flatnonzero(row)
    drawn_mm = (columns[-1] - columns[0]) / 10
    assert drawn_mm == pytest.approx(bar.meters * 1000 / scale, abs=0.35)


def test_the_plate_holds_the_whole_scale(sheet: Sheet) -> None:
    view = look_at(GROUND, FRAME, scale=50_000, unit=0.2)
    bar = furniture.scale_bar(view, FACE, language="en", has_ratio=True)
    assert bar.ratio == "1:50\u2009000"
    furniture.draw_scale_bar(sheet, bar, (20.0, 20.0), 0.2)
    dark = picture(sheet)[..., 0] < 0.5
    columns = np.flatnonzero(dark.any(axis=0)) / 10
    assert columns[0] > 20
    assert columns[-1] < 20 + bar.size[0]


def test_the_notice_is_violet_and_hatched(sheet: Sheet) -> None:
    wide, high = furniture.notice_size(FACE, 0.4, "zh")
    furniture.draw_notice(sheet, (10.0, 10.0), 0.4, "zh")
    box = picture(sheet)[800 - int((10 + high) * 10) : 790, 100 : int((10 + wide) * 10), :3]
    tones = {tuple(tone) for tone in np.round(box.reshape(-1, 3), 2).tolist()}
    assert len(tones) > 10
    green, red, blue = box[..., 1].mean(), box[..., 0].mean(), box[..., 2].mean()
    assert green < min(red, blue)


def test_the_arrow_is_drawn_in_its_box(sheet: Sheet) -> None:
    furniture.draw_north(sheet, (40.0, 30.0), 0.4, "en")
    dark = picture(sheet)[..., 0] < 0.5
    columns, rows = np.flatnonzero(dark.any(axis=0)) / 10, np.flatnonzero(dark.any(axis=1)) / 10
    wide, high = (side * 0.4 for side in furniture.ARROW_PX)
    assert columns[0] >= 40
    assert columns[-1] <= 40 + wide
    assert 80 - 30 - high <= rows[0]
    assert rows[-1] <= 50


def test_the_locator_marks_where_the_map_is(sheet: Sheet) -> None:
    county = (120.8, 33.3, 121.4, 33.8)
    view = look_at((121.29, 33.69, 121.31, 33.71), FRAME, scale=None, unit=0.2)
    shape = furniture.county_shape(np.array([shapely.box(*county)]))
    furniture.draw_locator(sheet, shape, (10.0, 10.0, 50.0, 50.0), view, bounds=county)
    seen = picture(sheet)[..., :3]
    red = (seen[..., 0] > 0.5) & (seen[..., 1] < 0.35)
    rows, columns = np.nonzero(red)
    # in the north-east of the county
    assert columns.mean() / 10 > 38
    assert 80 - rows.mean() / 10 > 38


def test_a_map_beside_the_county_has_no_mark(sheet: Sheet) -> None:
    county = (120.8, 33.3, 121.4, 33.8)
    view = look_at((125.0, 40.0, 125.1, 40.1), FRAME, scale=None, unit=0.2)
    shape = furniture.county_shape(np.array([shapely.box(*county)]))
    furniture.draw_locator(sheet, shape, (10.0, 10.0, 50.0, 50.0), view, bounds=county)
    seen = picture(sheet)[..., :3]
    assert not ((seen[..., 0] > 0.5) & (seen[..., 1] < 0.35)).any()
