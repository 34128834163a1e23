from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm

from geosvc.analysis.street_density import street_density

COLUMNS = ("lixel_id", "road_name", "road_class", "length_m", "cases", "cases_per_km")
PLACES = st.lists(st.tuples(st.floats(-100, 700), st.floats(-100, 400)), max_size=25)


def streets(crs: str = "EPSG:4549") -> gpd.GeoDataFrame:
    """A cross of two streets, the longer one digitized in three parts of very unequal length."""
    return gpd.GeoDataFrame(
        {"road_name": ["金桥路", "金桥路", "金桥路", "泰北路"], "road_class": ["S", "S", "S", "X"]},
        geometry=[
            shapely.LineString([(0, 0), (290, 0)]),
            shapely.LineString([(290, 0), (300, 0)]),
            shapely.LineString([(300, 0), (600, 0)]),
            shapely.LineString([(300, 0), (300, 300)]),
        ],
        crs=crs,
    )


def events(places: list[tuple[float, float]], crs: str = "EPSG:4549") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.Point(place) for place in places], crs=crs)


def test_a_straight_street_has_the_normal_kernel() -> None:
    long = gpd.GeoDataFrame(geometry=[shapely.LineString([(-3000, 0), (3000, 0)])], crs="EPSG:4549")
    found = street_density(events([(0, 20)]), long, sigma_m=100, lixel_m=20, least_per_km=0)
    x = shapely.get_coordinates(shapely.centroid(found.geometry))[:, 0]
    # the mean over 20 m, of a normal curve, by its integral
    expected = (norm.cdf(x + 10, scale=100) - norm.cdf(x - 10, scale=100)) * 50
    assert found["cases_per_km"].to_numpy() == pytest.approx(expected, rel=5e-3, abs=1e-3)
    assert found.attrs == {"n": 1, "unlocated": 0, "sigma_m": 100.0, "total": 1.0}


@pytest.mark.parametrize("lixel_m", [20, 50, 100])
def test_the_density_does_not_depend_on_the_length_of_pieces(lixel_m: float) -> None:
    found = street_density(events([(310, 0), (150, 3)]), streets(), lixel_m=lixel_m, least_per_km=0)
    held = (found["cases_per_km"] * found["length_m"] / 1000).sum()
    assert held == pytest.approx(2, rel=2e-3)
    # two events 160 m apart on a crossing: between one kernel's peak and two
    peak = 1000 * norm.pdf(0, scale=150)
    assert peak < found["cases_per_km"].max() < 2 * peak


def test_a_part_of_a_street_makes_no_density_of_its_own() -> None:
    whole = (
        streets()
        .iloc[[0, 2, 3]]
        .set_geometry(
            [
                shapely.LineString([(0, 0), (300, 0)]),
                shapely.LineString([(300, 0), (600, 0)]),
                shapely.LineString([(300, 0), (300, 300)]),
            ]
        )
    )
    one, other = (street_density(events([(295, 0)]), given) for given in (streets(), whole))
    worst = abs(one["cases_per_km"].to_numpy() - other["cases_per_km"].to_numpy()).max()
    assert worst < 0.01 * one["cases_per_km"].max()


@given(places=PLACES, lixel_m=st.floats(20, 400), snap_m=st.floats(1, 120))
def test_every_event_is_counted_once_or_said_to_be_unlocated(
    places: list[tuple[float, float]], lixel_m: float, snap_m: float
) -> None:
    options = {"lixel_m": lixel_m, "snap_m": snap_m, "least_per_km": 0.0}
    found = street_density(events(places), streets(), **options)
    ground = shapely.union_all(streets().geometry)
    away = [ground.distance(shapely.Point(xy)) for xy in places]
    # on the limit itself the last digit of two ways to measure decides
    assume(all(abs(away_m - snap_m) > 1e-9 for away_m in away))
    near = sum(away_m <= snap_m for away_m in away)
    assert (found["cases"].sum(), found.attrs["n"]) == (near, near)
    assert found.attrs["unlocated"] == len(places) - near
    assert found.attrs["total"] == pytest.approx(near, abs=1e-6)
    assert found["lixel_id"].is_unique
    assert np.allclose(found.geometry.length, found["length_m"])
    assert found["length_m"].sum() == pytest.approx(900)


@given(places=PLACES, seed=st.integers(0, 9))
def test_order_does_not_matter(places: list[tuple[float, float]], seed: int) -> None:
    one = street_density(events(places), streets())
    mixed = streets().sample(frac=1, random_state=seed)
    other = street_density(events(places[::-1]), mixed)
    assert one["lixel_id"].tolist() == other["lixel_id"].tolist()
    assert one["cases"].tolist() == other["cases"].tolist()
    assert one["cases_per_km"].to_numpy() == pytest.approx(other["cases_per_km"], rel=1e-9)


def test_thin_pieces_are_left_out() -> None:
    found = street_density(events([(5, 0)]), streets(), sigma_m=50, least_per_km=1)
    assert found["cases_per_km"].min() >= 1
    assert 0 < len(found) < 18


def test_ids_stay_when_other_streets_come() -> None:
    more = gpd.GeoDataFrame(
        {"road_name": ["安路"], "road_class": ["X"]},
        geometry=[shapely.LineString([(0, 50), (0, 150)])],
        crs="EPSG:4549",
    )
    both = gpd.GeoDataFrame(
        {name: [*more[name], *streets()[name]] for name in ("road_name", "road_class", "geometry")},
        crs="EPSG:4549",
    )
    before = street_density(events([(310, 250)]), streets())["lixel_id"]
    after = street_density(events([(310, 250)]), both)["lixel_id"]
    assert before.tolist() == after.tolist()


def test_streets_need_no_names() -> None:
    bare = streets().drop(columns=["road_name", "road_class"])
    found = street_density(events([(10, 0)]), bare)
    assert set(found["road_name"]) == {None}


def test_nothing_happened_or_nothing_is_there() -> None:
    for found in (
        street_density(events([]), streets()),
        street_density(events([(1, 1)]), streets().iloc[:0]),
    ):
        assert len(found) == 0
        assert list(found.columns) == [*COLUMNS, "geometry"]
    assert found.attrs == {"n": 0, "unlocated": 1, "sigma_m": 150.0, "total": 0.0}


def test_the_input_is_not_changed() -> None:
    given_events, given_streets = events([(10, 5)]), streets()
    street_density(given_events, given_streets)
    assert given_events.equals(events([(10, 5)]))
    assert given_streets.equals(streets())


@pytest.mark.parametrize(("one", "other"), [("EPSG:4326", "EPSG:4326"), ("EPSG:4549", "EPSG:4548")])
def test_degrees_and_two_crs_are_refused(one: str, other: str) -> None:
    with pytest.raises(ValueError, match="one metric CRS"):
        street_density(events([(1, 1)], one), streets(other))


@pytest.mark.parametrize(
    "options", [{"lixel_m": 0.0}, {"snap_m": -1.0}, {"lixel_m": np.nan}, {"sigma_m": 0.0}]
)
def test_lengths_must_be_positive(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        street_density(events([]), streets(), **options)
