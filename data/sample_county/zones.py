"""Zones where no car-wash site may stand; the distances are examples and say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shapely import Point, Polygon

from data.sample_county.lines import largest
from data.sample_county.plan import metres
from data.sample_county.records import shape_fields
from data.sample_county.town import town_outline
from data.sample_county.write import Layer, Row

if TYPE_CHECKING:
    from data.sample_county.places import Places
    from data.sample_county.terrain import Terrain

BASIS = "示例规则，非法定距离"
INTAKE = (-3950.0, -2400.0)  # of the water works, in the lake
INNER_M, OUTER_M = 520.0, 1250.0
RIVER_M, RIVER_REACH_M = 105.0, 900.0
OLD_QUARTER = metres([[-1.3, 0.9], [-0.1, 1.0], [0.05, 0.35], [-0.5, 0.12], [-1.35, 0.2]])


@dataclass(frozen=True)
class Margin:
    """The zone around a kind of landmark: its kind, radius, title, and whether it is strict."""

    kind: str
    radius_m: float
    title: str
    hard: bool


MARGINS = {
    "school": Margin("school", 95, "学校周边", hard=True),
    "hospital": Margin("hospital", 80, "医院周边", hard=False),
    "heritage": Margin("heritage", 70, "文物保护建设控制地带", hard=True),
    "clinic": Margin("clinic", 30, "医疗机构周边", hard=False),
    "depot": Margin("fuel_safety", 60, "加油加气站安全距离", hard=True),
}


@dataclass
class Zone:
    """A zone in local metres; a ``hard`` one admits no exception."""

    name: str
    kind: str
    shape: Polygon
    hard: bool = True


def _drawn(terrain: Terrain) -> list[Zone]:
    intake = Point(INTAKE)
    inner, outer = intake.buffer(INNER_M, quad_segs=6), intake.buffer(OUTER_M, quad_segs=8)
    banks = terrain.canal.intersection(town_outline().buffer(RIVER_REACH_M))
    river = banks.buffer(RIVER_M, cap_style="flat").simplify(3)
    return [
        Zone("白荻湖水源地一级保护区", "water_source_1", inner),
        Zone("白荻湖水源地二级保护区", "water_source_2", largest(outer.difference(inner))),
        Zone("运河河道管理范围", "river_management", largest(river)),
        Zone("老城历史文化街区", "heritage", Polygon(OLD_QUARTER)),
    ]


def zone_layer(places: Places, terrain: Terrain) -> Layer:
    """Draw the zones of waters and old town, and those around landmarks."""
    zones = _drawn(terrain)
    for item in places.landmarks.values():
        if item.kind in MARGINS:
            margin = MARGINS[item.kind]
            shape = item.spot.buffer(margin.radius_m, quad_segs=4)
            zones.append(Zone(item.name + margin.title, margin.kind, shape, margin.hard))
    rows: list[Row] = [
        {
            "feature_id": f"EZ{number:03d}",
            "zone_name": zone.name,
            "kind": zone.kind,
            "hard": zone.hard,
            "rule_basis": BASIS,
            "area_m2": round(zone.shape.area),
            **shape_fields(zone.shape, places),
        }
        for number, zone in enumerate(zones, start=1)
    ]
    return Layer("exclusion_zones", rows, [zone.shape for zone in zones])
