"""Rows of the bus stops: better equipped on main streets and where more routes call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from data.sample_county.chance import day, share, stream, weighted
from data.sample_county.plan import ADCODE
from data.sample_county.records import AS_OF, NO_TASK, Task, point_fields

if TYPE_CHECKING:
    import numpy as np

    from data.sample_county.places import Area, Places
    from data.sample_county.roadside import Stop
    from data.sample_county.write import Row

OWNER = "市交通运输局"
BUS_COMPANY = "市公交公司"
CITY_CARE = "市城市管理局"
THEMES = {"core_values": 0.36, "civility": 0.26, "conduct_10": 0.2, "travel": 0.14, "other": 0.04}
CONDITIONS = {"good": 0.83, "faded": 0.1, "damaged": 0.05, "missing": 0.02}
TOWN_CLEAN = {"good": 0.72, "fair": 0.23, "poor": 0.05}
COUNTRY_CLEAN = {"good": 0.58, "fair": 0.33, "poor": 0.09}
ESIGN_STATES = {"online": 0.9, "offline": 0.06, "fault": 0.04}
TERMINALS = frozenset(("汽车客运站", "湖滨公园", "游客中心", "科创园", "公交公司", "物流园"))
BAY_WIDTH_M = 15.0  # wider streets may have bays
HIGHWAYS = frozenset("GSXYC")
TRUNKS = frozenset("GS")
# chance sheltered all stops of 泰北路: two hand theirs on, so that something is left to build
HANDED_ON = {"US0065": "US0002", "US0068": "US0110"}
SHELTERED = ("has_shelter", "has_esign", "esign_state")
FAULTS = (  # field, value, task, post; the first that fits is the stop's task
    ("esign_state", "fault", "修复电子站牌故障", "电子站牌维护岗"),
    ("esign_state", "offline", "恢复电子站牌联网", "电子站牌维护岗"),
    ("ad_condition", "missing", "补装公益广告画面", "广告管理岗"),
    ("ad_condition", "damaged", "更换破损广告画面", "广告管理岗"),
    ("ad_condition", "faded", "更新褪色广告画面", "广告管理岗"),
    ("cleanliness", "poor", "整治站台环境卫生", "站务管理岗"),
)


@dataclass
class _Town:
    places: Places
    rng: np.random.Generator = field(default_factory=lambda: stream("urban-rows"))

    def row(self, number: int, stop: Stop) -> Row:
        rng = self.rng
        is_terminal = stop.name in TERMINALS
        rank = (stop.segment.road_class == "arterial") + 0.4 * min(len(stop.routes), 4)
        has_shelter = is_terminal or share(rng, min(0.96, 0.52 + 0.22 * rank))
        has_esign = has_shelter and share(rng, min(0.93, 0.3 + 0.25 * rank))
        tactile = stop.segment.has_tactile_paving and share(rng, 0.9)
        row: Row = {
            **_identity("U", number, stop),
            "stop_type": _town_type(stop, rng, is_terminal=is_terminal),
            "has_shelter": has_shelter,
            "has_esign": has_esign,
            "esign_code": f"ES{number:04d}" if has_esign else None,
            "esign_state": weighted(rng, ESIGN_STATES) if has_esign else None,
            **_adverts(rng, int(rng.integers(2, 7)) if has_shelter else 0),
            "has_tactile_paving": tactile,
            "cleanliness": weighted(rng, TOWN_CLEAN),
            "built_year": _built_year(rng, 2021.5, 3.2),
            "owner_unit": OWNER,
            "maintain_unit": BUS_COMPANY if share(rng, 0.8) else CITY_CARE,
        }
        return _finished(row, stop, self.places, rng)


@dataclass
class _Country:
    places: Places
    rng: np.random.Generator = field(default_factory=lambda: stream("rural-rows"))

    def row(self, number: int, stop: Stop) -> Row:
        rng, place = self.rng, self.places.area_at(stop.x, stop.y)
        is_seat = stop.name.endswith("政府")
        kind = "shelter" if is_seat else weighted(rng, _shelter_shares(stop.segment.road_class))
        has_bay = stop.segment.road_class in TRUNKS and share(rng, 0.5)
        row: Row = {
            **_identity("R", number, stop),
            "stop_type": "terminal" if is_seat else "bay" if has_bay else "curb",
            "has_shelter": kind == "shelter",
            "shelter_type": kind,
            **_adverts(rng, int(rng.integers(1, 4)) if kind == "shelter" else 0),
            "has_tactile_paving": is_seat and share(rng, 0.5),
            "cleanliness": weighted(rng, COUNTRY_CLEAN),
            "built_year": _built_year(rng, 2021.0, 4.0),
            "owner_unit": OWNER,
            "maintain_unit": f"{place.township}人民政府".replace("街道人民政府", "街道办事处"),
            **_country_fields(stop, place),
        }
        return _finished(row, stop, self.places, rng)


def urban_rows(stops: list[Stop], places: Places) -> list[Row]:
    """Make the rows of the town's stops."""
    town = _Town(places)
    rows = [town.row(number, stop) for number, stop in enumerate(stops, start=1)]
    by_id = {str(row["feature_id"]): row for row in rows}
    for giver, taker in HANDED_ON.items():
        _hand_on(by_id[giver], by_id[taker])
    return rows


