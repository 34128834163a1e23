from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.network.lixels import cut

LENGTHS = st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 3e4)), max_size=20)
PIECES = st.floats(0.5, 500)


@given(lengths=LENGTHS, length_m=PIECES)
def test_pieces_add_up_and_none_is_too_long(lengths: list[float], length_m: float) -> None:
    whole = np.array(lengths)
    starts = np.zeros((len(whole), 2))
    ends = np.stack([whole, np.zeros(len(whole))], axis=1)
    lixels = cut(starts, ends, whole, length_m=length_m)
    assert (lixels.length_m <= length_m).all()
    assert lixels.length_m.sum() == pytest.approx(whole.sum(), rel=1e-9)
    for segment, length in enumerate(lengths):
        own = lixels.segment == segment
        assert own.any() == (length > 0)
        assert np.ptp(lixels.length_m[own]) == 0 if own.any() else True
        assert lixels.length_m[own].sum() == pytest.approx(length, rel=1e-9)
        # no more pieces than needed
        assert own.sum() <= np.ceil(length / length_m * (1 + 1e-12)) + 1


@given(lengths=LENGTHS, length_m=PIECES)
def test_pieces_follow_each_other_without_a_gap(lengths: list[float], length_m: float) -> None:
    whole = np.array(lengths)
    turned = np.stack([whole * 0.6, whole * 0.8], axis=1)
    lixels = cut(np.ones((len(whole), 2)), turned + 1, whole, length_m=length_m)
    assert (np.diff(lixels.segment) >= 0).all()
    for segment in np.unique(lixels.segment):
        own = np.flatnonzero(lixels.segment == segment)
        assert lixels.start_m[own[0]] == 0
        assert lixels.end_m[own[-1]] == whole[segment]
        assert (lixels.start_m[own[1:]] == lixels.end_m[own[:-1]]).all()
        tips = shapely.get_coordinates(lixels.geometry[own]).reshape(-1, 2, 2)
        assert (tips[1:, 0] == tips[:-1, 1]).all()
        assert tips[-1, 1].tolist() == (turned[segment] + 1).tolist()
    lengths_drawn = shapely.length(lixels.geometry)
    assert np.allclose(lengths_drawn, lixels.length_m, rtol=1e-9, atol=1e-9)


def test_known_pieces() -> None:
    lixels = cut(np.zeros((1, 2)), np.array([[10.0, 0.0]]), np.array([10.0]), length_m=4)
    assert lixels.segment.tolist() == [0, 0, 0]
    assert lixels.start_m == pytest.approx([0, 10 / 3, 20 / 3])
    assert lixels.geometry[2].equals_exact(shapely.LineString([(20 / 3, 0), (10, 0)]), 1e-12)


def test_a_length_that_fits_is_not_cut_finer() -> None:
    lixels = cut(np.zeros((1, 2)), np.array([[300.0, 0.0]]), np.array([300.0]), length_m=100)
    assert lixels.length_m.tolist() == [100.0, 100.0, 100.0]


def test_a_longer_way_than_the_straight_one_is_shared_out() -> None:
    lixels = cut(np.zeros((1, 2)), np.array([[10.0, 0.0]]), np.array([30.0]), length_m=15)
    assert lixels.end_m.tolist() == [15.0, 30.0]
    assert shapely.length(lixels.geometry).tolist() == [5.0, 5.0]


def test_infinity_leaves_segments_whole() -> None:
    lixels = cut(np.zeros((1, 2)), np.array([[10.0, 0.0]]), np.array([10.0]), length_m=np.inf)
    assert lixels.length_m.tolist() == [10.0]


@pytest.mark.parametrize("length_m", [0.0, -1.0, np.nan])
def test_a_length_must_be_positive(length_m: float) -> None:
    nothing = np.empty((0, 2))
    with pytest.raises(ValueError, match="positive"):
        cut(nothing, nothing, np.empty(0), length_m=length_m)


def test_no_segments_have_no_pieces() -> None:
    nothing = np.empty((0, 2))
    assert len(cut(nothing, nothing, np.empty(0), length_m=5)) == 0
