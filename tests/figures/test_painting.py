from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geosvc.catalog.model import Style
from geosvc.figures.painting import MANY, hatching, line_mm, paint, point_boxes, symbol_mm
from tests.figures import town
from tests.figures.test_sheet import picture

if TYPE_CHECKING:
    from geosvc.figures.sheet import Sheet

MIDDLE = shapely.Point(121.1, 33.5)
BLOCK = shapely.box(121.05, 33.45, 121.15, 33.55)


def near(seen: np.ndarray[tuple[int, ...], np.dtype[np.float32]], color: str) -> int:
    """How many pixels have a color."""
    wanted = np.array([*bytes.fromhex(color)]) / 255
    return int((np.abs(seen[..., :3] - wanted).sum(axis=2) < 0.03).sum())


@pytest.mark.parametrize("shape", ["circle", "triangle_up", "square_cross", "diamond", "flag"])
def test_points_have_the_color_and_the_box_of_their_symbol(sheet: Sheet, shape: str) -> None:
    stops = town.on_paper(town.layer("Point", Style(shape, "#ff0000", size_px=40)), [MIDDLE])
    paint(sheet, stops, town.view())
    seen = picture(sheet)
    assert near(seen, "ff0000") > 100
    rows, columns = np.nonzero(seen[..., 1] < 0.5)
    (box,) = point_boxes(stops, town.view())
    assert box[0] * 10 <= columns.min()
    assert columns.max() <= box[2] * 10
    assert (80 - box[3]) * 10 <= rows.min()
    assert rows.max() <= (80 - box[1]) * 10


def test_the_first_class_of_the_legend_lies_on_top(sheet: Sheet) -> None:
    style = Style("circle", town.by_kind(a="#ff0000", b="#0000ff"), size_px=40)
    layer = town.layer("Point", style)
    paint(sheet, town.on_paper(layer, [MIDDLE, MIDDLE], kind=["a", "b"]), town.view())
    seen = picture(sheet)
    assert near(seen, "ff0000") > 100
    assert near(seen, "0000ff") == 0


def test_a_pin_carries_its_number(sheet: Sheet) -> None:
    layer = town.layer("Point", Style("pin", "#000080", size_px=60, label="name"))
    paint(sheet, town.on_paper(layer, [MIDDLE], name=[25]), town.view())
    with_number = near(picture(sheet), "ffffff")
    plain = type(sheet)((sheet.width, sheet.height), sheet.typeface, sheet.palette)
    paint(plain, town.on_paper(layer, [MIDDLE], name=[None]), town.view())
    assert with_number > near(picture(plain), "ffffff") + 50


def test_a_line_lies_on_its_casing(sheet: Sheet) -> None:
    layer = town.layer("LineString", Style("line", "#ff0000", casing="#0000ff", width_px=10))
    line = shapely.LineString([(121.05, 33.5), (121.15, 33.5)])
    made = town.on_paper(layer, [line])
    paint(sheet, made, town.view())
    width, casing = line_mm(made, made.symbols.classes[0], town.view())
    column = picture(sheet)[:, 500, :3]
    red = (column[:, 0] > 0.9) & (column[:, 2] < 0.1)
    blue = (column[:, 2] > 0.9) & (column[:, 0] < 0.1)
    assert red.sum() / 10 == pytest.approx(width, abs=0.25)
    assert (red.sum() + blue.sum()) / 10 == pytest.approx(casing, abs=0.35)


def test_an_area_is_filled_as_densely_as_its_style_says(sheet: Sheet) -> None:
    layer = town.layer("Polygon", Style("area", "#000000", fill_opacity=0.5, width_px=0))
    paint(sheet, town.on_paper(layer, [BLOCK]), town.view())
    assert picture(sheet)[400, 500, 0] == pytest.approx(0.5, abs=0.02)


def test_hatching_is_lines_with_air_between(sheet: Sheet) -> None:
    layer = town.layer("Polygon", Style("hatch", "#000000"))
    paint(sheet, town.on_paper(layer, [BLOCK]), town.view())
    inner = picture(sheet)[380:420, 450:550, 0]
    assert 0.05 < (inner < 0.5).mean() < 0.4


def test_hatched_areas_that_overlap_are_hatched_once() -> None:
    one = hatching(np.array([shapely.box(0, 0, 10, 10)]), 1.0)
    both = hatching(np.array([shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 5)]), 1.0)
    assert np.array_equal(both.vertices, one.vertices)
    assert np.shape(one.vertices)[0] > 20


def test_an_outline_is_not_filled(sheet: Sheet) -> None:
    layer = town.layer("Polygon", Style("area", "#000000", fill_opacity=1.0), group="ground")
    made = town.on_paper(layer, [BLOCK])
    paint(sheet, replace(made, is_outline=True), town.view())
    assert picture(sheet)[400, 500, 0] == 1


def test_scaled_streets_grow_with_the_scale_and_symbols_too() -> None:
    layer = town.layer("LineString", Style("line", "m-road", width_px=4, scaled=True))
    made = town.shown(layer, [shapely.LineString([(121, 33.5), (121.2, 33.5)])])
    item = made.symbols.classes[0]
    widths = [line_mm(made, item, town.view(scale))[0] for scale in (200_000, 50_000, 10_000)]
    assert widths[0] < widths[1] < widths[2]
    sizes = [symbol_mm(item, town.view(scale)) for scale in (800_000, 200_000, 10_000)]
    assert sizes[0] < sizes[1] < sizes[2]


def test_many_points_are_pixels_and_the_next_layer_is_not(sheet: Sheet) -> None:
    layer = town.layer("Point", Style("circle", "#ff0000"))
    paint(sheet, town.on_paper(layer, [MIDDLE] * (MANY + 1)), town.view())
    assert not sheet.is_raster
    assert b"data:image/png" in sheet.rendered("svg", 150)


def test_an_empty_layer_draws_nothing(sheet: Sheet) -> None:
    for geometry, kind in (("Point", "ring"), ("LineString", "line"), ("Polygon", "hatch")):
        layer = town.layer(geometry, Style(kind, "#ff0000"))  # type: ignore[arg-type]
        paint(sheet, town.on_paper(layer, []), town.view())
    assert picture(sheet)[..., 1].min() == 1


def test_many_points_on_each_other_cover_what_one_does() -> None:
    layer = town.layer("Point", Style("circle", "#ff0000"))
    view = town.view()
    few = point_boxes(town.on_paper(layer, [MIDDLE] * MANY), view)
    many = point_boxes(town.on_paper(layer, [MIDDLE] * (MANY + 1)), view)
    assert len(few) == MANY
    assert many == [few[0]]
