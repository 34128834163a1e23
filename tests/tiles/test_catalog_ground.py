from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import shapely

from geosvc.tiles.basemap import KINDS
from geosvc.tiles.catalog_ground import ground_layers, read_layers
from tests.ground_county import BOUNDS, GROUND, write_county
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.workspace import Workspace


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_county(tmp_path_factory.mktemp("county")).prepare()


def test_the_ground_is_what_has_its_colors(county: Workspace) -> None:
    found = ground_layers(county)
    assert sorted(found) == sorted(GROUND)
    assert found["roads"] == county.tag("roads")


def test_a_layer_of_other_colors_is_drawn_over_the_ground(tmp_path: Path) -> None:
    # the roads of this catalog are a ramp, though they stand in the group
    workspace = write_catalog(tmp_path).prepare()
    assert workspace.catalog.layer("roads").group == "ground"
    assert set(ground_layers(workspace)) == {"area"}


def test_colors_say_what_a_feature_is(county: Workspace) -> None:
    ground = read_layers(county)
    kinds = {(row.layer, row.kind, row.cls) for row in ground.itertuples() if row.kind != "edge"}
    assert kinds == {
        ("land", "land", ""),
        ("lake", "water", ""),
        ("towns", "district", ""),
        ("roads", "road", "trunk"),
        ("roads", "road", "primary"),
        ("roads", "road", "secondary"),
        ("villages", "place", "village"),
    }
    assert tuple(ground.total_bounds) == BOUNDS
    assert ground.crs == "OGC:CRS84"


def test_every_kind_and_class_has_a_zoom(county: Workspace) -> None:
    ground = read_layers(county)
    assert all(cls in KINDS[kind] for kind, cls in zip(ground["kind"], ground["cls"], strict=True))


def test_names_are_those_of_the_layers_labels(county: Workspace) -> None:
    ground = read_layers(county)
    names = dict(zip(ground["layer"], ground["name"], strict=True))
    assert names["villages"] == "秦厦"
    # a county's name would stand in every view
    assert ground.loc[ground["kind"] == "land", "name"].isna().all()
    assert ground.loc[ground["kind"] == "edge", "name"].isna().all()


def test_numbers_of_roads_are_the_second_line_of_their_card(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    path = tmp_path / "layers" / "roads.toml"
    data = tmp_path / "data" / "roads.geojson"
    rows = json.loads(data.read_text(encoding="utf-8"))
    for row, code in zip(rows["features"], ("G636", "S9", "支线"), strict=True):
        row["properties"]["name"] = code
    data.write_text(json.dumps(rows), encoding="utf-8")
    path.write_text(
        path.read_text(encoding="utf-8") + '[popup]\ntitle = "name"\nsubtitle = "name"\n',
        encoding="utf-8",
    )
    ground = read_layers(folder.prepare())
    found = ground.loc[ground["kind"] == "road", "ref"]
    # what does not read like a number is none
    assert sorted(found.fillna("")) == ["", "G636", "S9"]
    assert ground.loc[ground["kind"] != "road", "ref"].isna().all()


def test_a_border_that_two_areas_share_is_drawn_once(county: Workspace) -> None:
    ground = read_layers(county)
    edges = ground[(ground["kind"] == "edge") & (ground["layer"] == "towns")]
    # two squares of a tenth of a degree: seven sides and not eight
    assert sum(shapely.length(list(edges.geometry))) == pytest.approx(0.7)


def test_a_catalog_without_ground_has_none(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    for name in GROUND:
        (tmp_path / "layers" / f"{name}.toml").unlink()
    folder.write(
        "layers/maps/county.toml", 'title = { zh = "图", en = "Map" }\nlayers = ["stops"]\n'
    )
    workspace = folder.prepare()
    assert ground_layers(workspace) == {}
    assert read_layers(workspace).empty
