from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
import shapely

from geosvc.errors import SourceError
from geosvc.ingest.osm_ground import COLUMNS, read_ground
from geosvc.tiles.basemap import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

Tags = dict[str, str]
Way = tuple[list[tuple[float, float]], Tags]


def osm(ways: list[Way], places: list[tuple[float, float, Tags]] = []) -> str:  # noqa: B006 - not changed
    """Write an OSM file; a way that ends where it begins is closed."""
    nodes: list[str] = []
    lines: list[str] = []
    numbers: dict[tuple[float, float], int] = {}

    def node(place: tuple[float, float], tags: Tags) -> int:
        if place not in numbers:
            numbers[place] = len(numbers) + 1
            said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
            lon, lat = place
            nodes.append(
                f'<node id="{numbers[place]}" version="1" lon="{lon}" lat="{lat}">{said}</node>'
            )
        return numbers[place]

    for lon, lat, tags in places:
        node((lon, lat), tags)
    for number, (positions, tags) in enumerate(ways, start=1):
        refs = "".join(f'<nd ref="{node(place, {})}"/>' for place in positions)
        said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        lines.append(f'<way id="{number}" version="1">{refs}{said}</way>')
    return f'<?xml version="1.0"?>\n<osm version="0.6">{"".join(nodes + lines)}</osm>'


def ring(lon: float, lat: float, side: float = 0.01) -> list[tuple[float, float]]:
    east, north = lon + side, lat + side
    return [(lon, lat), (east, lat), (east, north), (lon, north), (lon, lat)]


def town(*, lon: float, lat: float) -> str:
    """Write a town: streets, a lake, a park, a house, a river and a village."""
    street = [(lon, lat), (lon + 0.02, lat)]
    return osm(
        [
            (street, {"highway": "primary", "name": "Main", "name:zh": "大街", "ref": "G1"}),
            ([(lon, lat), (lon, lat + 0.02)], {"highway": "footway"}),
            ([(lon, lat + 0.01), (lon + 0.02, lat + 0.02)], {"highway": "proposed"}),
            ([(lon, lat + 0.02), (lon + 0.02, lat + 0.01)], {"waterway": "river", "name": "里河"}),
            ([(lon + 0.01, lat), (lon + 0.01, lat + 0.02)], {"railway": "rail"}),
            (
                [(lon + 0.015, lat), (lon + 0.015, lat + 0.02)],
                {"railway": "subway", "tunnel": "yes"},
            ),
            (ring(lon + 0.001, lat + 0.001, 0.004), {"natural": "water", "name": "湖"}),
            (ring(lon + 0.011, lat + 0.001, 0.004), {"leisure": "park"}),
            (ring(lon + 0.012, lat + 0.011, 0.001), {"building": "yes"}),
            (ring(lon + 0.002, lat + 0.011, 0.005), {"landuse": "industrial"}),
        ],
        [(lon + 0.005, lat + 0.005, {"place": "village", "name": "Village", "name:zh": "村"})],
    )


def here(folder: Path, text: str, name: str = "town.osm") -> Path:
    path = folder / name
    data = text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["town.osm", "town.osm.gz"])
def test_what_a_basemap_shows_of_a_town(tmp_path: Path, name: str) -> None:
    ground = read_ground(here(tmp_path, town(lon=121.1, lat=33.5), name))
    assert [*COLUMNS, "geometry"] == list(ground.columns)
    assert ground.crs == "OGC:CRS84"
    found = sorted(zip(ground["kind"], ground["cls"].fillna(""), strict=True))
    # neither what is only proposed nor what lies under the ground
    assert found == [
        ("block", "industry"),
        ("building", ""),
        ("green", ""),
        ("land", ""),
        ("place", "village"),
        ("rail", ""),
        ("road", "path"),
        ("road", "primary"),
        ("water", ""),
        ("waterway", ""),
    ]


def test_names_are_chinese_first(tmp_path: Path) -> None:
    ground = read_ground(here(tmp_path, town(lon=121.1, lat=33.5))).set_index("kind")
    place = ground.loc["place"]
    assert (place["name"], place["name_en"]) == ("村", "Village")
    road = ground[ground["cls"] == "primary"].iloc[0]
    assert (road["name"], road["name_en"], road["ref"]) == ("大街", "Main", "G1")
    assert ground.loc["water", "name"] == "湖"


def test_every_kind_and_class_has_a_zoom(project: Path) -> None:
    path = project / "tests" / "data" / "helsinki" / "helsinki_centre.osm.pbf"
    ground = read_ground(path)
    assert {"road", "building", "green", "water", "place", "rail"} <= set(ground["kind"])
    classes = ground["cls"].fillna("")
    assert all(cls in KINDS[kind] for kind, cls in zip(ground["kind"], classes, strict=True))
    assert (ground["kind"] == "building").sum() > 400


def below(ground: gpd.GeoDataFrame, lon: float, lat: float) -> set[str]:
    """The kinds of the areas at a place."""
    meets = shapely.intersects(list(ground.geometry), shapely.Point(lon, lat))
    return {kind for kind, is_there in zip(ground["kind"], meets, strict=True) if is_there}


def test_land_lies_left_of_a_coast(tmp_path: Path) -> None:
    # from south to north: the west is land
    coast = [(121.05, 33.4), (121.05, 33.6)]
    street = [(121.0, 33.4), (121.1, 33.6)]
    text = osm([(coast, {"natural": "coastline"}), (street, {"highway": "primary"})])
    ground = read_ground(here(tmp_path, text))
    assert below(ground, 121.02, 33.55) == {"land"}
    assert below(ground, 121.08, 33.45) == {"land", "water"}
    # and the other way round
    text = osm([(coast[::-1], {"natural": "coastline"}), (street, {"highway": "primary"})])
    ground = read_ground(here(tmp_path, text))
    assert below(ground, 121.02, 33.55) == {"land", "water"}


def test_an_island_lies_in_the_sea(tmp_path: Path) -> None:
    island = ring(121.04, 33.44, 0.02)
    street = [(121.0, 33.4), (121.1, 33.5)]
    text = osm([(island, {"natural": "coastline"}), (street, {"highway": "primary"})])
    ground = read_ground(here(tmp_path, text))
    assert below(ground, 121.045, 33.457) == {"land"}
    assert below(ground, 121.09, 33.41) == {"land", "water"}


def test_what_shows_nothing_is_refused(tmp_path: Path) -> None:
    paths = [
        tmp_path / "absent.osm",
        here(tmp_path, osm([([(121.0, 33.0), (121.1, 33.0)], {"power": "line"})]), "empty.osm"),
        here(tmp_path, "<gpx></gpx>", "track.osm"),
        here(tmp_path, town(lon=121.1, lat=33.5), "town.xml"),
    ]
    codes = []
    for path in paths:
        with pytest.raises(SourceError) as caught:
            read_ground(path)
        codes.append(caught.value.issues[0].code)
        assert str(tmp_path) not in str(caught.value.issues)
    assert codes == ["missing_file", "no_streets", "unreadable", "unreadable"]
