"""The layer, map and site files that the service ships, each a case of its own."""

from __future__ import annotations

import csv
import inspect
import json
import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.catalog.catalog import read_catalog
from geosvc.catalog.keys import LAYER_KEYS, MAP_KEYS, SCORECARD_KEYS, SITE_KEYS
from geosvc.catalog.model import By, Text
from geosvc.catalog.parse import parse_layer
from geosvc.catalog.parse_field import ROLES, codes_of
from geosvc.catalog.parse_style import POPUP_FACTS, SHAPES
from geosvc.settings import PROJECT, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geosvc.catalog.model import Layer, MapFile, Style

CATALOG = read_catalog(Settings(layers=PROJECT / "layers"))
LAYERS = list(CATALOG.layers.values())
MAPS = list(CATALOG.maps.values())
RECEIVED = [layer for layer in LAYERS if layer.source is not None]
REFERENCE = (PROJECT / "layers" / "README.md").read_text(encoding="utf-8")
HAN = re.compile(r"[\u4e00-\u9fff]")

COUNTS = {
    "boundary": 1,
    "townships": 13,
    "urban_stops": 135,
    "rural_stops": 180,
    "car_wash_sites": 2,
    "car_wash_shops": 19,
    "violations": 126,
    "candidate_parcels": 60,
    "fleet": 3,
}
NAMES = {
    *("communities", "water", "roads", "villages", "patrols", "focus_areas", "volunteer_posts"),
    *("exclusion_zones", "violation_density", "violation_hotspots", "surveyed_streets"),
    *("before_after", "chosen_sites"),
    *COUNTS,
}
TASK = {"task", "lead_unit", "post", "progress", "due_date"}

each_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
each_source = pytest.mark.parametrize("layer", RECEIVED, ids=lambda layer: layer.id)
each_map = pytest.mark.parametrize("found", MAPS, ids=lambda found: found.id)


def test_no_file_has_a_fault() -> None:
    assert [f"{issue.place}: {issue.code}" for issue in CATALOG.issues] == []


def test_every_layer_of_the_county_has_its_file() -> None:
    assert set(CATALOG.layers) == NAMES


def test_counts_are_those_of_the_report() -> None:
    expected = {name: CATALOG.layer(name).schema.expected_count for name in COUNTS}
    assert expected == COUNTS


def _texts(layer: Layer) -> Iterator[Text]:
    yield from (layer.title, layer.description)
    yield from (text for text in (layer.attribution,) if text)
    for item in layer.schema.fields:
        yield item.title
        yield from (text for text in (item.description,) if text)
        yield from (label.text for label in item.labels.values())


@each_layer
def test_every_text_is_in_both_languages(layer: Layer) -> None:
    for text in _texts(layer):
        assert HAN.search(text.zh), text
        assert not HAN.search(text.en), text
        assert text.en.strip() == text.en
        assert re.match(r"[A-Z0-9]", text.en), text


@each_layer
def test_units_are_in_both_languages(layer: Layer) -> None:
    given = [*(item.unit for item in layer.schema.fields), layer.style.unit]
    units = [unit for unit in given if unit is not None]
    assert all(unit.zh and unit.en and not HAN.search(unit.en) for unit in units)


@each_layer
def test_no_two_fields_or_codes_have_the_same_words(layer: Layer) -> None:
    titles = [item.title.zh for item in layer.schema.fields]
    assert len(set(titles)) == len(titles)
    for item in layer.schema.fields:
        words = [label.text.zh for label in item.labels.values()]
        assert len(set(words)) == len(words), item.name


@each_layer
def test_every_domain_has_words(layer: Layer) -> None:
    assert [item.name for item in layer.schema.fields if item.constraints.enum] == []


@each_layer
def test_badges_have_labels_with_tones(layer: Layer) -> None:
    for name in layer.popup.badges:
        field = layer.schema.field(name)
        assert field is not None
        assert {label.tone for label in field.labels.values()} - {"plain"}, name


@each_layer
def test_a_popup_is_short_and_says_nothing_twice(layer: Layer) -> None:
    popup = layer.popup
    names = [*popup.badges, *popup.facts, *filter(None, (popup.title, popup.subtitle))]
    assert len(set(names)) == len(names)
    assert len(popup.facts) <= POPUP_FACTS
    if layer.schema.geometry != "None":
        assert popup.title is not None


