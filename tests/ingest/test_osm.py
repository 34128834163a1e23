from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
import shapely

from geosvc.errors import SourceError
from geosvc.ingest.osm import STREETS, read_ways
from geosvc.network import StreetNetwork

if TYPE_CHECKING:
    from pathlib import Path

NODES = {1: (121.10, 33.50), 2: (121.11, 33.50), 3: (121.12, 33.50), 4: (121.11, 33.51)}


def osm(*ways: tuple[list[int], dict[str, str]], head: str = '<?xml version="1.0"?>\n') -> str:
    """Write an OSM file in which ways have the numbers 1, 2, …"""
    parts = [head, '<osm version="0.6">']
    for number, (lon, lat) in NODES.items():
        parts.append(f'<node id="{number}" version="1" lon="{lon}" lat="{lat}"/>')
    for number, (nodes, tags) in enumerate(ways, start=1):
        parts.append(f'<way id="{number}" version="1">')
        parts += [f'<nd ref="{node}"/>' for node in nodes]
        parts += [f"<tag k='{key}' v='{value}'/>" for key, value in tags.items()]
        parts.append("</way>")
    return "".join([*parts, "</osm>"])


def written(folder: Path, content: str | bytes, name: str = "town.osm") -> Path:
    path = folder / name
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def street(**tags: str) -> tuple[list[int], dict[str, str]]:
    return [1, 2, 3], {"highway": "residential", **tags}


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read_ways(path)
    [issue] = caught.value.issues
    assert issue.path == path.name
    assert str(path.parent) not in issue.found
    return issue.code


@pytest.mark.parametrize("name", ["town.osm", "town.osm.gz", "TOWN.OSM", "Straße (1).osm.gz"])
def test_streets_are_read_with_their_tags(tmp_path: Path, name: str) -> None:
    text = osm(
        street(name="泰北路", oneway="-1", bridge="viaduct", layer="2"),
        ([2, 4], {"highway": "footway", "name": "Path"}),
        ([4, 2], {"highway": "service", "tunnel": "yes", "layer": "-1"}),
    )
    ways = read_ways(written(tmp_path, text, name))
    assert ways.crs == "OGC:CRS84"
    assert ways.index.tolist() == [0, 1]
    assert ways["osm_id"].tolist() == ["1", "3"]
    assert ways["highway"].tolist() == ["residential", "service"]
    assert ways["road_name"].tolist() == ["泰北路", None]
    assert ways["oneway"].tolist() == ["-1", None]
    assert ways["bridge"].tolist() == [True, False]
    assert ways["tunnel"].tolist() == [False, True]
    assert ways["layer"].tolist() == [2, -1]
    assert list(ways.geometry.iloc[0].coords) == [NODES[1], NODES[2], NODES[3]]


@pytest.mark.parametrize(
    ("tags", "column", "expected"),
    [
        ({"name:zh": "科荟桥"}, "road_name", "科荟桥"),
        ({"name": "A", "name:zh": "B"}, "road_name", "A"),
        ({"name": "a&quot;b\\c&#10;d"}, "road_name", 'a"b\\c\nd'),
        ({"oneway": "yes"}, "oneway", "yes"),
        ({"bridge": "no"}, "bridge", False),
        ({"layer": "1;2"}, "layer", 0),
        ({"layer": "+1"}, "layer", 1),
        ({"layer": "9" * 30}, "layer", 0),
        ({}, "layer", 0),
    ],
)
def test_tags_as_people_write_them(
    tmp_path: Path, tags: dict[str, str], column: str, expected: object
) -> None:
    ways = read_ways(written(tmp_path, osm(street(**tags))))
    assert ways[column].tolist() == [expected]


@pytest.mark.parametrize("highway", STREETS)
def test_every_street_that_cars_use_is_read(tmp_path: Path, highway: str) -> None:
    ways = read_ways(written(tmp_path, osm(([1, 2], {"highway": highway}))))
    assert ways["highway"].tolist() == [highway]


