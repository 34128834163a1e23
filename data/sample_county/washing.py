"""The two concentrated car-wash sites and the nineteen shops that were dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shapely import LineString, Point

from data.sample_county.chance import day, share, side, stream, weighted
from data.sample_county.lines import side_point
from data.sample_county.plan import words
from data.sample_county.records import Task, point_fields
from data.sample_county.write import Layer, Row

if TYPE_CHECKING:
    import numpy as np

    from data.sample_county.places import Places
    from data.sample_county.segments import Network

BUREAU = "市交通运输局"
HOT_ROADS = ("金桥路", "佳醇路", "泰北路")
SHOP_ROADS = ("金桥路",) * 7 + ("佳醇路",) * 5 + ("泰北路",) * 5 + ("解放路", "建设路")
OUTCOMES = ("relocated",) * 11 + ("remodelled",) * 5 + ("closed",) * 3
UNSURVEYED = 5  # shops without bays and washes
STRETCHES = {"金桥路": (0.42, 0.92)}  # the busy part of a road, as shares of its length
STRETCH = (0.12, 0.88)
END_M = 60.0
FIRST_ACTION = "2024-03-18"
OCCUPYING = {"carriageway": 0.42, "sidewalk": 0.33, "tactile_paving": 0.25}
BAYS = {1: 0.15, 2: 0.35, 3: 0.25, 4: 0.15, 5: 0.07, 6: 0.03}
ACTIONS = {  # what is done about a shop
    "relocated": "迁入集中洗车点",
    "remodelled": "自行改造，不再占道",
    "closed": "关停占道洗车点",
}


@dataclass
class Shop:
    """A car-wash shop at the roadside, in local metres."""

    row: Row
    x: float
    y: float
    road: str


def site_layer(places: Places, network: Network) -> Layer:
    """Make the two sites of the work report, both under construction."""
    rng = stream("sites")
    tower, road = places.spot("宝塔公园"), network.road("泰北路")
    foot = road.interpolate(road.project(places.spot("泰北路计生站")))
    spots = [Point(tower.x - 60, tower.y + 170), Point(foot.x + 85, foot.y)]
    facts = (
        ("宝塔社区停车场", 25, "市城投环境公司", 65),
        ("泰北路计生站东侧", 14, "市交投集团", 40),
    )
    rows: list[Row] = []
    for number, ((name, bays, operator, progress), spot) in enumerate(
        zip(facts, spots, strict=True), start=1
    ):
        due = day("2024-09-30", 15 * number)
        row: Row = {
            "feature_id": f"CW{number:02d}",
            "site_name": name,
            "bays_planned": bays,
            "bays_open": 0,
            "phase": "construction",
            "tender_done": True,
            "drainage_permit": number == 1,
            "recycled_water": True,
            "zones": ["wash", "dry", "wait"],
            "operator": operator,
            "start_date": day("2024-06-17", 3 * number),
            "opened_on": None,
        }
        task = Task("建成集中洗车点并启用", BUREAU, "工程管理岗", progress, due)
        rows.append({**row, **task.fields(), **point_fields((spot.x, spot.y), places, rng)})
    return Layer("car_wash_sites", rows, spots)


def make_shops(places: Places, network: Network) -> list[Shop]:
    """Place nineteen shops along the named roads, with outcome and dates."""
    rng = stream("shops")
    outcomes = [OUTCOMES[index] for index in rng.permutation(len(OUTCOMES))]
    unsurveyed = set(rng.permutation(len(OUTCOMES))[:UNSURVEYED].tolist())
    shops = []
    for index, (road, outcome) in enumerate(zip(SHOP_ROADS, outcomes, strict=True)):
        line = network.road(road)
        slot = (SHOP_ROADS[:index].count(road) + 0.5) / SHOP_ROADS.count(road)
        at = _chainage(line, STRETCHES.get(road, STRETCH), slot, rng)
        x, y, _ = side_point(line, at, side(rng) * rng.uniform(19, 26))
        row = {
            **_identity(index, road, at, rng),
            **_outcome(road, outcome, rng),
            **_size(rng, is_known=index not in unsurveyed),
            **point_fields((x, y), places, rng),
        }
        shops.append(Shop(row, x, y, road))
    return shops


def shop_layer(shops: list[Shop]) -> Layer:
    """Give the shops as a layer."""
    spots = [Point(shop.x, shop.y) for shop in shops]
    return Layer("car_wash_shops", [shop.row for shop in shops], spots)


def _chainage(
    line: LineString, stretch: tuple[float, float], slot: float, rng: np.random.Generator
) -> float:
    first, last = stretch
    at = (first + (last - first) * slot) * line.length + rng.normal(0, 45)
    return float(min(max(at, END_M), line.length - END_M))


def _identity(index: int, road: str, at_m: float, rng: np.random.Generator) -> Row:
    code = f"XC{index + 1:03d}"
    kind = weighted(rng, {"洗车行": 0.5, "汽车美容": 0.3, "洗车店": 0.2})
    return {
        "feature_id": f"SH{index + 1:03d}",
        "shop_code": code,
        "shop_name": words("shops")[index] + kind,
        "address": f"{road}{int(at_m / 9) * 2 + 1}号",
        "road_name": road,
        "occupying": weighted(rng, OCCUPYING),
        "licence_no": f"93299010{int(rng.integers(1_000_000, 10_000_000))}X",
        "notice_served": True,
        "before_photo": f"{code}_before.jpg",
        "after_photo": f"{code}_after.jpg",
    }


def _outcome(road: str, action: str, rng: np.random.Generator) -> Row:
    acted = int(rng.integers(6, 88))
    recheck = acted + int(rng.integers(5, 24))
    has_failed = action == "remodelled" and share(rng, 0.3)
    near_north = road == "泰北路" or share(rng, 0.3)
    due = day(FIRST_ACTION, recheck + (30 if has_failed else 0))
    progress = 100
    if has_failed:
        progress = 70
    elif action == "relocated":  # shops move in when the sites are open
        progress, due = 80, day("2024-10-15", 15 * near_north)
    return {
        "action": action,
        "action_date": day(FIRST_ACTION, acted),
        "new_site_id": f"CW{1 + near_north:02d}" if action == "relocated" else None,
        "recheck_at": day(FIRST_ACTION, recheck),
        "recheck_result": "fail" if has_failed else "pass",
        **Task(ACTIONS[action], BUREAU, "洗车整治岗", progress, due).fields(),
    }


def _size(rng: np.random.Generator, *, is_known: bool) -> Row:
    bays = weighted(rng, BAYS)
    washes = round(bays * rng.uniform(7, 15))
    return {"bays": bays, "washes_per_day": washes} if is_known else {**NO_SIZE}


NO_SIZE: Row = {"bays": None, "washes_per_day": None}
