from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from shapely import LineString

from data.sample_county.graph import Edge, Graph, Street
from data.sample_county.lanes import add_village_lanes
from data.sample_county.settlements import Settlement

if TYPE_CHECKING:
    from data.sample_county.terrain import Terrain

XY = np.array([[0.0, 6000.0], [400.0, 6000.0], [550.0, 6000.0]])


def _graph() -> Graph:
    return Graph(
        XY,
        [
            Edge(a, b, Street(LineString(XY[[a, b]]), "Y", kind="lattice"))
            for a, b in ((0, 1), (1, 2))
        ],
    )


def test_lanes_leave_long_roads_only(small_terrain: Terrain) -> None:
    village = Settlement("东风", 1, *XY[1].tolist())
    graph, built = add_village_lanes(_graph(), {0, 1}, small_terrain, [village])
    lanes = [edge for edge in graph.edges if edge.street.kind == "lane"]
    assert 1 <= len(lanes) <= 2
    assert built == set(range(len(graph.edges)))
    assert all(120 <= lane.line.length <= 210 for lane in lanes)
    roads = sum(edge.line.length for edge in graph.edges if edge.street.kind == "lattice")
    assert roads == pytest.approx(550)
    assert graph.component(0) == set(graph.at)


def test_unbuilt_roads_get_no_lane(small_terrain: Terrain) -> None:
    village = Settlement("东风", 1, *XY[1].tolist())
    graph, built = add_village_lanes(_graph(), {1}, small_terrain, [village])
    assert len(graph.edges) == 2
    assert built == {1}
