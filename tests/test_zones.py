"""Which grid a place is measured in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from geosvc.zones import grid_of, metric_code


@pytest.mark.parametrize("zone", range(25, 46))
def test_the_code_is_that_of_the_zone(zone: int) -> None:
    code = 4534 + zone - 25
    assert CRS.from_epsg(code).name == f"CGCS2000 / 3-degree Gauss-Kruger CM {3 * zone}E"


@given(st.floats(80, 124), st.floats(30, 42))
def test_in_china_the_meridian_is_at_most_a_degree_and_a_half_away(lon: float, lat: float) -> None:
    meridian = 3 * (metric_code(lon, lat) - 4534 + 25)
    assert abs(meridian - lon) <= 1.5


@given(st.floats(-180, 180), st.floats(-80, 17))
def test_elsewhere_the_zone_holds_the_place(lon: float, lat: float) -> None:
    code = metric_code(lon, lat)
    if 4534 <= code <= 4554:
        assert 108 < lon < 114  # islands in the south
        return
    area = CRS.from_epsg(code).area_of_use
    assert area is not None
    assert area.west - 1e-9 <= lon <= area.east
    assert area.south <= lat <= area.north


@pytest.mark.parametrize(
    ("place", "in_china"),
    [
        ((121.56, 25.04), True),  # Taipei
        ((114.17, 22.30), True),  # Hong Kong
        ((112.33, 16.83), True),  # Sansha
        ((80.09, 32.50), True),  # Ngari
        ((122.0, 53.48), True),  # Mohe
        ((106.66, 10.77), False),  # Ho Chi Minh City
        ((108.20, 16.05), False),  # Da Nang
        ((77.20, 28.60), False),  # Delhi
        ((131.90, 43.10), False),  # Vladivostok
        ((113.50, 52.00), False),  # Chita
    ],
)
def test_places_near_a_border(place: tuple[float, float], in_china: bool) -> None:  # noqa: FBT001 - a column of a table
    assert (4534 <= metric_code(*place) <= 4554) is in_china


@given(st.floats(-180, 180), st.floats(-79, 80))
def test_the_grid_is_the_one_of_its_code(lon: float, lat: float) -> None:
    grid = grid_of(lon, lat)
    assert grid.code == metric_code(lon, lat)
    names = {
        "Longitude of natural origin": grid.meridian,
        "Scale factor at natural origin": grid.scale,
        "False northing": grid.false_northing_m,
        "False easting": 500_000,
        "Latitude of natural origin": 0,
    }
    operation = CRS.from_epsg(grid.code).coordinate_operation
    assert operation is not None
    found: dict[str, float] = {item.name: float(item.value) for item in operation.params}
    assert found == names
