from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given

from geosvc.errors import StoreError
from geosvc.store.frames import conform, list_text, list_value, typed_column, values_of
from geosvc.store.records import Shape
from tests.store.zoo import (
    DIFFICULT,
    EVERY,
    KINDS,
    SMALL,
    TABLE,
    Given,
    assert_same,
    features_of,
    frame_of,
    schema_of,
    small,
)

if TYPE_CHECKING:
    from geosvc.catalog.model import FieldType

DTYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}


@given(features=features_of(EVERY))
def test_a_frame_has_the_types_of_the_contract_in_the_order_of_keys(features: Given) -> None:
    frame = conform(frame_of(features, EVERY), Shape.of(EVERY))
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs == "OGC:CRS84"
    assert frame.index.tolist() == sorted(features)
    assert frame.index.dtype == object
    for kind in KINDS:
        assert frame[f"a_{kind}"].dtype == DTYPES.get(kind, "object")


@given(features=features_of(EVERY))
def test_conforming_twice_is_conforming_once(features: Given) -> None:
    shape = Shape.of(EVERY)
    once = conform(frame_of(features, EVERY), shape)
    assert_same(conform(once, shape), once)


@given(features=features_of(TABLE))
def test_values_come_back_from_what_sqlite_takes(features: Given) -> None:
    frame = conform(frame_of(features, TABLE), Shape.of(TABLE))
    for name, kind in Shape.of(TABLE).fields:
        values = values_of(frame[name], kind)
        assert {type(value) for value in values} <= {str, int, type(None)}
        back = pd.Series(typed_column(values, kind), index=frame.index, dtype=frame[name].dtype)
        pd.testing.assert_series_equal(back, frame[name], check_names=False)


def test_the_input_is_not_changed() -> None:
    frame = small(3).iloc[::-1]
    before = frame.copy()
    conform(frame, Shape.of(SMALL))
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))


def test_the_key_may_be_a_column() -> None:
    frame = small(3).reset_index(drop=True)
    assert conform(frame, Shape.of(SMALL)).index.tolist() == ["k0", "k1", "k2"]


def test_a_key_of_numbers_becomes_text() -> None:
    schema = schema_of({"id": "integer"}, geometry="None")
    frame = conform(pd.DataFrame({"id": [10, 9]}), Shape.of(schema))
    assert frame.index.tolist() == ["10", "9"]
    assert frame["id"].tolist() == [10, 9]


def test_texts_of_pandas_own_type_become_objects() -> None:
    frame = small(2)
    frame["word"] = pd.array(["a", None], dtype="str")
    conformed = conform(frame, Shape.of(SMALL))
    assert conformed["word"].tolist() == ["a", None]
    assert conformed["word"].dtype == object


@pytest.mark.parametrize(
    ("kind", "given_values", "expected"),
    [
        ("number", [np.nan, -0.0, np.inf], [None, 0.0, np.inf]),
        ("number", [1, None, 2], [1.0, None, 2.0]),
        ("integer", [1.0, None, 3.0], [1, None, 3]),
        ("boolean", [True, None, False], [True, None, False]),
        ("list", [["a"], None, ()], [("a",), None, ()]),
        ("list", [("a", "乙"), float("nan"), pd.NA], [("a", "乙"), None, None]),
        ("date", ["2024-01-01", pd.NA, None], ["2024-01-01", None, None]),
    ],
)
def test_values_are_brought_to_their_type(
    kind: FieldType, given_values: list[Any], expected: list[Any]
) -> None:
    schema = schema_of({"a": kind}, geometry="None")
    column = pd.Series(given_values, dtype=object)
    frame = conform(pd.DataFrame({"id": list("abc"), "a": column}), Shape.of(schema))
    found = [
        None if gone else value for value, gone in zip(frame["a"], frame["a"].isna(), strict=True)
    ]
    assert found == expected
    assert [str(value) for value in found] == [str(value) for value in expected]  # -0.0 == 0.0


@pytest.mark.parametrize(
    ("kind", "value"),
    [("integer", "many"), ("integer", 1.5), ("number", "far"), ("boolean", "maybe"), ("list", "a"),
     ("list", 3), ("integer", 2**70)],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(kind: FieldType, value: object) -> None:
    schema = schema_of({"a": kind}, geometry="None")
    frame = pd.DataFrame({"id": ["x"], "a": pd.Series([value], dtype=object)})
    with pytest.raises(StoreError, match="a: not of type"):
        conform(frame, Shape.of(schema))


@pytest.mark.parametrize("keys", [["a", "a", "b"], ["a", None, "b"]])
def test_a_key_that_is_missing_or_not_unique_is_refused(keys: list[str | None]) -> None:
    frame = small(3)
    frame.index = pd.Index(keys, name="id")
    with pytest.raises(StoreError, match="not unique"):
        conform(frame, Shape.of(SMALL))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(StoreError, match="columns missing: word"):
        conform(small(1).drop(columns="word"), Shape.of(SMALL))


def test_places_must_be_there_and_in_crs84() -> None:
    shape = Shape.of(SMALL)
    with pytest.raises(StoreError, match="geometry missing"):
        conform(pd.DataFrame(small(1)), shape)
    with pytest.raises(StoreError, match="instead of OGC:CRS84"):
        conform(small(1).to_crs(3857), shape)
    gone = small(1)
    gone["geometry"] = gone.geometry.where(gone.index == "")
    with pytest.raises(StoreError, match="a geometry is missing"):
        conform(gone, shape)


def test_a_layer_without_geometry_has_none_even_if_the_frame_does() -> None:
    frame = conform(small(2), Shape.of(TABLE))
    assert type(frame) is pd.DataFrame
    assert list(frame.columns) == ["id", "n", "word"]


def test_an_empty_frame_has_all_columns_and_types() -> None:
    frame = conform(frame_of({}, EVERY), Shape.of(EVERY))
    assert len(frame) == 0
    assert list(frame.columns) == [*(item.name for item in EVERY.fields), "geometry"]
    assert frame["a_integer"].dtype == "Int64"


@pytest.mark.parametrize("value", [(), ("",), tuple(DIFFICULT)])
def test_lists_survive_as_json(value: tuple[str, ...]) -> None:
    assert list_value(list_text(value)) == value


def test_lists_of_equal_length_stay_lists() -> None:
    schema = schema_of({"a": "list"})
    features = {key: {"a": ("x", "y"), "geometry": shapely.Point()} for key in "ab"}
    frame = conform(frame_of(features, schema), Shape.of(schema))
    assert frame["a"].tolist() == [("x", "y"), ("x", "y")]
