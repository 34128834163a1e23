from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geosvc.catalog.model import Style
from geosvc.figures.line_labels import Names, name_lines, name_streets, set_shields
from geosvc.figures.placing import Taken, meets
from geosvc.figures.sheet import Type
from tests.figures import town

if TYPE_CHECKING:
    from geosvc.figures.content import Shown
    from geosvc.figures.sheet import Sheet

TYPE = Type(3.0)
LEVEL = shapely.LineString([(5, 40), (95, 40)])
UPRIGHT = shapely.LineString([(50, 5), (50, 75)])


@pytest.fixture
def names(sheet: Sheet) -> Names:
    return Names(sheet, town.view(), Taken(town.FRAME))


def test_a_name_stands_in_the_middle_of_its_street(names: Names) -> None:
    name_lines(names, [("解放路", LEVEL)], TYPE)
    (label,) = names.labels
    middles = [((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in label]
    assert [round(x) for x, _ in middles] == sorted(round(x) for x, _ in middles)
    assert np.mean([x for x, _ in middles]) == pytest.approx(50)
    assert all(y == pytest.approx(40) for _, y in middles)


@pytest.mark.parametrize("line", [UPRIGHT, shapely.reverse(UPRIGHT)])
def test_chinese_on_an_upright_street_reads_downwards(
    names: Names, line: shapely.LineString
) -> None:
    name_lines(names, [("解放路", line)], TYPE)
    (label,) = names.labels
    heights = [box[1] for box in label]
    assert heights == sorted(heights, reverse=True)
    assert all((box[0] + box[2]) / 2 == pytest.approx(50) for box in label)


def test_a_name_moves_aside_where_its_street_is_full(names: Names) -> None:
    for x in range(5, 95):
        names.taken.take((x, 39.5, x + 1.0, 40.5))
    name_lines(names, [("解放路", LEVEL)], TYPE)
    assert names.labels == []
    name_lines(names, [("解放路", LEVEL)], TYPE, aside=4.0)
    (label,) = names.labels
    assert all(not meets(box, (0, 39.5, 100, 40.5)) for box in label)


@pytest.mark.parametrize(
    "line",
    [
        shapely.LineString([(5, 40), (8, 40)]),
        shapely.LineString([(40, 40), (42, 44), (44, 40), (46, 44), (48, 40), (50, 44)]),
        shapely.LineString(),
    ],
)
def test_a_short_or_crooked_street_has_no_name(names: Names, line: shapely.LineString) -> None:
    name_lines(names, [("解放路", line)], TYPE)
    assert names.labels == []


def test_the_same_name_is_not_repeated_nearby(names: Names) -> None:
    other = shapely.LineString([(5, 50), (95, 50)])
    name_lines(names, [("解放路", LEVEL), ("解放路", other)], TYPE)
    assert len(names.labels) == 1


def roads(*rows: tuple[str, str, shapely.Geometry]) -> Shown:
    style = Style(
        "line",
        town.by_kind(a="m-highway", b="m-road"),
        width_px=town.by_kind(a=4, b=1),
        label="name",
    )
    layer = town.layer("LineString", style, group="ground")
    kinds, codes, shapes = zip(*rows, strict=True)
    columns = {"kind": list(kinds), "code": list(codes), "name": [f"{code}国道" for code in codes]}
    return town.on_paper(layer, list(shapes), **columns)


def pieces(y: float) -> list[shapely.LineString]:
    ends = np.linspace(121.02, 121.18, 9)
    return [shapely.LineString([(a, y), (b, y)]) for a, b in pairwise(ends)]


def test_a_stretch_of_many_pieces_has_one_shield(names: Names) -> None:
    shown = roads(*(("a", "G636", piece) for piece in pieces(33.5)))
    set_shields(names, shown)
    assert len(names.shields) == 1
    # the number says already what the name would
    name_streets(names, shown)
    assert names.labels == []


def test_each_road_has_its_own_shield_and_none_meets_another(names: Names) -> None:
    rows = [("a", f"S{300 + n}", piece) for n in range(5) for piece in pieces(33.49 + n / 300)]
    set_shields(names, roads(*rows))
    assert len(names.shields) == 5
    for place, one in enumerate(names.shields):
        assert not any(meets(one, other) for other in names.shields[:place])


def test_only_route_numbers_have_shields(names: Names) -> None:
    set_shields(names, roads(("a", "", pieces(33.5)[0]), ("a", "环城路", pieces(33.5)[0])))
    set_shields(names, roads(*(("b", "Y101", piece) for piece in pieces(33.5))))
    assert names.shields == []
