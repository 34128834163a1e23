from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import Coordinates, Derivation, Text
from geosvc.catalog.parse import parse_layer
from geosvc.catalog.parse_source import read_derivation
from geosvc.errors import Issue
from geosvc.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geosvc.catalog.model import Layer
    from geosvc.catalog.toml_table import Table

Fault = tuple[str, str, str, str]
COLUMNS = 'geometry = { lon = "lng", lat = "lat" }'


def test_a_source_says_everything(sound: Callable[..., Layer]) -> None:
    source = sound().source
    assert source is not None
    assert source.path == Settings().layers.parent / "data" / "stops.csv"
    assert source.shown_path == "data/stops.csv"
    assert source.datum == "GCJ-02"
    assert source.coordinates == Coordinates(x="lng", y="lat")
    assert source.within == "boundary"
    assert source.attribution == Text("来源", "Origin")
    assert (source.synthetic, source.licence, source.as_of) == (True, "CC0-1.0", "2024-06-30")


def test_a_source_needs_little(sound: Callable[..., Layer]) -> None:
    text = 'synthetic = true\nlicence = "CC0-1.0"\nas_of = "2024-06-30"\n'
    source = sound(text, "").source
    assert source is not None
    assert (source.synthetic, source.licence, source.as_of) == (False, "", None)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("GCJ-02", "GCJ-02"),
        ("bd09", "BD-09"),
        ("WGS84", "WGS84"),
        ("CGCS2000", "CGCS2000"),
        ("EPSG:4549", "EPSG:4549"),
    ],
)
def test_a_datum_has_one_name(sound: Callable[..., Layer], given: str, name: str) -> None:
    source = sound('"gcj02"', f'"{given}"').source
    assert source is not None
    assert source.datum == name


def test_coordinates_may_be_x_and_y(sound: Callable[..., Layer]) -> None:
    source = sound(COLUMNS, 'geometry = { x = "东", y = "北" }').source
    assert source is not None
    assert source.coordinates == Coordinates(x="东", y="北")


def test_a_day_may_be_a_date_of_toml(sound: Callable[..., Layer]) -> None:
    source = sound('as_of = "2024-06-30"', "as_of = 2024-06-30").source
    assert source is not None
    assert source.as_of == "2024-06-30"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('path = "data/stops.csv"\n', "", ("missing_key", "path", "", "string")),
        ('path = "data/stops.csv"', 'path = ""', ("required", "path", "", "")),
        (
            "data/stops.csv",
            "../stops.csv",
            ("path_outside", "path", "../stops.csv", "GEOSVC_DATA_ROOTS"),
        ),
        (
            "data/stops.csv",
            "data/../../a.csv",
            ("path_outside", "path", "data/../../a.csv", "GEOSVC_DATA_ROOTS"),
        ),
        (
            "data/stops.csv",
            "/etc/passwd",
            ("path_outside", "path", "/etc/passwd", "GEOSVC_DATA_ROOTS"),
        ),
        (
            "data/stops.csv",
            "a\\u0000.csv",
            ("not_allowed", "path", '"a\\u0000.csv"', "path of a file"),
        ),
        ('datum = "gcj02"\n', "", ("missing_key", "datum", "", "string")),
        (
            '"gcj02"',
            '"mars"',
            ("bad_datum", "datum", "mars", "BD-09, BD-09MC, CGCS2000, GCJ-02, WGS84, EPSG:…"),
        ),
        (COLUMNS, "", ("missing_key", "geometry", "", "lon, lat")),
        (COLUMNS, 'geometry = { lon = "lng" }', ("both_or_neither", "geometry", "", "lat, y")),
        (
            COLUMNS,
            'geometry = { lon = "a", x = "b", lat = "c" }',
            ("both_or_neither", "geometry", "lon, x", "lon, x"),
        ),
        (COLUMNS, 'geometry = { lon = "a", y = "c" }', ("not_allowed", "geometry.y", "y", "lat")),
        (COLUMNS, 'geometry = { x = "a", lat = "c" }', ("not_allowed", "geometry.lat", "lat", "y")),
        (
            COLUMNS,
            'geometry = { lon = "a", lat = 5 }',
            ("wrong_type", "geometry.lat", "5", "string"),
        ),
        (
            COLUMNS,
            'geometry = { lon = "a", lat = "b", z = "c" }',
            ("unknown_key", "geometry.z", "z", "lon, lat, x, y"),
        ),
        (COLUMNS, 'geometry = "wkt"', ("wrong_type", "geometry", "wkt", "table")),
        (
            'within = "boundary"',
            'within = "The county"',
            ("not_allowed", "within", "The county", "[a-z0-9_]+"),
        ),
        (
            'attribution = { zh = "来源", en = "Origin" }\n',
            "",
            ("missing_key", "attribution", "", "table"),
        ),
        ("synthetic = true", 'synthetic = "yes"', ("wrong_type", "synthetic", "yes", "boolean")),
        ('"2024-06-30"', '"30 June"', ("not_allowed", "as_of", "30 June", "YYYY-MM-DD")),
        (
            '"2024-06-30"',
            "2024-06-30T00:00:00",
            ("not_allowed", "as_of", '"2024-06-30 00:00:00"', "YYYY-MM-DD"),
        ),
        (
            "licence",
            "license",
            ("unknown_key", "license", "license", ", ".join(LAYER_KEYS["source"])),
        ),
    ],
)
def test_each_fault_of_a_source(
    faults: Callable[[str, str], list[Fault]], old: str, new: str, fault: Fault
) -> None:
    code, key, found, expected = fault
    assert (code, f"source.{key}", found, expected) in faults(old, new)


