from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import shapely

from data.sample_county.volunteers import CORNERS, PLACES, POSTS, volunteer_layer

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_posts_stand_beside_streets(county: County) -> None:
    layer = volunteer_layer(county.places, county.network)
    assert len(layer.rows) == POSTS
    assert len({str(row["post_name"]) for row in layer.rows}) == POSTS
    kinds = Counter(str(row["kind"]) for row in layer.rows)
    assert kinds["civility_post"] == len(CORNERS) + len(PLACES)
    lines = shapely.union_all([segment.line for segment in county.network.segments])
    assert all(2 < spot.distance(lines) < 25 for spot in layer.shapes)
