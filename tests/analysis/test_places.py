"""The nearest place, disjoint places, and which are comparable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.places import lay_places, match, nearest
from geosvc.network import Snapped, StreetNetwork

NOWHERE = Snapped(np.array([]), np.array([]), np.array([]))


def _grid(side: int, step_m: float = 500.0) -> StreetNetwork:
    xy = [[step_m * x, step_m * y] for y in range(side) for x in range(side)]
    right = [[at, at + 1] for at in range(side * side) if (at + 1) % side]
    up = [[at, at + side] for at in range(side * (side - 1))]
    return StreetNetwork.from_segments(xy, [*right, *up])


def _at(network: StreetNetwork, shares: list[tuple[int, float]]) -> Snapped:
    """Place points on segments (modulo their number), at a share of the way; -1 is nowhere."""
    count = len(network.segments)
    segment = np.array([-1 if at < 0 else at % count for at, _ in shares], dtype=np.int64)
    offset = np.array([share for _, share in shares]) * network.lengths_m[segment]
    return Snapped(segment, np.where(segment < 0, np.nan, offset), np.zeros(len(shares)))


spots = st.lists(st.tuples(st.integers(-1, 40), st.floats(0, 1)), max_size=6)


@given(spots, spots, st.sampled_from([0.0, 120.0, 700.0, np.inf]))
def test_the_nearest_is_the_least_of_all_distances(
    places: list[tuple[int, float]], targets: list[tuple[int, float]], limit_m: float
) -> None:
    network = _grid(4)
    from_, to = _at(network, places), _at(network, targets)
    number, distance_m = nearest(network, from_, to, limit_m=limit_m)
    every = network.distances(from_, to, limit_m=limit_m)
    best = every.min(axis=0, initial=np.inf)
    np.testing.assert_allclose(distance_m, best, atol=1e-6)
    assert ((number >= 0) == np.isfinite(best)).all()
    found = np.flatnonzero(number >= 0)
    np.testing.assert_allclose(every[number[found], found], best[found], atol=1e-6)


def test_other_parts_of_the_network_are_not_near() -> None:
    xy = [[0, 0], [100, 0], [0, 5], [100, 5]]
    network = StreetNetwork.from_segments(xy, [[0, 1], [2, 3]])
    one, other = (Snapped(np.array([at]), np.array([50.0]), np.zeros(1)) for at in (0, 1))
    number, distance_m = nearest(network, one, other, limit_m=np.inf)
    assert (number.tolist(), distance_m.tolist()) == ([-1], [np.inf])


@pytest.fixture(scope="module")
def town() -> StreetNetwork:
    return _grid(12)


def _everywhere(network: StreetNetwork) -> Snapped:
    count = len(network.segments)
    return Snapped(np.arange(count), np.full(count, 250.0), np.zeros(count))


def test_places_are_disjoint_and_keep_away(town: StreetNetwork) -> None:
    site = Snapped(np.array([0]), np.array([0.0]), np.zeros(1))
    laid = lay_places(town, near=(_everywhere(town), 500), far=(site, 2000), seed=1)
    between = town.distances(laid, laid)
    assert len(laid) > 10
    assert (between[~np.eye(len(laid), dtype=bool)] > 1000).all()
    assert (town.distances(site, laid) > 2000).all()


def test_no_place_can_be_added(town: StreetNetwork) -> None:
    laid = lay_places(town, near=(_everywhere(town), 500), far=(NOWHERE, 2000), seed=1)
    again = lay_places(town, near=(_everywhere(town), 500), far=(laid, 1000), seed=2)
    assert len(again) == 0


def test_places_have_a_case_within_reach(town: StreetNetwork) -> None:
    case = Snapped(np.array([60]), np.array([100.0]), np.zeros(1))
    laid = lay_places(town, near=(case, 500), far=(NOWHERE, 2000), seed=3)
    assert len(laid) == 1
    assert (town.distances(laid, case) <= 500).all()


def test_the_number_of_cases_does_not_matter(town: StreetNetwork) -> None:
    once = _everywhere(town)
    segment = np.r_[once.segment, np.repeat(once.segment[:40], 9)]
    many = Snapped(segment, np.full(len(segment), 250.0), np.zeros(len(segment)))
    far = NOWHERE, 2000.0
    one, other = (lay_places(town, near=(cases, 500), far=far, seed=4) for cases in (once, many))
    assert one.segment.tolist() == other.segment.tolist()


def test_the_seed_decides(town: StreetNetwork) -> None:
    def laid(seed: int) -> list[int]:
        near = _everywhere(town), 500.0
        return list(lay_places(town, near=near, far=(NOWHERE, 1), seed=seed).segment)

    assert laid(1) == laid(1)
    assert laid(1) != laid(2)


def test_a_network_without_streets_has_no_places() -> None:
    empty = StreetNetwork.from_segments([], [])
    assert len(lay_places(empty, near=(NOWHERE, 500), far=(NOWHERE, 500), seed=1)) == 0


@pytest.mark.parametrize(
    ("own", "like"),
    [(0, [0, 1]), (3, [2, 3, 4]), (10, [9, 10, 11]), (20, [17, 18, 20, 23]), (100, [85, 115])],
)
def test_comparable_is_a_few_percent_or_one_case(own: int, like: list[int]) -> None:
    unlike = [own * 116 // 100 + 2, own * 84 // 100 - 2]
    group = match(np.array([[level] for level in [*like, *unlike]]), [own])
    assert group.tolist() == [0] * len(like) + [-1, -1]


@given(st.lists(st.integers(0, 30), max_size=20), st.lists(st.integers(0, 30), max_size=4))
def test_matching_is_fair_and_only_among_the_like(levels: list[int], own: list[int]) -> None:
    group = match(np.repeat(np.array(levels)[:, None], len(own), axis=1), own)
    for level, step in zip(levels, group, strict=True):
        like = [at for at, other in enumerate(own) if abs(level - other) <= max(1, 0.15 * other)]
        assert step in (like or [-1])
    for level in set(own):
        held = [int((group == at).sum()) for at, other in enumerate(own) if other == level]
        assert max(held) - min(held) <= 1
