from __future__ import annotations

import math

from geosvc.analysis.siting.watch import Watch


def test_without_a_listener_only_the_time_stops() -> None:
    watch = Watch(math.inf)
    assert not watch.stop(1.0, 0.0)
    assert watch.left_s == math.inf
    assert watch.seconds >= 0


def test_no_time_is_over_at_once() -> None:
    watch = Watch(0)
    assert watch.left_s == 0
    assert watch.stop(1.0, 0.0)


def test_a_listener_hears_the_first_figures_and_not_each() -> None:
    heard: list[tuple[float, float]] = []

    def listen(value: float, bound: float) -> bool:
        heard.append((value, bound))
        return False

    watch = Watch(math.inf, listen)
    for step in range(1000):
        assert not watch.stop(9.0, float(step))
    assert heard[0] == (9.0, 0.0)
    assert len(heard) < 1000


def test_once_stopped_it_stays_so_and_no_time_is_left() -> None:
    heard: list[float] = []

    def stop(value: float, _bound: float) -> bool:
        heard.append(value)
        return True

    watch = Watch(math.inf, stop)
    assert watch.stop(2.0, 1.0)
    assert watch.stop(1.0, 1.0)
    assert watch.left_s == 0
    assert heard == [2.0]