@pytest.mark.parametrize("name", ["EPSG:4214", "EPSG:4610"])
def test_a_datum_that_needs_local_parameters_is_refused(
    faults: Callable[[str, str], list[Fault]], name: str
) -> None:
    [(code, key, found, _)] = faults('"gcj02"', f'"{name}"')
    assert code in {"bad_datum", "datum_variants", "datum_ballpark"}
    assert (key, found) == ("source.datum", name)


def test_lines_have_no_coordinate_columns(faults: Callable[[str, str], list[Fault]]) -> None:
    found = faults('geometry = "Point"', 'geometry = "LineString"')
    assert ("wrong_geometry", "source.geometry", "LineString", "Point") in found


def test_a_source_may_lie_in_a_data_root(tmp_path: Path, changed: Callable[..., str]) -> None:
    settings = Settings(layers=tmp_path / "a" / "layers")
    text = changed("data/stops.csv", "../b/stops.csv")
    _, issues = parse_layer("layers/stops.toml", text, settings=settings)
    assert [issue.code for issue in issues] == ["path_outside"]
    open_settings = Settings(layers=settings.layers, data_roots=(tmp_path / "b",))
    layer, issues = parse_layer("layers/stops.toml", text, settings=open_settings)
    assert issues == []
    assert layer is not None
    assert layer.source is not None
    assert layer.source.path == (tmp_path / "b" / "stops.csv").resolve()


def test_a_link_does_not_lead_outside(tmp_path: Path, changed: Callable[..., str]) -> None:
    data = tmp_path / "a" / "data"
    data.mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("code\n")
    (data / "stops.csv").symlink_to(tmp_path / "secret.csv")
    settings = Settings(layers=tmp_path / "a" / "layers")
    _, issues = parse_layer("layers/stops.toml", changed(), settings=settings)
    assert [issue.code for issue in issues] == ["path_outside"]


TABLE = """
title = { zh = "车辆", en = "Fleet" }
[source]
path = "data/fleet.csv"
attribution = { zh = "来源", en = "Origin" }
[schema]
geometry = "None"
primary_key = "kind"
[[schema.fields]]
name = "kind"
title = { zh = "类别", en = "Kind" }
"""


def test_a_table_without_geometry_needs_no_datum_and_no_style() -> None:
    layer, issues = parse_layer("layers/fleet.toml", TABLE, settings=Settings())
    assert issues == []
    assert layer is not None
    assert layer.source is not None
    assert (layer.source.datum, layer.source.coordinates) == ("", None)
    assert layer.style.kind == "none"


def test_a_derivation(table: Callable[[dict[str, object]], Table]) -> None:
    top = table(
        {
            "derivation": {
                "method": "street_density",
                "inputs": {"events": "violations"},
                "parameters": {"lixel_m": 100, "radii_m": [1, 2.5], "name": "a", "wide": True},
            }
        }
    )
    assert read_derivation(top) == Derivation(
        "street_density",
        {"events": "violations"},
        {"lixel_m": 100, "radii_m": [1, 2.5], "name": "a", "wide": True},
    )
    assert top.issues == []


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"inputs": {"a": "b"}}, ("missing_key", "method", "", "string")),
        ({"method": "m"}, ("missing_key", "inputs", "", "table")),
        ({"method": "m", "inputs": {}}, ("length", "inputs", "0", "1")),
        ({"method": "m", "inputs": {"a": 5}}, ("wrong_type", "inputs.a", "5", "string")),
        ({"method": "M", "inputs": {"a": "b"}}, ("not_allowed", "method", "M", "[a-z0-9_]+")),
        (
            {"method": "m", "inputs": {"a": "b"}, "parameters": {"p": {"q": 1}}},
            ("wrong_type", "parameters.p", '{"q": 1}', "string, number, boolean or list"),
        ),
        (
            {"method": "m", "inputs": {"a": "b"}, "parameters": {"p": [[1]]}},
            ("wrong_type", "parameters.p[0]", "[1]", "string, number or boolean"),
        ),
        (
            {"method": "m", "inputs": {"a": "b"}, "seed": 1},
            ("unknown_key", "seed", "seed", "method, inputs, parameters"),
        ),
    ],
)
def test_each_fault_of_a_derivation(
    table: Callable[[dict[str, object]], Table], values: dict[str, object], fault: Fault
) -> None:
    top = table({"derivation": values})
    read_derivation(top)
    code, key, found, expected = fault
    path = "layers/a.toml"
    issue = Issue(code, path, f"part.derivation.{key}", found=found, expected=expected)
    assert top.issues == [issue]
