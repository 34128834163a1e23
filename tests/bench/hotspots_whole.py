"""Hotspots of the sample county as a layer computes them, from the frames to the report."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geosvc.analysis.hotspots import street_hotspots
from geosvc.crs import from_crs84, parse_datum, to_crs84
from tests.bench.server import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METRIC = parse_datum("EPSG:4549")
TARGET_S = 10.0


def _frame(name: str, datum: str) -> gpd.GeoDataFrame:
    path = PROJECT / "data" / name
    if path.suffix == ".csv":
        table = pd.read_csv(path, index_col=0)
        gdf = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]))
    else:
        gdf = gpd.read_file(path)
    geometry = from_crs84(to_crs84(gdf.geometry.to_numpy(), parse_datum(datum)), METRIC)
    columns = pd.DataFrame(gdf.drop(columns="geometry"))
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4549")


def rows(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what was measured, its figure, and what it stands beside."""
    events = _frame("violations.csv", "GCJ-02")
    others = [
        _frame(name, "CGCS2000") for name in ("roads.geojson", "patrols.csv", "communities.geojson")
    ]
    asked = {"radii_m": [100.0, 200.0, 300.0, 500.0], "alpha": 0.05, "seed": 1}
    for draws in (999, 9_999):
        start = time.process_time()
        table = street_hotspots(events, *others, draws=draws, **asked)  # type: ignore[arg-type]
        told = table.attrs["report"]
        yield (
            f"hotspots of the county, {draws:,} throws, all in all, CPU s",
            f"{time.process_time() - start:.2f}",
            f"{told['visits']['count']} visits, {told['exposure']['length_m'] / 1000:.0f} km"
            + (f"; target {TARGET_S:g}" if draws == 999 else ""),
        )
