from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from data.sample_county.chance import day, share, side, spread, stream, weighted


def test_a_topic_has_its_own_stream() -> None:
    assert stream("a").random() == stream("a").random()
    assert stream("a").random() != stream("b").random()


def test_weights_are_kept(rng: np.random.Generator) -> None:
    drawn = Counter(weighted(rng, {"often": 3.0, "seldom": 1.0, "never": 0.0}) for _ in range(2000))
    assert drawn["often"] / 2000 == pytest.approx(0.75, abs=0.04)
    assert "never" not in drawn


@pytest.mark.parametrize(("probability", "answer"), [(0.0, False), (1.0, True)])
def test_certain_shares(rng: np.random.Generator, probability: float, *, answer: bool) -> None:
    assert all(share(rng, probability) is answer for _ in range(50))


def test_both_sides_are_drawn(rng: np.random.Generator) -> None:
    assert {side(rng) for _ in range(50)} == {-1, 1}


def test_day_counts_from_its_start() -> None:
    assert day("2024-02-28", 2) == "2024-03-01"
    assert day("2024-03-01", -1) == "2024-02-29"


@given(
    st.lists(st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000)), min_size=2, max_size=60),
    st.floats(100, 2000),
)
def test_spread_places_keep_their_distance(
    places: list[tuple[float, float]], spacing_m: float
) -> None:
    xy = np.array(places)
    taken = spread(xy, range(len(xy)), spacing_m, len(xy))
    assert taken[0] == 0
    assert len(taken) == 1 or pdist(xy[taken]).min() >= spacing_m * (1 - 1e-12)
    left = sorted(set(range(len(xy))) - set(taken))
    assert all(np.hypot(*(xy[taken] - xy[row]).T).min() < spacing_m for row in left)


def test_spread_stops_at_its_limit() -> None:
    xy = np.column_stack([np.arange(10) * 100.0, np.zeros(10)])
    assert spread(xy, range(10), 50, 3) == [0, 1, 2]
    assert spread(xy, [], 50, 3) == []