def rural_rows(stops: list[Stop], places: Places) -> list[Row]:
    """Make the rows of the country stops."""
    country = _Country(places)
    return [country.row(number, stop) for number, stop in enumerate(stops, start=1)]


def _identity(letter: str, number: int, stop: Stop) -> Row:
    return {
        "feature_id": f"{letter}S{number:04d}",
        "stop_code": f"{ADCODE}{'UR'.index(letter) + 1}{number:04d}",
        "stop_name": stop.name,
        "pair_id": f"{letter}P{stop.pair + 1:03d}",
        "direction": stop.heading,
        "road_name": stop.segment.name,
        "road_id": stop.segment.road_id,
        "route_nos": [route.number for route in stop.routes],
    }


def _hand_on(giver: Row, taker: Row) -> None:
    """Exchange what a shelter brings with it: all totals stay as they are."""
    names = [*SHELTERED, *(name for name in giver if name.startswith("ad_"))]
    for name in names:
        giver[name], taker[name] = taker[name], giver[name]
    for row in (giver, taker):
        number = str(row["feature_id"])[-4:]
        row["esign_code"] = f"ES{number}" if row["has_esign"] else None


def _town_type(stop: Stop, rng: np.random.Generator, *, is_terminal: bool) -> str:
    if is_terminal:
        return "terminal"
    return "bay" if stop.segment.width_m > BAY_WIDTH_M and share(rng, 0.42) else "curb"


def _shelter_shares(road_class: str) -> dict[str, float]:
    return {"shelter": 0.7 if road_class in "GSX" else 0.5, "pole": 0.38, "none": 0.06}


def _adverts(rng: np.random.Generator, slots: int) -> Row:
    public = int(min(slots, rng.binomial(slots, 0.62) + 1)) if slots else 0
    return {
        "ad_slots": slots,
        "ad_slots_public": public,
        "ad_theme": weighted(rng, THEMES) if public else None,
        "ad_updated_at": day("2023-11-20", int(rng.integers(0, 215))) if public else None,
        "ad_condition": weighted(rng, CONDITIONS) if slots else None,
    }


def _built_year(rng: np.random.Generator, latest: float, spread: float) -> int:
    return int(min(max(round(latest - rng.exponential(spread)), 2001), 2023))


def _country_fields(stop: Stop, place: Area) -> Row:
    first = min(route.first_min for route in stop.routes)
    last = max(route.last_min for route in stop.routes)
    post, rest = divmod(round(stop.chain_m / 10) * 10, 1000)
    road_class = stop.segment.road_class
    return {
        "village": place.name,
        "village_code": place.code,
        "road_class": road_class if road_class in HIGHWAYS else None,
        "km_marker": f"K{post}+{rest:03d}",
        "trips_per_day": stop.trips,
        "first_bus": clock(first),
        "last_bus": clock(last),
    }


def clock(minute: int) -> str:
    """Write a minute of the day as HH:MM.

    Examples
    --------
    >>> clock(390)
    '06:30'
    """
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _finished(row: Row, stop: Stop, places: Places, rng: np.random.Generator) -> Row:
    """Add what follows from faults and use, and where the stop lies."""
    is_suspended = share(rng, 0.035)
    return {
        **row,
        **_task(row, rng),
        "status": "suspended" if is_suspended else "in_use",
        "remark": "道路施工，暂停使用" if is_suspended else None,
        **point_fields((stop.x, stop.y), places, rng),
    }


def _task(row: Row, rng: np.random.Generator) -> Row:
    for key, value, task, post in FAULTS:
        if row.get(key) == value:
            unit = str(row["maintain_unit"]) if key == "cleanliness" else BUS_COMPANY
            due = day(AS_OF, int(rng.integers(5, 62)))
            return Task(task, unit, post, int(rng.integers(0, 10)) * 10, due).fields()
    return NO_TASK
