from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.network import StreetNetwork
from geosvc.network.links import Links

PAIRS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14)
PLACES = [(0, 0), (10, 0), (10, 7), (3, 9), (-4, 4), (22, 1), (5, -6), (17, 17)]


def network(pairs: list[tuple[int, int]]) -> StreetNetwork:
    return StreetNetwork.from_segments(PLACES, pairs)


def degrees(pairs: list[tuple[int, int]]) -> list[int]:
    real = [pair for pair in pairs if pair[0] != pair[1]]
    return [sum(pair.count(at) for pair in real) for at in range(len(PLACES))]


def test_bends_are_joined_and_junctions_stay() -> None:
    links = Links.of(network([(0, 1), (2, 1), (2, 3), (2, 4)]))
    assert sorted(map(sorted, links.ends.tolist())) == [[0, 2], [2, 3], [2, 4]]
    assert links.length_m[links.link[0]] == pytest.approx(17)
    assert links.link[0] == links.link[1]


def test_a_ring_alone_is_one_link() -> None:
    links = Links.of(network([(0, 1), (1, 2), (2, 0)]))
    assert links.ends[0, 0] == links.ends[0, 1]
    assert links.length_m == pytest.approx([10 + 7 + np.hypot(10, 7)])


def test_two_parallel_streets_are_a_ring() -> None:
    links = Links.of(StreetNetwork.from_segments([[0, 0], [4, 0]], [[0, 1], [0, 1]]))
    assert links.length_m.tolist() == [8]


def test_a_segment_of_no_length_has_no_link() -> None:
    links = Links.of(network([(0, 0), (0, 1)]))
    assert links.link.tolist() == [-1, 0]


def test_a_link_ends_where_a_segment_of_no_length_leads_elsewhere() -> None:
    pairs = [(0, 1), (1, 2), (1, 3), (3, 4)]
    links = Links.of(StreetNetwork.from_segments(PLACES, pairs, lengths_m=[5, 6, 0, 7]))
    assert links.link.tolist()[2] == -1
    assert sorted(map(sorted, links.ends.tolist())) == [[0, 1], [1, 2], [3, 4]]


@given(pairs=PAIRS)
def test_every_segment_lies_on_its_link(pairs: list[tuple[int, int]]) -> None:
    given_network = network(pairs)
    links = Links.of(given_network)
    real = given_network.lengths_m > 0
    assert links.length_m.sum() == pytest.approx(given_network.lengths_m.sum())
    assert (links.link[real] >= 0).all()
    first, last = links.start_m, links.start_m + links.direction * given_network.lengths_m
    for of, length in enumerate(links.length_m):
        on = np.flatnonzero(links.link == of)
        spans = sorted((min(first[at], last[at]), max(first[at], last[at])) for at in on)
        assert spans[0][0] == pytest.approx(0)
        assert spans[-1][1] == pytest.approx(length)
        for before, after in pairwise(spans):
            assert before[1] == pytest.approx(after[0])


@given(pairs=PAIRS)
def test_ends_are_the_vertices_where_not_two_meet(pairs: list[tuple[int, int]]) -> None:
    links = Links.of(network(pairs))
    degree = degrees(pairs)
    rings = {tuple(ends) for ends in links.ends.tolist() if ends[0] == ends[1]}
    joined = {at for ends in links.ends.tolist() for at in ends if tuple(ends) not in rings}
    assert {at for at in joined if degree[at] == 2} == set()
    junctions = {at for at, count in enumerate(degree) if count not in {0, 2}}
    assert junctions <= set(links.ends.reshape(-1).tolist())


@given(pairs=PAIRS, shares=st.lists(st.floats(0, 1), min_size=14, max_size=14))
def test_places_meet_at_shared_vertices(pairs: list[tuple[int, int]], shares: list[float]) -> None:
    given_network = network(pairs)
    links = Links.of(given_network)
    on = np.flatnonzero(given_network.lengths_m > 0)
    offset_m = np.array(shares[: len(pairs)])[on] * given_network.lengths_m[on]
    link, along = links.place(on, offset_m)
    assert (along >= 0).all()
    assert (along <= links.length_m[link]).all()
    # the ends of links are where their first and last segments say
    at_start = along < 1e-12
    nearer = np.where(offset_m < given_network.lengths_m[on] / 2, 0, 1)
    starts = given_network.segments[on, nearer]
    assert (links.ends[link[at_start], 0] == starts[at_start]).all()
