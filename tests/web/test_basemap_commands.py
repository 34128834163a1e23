"""``geosvc basemap build``, and what ``serve`` makes before it starts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyogrio
import pytest

from geosvc.__main__ import main
from geosvc.tiles.basemap import FILE, find_basemap, find_file
from geosvc.web.basemap_commands import prepare
from tests.ground_county import GROUND, write_county
from tests.ingest.test_osm_ground import here, town

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.small import Folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    made = write_county(tmp_path)
    monkeypatch.setenv("GEOSVC_LAYERS", str(made.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(made.settings.instance))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return made


class Told:
    """Hears what is told."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, key: str, **_values: object) -> None:
        self.keys.append(key)


def test_of_the_layers(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["basemap", "build", "layers", "--lang", "zh"]) == 0
    path = folder.settings.instance / FILE
    said = capsys.readouterr().err
    assert f"底图已写入 {path}：" in said
    assert "不相交" not in said
    assert find_basemap(folder.prepare()).layers == frozenset(GROUND)


def test_of_an_extract_into_a_file(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    extract, target = here(folder.root, town(lon=24.9, lat=60.1)), folder.root / "out.pmtiles"
    assert main(["basemap", "build", str(extract), "-o", str(target), "--lang", "en"]) == 0
    assert "no map will show it" in capsys.readouterr().err
    assert set(pyogrio.read_dataframe(target, ZOOM_LEVEL="14")["kind"]) >= {"road", "building"}
    assert not (folder.settings.instance / FILE).exists()


def test_what_cannot_be_read_is_told(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder.root / "town.osm.pbf"
    path.write_bytes(b"nothing")
    assert main(["basemap", "build", str(path), "--lang", "en"]) == 1
    told = capsys.readouterr()
    assert "town.osm.pbf" in told.out
    assert not (folder.settings.instance / FILE).exists()
    assert main(["basemap", "build", "absent.osm.pbf"]) == 1


@pytest.mark.usefixtures("folder")
def test_an_import_makes_it_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "--lang", "zh"]) == 0
    assert "正在由本县图层生成底图" in capsys.readouterr().err
    assert main(["import", "--lang", "zh"]) == 0
    assert "正在由本县图层生成底图" not in capsys.readouterr().err


def test_an_extract_is_left_alone(folder: Folder) -> None:
    extract = here(folder.root, town(lon=121.1, lat=33.5))
    assert main(["basemap", "build", str(extract)]) == 0
    before = find_file(folder.settings)
    told = Told()
    prepare(folder.prepare(), tell=told)
    assert (find_file(folder.settings), told.keys) == (before, [])


def test_the_public_sees_rounded_positions(folder: Folder) -> None:
    folder.write(
        "data/villages.geojson",
        '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point",'
        '"coordinates":[121.123456,33.512345]},"properties":{"id":"V1","name":"秦厦"}}]}',
    )
    workspace = folder.prepare()
    workspace.settings = replace(workspace.settings, profile="public")
    prepare(workspace, tell=Told())
    path, _ = find_file(workspace.settings)
    read = pyogrio.read_dataframe(path, ZOOM_LEVEL="14").to_crs("EPSG:4326")
    place = read[read["kind"] == "place"].geometry.iloc[0]
    # a tile's own grid is half a metre wide
    assert place.x == pytest.approx(121.1235, abs=6e-6)
    assert place.y == pytest.approx(33.5123, abs=6e-6)


def test_a_service_starts_without_it(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    workspace = folder.prepare()
    # a file stands where the folder would be
    (folder.settings.instance / "basemap").write_bytes(b"")
    prepare(workspace, tell=Told())
    assert "the basemap was not made" in caplog.text