def _choices(style: Style) -> list[By]:
    options = (style.color, style.shape, style.casing, style.width_px, style.min_zoom)
    return [option for option in options if isinstance(option, By)]


@each_layer
def test_each_code_has_its_symbol(layer: Layer) -> None:
    for by in _choices(layer.style):
        field = layer.schema.field(by.field)
        assert field is not None
        assert by.breaks or set(by.values) == set(codes_of(field))


@each_layer
def test_colors_are_roles_so_that_both_schemes_have_them(layer: Layer) -> None:
    used: list[object] = [layer.style.color, layer.style.casing]
    for by in _choices(layer.style):
        used += [*by.values.values(), *by.steps]
    assert [color for color in used if isinstance(color, str) and color.startswith("#")] == []


@each_layer
def test_the_color_of_chosen_plans_is_kept_for_them(layer: Layer) -> None:
    assert ("c-chosen" in str(layer.style)) == (layer.id == "chosen_sites")


@each_source
def test_sources_say_where_they_come_from(layer: Layer) -> None:
    source = layer.source
    assert source is not None
    assert source.synthetic
    assert source.licence == "CC0-1.0"
    assert source.as_of == "2024-06-30"
    datum = {"violations": "GCJ-02", "fleet": ""}.get(layer.id, "CGCS2000")
    assert source.datum == datum
    assert source.within == (None if layer.id in {"boundary", "fleet"} else "boundary")


def _rows(layer: Layer) -> list[dict[str, Any]]:
    assert layer.source is not None
    path = layer.source.path
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    collection = json.loads(path.read_bytes())
    return [feature["properties"] for feature in collection["features"]]


@each_source
def test_fields_are_columns_of_the_file_and_columns_are_fields(layer: Layer) -> None:
    rows = _rows(layer)
    columns = set(chain(*rows))
    declared = {item.name for item in layer.schema.fields}
    if layer.id == "chosen_sites":
        # people fill it; its file is where it begins
        assert rows == []
        return
    assert layer.source is not None
    if layer.source.coordinates:
        columns -= {layer.source.coordinates.x, layer.source.coordinates.y}
    assert declared - columns == set()
    assert columns - declared == set()
    assert layer.schema.expected_count in {None, len(rows)}


@pytest.mark.parametrize(
    "name", ["urban_stops", "rural_stops", "car_wash_sites", "car_wash_shops", "focus_areas"]
)
def test_work_has_task_unit_post_progress_and_time(name: str) -> None:
    assert {item.name for item in CATALOG.layer(name).schema.fields} >= TASK


def test_only_the_plate_is_personal() -> None:
    personal = {
        (layer.id, item.name): item.privacy
        for layer in LAYERS
        for item in layer.schema.fields
        if item.privacy
    }
    assert personal == {("violations", "plate"): "enforcement"}


def test_the_density_is_derived_and_has_a_unit() -> None:
    layer = CATALOG.layer("violation_density")
    assert layer.derivation is not None
    assert layer.derivation.method == "street_density"
    assert layer.derivation.inputs == {"events": "violations", "streets": "roads"}
    assert layer.derivation.parameters["sigma_m"] == 150
    assert "150 米" in layer.description.zh
    assert layer.style.unit == Text("起/公里", "cases per km")
    assert isinstance(layer.style.color, By)
    assert layer.style.color.steps == tuple(f"seq-{step}" for step in range(1, 7))


def test_hotspots_say_how_sure_they_are() -> None:
    layer = CATALOG.layer("violation_hotspots")
    assert layer.derivation is not None
    assert layer.derivation.parameters["alpha"] == 0.05
    assert tuple(layer.derivation.parameters["radii_m"]) == (100, 200, 300, 500)
    assert isinstance(layer.style.color, By)
    assert layer.style.color.values == {
        "significant": "c-hot",
        "tentative": "c-hot-2",
        "not_significant": "c-hot-ns",
    }
    ratio = layer.schema.field("ratio")
    assert ratio is not None
    assert ratio.description is not None
    assert ratio.description.zh == "选出的热点，比值偏高"
    surveyed = CATALOG.layer("surveyed_streets").derivation
    assert surveyed is not None
    assert surveyed.inputs == layer.derivation.inputs


