from __future__ import annotations

import math

from geosvc.analysis.siting.answer import solve_problem
from geosvc.analysis.siting.drawn import metric_frame_crs, points_frame, sites_frame
from tests.analysis.siting.questions import CRS, DEMAND, PARCELS, STANDING, question

PROBLEM = question(DEMAND, PARCELS, STANDING)
FOUND = solve_problem(PROBLEM)


def test_open_sites_are_drawn_where_they_stand() -> None:
    assert FOUND.best is not None
    gdf = sites_frame(PROBLEM, FOUND.best)
    assert gdf.index.tolist() == ["w", "a", "d"]
    assert gdf.geometry.x.tolist() == [500, 50, 950]
    assert gdf["weight"].tolist() == [4, 6, 2]
    assert gdf.crs == CRS == metric_frame_crs(PROBLEM)


def test_points_tell_where_they_go_and_how_far() -> None:
    assert FOUND.best is not None
    gdf = points_frame(PROBLEM, FOUND.best)
    assert gdf["site"].tolist() == ["a", "a", "w", "w", "d"]
    assert gdf["distance_m"].tolist() == [50, 50, 100, 200, 50]
    assert gdf["weight"].tolist() == list(DEMAND.values())
    assert gdf["kind"].unique().tolist() == ["homes"]


def test_nobody_goes_where_nothing_is() -> None:
    problem = question(DEMAND, PARCELS)
    gdf = points_frame(problem, solve_problem(problem).curve[0])
    assert all(site is None for site in gdf["site"])
    assert all(math.isnan(value) for value in gdf["distance_m"])
    assert len(sites_frame(problem, solve_problem(problem).curve[0])) == 0


def test_split_demand_has_the_mean_of_its_ways() -> None:
    split = question({0.0: 12.0}, PARCELS, objective="capacitated", washes_per_bay_day=1)
    best = solve_problem(split).best
    assert best is not None
    gdf = points_frame(split, best)
    assert gdf["site"].tolist() == ["a"]
    assert gdf["distance_m"].tolist() == [(10 * 50 + 2 * 300) / 12]
