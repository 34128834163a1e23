from __future__ import annotations

import csv
import json
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from geosvc.errors import StateError
from geosvc.map_state import filtered, parse_state
from geosvc.scorecard import Period, Scorecard, scorecard
from geosvc.settings import PROJECT, Settings
from geosvc.workspace import prepare
from tests.scorecard.county import SCORECARD, opened, write_county

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.workspace import Workspace


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The sample county that the service ships."""
    settings = Settings(instance=tmp_path_factory.mktemp("scorecard"))
    workspace = prepare(settings, progress=lambda *_told: None)
    yield workspace
    workspace.close()


def _properties(name: str) -> list[dict[str, Any]]:
    text = (PROJECT / "data" / f"{name}.geojson").read_text(encoding="utf-8")
    return [item["properties"] for item in json.loads(text)["features"]]


def _rows(name: str) -> list[dict[str, str]]:
    with (PROJECT / "data" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _parts(found: Scorecard, number_id: str) -> dict[str, float]:
    number = next(item for item in found.numbers if item.id == number_id)
    return {part.id: part.value for part in number.parts}


def test_the_numbers_are_those_of_the_work_report(sample: Workspace) -> None:
    found = scorecard(sample, "2024H1")
    values = {item.id: item.value for item in found.numbers}
    assert values == {
        "stops": 135 + 180,
        "shops": 3 + 5 + 11,
        "bays": 25 + 14,
        "violations": 126,
        "patrols": 2117,
        "leaflets": 1346,
        "taxis": 337,
        "buses": 116,
        "rural_buses": 86,
        "posters": 626,
    }
    assert _parts(found, "stops") == {"urban_stops": 135, "rural_stops": 180}
    assert _parts(found, "shops") == {"closed": 3, "remodelled": 5, "relocated": 11}
    assert sorted(_parts(found, "bays").values()) == [14, 25]
    assert found.agrees
    assert (found.total, found.agreeing) == (11, 11)


def test_the_numbers_are_those_of_the_files_counted_otherwise(sample: Workspace) -> None:
    found = scorecard(sample, "2024H1")
    assert _parts(found, "violations") == Counter(
        row["violation_type"] for row in _rows("violations")
    )
    patrols = _rows("patrols")
    values = {item.id: item.value for item in found.numbers}
    assert values["patrols"] == len(patrols)
    assert values["leaflets"] == sum(int(row["leaflets"]) for row in patrols)
    slots = {
        name: sum(item["ad_slots_public"] or 0 for item in _properties(name))
        for name in ("urban_stops", "rural_stops")
    }
    assert _parts(found, "posters") == slots


def test_what_is_overdue_is_what_the_files_say(sample: Workspace) -> None:
    found = scorecard(sample).overdue
    assert found is not None
    names = ("urban_stops", "rural_stops", "car_wash_sites", "car_wash_shops", "focus_areas")
    late = {
        (name, item["feature_id"], item["lead_unit"])
        for name in names
        for item in _properties(name)
        if item["due_date"] and item["due_date"] < "2024-06-30" and item["progress"] < 100
    }
    assert {(task.layer, task.key, task.unit) for task in found.tasks} == late
    assert [task.days for task in found.tasks] == [49]
    assert sum(item.open for item in found.units) == found.open == 100


def test_every_link_shows_just_what_was_counted(sample: Workspace) -> None:
    found = scorecard(sample, "2024H1")
    for number in found.numbers:
        if number.state is None:
            assert number.layers == ("fleet",)
            continue
        pairs = parse_qsl(number.state.query(), keep_blank_values=True)
        state = parse_state(number.state.map_id, pairs, sample.catalog)
        assert sum(len(filtered(sample, state, name)) for name in number.layers) == number.features
        assert {*number.layers} <= {*(state.layers or ())}


def test_no_number_says_what_it_counts_in_one_language_only(sample: Workspace) -> None:
    for number in scorecard(sample).numbers:
        assert all((*(text.zh for text in (number.title, number.unit, number.definition)),))
        assert all(text.en.isascii() for text in (number.title, number.unit, number.definition))


def test_the_half_year_of_the_data_is_the_default(tmp_path: Path) -> None:
    with opened(write_county(tmp_path)) as workspace:
        found = scorecard(workspace)
        assert found.period == Period(2024, 1)
        assert found.as_of == "2024-06-30"
        assert [item.id for item in found.numbers] == ["stops", "slots", "cases", "all", "taxis"]
        assert found.agrees
        with pytest.raises(StateError):
            scorecard(workspace, "2031H1")


def test_one_number_that_does_not_agree_is_counted(tmp_path: Path) -> None:
    text = SCORECARD.replace('layers = ["stops", "cases"]', 'layers = ["nowhere", "cases"]')
    with opened(write_county(tmp_path, scorecard=text)) as workspace:
        found = scorecard(workspace)
        assert (found.agrees, found.agreeing, found.total) == (False, 5, 6)


def test_without_a_file_there_are_no_numbers(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    (tmp_path / "layers" / "scorecard.toml").unlink()
    with opened(folder) as workspace:
        found = scorecard(workspace)
        assert (found.numbers, found.overdue, found.total) == ((), None, 0)


def test_a_file_with_a_fault_of_its_own_gives_no_numbers(tmp_path: Path) -> None:
    with opened(write_county(tmp_path, scorecard="numbres = []\n")) as workspace:
        assert scorecard(workspace).numbers == ()
        places = [issue.place for issue in workspace.catalog.issues]
        assert places == ["layers/scorecard.toml:numbres"]
