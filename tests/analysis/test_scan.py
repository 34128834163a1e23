"""The scan: what it finds, what it says of chance, and what it refuses."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.scan import OTHERS, Scanner, ScanResult, network_scan
from geosvc.errors import AnalysisError
from geosvc.network import Snapped, StreetNetwork

BLOCK_M = 100.0
SIDE = 12


def places(segment: list[int], offset_m: list[float]) -> Snapped:
    count = len(segment)
    return Snapped(np.array(segment, dtype=np.int64), np.array(offset_m), np.zeros(count))


def grid(side: int = SIDE) -> StreetNetwork:
    """Streets in a square of blocks; the default has 26.4 km."""
    at = np.arange(side)
    x, y = np.meshgrid(at * BLOCK_M, at * BLOCK_M)
    number = np.arange(side * side).reshape(side, side)
    pairs = [
        np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1),
        np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1),
    ]
    return StreetNetwork.from_segments(
        np.stack([x.ravel(), y.ravel()], axis=1), np.concatenate(pairs)
    )


def spread(network: StreetNetwork, count: int, *, seed: int = 5) -> Snapped:
    """Visits everywhere by length."""
    rng = np.random.default_rng(seed)
    share = network.lengths_m / network.length_m
    segment = rng.choice(len(share), count, p=share)
    return places(segment.tolist(), (rng.random(count) * network.lengths_m[segment]).tolist())


def joined(*parts: Snapped) -> Snapped:
    fields = ("segment", "offset_m", "distance_m")
    return Snapped(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def planted(segment: int, count: int) -> Snapped:
    return places([segment] * count, np.linspace(20, 80, count).tolist())


def scan(network: StreetNetwork, visits: Snapped, **changed: object) -> ScanResult:
    asked = {
        "exposure_m": network.lengths_m,
        "radii_m": [100, 200],
        "draws": 199,
        "alpha": 0.05,
        "seed": 1,
    }
    return network_scan(network, visits, **(asked | changed))  # type: ignore[arg-type] # named as asked


def test_a_planted_hotspot_is_found_where_it_was_planted() -> None:
    network = grid()
    visits = joined(spread(network, 60), planted(70, 12))
    result = scan(network, visits)
    best = result.windows[0]
    assert best.p_value == result.p_value == 1 / 200
    assert best.holds(planted(70, 12)).all()
    assert best.visits == best.holds(visits).sum() >= 12
    assert best.expected == pytest.approx(72 * best.exposure_m / network.length_m)
    assert best.ratio == best.visits / best.expected > 3
    assert best.length_m == pytest.approx(best.exposure_m)
    assert best.center[0] in best.segment
    assert (result.n, result.left_out, result.exposure_total_m) == (72, 0, 26_400)


def test_visits_spread_by_chance_are_no_hotspot() -> None:
    result = scan(grid(), spread(grid(), 72))
    assert result.p_value > 0.05
    assert 0 < len(result.windows) <= OTHERS
    assert [window.p_value for window in result.windows] == sorted(
        window.p_value for window in result.windows
    )


def test_the_p_value_is_the_exact_one() -> None:
    """All throws of 5 visits on 4 pieces are gone through; the data are one of them."""
    xy = [[0, 0], [10, 0], [100, 0], [110, 0], [200, 0], [210, 0], [300, 0], [310, 0]]
    network = StreetNetwork.from_segments(xy, [[0, 1], [2, 3], [4, 5], [6, 7]])
    exposure = np.array([1.0, 2.0, 3.0, 4.0])
    scanner = Scanner.prepare(network, exposure_m=exposure, radii_m=[5])
    chance = scanner.windows.chance(6)
    largest, weight = [], []
    for thrown in itertools.product(range(4), repeat=6):
        largest.append(chance.largest(scanner.windows.counts(np.array(thrown))))
        weight.append(np.prod(exposure[list(thrown)] / 10))
    for segment in ([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 3], [3, 3, 3, 3, 3, 3]):
        visits = places(segment, [5.0] * 6)
        result = scanner.run(visits, draws=9_999, alpha=0.05, seed=3)
        seen = result.windows[0].log_likelihood_ratio
        exact = np.array(weight)[np.array(largest) >= seen - 1e-9].sum()
        assert result.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact / 9_999))


def test_every_significant_window_is_listed_and_at_most_five_others() -> None:
    network = grid()
    hot = [planted(segment, 12) for segment in (5, 70, 130, 190, 260)]
    many = scan(network, joined(spread(network, 40), *hot))
    strong = [window.p_value <= 0.05 for window in many.windows]
    assert strong == sorted(strong, reverse=True)
    assert strong.count(True) >= 5
    assert strong.count(False) <= OTHERS


def test_windows_share_no_street() -> None:
    network = grid()
    result = scan(network, joined(spread(network, 90), planted(70, 10), planted(71, 10)))
    assert len(result.windows) > 2
    pieces = [
        piece
        for window in result.windows
        for piece in zip(window.segment.tolist(), window.start_m.tolist(), strict=True)
    ]
    assert len(pieces) == len(set(pieces))
    ratios = [window.log_likelihood_ratio for window in result.windows]
    assert ratios == sorted(ratios, reverse=True)


def test_the_seed_decides_and_nothing_else() -> None:
    network = grid()
    visits = joined(spread(network, 60), planted(70, 9))
    first, again, other = (scan(network, visits, seed=seed) for seed in (1, 1, 2))
    assert first.maxima.tolist() == again.maxima.tolist() != other.maxima.tolist()
    assert first.windows[0].log_likelihood_ratio == other.windows[0].log_likelihood_ratio
    assert (first.seed, first.draws, first.alpha, first.radii_m) == (1, 199, 0.05, (100.0, 200.0))
    assert first.maxima.tolist() == sorted(first.maxima.tolist())


@given(st.integers(0, 2**32 - 1))
def test_the_order_and_direction_of_segments_make_no_difference(seed: int) -> None:
    network, rng = grid(6), np.random.default_rng(seed)
    visits = joined(spread(network, 30, seed=seed), planted(17, 8))
    order = rng.permutation(len(network.segments))
    turned = rng.random(len(order)) < 0.5
    pairs = network.segments[order]
    pairs[turned] = pairs[turned, ::-1]
    segment = np.argsort(order)[visits.segment]
    offset = np.where(turned[segment], BLOCK_M - visits.offset_m, visits.offset_m)
    moved = StreetNetwork.from_segments(network.vertices_xy, pairs)
    here = scan(network, visits, draws=1).windows[0]
    there = scan(moved, Snapped(segment, offset, visits.distance_m), draws=1).windows[0]
    assert there.log_likelihood_ratio == pytest.approx(here.log_likelihood_ratio, rel=1e-9)
    assert (there.visits, there.radius_m) == (here.visits, here.radius_m)


def test_only_the_proportions_of_exposure_count() -> None:
    network = grid()
    visits = joined(spread(network, 60), planted(70, 9))
    once = scan(network, visits)
    twice = scan(network, visits, exposure_m=2 * network.lengths_m)
    assert twice.p_value == once.p_value
    assert twice.windows[0].expected == pytest.approx(once.windows[0].expected)
    assert twice.windows[0].exposure_m == pytest.approx(2 * once.windows[0].exposure_m)


def test_more_visits_where_more_was_surveyed_are_no_excess() -> None:
    network = grid()
    evenly = places(list(range(0, 264, 4)), [50.0] * 66)
    visits = joined(evenly, planted(70, 10))
    assert scan(network, visits).p_value == 1 / 200
    exposure = network.lengths_m.copy()
    exposure[70] *= 40
    assert scan(network, visits, exposure_m=exposure).p_value > 0.5


def test_what_was_not_surveyed_does_not_count_and_is_counted() -> None:
    network = grid()
    exposure = network.lengths_m.copy()
    exposure[:50] = 0.0
    unplaced = Snapped(np.array([-1, -1]), np.full(2, np.nan), np.full(2, np.nan))
    visits = joined(planted(20, 7), planted(120, 7), spread(network, 0), unplaced)
    result = scan(network, visits, exposure_m=exposure)
    assert (result.n, result.left_out) == (7, 9)
    assert all(np.isfinite(window.ratio) for window in result.windows)
    assert not any((window.segment < 50).any() for window in result.windows)


def test_a_window_ends_where_the_streets_are_not_joined() -> None:
    xy = [[0, 0], [300, 0], [301, 0], [3000, 0]]
    network = StreetNetwork.from_segments(xy, [[0, 1], [2, 3]])
    visits = joined(places([0] * 6, [290.0] * 6), places([1] * 6, [10.0] * 6))
    result = scan(network, visits, radii_m=[200])
    assert all(len(set(window.segment.tolist())) == 1 for window in result.windows)


def test_of_equal_windows_the_smallest_radius_is_named() -> None:
    xy = [[0, 0], [20, 0], [1000, 0], [3000, 0]]
    network = StreetNetwork.from_segments(xy, [[0, 1], [2, 3]])
    visits = joined(places([0] * 6, [10.0] * 6), places([1] * 3, [100.0, 900.0, 1800.0]))
    best = scan(network, visits, radii_m=[50, 100, 400]).windows[0]
    assert (best.radius_m, best.visits, best.segment.tolist()) == (50, 6, [0])


def test_all_visits_at_one_place() -> None:
    result = scan(grid(), places([70] * 9, [50.0] * 9))
    assert [window.visits for window in result.windows] == [9]
    assert result.p_value == 1 / 200


def test_no_window_with_five_visits_is_an_answer_too() -> None:
    result = scan(grid(), places([0, 40, 80, 120, 160], [50.0] * 5), radii_m=[50])
    assert result.windows == ()
    assert result.p_value == 1.0


@pytest.mark.parametrize("count", [0, 1, 4])
def test_fewer_than_five_visits_are_refused(count: int) -> None:
    with pytest.raises(AnalysisError) as caught:
        scan(grid(), planted(70, count))
    assert caught.value.reason == "few_visits"
    assert caught.value.numbers == {"visits": count, "least": 5}


def test_nothing_surveyed_is_refused() -> None:
    with pytest.raises(AnalysisError, match="nothing_surveyed"):
        scan(grid(), planted(70, 9), exposure_m=np.zeros(264))
    with pytest.raises(AnalysisError, match="nothing_surveyed"):
        scan(StreetNetwork.from_segments([], []), planted(0, 0), exposure_m=[])


@pytest.mark.parametrize("changed", [{"alpha": 0.0}, {"alpha": 1.0}, {"draws": 0}])
def test_values_that_make_no_sense_are_refused(changed: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(changed))):
        scan(grid(), planted(70, 9), **changed)


def test_a_planted_risk_raises_the_maxima() -> None:
    network = grid()
    scanner = Scanner.prepare(network, exposure_m=network.lengths_m, radii_m=[100, 200])
    risk = np.where(np.isin(scanner.windows.reach.segment, [70, 71]), 40.0, 1.0)
    plain, level = (
        scanner.maxima(72, draws=99, seed=4, relative_risk=given_risk)
        for given_risk in (None, np.full(len(risk), 7.0))
    )
    hot = scanner.maxima(72, draws=99, seed=4, relative_risk=risk)
    assert plain.tolist() == level.tolist()
    assert np.median(hot) > np.quantile(plain, 0.95)
    with pytest.raises(ValueError, match="no weight"):
        scanner.maxima(72, draws=9, seed=4, relative_risk=np.zeros(len(risk)))


def test_progress_is_told_and_can_end_the_work() -> None:
    network = grid(4)
    scanner = Scanner.prepare(network, exposure_m=network.lengths_m, radii_m=[100])
    told: list[float] = []
    scanner.run(spread(network, 9), draws=120, alpha=0.05, seed=1, progress=told.append)
    assert told == sorted(told)
    assert len(told) > 1
    assert told[-1] < 1

    def stop(share: float) -> None:
        raise InterruptedError(share)

    with pytest.raises(InterruptedError):
        scanner.run(spread(network, 9), draws=120, alpha=0.05, seed=1, progress=stop)


def test_a_window_can_be_drawn() -> None:
    network = grid()
    best = scan(network, planted(70, 9)).windows[0]
    start, end = (network.vertices_xy[network.segments[best.segment, side]] for side in (0, 1))
    share = (np.stack([best.start_m, best.end_m]) / BLOCK_M)[..., None]
    lines = shapely.linestrings((start + (end - start) * share).swapaxes(0, 1))
    assert shapely.length(lines).sum() == pytest.approx(best.length_m)
