from __future__ import annotations

import numpy as np
from shapely import LineString

from data.sample_county.graph import Edge, Graph, Street
from data.sample_county.network import VILLAGE_ROAD, Builder, Rule


def _ladder() -> Graph:
    """A built road, and two ways of field lines to a village off it."""
    xy = np.array([[0, 0], [100, 0], [0, 100], [100, 100], [50, 200]], dtype=float)
    pairs = [(0, 1), (0, 2), (1, 3), (2, 4), (3, 4)]
    edges = [Edge(a, b, Street(LineString(xy[[a, b]]), "C", kind="lattice")) for a, b in pairs]
    edges[0].street.kind, edges[0].street.road_class = "drawn", "S"
    edges[2].street.factor = 0.5
    return Graph(xy, edges)


def test_the_cheapest_road_is_built() -> None:
    builder = Builder(_ladder())
    assert builder.built == {0}
    assert builder.build([4], {0, 1}, VILLAGE_ROAD) == {1, 3, 4}
    assert builder.built == {0, 2, 4}
    assert builder.graph.edges[4].street.road_class == "Y"
    assert builder.served(0) == {0, 1, 3, 4}


def test_roads_that_cost_too_much_are_not_built() -> None:
    builder = Builder(_ladder())
    assert builder.build([4], {0}, Rule("C", 1.0, 10.0)) == set()
    assert builder.built == {0}


def test_expressways_are_no_way_to_a_village() -> None:
    graph = _ladder()
    graph.edges[2].street.free = True
    builder = Builder(graph)
    assert builder.build([4], {0, 1}, VILLAGE_ROAD) == {0, 2, 4}
