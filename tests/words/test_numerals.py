from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.words.numerals import ABSENT, day, fixed, kilometers, number, percent, probability


@given(st.integers(-(10**9), 10**9))
def test_a_whole_number_keeps_its_value(value: int) -> None:
    assert int(number(value, 2).replace(",", "")) == value
    assert float(fixed(value, 1).replace(",", "")) == value


@given(st.floats(0.0001, 1))
def test_a_probability_is_never_told_as_none(value: float) -> None:
    shown = float(probability(value))
    assert 0 < shown <= 1
    assert abs(shown - value) <= 0.1 * value + 0.005


@pytest.mark.parametrize("write", [number, percent, probability, kilometers])
def test_what_is_not_there_is_a_dash(write: object) -> None:
    assert callable(write)
    assert write(None) == ABSENT


@pytest.mark.parametrize(
    ("share", "shown"), [(1.0, "100"), (0.005, "0.5"), (0.999, "100"), (-0.005, "-0.5")]
)
def test_a_share_is_told_in_hundredths(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_a_day_that_is_none_stays_as_it_is() -> None:
    assert (day("soon", "en"), day("", "zh"), day("2024-02-30", "zh")) == (
        "soon",
        "–",
        "2024-02-30",
    )
