from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.network import Snapped, StreetNetwork
from geosvc.network import distances as module

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LENGTHS = st.sampled_from([0.0, 0.0, 1.0, 2.5, 7.25, 30.0])
SHARES = st.sampled_from([0.0, 0.25, 0.5, 1.0])
Town = tuple[StreetNetwork, Snapped, Snapped]


def places(*given_places: tuple[int, float]) -> Snapped:
    segment = np.array([segment for segment, _ in given_places], dtype=np.int64)
    offset_m = np.array([offset for _, offset in given_places], dtype=np.float64)
    return Snapped(segment, offset_m, np.zeros(len(segment)))


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """A small network with all that can go wrong, and places on it."""
    count = draw(st.integers(1, 6))
    vertex = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(vertex, vertex), max_size=9))
    lengths = draw(st.lists(LENGTHS, min_size=len(pairs), max_size=len(pairs)))
    network = StreetNetwork.from_segments(
        np.arange(2.0 * count).reshape(-1, 2), pairs, lengths_m=lengths
    )
    place = st.tuples(st.integers(-1, len(pairs) - 1), SHARES)
    both = draw(st.tuples(st.lists(place, max_size=5), st.lists(place, max_size=5)))
    sources, targets = (
        places(*((at, lengths[at] * share if at >= 0 else np.nan) for at, share in found))
        for found in both
    )
    return network, sources, targets


def walked(network: StreetNetwork, sources: Snapped, targets: Snapped) -> Floats:
    """Put every place into the network as a vertex, and try all ways (Floyd and Warshall)."""
    count, many = len(network.vertices_xy), len(sources) + len(targets)
    far = np.full((count + many, count + many), np.inf)
    np.fill_diagonal(far, 0.0)
    segment = np.concatenate([sources.segment, targets.segment])
    offset_m = np.concatenate([sources.offset_m, targets.offset_m])
    for at, (start, end) in enumerate(network.segments):
        on = np.flatnonzero(segment == at)
        on = on[np.argsort(offset_m[on])]
        stops = [start, *(count + on), end]
        along = [0.0, *offset_m[on], network.lengths_m[at]]
        for here, there, step in zip(stops, stops[1:], np.diff(along), strict=False):
            far[here, there] = far[there, here] = min(far[here, there], step)
    for via in range(count + many):
        far = np.minimum(far, far[:, [via]] + far[[via], :])
    found = far[count : count + len(sources), count + len(sources) :].copy()
    found[~sources.is_placed] = np.inf
    found[:, ~targets.is_placed] = np.inf
    return found


@given(town=towns())
def test_distances_are_those_of_the_shortest_of_all_ways(town: Town) -> None:
    network, sources, targets = town
    assert network.distances(sources, targets) == pytest.approx(walked(*town), abs=1e-9)


@given(town=towns(), limit_m=st.sampled_from([0.0, 1.0, 3.5, 7.25, 12.0]))
def test_a_limit_takes_away_what_lies_beyond_it_and_nothing_else(
    town: Town, limit_m: float
) -> None:
    # every length is a sum of quarters, which floats hold exactly
    network, sources, targets = town
    expected = walked(*town)
    expected[expected > limit_m] = np.inf
    assert network.distances(sources, targets, limit_m=limit_m).tolist() == expected.tolist()


@given(town=towns())
def test_it_is_as_far_there_as_back(town: Town) -> None:
    network, sources, targets = town
    back = network.distances(targets, sources)
    assert network.distances(sources, targets) == pytest.approx(back.T)


