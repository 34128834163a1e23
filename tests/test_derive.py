from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geosvc import derive
from geosvc.catalog.catalog import Catalog
from geosvc.catalog.model import Derivation, Field, Layer, Schema, Style, Text
from geosvc.crs import metric_crs
from geosvc.errors import CrsError, Issue, MethodError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME = Text("名", "name")
FIELDS = (
    Field("lixel_id", NAME),
    Field("road_name", NAME),
    Field("length_m", NAME, "number"),
    Field("cases", NAME, "integer"),
)
INPUTS = {"events": "violations", "streets": "roads"}


def layer(
    inputs: Mapping[str, str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    method: str = "street_density",
) -> Layer:
    return Layer(
        "density",
        "layers/density.toml",
        NAME,
        Schema("LineString", "lixel_id", FIELDS),
        Style("line", "seq-1"),
        derivation=Derivation(method, INPUTS if inputs is None else inputs, parameters or {}),
    )


def faults(given: Layer) -> list[tuple[str, str]]:
    issues = derive.check(Catalog(layers={given.id: given}))
    assert all(issue.path == given.path for issue in issues)
    return [(issue.key.removeprefix("derivation."), issue.code) for issue in issues]


def streets() -> gpd.GeoDataFrame:
    line = shapely.LineString([(121.10, 33.50), (121.12, 33.50)])
    return gpd.GeoDataFrame({"road_name": ["金桥路"]}, geometry=[line], crs="OGC:CRS84")


def events(*lon: float) -> gpd.GeoDataFrame:
    places = shapely.points(np.array([[x, 33.50001] for x in lon]).reshape(-1, 2))
    return gpd.GeoDataFrame(geometry=np.asarray(places, dtype=object), crs="OGC:CRS84")


def test_every_method_can_be_checked() -> None:
    for name, method in derive.METHODS.items():
        signature = inspect.signature(method)
        assert inspect.getdoc(method), name
        for parameter in signature.parameters.values():
            if parameter.name == derive.PROGRESS:
                assert parameter.default is None
            elif parameter.kind is parameter.KEYWORD_ONLY:
                inner = str(parameter.annotation).removeprefix("Sequence[").removesuffix("]")
                assert inner in {"float", "int", "str", "bool"}, f"{name}: {parameter}"
            else:
                assert parameter.default is parameter.empty


def test_a_sound_layer_has_no_fault() -> None:
    assert faults(layer()) == []
    assert faults(layer(parameters={"lixel_m": 50, "snap_m": 12.5})) == []


@pytest.mark.parametrize("length", [0, -5, -0.1])
def test_lengths_are_positive(length: float) -> None:
    assert faults(layer(parameters={"lixel_m": length})) == [("parameters.lixel_m", "not_positive")]


def test_a_layer_with_a_source_is_none_of_its_business() -> None:
    assert faults(replace(layer(), derivation=None)) == []
    assert derive.check(Catalog()) == []


def test_an_unknown_method_is_told_with_those_that_are_known() -> None:
    [issue] = derive.check(Catalog(layers={"density": layer(method="kriging")}))
    assert (issue.code, issue.key, issue.found) == (
        "unknown_method", "derivation.method", "kriging",
    )  # fmt: skip
    assert "street_density" in issue.expected


def test_inputs_are_held_against_the_method() -> None:
    assert faults(layer({"events": "violations", "roads": "roads"})) == [
        ("inputs.roads", "unknown_key"),
        ("inputs.streets", "missing_key"),
    ]
    assert faults(layer({})) == [
        ("inputs.events", "missing_key"),
        ("inputs.streets", "missing_key"),
    ]


def test_parameters_are_held_against_the_method() -> None:
    assert faults(layer(parameters={"radius_m": 5, "events": 1})) == [
        ("parameters.radius_m", "unknown_key"),
        ("parameters.events", "unknown_key"),
    ]


@pytest.mark.parametrize("value", ["far", True, [1.0], float("nan"), float("inf"), {"m": 1}])
def test_a_parameter_of_another_type_is_told(value: object) -> None:
    assert faults(layer(parameters={"snap_m": value})) == [("parameters.snap_m", "wrong_type")]


def _takes_everything(
    frame: pd.DataFrame, *, radii_m: Sequence[float], draws: int, seed: int = 1, kind: str = "a"
) -> pd.DataFrame:
    """Accept every kind of parameter."""
    return frame.assign(radii=str(radii_m), draws=draws, seed=seed, kind=kind)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"radii_m": [1, 2.5], "draws": 3}, []),
        ({"radii_m": [], "draws": 3, "seed": 2, "kind": "b"}, []),
        ({"draws": 3}, [("parameters.radii_m", "missing_key")]),
        ({"radii_m": ["a"], "draws": 3}, [("parameters.radii_m", "wrong_type")]),
        ({"radii_m": "12", "draws": 3}, [("parameters.radii_m", "wrong_type")]),
        ({"radii_m": [1], "draws": 3.5}, [("parameters.draws", "wrong_type")]),
        ({"radii_m": [1], "draws": 3, "kind": 4}, [("parameters.kind", "wrong_type")]),
    ],
)
def test_lists_numbers_and_texts_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, parameters: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    monkeypatch.setattr(derive, "METHODS", {"any": _takes_everything})
    assert faults(layer({"frame": "roads"}, parameters, method="any")) == expected


