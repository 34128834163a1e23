from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

from geosvc.catalog.catalog import Catalog
from geosvc.catalog.model import Group, Site, Style, Text
from geosvc.figures.legend import Row, Setting, arranged, draw_legend, legend_rows
from tests.figures import town
from tests.figures.test_sheet import picture

if TYPE_CHECKING:
    from geosvc.figures.content import Shown
    from geosvc.figures.fonts import Typeface
    from geosvc.figures.sheet import Sheet

CATALOG = Catalog(
    site=Site(Text("县", "County"), (Group("stops", Text("站", "Stops"), 1),)),
)
POINT = shapely.Point(121.1, 33.5)
LINE = shapely.LineString([(121, 33.5), (121.2, 33.5)])


def stops(kinds: str) -> Shown:
    style = Style("circle", town.by_kind(a="c-urban", b="c-rural", c="c-wash"))
    return town.on_paper(town.layer("Point", style), [POINT] * len(kinds), kind=list(kinds))


def roads() -> Shown:
    style = Style(
        "line", town.by_kind(a="m-road", b="m-road", c="m-highway"), min_zoom=town.by_kind(c=0)
    )
    layer = town.layer("LineString", style, name="roads", group="ground")
    return town.on_paper(layer, [LINE] * 3, kind=list("abc"))


def rows(*layers: Shown) -> list[Row]:
    return legend_rows(layers, CATALOG, view=town.view(), language="zh")


def test_classes_have_counts_and_those_without_features_no_row() -> None:
    assert [(row.label, row.count) for row in rows(stops("aab"))] == [
        ("站点", "3"),
        ("a类", "2"),
        ("b类", "1"),
    ]


def test_a_layer_of_one_class_is_one_row() -> None:
    (row,) = rows(stops("aa"))
    assert (row.label, row.count) == ("站点", "2")
    assert row.item is not None


def test_the_unit_stands_behind_the_title() -> None:
    style = Style("circle", "c-urban", unit=Text("起/公里", "cases per km"))
    layer = town.on_paper(town.layer("Point", style), [POINT])
    assert rows(layer)[0].label == "站点（起/公里）"


def test_the_ground_comes_last_uncounted_with_like_looks_together() -> None:
    found = rows(roads(), stops("a"))
    assert [(row.label, row.count) for row in found] == [
        ("站点", "1"),
        ("a类、b类", ""),
        ("c类", ""),
    ]


@pytest.fixture
def setting(typeface: Typeface) -> Setting:
    return Setting("图例", typeface, 0.2, "zh")


def many() -> list[Row]:
    first = rows(stops("aab"))
    return [row for _ in range(6) for row in first]


def test_a_legend_keeps_to_its_room_and_says_what_it_leaves_out(setting: Setting) -> None:
    whole = arranged(many(), setting, (200.0, 200.0))
    assert whole.dropped == 0
    assert len(whole.columns) == 1
    small = arranged(many(), setting, (35.0, 30.0))
    assert small.size[0] <= 35
    assert small.size[1] <= 30
    shown = [row for column in small.columns for row in column]
    assert small.dropped == 12 - sum(row.item is not None for row in shown)
    assert shown[-1].label == f"另 {small.dropped} 项"
    assert len(small.columns) == 1 or len(small.columns[-1]) > 1


def test_a_wide_legend_is_as_flat_as_it_can_be(setting: Setting) -> None:
    tall = arranged(many(), setting, (150.0, 100.0))
    wide = arranged(many(), setting, (150.0, 100.0), is_wide=True)
    assert wide.size[1] < tall.size[1]
    assert wide.size[0] <= 150


def test_a_heading_stays_with_its_classes(setting: Setting) -> None:
    legend = arranged(many(), setting, (150.0, 100.0), is_wide=True)
    for column in legend.columns:
        assert column[0].item is None
        assert column[-1].item is not None


def test_no_room_and_no_rows_give_no_legend(setting: Setting) -> None:
    assert arranged([], setting, (100.0, 100.0)).size == (0.0, 0.0)
    none = arranged(many(), setting, (3.0, 3.0))
    assert none.columns == ()
    assert none.dropped == 12


def test_a_legend_without_room_for_one_class_says_so(setting: Setting) -> None:
    legend = arranged(many(), setting, (40.0, 8.0))
    ((row,),) = legend.columns
    assert row.label == "图例 12 项未列"


def test_a_legend_is_drawn_inside_its_size(sheet: Sheet, setting: Setting) -> None:
    area = Style("area", "c-parcel", casing="ink", fill_opacity=0.5, dash=(3, 3))
    hatched = Style("hatch", "c-out")
    shapes = [shapely.box(*town.GROUND)]
    layers = [
        roads(),
        town.on_paper(town.layer("Polygon", area), shapes),
        town.on_paper(town.layer("Polygon", hatched), shapes),
        stops("abc"),
        town.on_paper(town.layer("Point", Style("pin", "c-site", size_px=30)), [POINT]),
    ]
    legend = arranged(rows(*layers), setting, (90.0, 70.0))
    draw_legend(sheet, legend, (5.0, 75.0), view=town.view())
    seen = picture(sheet)
    assert seen[..., :3].min() < 0.2
    wide, high = legend.size
    inside = seen[50 : 50 + int(high * 10) + 1, 50 : 50 + int(wide * 10) + 1]
    assert (seen < 1).sum() == (inside < 1).sum()
