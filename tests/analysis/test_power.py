"""Power: what is planted is found the more often the stronger it is."""

from __future__ import annotations

import numpy as np
import pytest

from geosvc.analysis.findings import p_value
from geosvc.analysis.power import RATIOS, STRETCH_M, Power, critical_value, power_curve
from geosvc.analysis.scan import Scanner, ScanResult
from geosvc.network import StreetNetwork
from tests.analysis import town

NETWORK = StreetNetwork.from_lines(town.streets(30))
SCANNER = Scanner.prepare(NETWORK, exposure_m=NETWORK.lengths_m, radii_m=[100, 200, 300])


def scanned(count: int = 120) -> ScanResult:
    xy = [(town.X0 + x, town.Y0 + y) for x, y in town.spread(count, side=30)]
    return SCANNER.run(NETWORK.snap(xy, limit_m=1), draws=199, alpha=0.05, seed=1)


def test_the_stronger_the_more_often() -> None:
    power = power_curve(SCANNER, like=scanned(), draws=60)
    shares = [share for _, share in power.curve]
    assert [ratio for ratio, _ in power.curve] == list(RATIOS)
    assert shares == sorted(shares)
    assert shares[0] <= 0.1
    assert shares[-1] >= 0.8
    assert (power.stretch_m, power.draws) == (STRETCH_M, 60)
    assert power.smallest_ratio is not None
    assert 10 < power.smallest_ratio < 50


def test_more_visits_find_weaker_hotspots() -> None:
    few, many = (power_curve(SCANNER, like=scanned(n), draws=40) for n in (60, 240))
    assert few.curve[2][1] < many.curve[2][1]


def test_no_excess_is_hardly_ever_found_at_a_given_place() -> None:
    power = power_curve(SCANNER, like=scanned(), draws=60, ratios=[1.0])
    assert power.curve[0][1] == 0.0


def test_the_same_seed_gives_the_same_curve() -> None:
    found = scanned()
    one, other = (power_curve(SCANNER, like=found, draws=20) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("alpha", [0.005, 0.01, 0.05, 0.1, 0.5])
def test_above_the_critical_value_a_window_is_significant(alpha: float) -> None:
    maxima = np.sort(np.random.default_rng(2).exponential(5, 199))
    critical = critical_value(maxima, alpha)
    if np.isfinite(critical):
        assert p_value(critical * 1.0001, maxima) <= alpha + 1e-12
        assert p_value(critical, maxima) > alpha
    assert np.isfinite(critical) == (alpha >= 1 / 200)


def test_the_smallest_ratio_lies_between_those_tried() -> None:
    assert Power(300, 10, ((10.0, 0.6), (20.0, 1.0))).smallest_ratio == 15
    assert Power(300, 10, ((10.0, 0.8), (20.0, 1.0))).smallest_ratio == 10
    assert Power(300, 10, ((10.0, 0.1), (20.0, 0.7))).smallest_ratio is None
    assert Power(300, 10, ((5.0, 0.9),)).smallest_ratio == pytest.approx(4.6)


def test_progress_is_told_and_can_end_the_work() -> None:
    told: list[float] = []
    power_curve(SCANNER, like=scanned(), draws=2, progress=told.append)
    assert told == [0.2, 0.4, 0.6, 0.8, 1.0]

    def stop(share: float) -> None:
        raise InterruptedError(share)

    with pytest.raises(InterruptedError):
        power_curve(SCANNER, like=scanned(), draws=2, progress=stop)


def test_it_takes_a_throw() -> None:
    with pytest.raises(ValueError, match="draws"):
        power_curve(SCANNER, like=scanned(), draws=0)
