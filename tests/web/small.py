"""A small catalog written by hand: points, lines, an area, a table, a broken layer, two maps."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from geosvc.settings import Settings
from geosvc.web.app import create_app
from geosvc.workspace import Workspace, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

STOPS = """
title = { zh = "公交站", en = "Bus stops" }
description = { zh = "样例站台", en = "Sample stops" }
group = "stops"
order = 40
[source]
path = "data/stops.csv"
geometry = { lon = "lon", lat = "lat" }
datum = "WGS84"
within = "area"
attribution = { zh = "样例来源", en = "Sample source" }
synthetic = true
as_of = "2024-06-30"
[schema]
geometry = "Point"
primary_key = "code"
expected_count = 4
[[schema.fields]]
name = "code"
title = { zh = "编号", en = "Code" }
constraints = { required = true, unique = true }
[[schema.fields]]
name = "name"
title = { zh = "站名", en = "Name" }
[[schema.fields]]
name = "kind"
title = { zh = "类型", en = "Kind" }
[schema.fields.labels]
bay = { zh = "港湾式", en = "Bay", tone = "ok" }
curb = { zh = "直线式", en = "Curbside" }
[[schema.fields]]
name = "routes"
title = { zh = "线路", en = "Routes" }
type = "list"
[[schema.fields]]
name = "slots"
title = { zh = "广告位", en = "Ad slots" }
type = "integer"
unit = { zh = "个", en = "slots" }
[[schema.fields]]
name = "plate"
title = { zh = "号牌", en = "Plate" }
privacy = "enforcement"
[style]
kind = "circle"
color = { field = "kind", values = { bay = "c-urban", curb = "c-rural" } }
label = "name"
[popup]
title = "name"
subtitle = "code"
badges = ["kind"]
facts = ["slots", "plate"]
"""
AREA = """
title = { zh = "范围", en = "Area" }
group = "ground"
order = 10
[source]
path = "data/area.geojson"
datum = "CGCS2000"
attribution = { zh = "范围来源", en = "Area source" }
[schema]
geometry = "Polygon"
primary_key = "id"
[[schema.fields]]
name = "id"
title = { zh = "编号", en = "ID" }
[style]
kind = "area"
color = "m-boundary"
"""
ROADS = """
title = { zh = "道路", en = "Roads" }
group = "ground"
order = 20
[source]
path = "data/roads.geojson"
datum = "WGS84"
attribution = { zh = "样例来源", en = "Sample source" }
synthetic = true
[schema]
geometry = "LineString"
primary_key = "road_id"
[[schema.fields]]
name = "road_id"
title = { zh = "编号", en = "ID" }
[[schema.fields]]
name = "lanes"
title = { zh = "车道", en = "Lanes" }
type = "integer"
[style]
kind = "line"
color = { field = "lanes", breaks = [2, 4], steps = ["seq-1", "seq-3", "seq-5"] }
[popup]
title = "road_id"
"""
FLEET = """
title = { zh = "车辆", en = "Fleet" }
group = "stops"
[source]
path = "data/fleet.csv"
attribution = { zh = "样例来源", en = "Sample source" }
synthetic = true
[schema]
geometry = "None"
primary_key = "kind"
[[schema.fields]]
name = "kind"
title = { zh = "类别", en = "Kind" }
[[schema.fields]]
name = "count"
title = { zh = "数量", en = "Count" }
type = "integer"
"""
BROKEN = """
title = { zh = "坏图层", en = "Broken layer" }
colour = "red"
"""
DENSITY = """
title = { zh = "密度", en = "Density" }
[derivation]
method = "street_density"
inputs = { events = "stops", streets = "roads" }
parameters = { lixel_m = 100, snap_m = 50 }
[schema]
geometry = "LineString"
primary_key = "lixel_id"
[[schema.fields]]
name = "lixel_id"
title = { zh = "编号", en = "ID" }
[[schema.fields]]
name = "road_name"
title = { zh = "道路", en = "Road" }
[[schema.fields]]
name = "length_m"
title = { zh = "长度", en = "Length" }
type = "number"
[[schema.fields]]
name = "cases"
title = { zh = "数量", en = "Cases" }
type = "integer"
[[schema.fields]]
name = "cases_per_km"
title = { zh = "每公里", en = "Per km" }
type = "number"
[style]
kind = "line"
color = { field = "cases_per_km", breaks = [10], steps = ["seq-1", "seq-5"] }
"""
SITE = """
title = { zh = "样例县", en = "Sample county" }
[[groups]]
id = "stops"
title = { zh = "站台", en = "Stops" }
order = 10
[[groups]]
id = "ground"
title = { zh = "底图", en = "Ground" }
order = 90
"""
MAP = """
title = { zh = "总览", en = "Overview" }
description = { zh = "样例总览", en = "Sample overview" }
layers = ["area", "roads", "stops", "broken"]
fit = "area"
highlights = ["stops"]
"""
SECOND_MAP = """
title = { zh = "道路图", en = "Road map" }
order = 60
layers = ["roads"]
"""
STOP_ROWS = """code,name,kind,routes,slots,plate,lon,lat
A1,金桥路口,bay,1;2,3,苏XA1234,121.1,33.5
A2,=1+1,curb,2,,苏XB5678,121.11,33.51
A3,-3.5,,,0,,121.12,33.52
A3,重复,bay,,1,,121.13,33.53
"""


def feature(key: str, kind: str, coordinates: list[Any], **properties: object) -> dict[str, Any]:
    """Write one GeoJSON feature."""
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": properties}


def collection(*features: dict[str, Any]) -> str:
    """Write a GeoJSON collection."""
    return json.dumps({"type": "FeatureCollection", "features": features})


@dataclass(frozen=True)
class Folder:
    """A catalog on disk, with what a test may change before it is served."""

    root: Path

    @property
    def settings(self) -> Settings:
        """Settings that serve this folder."""
        return Settings(layers=self.root / "layers", instance=self.root / "instance")

    def write(self, path: str, text: str) -> None:
        """Write one file below the root."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def prepare(self) -> Workspace:
        """Import what was written."""
        return prepare(self.settings, progress=lambda _layer, _done, _total: None)

    def app(self, *, embed_origins: tuple[str, ...] = ("*",)) -> Flask:
        """Import what was written and make the app."""
        self.prepare()
        return create_app(replace(self.settings, embed_origins=embed_origins))


