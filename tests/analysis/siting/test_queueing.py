from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.queueing import Peak, delay_chance, peak_queue


def test_the_known_value_of_14_bays() -> None:
    # 14 bays, 20 minutes, utilisation 0.9: a queue of 10 or more has the chance 0.21
    queue = peak_queue(Peak(0.9 * 14 * 3, 20, 9), bays=14)
    assert queue.exponential == pytest.approx(0.21, abs=0.005)
    assert queue.utilisation == pytest.approx(0.9)
    # service of cv 0.4 was simulated at 0.11: between regular and exponential
    assert queue.regular is not None
    assert queue.regular < 0.11


def test_one_exponential_bay_is_the_textbook() -> None:
    # M/M/1: the chance of more than n waiting is rho ** (n + 2)
    queue = peak_queue(Peak(3, 10, 2), bays=1)
    assert queue.exponential == pytest.approx(0.5**4)


def test_one_regular_bay_is_the_textbook() -> None:
    # M/D/1: p0 = 1 - rho, p1 = (1 - rho)(e^rho - 1)
    queue = peak_queue(Peak(3, 10, 0), bays=1)
    assert queue.regular == pytest.approx(1 - 0.5 - 0.5 * (math.exp(0.5) - 1))


def test_regular_service_agrees_with_stepping_the_queue() -> None:
    load, bays, most = 3.2, 4, 400
    arrivals = np.array(
        [math.exp(k * math.log(load) - load - math.lgamma(k + 1)) for k in range(60)]
    )
    state = np.zeros(most)
    state[0] = 1.0
    for _ in range(400):
        there = np.convolve(state, arrivals)
        state = np.concatenate([[there[: bays + 1].sum()], there[bays + 1 : bays + most]])
    queue = peak_queue(Peak(load * 6, 10, 3), bays=bays)
    assert queue.regular == pytest.approx(state[4:].sum(), abs=1e-9)


@pytest.mark.parametrize("arrivals", [42.0, 60.0])
def test_too_many_arrivals_grow(arrivals: float) -> None:
    queue = peak_queue(Peak(arrivals, 20, 5), bays=14)
    assert queue.grows
    said = queue.as_json()
    assert (said["code"], said["regular"], said["exponential"]) == ("grows", None, None)
    assert said["utilisation"] == pytest.approx(arrivals / 42)


def test_nobody_comes_nobody_waits() -> None:
    assert peak_queue(Peak(0, 20), bays=3).as_json() == {
        "code": "range",
        "utilisation": 0.0,
        "regular": 0.0,
        "exponential": 0.0,
    }


def test_very_near_full_both_ends_are_near_each_other() -> None:
    queue = peak_queue(Peak(2.9999, 20), bays=1)
    assert queue.regular is not None
    assert queue.exponential is not None
    assert 0.99 < queue.regular <= queue.exponential <= 1


@given(utilisation=st.floats(0.01, 0.97), bays=st.integers(1, 30), waiting=st.integers(0, 20))
def test_regular_service_is_never_worse(utilisation: float, bays: int, waiting: int) -> None:
    queue = peak_queue(Peak(utilisation * bays * 3, 20, waiting), bays=bays)
    more = peak_queue(Peak(utilisation * bays * 3, 20, waiting + 1), bays=bays)
    assert queue.regular is not None
    assert queue.exponential is not None
    assert more.regular is not None
    assert 0 <= queue.regular <= queue.exponential <= 1
    assert more.regular <= queue.regular + 1e-9


@pytest.mark.parametrize(
    ("peak", "bays"),
    [(Peak(1, 1), 0), (Peak(-1, 1), 1), (Peak(1, math.nan), 1), (Peak(1, 1, -1), 1)],
)
def test_numbers_that_mean_nothing_are_refused(peak: Peak, bays: int) -> None:
    with pytest.raises(ValueError, match="no queue"):
        peak_queue(peak, bays=bays)


def test_the_chance_to_wait_grows_with_the_load() -> None:
    chances = [delay_chance(load, 5) for load in (0.5, 2.0, 4.0, 4.99)]
    assert chances == sorted(chances)
    assert chances[-1] < 1
