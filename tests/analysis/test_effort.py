"""Effort: street counts as often as it was patrolled."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geosvc.analysis.effort import LIXEL_M, by_effort, patrol_meters
from geosvc.analysis.scan import Scanner, ScanResult
from geosvc.analysis.surveyed import Field, Inputs, read_field
from tests.analysis import town

BUSY = [(700.0, 700.0)] * 40
QUIET = [(x, y) for x in (100.0, 400.0, 1000.0, 1300.0) for y in (100.0, 400.0, 1000.0, 1300.0)]


def field(planted: int = 12) -> Field:
    events = town.with_hotspot(60, planted)
    patrols = town.patrols(BUSY + QUIET)
    return read_field(Inputs(events, town.streets(), patrols, town.nowhere()))[0]


def scanned(of: Field) -> ScanResult:
    scanner = Scanner.prepare(of.network, exposure_m=of.survey.exposure_m, radii_m=[100, 200])
    return scanner.run(of.visit_places, draws=199, alpha=0.05, seed=1)


def test_meters_count_once_for_each_patrol_near_them() -> None:
    given = field()
    weight = patrol_meters(given.survey)
    network = given.network
    patrols = given.survey.moved(given.survey.patrols_at)
    middle = network.snap(
        shapely.get_coordinates(shapely.points(network.vertices_xy[network.segments].mean(axis=1))),
        limit_m=1,
    )
    near = (network.distances(patrols, middle) <= 300).sum(axis=0)
    # far from where the number changes a segment has one number of patrols
    for at in np.flatnonzero(network.lengths_m < 2 * LIXEL_M)[:20].tolist():
        if given.survey.exposure_m[at] > 0 and near[at] > 0:
            low, high = 0.5 * near[at] - 1, 2 * near[at] + 1
            assert low <= weight[at] / network.lengths_m[at] <= high
    assert weight[given.survey.exposure_m == 0].sum() == 0
    assert (weight >= given.survey.exposure_m - 1e-9).all()
    busiest = int(middle.segment[np.argmax(near)])
    assert weight[busiest] / network.lengths_m[busiest] >= 40


def test_what_is_hot_for_its_patrols_alone_is_not_hot_by_them() -> None:
    given = field()
    by_meters = scanned(given)
    best = by_meters.windows[0]
    assert by_meters.p_value <= 0.01
    effort = by_effort(given.survey, given.visit_places, like=by_meters)
    expected, p_value = effort.of(best, best.visits)
    assert expected > 3 * best.expected
    assert p_value > by_meters.p_value
    assert effort.scan.radii_m == by_meters.radii_m
    assert effort.scan.draws == by_meters.draws


def test_a_share_of_effort_is_a_share_of_all() -> None:
    given = field()
    effort = by_effort(given.survey, given.visit_places, like=scanned(given))
    assert (effort.share_per_m * given.network.lengths_m).sum() == pytest.approx(1)
    for window in effort.scan.windows:
        expected, p_value = effort.of(window, window.visits)
        assert expected == pytest.approx(window.expected, rel=1e-6)
        assert p_value == window.p_value


def test_with_equal_effort_everywhere_it_changes_nothing() -> None:
    everywhere = [(100.0 * x, 100.0 * y) for x in range(15) for y in range(15)]
    once = town.patrols(everywhere)
    given, _ = read_field(Inputs(town.with_hotspot(), town.streets(), once, town.nowhere()))
    by_meters = scanned(given)
    effort = by_effort(given.survey, given.visit_places, like=by_meters)
    best = by_meters.windows[0]
    # the edge of the town has fewer patrols near it
    assert effort.of(best, best.visits)[0] == pytest.approx(best.expected, rel=0.5)
    assert effort.scan.p_value <= 0.05
    told: list[float] = []
    by_effort(given.survey, given.visit_places, like=by_meters, progress=told.append)
    assert told == sorted(told)
    assert told
