from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.network_density import street_density

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


def test_known_counts() -> None:
    found = street_density(events([(10, 5), (20, -5), (295, 3), (310, 250), (900, 900)]), streets())
    assert list(found.columns) == [*COLUMNS, "geometry"]
    middles = shapely.get_coordinates(shapely.centroid(found.geometry)).round().tolist()
    rows = zip(found["road_name"], found["cases"], middles, strict=True)
    assert sorted(rows) == [
        ("泰北路", 1, [300, 250]),
        ("金桥路", 1, [250, 0]),
        ("金桥路", 2, [50, 0]),
    ]
    assert found["length_m"].tolist() == pytest.approx([100] * 3)
    assert sorted(found["cases_per_km"]) == pytest.approx([10, 10, 20])
    assert found.attrs == {"unlocated": 1}
    assert found.crs == streets().crs


def test_the_rate_depends_on_the_length_of_pieces() -> None:
    for lixel_m in (50.0, 100.0, 200.0):
        [rate] = street_density(events([(10, 0)]), streets(), lixel_m=lixel_m)["cases_per_km"]
        assert rate == pytest.approx(1000 / lixel_m)


def test_a_short_part_of_a_street_makes_no_high_rate() -> None:
    [rate] = street_density(events([(295, 0)]), streets())["cases_per_km"]
    assert rate == pytest.approx(10)


@given(places=PLACES, lixel_m=st.floats(20, 400), snap_m=st.floats(1, 120))
def test_every_event_is_counted_once_or_said_to_be_unlocated(
    places: list[tuple[float, float]], lixel_m: float, snap_m: float
) -> None:
    found = street_density(events(places), streets(), lixel_m=lixel_m, snap_m=snap_m)
    distances = [shapely.union_all(streets().geometry).distance(shapely.Point(xy)) for xy in places]
    near = sum(distance <= snap_m for distance in distances)
    assert found["cases"].sum() + found.attrs["unlocated"] == len(places)
    assert found["cases"].sum() == near
    assert (found["cases"] > 0).all()
    assert found["lixel_id"].is_unique
    assert np.allclose(found["cases_per_km"], found["cases"] / found["length_m"] * 1000)
    assert np.allclose(found.geometry.length, found["length_m"])
    assert found["length_m"].max() < lixel_m * 1.51 if len(found) else True


@given(places=PLACES, seed=st.integers(0, 9))
def test_order_and_place_of_the_origin_do_not_matter(
    places: list[tuple[float, float]], seed: int
) -> None:
    one = street_density(events(places), streets())
    mixed = streets().sample(frac=1, random_state=seed)
    other = street_density(events(places[::-1]), mixed)
    assert one["lixel_id"].tolist() == other["lixel_id"].tolist()
    assert one["cases"].tolist() == other["cases"].tolist()
    moved = streets().set_geometry(streets().geometry.translate(5e5, 3e6))
    there = street_density(events([(x + 5e5, y + 3e6) for x, y in places]), moved)
    # an event on the very edge of two pieces may change sides with the last digit
    assert there["cases"].sum() == pytest.approx(one["cases"].sum(), abs=1)


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
    [before] = street_density(events([(310, 250)]), streets())["lixel_id"]
    [after] = street_density(events([(310, 250)]), both)["lixel_id"]
    assert before == after


def test_streets_need_no_names() -> None:
    bare = streets().drop(columns=["road_name", "road_class"])
    found = street_density(events([(10, 0)]), bare)
    assert found["road_name"].tolist() == [None]


def test_nothing_happened_or_nothing_is_there() -> None:
    for found in (
        street_density(events([]), streets()),
        street_density(events([(1, 1)]), streets().iloc[:0]),
    ):
        assert len(found) == 0
        assert list(found.columns) == [*COLUMNS, "geometry"]
    assert found.attrs == {"unlocated": 1}


def test_the_input_is_not_changed() -> None:
    given_events, given_streets = events([(10, 5)]), streets()
    street_density(given_events, given_streets)
    assert given_events.equals(events([(10, 5)]))
    assert given_streets.equals(streets())


@pytest.mark.parametrize(("one", "other"), [("EPSG:4326", "EPSG:4326"), ("EPSG:4549", "EPSG:4548")])
def test_degrees_and_two_crs_are_refused(one: str, other: str) -> None:
    with pytest.raises(ValueError, match="one metric CRS"):
        street_density(events([(1, 1)], one), streets(other))


@pytest.mark.parametrize("options", [{"lixel_m": 0.0}, {"snap_m": -1.0}, {"lixel_m": np.nan}])
def test_lengths_must_be_positive(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        street_density(events([]), streets(), **options)
