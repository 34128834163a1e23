"""The state of a map in an address, and what it shows of the small catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from werkzeug.datastructures import MultiDict

from geosvc.catalog.catalog import Catalog
from geosvc.catalog.model import Field, Layer, MapFile, Schema, Style, Text
from geosvc.errors import StateError, UnknownMapError
from geosvc.map_state import (
    Filter,
    MapState,
    extent,
    filtered,
    is_state_name,
    parse_state,
    shown_layers,
)
from geosvc.map_state.look import Look
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from geosvc.workspace import Workspace

NONE = Text("", "")
TABLE = json.loads(Path(__file__).with_name("filters.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_catalog(tmp_path_factory.mktemp("state")).prepare()


def state(space: Workspace, query: str, map_id: str = "overview") -> MapState:
    return parse_state(map_id, parse_qsl(query, keep_blank_values=True), space.catalog)


def test_an_address_without_parameters_is_the_map_itself(space: Workspace) -> None:
    assert state(space, "") == MapState("overview")
    assert MapState("overview").query() == ""


def test_all_parameters(space: Workspace) -> None:
    query = (
        "z=14.25&c=121.10123,33.50123&layers=roads,stops&sel=stops/A%2F1&table=stops"
        "&order=stops,roads&opacity=stops:50&as=stops:heat&sort=-code&cols=code&inview=1"
        "&f.stops.kind=bay&f.stops.slots=1..&lang=en"
    )
    assert state(space, query) == MapState(
        "overview",
        "en",
        ("roads", "stops"),
        (121.10123, 33.50123),
        14.25,
        (Filter("stops", "kind", ("bay",)), Filter("stops", "slots", low="1")),
        ("stops", "A/1"),
        "stops",
        Look(
            ("stops", "roads"),
            (("stops", 50),),
            (("stops", "heat"),),
            "-code",
            ("code",),
            in_view=True,
        ),
    )
    again = state(space, query).query()
    assert again == query
    assert state(space, again) == state(space, query)


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("lang=zh", ""),
        ("z=12.000", "z=12"),
        ("z=12.3456", "z=12.35"),
        ("c=121.1,33.5&z=9", "z=9&c=121.10000,33.50000"),
        ("layers=stops,area,stops,", "layers=area,stops"),
        ("layers=", "layers="),
        ("sel=stops/甲,乙 1", "sel=stops/%E7%94%B2%2C%E4%B9%99%201"),
        ("f.stops.slots=1..&f.roads.lanes=2", "f.roads.lanes=2&f.stops.slots=1.."),
    ],
)
def test_one_state_is_written_one_way(space: Workspace, query: str, canonical: str) -> None:
    assert state(space, query).query() == canonical
    assert state(space, canonical) == state(space, query)


@pytest.mark.parametrize("case", TABLE["written"], ids=lambda case: case["query"])
def test_filters_are_written_as_the_browser_writes_them(case: dict[str, str]) -> None:
    fields = tuple(Field(name, NONE, kind) for name, kind in TABLE["fields"].items())
    layer = Layer("t", "", NONE, Schema("Point", "key", fields), Style("ring", "c-rural"))
    catalog = Catalog(layers={"t": layer}, maps={"m": MapFile("m", "", NONE, ("t",))})
    pairs = parse_qsl(case["query"], keep_blank_values=True)
    assert parse_state("m", pairs, catalog).query() == case["canonical"]


def test_pairs_mappings_and_multidicts_are_read_alike(space: Workspace) -> None:
    pairs = [("z", "9"), ("f.stops.routes", "1"), ("f.stops.routes", "2")]
    by_pairs = parse_state("overview", pairs, space.catalog)
    assert parse_state("overview", MultiDict(pairs), space.catalog) == by_pairs
    assert len(by_pairs.filters) == 2
    assert parse_state("overview", dict(pairs), space.catalog).zoom == 9


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("paper=a4", ("unknown_key", "paper", "paper")),
        ("z=9&z=10", ("not_unique", "z", "10")),
        ("z=23", ("above_maximum", "z", "23")),
        ("z=", ("wrong_type", "z", "")),
        ("c=121.1", ("wrong_type", "c", "121.1")),
        ("c=121.1,33.5,1", ("wrong_type", "c", "33.5,1")),
        ("c=200,33", ("above_maximum", "c", "200")),
        ("layers=stops,trains", ("not_allowed", "layers", "trains")),
        ("sel=stops", ("wrong_type", "sel", "stops")),
        ("sel=trains/1", ("wrong_type", "sel", "trains/1")),
        ("table=trains", ("not_allowed", "table", "trains")),
        ("lang=fr", ("not_allowed", "lang", "fr")),
        ("f.trains.kind=x", ("not_allowed", "f.trains.kind", "trains")),
        ("f.broken.kind=x", ("not_allowed", "f.broken.kind", "broken")),
        ("f.stops=x", ("unknown_field", "f.stops.", "")),
        ("f.stops.plate=x", ("private_filter", "f.stops.plate", "plate")),
    ],
)
def test_nonsense_is_refused_with_the_parameter(
    space: Workspace, query: str, said: tuple[str, str, str]
) -> None:
    with pytest.raises(StateError) as caught:
        state(space, query)
    (issue,) = caught.value.issues
    assert (issue.code, issue.place, issue.found) == said


def test_there_must_be_such_a_map(space: Workspace) -> None:
    with pytest.raises(UnknownMapError):
        state(space, "", "atlantis")


def test_the_names_of_a_state() -> None:
    assert [name for name in ("lang", "f.a.b", "dpi", "f") if is_state_name(name)] == [
        "lang",
        "f.a.b",
    ]


def test_layers_in_drawing_order_without_the_broken(space: Workspace) -> None:
    assert shown_layers(state(space, ""), space.catalog) == ("area", "roads", "stops")
    chosen = state(space, "layers=broken,stops,area")
    assert shown_layers(chosen, space.catalog) == ("area", "stops")
    assert shown_layers(state(space, "layers="), space.catalog) == ()


def test_filtered_features(space: Workspace) -> None:
    asked = state(space, "f.stops.slots=0..2")
    assert filtered(space, asked, "stops").index.tolist() == ["A3"]
    assert filtered(space, asked, "roads") is space.frame("roads")
    assert filtered(space, asked, "stops").crs == "OGC:CRS84"
    assert len(filtered(space, state(space, "f.stops.kind=curb"), "stops")) == 1


def test_the_extent_is_that_of_the_map_or_of_what_is_asked_for(space: Workspace) -> None:
    assert extent(space, state(space, "")) == (121.0, 33.4, 121.2, 33.6)
    single = extent(space, state(space, "f.stops.kind=curb"))
    assert single == pytest.approx((121.105, 33.505, 121.115, 33.515))
    several = extent(space, state(space, "f.stops.slots=0..3"))
    assert several == pytest.approx((121.0984, 33.4984, 121.1216, 33.5216))
    hidden = state(space, "f.stops.kind=curb&layers=roads", "overview")
    assert extent(space, hidden) == (121.0, 33.4, 121.2, 33.6)
    assert extent(space, state(space, "", "roads")) == (121.1, 33.49, 121.11, 33.51)
    assert extent(space, state(space, "layers=", "roads")) is None


def test_a_filter_that_nothing_passes_leaves_the_map_where_it_is(space: Workspace) -> None:
    assert extent(space, state(space, "f.stops.slots=99")) == (121.0, 33.4, 121.2, 33.6)
    assert extent(space, state(space, "f.roads.lanes=99", "roads")) is None


def test_the_extent_around_a_center(space: Workspace) -> None:
    box = extent(space, state(space, "z=8&c=0,0"))
    assert box is not None
    west, south, east, north = box
    assert (west, east) == pytest.approx((-2.8125, 2.8125))
    assert south == pytest.approx(-north)
    assert north == pytest.approx(2.108, abs=0.001)
    far = extent(space, state(space, "z=1&c=170,80"))
    assert far is not None
    assert far[2] == 180.0
    assert far[3] < 86


def test_a_reader_puts_layers_into_another_order(space: Workspace) -> None:
    usual = shown_layers(state(space, "layers=roads,stops"), space.catalog)
    turned = shown_layers(state(space, "layers=roads,stops&order=stops,roads"), space.catalog)
    assert (usual, turned) == (("roads", "stops"), ("stops", "roads"))
