from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from geosvc.map_state import filtered, parse_state
from geosvc.scorecard.counting import count, map_of
from geosvc.scorecard.periods import Period
from tests.scorecard.county import SCORECARD, STOP_ROWS, STOPS, a_number, opened, write_county

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.map_state import MapState
    from geosvc.scorecard import Number
    from geosvc.workspace import Workspace

HALF = Period(2024, 1)


def _number(workspace: Workspace, number_id: str, period: Period = HALF) -> Number:
    found = workspace.catalog.scorecard
    assert found is not None
    measure = next(item for item in found.numbers if item.id == number_id)
    return count(workspace, measure, period)


def _codes(number: Number) -> list[str]:
    return [remark.code for remark in number.remarks]


def _shown(workspace: Workspace, state: MapState) -> int:
    """Count what the address of a state shows of the layers that are no ground."""
    pairs = parse_qsl(state.query(), keep_blank_values=True)
    read = parse_state(state.map_id, pairs, workspace.catalog)
    assert read == state
    subjects = [name for name in read.layers or () if name != "area"]
    return sum(len(filtered(workspace, read, name)) for name in subjects)


@pytest.fixture
def county(tmp_path: Path) -> Iterator[Workspace]:
    with opened(write_county(tmp_path)) as workspace:
        yield workspace


def test_parts_by_code_sum_to_the_number(county: Workspace) -> None:
    number = _number(county, "stops")
    assert (number.value, number.features, number.agrees) == (5, 5, True)
    assert [(part.id, part.title.zh, part.value) for part in number.parts] == [
        ("bay", "港湾式", 2),
        ("curb", "直线式", 2),
        ("", "", 1),
    ]
    assert number.revisions == {"stops": 1}
    assert number.as_of == "2024-06-30"


def test_parts_by_layer_sum_to_the_number(county: Workspace) -> None:
    number = _number(county, "all")
    assert [(part.id, part.value) for part in number.parts] == [("stops", 5), ("cases", 3)]
    assert (number.value, number.agrees) == (8, True)


def test_a_sum_takes_what_is_missing_as_nothing_and_says_so(county: Workspace) -> None:
    number = _number(county, "slots")
    assert (number.value, number.features) == (10, 5)
    assert [(item.code, item.values["count"]) for item in number.remarks] == [("no_amount", 1)]
    assert number.agrees


def test_a_layer_with_a_time_is_cut_by_its_start_whole_days_included(county: Workspace) -> None:
    now, before = _number(county, "cases"), _number(county, "cases", Period(2023, 2))
    assert (now.value, before.value) == (2, 1)
    assert (now.first, now.last) == ("2024-01-01", "2024-06-30")
    assert _codes(now) == _codes(before) == ["undated"]
    assert now.remarks[0].values["count"] == 1
    assert _number(county, "cases", Period(1999, 1)).value == 0


def test_a_state_of_another_half_year_is_said_to_be_one(county: Workspace) -> None:
    number = _number(county, "stops", Period(2023, 2))
    assert (number.value, _codes(number), number.agrees) == (5, ["outside"], True)


@pytest.mark.parametrize("number_id", ["stops", "slots", "cases", "all"])
@pytest.mark.parametrize("period", [HALF, Period(2023, 2), Period(2001, 1)])
def test_the_map_of_a_number_shows_just_what_was_counted(
    county: Workspace, number_id: str, period: Period
) -> None:
    number = _number(county, number_id, period)
    assert number.state is not None
    assert number.state.layers is not None
    assert number.state.layers[0] == "area"
    assert _shown(county, number.state) == number.features
    for part in number.parts if number_id != "slots" else ():
        assert part.state is not None
        assert _shown(county, part.state) == part.value


def test_what_has_no_place_has_no_map(county: Workspace) -> None:
    number = _number(county, "taxis")
    assert (number.value, number.state, number.parts) == (1337, None, ())
    assert map_of(county, "overview", ["fleet"], ()) is None
    assert map_of(county, None, ["stops"], ()) is None
    assert map_of(county, "no_map", ["stops"], ()) is None


def test_points_of_the_ground_do_not_stand_beside_what_was_counted(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("layers/cases.toml", STOPS.replace('group = "stops"', 'group = "ground"'))
    with opened(folder) as workspace:
        state = map_of(workspace, "overview", ["stops"], ())
        assert state is not None
        assert state.layers == ("area", "stops")


def test_rows_that_are_not_those_promised_are_a_fault(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("layers/stops.toml", STOPS.replace("expected_count = 5", "expected_count = 6"))
    with opened(folder) as workspace:
        number = _number(workspace, "stops")
        assert (number.value, number.agrees, _codes(number)) == (5, False, ["rows"])
        assert number.remarks[0].values["expected"] == 6


def test_rows_that_were_refused_are_a_fault(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("data/stops.csv", STOP_ROWS + "A5,又一个,bay,1,,,,,121.1,33.5\n")
    with opened(folder) as workspace:
        number = _number(workspace, "stops")
        assert number.agrees is False
        assert "refused" in _codes(number)


def test_a_layer_that_is_not_there_takes_its_own_number_away(tmp_path: Path) -> None:
    more = a_number("lost", 'layers = ["nowhere", "stops"]\nmap = "overview"')
    with opened(write_county(tmp_path, scorecard=more + SCORECARD)) as workspace:
        lost = _number(workspace, "lost")
        assert (lost.value, lost.parts, lost.agrees, lost.state) == (None, (), False, None)
        assert _codes(lost) == ["missing"]
        assert _number(workspace, "stops").agrees


def test_a_layer_with_nothing_to_show_takes_its_own_number_away(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("layers/cases.toml", 'colour = "red"')
    with opened(folder) as workspace:
        assert _codes(_number(workspace, "cases")) == ["unavailable"]
        assert _codes(_number(workspace, "all")) == ["unavailable"]
        assert _number(workspace, "stops").value == 5


def test_a_definition_with_faults_takes_its_own_number_away(tmp_path: Path) -> None:
    more = a_number("bad", 'layers = ["cases"]\ngroup = "plate"')
    with opened(write_county(tmp_path, scorecard=more + SCORECARD)) as workspace:
        bad = _number(workspace, "bad")
        assert (bad.value, _codes(bad)) == (None, ["definition"])
        assert bad.remarks[0].issues[0].code == "private_filter"


def test_an_empty_layer_is_nothing_and_agrees(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("layers/stops.toml", STOPS.replace("expected_count = 5\n", ""))
    folder.write("data/stops.csv", STOP_ROWS.splitlines()[0] + "\n")
    with opened(folder) as workspace:
        number = _number(workspace, "stops")
        assert (number.value, number.parts, number.agrees) == (0, (), True)
        assert _number(workspace, "slots").value == 0
