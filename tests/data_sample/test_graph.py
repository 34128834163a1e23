from __future__ import annotations

import math

import numpy as np
from shapely import LineString

from data.sample_county.graph import Edge, Graph, Street

PLACES = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [9.0, 9.0], [9.0, 8.0]])


def _graph() -> Graph:
    """A square, and an edge apart from it."""
    pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5)]
    return Graph(PLACES, [Edge(a, b, Street(LineString(PLACES[[a, b]]), "C")) for a, b in pairs])


def test_paths_are_the_cheapest() -> None:
    graph = _graph()
    assert graph.path([0], {2}, lambda index: 1.0 if index < 2 else 5.0) == [(0, 1), (1, 2)]
    assert graph.path([0], {2}, lambda index: 5.0 if index < 2 else 1.0) == [(3, 3), (2, 2)]


def test_no_path() -> None:
    graph = _graph()
    assert graph.path([0], {4}, lambda _: 1.0) == []
    assert graph.path([0], {2}, lambda _: math.inf) == []
    assert graph.path([0], {2}, lambda _: 1.0, 1.5) == []
    assert graph.path([0], {0}, lambda _: 1.0) == []


def test_the_nearest_source_is_taken() -> None:
    assert _graph().path([0, 1], {2}, lambda _: 1.0) == [(1, 2)]


def test_components() -> None:
    graph = _graph()
    assert graph.component(0) == {0, 1, 2, 3}
    assert graph.component(4) == {4, 5}
    assert graph.component(0, lambda index: index == 0) == {0, 1}


def test_neighbors_and_nearest_nodes() -> None:
    graph = _graph()
    assert graph.other(0, 0) == 1
    assert graph.other(0, 1) == 0
    assert graph.nearest(0.9, 0.8) == 2
    assert graph.nearest(0.9, 0.8, [0, 4]) == 0
    assert graph.edges[4].line.length == 1


def test_ramps_are_known_by_name() -> None:
    line = LineString([(0, 0), (1, 0)])
    assert Street(line, "express", "城东互通匝道").is_ramp
    assert not Street(line, "express", "海泽高速").is_ramp
