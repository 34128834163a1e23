from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.model import Layer, Schema, Style, Text
from geosvc.errors import PublishError
from geosvc.reports import agreement
from geosvc.reports.rows import Rows
from geosvc.symbology import LegendClass, Symbols

NONE = Text("", "")


def rows(name: str, count: int, *classes: int, unlocated: int = 0, outside: int = 0) -> Rows:
    layer = Layer(name, "", NONE, Schema("Point", "code", ()), Style("ring", "c"))
    parts = tuple(
        LegendClass(str(n), NONE, part, "c", "ring", None, 1.0, 1.0, 0.0)
        for n, part in enumerate(classes or (count,))
    )
    frame = pd.DataFrame(index=range(count))
    codes = np.zeros(count, dtype=np.int16)
    return Rows(layer, frame, Symbols(None, parts, codes), unlocated, outside)


SHOPS = rows("shops", 19, 3, 5, 11)
SITES = rows("sites", 2)


def refused(error: pytest.ExceptionInfo[PublishError]) -> list[tuple[str, str, str]]:
    return [(issue.code, issue.path, issue.found) for issue in error.value.issues]


def test_drawn_counted_and_said_agree() -> None:
    counts = {"shops": 19, "sites": 2}
    agreement.check_counts([SHOPS, SITES], counts, counts)


@pytest.mark.parametrize(
    ("drawn", "said", "found"),
    [
        ({"shops": 18}, {"shops": 19}, "18 / 19 / 19"),
        ({"shops": 19}, {"shops": 20}, "19 / 19 / 20"),
        ({}, {"shops": 19}, "– / 19 / 19"),
        ({"shops": 19}, {}, "19 / 19 / –"),
    ],
)
def test_any_other_number_is_refused(
    drawn: dict[str, int], said: dict[str, int], found: str
) -> None:
    with pytest.raises(PublishError) as error:
        agreement.check_counts([SHOPS], drawn, said)
    assert refused(error) == [("not_agreed", "shops", found)]


def test_a_layer_that_only_the_picture_has_is_refused() -> None:
    with pytest.raises(PublishError) as error:
        agreement.check_counts([SHOPS], {"shops": 19, "roads": 1}, {"shops": 19})
    assert refused(error) == [("not_agreed", "roads", "1 / – / –")]


def test_classes_sum_to_their_layer() -> None:
    wrong = rows("shops", 19, 3, 5, 10)
    with pytest.raises(PublishError) as error:
        agreement.check_counts([wrong], {"shops": 19}, {"shops": 19})
    assert refused(error) == [("not_sum", "shops", "3 + 5 + 10 = 18")]


def test_sums() -> None:
    agreement.check_sums([("shops", (3, 5, 11), 19), ("bays", (25, 14), 39), ("none", (), 0)])
    agreement.check_sums([("shares", (0.1, 0.2), 0.3)])
    with pytest.raises(PublishError) as error:
        agreement.check_sums([("shops", (3, 5, 11), 20), ("bays", (25, 14), 40)])
    assert [name for _, name, _ in refused(error)] == ["shops", "bays"]


@given(st.lists(st.integers(0, 10**6), min_size=1), st.integers(1, 10))
def test_parts_that_sum_pass_and_others_do_not(parts: list[int], more: int) -> None:
    agreement.check_sums([("x", parts, sum(parts))])
    with pytest.raises(PublishError):
        agreement.check_sums([("x", parts, sum(parts) + more)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "整治洗车店 19 家",
        "3 + 5 + 11 = 19",
        "关停3家、自行改造5家、重新选址11家，3＋5＋11＝19家",
        "第 7 起",
        "2024年6月30日，500 米以内，1.5 公里",
        "涉及 3 个镇",
        "1,905 米",
        "图 12",
    ],
)
def test_texts_that_say_what_was_counted(text: str) -> None:
    agreement.check_words(text, agreement.numbers_of([SHOPS]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("整治洗车店 20 家", "20"),
        ("共126起", "126"),
        ("共 1,905 起", "1,905"),
        ("3 + 5 + 11 = 20", "3 + 5 + 11 = 20"),
        ("2 + 2 = 4 家", "4"),
        ("7 处", "7"),
        ("7 个", "7"),
        ("7份", "7"),
    ],
)
def test_other_numbers_are_refused(text: str, said: str) -> None:
    with pytest.raises(PublishError) as error:
        agreement.check_words(text, agreement.numbers_of([SHOPS]))
    assert error.value.issues[0].path == said


def test_the_numbers_of_rows() -> None:
    found = agreement.numbers_of([SHOPS, rows("stops", 4, 4, unlocated=2, outside=1)])
    assert found == {0, 3, 5, 11, 19, 4, 2, 1, 7, 23}
    assert agreement.numbers_of([]) == {0}


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    with suppress(PublishError):
        agreement.check_words(text, {1})
