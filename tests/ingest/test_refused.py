"""Bad input: rows that are left out, files that are refused, and nothing else lost."""

from __future__ import annotations

import dataclasses
import os
import socket
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geosvc.catalog.model import ForeignKey, OnlyIf, Order
from geosvc.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geosvc.catalog.model import Layer
    from geosvc.ingest.source import Clean

Make = Any
STOPS = "code,name,bays,width,open,day,at,first,routes,lon,lat\n"
MIXED = (
    "code,state,bays,opened,closed,patrol,lon,lat\n"
    "A1,open,3,2024-06-01,,P1,121.1,33.5\n"
    "A2,shut,3,,,,121.1,33.5\n"
    "A3,open,0,,,,121.1,33.5\n"
    "A4,open,many,,,,121.1,33.5\n"
    "A5,closed,,2024/6/1,,,121.1,33.5\n"
    "A6,closed,,2024-06-02,2024-06-01,,121.1,33.5\n"
    "A7,open,,,2024-06-01,,121.1,33.5\n"
    "A8,open,,,,P9,121.1,33.5\n"
    ",open,,,,,121.1,33.5\n"
    "B1,open,,,,,121.1,33.5\n"
    "A9,open,,,,,,\n"
    "A10,open,,,,,33.5,121.1\n"
    "A11,open,,,,,122.1,33.5\n"
    "A12,open\n"
    "A1,open,,,,,121.1,33.5\n"
    "A13,closed,,2024-06-01,2024-06-02,,121.1,33.5\n"
)
"""One fault a row, between two sound ones."""


def _codes(clean: Clean) -> list[tuple[str, int | None, str]]:
    return [(issue.code, issue.row, issue.key) for issue in clean.issues]


def _is_sound(clean: Clean) -> None:
    """Hold a frame against what the rooms above rely on."""
    frame = clean.frame
    assert frame.index.is_unique
    assert len(frame) + len({issue.row for issue in clean.issues}) == clean.total_rows
    if isinstance(frame, gpd.GeoDataFrame):
        assert frame.crs == "OGC:CRS84"
        assert frame.geometry.is_valid.all()
        assert not frame.geometry.is_empty.any()


# Rows that are refused


def test_each_fault_loses_its_row_alone(
    make_layer: Make, read: Callable[..., Clean], field: Make, county: gpd.GeoDataFrame
) -> None:
    fields = (
        field("code", required=True, unique=True, pattern="A[0-9]+"),
        field("state", labels=("open", "closed")),
        field("bays", "integer", minimum=1),
        field("opened", "date"),
        field("closed", "date"),
        field("patrol"),
    )
    rules = (
        Order(("opened", "closed")),
        OnlyIf("closed", "state", ("closed",)),
        ForeignKey("patrol", "patrols", "patrol_id"),
    )
    layer = make_layer("a.csv", MIXED, fields, rules=rules, within="boundary")
    patrols = gpd.GeoDataFrame({"patrol_id": ["P1", None]}, geometry=[shapely.Point(1, 2)] * 2)
    clean = read(layer, boundary=county, patrols=patrols)
    _is_sound(clean)
    assert clean.frame.index.tolist() == ["A1", "A13"]
    assert _codes(clean) == [
        ("not_in_domain", 2, "state"),
        ("below_minimum", 3, "bays"),
        ("wrong_type", 4, "bays"),
        ("wrong_type", 5, "opened"),
        ("order", 6, "closed"),
        ("only_if", 7, "closed"),
        ("no_such_reference", 8, "patrol"),
        ("required", 9, "code"),
        ("pattern", 10, "code"),
        ("null_geometry", 11, "geometry"),
        ("invalid_geometry", 12, "geometry"),
        ("outside", 13, "geometry"),
        ("cells", 14, ""),
        ("not_unique", 15, "code"),
    ]
    assert {issue.path for issue in clean.issues} == {"data/a.csv"}


def test_geometry_that_is_refused(
    make_layer: Make, read: Callable[..., Clean], feature: Make
) -> None:
    def area(*ring: tuple[float, ...]) -> dict[str, Any]:
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

    square = area((121, 33), (121.1, 33), (121.1, 33.1), (121, 33.1))
    features = [
        feature(square, code="A1"),
        feature(area((121, 33), (121.1, 33.1), (121.1, 33), (121, 33.1)), code="A2"),
        feature({"type": "MultiPolygon", "coordinates": [square["coordinates"]]}, code="A3"),
        feature({"type": "GeometryCollection", "geometries": [square]}, code="A4"),
        feature(None, code="A5"),
        feature({"type": "Polygon", "coordinates": []}, code="A6"),
        feature((121, 33), code="A7"),
        feature(area((121, 33, 5), (121.1, 33, 5), (121.1, 33.1, 5)), code="A8"),
        feature(area((1e300, 33), (121.1, 33), (121.1, 33.1)), code="A9"),
    ]
    clean = read(make_layer("a.geojson", features, geometry="Polygon"))
    _is_sound(clean)
    assert clean.frame.index.tolist() == ["A1", "A3", "A8"]
    assert not clean.frame.geometry.has_z.any()
    assert _codes(clean) == [
        ("invalid_geometry", 2, "geometry"),
        ("wrong_geometry", 4, "geometry"),
        ("null_geometry", 5, "geometry"),
        ("null_geometry", 6, "geometry"),
        ("wrong_geometry", 7, "geometry"),
        ("invalid_geometry", 9, "geometry"),
    ]


def test_all_faults_of_a_row_are_told(
    make_layer: Make, read: Callable[..., Clean], field: Make, feature: Make
) -> None:
    fields = (field("code"), field("bays", "integer"), field("day", "date"))
    clean = read(
        make_layer("a.geojson", [feature(None, bays="x", day="y"), feature(code="A")], fields)
    )
    assert sorted(code for code, _, _ in _codes(clean)) == [
        "null_geometry",
        "required",
        "wrong_type",
        "wrong_type",
    ]
    assert len(clean.frame) == 1


