"""What is said of windows: significant, tentative or not, in which order, and how sure that is."""

from __future__ import annotations

import numpy as np
import pytest

from geosvc.analysis.findings import Finding, judged, p_value, ranked, strength
from geosvc.analysis.scan import Scanner, ScanResult, Window
from geosvc.network import Snapped, StreetNetwork
from tests.analysis import town

NETWORK = StreetNetwork.from_lines(town.streets())
SCANNER = Scanner.prepare(NETWORK, exposure_m=NETWORK.lengths_m, radii_m=[100, 200])


def snapped(xy: list[tuple[float, float]]) -> Snapped:
    return NETWORK.snap([(town.X0 + x, town.Y0 + y) for x, y in xy], limit_m=1)


def scanned(places: Snapped, scanner: Scanner = SCANNER) -> ScanResult:
    return scanner.run(places, draws=199, alpha=0.05, seed=1)


def hot(count: int = 12) -> list[tuple[float, float]]:
    return [(720.0 + 4 * number, 700.0) for number in range(count)]


def test_strength_and_p_value_are_those_of_the_scan() -> None:
    result = scanned(snapped(town.spread(60) + hot()))
    for window in result.windows:
        ratio = float(strength(window.visits, window.expected, result.n))
        assert ratio == pytest.approx(window.log_likelihood_ratio)
        assert p_value(ratio, result.maxima) == window.p_value


def test_strength_needs_an_excess_and_five_visits() -> None:
    assert strength([4, 5, 5, 0], [1, 1, 6, 1], 50).astype(bool).tolist() == [0, 1, 0, 0]
    assert strength(50, 10, 50) == pytest.approx(50 * np.log(5))
    assert strength(np.full((2, 3), 9), [1, 2, 3], 50).shape == (2, 3)


def test_what_is_found_again_is_significant() -> None:
    visits = snapped(town.spread(60) + hot())
    result = scanned(visits)
    halved = Scanner.prepare(NETWORK, exposure_m=NETWORK.lengths_m, radii_m=[50, 100])
    findings = judged(result, result, visits, others=[result, scanned(visits, halved)])
    first, *rest = findings
    assert (first.level, first.reason, first.is_stable) == ("significant", None, True)
    assert (first.visits, first.p_value) == (result.windows[0].visits, 1 / 200)
    assert {finding.level for finding in rest} == {"not_significant"}
    assert {finding.reason for finding in rest} == {"no_excess"}
    assert {finding.is_stable for finding in rest} == {None}


def test_what_is_not_found_again_is_tentative() -> None:
    visits = snapped(town.spread(60) + hot())
    result = scanned(visits)
    nothing = scanned(snapped(town.spread(60)))
    assert nothing.p_value > 0.05
    first = judged(result, result, visits, others=[result, nothing])[0]
    assert (first.level, first.reason, first.is_stable) == ("tentative", "unstable", False)


def test_a_hotspot_elsewhere_does_not_make_this_one_stable() -> None:
    visits = snapped(town.spread(60) + hot())
    result = scanned(visits)
    moved = scanned(snapped(town.spread(60) + [(x - 600, y - 600) for x, y in hot()]))
    assert moved.p_value <= 0.05
    assert judged(result, result, visits, others=[moved])[0].reason == "unstable"


@pytest.mark.parametrize(("count", "reason"), [(1, "few_visits"), (5, "cases_only")])
def test_many_cases_of_a_few_visits_are_tentative(count: int, reason: str) -> None:
    everywhere = town.spread(60)
    visits = snapped(everywhere + hot(count))
    cases = snapped(everywhere + [place for place in hot(count) for _ in range(15 // count)])
    by_visits = scanned(visits)
    findings = judged(by_visits, scanned(cases), visits, others=[])
    if by_visits.p_value <= 0.05:
        pytest.fail("five visits in 42 km are no hotspot")
    tentative = [finding for finding in findings if finding.level == "tentative"]
    assert [finding.reason for finding in tentative] == [reason]
    window = tentative[0].window
    assert tentative[0].visits == window.holds(visits).sum() < window.visits
    assert tentative[0].p_value > 0.05
    assert tentative[0].expected == pytest.approx(
        by_visits.n * window.exposure_m / by_visits.exposure_total_m
    )


def test_findings_share_no_street() -> None:
    visits = snapped(town.spread(60) + hot())
    cases = snapped(town.spread(60) + [place for place in hot() for _ in range(4)])
    findings = judged(scanned(visits), scanned(cases), visits, others=[])
    pieces = [
        (int(segment), float(start_m))
        for finding in findings
        for segment, start_m in zip(finding.window.segment, finding.window.start_m, strict=True)
    ]
    assert len(set(pieces)) == len(pieces)
    levels = [finding.level for finding in findings]
    assert levels == sorted(levels, key=["significant", "tentative", "not_significant"].index)


def finding(visits: int, expected: float, level: str = "significant") -> Finding:
    empty = np.array([])
    window = Window((0, 0.0), 100.0, visits, expected, 0.0, 0.01, 1.0, empty, empty, empty)
    return Finding(window, level, None, visits, expected, 0.01)  # type: ignore[arg-type] # a level


def test_equals_cannot_be_told_apart_and_the_strongest_can() -> None:
    given = [finding(60, 1.0), finding(12, 0.5), finding(11, 0.5), finding(12, 0.6)]
    found = ranked(given, n=120, seed=1)
    assert [item.rank for item in found] == [1, 2, 3, 4]
    assert (found[0].rank_low, found[0].rank_high) == (1, 1)
    assert {(item.rank_low, item.rank_high) for item in found[1:]} == {(2, 4)}
    again = ranked(given, n=120, seed=1)
    assert [item.rank_high for item in again] == [item.rank_high for item in found]


def test_only_the_significant_have_ranks_among_all() -> None:
    given = [finding(9, 0.5), finding(9, 0.5, "tentative"), finding(8, 0.5, "not_significant")]
    found = ranked(given, n=100, seed=1)
    assert [item.rank for item in found] == [1, None, None]
    assert found[0].rank_high == 3
    assert {item.rank_low for item in found[1:]} == {None}
    assert ranked([], n=100, seed=1) == ()
