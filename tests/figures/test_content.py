from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

from geosvc.catalog.model import Style
from geosvc.figures.content import county_layer, data_layers, gather, in_meters, placed
from geosvc.figures.request import FigureRequest
from geosvc.map_state import Filter, MapState
from geosvc.map_state.look import Look
from tests.figures import town

if TYPE_CHECKING:
    from geosvc.workspace import Workspace

POINTS = [shapely.Point(121.1, 33.5), shapely.Point(121.11, 33.5), shapely.Point(125, 40)]


def test_only_what_is_in_the_frame_is_drawn_and_counted() -> None:
    style = Style("circle", town.by_kind(a="c-urban", b="c-rural"))
    stops = town.on_paper(town.layer("Point", style), POINTS, kind=["a", "b", "b"])
    assert stops.count == 2
    assert [item.count for item in stops.symbols.classes] == [1, 1]
    assert stops.symbols.codes.tolist() == [0, 1]
    assert len(stops.geometries) == len(stops.frame) == 2


def test_classes_too_fine_for_the_scale_are_neither_drawn_nor_counted() -> None:
    style = Style(
        "circle", town.by_kind(a="c-urban", b="c-rural"), min_zoom=town.by_kind(a=0, b=15)
    )
    made = town.shown(town.layer("Point", style), [POINTS[0]] * 2, kind=["a", "b"])
    assert placed(made, town.view(250_000)).frame["kind"].tolist() == ["a"]
    assert placed(made, town.view(5_000)).count == 2


def test_missing_geometries_and_empty_layers_are_nothing() -> None:
    layer = town.layer("Point", Style("circle", "c-urban"))
    assert town.on_paper(layer, [None, POINTS[0]], kind=["a", "a"]).count == 1
    empty = town.on_paper(layer, [], kind=[])
    assert empty.count == 0
    assert empty.column("kind").tolist() == []


def test_a_layer_that_was_projected_once_is_placed_the_same() -> None:
    places = [shapely.Point(121.05, 33.45), shapely.Point(125.0, 33.5), None]
    layer = town.layer("Point", Style("circle", "c-urban"))
    shown, view = town.shown(layer, places, kind=["a"] * 3), town.view()
    ready = in_meters(shown, view.crs)
    assert ready.crs == view.crs
    assert shown.geometries[0].x == 121.05
    one, other = placed(ready, view), placed(shown, view)
    assert one.crs is None
    assert one.count == other.count == 1
    assert list(one.frame.index) == list(other.frame.index)
    assert one.geometries[0].equals(other.geometries[0])


def test_texts_of_a_column_are_shown_texts() -> None:
    layer = town.layer("Point", Style("circle", "c-urban"))
    made = town.shown(layer, POINTS, name=["站", None, 3.0])
    assert made.column("name").tolist() == ["站", "", "3"]
    assert made.column("nothing").tolist() == ["", "", ""]
    assert made.column(None).tolist() == ["", "", ""]


def test_points_of_the_ground_are_counted_its_areas_are_not() -> None:
    style = Style("circle", "c-urban")
    village = town.on_paper(town.layer("Point", style, group="ground"), POINTS[:1])
    area = town.layer("Polygon", Style("area", "m-water"), group="ground")
    water = town.on_paper(area, [shapely.box(*town.GROUND)])
    assert data_layers([water, village]) == [village]


def test_a_state_says_which_layers_and_features_are_gathered(county: Workspace) -> None:
    state = MapState("car_wash", layers=("boundary", "violations"))
    assert [one.layer.id for one in gather(county, FigureRequest(state))] == [
        "boundary",
        "violations",
    ]
    only = Filter("violations", "violation_type", ("lane_washing",))
    filtered = MapState("car_wash", layers=("violations",), filters=(only,))
    (shown,) = gather(county, FigureRequest(filtered))
    assert set(shown.frame["violation_type"]) == {"lane_washing"}
    assert shown.symbols.codes.max() == 0


def test_a_figure_takes_the_order_and_opacity_that_a_reader_gave(county: Workspace) -> None:
    look = Look(order=("violations", "boundary"), opacity=(("violations", 40),))
    state = MapState("car_wash", layers=("boundary", "violations"), look=look)
    found = [
        (one.layer.id, one.layer.style.opacity) for one in gather(county, FigureRequest(state))
    ]
    usual = {name: county.catalog.layer(name).style.opacity for name in ("boundary", "violations")}
    assert found == [
        ("violations", pytest.approx(usual["violations"] * 0.4)),
        ("boundary", usual["boundary"]),
    ]


def test_layers_without_features_or_places_are_left_out(county: Workspace) -> None:
    # derived layers are not computed here
    found = gather(county, FigureRequest(MapState("hotspots")))
    ids = [one.layer.id for one in found]
    assert "violation_hotspots" not in ids
    assert ids[-1] == "violations"


def test_the_county_is_the_layer_that_others_must_lie_in(county: Workspace) -> None:
    assert county_layer(county, "overview") == "boundary"
