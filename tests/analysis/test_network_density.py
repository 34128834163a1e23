from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from geosvc.analysis.network_density import heat_density
from geosvc.network import Snapped, StreetNetwork

CHICAGO = Path(__file__).parents[3] / "shared/data/reference/hotspots/chicago"
PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12)
PLACES = [(0, 0), (100, 0), (100, 70), (30, 90), (-40, 40), (220, 10), (50, -60)]


def at(*places: tuple[int, float]) -> Snapped:
    segment, offset_m = zip(*places, strict=True) if places else ((), ())
    return Snapped(np.array(segment, dtype=np.int64), np.array(offset_m), np.zeros(len(places)))


def star(arms: int, *, length_m: float = 2000.0) -> StreetNetwork:
    turn = np.arange(arms) * 2 * np.pi / arms
    ends = length_m * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    pairs = [(0, arm + 1) for arm in range(arms)]
    return StreetNetwork.from_segments(np.concatenate([[[0.0, 0.0]], ends]), pairs)


def test_a_long_line_has_the_normal_kernel() -> None:
    line = star(2)
    found = heat_density(line, at((0, 0.0)), sigma_m=100, spacing_m=2)
    along = np.array([0.0, 50, 100, 200, 350])
    expected = norm.pdf(along, scale=100) * 1000
    assert found.at(np.zeros(5), along) == pytest.approx(expected, rel=2e-3)
    assert found.at(np.ones(5), along) == pytest.approx(expected, rel=2e-3)


def test_a_dead_end_turns_the_heat_back() -> None:
    street = StreetNetwork.from_segments([[0, 0], [2000, 0]], [[0, 1]])
    found = heat_density(street, at((0, 60.0)), sigma_m=100, spacing_m=1)
    along = np.array([0.0, 30, 60, 150])
    image = norm.pdf(along - 60, scale=100) + norm.pdf(along + 60, scale=100)
    assert found.at(np.zeros(4), along) == pytest.approx(image * 1000, rel=1e-3)


def test_a_circle_wraps_the_kernel() -> None:
    turn = np.arange(24) * 2 * np.pi / 24
    ring = 50 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    pairs = [(step, (step + 1) % 24) for step in range(24)]
    # lengths along the arc: a circle of 240 m
    circle = StreetNetwork.from_segments(ring, pairs, lengths_m=np.full(24, 10.0))
    found = heat_density(circle, at((3, 5.0)), sigma_m=60, spacing_m=1)
    away = np.array([0.0, 10, 40, 120])
    wrapped = sum(norm.pdf(away + 240 * turns, scale=60) for turns in range(-6, 7))
    segments = (3 + away / 10).astype(int) % 24
    assert found.at(segments, np.full(4, 5.0)) == pytest.approx(wrapped * 1000, rel=1e-3)


@pytest.mark.parametrize("arms", [3, 4, 5])
def test_a_junction_divides_equally(arms: int) -> None:
    # McSwiggan et al. 2017: of a kernel that reaches a junction of k streets, 2/k goes on into
    # each other street and 2/k - 1 comes back
    found = heat_density(star(arms), at((0, 80.0)), sigma_m=100, spacing_m=1)
    along = np.array([10.0, 50, 130])
    back = norm.pdf(along - 80, scale=100) + (2 / arms - 1) * norm.pdf(along + 80, scale=100)
    assert found.at(np.zeros(3), along) == pytest.approx(back * 1000, rel=2e-3)
    onward = 2 / arms * norm.pdf(along + 80, scale=100) * 1000
    for arm in range(1, arms):
        assert found.at(np.full(3, arm), along) == pytest.approx(onward, rel=2e-3)


