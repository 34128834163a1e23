"""The violations confirmed with the snapshot app, as the app delivers them: in GCJ-02."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shapely import LineString, Point

from data.sample_county.chance import share, side, stream, weighted
from data.sample_county.frame import gcj02
from data.sample_county.lines import side_point
from data.sample_county.washing import HOT_ROADS, Shop
from data.sample_county.write import Layer, Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from data.sample_county.places import Places
    from data.sample_county.segments import Network

CASES = 126
BY_PATROL = 42  # cases that a patrol found
FIRST, DAYS = dt.date(2024, 5, 15), 47
AS_OF = dt.date(2024, 6, 30)  # cases that would be closed later are still open
ZONE = dt.timezone(dt.timedelta(hours=8))
WEEKEND = 5
ROADS = (
    *HOT_ROADS,
    *("人民路", "解放路", "建设路", "和平路", "文昌路", "新城大道", "府前街", "学海路", "环城北路"),
)
NEAR_SHOP_SHARE = 0.84
SHOP_SCATTER_M = 75.0
END_M = 30.0
REPEAT_SHARE = 0.06
HOT_TYPES = {
    "lane_washing": 0.44,
    "tactile_washing": 0.23,
    "lane_parking": 0.2,
    "tactile_parking": 0.13,
}
OTHER_TYPES = {
    "lane_parking": 0.46,
    "tactile_parking": 0.28,
    "lane_washing": 0.16,
    "tactile_washing": 0.1,
}
LAW_CODES = {
    "lane_parking": {"1039": 0.55, "10390": 0.45},
    "tactile_parking": {"10390": 0.6, "1039": 0.4},
    "lane_washing": {"10391": 0.75, "10392": 0.25},
    "tactile_washing": {"10391": 0.8, "10392": 0.2},
}
LANE_LAW = "《道路交通安全法》第五十六条、第九十三条"
TACTILE_LAW = LANE_LAW + "；《无障碍环境建设法》"
FINE_YUAN = 200  # the upper limit
COLORS = {"blue": 0.8, "green": 0.13, "yellow": 0.06, "white": 0.01}
AGENCIES = {"police": 0.72, "urban_mgmt": 0.2, "transport": 0.08}
PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # I and O are not used on plates


@dataclass
class Case:
    """A confirmed case: when, on which road, where in local metres; ``patrol_id`` where known."""

    captured: dt.datetime
    road: str
    x: float
    y: float
    by_patrol: bool = False
    patrol_id: str | None = None


def make_cases(network: Network, shops: list[Shop]) -> list[Case]:
    """Draw the cases in order of time; some of them wait for a patrol to have found them."""
    rng = stream("violations")
    lines = {name: network.road(name) for name in ROADS}
    widths = {name: network.width_m(name) for name in ROADS}
    cases = []
    for _ in range(CASES):
        captured = _moment(rng)
        road, at = _place(rng, shops, lines)
        offset = side(rng) * rng.uniform(0.32, 0.5) * widths[road]
        x, y, _ = side_point(lines[road], at, offset)
        cases.append(Case(captured, road, x, y))
    cases.sort(key=lambda case: (case.captured, case.x))
    for index in rng.permutation(CASES)[:BY_PATROL]:
        cases[index].by_patrol = True
    return cases


def _moment(rng: np.random.Generator) -> dt.datetime:
    """Draw a moment: more at weekends and in the afternoon, none at night."""
    days = [FIRST + dt.timedelta(days=index) for index in range(DAYS)]
    one = weighted(rng, {day: 2.1 if day.weekday() >= WEEKEND else 1.0 for day in days})
    hour = rng.normal(15.6, 1.5) if share(rng, 0.68) else rng.normal(9.8, 1.2)
    minute = int(min(max(hour, 7.4), 19.2) * 60)
    time = dt.time(minute // 60, minute % 60, int(rng.integers(60)), tzinfo=ZONE)
    return dt.datetime.combine(one, time)


def _place(
    rng: np.random.Generator, shops: list[Shop], lines: Mapping[str, LineString]
) -> tuple[str, float]:
    """Draw road and chainage: near a shop of the hot roads, or anywhere on the main streets."""
    if share(rng, NEAR_SHOP_SHARE):
        pool = [shop for shop in shops if shop.road in HOT_ROADS]
        # some shops draw more cars than others
        shop = pool[weighted(rng, {k: 1.0 + (k * 7 % 5) * 0.55 for k in range(len(pool))})]
        road = shop.road
        at = lines[road].project(Point(shop.x, shop.y)) + rng.laplace(0, SHOP_SCATTER_M)
    else:
        road = weighted(rng, {name: line.length for name, line in lines.items()})
        at = rng.uniform(0.06, 0.94) * lines[road].length
    return road, float(min(max(at, END_M), lines[road].length - END_M))


def violation_layer(cases: list[Case], places: Places) -> Layer:
    """Make the cases' rows."""
    rng = stream("violation-rows")
    plates: list[tuple[str, str]] = []
    rows: list[Row] = []
    for number, case in enumerate(cases, start=1):
        if plates and share(rng, REPEAT_SHARE):
            plates.append(plates[int(rng.integers(len(plates)))])
        else:
            plates.append((_plate(rng), weighted(rng, COLORS)))
        plate, color = plates[-1]
        rows.append(
            {
                **_report(number, case, places),
                "plate": plate,
                "plate_colour": color,
                **_handling(case, rng),
                **places.where(case.x, case.y),
                "pos_accuracy_m": int(rng.integers(3, 13)),
            }
        )
        rows[-1]["updated_at"] = str(rows[-1]["closed_at"] or rows[-1]["reported_at"])[:10]
    return Layer("violations", rows)


