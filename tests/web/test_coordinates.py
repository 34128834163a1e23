"""Coordinates of any datum become a place; the public profile turns nothing back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.crs import wgs84_to_gcj02
from geosvc.errors import StateError
from geosvc.web.coordinates import SHIFTED, lon_lat

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("x=121.1&y=33.5", (121.1, 33.5)),
        ("x=121.1&y=33.5&datum=wgs84", (121.1, 33.5)),
        ("x=500000&y=3708000&datum=EPSG:4549", (120.0, 33.498174)),
        # the same with the number of the zone before the easting
        ("x=40500000&y=3708000&datum=EPSG:4528", (120.0, 33.498174)),
        ("x=121.5315419&y=31.175304&datum=GCJ-02", (121.527211, 31.177428)),
    ],
)
def test_coordinates_are_a_place(
    client: FlaskClient, query: str, place: tuple[float, float]
) -> None:
    answer = client.get(f"/coordinates.json?{query}")
    assert answer.status_code == 200
    found = orjson.loads(answer.data)
    assert (found["lon"], found["lat"]) == pytest.approx(place, abs=2e-6)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("x=121.1", "y"),
        ("x=east&y=33", "east"),
        ("x=nan&y=33", "nan"),
        ("x=1e400&y=33", "1e400"),
        ("x=121.1&y=33.5&datum=moon", "moon"),
        ("x=121.1&y=33.5&datum=EPSG:4214", "EPSG:4214"),
        ("x=121.1&y=33.5&datum=EPSG:999999", "EPSG:999999"),
        ("x=121.1&y=89&datum=WGS84", "121.1, 89"),
        ("x=9e8&y=3708000&datum=EPSG:4549", "900000000, 3708000"),
        ("x=121.1&y=33.5&to=GCJ-02", "to"),
    ],
)
def test_what_is_no_place_is_refused_in_words(client: FlaskClient, query: str, word: str) -> None:
    for tongue in ("zh", "en"):
        answer = client.get(f"/coordinates.json?{query}&lang={tongue}")
        assert answer.status_code == 400
        assert word in " ".join(orjson.loads(answer.data)["issues"])


@pytest.mark.parametrize("datum", SHIFTED)
def test_the_public_profile_turns_nothing_back(datum: str) -> None:
    with pytest.raises(StateError):
        lon_lat(121.1, 33.5, datum, profile="public")


def test_the_public_profile_keeps_four_decimals() -> None:
    assert lon_lat(121.123456, 33.523456, "WGS84", profile="public") == (121.1235, 33.5235)


@given(st.floats(110, 125), st.floats(25, 40))
def test_back_from_gcj02_is_where_it_came_from(lon: float, lat: float) -> None:
    x, y = (float(part) for part in wgs84_to_gcj02(np.array(lon), np.array(lat)))
    assert lon_lat(x, y, "gcj02", profile="intranet") == pytest.approx((lon, lat), abs=1e-6)
