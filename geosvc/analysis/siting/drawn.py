"""A plan as frames to draw: the sites, the demand points, and who goes where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from pyproj import CRS

    from geosvc.analysis.siting.curve import Row
    from geosvc.analysis.siting.problem import SitingProblem


def metric_frame_crs(problem: SitingProblem) -> CRS | None:
    """Return the CRS that the frames of a problem share."""
    return next((gdf.crs for gdf in problem.frames.values() if gdf.crs is not None), None)


def sites_frame(problem: SitingProblem, row: Row) -> gpd.GeoDataFrame:
    """Return the open sites of a plan.

    Returns
    -------
    frame
        Points and areas in the CRS of the problem, by ``key``: ``name``, ``standing``, ``bays``,
        ``cost`` and ``weight`` (what it gets a day).
    """
    sites, given = row.plan.sites, problem.sites
    load = {load.site: load.weight for load in row.figures.loads}
    columns = {
        "key": [given.keys[site] for site in sites],
        "name": [given.names[site] for site in sites],
        "standing": given.standing[sites],
        "bays": row.plan.bays,
        "cost": given.cost[sites],
        "weight": [load[site] for site in sites.tolist()],
    }
    crs = metric_frame_crs(problem)
    return gpd.GeoDataFrame(columns, geometry=given.geometry[sites], crs=crs).set_index("key")


def points_frame(problem: SitingProblem, row: Row) -> gpd.GeoDataFrame:
    """Return the demand points and how far their site is in a plan.

    Returns
    -------
    frame
        In the order of the demand: ``kind``, ``value``, ``label``, ``weight``, ``site`` (the key of
        that which serves most of it, None without one), ``distance_m`` (the mean of its sites, NaN
        without one).
    """
    demand, served = problem.demand, row.served
    amount = np.bincount(served.demand, served.amount, minlength=len(demand))
    far = served.amount * problem.distances_m[served.demand, served.site]
    total = np.bincount(served.demand, far, minlength=len(demand))
    mean = np.full(len(demand), np.nan)
    np.divide(total, amount, out=mean, where=amount > 0)
    site: list[str | None] = [None] * len(demand)
    for at in np.argsort(served.amount, kind="stable").tolist():
        site[int(served.demand[at])] = problem.sites.keys[int(served.site[at])]
    groups = [demand.groups[group] for group in demand.group.tolist()]
    columns = {
        "kind": [kind for kind, _ in groups],
        "value": [value for _, value in groups],
        "label": list(demand.labels),
        "weight": demand.weights,
        "site": np.array(site, dtype=object),
        "distance_m": mean,
    }
    crs = metric_frame_crs(problem)
    return gpd.GeoDataFrame(columns, geometry=shapely.points(demand.xy), crs=crs)
