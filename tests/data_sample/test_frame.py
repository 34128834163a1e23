from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from data.sample_county.frame import ORIGIN, ORIGIN_LONLAT, gcj02, lonlat, to_local, to_lonlat
from data.sample_county.shapes import points

METRES = st.floats(-30_000, 30_000)


def test_origin_is_the_place_in_the_open_sea() -> None:
    assert ORIGIN_LONLAT == (121.10, 33.50)
    back = Transformer.from_crs(4549, 4490, always_xy=True).transform(*ORIGIN)
    assert back == pytest.approx(ORIGIN_LONLAT, abs=1e-8)
    assert lonlat(0, 0) == ORIGIN_LONLAT


@given(METRES, METRES)
def test_degrees_and_back_stay_within_ten_centimetres(x: float, y: float) -> None:
    there = to_lonlat(points([(x, y)]))
    back = shapely.get_coordinates(to_local(there))[0]
    assert np.hypot(*(back - [x, y])) < 0.1


@given(METRES, METRES)
def test_degrees_have_six_decimals(x: float, y: float) -> None:
    lon, lat = lonlat(x, y)
    assert (lon, lat) == (round(lon, 6), round(lat, 6))


def test_a_metre_of_the_frame_is_a_metre() -> None:
    one, two = lonlat(0, 0), lonlat(3000, 4000)
    length = Geod(ellps="GRS80").inv(*one, *two)[2]
    assert length == pytest.approx(5000, rel=2e-4)


def test_gcj02_moves_places_by_hundreds_of_metres() -> None:
    (lon, lat), (east, north) = lonlat(0, 0), gcj02(0, 0)
    assert 100 < Geod(ellps="GRS80").inv(lon, lat, east, north)[2] < 800


def test_no_shapes_stay_no_shapes() -> None:
    assert len(to_lonlat(np.array([], dtype=object))) == 0
