"""Two invented years of cases in a town of square blocks: one true effect, and one that is none.

``python -m tests.two_years`` writes the files of ``tests/data/two_years`` again.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from geosvc.analysis.places import nearest
from geosvc.network import Snapped, StreetNetwork

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FOLDER = Path(__file__).parent / "data" / "two_years"
SEED = 20240630
FIRST = np.datetime64("2022-07-01")
DAYS = 731
BLOCK_M, BLOCKS = 500.0, 20
ORIGIN_M = (602_000.0, 3_708_000.0)
VISITS_PER_KM = 17.0  # in both years
MORE_CASES = 0.3  # cases of a visit beyond the first
KEPT = 0.35  # of the visits near a site once it is open
SITES = [(0.6, 9.4), (1.9, 9.4), (0.6, 8.1), (1.9, 8.1), (0.6, 6.8)]  # km
SHOPS = [(9.4, 0.6), (8.1, 0.6), (9.4, 1.9), (8.1, 1.9), (9.4, 3.2)]
ACTED = [np.datetime64(f"2023-{day}") for day in ("06-19", "06-26", "07-01", "07-03", "07-10")]


def read() -> dict[str, gpd.GeoDataFrame]:
    """Return the inputs of the layer, by the method's parameters, in OGC:CRS84."""
    rows = pd.read_csv(FOLDER / "violations.csv", index_col="case_no")
    points = gpd.points_from_xy(rows.pop("lon"), rows.pop("lat"))
    frames = {"events": gpd.GeoDataFrame(rows, geometry=points, crs="OGC:CRS84")}
    for name in ("streets", "shops", "sites"):
        collection = json.loads((FOLDER / f"{name}.geojson").read_bytes())
        frame = gpd.GeoDataFrame.from_features(collection["features"], crs="OGC:CRS84")
        frames[name] = frame.set_index("feature_id")
    return frames


def write(folder: Path) -> None:
    """Write all files."""
    lines = _streets()
    network = StreetNetwork.from_lines(gpd.GeoDataFrame(geometry=lines, crs="EPSG:4549"))
    _write_collection(folder / "streets.geojson", lines, ({} for _ in lines))
    done: dict[str, list[dict[str, Any]]] = {
        "sites": [{"phase": "open", "opened_on": str(day)} for day in ACTED],
        "shops": [{"action": "closed", "action_date": str(day)} for day in ACTED],
    }
    places = {"sites": _at(np.array(SITES)), "shops": _at(np.array(SHOPS))}
    for name, rows in done.items():
        _write_collection(
            folder / f"{name}.geojson", [shapely.Point(at) for at in places[name]], rows
        )
    xy, day = throw(network, network.snap(places["sites"], limit_m=BLOCK_M))
    with (folder / "violations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["case_no", "lon", "lat", "captured_at"])
        for number, ((lon, lat), on) in enumerate(zip(_degrees(xy), day, strict=True), start=1):
            writer.writerow([f"C{number:05}", f"{lon:.5f}", f"{lat:.5f}", on])


def _at(km: Floats) -> Floats:
    return np.asarray(ORIGIN_M + 1000 * km)


def _streets() -> list[shapely.Geometry]:
    along = np.arange(BLOCKS + 1) * BLOCK_M / 1000
    rows = [np.stack([along, np.full(BLOCKS + 1, at)], axis=1) for at in along]
    return [shapely.LineString(_at(row)) for row in [*rows, *(row[:, ::-1] for row in rows)]]


def throw(
    network: StreetNetwork, sites: Snapped, *, seed: int = SEED, kept: float = KEPT
) -> tuple[Floats, NDArray[np.datetime64]]:
    """Throw visits along the streets, denser in the middle, in summer and in the second year."""
    chance = np.random.default_rng(seed)
    count = chance.poisson(network.length_m / 1000 * VISITS_PER_KM * 2)
    segment = chance.integers(0, len(network.segments), count)
    offset_m = chance.uniform(0, BLOCK_M, count)
    start, end = (network.vertices_xy[network.segments[segment, side]] for side in (0, 1))
    xy = start + (end - start) * (offset_m / BLOCK_M)[:, None]
    day = chance.integers(0, DAYS, count)
    away_km = np.hypot(*((xy - ORIGIN_M) / 1000 - BLOCKS * BLOCK_M / 2000).T)
    level = 0.5 + 0.12 * np.cos(away_km / 2) + 0.1 * np.sin(day * 2 * np.pi / 365.25)
    level += 0.1 * (day > DAYS // 2)
    places = Snapped(segment, offset_m, np.zeros(count))
    site, _ = nearest(network, sites, places, limit_m=BLOCK_M)
    opened = (np.array(ACTED) - FIRST).astype(np.int64)[site]
    level[(site >= 0) & (day >= opened)] *= kept
    happened = np.flatnonzero(chance.random(count) < level)
    happened = happened[np.argsort(day[happened], kind="stable")]
    each = np.repeat(happened, 1 + chance.poisson(MORE_CASES, len(happened)))
    return xy[each] + chance.uniform(-8, 8, (len(each), 2)), FIRST + day[each]


def _degrees(xy: Floats) -> Floats:
    # CGCS2000 and CRS84 agree to centimeters, and PROJ takes them for one
    to_degrees = Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    return np.stack(to_degrees.transform(*xy.T), axis=1)


def _write_collection(
    path: Path, geometries: Sequence[shapely.Geometry], rows: Iterable[dict[str, Any]]
) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"feature_id": f"{path.stem[:2].upper()}{number:02}"} | row,
            "geometry": _geometry(geometry),
        }
        for number, (geometry, row) in enumerate(zip(geometries, rows, strict=True), start=1)
    ]
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    text = f'{{"type":"FeatureCollection","synthetic":true,"features":[\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8")


def _geometry(geometry: shapely.Geometry) -> dict[str, Any]:
    pairs = _degrees(shapely.get_coordinates(geometry)).round(6).tolist()
    if isinstance(geometry, shapely.Point):
        return {"type": "Point", "coordinates": pairs[0]}
    return {"type": "LineString", "coordinates": pairs}


if __name__ == "__main__":
    write(FOLDER)
