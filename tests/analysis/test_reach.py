"""Distances between pieces of street, held against all pairs of a subdivided network."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis import reach as module
from geosvc.analysis.reach import Reach
from geosvc.network import Snapped, StreetNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def _all_pairs(network: StreetNetwork, reach: Reach) -> Floats:
    """Floyd and Warshall over every vertex and every middle of a piece."""
    pieces, vertices = len(reach), len(network.vertices_xy)
    distance = np.full((pieces + vertices,) * 2, np.inf)
    np.fill_diagonal(distance, 0.0)
    for segment, (begin, end) in enumerate((network.segments + pieces).tolist()):
        own = np.flatnonzero(reach.segment == segment).tolist()
        middles = [float(reach.start_m[at] + reach.end_m[at]) / 2 for at in own]
        stations = [0.0, *middles, float(network.lengths_m[segment])]
        for (a, at), (b, to) in itertools.pairwise(zip([begin, *own, end], stations, strict=True)):
            distance[a, b] = distance[b, a] = min(distance[a, b], to - at)
    for via in range(len(distance)):
        distance = np.minimum(distance, distance[:, [via]] + distance[[via]])
    return distance[:pieces, :pieces]


def _dense(reach: Reach) -> Floats:
    distance = np.full((len(reach), len(reach)), np.inf)
    row = np.repeat(np.arange(len(reach)), np.diff(reach.around))
    distance[row, reach.near] = reach.distance_m
    return distance


@st.composite
def networks(draw: st.DrawFn) -> tuple[StreetNetwork, NDArray[np.bool_]]:
    """Small tangles: parallel segments, loops, zero lengths, several parts; some without pieces."""
    vertices = draw(st.integers(2, 6))
    ends = st.tuples(st.integers(0, vertices - 1), st.integers(0, vertices - 1))
    segments = draw(st.lists(ends, min_size=1, max_size=9))
    count = len(segments)
    lengths = draw(st.lists(st.integers(0, 12), min_size=count, max_size=count))
    kept = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    xy = np.random.default_rng(count).normal(size=(vertices, 2))
    lengths_m = 10.0 * np.array(lengths)
    return StreetNetwork.from_segments(xy, segments, lengths_m=lengths_m), np.array(kept)


@given(networks(), st.sampled_from([7.0, 25.0, 1000.0]), st.sampled_from([13.0, 60.0, 500.0]))
def test_all_pairs_within_the_limit_and_no_others(
    drawn: tuple[StreetNetwork, NDArray[np.bool_]], lixel_m: float, limit_m: float
) -> None:
    network, kept = drawn
    reach = Reach.of(network, kept, lixel_m=lixel_m, limit_m=limit_m)
    expected = _all_pairs(network, reach)
    undecided = np.abs(expected - limit_m) < 1e-5
    expected[expected > limit_m] = np.inf
    found = _dense(reach)
    np.testing.assert_allclose(found[~undecided], expected[~undecided], atol=1e-9)


@given(networks())
def test_blocks_of_pieces_make_no_difference(
    drawn: tuple[StreetNetwork, NDArray[np.bool_]],
) -> None:
    network, kept = drawn
    whole = Reach.of(network, kept, lixel_m=10, limit_m=60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SOURCES", 2)
        parts = Reach.of(network, kept, lixel_m=10, limit_m=60)
    assert parts.near.tolist() == whole.near.tolist()
    np.testing.assert_allclose(parts.distance_m, whole.distance_m, atol=1e-9)


@given(networks())
def test_the_distances_are_those_of_the_network(
    drawn: tuple[StreetNetwork, NDArray[np.bool_]],
) -> None:
    network, kept = drawn
    reach = Reach.of(network, kept, lixel_m=25, limit_m=1000)
    middles = Snapped(reach.segment, (reach.start_m + reach.end_m) / 2, np.zeros(len(reach)))
    along_streets = network.distances(middles, middles, limit_m=1000)
    np.testing.assert_allclose(_dense(reach), along_streets, atol=1e-6)


def test_the_limit_is_inclusive_where_sums_are_rounded() -> None:
    street = StreetNetwork.from_segments([[0, 0], [1, 0]], [[0, 1]], lengths_m=[0.7])
    reach = Reach.of(street, np.array([True]), lixel_m=0.1, limit_m=0.3)
    assert len(reach) == 7
    assert np.diff(reach.around).tolist() == [4, 5, 6, 7, 6, 5, 4]
    assert reach.rings(np.array([0.1, 0.3]))[:4].tolist() == [0, 0, 1, 1]


def test_a_street_without_pieces_still_leads_somewhere() -> None:
    xy = [[0, 0], [10, 0], [20, 0], [30, 0]]
    street = StreetNetwork.from_segments(xy, [[0, 1], [1, 2], [2, 3]])
    reach = Reach.of(street, np.array([True, False, True]), lixel_m=10, limit_m=20)
    assert _dense(reach).tolist() == [[0.0, 20.0], [20.0, 0.0]]


def test_a_place_lies_in_exactly_one_piece() -> None:
    xy = [[0, 0], [100, 0], [100, 70]]
    street = StreetNetwork.from_segments(xy, [[0, 1], [1, 2], [0, 2]])
    reach = Reach.of(street, np.array([True, True, False]), lixel_m=30, limit_m=50)
    offset = np.concatenate([reach.start_m, reach.end_m, (reach.start_m + reach.end_m) / 2])
    segment = np.tile(reach.segment, 3)
    held = reach.place(Snapped(segment, offset, np.zeros(len(offset))))
    ends, middles = held[len(reach) : 2 * len(reach)], held[2 * len(reach) :]
    assert ends.tolist() == middles.tolist() == list(range(len(reach)))
    assert held[: len(reach)].tolist() == [0, 0, 1, 2, 4, 4, 5]


@given(st.floats(0.001, 500), st.floats(0, 1))
def test_the_pieces_own_ends_decide(length_m: float, share: float) -> None:
    street = StreetNetwork.from_segments([[0, 0], [1, 0]], [[0, 1]], lengths_m=[length_m])
    reach = Reach.of(street, np.array([True]), lixel_m=length_m / 11.3, limit_m=1)
    for offset in (share * length_m, *reach.end_m.tolist()):
        (piece,) = reach.place(Snapped(np.array([0]), np.array([offset]), np.zeros(1))).tolist()
        assert offset <= reach.end_m[piece]
        assert offset > reach.start_m[piece] or piece == 0


def test_places_that_do_not_count_and_places_that_cannot_be() -> None:
    street = StreetNetwork.from_segments([[0, 0], [100, 0], [200, 0]], [[0, 1], [1, 2]])
    reach = Reach.of(street, np.array([True, False]), lixel_m=30, limit_m=50)
    beside = Snapped(np.array([-1, 1]), np.array([np.nan, 50.0]), np.array([np.nan, 0.0]))
    assert reach.place(beside).tolist() == [-1, -1]
    for segment, offset in ((2, 5.0), (0, 101.0), (0, -1.0), (0, np.nan)):
        with pytest.raises(ValueError, match="a place"):
            reach.place(Snapped(np.array([segment]), np.array([offset]), np.zeros(1)))


@pytest.mark.parametrize("limit_m", [0.0, -1.0, np.inf, np.nan])
def test_a_limit_is_a_length(limit_m: float) -> None:
    street = StreetNetwork.from_segments([[0, 0], [100, 0]], [[0, 1]])
    with pytest.raises(ValueError, match="limit_m"):
        Reach.of(street, np.array([True]), lixel_m=30, limit_m=limit_m)