@given(town=towns(), held=st.integers(1, 40))
def test_blocks_make_no_difference(town: Town, held: int) -> None:
    network, sources, targets = town
    whole = network.distances(sources, targets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_HELD", held)
        assert network.distances(sources, targets).tolist() == whole.tolist()


@given(town=towns(), seed=st.integers(0, 99))
def test_the_order_of_segments_and_their_direction_do_not_matter(town: Town, seed: int) -> None:
    network, sources, targets = town
    order = np.random.default_rng(seed).permutation(len(network.segments))
    mixed = StreetNetwork.from_segments(
        network.vertices_xy, network.segments[order, ::-1], lengths_m=network.lengths_m[order]
    )
    # the last entry stands for a place without a segment
    number = np.append(np.argsort(order), -1)
    length = np.append(network.lengths_m, np.nan)
    turned = [
        Snapped(number[one.segment], length[one.segment] - one.offset_m, one.distance_m)
        for one in (sources, targets)
    ]
    assert mixed.distances(*turned) == pytest.approx(network.distances(sources, targets))


def test_on_one_segment_the_way_is_direct() -> None:
    street = StreetNetwork.from_segments([[0, 0], [100, 0]], [[0, 1]])
    assert street.distances(places((0, 20)), places((0, 90), (0, 20))).tolist() == [[70, 0]]


def test_the_way_around_is_taken_where_it_is_shorter() -> None:
    # a bend of 100 m beside a straight street of 10 m
    both = StreetNetwork.from_segments([[0, 0], [10, 0]], [[0, 1], [1, 0]], lengths_m=[100, 10])
    assert both.distances(places((0, 1)), places((0, 99), (0, 41))).tolist() == [[12, 40]]
    assert both.distances(places((0, 5)), places((1, 10))).tolist() == [[5]]


def test_a_street_that_comes_back_to_where_it_began() -> None:
    loop = StreetNetwork.from_segments([[0, 0]], [[0, 0]], lengths_m=[100])
    assert loop.distances(places((0, 5)), places((0, 95), (0, 50))).tolist() == [[10, 45]]


def test_a_segment_of_no_length_joins_its_ends() -> None:
    vertices = [[0, 0], [5, 0], [5, 1], [9, 1]]
    joined = StreetNetwork.from_segments(vertices, [[0, 1], [1, 2], [2, 3]], lengths_m=[5, 0, 4])
    assert joined.distances(places((0, 2), (1, 0)), places((2, 1))).tolist() == [[4], [1]]


def test_no_street_leads_to_another_component_or_to_a_place_without_segment() -> None:
    apart = StreetNetwork.from_segments([[0, 0], [5, 0], [50, 0], [55, 0]], [[0, 1], [2, 3]])
    found = apart.distances(places((0, 1), (-1, np.nan)), places((1, 1), (-1, np.nan), (0, 1)))
    assert found.tolist() == [[np.inf, np.inf, 0], [np.inf] * 3]


def test_the_limit_is_inclusive() -> None:
    street = StreetNetwork.from_segments([[0, 0], [30, 0], [60, 0]], [[0, 1], [1, 2]])
    here, there = places((0, 10)), places((1, 20), (1, 21), (0, 10))
    assert street.distances(here, there, limit_m=40).tolist() == [[40, np.inf, 0]]
    assert street.distances(here, there, limit_m=0).tolist() == [[np.inf, np.inf, 0]]


def test_places_can_be_given_as_lists() -> None:
    street = StreetNetwork.from_segments([[0, 0], [30, 0]], [[0, 1]])
    here = Snapped([0, -1], [10, np.nan], [0, np.nan])  # type: ignore[arg-type]
    assert street.distances(here, here).tolist() == [[0, np.inf], [np.inf, np.inf]]


def test_how_far_beside_a_street_a_point_lay_does_not_count() -> None:
    street = StreetNetwork.from_segments([[0, 0], [30, 0]], [[0, 1]])
    snapped = street.snap([[3, 40], [13, -40]], limit_m=50)
    assert street.distances(snapped, snapped).tolist() == [[0, 10], [10, 0]]


def test_on_a_grid_the_way_goes_around_the_blocks() -> None:
    size = 12
    at = np.arange(size * size).reshape(size, size)
    pairs = np.concatenate([
        np.stack([at[:, :-1].ravel(), at[:, 1:].ravel()], axis=1),
        np.stack([at[:-1].ravel(), at[1:].ravel()], axis=1),
    ])  # fmt: skip
    xy = np.stack(np.divmod(np.arange(size * size), size), axis=1)[:, ::-1] * 100.0
    grid = StreetNetwork.from_segments(xy, pairs)
    chosen = np.random.default_rng(1).integers(0, size * size, (40, 2))
    sources, targets = (grid.snap(xy[one], limit_m=1) for one in chosen.T)
    taxi = np.abs(xy[chosen[:, 0], None] - xy[chosen[:, 1]]).sum(axis=2)
    assert grid.distances(sources, targets).tolist() == taxi.tolist()


@pytest.mark.parametrize(
    ("segment", "offset_m", "wanted"),
    [
        (2, 1.0, "no such segment"),
        (-2, 1.0, "no such segment"),
        (0, -0.1, "beyond"),
        (0, 10.1, "beyond"),
        (1, 0.1, "beyond"),
        (0, np.nan, "beyond"),
    ],
)
def test_places_that_are_not_on_the_network(segment: int, offset_m: float, wanted: str) -> None:
    street = StreetNetwork.from_segments([[0, 0], [10, 0]], [[0, 1], [1, 1]])
    right, wrong = places((0, 1)), places((segment, offset_m))
    with pytest.raises(ValueError, match=wanted):
        street.distances(right, wrong)
    with pytest.raises(ValueError, match=wanted):
        street.distances(wrong, right)


def test_an_offset_may_miss_its_segment_by_a_rounding() -> None:
    street = StreetNetwork.from_segments([[0, 0], [10, 0]], [[0, 1]])
    found = street.distances(places((0, 10 + 1e-9)), places((0, -1e-9)))
    assert found == pytest.approx(10, abs=1e-8)


@pytest.mark.parametrize("limit_m", [-1.0, np.nan])
def test_a_limit_that_is_none(limit_m: float) -> None:
    street = StreetNetwork.from_segments([[0, 0], [10, 0]], [[0, 1]])
    with pytest.raises(ValueError, match="at least 0"):
        street.distances(places((0, 1)), places((0, 1)), limit_m=limit_m)


def test_nothing_to_measure() -> None:
    nothing = StreetNetwork.from_segments([], [])
    unplaced = places((-1, np.nan))
    assert nothing.distances(unplaced, unplaced).tolist() == [[np.inf]]
    assert nothing.distances(places(), unplaced).shape == (0, 1)
    assert nothing.distances(places(), places()).shape == (0, 0)


def test_the_input_is_not_changed() -> None:
    street = StreetNetwork.from_segments([[0, 0], [10, 0]], [[0, 1]])
    here, there = places((0, 10 + 1e-9)), places((0, 1))
    street.distances(here, there, limit_m=2)
    assert (here.offset_m.tolist(), there.offset_m.tolist()) == ([10 + 1e-9], [1])