def test_bends_do_not_matter() -> None:
    bends = [(float(x), 3.0 * (x // 7 % 2)) for x in range(0, 1001, 7)]
    pairs = [(step, step + 1) for step in range(len(bends) - 1)]
    bent = StreetNetwork.from_segments(np.array(bends), pairs)
    straight = StreetNetwork.from_segments(np.array([[0, 0], [bent.length_m, 0]]), [[0, 1]])
    crooked = heat_density(bent, at((50, 2.0)), sigma_m=40, spacing_m=2)
    along = float(bent.lengths_m[:50].sum()) + 2.0
    even = heat_density(straight, at((0, along)), sigma_m=40, spacing_m=2)
    ways = np.array([0, 45, 50, 55, 90])
    offsets = np.array([float(bent.lengths_m[:way].sum()) for way in ways])
    assert crooked.at(ways, np.zeros(5)) == pytest.approx(even.at(np.zeros(5), offsets), rel=1e-9)


def test_a_link_of_a_millimeter_neither_slows_nor_loses() -> None:
    pairs = [(0, 1), (1, 2), (2, 3), (1, 4), (2, 5)]
    places = [[0, 0], [500, 0], [500.001, 0], [1000, 0], [500, 300], [500, -300]]
    near = StreetNetwork.from_segments(np.array(places), pairs)
    found = heat_density(near, at((0, 480.0)), sigma_m=100, spacing_m=10)
    assert found.total == pytest.approx(1, rel=1e-9)
    assert found.at(1, 0.0) == pytest.approx(found.at(2, 0.0), rel=1e-3)


def test_spacing_converges() -> None:
    town = StreetNetwork.from_segments(PLACES, [(0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (0, 6)])
    coarse, fine, finest = (
        heat_density(town, at((0, 33.0), (4, 80.0)), sigma_m=40, spacing_m=step).at(
            np.arange(6), town.lengths_m / 3
        )
        for step in (8, 4, 1)
    )
    worst = finest.max()
    assert abs(coarse - finest).max() < 0.02 * worst
    assert abs(fine - finest).max() < abs(coarse - finest).max()


@given(pairs=PAIRS, shares=st.lists(st.floats(0, 1), min_size=1, max_size=9), data=st.data())
def test_nothing_is_lost_and_nothing_is_negative(
    pairs: list[tuple[int, int]], shares: list[float], data: st.DataObject
) -> None:
    town = StreetNetwork.from_segments(PLACES, pairs)
    on = np.flatnonzero(town.lengths_m > 0)
    if not len(on):
        return
    segment = on[np.arange(len(shares)) % len(on)]
    events = Snapped(segment, np.array(shares) * town.lengths_m[segment], np.zeros(len(shares)))
    size = len(shares)
    weights = data.draw(st.lists(st.floats(0, 9), min_size=size, max_size=size))
    found = heat_density(town, events, sigma_m=30, spacing_m=6, weights=weights)
    assert found.total == pytest.approx(sum(weights), rel=1e-9, abs=1e-12)
    assert (found.per_m >= -1e-9 * max(weights)).all()


def test_weights_are_events() -> None:
    street = star(3)
    once = heat_density(street, at((0, 5.0)), sigma_m=50, spacing_m=5, weights=[3.0])
    thrice = heat_density(street, at(*[(0, 5.0)] * 3), sigma_m=50, spacing_m=5)
    assert once.per_m == pytest.approx(thrice.per_m)
    assert (once.n, thrice.n) == (1, 3)


def test_events_without_a_street_are_counted() -> None:
    events = Snapped(np.array([0, -1]), np.array([5.0, np.nan]), np.array([1.0, np.nan]))
    found = heat_density(star(3), events, sigma_m=50, spacing_m=5)
    assert (found.n, found.unplaced) == (1, 1)
    assert found.total == pytest.approx(1)
    assert np.isnan(found.at([-1], [0.0])).all()


def test_a_place_of_no_length_holds_no_event() -> None:
    point = StreetNetwork.from_segments([[0, 0], [9, 9], [12, 13]], [[0, 0], [1, 2]])
    found = heat_density(point, at((0, 0.0), (1, 1.0)), sigma_m=5, spacing_m=1)
    assert found.total == pytest.approx(1)


def test_no_streets_no_events() -> None:
    nowhere = StreetNetwork.from_segments([], [])
    assert heat_density(nowhere, at(), sigma_m=50, spacing_m=5).total == 0
    assert heat_density(star(3), at(), sigma_m=50, spacing_m=5).at(0, 1.0).tolist() == [0]


@pytest.mark.parametrize("options", [{"sigma_m": 0.0}, {"spacing_m": -1.0}, {"sigma_m": np.nan}])
def test_lengths_must_be_positive(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        heat_density(star(3), at(), **{"sigma_m": 50.0, "spacing_m": 5.0} | options)


@pytest.mark.parametrize("weights", [[np.nan], [-1.0], [1.0, 1.0], [np.inf]])
def test_weights_must_be_numbers(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        heat_density(star(3), at((0, 1.0)), sigma_m=50, spacing_m=5, weights=weights)


@pytest.mark.skipif(not CHICAGO.is_dir(), reason="the reference data lie beside the project")
def test_chicago_as_spatstat_has_it() -> None:
    def read(name: str, *columns: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        with (CHICAGO / f"{name}.csv").open(encoding="utf-8") as file:
            rows = [[float(row[column]) for column in columns] for row in csv.DictReader(file)]
        return np.array(rows)

    pairs = read("segments", "from", "to").astype(int) - 1
    town = StreetNetwork.from_segments(read("vertices", "x", "y"), pairs)
    crimes, peer = read("points", "seg", "tp"), read("densityHeat_sigma60", "seg", "tp", "value")
    segment = crimes[:, 0].astype(int) - 1
    events = Snapped(segment, crimes[:, 1] * town.lengths_m[segment], np.zeros(len(segment)))
    found = heat_density(town, events, sigma_m=60, spacing_m=12)
    there = peer[:, 0].astype(int) - 1
    ours = found.at(there, peer[:, 1] * town.lengths_m[there]) / 1000
    assert np.corrcoef(ours, peer[:, 2])[0, 1] >= 0.9999
    assert abs(ours - peer[:, 2]).max() <= 0.02 * peer[:, 2].max()
    assert found.total == pytest.approx(116, abs=1e-6)


@pytest.mark.parametrize("event", [0, 1])
def test_what_spreads_passes_a_segment_of_no_length(event: int) -> None:
    vertices = [[0, 0], [50, 0], [50, 1], [100, 1]]
    joined = StreetNetwork.from_segments(vertices, [[0, 1], [1, 2], [2, 3]], lengths_m=[50, 0, 50])
    whole = StreetNetwork.from_segments([[0, 0], [50, 0], [100, 0]], [[0, 1], [1, 2]])
    at_m = [25.0, 0.0][event]
    here = Snapped(np.array([event]), np.array([at_m]), np.zeros(1))
    found, expected = (heat_density(one, here, sigma_m=40, spacing_m=2) for one in (joined, whole))
    along = np.linspace(0, 50, 11)
    for ours, theirs in ((0, 0), (2, 1)):
        at = found.at(np.full(11, ours), along)
        assert at == pytest.approx(expected.at(np.full(11, theirs), along), rel=1e-9)
    assert found.total == pytest.approx(1, abs=1e-12)
