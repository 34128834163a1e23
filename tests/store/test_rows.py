from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given

from geosvc.errors import StoreError
from geosvc.store.records import Shape
from geosvc.store.rows import Rows, frame_of
from tests.store.zoo import (
    EVERY,
    SMALL,
    TABLE,
    Given,
    Imported,
    assert_same,
    features_of,
    schema_of,
    small,
)
from tests.store.zoo import frame_of as imported

SHAPE = Shape.of(SMALL)


@given(features=features_of(EVERY))
def test_the_frame_comes_back_from_the_rows(features: Given) -> None:
    rows = Rows.of(imported(features, EVERY), Shape.of(EVERY))
    taken = rows.taken(np.arange(len(rows.keys)), 1)
    stored = [(key, row[2], *row[6:]) for key, row in zip(rows.keys, taken, strict=True)]
    back = frame_of(stored, rows.shape)
    assert_same(back, rows.frame)


@given(features=features_of(EVERY))
def test_the_order_of_the_rows_does_not_matter(features: Given) -> None:
    turned = dict(reversed(features.items()))
    shape = Shape.of(EVERY)
    assert (
        Rows.of(imported(turned, EVERY), shape).digest
        == Rows.of(imported(features, EVERY), shape).digest
    )


def test_a_digest_tells_values_apart_that_compare_equal() -> None:
    digests = set()
    for kind, value in (("integer", 1), ("number", 1.0), ("boolean", True), ("string", "1")):
        schema = schema_of({"a": kind}, geometry="None")  # type: ignore[dict-item]
        rows = Rows.of(imported({"k": {"a": value}}, schema), Shape.of(schema))
        digests.add(rows.digests[0])
    assert len(digests) == 4


def test_a_digest_moves_with_every_part_of_a_feature() -> None:
    frame = small(1)
    parts = [
        Imported(frame),
        Imported(frame.assign(n=5)),
        Imported(frame.set_geometry([shapely.Point(1e-9, 0)], crs=frame.crs)),
        Imported(frame, raw=pd.Series([b"wkb"], index=["k0"])),
        Imported(frame, raw=pd.Series([b"wkb"], index=["k0"]), source_datum="BD-09"),
        Imported(frame, extra=pd.Series([{"hint": "左"}], index=["k0"])),
    ]
    assert len({Rows.of(part, SHAPE).digests[0] for part in parts}) == len(parts)


def test_a_digest_does_not_move_with_an_empty_field_or_the_order_of_fields() -> None:
    wider = schema_of({"new": "string", "word": "string", "n": "integer"})
    frame = small(2)
    frame["new"] = None
    one, other = Rows.of(small(2), SHAPE), Rows.of(frame, Shape.of(wider))
    assert one.digests == other.digests
    assert one.digest != other.digest, "but the columns of the layer are others"


def test_the_whole_digest_knows_keys() -> None:
    assert Rows.of(small(2), SHAPE).digest != Rows.of(small(2, start=1), SHAPE).digest
    assert Rows.of(small(0), SHAPE).digest == Rows.of(small(0), SHAPE).digest


def test_raw_geometry_and_extra_columns_are_found_by_key() -> None:
    given = Imported(
        small(3).iloc[::-1],
        raw=pd.Series({"k1": b"one", "k0": b"zero", "k2": None}, dtype=object),
        extra=pd.Series([{}, None, {"b": 1, "a": [2.5, "丙"]}], index=["k0", "k1", "k2"]),
    )
    rows = Rows.of(given, SHAPE)
    assert rows.raw_geom == [b"zero", b"one", None]
    assert rows.extra == [None, None, '{"a":[2.5,"丙"],"b":1}']
    assert rows.source_datum == "GCJ-02"


def test_a_plain_frame_has_no_origin() -> None:
    rows = Rows.of(small(2), SHAPE)
    assert (rows.raw_geom, rows.extra, rows.source_datum) == ([None, None], [None, None], "")
    assert rows.bounds.tolist() == [[0, 0, 0, 0], [1 / 7, 1 / 11, 1 / 7, 1 / 11]]


def test_no_features_are_no_rows() -> None:
    for schema, width in ((SMALL, 4), (TABLE, 0)):
        rows = Rows.of(imported({}, schema), Shape.of(schema))
        assert rows.keys == ()
        assert rows.bounds.shape == (0, width)
        assert len(frame_of([], rows.shape)) == 0


def test_a_frame_that_does_not_fit_is_refused() -> None:
    with pytest.raises(StoreError):
        Rows.of(small(1).drop(columns="n"), SHAPE)
