"""A small catalog with its sources, which tests change between two starts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.settings import Settings
from geosvc.workspace import Workspace, prepare, refresh_derived
from tests.workspace.folder import BOUNDARY, DENSITY, ROADS, STOPS, TABLE, layer_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class County:
    """A folder of layer files and sources, with its settings."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings(layers=self.folder / "layers", instance=self.folder / "instance")

    def write_layer(self, name: str, text: str) -> None:
        (self.folder / "layers" / f"{name}.toml").write_text(layer_file(text), encoding="utf-8")

    def write_table(self, rows: list[str], *, name: str = "stops") -> None:
        text = "\n".join(["code,name,lon,lat", *rows]) + "\n"
        (self.folder / "data" / f"{name}.csv").write_text(text, encoding="utf-8")

    def write_geojson(self, name: str, geometry: dict[str, Any], **properties: str) -> None:
        feature = {"type": "Feature", "geometry": geometry, "properties": properties}
        text = json.dumps({"type": "FeatureCollection", "features": [feature]})
        (self.folder / "data" / f"{name}.geojson").write_text(text, encoding="utf-8")

    def prepare(self, *, replaced: Sequence[str] = ()) -> Workspace:
        return prepare(self.settings, progress=lambda *_told: None, replaced=replaced)

    def derive(self) -> list[str]:
        return refresh_derived(self.settings)


@pytest.fixture
def county(tmp_path: Path) -> County:
    made = County(tmp_path)
    (tmp_path / "layers" / "maps").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    ring = [[121.0, 33.4], [121.2, 33.4], [121.2, 33.6], [121.0, 33.6], [121.0, 33.4]]
    made.write_geojson("boundary", {"type": "Polygon", "coordinates": [ring]}, code="320000")
    street = [[121.10, 33.50], [121.12, 33.50]]
    made.write_geojson("roads", {"type": "LineString", "coordinates": street}, road_id="r1")
    made.write_table(["s1,宝塔,121.101,33.5", "s2,泰北路,121.102,33.5", "s3,,121.102,33.5"])
    (tmp_path / "data" / "fleet.csv").write_text("code,name,lon,lat\nf1,公交,,\n", encoding="utf-8")
    for name, text in {
        "boundary": BOUNDARY, "roads": ROADS, "stops": STOPS, "fleet": TABLE, "density": DENSITY,
    }.items():  # fmt: skip
        made.write_layer(name, text)
    both = 'title = { zh = "图", en = "Map" }\nlayers = ["boundary", "roads", "stops", "density"]\n'
    (tmp_path / "layers" / "maps" / "all.toml").write_text(both, encoding="utf-8")
    return made