def _plate(rng: np.random.Generator) -> str:
    letters = rng.integers(0, len(PLATE_LETTERS), 2)
    digits = f"{int(rng.integers(0, 10_000)):04d}"
    tail = digits if share(rng, 0.7) else digits[0] + PLATE_LETTERS[letters[1]] + digits[2:]
    return "苏X" + PLATE_LETTERS[letters[0]] + tail


def _report(number: int, case: Case, places: Places) -> Row:
    lon, lat = gcj02(case.x, case.y)
    near = places.landmark_near(Point(case.x, case.y))
    return {
        "case_no": f"SSP{case.captured:%Y%m%d}{number:04d}",
        "lon": lon,
        "lat": lat,
        "place": f"{case.road}{near}附近",
        "road_name": case.road,
        "captured_at": case.captured.isoformat(),
        "channel": "patrol" if case.patrol_id else "police_app",
        "patrol_id": case.patrol_id,
        "photo_ids": [f"P{number:04d}{part}" for part in "ab"],
    }


def _handling(case: Case, rng: np.random.Generator) -> Row:
    kind = weighted(rng, HOT_TYPES if case.road in HOT_ROADS else OTHER_TYPES)
    reported = case.captured + dt.timedelta(minutes=int(rng.integers(1, 26)))
    days = dt.timedelta(days=int(rng.integers(2, 12)))
    hour, minute = int(rng.integers(9, 17)), int(rng.integers(60))
    closed = (reported + days).replace(hour=hour, minute=minute)
    state = weighted(rng, {"penalised": 0.94, "appealed": 0.06})
    if closed.date() > AS_OF:
        state = "confirmed"
    is_closed = state == "penalised"
    return {
        "reported_at": reported.isoformat(),
        "closed_at": closed.isoformat() if is_closed else None,
        "violation_type": kind,
        "law_code": weighted(rng, LAW_CODES[kind]),
        "legal_basis": TACTILE_LAW if kind.startswith("tactile") else LANE_LAW,
        "state": state,
        "fine_yuan": FINE_YUAN if is_closed else None,
        "agency": weighted(rng, AGENCIES),
    }
