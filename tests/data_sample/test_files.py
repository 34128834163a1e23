"""The committed files alone: counts, network, roadside, tilings, keys and cross-field rules."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.sample_county.frame import ORIGIN_LONLAT
from geosvc.crs import gcj02_to_wgs84

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).resolve().parents[2] / "data"
COUNTS = {
    "urban_stops": 135,
    "rural_stops": 180,
    "car_wash_sites": 2,
    "car_wash_shops": 19,
    "violations": 126,
    "patrols": 2117,
    "townships": 13,
    "villages": 220,
    "candidate_parcels": 60,
    "volunteer_posts": 30,
    "boundary": 1,
    "fleet": 3,
}
KEYS = {"roads": "road_id", "patrols": "patrol_id", "violations": "case_no"}
MAPS = sorted(path.stem for path in DATA.glob("*.geojson"))
HOT_ROADS = ["金桥路", "佳醇路", "泰北路"]
TEXT = {"grid_code": str, "law_code": str, "township_code": str}

Layers = dict[str, Any]


@pytest.fixture(scope="module")
def layers() -> Layers:
    """All layers, in metres of EPSG:4549; CSV as tables."""
    found: Layers = {name: gpd.read_file(DATA / f"{name}.geojson").to_crs(4549) for name in MAPS}
    for path in DATA.glob("*.csv"):
        found[path.stem] = pd.read_csv(path, dtype=TEXT)
    return found


@pytest.fixture(scope="module")
def tree(layers: Layers) -> shapely.STRtree:
    return shapely.STRtree(layers["roads"].geometry.array)


def test_counts(layers: Layers) -> None:
    assert {name: len(layers[name]) for name in COUNTS} == COUNTS
    assert 5000 <= len(layers["roads"]) <= 7000
    assert 40 <= len(layers["communities"]) <= 60


def test_keys_are_unique(layers: Layers) -> None:
    for name, frame in layers.items():
        key = KEYS.get(name, "vehicle_kind" if name == "fleet" else "feature_id")
        assert frame[key].is_unique, name


def test_numbers_of_the_report(layers: Layers) -> None:
    assert sorted(layers["car_wash_sites"].bays_planned) == [14, 25]
    assert Counter(layers["car_wash_shops"].action) == {
        "closed": 3,
        "remodelled": 5,
        "relocated": 11,
    }
    fleet = layers["fleet"].set_index("vehicle_kind")["count"].to_dict()
    assert fleet == {"taxi": 337, "bus": 116, "rural_bus": 86}
    assert 1000 <= layers["patrols"].leaflets.sum() <= 1400


def test_files_are_small_and_plain() -> None:
    paths = [path for path in DATA.iterdir() if path.suffix in {".geojson", ".csv"}]
    assert sum(path.stat().st_size for path in paths) < 6e6
    assert (DATA / "roads.geojson").stat().st_size <= 2.2e6
    assert all(b"\r" not in path.read_bytes() for path in paths)


@pytest.mark.parametrize("name", MAPS)
def test_geojson_has_one_feature_a_line_and_six_decimals(name: str) -> None:
    text = (DATA / f"{name}.geojson").read_text(encoding="utf-8")
    whole = json.loads(text)
    assert whole["type"] == "FeatureCollection"
    assert whole["name"] == name
    assert whole["synthetic"] is True
    assert text.count("\n") == len(whole["features"]) + 2
    shapes = gpd.read_file(DATA / f"{name}.geojson").geometry
    xy = shapely.get_coordinates(list(shapes))
    assert np.abs(xy - xy.round(6)).max() < 1e-12
    assert shapes.is_valid.all()
    rings = [part.exterior for part in shapes if isinstance(part, shapely.Polygon)]
    assert all(ring.is_ccw for ring in rings)


def test_everything_lies_around_the_origin_in_the_sea() -> None:
    for name in MAPS:
        west, south, east, north = gpd.read_file(DATA / f"{name}.geojson").total_bounds
        lon, lat = ORIGIN_LONLAT
        assert lon - 0.3 < west <= east < lon + 0.4
        assert lat - 0.25 < south <= north < lat + 0.35


def test_roads_are_one_network_also_with_one_way_lanes(layers: Layers) -> None:
    roads = gpd.read_file(DATA / "roads.geojson")
    ends = np.array([(line.coords[0], line.coords[-1]) for line in roads.geometry])
    node = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)[1].reshape(-1, 2)
    back = node[~roads.oneway.to_numpy(dtype=bool)][:, ::-1]
    links = np.vstack([node, back])
    size = int(node.max()) + 1
    matrix = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(size, size))
    assert connected_components(matrix, connection="strong")[0] == 1
    assert roads.oneway.any()
    assert 1800 < layers["roads"].length.sum() / 1000 < 2600


def test_roads_keep_to_the_land(layers: Layers) -> None:
    roads, water = layers["roads"], layers["water"]
    still = water[water.kind.isin(["lake", "pond", "fish_pond"])].union_all()
    assert not roads.intersects(still).any()
    assert roads.within(layers["boundary"].geometry.iloc[0].buffer(1)).all()
    assert (roads.length - roads.length_m).abs().max() < 0.5


def test_roads_have_plausible_names(layers: Layers) -> None:
    roads = layers["roads"]
    assert set(HOT_ROADS) <= set(roads.road_name)
    assert set(roads.road_class) == set("GSXYC") | {
        "express",
        "arterial",
        "secondary",
        "branch",
        "lane",
    }
    town = roads[roads.road_class.isin(["branch", "lane"])]
    compounds = town.road_name.str.fullmatch(r".{2,}[东西南北中][路街巷]")
    assert set(town.road_name[compounds]) <= {"桥东路", "桥西路", "堤东路", "堤西路"}
    highways = roads[roads.road_class.isin(list("GSXYC"))]
    assert (highways.road_code.str[0] == highways.road_class).all()
    assert roads[roads.road_class.isin(["arterial", "branch", "lane"])].road_code.isna().all()


@pytest.mark.parametrize("name", ["urban_stops", "rural_stops"])
def test_stops_stand_beside_their_own_road(
    layers: Layers, tree: shapely.STRtree, name: str
) -> None:
    stops, roads = layers[name], layers["roads"].set_index("road_id")
    own = roads.geometry.loc[stops.road_id].array
    gap = shapely.distance(stops.geometry.array, own)
    assert gap.min() >= 3
    assert gap.max() <= 12
    nearest = roads.iloc[tree.nearest(stops.geometry.array)]
    assert (nearest.road_name.to_numpy() == stops.road_name.to_numpy()).all()
    places = zip(stops.geometry, own, stops.direction, strict=True)
    assert all(_is_on_the_right(spot, line, heading) for spot, line, heading in places)
    assert not stops.intersects(layers["water"].union_all()).any()


def _is_on_the_right(spot: shapely.Point, line: shapely.LineString, heading: str) -> bool:
    at = line.project(spot)
    one, two = line.interpolate(max(at - 3, 0)), line.interpolate(min(at + 3, line.length))
    way = math.atan2(two.y - one.y, two.x - one.x)
    wanted = {"E": 0.0, "N": math.pi / 2, "W": math.pi, "S": -math.pi / 2}[heading]
    if math.cos(way - wanted) < 0:
        one, two = two, one
    return (two.x - one.x) * (spot.y - one.y) - (two.y - one.y) * (spot.x - one.x) < 0


def test_town_stops_are_mostly_pairs(layers: Layers) -> None:
    sizes = Counter(Counter(layers["urban_stops"].pair_id).values())
    assert set(sizes) == {1, 2}
    assert sizes[1] <= 12
    assert max(Counter(layers["rural_stops"].pair_id).values()) == 2


def test_nearly_every_village_has_a_stop_within_two_kilometres(layers: Layers) -> None:
    stops = [*layers["rural_stops"].geometry, *layers["urban_stops"].geometry]
    villages = layers["villages"].geometry
    assert villages.dwithin(shapely.multipoints(stops), 2000).mean() >= 0.95


def test_villages_lie_on_a_road(layers: Layers, tree: shapely.STRtree) -> None:
    spots = layers["villages"].geometry.array
    nearest = layers["roads"].geometry.array[tree.nearest(spots)]
    assert shapely.distance(spots, nearest).max() < 25


def _overlap_and_holes(shapes: Sequence[shapely.Polygon]) -> tuple[float, float]:
    whole = shapely.union_all(shapes)
    holes = [
        shapely.Polygon(ring).area for part in shapely.get_parts(whole) for ring in part.interiors
    ]
    return float(shapely.area(shapes).sum() - whole.area), float(sum(holes))


def test_townships_tile_the_land(layers: Layers) -> None:
    shapes = layers["townships"].geometry.array
    lake = layers["water"].set_index("kind").geometry["lake"]
    land = layers["boundary"].geometry.iloc[0].difference(lake)
    assert abs(_overlap_and_holes(shapes)[0]) < 1
    assert shapely.union_all(shapes).symmetric_difference(land).area < 1
    assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()


def test_communities_tile_the_town(layers: Layers) -> None:
    shapes = layers["communities"].geometry.array
    overlap, holes = _overlap_and_holes(shapes)
    assert abs(overlap) < 1
    assert holes < 1
    assert len(shapely.get_parts(shapely.union_all(shapes))) == 1
    assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.coverage_is_valid(layers["townships"].geometry.array)
    assert (layers["communities"].population > 0).all()


def test_areas_add_up(layers: Layers) -> None:
    communities, townships = layers["communities"], layers["townships"]
    assert set(communities.township_code) <= set(townships.township_code)
    for name in ("townships", "communities", "water", "candidate_parcels", "exclusion_zones"):
        frame = layers[name]
        assert ((frame.area - frame.area_m2).abs() / frame.area_m2).max() < 0.01, name


def test_place_codes_belong_together(layers: Layers) -> None:
    codes = set(layers["townships"].township_code)
    for name, frame in layers.items():
        if "grid_code" in frame and "community" in frame:
            assert set(frame.township_code.astype(str)) <= codes, name
            assert (frame.grid_code.str[:9] == frame.township_code.astype(str)).all(), name


def test_violations_lie_at_a_road_of_the_town(layers: Layers, tree: shapely.STRtree) -> None:
    cases = layers["violations"]
    lon, lat = gcj02_to_wgs84(cases.lon.to_numpy(), cases.lat.to_numpy())
    spots = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4490).to_crs(4549)
    nearest = layers["roads"].iloc[tree.nearest(list(spots))]
    assert shapely.distance(list(spots), list(nearest.geometry)).max() < 15
    assert spots.within(layers["communities"].union_all()).all()
    raw = gpd.GeoSeries(gpd.points_from_xy(cases.lon, cases.lat), crs=4490).to_crs(4549)
    assert spots.distance(raw).min() > 100  # so the wrong datum shows at once


def test_violations_follow_their_rules(layers: Layers) -> None:
    cases = layers["violations"]
    captured, reported, closed = (
        pd.to_datetime(cases[name]) for name in ("captured_at", "reported_at", "closed_at")
    )
    assert (captured <= reported).all()
    assert ((closed >= reported) | closed.isna()).all()
    assert captured.min() >= pd.Timestamp("2024-05-15T00:00+08:00")
    assert captured.max() < pd.Timestamp("2024-07-01T00:00+08:00")
    assert (cases.fine_yuan.notna() == (cases.state == "penalised")).all()
    assert cases.fine_yuan.dropna().between(20, 200).all()
    assert cases.road_name.isin(HOT_ROADS).mean() > 0.7
    assert (captured.dt.day_of_week >= 5).mean() > 0.3
    assert cases.violation_type.value_counts(normalize=True).between(0.05, 0.6).all()


def test_patrols_found_the_cases_that_name_them(layers: Layers) -> None:
    cases = layers["violations"]
    known = cases.dropna(subset="patrol_id").merge(layers["patrols"], on="patrol_id")
    assert 0.25 < len(known) / len(cases) < 0.42
    assert len(known) == cases.patrol_id.notna().sum()
    assert (known.road_name_x == known.road_name_y).all()
    times = known[["started_at", "captured_at", "ended_at"]].apply(pd.to_datetime)
    assert (times.started_at <= times.captured_at).all()
    assert (times.captured_at <= times.ended_at).all()
    assert (known.found >= known.groupby("patrol_id").case_no.transform("size")).all()


def test_patrols_follow_their_rules(layers: Layers) -> None:
    patrols = layers["patrols"]
    started, ended = pd.to_datetime(patrols.started_at), pd.to_datetime(patrols.ended_at)
    assert (ended > started).all()
    assert started.is_monotonic_increasing
    assert started.min() >= pd.Timestamp("2024-03-15T00:00+08:00")
    assert ended.max() < pd.Timestamp("2024-07-01T00:00+08:00")
    assert (patrols.persuaded <= patrols.found).all()
    assert patrols.officer_count.between(1, 50).all()


def test_shops_and_sites_follow_their_rules(layers: Layers) -> None:
    shops, sites = layers["car_wash_shops"], layers["car_wash_sites"]
    assert (shops.new_site_id.notna() == (shops.action == "relocated")).all()
    assert set(shops.new_site_id.dropna()) == set(sites.feature_id)
    assert (shops.recheck_at >= shops.action_date).all()
    assert (sites.bays_open <= sites.bays_planned).all()
    assert shops.bays.dropna().between(1, 6).all()
    assert shops.bays.isna().sum() == 5
    assert (shops.bays.isna() == shops.washes_per_day.isna()).all()


@pytest.mark.parametrize("name", ["urban_stops", "rural_stops"])
def test_stops_follow_their_rules(layers: Layers, name: str) -> None:
    stops = layers[name]
    assert (stops.ad_slots_public <= stops.ad_slots).all()
    assert stops.ad_slots.between(0, 20).all()
    assert stops.built_year.between(1980, 2024).all()
    assert (stops.ad_theme.notna() == (stops.ad_slots_public > 0)).all()
    assert (stops.ad_condition.notna() == (stops.ad_slots > 0)).all()
    assert all(len(routes) for routes in stops.route_nos)
    faulty = stops.ad_condition.isin(["faded", "damaged", "missing"]) | (
        stops.cleanliness == "poor"
    )
    if "esign_state" in stops:
        assert (stops.esign_code.notna() == stops.has_esign).all()
        assert (stops.esign_state.notna() == stops.has_esign).all()
        faulty |= stops.esign_state.isin(["offline", "fault"])
    else:
        assert ((stops.shelter_type == "shelter") == stops.has_shelter).all()
        assert (stops.first_bus < stops.last_bus).all()
    for column in ("task", "lead_unit", "post", "progress", "due_date"):
        assert (stops[column].notna() == faulty).all()
    assert stops.progress.dropna().between(0, 100).all()


def test_focus_areas_cover_every_theme_and_the_hot_roads(layers: Layers) -> None:
    areas = layers["focus_areas"]
    assert len(set(areas.theme)) == 8
    washing = areas[areas.theme == "lane_washing"]
    assert {name[:3] for name in washing.area_name} == set(HOT_ROADS)
    assert areas.area_name.str.contains("新城广场|农工商").sum() >= 2


def test_parcels_are_clear_of_roads_and_water(layers: Layers) -> None:
    roads, parcels = layers["roads"], layers["candidate_parcels"]
    carriageways = shapely.STRtree(roads.geometry.buffer(roads.width_m / 2).array)
    assert not len(carriageways.query(parcels.geometry.array, predicate="intersects")[0])
    assert not parcels.intersects(layers["water"].union_all()).any()
    assert set(parcels.road_id) <= set(roads.road_id)
