from __future__ import annotations

from typing import TYPE_CHECKING

from data.sample_county.focus import AREAS, MATTERS, focus_layer

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_every_theme_has_an_area(county: County) -> None:
    layer = focus_layer(county.places, county.network)
    assert {row["theme"] for row in layer.rows} == set(MATTERS)
    assert len(layer.rows) == len(AREAS)
    for row, focus, shape in zip(layer.rows, AREAS, layer.shapes, strict=True):
        assert row["lead_unit"] == MATTERS[focus.theme].lead_unit
        where = county.places.landmarks.get(focus.where)
        target = where.spot if where else county.network.road(focus.where)
        assert shape.intersects(target)
