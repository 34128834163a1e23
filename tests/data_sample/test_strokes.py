from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.sample_county.strokes import chainages, strokes

if TYPE_CHECKING:
    from data.sample_county.county import County
    from data.sample_county.segments import Network


def test_a_street_runs_on_across_a_crossing(small_network: Network) -> None:
    found = strokes(small_network.graph)
    assert sorted(len(stroke) for stroke in found) == [2, 2]
    for stroke in found:
        assert len({small_network.segments[index].name for index, _ in stroke}) == 1


def test_chainages_grow_along_a_street(small_network: Network) -> None:
    found = strokes(small_network.graph)
    chain = chainages(small_network.graph, found)
    for stroke in found:
        ends = []
        for index, node in stroke:
            edge, (first, sign) = small_network.graph.edges[index], chain[index]
            ends.append(first + sign * (edge.line.length if edge.end == node else 0))
        assert ends == pytest.approx([500, 1000])


def test_every_segment_is_in_one_stroke(county: County) -> None:
    indices = [index for stroke in county.network.strokes for index, _ in stroke]
    assert sorted(indices) == list(range(len(county.network.segments)))
