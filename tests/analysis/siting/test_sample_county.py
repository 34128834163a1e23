"""The sample county from layers to JSON: parcels, standing sites, shops, homes, its own zones."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest

from geosvc.analysis.siting import SitingProblem, as_json, solve_problem, why_not, why_not_json
from geosvc.crs import metric_crs

DATA = Path(__file__).parents[3] / "data"
LAYERS = (
    "roads", "candidate_parcels", "car_wash_sites", "car_wash_shops", "exclusion_zones",
    "communities", "villages",
)  # fmt: skip
SETTINGS = {
    "streets": {"layer": "roads", "name": "road_name"},
    "demand": [
        {
            "name": "shops",
            "layer": "car_wash_shops",
            "amount": "washes_per_day",
            "where": {"action": ["closed", "relocated"]},
            "weight": 1,
        },
        {"name": "town", "layer": "communities", "amount": "population", "weight": 0.001},
        {"name": "country", "layer": "villages", "amount": "population", "weight": 0.001},
    ],
    "candidates": {
        "layer": "candidate_parcels",
        "key": "parcel_id",
        "name": "parcel_name",
        "bays": "max_bays",
        "cost": "cost_wan",
    },
    "existing": {
        "layer": "car_wash_sites",
        "key": "feature_id",
        "name": "site_name",
        "bays": "bays_planned",
    },
    "added": 5,
    "service_distances_m": [1000, 3000],
    "draws": 10,
}


@pytest.fixture(scope="module")
def problem() -> SitingProblem:
    received = {name: gpd.read_file(DATA / f"{name}.geojson") for name in LAYERS}
    crs = metric_crs(received["roads"])
    return SitingProblem.of({name: gdf.to_crs(crs) for name, gdf in received.items()}, SETTINGS)


def test_the_county_has_a_proven_curve(problem: SitingProblem) -> None:
    found = solve_problem(problem)
    document = as_json(found)
    json.dumps(document, allow_nan=False)
    values = [row["value"] for row in document["curve"]]
    assert [row["status"] for row in document["curve"]] == ["proven"] * 6
    assert values == sorted(values, key=lambda value: -(value or 0.0))
    assert document["demand"]["unreached"]["points"] == 0
    assert document["access"]["unplaced_keys"] == []
    # sites under construction: 25 and 14 bays
    assert document["verdict"][0]["bays"] == 39
    shops = document["verdict"][1]
    assert (shops["kind"], shops["weight"], shops["holds"]) == ("shops", 370.0, None)
    assert found.best is not None
    excluded = [
        site["key"] for site in document["sites"] if site["findings"] and not site["usable"]
    ]
    for key in excluded:
        reason = why_not_json(why_not(problem, key, found.best.plan))
        assert reason["code"] == "excluded"
        assert {broken["source"] for broken in reason["findings"]} == {"示例规则，非法定距离"}
        assert reason["forced"] is not None


def test_all_county_distances_are_at_least_straight(problem: SitingProblem) -> None:
    homes = gpd.GeoSeries(gpd.points_from_xy(*problem.demand.xy.T))
    for site in range(0, len(problem.sites), 7):
        straight = homes.distance(problem.sites.geometry[site]).to_numpy()
        assert (problem.distances_m[:, site] >= straight - 0.02).all()
