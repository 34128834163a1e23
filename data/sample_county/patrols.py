"""Daily patrols from mid-March to the end of June, and the cases that they found."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shapely import LineString, Point

from data.sample_county.cases import ROADS as CASE_ROADS
from data.sample_county.cases import WEEKEND, ZONE, Case
from data.sample_county.chance import share, side, stream, weighted
from data.sample_county.frame import lonlat
from data.sample_county.lines import side_point
from data.sample_county.washing import HOT_ROADS
from data.sample_county.write import Layer, Row

if TYPE_CHECKING:
    import numpy as np

    from data.sample_county.places import Places
    from data.sample_county.segments import Network

PATROLS = 2117
FIRST, DAYS = dt.date(2024, 3, 15), 108
MORE_AFTER = 60  # days; patrols became denser then
EARLY_DAYS = 20  # in which more leaflets were handed out
ROADS = {
    "金桥路": 5.2,
    "佳醇路": 4.4,
    "泰北路": 4.2,
    "解放路": 1.3,
    "人民路": 1.2,
    "建设路": 1.1,
    "文昌路": 0.7,
    "新城大道": 0.7,
    "和平路": 0.6,
    "府前街": 0.6,
    "迎宾大道": 0.6,
    "泰南路": 0.5,
    "学海路": 0.4,
    "北门大街": 0.4,
    "环城东路": 0.3,
}
TEAMS = {
    "transport": 0.42,
    "joint": 0.22,
    "enforcement": 0.16,
    "urban_mgmt": 0.12,
    "police": 0.08,
}
KERB_M = 6.0  # the point lies beside the road's middle line
OFFICERS = {"joint": (4, 10)}  # least, and one more than most
USUAL_OFFICERS = (2, 5)


@dataclass
class Patrol:
    """A patrol on one road; its place in local metres is where it turned round."""

    started: dt.datetime
    ended: dt.datetime
    road: str
    x: float
    y: float
    cases: list[Case] = field(default_factory=list)

    def covers(self, case: Case) -> bool:
        """Tell whether the patrol was on the case's road at its time."""
        return self.road == case.road and self.started <= case.captured <= self.ended


@dataclass
class _Dispatcher:
    network: Network
    rng: np.random.Generator = field(default_factory=lambda: stream("patrols"))

    def __post_init__(self) -> None:
        names = dict.fromkeys([*ROADS, *CASE_ROADS])
        self.lines: dict[str, LineString] = {name: self.network.road(name) for name in names}

    def usual(self, days: list[int]) -> list[Patrol]:
        """Send one patrol on each of the given days, counted from the first."""
        return [self._usual(FIRST + dt.timedelta(days=day)) for day in days]

    def _usual(self, day: dt.date) -> Patrol:
        rng = self.rng
        hour = rng.normal(9.6, 1.1) if share(rng, 0.45) else rng.normal(15.4, 1.5)
        minute = round(min(max(hour, 7.5), 19.0) * 60)
        started = dt.datetime.combine(day, dt.time(minute // 60, minute % 60, tzinfo=ZONE))
        road = weighted(rng, ROADS)
        at = rng.uniform(0.04, 0.96) * self.lines[road].length
        return self._patrol(started, int(rng.integers(12, 75)), road, at)

    def finding(self, case: Case) -> Patrol:
        """Send the patrol that found a case."""
        rng = self.rng
        before, after = int(rng.integers(3, 26)), int(rng.integers(5, 30))
        started = case.captured.replace(second=0) - dt.timedelta(minutes=before)
        line = self.lines[case.road]
        at = line.project(Point(case.x, case.y)) + rng.normal(0, 40)
        at = min(max(at, 0.0), line.length)
        patrol = self._patrol(started, before + after, case.road, at)
        patrol.cases.append(case)
        return patrol

    def _patrol(self, started: dt.datetime, minutes: int, road: str, at_m: float) -> Patrol:
        x, y, _ = side_point(self.lines[road], at_m, side(self.rng) * KERB_M)
        return Patrol(started, started + dt.timedelta(minutes=minutes), road, x, y)


def make_patrols(network: Network, cases: list[Case]) -> list[Patrol]:
    """Send 2,117 patrols in order of time, and tell the cases which of them found them."""
    dispatcher = _Dispatcher(network)
    patrols: list[Patrol] = []
    for case in cases:
        if not case.by_patrol:
            continue
        same = next((patrol for patrol in patrols if patrol.covers(case)), None)
        if same is not None:
            same.cases.append(case)
        else:
            patrols.append(dispatcher.finding(case))
    days = _days(dispatcher.rng, PATROLS - len(patrols))
    patrols += dispatcher.usual(days)
    patrols.sort(key=lambda patrol: (patrol.started, patrol.x, patrol.y))
    for number, patrol in enumerate(patrols, start=1):
        for case in patrol.cases:
            case.patrol_id = patrol_id(number)
    return patrols


def patrol_id(number: int) -> str:
    """Write a patrol's number.

    Examples
    --------
    >>> patrol_id(7)
    'PT00007'
    """
    return f"PT{number:05d}"


def _days(rng: np.random.Generator, count: int) -> list[int]:
    weight = {
        day: (1.25 if (FIRST + dt.timedelta(days=day)).weekday() >= WEEKEND else 1.0)
        * (1.35 if day > MORE_AFTER else 1.0)
        for day in range(DAYS)
    }
    return [weighted(rng, weight) for _ in range(count)]


def patrol_layer(patrols: list[Patrol], places: Places) -> Layer:
    """Make the patrols' rows."""
    rng = stream("patrol-rows")
    rows = [_row(number, patrol, places, rng) for number, patrol in enumerate(patrols, start=1)]
    return Layer("patrols", rows)


def _row(number: int, patrol: Patrol, places: Places, rng: np.random.Generator) -> Row:
    day = (patrol.started.date() - FIRST).days
    mean = 0.75 * math.exp(-day / 80) * (1.8 if patrol.road in HOT_ROADS else 0.7)
    found = max(int(rng.poisson(mean)), len(patrol.cases))
    team = weighted(rng, TEAMS)
    has_leaflets = share(rng, 0.17 if day > EARLY_DAYS else 0.3)
    lon, lat = lonlat(patrol.x, patrol.y)
    return {
        "patrol_id": patrol_id(number),
        "lon": lon,
        "lat": lat,
        "started_at": patrol.started.isoformat(),
        "ended_at": patrol.ended.isoformat(),
        "team": team,
        "officer_count": int(rng.integers(*OFFICERS.get(team, USUAL_OFFICERS))),
        "road_name": patrol.road,
        "mode": "foot" if share(rng, 0.58) else "vehicle",
        "leaflets": int(rng.integers(1, 7)) if has_leaflets else 0,
        "persuaded": int(rng.binomial(found, 0.85)),
        "found": found,
        **places.where(patrol.x, patrol.y),
    }