def test_a_key_may_point_into_its_own_layer(
    make_layer: Make, read: Callable[..., Clean], field: Make
) -> None:
    fields = (field("code"), field("pair"))
    rules = (ForeignKey("pair", "stops", "code"),)
    text = "code,pair,lon,lat\nA1,A2,121,33\nA2,A1,121,33\nA3,A9,121,33\n"
    clean = read(make_layer("a.csv", text, fields, rules=rules))
    assert clean.frame.index.tolist() == ["A1", "A2"]


# Files that are refused


def _fault(read: Callable[..., Clean], layer: Layer) -> tuple[str, str, str]:
    with pytest.raises(SourceError) as caught:
        read(layer)
    issue = caught.value.issues[0]
    return issue.code, issue.path, issue.key


def test_missing_columns(make_layer: Make, read: Callable[..., Clean], field: Make) -> None:
    fields = (field("code"), field("name", required=True), field("note"))
    layer = make_layer("a.csv", "id,lon,lat\n1,121,33\n", fields)
    with pytest.raises(SourceError) as caught:
        read(layer)
    assert [(issue.code, issue.key) for issue in caught.value.issues] == [
        ("missing_column", "code"),
        ("missing_column", "name"),
    ]
    assert _fault(read, make_layer("a.csv", "code,name,lon\n", fields))[::2] == (
        "missing_column",
        "lat",
    )


def test_files_that_are_none(
    make_layer: Make, read: Callable[..., Clean], with_source: Make, tmp_path: Path
) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "socket.csv"))
    (tmp_path / "link.csv").symlink_to("/dev/zero")
    for name in ("folder.csv", "pipe.csv", "socket.csv", "link.csv"):
        assert _fault(read, make_layer(name, None))[0] == "unreadable"
    # a missing file is mended in the layer file that names it
    missing = _fault(read, make_layer("none.csv", None))
    assert missing == ("missing_file", "layers/stops.toml", "source.path")
    for path in (
        tmp_path / "a.csv" / "b.csv",
        tmp_path / ("x" * 300 + ".csv"),
        tmp_path / "a\0.csv",
    ):
        layer = with_source(make_layer("a.csv", STOPS), path=path)
        assert _fault(read, layer)[0] in {"missing_file", "unreadable"}


def test_a_pipe_beside_a_shapefile_is_not_opened(
    make_layer: Make, read: Callable[..., Clean], tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame({"code": ["A1"]}, geometry=[shapely.Point(121, 33)], crs=4326)
    pyogrio.write_dataframe(frame, tmp_path / "a.shp")
    (tmp_path / "a.dbf").unlink()
    os.mkfifo(tmp_path / "a.dbf")
    assert _fault(read, make_layer("a.shp", None))[0] == "unreadable"


@pytest.mark.parametrize("name", ["a.xlsx", "a.kml", "a", "a.csv.gz", "a.vrt", "a.geojsonl"])
def test_other_formats(make_layer: Make, read: Callable[..., Clean], name: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(make_layer(name, "x"))
    assert caught.value.issues[0].code == "not_allowed"
    assert caught.value.issues[0].place == "layers/stops.toml:source.path"
    assert ".geojson" in caught.value.issues[0].expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"code\0"),
        ("a.csv", "code,lon,lat\n".encode("utf-16")),
        ("a.geojson", b""),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Fea'),
        ("a.gpkg", b"SQLite format 3\0"),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\0" * 96),
        ("a.fgb", b"fgb\x03fgb\x01" + b"\xff" * 64),
        ("a.osm.pbf", b"\0\0\0\x0d\x0a\x09OSMHeader" + b"\xff" * 64),
    ],
)
def test_torn_files(
    make_layer: Make, read: Callable[..., Clean], name: str, content: bytes
) -> None:
    assert _fault(read, make_layer(name, content))[:2] == ("unreadable", f"data/{name}")


def test_the_wrong_geometry_everywhere(
    make_layer: Make, read: Callable[..., Clean], feature: Make
) -> None:
    features = [feature(code="A1"), feature(code="A2")]
    with pytest.raises(SourceError) as caught:
        read(make_layer("a.geojson", features, geometry="LineString"))
    assert [(issue.code, issue.row) for issue in caught.value.issues] == [
        ("wrong_geometry", 1),
        ("wrong_geometry", 2),
    ]


def test_points_without_named_coordinates(make_layer: Make, read: Callable[..., Clean]) -> None:
    layer = make_layer("a.csv", "code,lon,lat\nA1,121,33\n", coordinates=())
    assert _fault(read, layer) == ("missing_key", "layers/stops.toml", "source.geometry")


def test_a_layer_without_a_source(make_layer: Make, read: Callable[..., Clean]) -> None:
    layer = dataclasses.replace(make_layer("a.csv", STOPS), source=None)
    assert _fault(read, layer)[0] == "both_or_neither"


def test_another_layer_is_unavailable(
    make_layer: Make, read: Callable[..., Clean], county: gpd.GeoDataFrame
) -> None:
    text = "code,lon,lat\nA1,121,33\n"
    assert _fault(read, make_layer("a.csv", text, within="boundary"))[0] == "layer_needed"
    for reference in ("adcode", "no_such_field"):
        rules = (ForeignKey("code", "boundary", reference),)
        layer = make_layer("a.csv", text, rules=rules)
        assert _fault(read, layer)[0] == "layer_needed"
    with pytest.raises(SourceError) as caught:
        read(layer, boundary=county)
    assert caught.value.issues[0].code == "unknown_field"
