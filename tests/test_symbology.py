from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.model import By, Field, Label, Layer, Schema, Style, Text
from geosvc.symbology import NEUTRAL, WIDTH_PX, Symbols, code_of, symbolize

KIND = Field(
    "kind",
    Text("类型", "Kind"),
    labels={"bay": Label(Text("港湾式", "Bay")), "curb": Label(Text("直线式", "Curb"))},
)
FIELDS = (
    KIND,
    Field("lanes", Text("车道", "Lanes"), "integer"),
    Field("lit", Text("", ""), "boolean"),
)


def layer(**style: Any) -> Layer:  # noqa: ANN401 - the style under test
    given_style = {"kind": "circle", "color": "c-urban"} | style
    schema = Schema("Point", "code", FIELDS)
    return Layer("stops", "layers/stops.toml", Text("站点", "Stops"), schema, Style(**given_style))


def counts(symbols: Symbols) -> list[tuple[str | None, int]]:
    return [(row.value, row.count) for row in symbols.classes]


def test_a_style_without_field_is_one_class_with_the_layers_title() -> None:
    symbols = symbolize(layer(size_px=12.0, width_px=2.0), pd.DataFrame(index=["a", "b", "c"]))
    (row,) = symbols.classes
    assert symbols.field is None
    assert symbols.codes.tolist() == [0, 0, 0]
    assert (row.label.zh, row.count, row.color, row.shape) == ("站点", 3, "c-urban", "circle")
    assert (row.size_px, row.width_px, row.min_zoom, row.casing) == (12.0, 2.0, 0.0, None)


def test_codes_stand_in_the_order_of_the_style_with_their_words() -> None:
    color = By("kind", {"curb": "c-rural", "bay": "c-urban"})
    frame = pd.DataFrame({"kind": ["bay", "bay", "curb"]})
    symbols = symbolize(layer(color=color), frame)
    assert counts(symbols) == [("curb", 1), ("bay", 2)]
    assert symbols.codes.tolist() == [1, 1, 0]
    assert [row.label.en for row in symbols.classes] == ["Curb", "Bay"]
    assert [row.color for row in symbols.classes] == ["c-rural", "c-urban"]


def test_nothing_vanishes_that_no_class_takes() -> None:
    color = By("kind", {"bay": "c-urban"})
    symbols = symbolize(layer(color=color), pd.DataFrame({"kind": ["bay", None, "curb"]}))
    assert counts(symbols) == [("bay", 1), (None, 2)]
    assert symbols.classes[-1].label == Text("其他", "Other")
    assert symbols.classes[-1].color == NEUTRAL


def test_the_default_draws_what_no_class_takes() -> None:
    color = By("kind", {"bay": "c-urban"}, default="c-closed")
    symbols = symbolize(layer(color=color), pd.DataFrame({"kind": ["curb"]}))
    assert symbols.classes[-1].color == "c-closed"


def test_a_class_without_features_stays_in_the_legend() -> None:
    color = By("kind", {"bay": "c-urban", "curb": "c-rural"})
    assert counts(symbolize(layer(color=color), pd.DataFrame({"kind": ["bay"]}))) == [
        ("bay", 1),
        ("curb", 0),
    ]


def test_each_option_may_be_chosen_by_the_field() -> None:
    style = {
        "color": By("kind", {"bay": "c-urban"}, default="c-out"),
        "shape": By("kind", {"bay": "square", "curb": "ring"}),
        "casing": By("kind", {"bay": "halo"}),
        "width_px": By("kind", {"bay": 3.0}),
        "min_zoom": By("kind", {"curb": 12.0}),
    }
    bay, curb = symbolize(layer(**style), pd.DataFrame({"kind": ["bay", "curb"]})).classes
    assert (bay.shape, bay.casing, bay.width_px, bay.min_zoom) == ("square", "halo", 3.0, 0.0)
    assert (curb.shape, curb.casing, curb.width_px, curb.min_zoom) == ("ring", None, WIDTH_PX, 12.0)
    assert curb.color == "c-out"