def test_a_ring_is_a_line_and_what_has_no_length_is_left_out(tmp_path: Path) -> None:
    text = osm(
        ([1, 2, 4, 1], {"highway": "residential"}),
        ([3, 3], {"highway": "residential"}),
        ([3, 99], {"highway": "residential"}),
    )
    ways = read_ways(written(tmp_path, text))
    assert ways["osm_id"].tolist() == ["1"]
    assert ways.geometry.iloc[0].is_ring


def test_ways_make_a_network(tmp_path: Path) -> None:
    text = osm(street(), ([2, 4], {"highway": "service"}))
    ways = read_ways(written(tmp_path, text)).to_crs("EPSG:4549")
    network = StreetNetwork.from_lines(ways)
    assert len(network.vertices_xy) == 4
    assert set(network.components.tolist()) == {0}
    assert network.length_m == pytest.approx(shapely.length(ways.geometry).sum(), rel=1e-9)


def test_a_file_without_streets(tmp_path: Path) -> None:
    assert refused(written(tmp_path, osm())) == "no_streets"
    foot = osm(([1, 2], {"highway": "footway"}), ([1, 2], {"name": "no street"}))
    assert refused(written(tmp_path, foot)) == "no_streets"


def test_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing.osm") == "missing_file"
    (tmp_path / "folder.osm").mkdir()
    assert refused(tmp_path / "folder.osm") == "missing_file"


VRT = '<OGRVRTDataSource><OGRVRTLayer name="lines"/></OGRVRTDataSource>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("town.osm", ""),
        ("town.osm", "<osm"),
        ("town.osm", VRT),
        ("town.osm", f"<!-- <osm > -->{VRT}"),
        ("town.osm", osm(street()).replace("<way ", "<w&y ")),
        ("town.osm", osm(street())[:-30]),
        ("town.osm.pbf", osm(street())),
        ("town.osm.gz", VRT),
        ("town.geojson", '{"type": "FeatureCollection", "features": []}'),
        ("town.osm.zip", osm(street())),
    ],
)
def test_what_is_no_sound_osm_file(tmp_path: Path, name: str, content: str) -> None:
    assert refused(written(tmp_path, content, name)) == "unreadable"


@pytest.mark.parametrize("kept", [5, 40, -12, -3])
def test_a_torn_compressed_file(tmp_path: Path, kept: int) -> None:
    whole = gzip.compress(osm(street()).encode())
    path = tmp_path / "town.osm.gz"
    path.write_bytes(whole[:kept])
    assert refused(path) == "unreadable"


def test_a_compressed_file_with_other_bytes_inside(tmp_path: Path) -> None:
    whole = gzip.compress(osm(street()).encode())
    path = tmp_path / "town.osm.gz"
    path.write_bytes(whole[:10] + b"\xff" * (len(whole) - 10))
    assert refused(path) == "unreadable"


def test_text_that_calls_itself_compressed(tmp_path: Path) -> None:
    path = tmp_path / "town.osm.gz"
    path.write_text(osm(street()), encoding="utf-8")
    assert refused(path) == "unreadable"


def test_central_helsinki(project: Path, tmp_path: Path) -> None:
    path = project / "tests" / "data" / "helsinki" / "helsinki_centre.osm.pbf"
    ways = read_ways(path)
    assert set(ways["highway"]) <= set(STREETS)
    assert ways["osm_id"].is_unique
    assert "Mannerheimintie" in set(ways["road_name"])
    assert ways["bridge"].any()
    network = StreetNetwork.from_lines(ways.to_crs("EPSG:3067"))
    assert 30_000 < network.length_m < 200_000
    # streets that the extract cuts off are parts of their own; most hang together
    assert network.component_lengths_m[0] > 0.8 * network.length_m
    torn = tmp_path / "torn.osm.pbf"
    torn.write_bytes(path.read_bytes()[:-100])
    assert refused(torn) == "unreadable"


@pytest.mark.parametrize("name", ["beijing_cau_2026", "shenzhen_longgang_2019"])
def test_extracts_of_chinese_towns(shared: Path, name: str) -> None:
    ways = read_ways(shared / "real" / "osm" / f"{name}.osm.gz")
    assert ways["road_name"].notna().any()
    assert StreetNetwork.from_lines(ways.to_crs(ways.estimate_utm_crs())).length_m > 10_000
