"""Personal values leave the frame and a mask stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.model import Field, Schema, Text
from geosvc.ingest.masks import HIDDEN, mask_text, split_personal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.catalog.model import FieldType

NOTHING = Text("", "")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("苏XA1234", "苏X·**234"),
        ("苏X12345", "苏X·**345"),
        ("苏XD12345", "苏X·**345"),  # six characters: new energy
        ("苏X·A1234", "苏X·**234"),
        ("苏X A1234", "苏X·**234"),
        (" 苏xa1234 ", "苏X·**234"),
        ("苏X1234学", "苏X·**34学"),
        ("粤Z1234港", "粤Z·**34港"),
        ("苏XA123", HIDDEN),
        ("苏XA123456", HIDDEN),
        ("苏X", HIDDEN),
        ("WJ苏1234", HIDDEN),
        ("13800138000", HIDDEN),
        ("王某", HIDDEN),
        ("", HIDDEN),
        ("苏XA1234\n苏XA1234", HIDDEN),
        ("x" * 10_000, HIDDEN),
    ],
)
def test_mask_text(text: str, mask: str) -> None:
    assert mask_text(text) == mask


@given(st.text())
def test_a_mask_shows_no_more_than_a_plate_may(text: str) -> None:
    mask = mask_text(text)
    assert mask == HIDDEN or (len(mask) == 8 and "·**" in mask)


@given(st.sampled_from(LETTERS), st.text(LETTERS + "0123456789", min_size=5, max_size=6))
def test_plates_with_one_city_and_tail_share_a_mask(city: str, tail: str) -> None:
    hidden = tail[:-3]
    assert mask_text(f"苏{city}{tail}") == mask_text(f"苏{city}{'0' * len(hidden)}{tail[-3:]}")
    assert mask_text(f"苏{city}{tail}") == f"苏{city}·**{tail[-3:]}"


def _schema(kind: FieldType = "string") -> Schema:
    plate = Field("plate", NOTHING, kind, privacy="enforcement")
    return Schema("None", "code", (Field("code", NOTHING), plate))


def test_true_values_are_parted_by_key() -> None:
    columns: dict[str, Sequence[object]]
    columns = {"code": ["A1", "A2", "A3"], "plate": ["苏XA1234", None, "unknown"]}
    shown, personal = split_personal(dict(columns), _schema(), ["A1", "A2", "A3"])
    assert shown["plate"] == ["苏X·**234", None, HIDDEN]
    assert shown["code"] == ["A1", "A2", "A3"]
    assert list(personal.columns) == ["key", "field", "value"]
    assert personal.to_numpy().tolist() == [
        ["A1", "plate", "苏XA1234"],
        ["A3", "plate", "unknown"],
    ]
    assert columns["plate"] == ["苏XA1234", None, "unknown"]


def test_lists_keep_one_mask_and_numbers_nothing() -> None:
    shown, personal = split_personal(
        {"code": ["A1"], "plate": [("苏XA1234", "王某")]}, _schema("list"), ["A1"]
    )
    assert shown["plate"] == [(HIDDEN,)]
    assert personal["value"].tolist() == ["苏XA1234", "王某"]
    shown, personal = split_personal(
        {"code": ["A1", "A2"], "plate": [42, None]}, _schema("integer"), ["A1", "A2"]
    )
    assert shown["plate"] == [None, None]
    assert personal["value"].tolist() == ["42"]


def test_a_layer_without_personal_fields() -> None:
    schema = Schema("None", "code", (Field("code", NOTHING),))
    shown, personal = split_personal({"code": ["A1"]}, schema, ["A1"])
    assert shown == {"code": ["A1"]}
    assert personal.empty
    assert list(personal.columns) == ["key", "field", "value"]
