from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pyogrio
import pytest

from geosvc.errors import BasemapError, SourceError
from geosvc.tiles.basemap import (
    FILE,
    KINDS,
    build_of_extract,
    build_of_layers,
    find_basemap,
    find_file,
    has_moved,
    is_behind,
)
from geosvc.workspace import Workspace
from tests.ground_county import BOUNDS, GROUND, write_county
from tests.ingest.test_osm_ground import here, town

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.small import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return write_county(tmp_path)


def at_zoom(path: Path, zoom: int) -> set[tuple[str, str]]:
    """What the tiles of a zoom level hold, as GDAL reads it."""
    read = pyogrio.read_dataframe(path, ZOOM_LEVEL=str(zoom))
    return set(zip(read["kind"], read["cls"].fillna(""), strict=True))


def test_a_basemap_of_the_layers(folder: Folder) -> None:
    workspace = folder.prepare()
    assert is_behind(workspace)
    made = build_of_layers(workspace)
    assert made.path == folder.settings.instance / FILE
    assert made.bounds == pytest.approx(BOUNDS)
    assert made.zooms == (4, 14)
    found = find_basemap(workspace)
    assert (found.layers, found.replaced, found.source) == (
        frozenset(GROUND),
        frozenset(),
        "layers",
    )
    assert found.stands_for == found.layers
    assert (found.path, found.tag) == find_file(workspace.settings)
    assert not is_behind(workspace)
    # nothing but the file is left in the folder
    assert [item.name for item in made.path.parent.iterdir()] == [made.path.name]


def test_a_tile_holds_what_its_zoom_shows(folder: Folder) -> None:
    path = build_of_layers(folder.prepare()).path
    for kind, cls in (("place", "village"), ("road", "secondary"), ("road", "primary")):
        zoom = KINDS[kind][cls]
        assert (kind, cls) not in at_zoom(path, zoom - 1)
        assert (kind, cls) in at_zoom(path, zoom)
        assert (kind, cls) in at_zoom(path, 14)
    assert ("land", "") in at_zoom(path, 4)


def test_a_layer_that_has_moved_is_not_stood_for(folder: Folder) -> None:
    build_of_layers(folder.prepare())
    text = (folder.root / "data/villages.geojson").read_text("utf-8")
    folder.write("data/villages.geojson", text.replace("V1", "V2"))
    moved = folder.prepare()
    assert has_moved(moved)
    assert is_behind(moved)
    assert find_basemap(moved).stands_for == frozenset(GROUND) - {"villages"}
    before = find_basemap(moved).tag
    build_of_layers(moved)
    assert not is_behind(moved)
    assert find_basemap(moved).tag != before


def test_the_same_layers_give_the_same_file(folder: Folder) -> None:
    workspace = folder.prepare()
    build_of_layers(workspace)
    tag = find_basemap(workspace).tag
    build_of_layers(workspace)
    assert find_basemap(workspace).tag == tag


def test_a_basemap_of_an_extract(folder: Folder, tmp_path: Path) -> None:
    workspace = folder.prepare()
    extract = here(tmp_path, town(lon=121.1, lat=33.5))
    made = build_of_extract(extract, workspace)
    found = find_basemap(workspace)
    # its own roads stand for the catalog's, which are other ones
    assert (found.layers, found.replaced) == (frozenset(), frozenset(GROUND))
    assert found.source == "osm"
    # and the county's border is drawn on it
    assert ("edge", "county") in at_zoom(made.path, 10)
    assert not is_behind(workspace)
    assert not has_moved(workspace)


def test_an_extract_of_elsewhere_has_no_border_of_ours(folder: Folder, tmp_path: Path) -> None:
    extract = here(tmp_path, town(lon=24.9, lat=60.1))
    target = tmp_path / "out" / "elsewhere.pmtiles"
    made = build_of_extract(extract, folder.prepare(), target)
    assert made.path == target
    assert made.bounds[0] == pytest.approx(24.9, abs=0.1)
    assert ("edge", "county") not in at_zoom(target, 10)
    assert not (folder.settings.instance / FILE).exists()


def test_an_extract_that_is_none_is_refused(folder: Folder, tmp_path: Path) -> None:
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(b"no extract")
    with pytest.raises(SourceError):
        build_of_extract(path, folder.prepare())
    with pytest.raises(SourceError):
        build_of_extract(tmp_path / "absent.osm", folder.prepare())


def test_a_file_of_another_profile_is_not_shown(folder: Folder) -> None:
    workspace = folder.prepare()
    build_of_layers(workspace)
    public = Workspace(replace(folder.settings, profile="public"))
    with pytest.raises(BasemapError) as caught:
        find_basemap(public)
    assert caught.value.reason == "profile"
    assert is_behind(public)


def test_a_damaged_file_is_made_anew_and_a_foreign_one_is_left(folder: Folder) -> None:
    workspace = folder.prepare()
    path = build_of_layers(workspace).path
    path.write_bytes(path.read_bytes()[:2000])
    assert reason(workspace) == "truncated"
    assert is_behind(workspace)
    path.write_bytes(b"somebody's own file")
    assert reason(workspace) == "format"
    assert not is_behind(workspace)
    path.unlink()
    assert reason(workspace) == "missing"
    assert is_behind(workspace)
    assert not has_moved(workspace)


def reason(workspace: Workspace) -> str:
    with pytest.raises(BasemapError) as caught:
        find_basemap(workspace)
    return caught.value.reason


def test_a_file_that_was_replaced_is_seen_at_once(folder: Folder) -> None:
    workspace = folder.prepare()
    path = build_of_layers(workspace).path
    before = find_basemap(workspace).tag
    whole = path.read_bytes()
    # the same tiles under another name of theirs
    path.write_bytes(whole + b"\0")
    os.utime(path, ns=(1, 1))
    assert find_basemap(workspace).tag != before


def test_without_ground_there_is_nothing_to_make(folder: Folder) -> None:
    for name in GROUND:
        (folder.root / "layers" / f"{name}.toml").unlink()
    folder.write(
        "layers/maps/county.toml", 'title = { zh = "图", en = "Map" }\nlayers = ["stops"]\n'
    )
    workspace = folder.prepare()
    assert not is_behind(workspace)
    with pytest.raises(BasemapError) as caught:
        build_of_layers(workspace)
    assert caught.value.reason == "empty"
    assert not (folder.settings.instance / FILE).exists()
