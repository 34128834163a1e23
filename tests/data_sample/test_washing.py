from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from data.sample_county.washing import make_shops, shop_layer, site_layer

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_two_sites_have_39_bays(county: County) -> None:
    rows = site_layer(county.places, county.network).rows
    assert [row["bays_planned"] for row in rows] == [25, 14]
    assert [row["community"] for row in rows] == ["宝塔社区", "泰北社区"]


def test_nineteen_shops_stand_by_their_roads(county: County) -> None:
    shops = make_shops(county.places, county.network)
    layer = shop_layer(shops)
    actions = Counter(str(row["action"]) for row in layer.rows)
    assert actions == {"relocated": 11, "remodelled": 5, "closed": 3}
    for shop, spot in zip(shops, layer.shapes, strict=True):
        assert spot.distance(county.network.road(shop.road)) < 30
    assert sum(row["bays"] is None for row in layer.rows) == 5
