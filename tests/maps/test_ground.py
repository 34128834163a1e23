from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest

from geosvc import maps
from geosvc.errors import UnknownMapError
from geosvc.maps.elements import Inline, Served
from geosvc.maps.ground import bounds_of, describe_ground, ground_of, map_bounds
from geosvc.tiles.basemap import FILE, build_of_extract, build_of_layers
from tests.ground_county import BOUNDS, GROUND, write_county
from tests.ingest.test_osm_ground import here, town

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.maps.assets import Assets
    from geosvc.workspace import Workspace


@pytest.fixture
def county(tmp_path: Path) -> Workspace:
    return write_county(tmp_path).prepare()


def test_a_map_without_basemap_draws_its_layers(county: Workspace, assets: Assets) -> None:
    found = ground_of(county, "county")
    assert (found.tag, found.fault, found.stands_for) == (None, "missing", frozenset())
    words = maps.manifest(county, "county", "zh")
    assert words["ground"]["reason"] == "还没有生成"
    # nothing is wrong with a file that nobody has made
    assert words["ground"]["is_fault"] is False
    assert [entry["id"] for entry in words["layers"] if entry["visible"]] == [
        name for name in (*GROUND, "stops") if name != "villages"
    ]
    page = maps.page("county", language="zh", mode="page", workspace=county, assets=assets)
    assert b"addGround" not in page.module
    assert not any("protomaps" in path for path in page.scripts)


def test_a_basemap_is_shown_instead_of_its_layers(county: Workspace, assets: Assets) -> None:
    build_of_layers(county)
    words = maps.manifest(county, "county", "en")
    ground = words["ground"]
    assert ground["url"].startswith("/basemap/")
    assert ground["stands_for"] == ground["same"] == sorted(GROUND)
    # those that would be visible; the villages would not
    assert sorted(ground["instead"]) == sorted(set(GROUND) - {"villages"})
    assert (ground["attribution"], ground["reason"]) == (None, None)
    assert [entry["id"] for entry in words["layers"] if entry["visible"]] == ["stops"]
    page = maps.page("county", language="en", mode="embed", workspace=county, assets=assets)
    script = page.module.decode()
    assert f'geosvc.addGround(map_county, {{"url":"{ground["url"]}"}});' in script
    assert script.index("createMap") < script.index("addGround") < script.index("addLayer")
    assert script.count('"grounded":true') == len(GROUND)
    assert script.count('"show":true') == 1
    assert [path for path in page.scripts if "protomaps" in path]
    again = maps.page("county", language="en", mode="embed", workspace=county, assets=assets)
    assert again.module == page.module


def test_a_file_that_holds_everything_has_no_basemap(county: Workspace) -> None:
    words = maps.manifest(county, "county", "en", addresses=Inline())
    assert words["ground"]["reason"] is None
    build_of_layers(county)
    html = str(maps.build("county", workspace=county).get_root().render())
    assert "addGround(map" not in html
    assert "protomapsL" not in html.replace("globalThis.protomapsL", "")
    words = maps.manifest(county, "county", "en", addresses=Inline())
    assert words["ground"]["reason"] == "a single file carries none"
    # the layers of the ground are in the file, and drawn
    assert sum(entry["visible"] for entry in words["layers"]) == len(GROUND)
    assert words["ground"]["instead"] == []


def test_an_extract_says_whose_it_is(county: Workspace, tmp_path: Path) -> None:
    build_of_extract(here(tmp_path, town(lon=121.1, lat=33.5)), county)
    ground = maps.manifest(county, "county", "en")["ground"]
    assert ground["attribution"] == "© OpenStreetMap contributors (ODbL)"
    assert ground["same"] == []
    assert ground["stands_for"] == sorted(GROUND)


def test_a_basemap_of_another_county_is_not_shown(county: Workspace, tmp_path: Path) -> None:
    build_of_extract(here(tmp_path, town(lon=24.9, lat=60.1)), county)
    found = ground_of(county, "county")
    assert (found.tag, found.fault) == (None, "elsewhere")
    told = describe_ground(county, "county", "zh", Served("county", "zh"))
    assert told["reason"] == "底图是另一个地方的，与本图范围不相交"
    assert told["is_fault"]
    assert told["url"] is None


@pytest.mark.parametrize(("content", "fault"), [(b"", "format"), (b"PMTiles\x03", "truncated")])
def test_a_damaged_file_is_told(county: Workspace, content: bytes, fault: str) -> None:
    path = county.settings.instance / FILE
    path.parent.mkdir()
    path.write_bytes(content)
    assert ground_of(county, "county").fault == fault
    told = describe_ground(county, "county", "en", Served("county", "en"))
    assert told["is_fault"]
    assert told["reason"]


def test_bounds_are_those_of_the_layer_that_a_map_fits(county: Workspace) -> None:
    assert map_bounds(county, "county") == pytest.approx(BOUNDS)
    with pytest.raises(UnknownMapError):
        map_bounds(county, "nowhere")
    with pytest.raises(UnknownMapError):
        ground_of(county, "nowhere")
    assert bounds_of(gpd.GeoDataFrame(geometry=[], crs="OGC:CRS84")) is None
