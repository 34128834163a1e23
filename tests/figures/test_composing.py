from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geosvc.catalog.catalog import Catalog
from geosvc.catalog.model import Style
from geosvc.figures.composing import Job, column_mm, compose, may_grow
from geosvc.figures.layout import Measure
from geosvc.figures.placing import meets
from geosvc.figures.request import FigureRequest
from geosvc.map_state import MapState
from tests.figures import town

if TYPE_CHECKING:
    from geosvc.figures.content import Shown
    from geosvc.figures.fonts import Typeface
    from geosvc.figures.sheet import Box

REQUEST = FigureRequest(MapState("all"))
COUNTY = (120.8, 33.2, 121.4, 33.8)
PORTRAIT, LANDSCAPE = (10.0, 20.0, 200.0, 270.0), (10.0, 20.0, 287.0, 190.0)


def stops(count: int) -> Shown:
    rng = np.random.default_rng(1)
    xy = rng.uniform((121.0, 33.4), (121.2, 33.6), (count, 2))
    style = Style("circle", town.by_kind(a="c-urban", b="c-rural", c="c-wash", d="c-park"))
    kinds = ["abcd"[number % 4] for number in range(count)]
    return town.shown(
        town.layer("Point", style), [shapely.Point(x, y) for x, y in xy.tolist()], kind=kinds
    )


@pytest.fixture
def job(typeface: Typeface) -> Job:
    measure = Measure(typeface, 0.2, "zh")
    return Job(REQUEST, Catalog(), [stops(400)], measure, town.GROUND, None)


def test_the_legend_of_a_landscape_stands_beside_the_map(job: Job) -> None:
    plan = compose(job, LANDSCAPE)
    assert plan.mode == "beside"
    assert plan.boxes["legend"][0] > plan.view.frame[2]


def test_the_legend_of_a_full_portrait_stands_below_the_map(job: Job) -> None:
    plan = compose(job, (10.0, 20.0, 160.0, 200.0))
    assert plan.mode == "below"
    assert plan.boxes["legend"][3] < plan.view.frame[1]


def test_a_free_corner_takes_the_legend_in(job: Job) -> None:
    few = replace(job, layers=[stops(400)], ground=(121.0, 33.4, 121.2, 33.48))
    plan = compose(few, PORTRAIT)
    assert plan.mode in {"inside", "below"}
    if plan.mode == "inside":
        symbols = shapely.get_coordinates(plan.layers[0].geometries)
        left, bottom, right, top = plan.boxes["legend"]
        inside = (symbols > (left, bottom)).all(axis=1) & (symbols < (right, top)).all(axis=1)
        assert not inside.any()


@pytest.mark.parametrize("inner", [PORTRAIT, LANDSCAPE, (5.0, 5.0, 60.0, 60.0)])
def test_no_furniture_meets_another(job: Job, inner: Box) -> None:
    plan = compose(replace(job, county=COUNTY), inner)
    boxes = list(plan.boxes.values())
    assert not [pair for pair in combinations(boxes, 2) if meets(*pair)]
    for box in boxes:
        assert inner[0] <= box[0] + 1e-6
        assert box[3] <= inner[3] + 1e-6


def test_a_part_of_the_county_has_a_locator_and_the_whole_has_none(job: Job) -> None:
    assert "locator" in compose(replace(job, county=COUNTY), PORTRAIT).boxes
    assert "locator" not in compose(replace(job, county=town.GROUND), PORTRAIT).boxes
    assert "locator" not in compose(job, PORTRAIT).boxes


def test_a_bare_map_has_nothing_around_it(job: Job) -> None:
    plan = compose(replace(job, request=replace(REQUEST, bare=True)), PORTRAIT)
    assert plan.boxes == {}
    assert plan.view.frame == PORTRAIT


def test_a_small_sheet_says_how_many_rows_are_left_out(job: Job) -> None:
    plan = compose(job, (2.0, 8.0, 40.0, 34.0))
    rows = [row for column in plan.legend.columns for row in column]
    assert plan.legend.dropped > 0
    assert str(plan.legend.dropped) in rows[-1].label


def test_a_column_has_room_for_its_whole_legend(job: Job) -> None:
    column = replace(job, request=replace(REQUEST, paper="column"))
    high = column_mm(column, 72.0)
    assert high > 50
    plan = compose(column, (4.0, 10.0, 76.0, 10.0 + high))
    assert plan.mode == "below"
    assert plan.legend.dropped == 0


def test_without_layers_there_is_no_legend(job: Job) -> None:
    plan = compose(replace(job, layers=[]), PORTRAIT)
    assert "legend" not in plan.boxes
    assert "scale" in plan.boxes


def test_a_few_rows_of_the_ground_are_given_up_for_a_larger_map(job: Job) -> None:
    kinds = dict.fromkeys("abcdefgh", "m-road")
    style = Style("line", town.by_kind(**kinds), width_px=town.by_kind(a=1, b=2, c=3, d=4))
    lines = [shapely.LineString([(121.0, y), (121.2, y)]) for y in np.linspace(33.4, 33.6, 8)]
    roads = town.layer("LineString", style, name="roads", group="ground")
    both = replace(job, layers=[town.shown(roads, lines, kind=list("abcdefgh")), *job.layers])
    low = (10.0, 20.0, 92.0, 46.0)
    plan, below = compose(both, low), compose(replace(both, layers=job.layers), low)
    assert plan.mode == "beside"
    assert plan.view.scale <= 1.4 * below.view.scale


def test_a_part_of_the_county_fills_its_sheet_and_the_whole_may_leave_room(job: Job) -> None:
    assert may_grow(job)
    assert may_grow(replace(job, county=town.GROUND))
    assert not may_grow(replace(job, county=COUNTY))
    column = replace(job, county=COUNTY, request=replace(REQUEST, paper="column"))
    assert may_grow(column)
    for sheet in (replace(REQUEST, landscape=True), replace(REQUEST, paper="16:9")):
        assert not may_grow(replace(job, request=sheet))