def test_zero_is_a_width_and_not_a_missing_one() -> None:
    style = layer(width_px=0.0)
    assert symbolize(style, pd.DataFrame(index=["a"])).classes[0].width_px == 0.0


def test_a_value_on_a_break_belongs_above_it() -> None:
    color = By("lanes", breaks=(2.0, 4.0), steps=("seq-1", "seq-3", "seq-5"))
    frame = pd.DataFrame({"lanes": pd.array([1, 2, 3, 4, 9, None], dtype="Int64")})
    symbols = symbolize(layer(color=color), frame)
    assert symbols.codes.tolist() == [0, 1, 1, 2, 2, 3]
    assert [row.color for row in symbols.classes] == ["seq-1", "seq-3", "seq-5", NEUTRAL]
    assert [row.label.en for row in symbols.classes] == ["< 2", "2 – 4", "≥ 4", "Other"]


def test_two_options_with_other_breaks_make_one_row_an_interval() -> None:
    color = By("lanes", breaks=(2.0,), steps=("seq-1", "seq-3"))
    width = By("lanes", breaks=(4.0,), steps=(1.0, 5.0))
    frame = pd.DataFrame({"lanes": pd.array([1, 3, 6], dtype="Int64")})
    rows = symbolize(layer(color=color, width_px=width), frame).classes
    assert [(row.color, row.width_px) for row in rows] == [
        ("seq-1", 1.0),
        ("seq-3", 1.0),
        ("seq-3", 5.0),
    ]


def test_booleans_are_chosen_by_their_words() -> None:
    color = By("lit", {"true": "ok", "false": "bad"})
    frame = pd.DataFrame({"lit": pd.array([True, False, None], dtype="boolean")})
    assert counts(symbolize(layer(color=color), frame)) == [("true", 1), ("false", 1), (None, 1)]


def test_a_code_without_words_is_its_own_label() -> None:
    color = By("kind", {"terminal": "c-site"})
    rows = symbolize(layer(color=color), pd.DataFrame({"kind": ["terminal"]})).classes
    assert rows[0].label == Text("terminal", "terminal")


def test_a_field_that_the_frame_lacks_makes_one_class() -> None:
    symbols = symbolize(layer(color=By("kind", {"bay": "ok"})), pd.DataFrame(index=["a"]))
    assert symbols.field is None
    assert symbols.classes[0].color == NEUTRAL


def test_an_empty_layer_has_its_classes() -> None:
    color = By("kind", {"bay": "c-urban"})
    symbols = symbolize(layer(color=color), pd.DataFrame({"kind": pd.Series([], dtype=object)}))
    assert counts(symbols) == [("bay", 0)]
    assert symbols.codes.dtype == np.int16


@given(st.lists(st.sampled_from(["bay", "curb", "terminal", None]), max_size=40))
def test_counts_add_up_and_codes_name_classes(kinds: list[str | None]) -> None:
    color = By("kind", {"bay": "c-urban", "curb": "c-rural"})
    symbols = symbolize(layer(color=color), pd.DataFrame({"kind": pd.Series(kinds, dtype=object)}))
    assert sum(row.count for row in symbols.classes) == len(kinds)
    for place, row in enumerate(symbols.classes):
        assert (symbols.codes == place).sum() == row.count


@pytest.mark.parametrize(
    ("value", "code"),
    [(np.True_, "true"), (np.int64(3), "3"), (np.float64("nan"), None), ((), None), (pd.NA, None)],
)
def test_values_have_one_code(value: object, code: str | None) -> None:
    assert code_of(value) == code


def test_symbolize_leaves_its_input() -> None:
    frame = pd.DataFrame({"kind": ["bay"]})
    before = frame.copy()
    symbolize(layer(color=By("kind", {"bay": "ok"})), frame)
    pd.testing.assert_frame_equal(frame, before)


def test_a_legend_class_is_frozen() -> None:
    row = symbolize(layer(), pd.DataFrame(index=["a"])).classes[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.count = 3  # type: ignore[misc]
