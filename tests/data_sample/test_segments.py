from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.sample_county.segments import LANES_AND_WIDTH, STRICT, Network

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_a_road_is_one_line_led_east(small_network: Network) -> None:
    line = small_network.road("东西路")
    assert line.length == pytest.approx(1000)
    assert line.coords[-1][0] > line.coords[0][0]
    assert small_network.width_m("东西路") == 8


def test_chainage_counts_both_ways(small_network: Network) -> None:
    segment = small_network.segments[0]
    segment.chain = (700.0, -1)
    assert segment.chainage(100) == 600
    segment.chain = (700.0, 1)
    assert segment.chainage(100) == 800


def test_nearest_place_lies_on_a_road(small_network: Network) -> None:
    assert small_network.nearest_place(200, 30) == pytest.approx((200, 0))


def test_segments_have_their_class_s_size(county: County) -> None:
    for segment in county.network.segments:
        lanes, width_m = LANES_AND_WIDTH[segment.road_class]
        assert 1 <= segment.lanes <= lanes
        assert segment.width_m <= width_m
        assert segment.is_strict == (segment.name in STRICT)
        assert segment.has_sidewalk or not segment.has_tactile_paving
        assert not segment.oneway or segment.road_class == "lane"


def test_bridges_are_known(county: County) -> None:
    bridges = [segment for segment in county.network.segments if segment.street.bridge]
    assert {"金桥路", "人民路", "建设路"} <= {segment.name for segment in bridges}
