"""Windows: what they hold, how they are counted, how their counts are weighed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.windows import MIN_VISITS, Windows
from geosvc.errors import AnalysisError
from geosvc.network import StreetNetwork


def _cross() -> StreetNetwork:
    xy = [[0, 0], [300, 0], [0, 300], [-300, 0], [0, -300]]
    return StreetNetwork.from_segments(xy, [[0, 1], [0, 2], [0, 3], [0, 4]])


def _windows(exposure_m: list[float] | None = None) -> Windows:
    exposure = [300.0, 300.0, 300.0, 150.0] if exposure_m is None else exposure_m
    return Windows.of(_cross(), exposure_m=exposure, radii_m=[120, 60, 60], lixel_m=30)


def _ratio(count: int, expected: float, n: int) -> float:
    """The published formula, term by term."""
    if count < MIN_VISITS or count <= expected:
        return 0.0
    outside = (n - count) * math.log((n - count) / (n - expected)) if count < n else 0.0
    return count * math.log(count / expected) + outside


def test_radii_are_sorted_and_counted_once() -> None:
    assert _windows().radii_m == (60.0, 120.0)


def test_members_are_all_pieces_within_the_radius() -> None:
    windows = _windows()
    # the first piece of an arm: two more on its own, and one or three on each other arm
    assert windows.members(0).tolist() == [0, 1, 2, 10, 11, 20, 21, 30, 31]
    assert windows.members(len(windows.reach) + 9).tolist() == [5, 6, 7, 8, 9]
    assert len(windows.members(len(windows.reach))) == 5 + 3 * 4


def test_exposure_is_what_the_members_bring() -> None:
    windows = _windows()
    summed = [
        windows.exposure_m[windows.members(at)].sum()
        for at in range(len(windows.window_exposure_m))
    ]
    np.testing.assert_allclose(windows.window_exposure_m, summed, rtol=1e-12)
    assert windows.exposure_total_m == pytest.approx(1050.0)
    assert windows.exposure_m[[0, 39]].tolist() == [30.0, 15.0]


@given(st.lists(st.integers(0, 39), max_size=30))
def test_counts_are_members_counted(pieces: list[int]) -> None:
    windows = _windows()
    given_pieces = np.array(pieces, dtype=np.int64)
    counted = [
        int(np.isin(given_pieces, windows.members(at)).sum())
        for at in range(len(windows.window_exposure_m))
    ]
    assert windows.counts(given_pieces).tolist() == counted


@given(st.lists(st.integers(0, 39), min_size=1, max_size=60))
def test_ratios_follow_the_formula(pieces: list[int]) -> None:
    windows, n = _windows(), len(pieces)
    counts, chance = windows.counts(np.array(pieces)), windows.chance(n)
    expected = n * windows.window_exposure_m / windows.exposure_total_m
    allowed = windows.window_exposure_m <= windows.exposure_total_m / 2
    by_hand = [
        _ratio(int(count), float(mean), n) if may else 0.0
        for count, mean, may in zip(counts, expected, allowed, strict=True)
    ]
    np.testing.assert_allclose(chance.ratios(counts), by_hand, atol=1e-9)
    assert chance.largest(counts) == chance.ratios(counts).max()


def test_a_known_answer() -> None:
    # 8 of 10 where 2 are expected: 8 ln 4 + 2 ln (2 / 8)
    xy = [[0, 0], [20, 0], [1000, 0], [1080, 0]]
    network = StreetNetwork.from_segments(xy, [[0, 1], [2, 3]])
    windows = Windows.of(network, exposure_m=[20, 80], radii_m=[10], lixel_m=20)
    counts = windows.counts(np.array([0] * 8 + [3, 4]))
    assert windows.chance(10).largest(counts) == pytest.approx(8.317766, abs=1e-6)


def test_more_than_half_of_the_exposure_is_no_window() -> None:
    xy = [[0, 0], [20, 0], [1000, 0], [1020, 0]]
    network = StreetNetwork.from_segments(xy, [[0, 1], [2, 3]])
    for exposure, found in (([10.0, 10.0], True), ([10.1, 10.0], False)):
        windows = Windows.of(network, exposure_m=exposure, radii_m=[50], lixel_m=50)
        counts = windows.counts(np.zeros(9, dtype=np.int64))
        assert (windows.chance(9).largest(counts) > 0) is found


def test_four_visits_are_no_hotspot_and_five_can_be() -> None:
    windows = _windows()
    weigh = windows.chance(20).largest
    assert weigh(windows.counts(np.array([9] * 4))) == 0.0
    assert weigh(windows.counts(np.array([9] * 5))) > 0.0


def test_a_street_that_was_not_surveyed_has_no_pieces() -> None:
    windows = _windows([300.0, 0.0, 300.0, 0.0])
    assert sorted(set(windows.reach.segment.tolist())) == [0, 2]
    assert (windows.window_exposure_m > 0).all()


@pytest.mark.parametrize("exposure", [[0, 0, 0, 0], [0.0, 0.0, 0.0, -0.0]])
def test_nothing_surveyed_is_said(exposure: list[float]) -> None:
    with pytest.raises(AnalysisError) as caught:
        _windows(exposure)
    assert caught.value.reason == "nothing_surveyed"


def test_a_network_of_zero_length_was_not_surveyed() -> None:
    network = StreetNetwork.from_segments([[0, 0], [0, 0]], [[0, 1]])
    with pytest.raises(AnalysisError, match="nothing_surveyed"):
        Windows.of(network, exposure_m=[5.0], radii_m=[50], lixel_m=25)


@pytest.mark.parametrize("exposure", [[1, 1, 1], [1, 1, 1, -1], [1, 1, 1, np.nan], 5])
def test_exposure_is_one_amount_a_segment(exposure: list[float]) -> None:
    with pytest.raises(ValueError, match="exposure_m"):
        Windows.of(_cross(), exposure_m=exposure, radii_m=[50], lixel_m=25)


@pytest.mark.parametrize("radii", [[], [0], [-5, 50], [np.inf], [np.nan]])
def test_radii_are_lengths(radii: list[float]) -> None:
    with pytest.raises(ValueError, match="radii_m"):
        Windows.of(_cross(), exposure_m=[1, 1, 1, 1], radii_m=radii, lixel_m=25)
