"""False alarms of the whole way from cases to findings: cases are grouped here as in the service.

`test_scan_false_alarms` knows which visit a case is of. Here the visits are found again by place,
day and patrol, streets are surveyed by patrols, and what counts is the level in the table.
"""

from __future__ import annotations

import numpy as np
import pytest

from geosvc.analysis.cases import Cases
from geosvc.analysis.exposure import survey
from geosvc.analysis.scan import Scanner
from geosvc.analysis.visits import group_visits
from geosvc.network import Snapped, StreetNetwork
from tests.analysis import town

VISITS = 60
CASES = 120
ALPHA = 0.05
FIRST = np.datetime64("2024-05-16")


def thrown(rng: np.random.Generator, network: StreetNetwork, exposure_m: np.ndarray) -> Cases:
    """Throw visits by exposure, each with two cases on average within 25 m of each other."""
    share = exposure_m / exposure_m.sum()
    segment = rng.choice(len(share), VISITS, p=share)
    offset_m = rng.random(VISITS) * network.lengths_m[segment]
    more = rng.multinomial(CASES - VISITS, np.full(VISITS, 1 / VISITS))
    visit = np.repeat(np.arange(VISITS), 1 + more)
    aside_m = rng.uniform(-12, 12, CASES)
    along_m = np.clip(offset_m[visit] + aside_m, 0.0, network.lengths_m[segment[visit]])
    day = FIRST + rng.integers(0, 46, VISITS).astype("timedelta64[D]")
    # every third visit is a patrol's
    patrol = np.where(np.arange(VISITS) % 3 == 0, np.arange(VISITS), -1)
    places = Snapped(segment[visit], along_m, np.zeros(CASES))
    return Cases(tuple(map(str, range(CASES))), places, day[visit], patrol[visit], ())


def alarms(maps: int, draws: int) -> tuple[float, float]:
    """Return the share of maps with a hotspot by visits as they were found, and by cases."""
    whole = StreetNetwork.from_lines(town.streets())
    patrols = town.patrols([(300.0, 300.0), (900.0, 400.0), (600.0, 1100.0), (1300.0, 1300.0)])
    period = np.datetime64("2024-06-01"), np.datetime64("2024-06-30")
    seen = survey(whole, town.places([], []), patrols=patrols, areas=town.nowhere(), period=period)
    network, exposure_m = seen.network, seen.exposure_m
    scanner = Scanner.prepare(network, exposure_m=exposure_m, radii_m=[100, 200, 300])
    maxima: dict[int, np.ndarray] = {}
    rng, found = np.random.default_rng(20240630), []
    for _ in range(maps):
        cases = thrown(rng, network, exposure_m)
        for places in (group_visits(network, cases).places, cases.places):
            n = len(places)
            if n not in maxima:
                maxima[n] = scanner.maxima(n, draws=draws, seed=1)
            counts = scanner.windows.counts(scanner.windows.reach.place(places))
            largest = scanner.windows.chance(n).largest(counts)
            as_strong = (maxima[n] >= largest * (1 - 1e-9)).sum()
            found.append((1 + as_strong) / (1 + draws) <= ALPHA)
    by_visits, by_cases = np.array(found).reshape(-1, 2).mean(axis=0).tolist()
    return by_visits, by_cases


def test_of_60_maps_without_a_hotspot() -> None:
    by_visits, by_cases = alarms(maps=60, draws=199)
    # of 60 maps at 5 % more than eight alarms come once in a hundred
    assert by_visits <= 8 / 60
    assert by_cases >= 0.5


@pytest.mark.thorough
def test_of_1000_maps_without_a_hotspot() -> None:
    by_visits, by_cases = alarms(maps=1000, draws=1_999)
    print(f"grouped as in the service: {by_visits:.1%}, by cases {by_cases:.1%}")  # noqa: T201 - the figure is what the proof is run for
    assert 0.03 <= by_visits <= 0.07
    assert by_cases >= 0.5
