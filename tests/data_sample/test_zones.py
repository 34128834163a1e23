from __future__ import annotations

from typing import TYPE_CHECKING

from data.sample_county.zones import BASIS, zone_layer

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_zones_say_that_their_distances_are_examples(county: County) -> None:
    layer = zone_layer(county.places, county.terrain)
    assert {row["rule_basis"] for row in layer.rows} == {BASIS}
    kinds = {str(row["kind"]) for row in layer.rows}
    assert {"water_source_1", "river_management", "school", "hospital", "fuel_safety"} <= kinds
    assert {row["hard"] for row in layer.rows} == {True, False}


def test_the_outer_zone_surrounds_the_inner_one(county: County) -> None:
    inner, outer = zone_layer(county.places, county.terrain).shapes[:2]
    assert inner.touches(outer)
    assert outer.envelope.contains(inner)
