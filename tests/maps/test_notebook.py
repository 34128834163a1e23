from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

import pytest

from geosvc.maps import build
from geosvc.maps.notebook import page_text
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.maps.assets import Assets
    from geosvc.workspace import Workspace

HOSTILE = (
    "{{77777*77777}}",
    "{% raw %}",
    "{#",
    "${1}",
    "`x`",
    "<img src=x onerror=window.ran=1>",
    "</script><script>window.ran=1</script>",
    "<!--<script>",
    "\u202e𠮷",
    "\u2028",
)


@pytest.fixture(scope="module")
def page(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("notebook") / "map.html"
    build("overview", workspace=workspace, language="en").save(str(path))
    return path.read_text(encoding="utf-8")


def element(page: str, element_id: str) -> dict[str, object]:
    found = re.search(rf'<script type="application/json" id="{element_id}">(.*?)</script>', page)
    assert found
    result: dict[str, object] = json.loads(found[1])
    return result


def test_it_asks_no_host(page: str) -> None:
    outside = re.sub(r'"data:[^"]*"', '""', page)
    assert not re.search(r"""(src|href)=["'](?!#)""", outside.replace('src=""', ""))
    assert not re.search(r"url\((?!\"\"|#|\"data:)", outside)
    assert "default-src &#x27;none&#x27;" in page


def test_it_holds_manifest_and_data(page: str) -> None:
    manifest = element(page, "geosvc_manifest")
    assert manifest["map"]["title"] == "Overview"  # type: ignore[index] # an object
    assert element(page, "geosvc_data_stops")["count"] == 3
    assert "geosvc_data_broken" not in page


def test_modules_find_each_other_by_bare_names(page: str) -> None:
    found = re.search(r'<script type="importmap">(.*?)</script>', page)
    assert found
    imports = json.loads(found[1])["imports"]
    assert "geosvc/js/main.js" in imports
    for address in imports.values():
        text = base64.b64decode(address.removeprefix("data:text/javascript;base64,")).decode()
        named = re.findall(
            r"""^(?:import|export)\b[^"']*?from ["']([^"']+)["']""", text, re.MULTILINE
        )
        assert set(named) <= set(imports)


def test_only_modules_that_the_map_needs_are_inside(page: str) -> None:
    assert "geosvc/js/table.js" not in page


def test_icons_stand_in_the_page(page: str) -> None:
    assert '<symbol id="i-plus"' in page
    assert "{#" not in page.partition("<style>")[0]


def test_it_is_the_same_every_time(workspace: Workspace) -> None:
    pages = {build("overview", workspace=workspace).get_root().render() for _ in range(2)}
    assert len(pages) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    folder = write_catalog(tmp_path)
    quoted = json.dumps(text, ensure_ascii=False)
    layer = (tmp_path / "layers/stops.toml").read_text(encoding="utf-8")
    folder.write("layers/stops.toml", layer.replace('"公交站"', quoted))
    overview = (tmp_path / "layers/maps/overview.toml").read_text(encoding="utf-8")
    folder.write("layers/maps/overview.toml", overview.replace('"总览"', quoted))
    rows = (tmp_path / "data/stops.csv").read_text(encoding="utf-8")
    cell = '"' + text.replace('"', '""') + '"'
    folder.write("data/stops.csv", rows.replace("金桥路口", cell))
    page = build("overview", workspace=folder.prepare()).get_root().render()
    assert str(77777 * 77777) not in page
    assert page.count("<script") == page.count("</script>")
    assert "<img src=x" not in page
    assert element(page, "geosvc_manifest")["map"]["title"] == text  # type: ignore[index]
    assert text in json.dumps(element(page, "geosvc_data_stops"), ensure_ascii=False)


def test_a_title_is_escaped(assets: Assets, workspace: Workspace) -> None:
    from geosvc.maps.figure import Parts  # noqa: PLC0415 - only here

    words = {"map": {"title": "</title><b>"}}
    head, *_ = page_text(assets, Parts((), (), "", ""), manifest=words, data={})
    assert "<title>&lt;/title&gt;&lt;b&gt;</title>" in head
    assert workspace.catalog.maps
