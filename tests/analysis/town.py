"""A small town for the tests of hotspots: streets in squares, cases and patrols where asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geosvc.network import Snapped

if TYPE_CHECKING:
    from collections.abc import Sequence

CRS = "EPSG:4549"
X0, Y0 = 600_000.0, 3_700_000.0
BLOCK_M = 100.0
SIDE = 15
"""Streets each way, so 42 km in all."""


def streets(side: int = SIDE, block_m: float = BLOCK_M) -> gpd.GeoDataFrame:
    """``side`` streets each way; 东i路 runs east at y = i blocks, 北i路 north at x = i blocks."""
    at = np.arange(side) * block_m
    lines, names = [], []
    for number, fixed in enumerate(at.tolist()):
        lines.append([(X0 + along, Y0 + fixed) for along in at.tolist()])
        lines.append([(X0 + fixed, Y0 + along) for along in at.tolist()])
        names += [f"东{number}路", f"北{number}路"]
    index = [f"R{number}" for number in range(len(names))]
    shapes = [shapely.LineString(line) for line in lines]
    return gpd.GeoDataFrame({"road_name": names}, geometry=shapes, index=index, crs=CRS)


def places(segment: Sequence[int], offset_m: Sequence[float]) -> Snapped:
    """Places by hand, each on its street."""
    on, along = np.array(segment, dtype=np.int64), np.array(offset_m, dtype=np.float64)
    return Snapped(on, along, np.zeros(len(on)))


def points(xy: Sequence[tuple[float, float]]) -> list[shapely.Point]:
    return [shapely.Point(X0 + x, Y0 + y) for x, y in xy]


def cases(
    xy: Sequence[tuple[float, float]],
    days: Sequence[str | None],
    patrols: Sequence[str | None] | None = None,
) -> gpd.GeoDataFrame:
    """Cases by place, from the town's corner, and day of June 2024 at half past eight."""
    when = [None if day is None else f"2024-06-{day}T08:30:00+08:00" for day in days]
    columns = {"captured_at": when, "patrol_id": patrols or [None] * len(when)}
    index = [f"C{number}" for number in range(len(when))]
    return gpd.GeoDataFrame(columns, geometry=points(xy), index=index, crs=CRS)


def patrols(xy: Sequence[tuple[float, float]], day: str = "10") -> gpd.GeoDataFrame:
    when = {"started_at": [f"2024-06-{day}T08:00:00+08:00"] * len(xy)}
    return gpd.GeoDataFrame(when, geometry=points(xy), crs=CRS)


def everywhere(side: int = SIDE) -> gpd.GeoDataFrame:
    """One area over the whole town."""
    end = side * BLOCK_M
    return gpd.GeoDataFrame(geometry=[shapely.box(X0 - 1, Y0 - 1, X0 + end, Y0 + end)], crs=CRS)


def nowhere() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"started_at": []}, geometry=[], crs=CRS)


def spread(count: int, *, seed: int = 3, side: int = SIDE) -> list[tuple[float, float]]:
    """Places everywhere on the town's streets."""
    rng = np.random.default_rng(seed)
    along = rng.uniform(0, (side - 1) * BLOCK_M, count)
    street = rng.integers(0, side, count) * BLOCK_M
    goes_east = rng.random(count) < 0.5
    return list(
        zip(
            np.where(goes_east, along, street).tolist(),
            np.where(goes_east, street, along).tolist(),
            strict=True,
        )
    )


def month(count: int) -> list[str]:
    """Days of June, one after the other, and again from the first."""
    return [f"{number % 30 + 1:02}" for number in range(count)]


def with_hotspot(
    count: int = 60, planted: int = 12, *, at: tuple[float, float] = (730.0, 700.0)
) -> gpd.GeoDataFrame:
    """Cases everywhere, and more on the hundred meters east of a place, each on another day."""
    xy = spread(count) + [(at[0] + 5.0 * number, at[1]) for number in range(planted)]
    return cases(xy, month(count) + month(planted))
