from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geosvc.catalog.catalog import Catalog
from geosvc.catalog.model import Style
from geosvc.figures.composing import Job, compose, inset_mm
from geosvc.figures.content import placed
from geosvc.figures.draw import drawn
from geosvc.figures.inset import crowded, free_corner, places, wish_mm
from geosvc.figures.layout import Measure
from geosvc.figures.placing import meets
from geosvc.figures.request import FigureRequest
from geosvc.figures.view import look_at
from geosvc.map_state import MapState
from tests.figures import town

if TYPE_CHECKING:
    from geosvc.figures.content import Shown
    from geosvc.figures.fonts import Typeface
    from geosvc.figures.view import View
    from geosvc.workspace import Workspace

WIDE, HIGH = (10.0, 20.0, 250.0, 190.0), (10.0, 20.0, 200.0, 270.0)
COUNTY = (121.0, 33.4, 121.2, 33.6)
TOWN = (121.05, 33.45, 121.07, 33.47)


def stops(count: int, box: tuple[float, float, float, float] = TOWN) -> Shown:
    """A place in a county: stops that crowd, and a few far from each other."""
    rng = np.random.default_rng(1)
    near = rng.uniform(box[:2], box[2:], (count, 2)).tolist()
    far = [(121.01 + 0.02 * step, 33.58) for step in range(9)]
    points = [shapely.Point(x, y) for x, y in (*near, *far)]
    layer = town.layer("Point", Style("circle", town.by_kind(a="c-urban")))
    return town.shown(layer, points, kind=["a"] * len(points))


def look(shown: Shown, frame: tuple[float, float, float, float] = WIDE) -> tuple[Shown, View]:
    view = look_at(COUNTY, frame, scale=None, unit=0.2)
    return placed(shown, view), view


def test_what_crowds_is_found_without_what_stands_apart() -> None:
    shown, view = look(stops(200))
    window = crowded([shown], view)
    assert window is not None
    (ground,) = view.placed(np.array([shapely.box(*TOWN)]))
    assert shapely.box(*window).intersection(ground).area > 0.8 * ground.area
    assert shapely.box(*window).area < 2 * ground.area


@pytest.mark.parametrize(
    "shown",
    [stops(0), stops(5), stops(200, COUNTY), stops(6000)],
    ids=["no", "few", "all", "most"],
)
def test_few_points_points_everywhere_and_too_many_make_no_inset(shown: Shown) -> None:
    there, view = look(shown)
    assert crowded([there], view) is None
    assert crowded([], view) is None


