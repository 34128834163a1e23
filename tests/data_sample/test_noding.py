from __future__ import annotations

import itertools

import numpy as np
import pytest
from shapely import LineString

from data.sample_county.graph import Street
from data.sample_county.noding import clusters, merged, noded


def _always(_one: Street, _two: Street) -> bool:
    return True


def _like(one: Street, two: Street) -> bool:
    return one.name == two.name


def test_crossing_streets_share_a_node(crossroads: list[Street]) -> None:
    graph = noded(crossroads)
    assert len(graph.edges) == 4
    assert sorted(len(found) for found in graph.at.values()) == [1, 1, 1, 1, 4]
    assert sum(edge.line.length for edge in graph.edges) == pytest.approx(2000)


def test_free_streets_meet_only_at_their_ends(crossroads: list[Street]) -> None:
    crossroads[0].free = True
    assert len(noded(crossroads).edges) == 2


def test_near_ends_are_joined() -> None:
    one = Street(LineString([(0, 0), (100, 0)]), "branch", kind="town")
    two = Street(LineString([(108, 3), (200, 0)]), "branch", kind="town")
    graph = noded([one, two])
    assert len(graph.component(graph.edges[0].start)) == 3


def test_twins_are_dropped() -> None:
    street = Street(LineString([(0, 0), (100, 0)]), "branch", kind="town")
    other = Street(LineString([(0, 2), (100, 2)]), "branch", kind="town")
    assert len(noded([street, other]).edges) == 1


def test_clusters_follow_chains() -> None:
    label = clusters(np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [90.0, 0.0]]), 12)
    assert label.tolist() == [0, 0, 0, 1]


def test_needless_nodes_are_dissolved() -> None:
    streets = [
        Street(LineString([(k * 100, 0), (k * 100 + 100, 0)]), "branch", name, kind="town")
        for k, name in enumerate("aab")
    ]
    graph = noded(streets)
    assert len(graph.edges) == 3
    assert len(merged(graph, range(3), _like).edges) == 2
    whole = merged(graph, range(3), _always)
    assert [edge.line.length for edge in whole.edges] == [300]
    assert len(merged(graph, [0, 1], _always).edges) == 1


def test_rings_survive() -> None:
    corners = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    streets = [
        Street(LineString([one, two]), "branch", kind="town")
        for one, two in itertools.pairwise(corners)
    ]
    ring = merged(noded(streets), range(4), _always)
    assert len(ring.edges) == 1
    assert ring.edges[0].line.is_ring
