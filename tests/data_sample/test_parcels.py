from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from data.sample_county.parcels import APART_M, PARCELS, parcel_layer

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_parcels_lie_apart_by_their_street(county: County) -> None:
    layer = parcel_layer(county.places, county.network, county.terrain)
    assert len(layer.rows) == PARCELS
    shapes = np.array(layer.shapes)
    first, second = shapely.STRtree(shapes).query(shapes, "dwithin", distance=APART_M - 0.01)
    assert (first == second).all()
    lines = {segment.road_id: segment.line for segment in county.network.segments}
    for row, shape in zip(layer.rows, shapes, strict=True):
        assert shape.distance(lines[str(row["road_id"])]) < 25
        assert 4 <= int(str(row["max_bays"])) <= 40
