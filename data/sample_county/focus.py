"""The places and matters of the campaign: port, passenger market, touts, roadside washing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.sample_county.chance import day, stream
from data.sample_county.lines import cut
from data.sample_county.records import AS_OF, Task, shape_fields
from data.sample_county.shapes import as_polygon
from data.sample_county.write import Layer, Row

if TYPE_CHECKING:
    from shapely import Polygon

    from data.sample_county.places import Places
    from data.sample_county.segments import Network

HALF_WIDTH_M = 38.0  # of the strip along a road
PASSENGER, TRICYCLE, PORT = "客管处", "三轮办", "港航中心"
BUREAU, POLICE, CITY_CARE = "市交通运输局", "交警大队", "城管局"
WASHING_UNITS = ("公安局", CITY_CARE)


@dataclass(frozen=True)
class Matter:
    """A theme of the campaign: who leads, which post, what is done."""

    lead_unit: str
    post: str
    task: str
    measure: str


MATTERS = {
    "port": Matter(PORT, "港口执法岗", "码头环保整改验收", "规范码头作业，环保达标"),
    "lock": Matter("船闸管理所", "船闸运行岗", "创建文明窗口", "文明窗口服务"),
    "tout": Matter(PASSENGER, "站前稽查岗", "清理站前黄牛", "整治黄牛拉客倒客"),
    "illegal_taxi": Matter(PASSENGER, "客运稽查岗", "查处黑出租", "定点值守，查处非法营运"),
    "passenger_market": Matter(PASSENGER, "客运稽查岗", "规范客运市场", "整治拒载、不打表"),
    "e_trike": Matter(TRICYCLE, "三轮整治岗", "取缔非法营运", "查处电动三、四轮非法营运"),
    "pedicab": Matter(TRICYCLE, "三轮整治岗", "规范人力三轮", "整治站台拉客抢客"),
    "lane_washing": Matter(BUREAU, "洗车整治岗", "清理占道洗车", "巡查劝导、随手拍"),
}


@dataclass(frozen=True)
class Focus:
    """An area of the campaign: around a landmark, or along a stretch of road.

    Attributes
    ----------
    where
        A landmark, or a road if ``stretch`` is given.
    radius_m
        Around the landmark.
    stretch
        Begin and end as shares of the road's length, from west or south.
    """

    name: str
    theme: str
    where: str
    level: int
    joint_units: tuple[str, ...] = ()
    radius_m: float = 0.0
    stretch: tuple[float, float] | None = None


AREAS = (
    Focus("北港码头", "port", "北港码头", 1, ("生态环境局",), 210),
    Focus("运东船闸", "lock", "运东船闸", 3, (), 160),
    Focus("汽车客运站站前广场", "tout", "汽车客运站", 1, ("公安局", "车站派出所"), 150),
    Focus("汽车客运站黑出租", "illegal_taxi", "汽车客运站", 1, ("公安局", POLICE), 240),
    Focus("新城广场黑出租", "illegal_taxi", "新城广场", 2, (POLICE,), 180),
    Focus("农工商黑出租", "illegal_taxi", "农工商超市", 2, (POLICE,), 120),
    Focus("迎宾大道黑出租", "illegal_taxi", "迎宾大道", 2, (POLICE,), stretch=(0.1, 0.6)),
    Focus("农工商周边客运市场", "passenger_market", "农工商超市", 1, (POLICE,), 190),
    Focus("新城广场周边客运市场", "passenger_market", "新城广场", 2, (POLICE,), 260),
    Focus("解放路客运市场", "passenger_market", "解放路", 2, (POLICE,), stretch=(0.3, 0.75)),
    Focus("中心市场电动三四轮", "e_trike", "中心市场", 2, (POLICE, "残联"), 230),
    Focus("人民路电动三四轮", "e_trike", "人民路", 2, (POLICE, "残联"), stretch=(0.45, 0.95)),
    Focus("南门大街人力三轮", "pedicab", "南门大街", 2, (CITY_CARE,), stretch=(0.4, 0.95)),
    Focus("金桥商城人力三轮", "pedicab", "金桥商城", 3, (CITY_CARE,), 150),
    Focus("金桥路占道洗车", "lane_washing", "金桥路", 1, WASHING_UNITS, stretch=(0.42, 0.95)),
    Focus("佳醇路占道洗车", "lane_washing", "佳醇路", 1, WASHING_UNITS, stretch=(0.1, 0.9)),
    Focus("泰北路占道洗车", "lane_washing", "泰北路", 1, WASHING_UNITS, stretch=(0.08, 0.92)),
)


def _shape(focus: Focus, places: Places, network: Network) -> Polygon:
    if focus.stretch is None:
        return places.spot(focus.where).buffer(focus.radius_m, quad_segs=3)
    line = network.road(focus.where)
    first, last = (part * line.length for part in focus.stretch)
    part = cut(line, [first, last])[0]
    strip = part.buffer(HALF_WIDTH_M, cap_style="flat")
    return as_polygon(strip.simplify(2.0))


def focus_layer(places: Places, network: Network) -> Layer:
    """Draw the areas of the campaign."""
    rng = stream("focus")
    shapes = [_shape(focus, places, network) for focus in AREAS]
    rows: list[Row] = []
    for number, (focus, shape) in enumerate(zip(AREAS, shapes, strict=True), start=1):
        matter = MATTERS[focus.theme]
        due = day(AS_OF, int(rng.integers(1, 13)) * 15)
        progress = int(rng.integers(6, 20)) * 5
        task = Task(matter.task, matter.lead_unit, matter.post, progress, due)
        row: Row = {
            "feature_id": f"FA{number:03d}",
            "area_name": focus.name,
            "theme": focus.theme,
            "level": focus.level,
            "joint_units": list(focus.joint_units),
            "active_from": "2024-03-15",
            "active_to": "2024-12-31",
            "measure": matter.measure,
            "inspections": int(rng.integers(24, 190)),
        }
        rows.append({**row, **task.fields(), **shape_fields(shape, places)})
    return Layer("focus_areas", rows, shapes)