def test_a_layer_is_computed_in_meters_and_comes_back_in_degrees() -> None:
    given = {"events": events(121.105, 121.1051, 121.3), "streets": streets()}
    found = derive.run(layer(), given)
    assert isinstance(found, gpd.GeoDataFrame)
    assert found.crs == "OGC:CRS84"
    assert list(found.columns) == ["lixel_id", "road_name", "length_m", "cases", "geometry"]
    assert found.index.name == "lixel_id"
    assert found.index.tolist() == found["lixel_id"].tolist()
    assert found["cases"].sum() == 2
    assert found["cases"].dtype == "Int64"
    assert 45 < found["length_m"].iloc[0] < 55
    assert found.attrs == {"n": 2, "unlocated": 1, "sigma_m": 150.0, "total": 2.0}
    west, south, east, north = found.total_bounds
    assert 121.10 <= west < 121.105 < east < 121.11
    # the same place to 0.1 mm after there and back
    assert south == pytest.approx(33.5, abs=1e-6)
    assert north == pytest.approx(33.5, abs=1e-6)


def test_parameters_reach_the_method() -> None:
    given = {"events": events(121.105), "streets": streets()}
    lengths = derive.run(layer(parameters={"lixel_m": 20}), given)["length_m"]
    assert 18 < lengths.min() <= lengths.max() < 22


def test_the_input_is_not_changed() -> None:
    given = {"events": events(121.105), "streets": streets()}
    derive.run(layer(), given)
    assert given["streets"].equals(streets())
    assert given["events"].crs == "OGC:CRS84"


def test_no_events_make_an_empty_layer() -> None:
    found = derive.run(layer(), {"events": events(), "streets": streets()})
    assert len(found) == 0
    assert list(found.columns) == ["lixel_id", "road_name", "length_m", "cases", "geometry"]


def test_nothing_at_all_has_no_place_to_measure_in() -> None:
    with pytest.raises(CrsError):
        derive.run(layer(), {"events": events(), "streets": streets().iloc[:0]})


def test_all_inputs_are_in_the_crs_of_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    def method(events: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, fleet: pd.DataFrame) -> object:
        seen.update(events=events.crs, streets=streets.crs, fleet=fleet)
        return fleet

    monkeypatch.setattr(derive, "METHODS", {"any": method})
    table = pd.DataFrame({"id": ["a"], "n": [1]})
    schema = Schema("None", "id", (Field("id", NAME), Field("n", NAME, "integer")))
    given = replace(layer(INPUTS | {"fleet": "fleet"}, method="any"), schema=schema)
    found = derive.run(given, {"events": events(), "streets": streets(), "fleet": table})
    assert seen["events"] == seen["streets"] == metric_crs(streets())
    assert seen["fleet"] is table
    assert type(found) is pd.DataFrame


def test_a_layer_that_cannot_be_computed_says_why() -> None:
    given = {"events": events(), "streets": streets()}
    with pytest.raises(MethodError) as caught:
        derive.run(layer(method="kriging"), given)
    assert [issue.code for issue in caught.value.issues] == ["unknown_method"]
    assert isinstance(caught.value.issues[0], Issue)
    with pytest.raises(MethodError, match="no derivation"):
        derive.run(replace(layer(), derivation=None), given)


def test_a_result_without_what_the_layer_declares_is_refused() -> None:
    schema = Schema("LineString", "lixel_id", (*FIELDS, Field("p_value", NAME, "number")))
    with pytest.raises(MethodError, match="p_value"):
        derive.run(replace(layer(), schema=schema), {"events": events(), "streets": streets()})


def test_a_result_of_another_geometry_is_refused() -> None:
    given = layer()
    areas = replace(given, schema=replace(given.schema, geometry="Polygon"))
    frames = {"events": events(121.11), "streets": streets()}
    with pytest.raises(MethodError) as caught:
        derive.run(areas, frames)
    [issue] = caught.value.issues
    assert (issue.code, issue.place, issue.found, issue.expected) == (
        "wrong_geometry", "layers/density.toml:schema.geometry", "LineString", "Polygon",
    )  # fmt: skip
    assert len(derive.run(given, frames)) > 0
