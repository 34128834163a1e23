from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import get_args

import pytest

from geosvc.catalog import model
from geosvc.catalog.keys import LAYER_KEYS, MAP_KEYS, SITE_KEYS
from geosvc.catalog.model import (
    Base,
    By,
    Constraints,
    Field,
    FieldType,
    Layer,
    MapFile,
    Popup,
    Schema,
    Site,
    Source,
    Style,
    Text,
)

TITLE = Text("站点", "Stops")
NAME = Field("name", TITLE)
KINDS = [
    item
    for item in vars(model).values()
    if isinstance(item, type) and dataclasses.is_dataclass(item)
]


def test_a_text_is_given_in_one_language() -> None:
    assert TITLE.of("zh") == "站点"
    assert TITLE.of("en") == "Stops"
    assert Text("", "").of("zh") == ""


def test_a_field_is_found_by_its_name() -> None:
    schema = Schema("Point", "name", (NAME, Field("kind", TITLE)))
    assert schema.field("name") is NAME
    assert schema.field("absent") is None
    assert Schema("None", "", ()).field("") is None


def test_a_derived_layer_has_no_attribution_of_its_own() -> None:
    schema, style = Schema("Point", "name", (NAME,)), Style("circle", "c-out")
    source = Source(Path("a.csv"), "a.csv", "WGS84", Text("来源", "Origin"))
    layer = Layer("a", "layers/a.toml", TITLE, schema, style)
    assert layer.attribution is None
    assert dataclasses.replace(layer, source=source).attribution == source.attribution


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_value_is_frozen_and_without_a_dict(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert hasattr(kind, "__slots__")


def test_values_differ_by_what_they_say() -> None:
    assert By("kind", {"a": "c-out"}) == By("kind", {"a": "c-out"})
    assert By("kind", {"a": "c-out"}) != By("kind", {"a": "c-site"})
    assert Constraints() == Constraints(required=False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        NAME.name = "other"  # type: ignore[misc]


def _names(kind: type) -> set[str]:
    return {item.name for item in dataclasses.fields(kind)}


@pytest.mark.parametrize(
    ("kind", "keys", "own"),
    [
        (Style, LAYER_KEYS["style"], set()),
        (Popup, LAYER_KEYS["popup"], set()),
        (By, LAYER_KEYS["by"], set()),
        (Constraints, LAYER_KEYS["schema.fields.constraints"], set()),
        (Field, LAYER_KEYS["schema.fields"], set()),
        (Schema, LAYER_KEYS["schema"], {"foreign_keys"}),
        (Source, LAYER_KEYS["source"], {"geometry", "coordinates", "shown_path"}),
        (Layer, LAYER_KEYS[""], {"id", "path", "fingerprint"}),
        (MapFile, MAP_KEYS[""], {"id", "path", "fingerprint"}),
        (Site, SITE_KEYS[""], set()),
        (Base, SITE_KEYS["base"], set()),
    ],
)
def test_each_key_of_a_file_has_its_place_in_the_model(
    kind: type, keys: tuple[str, ...], own: set[str]
) -> None:
    assert _names(kind) ^ set(keys) == own


def test_types_are_those_of_table_schema() -> None:
    assert set(get_args(FieldType)) == {
        *("string", "integer", "number", "boolean"),
        *("date", "datetime", "time", "list"),
    }
