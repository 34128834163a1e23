"""Stops of the town: pairs along the main streets that buses use, named after what is near."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from data.sample_county.chance import stream
from data.sample_county.names import Names
from data.sample_county.roadside import BANK_M, Pair, Roadside, Stop, middle_of, numbered, poles
from data.sample_county.routes import MAIN, Route, edge_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.sample_county.graph import Step
    from data.sample_county.places import Places
    from data.sample_county.segments import Network
    from data.sample_county.terrain import Terrain

POLES = 135
SINGLES = 6  # about so many stops have one pole only
SPACINGS_M = np.arange(430.0, 900.0, 10.0)
LEAST_SHARE = 0.68  # of the spacing, between any two stops
RUN_M = 330.0  # shorter runs of street get no stop
RUN_ENDS_M = 200.0
CROSSING_M = 75.0  # from a segment's end
GAP_M = 25.0  # each pole stands so far past the middle in its own direction
LANDMARK_M = 330.0
NEAR_STREET_M = 230.0
TAILS = ("社区", "新村", "东", "西", "花园", "小区")


def urban_stops(
    network: Network, routes: list[Route], places: Places, terrain: Terrain
) -> list[Stop]:
    """Put 135 poles along the town's routes, mostly in pairs."""
    service, wet = edge_service(network.graph, routes), terrain.wet(BANK_M)
    pairs: list[Pair] = []
    for spacing_m in SPACINGS_M.tolist():
        roadside = Roadside(network, service, wet)
        pairs = _along_streets(roadside, spacing_m)
        if poles(pairs) <= POLES + SINGLES:
            break
    _name(pairs, network, places)
    return numbered(_thinned(pairs))


def _along_streets(roadside: Roadside, spacing_m: float) -> list[Pair]:
    pairs = []
    for run in _runs(roadside):
        ends = np.cumsum([roadside.network.segments[index].line.length for index, _ in run])
        total = float(ends[-1])
        if total <= RUN_M:
            continue
        count = max(1, round((total - RUN_ENDS_M) / spacing_m))
        for at in ((np.arange(count) + 0.5) * total / count).tolist():
            step = int(np.searchsorted(ends, at))
            before = float(ends[step - 1]) if step else 0.0
            pair = _pair(roadside, run, step, at - before)
            if pair and roadside.claim(pair, LEAST_SHARE * spacing_m):
                pairs.append(pair)
    return pairs


def _runs(roadside: Roadside) -> Iterator[list[Step]]:
    """Give the stretches of each main street that have a bus."""
    segments, service = roadside.network.segments, roadside.service
    for stroke in roadside.network.strokes:
        for has_bus, run in groupby(
            stroke, lambda step: step in service and segments[step[0]].road_class in MAIN
        ):
            if has_bus:
                yield list(run)


def _pair(roadside: Roadside, run: list[Step], step: int, at_m: float) -> Pair:
    """Put two poles on this segment of a run, or on a neighboring one; empty if none has room."""
    segments = roadside.network.segments
    around = range(max(0, step - 1), min(len(run), step + 2))
    order = sorted(around, key=lambda item: (item != step, -segments[run[item][0]].line.length))
    for item in order:
        index, node = run[item]
        length = segments[index].line.length
        along = at_m if node == segments[index].end else length - at_m
        at = along if item == step else length / 2
        at = min(max(at, min(CROSSING_M, length / 2)), max(length - CROSSING_M, length / 2))
        gap = min(GAP_M, max(length / 2 - 20, 0))
        one = roadside.place(index, at + gap, forward=True)
        two = roadside.place(index, at - gap, forward=False)
        if one and two:
            return [one, two]
    return []


def _name(pairs: list[Pair], network: Network, places: Places) -> None:
    names = Names("urban-stops")
    main = {segment.name for segment in network.segments if segment.road_class in MAIN}
    for pair in pairs:
        tries = [*_landmarks(pair, places), *_corners(pair, network, main)]
        tries += [_area(pair, places) + tail for tail in TAILS]
        road = pair[0].segment.name
        name = names.claim([*tries, *(f"{road}{number}站" for number in range(1, 99))]) or road
        for stop in pair:
            stop.name = name


def _landmarks(pair: Pair, places: Places) -> list[str]:
    here = middle_of(pair)
    near = sorted((item.spot.distance(here), item.name) for item in places.landmarks.values())
    return [name for gap, name in near if gap < LANDMARK_M][:2]


def _corners(pair: Pair, network: Network, main: set[str]) -> list[str]:
    """Name the nearest street corners, those with main streets first."""
    here, road = middle_of(pair), pair[0].segment.name
    found: dict[str, float] = {}
    for item in network.tree.query(here, predicate="dwithin", distance=NEAR_STREET_M).tolist():
        segment = network.segments[item]
        if segment.name != road and not segment.street.is_ramp:
            gap = segment.line.distance(here)
            found[segment.name] = min(gap, found.get(segment.name, gap))
    order = sorted(found, key=lambda name: (name not in main, round(found[name]), name))
    return [f"{road}{name}口" for name in order[:4]]


def _area(pair: Pair, places: Places) -> str:
    here = middle_of(pair)
    return places.area_at(here.x, here.y).name.removesuffix("社区")


def _thinned(pairs: list[Pair]) -> list[Pair]:
    """Drop partners of the least served stops until 135 poles are left."""
    rng = stream("urban-stops")
    pairs = [list(pair) for pair in pairs]
    for pair in sorted(pairs, key=lambda pair: (len(pair[0].routes), rng.random())):
        if poles(pairs) <= POLES:
            break
        pair.pop(int(rng.integers(2)))
    return pairs
