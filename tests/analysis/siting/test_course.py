from __future__ import annotations

import math

from geosvc.analysis.siting.course import Course


def test_a_course_tells_how_far_it_is() -> None:
    heard: list[tuple[float, str]] = []

    def told(share: float, stage: str, _value: float, _bound: float) -> bool:
        heard.append((round(share, 3), stage))
        return False

    course = Course(60, told)
    course.begin("curve", until=0.5)
    course.done(0.5)
    course.hear(1.0, 0.0)
    course.begin("plans", until=0.75)
    course.done(2.0)
    course.hear(1.0, 0.0)
    assert heard == [(0.0, "curve"), (0.25, "curve"), (0.5, "plans"), (0.75, "plans")]


def test_a_beginning_has_no_value_yet() -> None:
    heard: list[float] = []

    def told(_share: float, _stage: str, value: float, _bound: float) -> bool:
        heard.append(value)
        return False

    Course(60, told).begin("curve", until=1.0)
    assert len(heard) == 1
    assert math.isnan(heard[0])


def test_a_stage_has_its_share_of_the_time() -> None:
    course = Course(1000)
    course.begin("curve", until=0.25)
    assert 200 < course.left_s <= 250
    course.begin("plans", until=1.0)
    assert 900 < course.left_s <= 1000


def test_no_time_is_no_time() -> None:
    course = Course(0)
    course.begin("curve", until=0.5)
    assert course.left_s == 0.0
    assert not course.stopped


def test_who_said_stop_is_not_asked_again() -> None:
    heard: list[str] = []

    def told(_share: float, stage: str, _value: float, _bound: float) -> bool:
        heard.append(stage)
        return True

    course = Course(60, told)
    course.begin("curve", until=0.5)
    assert course.stopped
    assert course.hear(1.0, 1.0)
    course.begin("plans", until=1.0)
    assert heard == ["curve"]
    assert course.left_s == 0.0


def test_nobody_needs_to_listen() -> None:
    course = Course(60)
    course.begin("curve", until=1.0)
    assert not course.hear(1.0, 0.0)
