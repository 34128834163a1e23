from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import folium
import orjson
import pytest

from geosvc.errors import LayerUnavailableError, UnknownLayerError, UnknownMapError
from geosvc.maps import build, page
from geosvc.maps.build import WORLD, content_tag, layer_data
from geosvc.maps.elements import CatalogLayer, Control, Pane
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.maps.assets import Assets
    from geosvc.workspace import Workspace


def test_every_layer_of_the_map_is_one_folium_layer(workspace: Workspace) -> None:
    drawn = build("overview", workspace=workspace)
    assert isinstance(drawn, folium.Map)
    children = list(drawn._children.values())  # noqa: SLF001 - branca has no reader
    layers = [child for child in children if isinstance(child, folium.map.Layer)]
    assert [layer.layer_name for layer in layers] == ["area", "roads", "stops", "broken"]
    assert sum(isinstance(child, Pane) for child in children) == 4
    assert sum(isinstance(child, Control) for child in children) == 5
    assert all(isinstance(layer, CatalogLayer) for layer in layers)


def test_the_first_view_is_of_the_layer_that_the_map_names(workspace: Workspace) -> None:
    assert build("overview", workspace=workspace).get_bounds() == [[33.4, 121.0], [33.6, 121.2]]


def test_without_such_a_layer_it_is_of_all(workspace: Workspace) -> None:
    assert build("roads", workspace=workspace).get_bounds() == [[33.49, 121.1], [33.51, 121.11]]


def test_without_features_it_is_the_world(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.write("data/roads.geojson", "no json")
    drawn = build("roads", workspace=folder.prepare())
    west, south, east, north = WORLD
    assert drawn.get_bounds() == [[south, west], [north, east]]


def test_an_unknown_map_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(UnknownMapError):
        build("nowhere", workspace=workspace)


def test_a_page_names_its_parts_by_their_content(workspace: Workspace, assets: Assets) -> None:
    made = page("overview", language="zh", mode="page", workspace=workspace, assets=assets)
    assert made.module_tag == hashlib.sha256(made.module).hexdigest()[:12]
    assert made.manifest_url == f"/maps/overview/{content_tag(made.manifest)}-zh.json"
    assert made.manifest_url in made.module.decode()
    assert made.css == (assets.url("vendor/leaflet-1.9.4/leaflet.css"),)


def test_the_script_is_a_module_of_calls(workspace: Workspace, assets: Assets) -> None:
    made = page("overview", language="en", mode="embed", workspace=workspace, assets=assets)
    text = made.module.decode()
    assert text.startswith(f'import * as geosvc from "/static/{assets.hash}/js/main.js";\n')
    assert '"mode":"embed"' in text
    assert text.rstrip().endswith("geosvc.start(map_overview);")
    assert not re.search(r"https?:|<|\{\{", text)


def test_no_title_and_no_feature_is_in_the_script(workspace: Workspace, assets: Assets) -> None:
    made = page("overview", language="zh", mode="page", workspace=workspace, assets=assets)
    assert made.module.isascii()
    assert made.div.isascii()


def test_the_same_map_has_the_same_bytes(workspace: Workspace, assets: Assets) -> None:
    pages = {
        page("overview", language="zh", mode="page", workspace=workspace, assets=assets)
        for _ in range(3)
    }
    assert len(pages) == 1


def test_data_is_what_the_map_draws(workspace: Workspace) -> None:
    body = orjson.loads(layer_data(workspace, "stops"))
    assert (body["layer"], body["count"], body["synthetic"]) == ("stops", 3, True)
    assert body["revision"] == 1


def test_personal_fields_are_masked(workspace: Workspace) -> None:
    assert "苏XA1234".encode() not in layer_data(workspace, "stops")


def test_a_layer_without_features_has_no_data(workspace: Workspace) -> None:
    with pytest.raises(UnknownLayerError):
        layer_data(workspace, "broken")
    with pytest.raises(UnknownLayerError):
        layer_data(workspace, "nowhere")


def test_an_unreadable_source_has_no_data(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.write("data/roads.geojson", "no json")
    with pytest.raises(LayerUnavailableError):
        layer_data(folder.prepare(), "roads")


def test_without_workspace_the_settings_say_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_catalog(tmp_path)
    monkeypatch.setenv("GEOSVC_LAYERS", str(folder.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(folder.settings.instance))
    assert isinstance(build("roads"), folium.Map)
