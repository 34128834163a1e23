from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geosvc.catalog.model import Style
from geosvc.figures.labels import name_all
from geosvc.figures.line_labels import Names
from geosvc.figures.painting import point_boxes
from geosvc.figures.placing import Taken, meets
from tests.figures import town

if TYPE_CHECKING:
    import numpy.typing as npt

    from geosvc.figures.content import Shown
    from geosvc.figures.sheet import Box, Sheet


def points(xy: npt.NDArray[np.float64]) -> list[shapely.Point]:
    return [shapely.Point(x, y) for x, y in xy.tolist()]


def named(sheet: Sheet, *layers: Shown, taken: Box | None = None) -> Names:
    names = Names(sheet, town.view(), Taken(town.FRAME))
    if taken:
        names.taken.take(taken)
    name_all(names, layers)
    return names


def stops(count: int, *, rank: int = 3, spread: float = 0.05) -> Shown:
    rng = np.random.default_rng(1)
    xy = rng.normal((121.1, 33.5), spread, (count, 2))
    layer = town.layer("Point", Style("circle", "c-urban", label="name", label_rank=rank))
    return town.on_paper(layer, points(xy), name=[f"第{number}站台" for number in range(count)])


@pytest.mark.parametrize("count", [1, 40, 400])
def test_names_cover_neither_names_nor_points(sheet: Sheet, count: int) -> None:
    shown = stops(count)
    names = named(sheet, shown)
    boxes = [box for label in names.labels for box in label]
    assert boxes
    assert not [pair for pair in combinations(boxes, 2) if meets(*pair)]
    points = point_boxes(shown, town.view())
    assert not [box for box in boxes if any(meets(box, point) for point in points)]


def test_what_is_taken_stays_free(sheet: Sheet) -> None:
    everything = town.FRAME
    assert named(sheet, stops(40), taken=everything).labels == []


def test_the_better_rank_is_named_first(sheet: Sheet) -> None:
    # both want the same place; only one name fits beside the other point
    poor = stops(60, rank=4, spread=0.004)
    good = stops(1, rank=1)
    alone = named(sheet, good)
    both = named(sheet, poor, good)
    assert len(alone.labels) == 1
    assert next(iter(both.seen)) == "第0站台"
    assert len(both.labels) < 61


def test_both_sides_of_a_street_share_one_name(sheet: Sheet) -> None:
    layer = town.layer("Point", Style("circle", "c-urban", label="name", label_rank=3))
    places = [shapely.Point(121.1, 33.5), shapely.Point(121.103, 33.5)]
    assert len(named(sheet, town.on_paper(layer, places, name=["站", "站"])).labels) == 1


def test_points_of_a_low_rank_have_no_name_at_a_small_scale(sheet: Sheet) -> None:
    shown = stops(5, rank=5)
    names = Names(sheet, town.view(900_000), Taken(town.FRAME))
    name_all(names, [shown])
    assert names.labels == []


def water(*shapes: shapely.Geometry, name: str = "白荻湖") -> Shown:
    style = Style("area", "m-water", fill_opacity=1.0, label="name", label_rank=2)
    layer = town.layer("Polygon", style, group="ground")
    return town.on_paper(layer, list(shapes), name=[name] * len(shapes))


def test_a_lake_of_many_parts_is_named_once_in_its_largest(sheet: Sheet) -> None:
    small, large = (
        shapely.box(121.0, 33.4, 121.05, 33.44),
        shapely.box(121.08, 33.45, 121.18, 33.57),
    )
    lake = water(small, large)
    names = named(sheet, lake)
    (label,) = names.labels
    assert shapely.contains(lake.geometries[1], shapely.box(*label[0]))


def test_a_pond_smaller_than_its_name_has_none(sheet: Sheet) -> None:
    assert named(sheet, water(shapely.box(121.1, 33.5, 121.105, 33.505))).labels == []


def test_a_river_is_named_along_its_course(sheet: Sheet) -> None:
    river = water(shapely.box(121.1, 33.42, 121.104, 33.58), name="运河")
    (label,) = named(sheet, river).labels
    assert len(label) == 2
    # one sign under the other
    assert abs(label[0][0] - label[1][0]) < 0.5
    assert label[0][1] > label[1][3] - 0.5


def test_small_areas_of_the_data_are_not_written_over(sheet: Sheet) -> None:
    layer = town.layer("Polygon", Style("area", "c-parcel", fill_opacity=0.2))
    parcels = town.on_paper(
        layer, [shapely.Point(x, 33.5).buffer(0.004) for x in np.linspace(121.03, 121.17, 15)]
    )
    names = named(sheet, parcels, stops(60))
    taken = shapely.bounds(parcels.geometries).tolist()
    boxes = [box for label in names.labels for box in label]
    assert boxes
    assert not [box for box in boxes if any(meets(box, tuple(one)) for one in taken)]


def test_hostile_and_missing_names_do_no_harm(sheet: Sheet) -> None:
    layer = town.layer("Point", Style("circle", "c-urban", label="name", label_rank=1))
    places = points(np.linspace((121.03, 33.45), (121.17, 33.55), 4))
    names = ["$\\frac{1}{2}$", None, "\u200b", "长" * 300]
    assert len(named(sheet, town.on_paper(layer, places, name=names)).labels) == 1