def test_symbols_are_those_of_the_interface() -> None:
    def color(name: str) -> object:
        return CATALOG.layer(name).style.color

    def shapes(name: str) -> object:
        shape = CATALOG.layer(name).style.shape
        return shape.values if isinstance(shape, By) else None

    assert (CATALOG.layer("urban_stops").style.kind, color("urban_stops")) == ("circle", "c-urban")
    assert (CATALOG.layer("rural_stops").style.kind, color("rural_stops")) == ("ring", "c-rural")
    sites = CATALOG.layer("car_wash_sites").style
    assert (sites.kind, sites.color, sites.label) == ("pin", "c-site", "bays_planned")
    assert shapes("car_wash_shops") == {
        "closed": "square_cross",
        "remodelled": "square_check",
        "relocated": "square_arrow",
        "pending": "square",
    }
    assert shapes("violations") == {
        "lane_washing": "triangle_up",
        "tactile_washing": "triangle_down",
        "lane_parking": "triangle_up_open",
        "tactile_parking": "triangle_down_open",
    }


@each_map
def test_a_map_begins_with_its_ground(found: MapFile) -> None:
    ground = ("boundary", "communities", "water", "townships", "roads")
    assert found.layers[: len(ground)] == ground
    assert set(ground) <= set(found.visible or ())
    assert list(found.layers) == sorted(
        found.layers, key=lambda name: (CATALOG.layer(name).order, name)
    )


@each_map
def test_a_map_has_words_a_first_view_and_counts(found: MapFile) -> None:
    for text in (found.title, found.description):
        assert HAN.search(text.zh)
        assert text.en
        assert not HAN.search(text.en)
    assert found.fit in found.layers
    assert found.highlights
    assert set(found.highlights) <= set(found.visible or ())


def test_every_layer_with_a_geometry_stands_on_a_map() -> None:
    shown = set(chain(*(found.layers for found in MAPS)))
    assert shown == {layer.id for layer in LAYERS if layer.schema.geometry != "None"}


def test_every_group_of_the_site_has_layers() -> None:
    used = {layer.group for layer in LAYERS}
    assert {group.id for group in CATALOG.site.groups} - {"other"} == used
    assert all(HAN.search(group.title.zh) for group in CATALOG.site.groups)


ALL_KEYS = sorted(
    {
        name
        for keys in (LAYER_KEYS, MAP_KEYS, SITE_KEYS, SCORECARD_KEYS)
        for names in keys.values()
        for name in names
    }
)


@pytest.mark.parametrize("key", ALL_KEYS)
def test_the_reference_names_every_key(key: str) -> None:
    assert re.search(rf"[`\[.{{ ]{key}[`\] =.]", REFERENCE), f"layers/README.md: {key}"


@pytest.mark.parametrize("word", [*SHAPES, *ROLES])
def test_the_reference_names_every_shape_and_role(word: str) -> None:
    assert f"`{word}`" in REFERENCE


def test_the_reference_has_a_heading_for_every_method() -> None:
    derive = pytest.importorskip("geosvc.derive")
    section = REFERENCE.split("## `[derivation]`")[1].split("\n## ")[0]
    _, *parts = re.split(r"^### ", section, flags=re.MULTILINE)
    described = {part.split("`")[1]: part for part in parts}
    assert set(described) == set(derive.METHODS)
    for name, method in derive.METHODS.items():
        for parameter in inspect.signature(method).parameters.keys() - {derive.PROGRESS}:
            assert f"`{parameter}`" in described[name]


def test_the_example_of_the_reference_is_a_sound_layer() -> None:
    example = REFERENCE.split("## A minimal layer")[1].split("## How")[0]
    text = re.sub(r"^    ", "", example, flags=re.MULTILINE)
    layer, issues = parse_layer("layers/kiosks.toml", text, settings=Settings())
    assert issues == []
    assert layer is not None
    assert layer.style.kind == "square"
