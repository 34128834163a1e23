"""What counts as surveyed, held against distances measured one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.exposure import ADDED, AREA, NOT, PATROL, Survey, survey
from geosvc.network import Snapped, StreetNetwork
from tests.analysis import town

if TYPE_CHECKING:
    from collections.abc import Sequence

SIDE = 5
NETWORK = StreetNetwork.from_lines(town.streets(SIDE))
PERIOD = np.datetime64("2024-06-01"), np.datetime64("2024-06-30")
NONE = town.places([], [])


def seen(
    patrols: gpd.GeoDataFrame,
    *,
    cases: Snapped = NONE,
    areas: gpd.GeoDataFrame | None = None,
    network: StreetNetwork = NETWORK,
) -> Survey:
    areas = town.nowhere() if areas is None else areas
    return survey(network, cases, patrols=patrols, areas=areas, period=PERIOD)


def routes(*lines: Sequence[tuple[float, float]]) -> gpd.GeoDataFrame:
    shapes = [shapely.LineString([(town.X0 + x, town.Y0 + y) for x, y in line]) for line in lines]
    when = ["2024-06-10T08:00:00+08:00"] * len(shapes)
    return gpd.GeoDataFrame({"started_at": when}, geometry=shapes, crs=town.CRS)


def fine(network: StreetNetwork) -> Snapped:
    lixels = network.lixels(2.5)
    middle = (lixels.start_m + lixels.end_m) / 2
    return Snapped(lixels.segment, middle, np.zeros(len(middle)))


PLACE = st.tuples(st.integers(0, 4), st.floats(0, 400), st.booleans())


@given(st.lists(PLACE, min_size=1, max_size=4))
def test_street_within_300_meters_of_a_patrol_and_no_more(
    places: list[tuple[int, float, bool]],
) -> None:
    xy = [(a, 100.0 * k) if east else (100.0 * k, a) for k, a, east in places]
    found = seen(town.patrols(xy))
    everywhere = fine(NETWORK)
    away_m = NETWORK.distances(
        NETWORK.snap(shapely.get_coordinates(town.points(xy)), limit_m=1), everywhere
    ).min(axis=0)
    source = found.source[found.moved(everywhere).segment]
    decided = np.abs(away_m - 300) > 0.02
    assert ((source == PATROL) == (away_m <= 300))[decided].all()
    assert found.network.length_m == pytest.approx(NETWORK.length_m)
    assert found.network.lengths_m.min() >= 0.009


def test_pieces_are_where_they_were() -> None:
    found = seen(town.patrols([(30, 0)]))
    network = found.network
    ends = network.vertices_xy[network.segments]
    assert np.hypot(*(ends[:, 1] - ends[:, 0]).T) == pytest.approx(network.lengths_m, abs=1e-6)
    # along the line that each piece is of
    lines = town.streets(SIDE).geometry.to_numpy()[network.line]
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines, network.line_offset_m))
    assert at == pytest.approx(ends[:, 0], abs=1e-6)
    places = fine(NETWORK)
    moved = found.moved(places)
    assert xy_of(network, moved) == pytest.approx(xy_of(NETWORK, places), abs=1e-6)


def xy_of(network: StreetNetwork, places: Snapped) -> np.ndarray:
    ends = network.vertices_xy[network.segments[places.segment]]
    share = (places.offset_m / network.lengths_m[places.segment])[:, None]
    return np.asarray(ends[:, 0] + share * (ends[:, 1] - ends[:, 0]))


def test_exposure_is_the_length_of_surveyed_street() -> None:
    street = StreetNetwork.from_segments([[town.X0, town.Y0], [town.X0 + 2000, town.Y0]], [[0, 1]])
    found = seen(town.patrols([(1000, 20), (1100, 0)]), network=street)
    assert found.exposure_m.tolist() == [0, 700, 0]
    assert found.network.lengths_m.tolist() == [700, 700, 600]
    assert (found.rule, found.patrols, found.patrols_at.is_placed.sum()) == ("patrol_points", 2, 2)


def test_a_place_on_the_edge_is_on_the_surveyed_side() -> None:
    street = StreetNetwork.from_segments([[town.X0, town.Y0], [town.X0 + 2000, town.Y0]], [[0, 1]])
    found = seen(town.patrols([(1000, 0)]), network=street)
    edges = town.places([0, 0, 0, 0, -1], [700, 1300, 0, 2000, np.nan])
    moved = found.moved(edges)
    assert moved.segment.tolist() == [1, 1, 0, 2, -1]
    assert moved.offset_m[:4].tolist() == [0, 600, 0, 700]


def test_patrols_of_other_days_or_of_none_do_not_count() -> None:
    patrols = town.patrols([(0, 0)]).assign(started_at=["2024-07-01T00:10:00+08:00"])
    assert seen(patrols).rule == "areas"
    assert seen(patrols.assign(started_at=None)).rule == "areas"
    assert seen(patrols.drop(columns="started_at")).patrols == 0
    last_minute = patrols.assign(started_at="2024-06-30T23:59:00+08:00")
    assert seen(last_minute).rule == "patrol_points"


def test_patrols_away_from_all_streets_have_no_street() -> None:
    found = seen(town.patrols([(-51, 0), (0, 0)]))
    assert (found.patrols, found.patrols_at.is_placed.tolist()) == (2, [False, True])
    assert seen(town.patrols([(-51, 0)]), areas=town.everywhere()).rule == "areas"


def test_a_route_shows_street_within_30_meters() -> None:
    found = seen(routes([(0, 100), (200, 100)]))
    assert found.rule == "patrol_routes"
    everywhere = fine(NETWORK)
    on_street = shapely.points(xy_of(NETWORK, everywhere))
    away_m = shapely.distance(on_street, routes([(0, 100), (200, 100)]).geometry.iloc[0])
    source = found.source[found.moved(everywhere).segment]
    # a circle is drawn with corners
    decided = np.abs(away_m - 30) > 0.3
    assert ((source == PATROL) == (away_m <= 30))[decided].all()


def test_routes_and_points_add_up() -> None:
    one, other = routes([(0, 100), (200, 100)]), town.patrols([(400, 400)])
    both = gpd.GeoDataFrame(
        {"started_at": [*one["started_at"], *other["started_at"]]},
        geometry=[*one.geometry, *other.geometry],
        crs=town.CRS,
    )
    found = seen(both)
    assert found.rule == "patrol_routes"
    assert found.exposure_m.sum() == pytest.approx(
        seen(one).exposure_m.sum() + seen(other).exposure_m.sum()
    )


def test_without_patrols_the_streets_of_the_areas_count() -> None:
    box = shapely.box(town.X0 + 50, town.Y0 - 10, town.X0 + 250, town.Y0 + 150)
    found = seen(town.nowhere(), areas=gpd.GeoDataFrame(geometry=[box, box], crs=town.CRS))
    assert found.rule == "areas"
    assert set(found.source.tolist()) == {NOT, AREA}
    # two streets of 200 m east, two of 150 m north
    assert found.exposure_m.sum() == pytest.approx(2 * 200 + 2 * 150)


def test_a_segment_with_a_case_and_no_patrol_is_added() -> None:
    cases = NETWORK.snap([[town.X0 + 50, town.Y0], [town.X0 + 350, town.Y0 + 400]], limit_m=1)
    found = seen(town.patrols([(0, 0)]), cases=cases)
    places = found.moved(cases)
    assert found.source[places.segment].tolist() == [PATROL, ADDED]
    assert found.network.lengths_m[found.source == ADDED].tolist() == [100]
    assert (found.exposure_m[places.segment] > 0).all()


def test_with_nothing_nothing_is_surveyed() -> None:
    found = seen(town.nowhere())
    assert not found.exposure_m.any()
    assert len(found.network.segments) == len(NETWORK.segments)


def test_a_network_in_pieces_and_without_length() -> None:
    x, y = town.X0, town.Y0
    network = StreetNetwork.from_segments(
        [[x, y], [x + 500, y], [x, y + 90], [x + 500, y + 90], [x + 500, y]],
        [[0, 1], [2, 3], [1, 4]],
    )
    found = seen(town.patrols([(100, 0)]), network=network)
    assert found.exposure_m.tolist() == [400, 0, 0, 0]
    assert found.moved(town.places([2], [0])).segment.tolist() == [3]
