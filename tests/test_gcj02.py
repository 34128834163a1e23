"""GCJ-02 and BD-09: published vectors, exact inverses, values that are no coordinates."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.gcj02 import (
    bd09_to_gcj02,
    bd09mc_to_bd09,
    finite_pair,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_gcj02,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geosvc.gcj02 import Pair

METERS_A_DEGREE = 111_320.0
IN_CHINA = (st.floats(73.5, 135), st.floats(18, 53.5))
CONVERSIONS: dict[tuple[str, str], Callable[..., Pair]] = {
    ("WGS84", "GCJ02"): wgs84_to_gcj02,
    ("GCJ02", "WGS84"): gcj02_to_wgs84,
    ("GCJ02", "BD09"): gcj02_to_bd09,
    ("BD09", "GCJ02"): bd09_to_gcj02,
    ("BD09MC", "BD09"): bd09mc_to_bd09,
    ("WGS84", "BD09"): lambda x, y: gcj02_to_bd09(*wgs84_to_gcj02(x, y)),
    ("BD09", "WGS84"): lambda x, y: gcj02_to_wgs84(*bd09_to_gcj02(x, y)),
}


def _vectors(shared: Path, status: str) -> list[dict[str, str]]:
    path = shared / "reference" / "crs" / "crs_vectors.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        row
        for row in rows
        if row["status"] == status and (row["from_crs"], row["to_crs"]) in CONVERSIONS
    ]


def _errors(rows: list[dict[str, str]], way: tuple[str, str]) -> np.ndarray:
    """Return the largest error of each vector in units of its own tolerance."""
    mine = [row for row in rows if (row["from_crs"], row["to_crs"]) == way]
    start = np.array([[float(row["from_x"]), float(row["from_y"])] for row in mine])
    wanted = np.array([[float(row["to_x"]), float(row["to_y"])] for row in mine])
    tolerance = np.array(
        [
            float(row["tolerance"]) / (METERS_A_DEGREE if row["tol_unit"] == "m" else 1)
            for row in mine
        ]
    )
    found = np.column_stack(CONVERSIONS[way](start[:, 0], start[:, 1]))
    errors: np.ndarray = np.abs(found - wanted).max(axis=1) / tolerance
    return errors


@pytest.mark.parametrize("way", CONVERSIONS, ids="_to_".join)
def test_published_vectors(shared: Path, way: tuple[str, str]) -> None:
    errors = _errors(_vectors(shared, "ok"), way)
    assert len(errors) >= 664
    assert errors.max() <= 1


def test_vectors_made_with_a_wrong_constant_do_not_fit(shared: Path) -> None:
    bad = _vectors(shared, "known_bad")
    assert bad
    assert _errors(bad, ("BD09", "WGS84")).min() > 100


@given(*IN_CHINA)
def test_gcj02_round_trip(lon: float, lat: float) -> None:
    there_and_back = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    back_and_there = wgs84_to_gcj02(*gcj02_to_wgs84(lon, lat))
    for x, y in (there_and_back, back_and_there):
        assert abs(float(x) - lon) < 1e-9
        assert abs(float(y) - lat) < 1e-9


@given(*IN_CHINA)
def test_bd09_round_trip(lon: float, lat: float) -> None:
    there_and_back = bd09_to_gcj02(*gcj02_to_bd09(lon, lat))
    back_and_there = gcj02_to_bd09(*bd09_to_gcj02(lon, lat))
    for x, y in (there_and_back, back_and_there):
        assert abs(float(x) - lon) < 1e-9
        assert abs(float(y) - lat) < 1e-9


def test_round_trip_on_a_dense_grid() -> None:
    lon, lat = (
        axis.ravel() for axis in np.meshgrid(np.arange(73.5, 135, 0.25), np.arange(18, 53.5, 0.25))
    )
    x, y = gcj02_to_wgs84(*bd09_to_gcj02(*gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))))
    assert np.abs(x - lon).max() < 1e-10
    assert np.abs(y - lat).max() < 1e-10


@given(*IN_CHINA)
def test_the_shift_is_that_of_a_city(lon: float, lat: float) -> None:
    x, y = wgs84_to_gcj02(lon, lat)
    east_m = (float(x) - lon) * METERS_A_DEGREE * math.cos(math.radians(lat))
    north_m = (float(y) - lat) * METERS_A_DEGREE
    assert 5 < math.hypot(east_m, north_m) < 1000


@given(st.lists(st.tuples(*IN_CHINA), max_size=9))
def test_a_point_is_converted_as_in_company(points: list[tuple[float, float]]) -> None:
    lon, lat = [point[0] for point in points], [point[1] for point in points]
    together = np.column_stack(wgs84_to_gcj02(lon, lat))
    alone = [[float(part) for part in wgs84_to_gcj02(*point)] for point in points]
    assert together.tolist() == alone


@pytest.mark.parametrize("place", [(-104.9903, 39.7392), (183.0, 45.0), (0.0, 0.0), (72.0, 30.0)])
def test_outside_the_box_gcj02_is_wgs84(place: tuple[float, float]) -> None:
    assert tuple(map(float, wgs84_to_gcj02(*place))) == place
    assert tuple(map(float, gcj02_to_wgs84(*place))) == place


@pytest.mark.parametrize(
    "convert", [wgs84_to_gcj02, gcj02_to_wgs84, gcj02_to_bd09, bd09_to_gcj02, bd09mc_to_bd09]
)
@pytest.mark.parametrize("strange", [math.nan, math.inf, -math.inf, 1e300, -1e300])
def test_what_is_no_coordinate_becomes_nan(convert: Callable[..., Pair], strange: float) -> None:
    lon, lat = convert([strange, 119.5, 119.5], [32.8, strange, 32.8])
    assert np.isnan(lon).tolist() == [True, True, False]
    assert np.isnan(lat).tolist() == [True, True, False]


@pytest.mark.parametrize(
    "convert", [wgs84_to_gcj02, gcj02_to_wgs84, gcj02_to_bd09, bd09_to_gcj02, bd09mc_to_bd09]
)
def test_input_stays_and_nothing_gives_nothing(convert: Callable[..., Pair]) -> None:
    lon, lat = np.array([119.5]), np.array([32.8])
    convert(lon, lat)
    assert (lon[0], lat[0]) == (119.5, 32.8)
    assert [part.shape for part in convert([], [])] == [(0,), (0,)]
    assert convert(np.zeros((2, 3)), np.zeros((2, 3)))[0].shape == (2, 3)


def test_bd09mc_is_odd_in_both_axes() -> None:
    x, y = bd09mc_to_bd09([1e7, -1e7, 1e7, -1e7], [3e6, 3e6, -3e6, -3e6])
    assert x.tolist() == [x[0], -x[0], x[0], -x[0]]
    assert y.tolist() == [y[0], y[0], -y[0], -y[0]]


def test_bd09mc_bands_meet() -> None:
    # at 75 degrees the published bands do not meet
    edges = np.array([1678043.12, 3481989.83, 5591021.0, 8362377.87])
    _, below = bd09mc_to_bd09(np.full(4, 1e7), edges - 0.01)
    _, above = bd09mc_to_bd09(np.full(4, 1e7), edges + 0.01)
    assert np.abs(above - below).max() < 1e-6
    assert np.abs(above - [15, 30, 45, 60]).max() < 1e-6


def test_finite_pair_keeps_sound_values() -> None:
    x, y = finite_pair(np.array([1, 2]), [3.5, math.nan])
    assert x[0] == 1.0
    assert y[0] == 3.5
    assert math.isnan(x[1])
    assert math.isnan(y[1])
