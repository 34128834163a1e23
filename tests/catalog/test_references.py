from __future__ import annotations

from graphlib import CycleError
from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.model import (
    Derivation,
    Field,
    ForeignKey,
    Layer,
    MapFile,
    Schema,
    Source,
    Style,
    Text,
)
from geosvc.catalog.references import check_layer, check_map, circles, dependency_order, links
from geosvc.errors import Issue
from geosvc.settings import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import GeometryType

TITLE = Text("甲", "A")


def _layer(
    name: str,
    *,
    within: str | None = None,
    keys: Mapping[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
    geometry: GeometryType = "Polygon",
) -> Layer:
    rules = tuple(ForeignKey("code", layer, field) for layer, field in (keys or {}).items())
    source = Source(PROJECT / "data", "data", "WGS84", TITLE, within=within)
    return Layer(
        id=name,
        path=f"layers/{name}.toml",
        title=TITLE,
        schema=Schema(geometry, "code", (Field("code", TITLE),), rules=rules),
        style=Style("area", "c-out"),
        source=None if inputs else source,
        derivation=Derivation("m", inputs, {}) if inputs else None,
    )


def _catalog(*layers: Layer) -> dict[str, Layer]:
    return {layer.id: layer for layer in layers}


def _check(layer: Layer, layers: dict[str, Layer], groups: tuple[str, ...] = ()) -> list[Issue]:
    return check_layer(layer, layers, ids=[*layers, "broken"], groups=groups)


def test_links_name_each_key_that_names_a_layer() -> None:
    both = _layer("a", within="county", keys={"sites": "code", "roads": "code"})
    assert links(both) == (
        ("source.within", "county"),
        ("schema.foreign_keys[0].reference.layer", "sites"),
        ("schema.foreign_keys[1].reference.layer", "roads"),
    )
    derived = _layer("b", inputs={"events": "a", "streets": "roads"})
    assert links(derived) == (
        ("derivation.inputs.events", "a"),
        ("derivation.inputs.streets", "roads"),
    )
    assert links(_layer("c")) == ()


def test_each_layer_comes_after_those_it_names() -> None:
    layers = _catalog(
        _layer("a", inputs={"events": "b", "streets": "c"}),
        _layer("b", within="d", keys={"c": "code"}),
        _layer("c", within="d"),
        _layer("d"),
    )
    assert dependency_order(layers) == ("d", "c", "b", "a")


def test_the_order_does_not_hang_on_the_order_of_files() -> None:
    layers = [_layer(name, within="z") for name in "bdac"] + [_layer("z")]
    orders = {dependency_order(_catalog(*part)) for part in (layers, reversed(layers))}
    assert orders == {("z", "a", "b", "c", "d")}


def test_layers_that_are_not_there_do_not_count_in_the_order() -> None:
    assert dependency_order(_catalog(_layer("a", within="gone"))) == ("a",)


def test_an_order_of_a_circle_is_refused() -> None:
    with pytest.raises(CycleError):
        dependency_order(_catalog(_layer("a", within="b"), _layer("b", within="a")))


def test_sound_layers_have_no_fault() -> None:
    layers = _catalog(_layer("a", within="d", keys={"d": "code"}), _layer("d"))
    assert [_check(layer, layers) for layer in layers.values()] == [[], []]


def test_an_unknown_layer_is_named_with_its_key() -> None:
    layer = _layer("a", within="gone", keys={"sites": "code"})
    path, expected = "layers/a.toml", "a, broken"
    assert _check(layer, _catalog(layer)) == [
        Issue("unknown_layer", path, "source.within", found="gone", expected=expected),
        Issue(
            "unknown_layer",
            path,
            "schema.foreign_keys[0].reference.layer",
            found="sites",
            expected=expected,
        ),
    ]


def test_a_layer_whose_own_file_has_faults_is_no_fault_of_those_that_name_it() -> None:
    layer = _layer("a", within="broken", keys={"broken": "no_field"})
    assert _check(layer, _catalog(layer)) == []


def test_within_names_an_area_with_a_source() -> None:
    line = _layer("line", geometry="LineString")
    derived = _layer("made", inputs={"events": "line"})
    path, key = "layers/a.toml", "source.within"
    layer = _layer("a", within="line")
    assert _check(layer, _catalog(layer, line)) == [
        Issue("wrong_geometry", path, key, found="LineString", expected="Polygon")
    ]
    layer = _layer("a", within="made")
    assert _check(layer, _catalog(layer, derived)) == [
        Issue("not_allowed", path, key, found="made", expected="source")
    ]


def test_a_foreign_key_names_a_field_of_a_layer_with_a_source() -> None:
    path, key = "layers/a.toml", "schema.foreign_keys[0].reference"
    layer = _layer("a", keys={"b": "id"})
    assert _check(layer, _catalog(layer, _layer("b"))) == [
        Issue("unknown_field", path, f"{key}.field", found="id", expected="code")
    ]
    layer = _layer("a", keys={"b": "code"})
    assert _check(layer, _catalog(layer, _layer("b", inputs={"events": "c"}))) == [
        Issue("not_allowed", path, f"{key}.layer", found="b", expected="source")
    ]


def test_a_group_stands_in_the_site_file_where_it_names_groups() -> None:
    layer = Layer(
        "a", "layers/a.toml", TITLE, _layer("a").schema, Style("area", "c-out"), group="x"
    )
    assert _check(layer, _catalog(layer)) == []
    assert _check(layer, _catalog(layer), ("ground", "x")) == []
    assert _check(layer, _catalog(layer), ("ground", "sites")) == [
        Issue("unknown_group", "layers/a.toml", "group", found="x", expected="ground, sites")
    ]
    assert _check(_layer("b"), {}, ("ground",)) == []


def test_a_map_names_layers() -> None:
    found = MapFile("all", "layers/maps/all.toml", TITLE, ("a", "b", "c"))
    assert check_map(found, {"a", "c"}) == [
        Issue("unknown_layer", found.path, "layers[1]", found="b", expected="a, c")
    ]
    assert check_map(found, {"a", "b", "c"}) == []


def test_each_layer_of_a_circle_has_the_fault() -> None:
    layers = _catalog(
        _layer("a", within="b"),
        _layer("b", keys={"c": "code"}),
        _layer("c", within="a"),
        _layer("outside", within="a"),
        _layer("alone"),
    )
    key = "schema.foreign_keys[0].reference.layer"
    assert circles(layers) == {
        "a": Issue("cycle", "layers/a.toml", "source.within", found="a > b > c > a"),
        "b": Issue("cycle", "layers/b.toml", key, found="b > c > a > b"),
        "c": Issue("cycle", "layers/c.toml", "source.within", found="c > a > b > c"),
    }


def test_a_layer_may_not_name_itself() -> None:
    layers = _catalog(_layer("a", within="a"))
    assert circles(layers)["a"].found == "a > a"


def test_every_circle_is_found() -> None:
    pairs = {"a": "b", "b": "a", "x": "y", "y": "x", "z": "x"}
    layers = _catalog(*(_layer(name, within=outer) for name, outer in pairs.items()))
    assert sorted(circles(layers)) == ["a", "b", "x", "y"]


def test_no_circle_no_fault() -> None:
    assert circles(_catalog(_layer("a", within="b"), _layer("b"))) == {}