def test_an_inset_is_larger_and_shows_its_window() -> None:
    shown, view = look(stops(200))
    window = crowded([shown], view)
    assert window is not None
    ground = (60.0, 30.0, 180.0, 180.0)
    found = list(places(view, ground, window))
    assert found
    for moved, inset in found:
        box, here = inset.view.frame, inset.window
        assert box[2] - box[0] >= 1.6 * (here[2] - here[0])
        assert inset.view.scale < moved.scale
        # both views see the same ground in the window's middle
        there = shapely.Point((here[0] + here[2]) / 2, (here[1] + here[3]) / 2)
        middle = shapely.Point((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        seen = [
            (
                one.center[0] + (point.x - (one.frame[0] + one.frame[2]) / 2) * one.scale / 1000,
                one.center[1] + (point.y - (one.frame[1] + one.frame[3]) / 2) * one.scale / 1000,
            )
            for one, point in ((moved, there), (inset.view, middle))
        ]
        assert seen[0] == pytest.approx(seen[1], abs=1.0)
        assert moved.frame == view.frame
        assert box[0] >= view.frame[0]
        assert box[3] <= view.frame[3]


def test_no_room_is_no_inset() -> None:
    shown, view = look(stops(200))
    window = crowded([shown], view)
    assert window is not None
    assert not list(places(view, view.frame, window))
    assert wish_mm(window, view) > 2 * (window[3] - window[1])
    assert wish_mm(view.frame, view) == 0


def test_the_bar_stands_where_it_covers_least() -> None:
    shown, view = look(stops(200))
    box = free_corner([shown], view, (90.0, 60.0))
    (ground,) = view.placed(np.array([shapely.box(*TOWN)]))
    assert not shapely.box(*box).intersects(ground)
    corner = free_corner([], view, (20.0, 10.0))
    assert corner[2] == pytest.approx(view.frame[2] - 0.8)


@pytest.fixture
def job(typeface: Typeface) -> Job:
    request = FigureRequest(MapState("all"))
    measure = Measure(typeface, 0.2, "zh")
    return Job(request, Catalog(), [stops(200)], measure, COUNTY, None)


def test_a_sheet_with_room_has_an_inset_that_nothing_covers(job: Job) -> None:
    plan = compose(job, WIDE)
    assert plan.inset is not None
    assert plan.boxes["inset"] == plan.inset.view.frame
    for one, other in combinations(plan.boxes.values(), 2):
        assert not meets(one, other)
    # the map has moved, and shows as much as before
    assert sum(shown.count for shown in plan.layers) == 209


def test_a_square_sheet_shows_the_map_smaller_for_an_inset(job: Job) -> None:
    square = (10.0, 20.0, 190.0, 200.0)
    fixed = replace(job.request, paper="pixels", width_px=900, height_px=900)
    plan = compose(replace(job, request=fixed), square)
    bare = compose(replace(job, request=replace(fixed, bare=True)), square)
    assert plan.inset is not None
    assert bare.view.scale < plan.view.scale <= 1.35 * bare.view.scale
    assert plan.inset.view.scale < bare.view.scale
    # the bar is of the smaller map
    assert plan.bar.length == pytest.approx(plan.view.length_mm(plan.bar.meters))


def test_an_inset_covers_no_feature(job: Job) -> None:
    line = town.layer("LineString", Style("line", "c-hot"), name="everywhere")
    steps = np.linspace(121.001, 121.199, 60).tolist()
    net = [shapely.LineString([(x, 33.3), (x, 33.7)]) for x in steps]
    covered = replace(job, layers=[*job.layers, town.shown(line, net)])
    assert compose(job, WIDE).inset is not None
    assert compose(replace(covered, ground=(120.9, 33.4, 121.3, 33.6)), HIGH).inset is None


def test_a_full_sheet_asks_for_more_room_and_a_chosen_place_for_none(job: Job) -> None:
    plan = compose(job, (10.0, 20.0, 160.0, 215.0))
    if plan.inset is None:
        assert inset_mm(job, plan) > 0
    bare = replace(job, request=replace(job.request, bare=True))
    chosen = replace(job, request=replace(job.request, scale=100_000))
    centered = MapState("all", center=(121.1, 33.5), zoom=12.0)
    looked = replace(job, request=replace(job.request, state=centered))
    for other in (bare, chosen, looked):
        found = compose(other, WIDE)
        assert found.inset is None
        assert inset_mm(other, found) == 0


@pytest.mark.parametrize("paper", ["a4", "column", "16:9"])
def test_names_of_map_and_inset_cover_nothing(county: Workspace, paper: str) -> None:
    request = FigureRequest(MapState("overview"), paper=paper)  # type: ignore[arg-type]
    drawing = drawn(county, request)
    assert drawing.plan.inset is not None
    frame = shapely.box(*drawing.plan.inset.view.frame)
    names = [shapely.box(*box) for parts in drawing.boxes["inset"] for box in parts]
    assert names
    assert all(frame.contains(name) for name in names)
    outside = [shapely.box(*box) for parts in drawing.boxes["labels"] for box in parts]
    assert not any(frame.intersects(name) for name in outside)
    # what the inset names the map does not name too
    window = shapely.box(*drawing.plan.inset.window)
    shields = [shapely.box(*box) for (box,) in drawing.boxes["shields"]]
    assert not any(window.intersects(name) for name in (*outside, *shields))
    # counts are of the map alone
    assert {shown.layer.id: shown.count for shown in drawing.plan.layers}["urban_stops"] == 135
