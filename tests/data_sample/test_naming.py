from __future__ import annotations

from shapely import LineString

from data.sample_county.graph import Street
from data.sample_county.naming import name_strokes
from data.sample_county.noding import noded
from data.sample_county.settlements import Settlement
from data.sample_county.strokes import strokes

PLACES = [Settlement("东风", 0, 9000.0, 9000.0), Settlement("红旗", 1, 10_000.0, 9000.0)]


def test_country_roads_are_named_after_their_ends() -> None:
    road = Street(LineString([(9000, 9000), (10_000, 9000)]), "Y", kind="town")
    graph = noded([road])
    name_strokes(graph, strokes(graph), PLACES)
    street = graph.edges[0].street
    assert (street.name, street.code) == ("东红线", "Y201")


def test_named_streets_keep_their_names(crossroads: list[Street]) -> None:
    crossroads[1].name = ""
    graph = noded(crossroads)
    name_strokes(graph, strokes(graph), PLACES)
    names = {edge.street.name for edge in graph.edges}
    assert len(names) == 2
    assert "东西路" in names
    assert all(edge.street.name and not edge.street.code for edge in graph.edges)