def need_plate(folder: Folder) -> None:
    """Make the plate of a stop required, and give one to the stop that has none."""
    personal = 'privacy = "enforcement"'
    needed = f"{personal}\nconstraints = {{ required = true }}"
    folder.write("layers/stops.toml", STOPS.replace(personal, needed))
    folder.write("data/stops.csv", STOP_ROWS.replace(",0,,", ",0,苏XC0003,"))


def write_catalog(root: Path) -> Folder:
    """Write the whole catalog below a folder."""
    folder = Folder(root)
    named = {"stops": STOPS, "area": AREA, "roads": ROADS, "fleet": FLEET, "broken": BROKEN}
    for name, text in (named | {"site": SITE}).items():
        folder.write(f"layers/{name}.toml", text)
    folder.write("layers/maps/overview.toml", MAP)
    folder.write("layers/maps/roads.toml", SECOND_MAP)
    folder.write("data/stops.csv", STOP_ROWS)
    folder.write("data/fleet.csv", "kind,count\ntaxi,337\nbus,116\n")
    ring = [[121.0, 33.4], [121.0, 33.6], [121.2, 33.6], [121.2, 33.4], [121.0, 33.4]]
    hole = [[121.05, 33.45], [121.06, 33.45], [121.06, 33.46], [121.05, 33.45]]
    folder.write("data/area.geojson", collection(feature("1", "Polygon", [ring, hole], id="AR1")))
    lines = [
        feature("1", "LineString", [[121.1, 33.5], [121.11, 33.5]], road_id="R1", lanes=2),
        feature("2", "LineString", [[121.1, 33.5], [121.1, 33.51]], road_id="R2", lanes=6),
        feature("3", "LineString", [[121.1, 33.5], [121.1, 33.49]], road_id="R3", lanes=None),
    ]
    folder.write("data/roads.geojson", collection(*lines))
    return folder
