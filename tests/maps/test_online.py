from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc import maps
from geosvc.catalog.model import Site, Text
from geosvc.catalog.parse import parse_site
from geosvc.maps.elements import Inline, Served
from geosvc.maps.online import describe_bases, offered, tile_hosts
from geosvc.settings import Settings
from geosvc.workspace import Workspace
from tests.ground_county import write_county
from tests.online_site import HOSTS, SHIFTED, SITE, TITLE

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.maps.assets import Assets

TOKEN = "0f1e2d"  # noqa: S105 - opens nothing
WITH_TOKEN = Settings(base_token=TOKEN)


@pytest.fixture
def county(tmp_path: Path) -> Workspace:
    folder = write_county(tmp_path)
    folder.write("layers/site.toml", SITE)
    folder.prepare()
    return Workspace(replace(folder.settings, base_token=TOKEN))


def site_of(text: str) -> Site:
    site, issues = parse_site("layers/site.toml", text)
    assert site is not None, issues
    return site


def test_a_base_that_needs_a_token_is_offered_with_one() -> None:
    site = site_of(SITE)
    assert [base.id for base in offered(site, WITH_TOKEN)] == ["vector", "open"]
    assert [base.id for base in offered(site, Settings())] == ["open"]
    assert tile_hosts(site, WITH_TOKEN) == HOSTS
    assert tile_hosts(site, Settings()) == HOSTS[-1:]


def test_a_base_in_another_datum_is_not_offered_to_the_public() -> None:
    site = site_of(SITE + SHIFTED)
    assert [base.id for base in offered(site, Settings())] == ["open", "shifted"]
    assert tile_hosts(site, Settings()) == (HOSTS[-1], "https://shifted.tiles.example")
    assert [base.id for base in offered(site, Settings(profile="public"))] == ["open"]
    assert tile_hosts(site, Settings(profile="public")) == HOSTS[-1:]


def test_a_token_in_the_labels_alone_is_needed_too() -> None:
    bare = "https://{s}.tiles.example/vec?x={x}&y={y}&z={z}"
    assert f"{bare}&tk={{token}}" in SITE
    site = site_of(SITE.replace(f"{bare}&tk={{token}}", bare))
    assert [base.id for base in offered(site, Settings())] == ["open"]


def test_nothing_is_offered_by_default() -> None:
    assert tile_hosts(site_of(TITLE), WITH_TOKEN) == ()
    assert offered(Site(Text("", "")), WITH_TOKEN) == ()


def test_a_page_is_told_what_it_must_know(county: Workspace) -> None:
    vector, open_map = describe_bases(county, "en", Served("county", "en"))
    assert vector == {
        "id": "vector",
        "title": "Vector",
        "url": f"https://{{s}}.tiles.example/vec?x={{x}}&y={{y}}&z={{z}}&tk={TOKEN}",
        "labels": f"https://{{s}}.tiles.example/cva?x={{x}}&y={{y}}&z={{z}}&tk={TOKEN}",
        "subdomains": ["a", "b"],
        "max_zoom": 16,
        "named": True,
        "datum": "CGCS2000",
        "attribution": "Map A",
    }
    assert (open_map["labels"], open_map["subdomains"]) == (None, [])
    assert describe_bases(county, "zh", Served("county", "zh"))[0]["title"] == "矢量"


def test_the_manifest_alone_tells_it(county: Workspace, assets: Assets) -> None:
    page = maps.page("county", language="zh", mode="page", workspace=county, assets=assets)
    assert b"tiles.example" in page.manifest
    assert b"tiles.example" not in page.module
    assert "tiles.example" not in page.div
    # another token is another manifest, under another address
    county.settings = replace(county.settings, base_token=TOKEN[::-1])
    again = maps.page("county", language="zh", mode="page", workspace=county, assets=assets)
    assert again.manifest_url != page.manifest_url


def test_a_file_that_needs_no_network_has_none(county: Workspace) -> None:
    assert maps.manifest(county, "county", "en", addresses=Inline())["bases"] == []
    html = str(maps.build("county", workspace=county).get_root().render())
    assert "tiles.example" not in html
    assert TOKEN not in html
