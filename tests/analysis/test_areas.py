"""Areas: each street and each case in one at most, and counts in the weeks of their step."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geosvc.analysis.areas import (
    CONTROL,
    CONTROL_RING,
    RING,
    TREATED,
    Areas,
    comparable,
    draw_areas,
)
from geosvc.analysis.cases import Cases
from geosvc.analysis.steps import Steps
from geosvc.network import Snapped, StreetNetwork

# one street of 12 km: x on it is the distance
STREET = StreetNetwork.from_segments([[0, 0], [12_000, 0]], [[0, 1]])
DAY = np.datetime64("2024-07-01")


def _at(*offset_m: float) -> Snapped:
    count = len(offset_m)
    return Snapped(np.zeros(count, dtype=int), np.array(offset_m), np.zeros(count))


def _cases(*cases: tuple[float, int]) -> Cases:
    """Make cases of an offset and the days since the step."""
    day = np.array([DAY + since for _, since in cases], dtype="datetime64[D]")
    keys = tuple(str(number) for number in range(len(cases)))
    at = _at(*(offset_m for offset_m, _ in cases))
    return Cases(keys=keys, places=at, day=day, patrol=np.full(len(cases), -1), dropped=())


def _steps(*steps: tuple[float, int]) -> Steps:
    """Make steps of an offset and the weeks on either side."""
    keys = np.array([f"S{number}" for number in range(len(steps))], dtype=object)
    weeks = np.array([count for _, count in steps])
    day = np.full(len(steps), DAY)
    return Steps(keys, _at(*(at for at, _ in steps)), day, weeks, np.full(len(steps), ""))


def _draw(cases: Cases, steps: Steps, *control: tuple[float, int]) -> Areas:
    places = _at(*(at for at, _ in control)), np.array([step for _, step in control], dtype=int)
    return draw_areas(STREET, cases, steps, places, reach_m=(500, 1500))


def _counts(areas: Areas, role: int, step: int = 0) -> list[int]:
    counts = areas.counts[(areas.role == role) & (areas.step == step)].sum(axis=0)
    return [int(count) for count in counts]


def test_each_meter_has_one_role() -> None:
    areas = _draw(_cases(), _steps((3000, 4)), (8000, 0), (9500, 0))
    found = [
        float(areas.length_m[areas.role == role].sum())
        for role in (TREATED, RING, CONTROL, CONTROL_RING)
    ]
    # between the two controls their rings meet, and at 12 km the street ends
    assert found == [1000, 2000, 2000, (7500 - 6500) + (9000 - 8500) + (11_000 - 10_000)]
    assert [line.length for line in areas.lines] == areas.length_m.tolist()
    lines = [part for line in areas.lines for part in line.geoms]
    assert all(isinstance(line, shapely.MultiLineString) for line in areas.lines)
    assert shapely.union_all(lines).length == sum(line.length for line in lines)


def test_what_is_near_a_step_is_nobodys_control() -> None:
    areas = _draw(_cases((4300, -1)), _steps((3000, 4)), (4600, 0))
    assert _counts(areas, RING) == [1, 0]
    assert _counts(areas, CONTROL) == [0, 0]


def test_two_steps_share_streets_by_nearness() -> None:
    cases = _cases((3300, -1), (3500, -1), (3800, -1))
    areas = _draw(cases, _steps((3000, 4), (4000, 4)))
    assert areas.length_m[areas.role == TREATED].tolist() == [1000, 1000]
    assert (_counts(areas, TREATED, 0)[0], _counts(areas, TREATED, 1)[0]) in {(1, 2), (2, 1)}


@pytest.mark.parametrize(
    ("since", "expected"), [(-29, [0, 0]), (-28, [1, 0]), (-1, [1, 0]), (0, [0, 1]), (27, [0, 1])]
)
def test_weeks_bound_the_counts_and_the_day_itself_is_after(
    since: int, expected: list[int]
) -> None:
    areas = _draw(_cases((3000, since), (8000, since)), _steps((3000, 4)), (8000, 0))
    assert _counts(areas, TREATED) == _counts(areas, CONTROL) == expected
    assert _counts(_draw(_cases((3000, 28)), _steps((3000, 4))), TREATED) == [0, 0]


def test_areas_reach_to_the_meter() -> None:
    cases = _cases((3500, -1), (3500.5, -1), (4500, -1), (4500.5, -1))
    areas = _draw(cases, _steps((3000, 4)))
    assert (_counts(areas, TREATED)[0], _counts(areas, RING)[0]) == (1, 2)


def test_sets_are_of_steps_with_controls() -> None:
    cases = _cases((2000, -1), (2000, 1), (2000, 2), (5000, 1), (8000, -1), (11_000, -3))
    areas = _draw(cases, _steps((2000, 4), (5000, 4)), (8000, 0), (11_000, 0))
    sets = areas.sets
    assert sets.group.tolist() == [0, 0, 0]
    assert sets.treated.tolist() == [1.0, 2.0]
    assert sets.control.tolist() == [1.0, 0.0]


def test_control_rings_count_by_their_street() -> None:
    cases = _cases((3900, -1), (7000, -1), (7000, 1), (9000, 1))
    areas = _draw(cases, _steps((3000, 4)), (8000, 0), (9500, 0))
    counts, weights = areas.rings
    ring = weights > 0
    assert counts[ring].tolist() == [[1, 0]]
    assert weights[~ring].tolist() == [pytest.approx(-2000 / 2500)] * 2
    assert counts[~ring].sum(axis=0).tolist() == [1, 1]


def test_without_controls_nothing_is_compared() -> None:
    areas = _draw(_cases((3000, -1)), _steps((3000, 4)))
    assert len(areas.sets.group) == 0
    assert [len(part) for part in areas.rings] == [0, 0]


def test_no_step_has_no_area() -> None:
    areas = _draw(_cases((3000, -1)), _steps())
    assert len(areas.role) == len(areas.lines) == 0


def test_places_are_compared_by_their_cases_in_the_same_weeks() -> None:
    steps = _steps((2000, 4), (5000, 0))
    like, unlike = [(8000.0, -1)] * 3, [(11_000.0, -1)] * 9
    # cases after, and before the weeks, do not count
    other = [(8000.0, 3)] * 20 + [(8000.0, -50)] * 20
    cases = _cases(*[(2000.0, -2)] * 4, *like, *unlike, *other)
    laid = _at(8000, 11_000)
    group = comparable(STREET, cases, steps, laid, reach_m=500)
    assert group.tolist() == [0, -1]


def test_steps_without_weeks_have_no_comparable_place() -> None:
    group = comparable(STREET, _cases((1, -1)), _steps((2000, 0)), _at(8000), reach_m=500)
    assert group.tolist() == [-1]
    assert len(comparable(STREET, _cases(), _steps((2000, 4)), _at(), reach_m=500)) == 0
