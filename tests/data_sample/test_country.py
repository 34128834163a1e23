from __future__ import annotations

from data.sample_county.country import trunk_streets
from data.sample_county.noding import noded
from data.sample_county.terrain import make_terrain


def test_trunks_lie_in_the_county_and_ramps_join_them() -> None:
    terrain = make_terrain()
    streets = trunk_streets(terrain)
    assert all(terrain.county.contains(street.line) for street in streets)
    assert sum(street.is_ramp for street in streets) == 10
    express = {street.name for street in streets if street.free and not street.is_ramp}
    assert express == {"海泽高速", "泽盐高速"}
    graph = noded(streets)
    fast = next(k for k, edge in enumerate(graph.edges) if edge.street.name == "海泽高速")
    reached = graph.component(graph.edges[fast].start)
    names = {edge.street.name for edge in graph.edges if edge.start in reached}
    assert {"海泽高速", "泽盐高速", "S357省道", "S358省道", "S231省道", "G636国道"} <= names
