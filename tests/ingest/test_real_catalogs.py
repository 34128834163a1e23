"""Real data by way of layer files: Haidian, one boundary in three datums, central Helsinki."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geosvc.catalog.catalog import read_catalog
from geosvc.crs import datum_of, from_crs84, metric_crs
from geosvc.ingest.source import read_source
from geosvc.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.catalog.catalog import Catalog
    from geosvc.ingest.source import Clean

# real data has real faults: a way of two nodes in one place
REAL_FAULTS = {("helsinki", "roads"): [("invalid_geometry", 2137)]}


def _read_all(catalog: Catalog) -> dict[str, Clean]:
    read: dict[str, Clean] = {}

    def frames(layer_id: str) -> gpd.GeoDataFrame:
        frame = read[layer_id].frame
        assert isinstance(frame, gpd.GeoDataFrame)
        return frame

    for layer_id in catalog.order():
        read[layer_id] = read_source(catalog.layer(layer_id), frames=frames)
    return read


@pytest.fixture(scope="module")
def haidian(project: Path, shared: Path) -> tuple[Catalog, dict[str, Clean]]:
    folder = project / "tests" / "catalogs" / "real" / "layers"
    catalog = read_catalog(Settings(layers=folder, data_roots=(shared / "real",)))
    return catalog, _read_all(catalog)


@pytest.fixture(scope="module")
def helsinki(project: Path) -> tuple[Catalog, dict[str, Clean]]:
    folder = project / "tests" / "catalogs" / "helsinki" / "layers"
    roots = (project / "tests" / "data",)
    catalog = read_catalog(Settings(layers=folder, data_roots=roots))
    return catalog, _read_all(catalog)


def _meters(frame: gpd.GeoDataFrame) -> np.ndarray:
    return from_crs84(frame.geometry.to_numpy(), datum_of(metric_crs(frame)))


def _shape(clean: Clean) -> shapely.Geometry:
    assert isinstance(clean.frame, gpd.GeoDataFrame)
    shape: shapely.Geometry = _meters(clean.frame)[0]
    return shape


@pytest.mark.parametrize("name", ["haidian", "helsinki"])
def test_every_row_is_sound_and_counted(name: str, request: pytest.FixtureRequest) -> None:
    catalog, read = request.getfixturevalue(name)
    assert catalog.issues == ()
    assert set(read) == set(catalog.layers)
    for layer_id, clean in read.items():
        broken = REAL_FAULTS.get((name, layer_id), [])
        assert [(issue.code, issue.row) for issue in clean.issues] == broken
        assert len(clean.frame) == clean.total_rows - len(broken)
        assert len(clean.frame) == catalog.layer(layer_id).schema.expected_count


def test_every_field_of_the_files_is_declared(haidian: tuple[Catalog, dict[str, Clean]]) -> None:
    for layer_id, clean in haidian[1].items():
        left = set() if clean.extra is None else set(clean.extra.iloc[0])
        assert left == ({"parent"} if layer_id == "boundary_gcj02" else set())


def test_haidian_has_its_stops_and_its_streets(haidian: tuple[Catalog, dict[str, Clean]]) -> None:
    stops, roads = haidian[1]["bus_stops"].frame, haidian[1]["roads"].frame
    assert len(stops) == 66
    assert stops.loc["737043848", "name"] == "双泉堡"
    assert roads["name"].notna().sum() == 64
    assert str(roads["lanes"].dtype) == "Int64"
    assert set(roads["oneway"].dropna()) == {"yes", "no"}


def test_stops_lie_by_their_streets(haidian: tuple[Catalog, dict[str, Clean]]) -> None:
    stops, roads = (haidian[1][name].frame for name in ("bus_stops", "roads"))
    assert isinstance(stops, gpd.GeoDataFrame)
    assert isinstance(roads, gpd.GeoDataFrame)
    streets = shapely.union_all(_meters(roads))
    away_m = shapely.distance(_meters(stops), streets)
    # platforms stand beside the carriageway, stop positions on it
    assert np.median(away_m) < 5
    assert np.quantile(away_m, 0.9) < 30


def test_one_boundary_in_three_datums_is_one(haidian: tuple[Catalog, dict[str, Clean]]) -> None:
    read = haidian[1]
    gcj02, wgs84, cgcs2000 = (
        _shape(read[f"boundary_{name}"]) for name in ("gcj02", "wgs84", "cgcs2000")
    )
    corners = shapely.points(shapely.get_coordinates(gcj02))
    assert np.median(shapely.distance(corners, shapely.boundary(wgs84))) <= 5
    # the simplified edition wanders, but covers the same ground
    overlap = shapely.area(shapely.intersection(gcj02, cgcs2000))
    assert overlap / shapely.area(shapely.union(gcj02, cgcs2000)) > 0.95


def test_received_coordinates_stay_with_the_shifted_boundary(
    haidian: tuple[Catalog, dict[str, Clean]],
) -> None:
    read = haidian[1]
    assert [read[f"boundary_{name}"].raw is None for name in ("gcj02", "wgs84", "cgcs2000")] == [
        False,
        True,
        True,
    ]
    clean = read["boundary_gcj02"]
    assert clean.raw is not None
    assert isinstance(clean.frame, gpd.GeoDataFrame)
    received, placed = shapely.from_wkb(clean.raw.iloc[0]), clean.frame.geometry.iloc[0]
    shift = shapely.get_coordinates(received) - shapely.get_coordinates(placed)
    # about 490 m east and 210 m south
    assert (np.abs(shift.mean(axis=0) - [0.0052, -0.0019]) < 0.0003).all()


def test_helsinki_has_its_streets_in_a_lone_clone(
    helsinki: tuple[Catalog, dict[str, Clean]],
) -> None:
    roads, points = (helsinki[1][name].frame for name in ("roads", "points"))
    assert (roads["name"] == "Mannerheimintie").sum() > 5
    assert (points["highway"] == "bus_stop").sum() == 92
    assert isinstance(roads, gpd.GeoDataFrame)
    west, south, east, north = roads.total_bounds
    assert 24.8 < west < east < 25.1
    assert 60.1 < south < north < 60.3
