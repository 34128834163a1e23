from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from geosvc.network import StreetNetwork

PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0, 9)), max_size=12)


def network_of(pairs: list[tuple[int, int, float]]) -> StreetNetwork:
    return StreetNetwork.from_segments(
        np.arange(12.0).reshape(-1, 2),
        [[start, end] for start, end, _ in pairs],
        lengths_m=[length for *_, length in pairs],
    )


@given(pairs=PAIRS)
def test_the_graph_has_the_shortest_of_parallel_segments(
    pairs: list[tuple[int, int, float]],
) -> None:
    shortest: dict[tuple[int, int], float] = {}
    for start, end, length in pairs:
        for step in {(start, end), (end, start)}:
            if start != end:
                shortest[step] = min(length, shortest.get(step, np.inf))
    graph = network_of(pairs).graph
    found = graph.tocoo()
    entries = zip(*found.coords, found.data, strict=True)
    assert {(int(row), int(column)): length for row, column, length in entries} == shortest
    assert graph.has_canonical_format
    assert graph.indices.dtype == graph.indptr.dtype == np.int32


def test_a_segment_of_no_length_is_an_edge_that_costs_nothing() -> None:
    graph = network_of([(0, 1, 0.0), (1, 2, 4.0)]).graph
    assert graph.nnz == 4
    assert dijkstra(graph, indices=[0])[0, :3].tolist() == [0, 0, 4]


def test_the_graph_is_made_once() -> None:
    network = network_of([(0, 1, 2.0)])
    assert network.graph is network.graph
    assert network.components is network.components


@given(pairs=PAIRS)
def test_components_are_what_can_be_reached(pairs: list[tuple[int, int, float]]) -> None:
    network = network_of(pairs)
    reached = np.isfinite(dijkstra(network.graph))
    label = network.components
    assert ((label[:, None] == label) == reached).all()
    lengths = network.component_lengths_m
    assert len(lengths) == len(set(label.tolist()))
    assert (np.diff(lengths) <= 0).all()
    assert lengths.sum() == pytest.approx(network.length_m)
    assert lengths[0] == pytest.approx(
        sum(length for start, _, length in pairs if label[start] == 0)
    )


def test_the_longest_component_comes_first_and_a_lone_vertex_last() -> None:
    vertices = [[0, 0], [1, 0], [5, 5], [9, 0], [9, 7], [9, 20], [9, 27]]
    network = StreetNetwork.from_segments(vertices, [[0, 1], [3, 4], [5, 6]])
    assert network.components.tolist() == [2, 2, 3, 0, 0, 1, 1]
    assert network.component_lengths_m.tolist() == [7, 7, 1, 0]


def test_no_streets() -> None:
    nothing = StreetNetwork.from_segments([], [])
    assert nothing.graph.shape == (0, 0)
    assert len(nothing.components) == len(nothing.component_lengths_m) == 0
