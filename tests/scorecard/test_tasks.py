from __future__ import annotations

from typing import TYPE_CHECKING

from geosvc.map_state import filtered
from geosvc.scorecard.tasks import Overdue, Task, UnitTasks, overdue
from tests.scorecard.county import FLEET, OVERDUE, STOP_ROWS, STOPS, opened, write_county

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.workspace import Workspace


def _overdue(workspace: Workspace) -> Overdue:
    found = workspace.catalog.scorecard
    assert found is not None
    assert found.overdue is not None
    return overdue(workspace, found.overdue)


def _codes(found: Overdue) -> list[str]:
    return [remark.code for remark in found.remarks]


def test_a_task_is_overdue_by_the_day_of_the_data(tmp_path: Path) -> None:
    with opened(write_county(tmp_path)) as workspace:
        found = _overdue(workspace)
        wanted = Task("stops", "A1", "金桥路口", "更换画面", "市公交公司", "", "2024-06-20", 60, 10)
        # due on the day itself is not late, done is done, and without progress nobody knows
        assert found.tasks == (wanted,)
        assert found.units == (UnitTasks("市公交公司", 2, 1, "2024-06-30"),)
        assert (found.open, found.as_of, found.agrees) == (2, "2024-06-30", True)
        assert [(item.code, item.values["count"]) for item in found.remarks] == [("no_progress", 1)]


def test_the_map_shows_just_what_is_overdue(tmp_path: Path) -> None:
    with opened(write_county(tmp_path)) as workspace:
        found = _overdue(workspace)
        assert found.state is not None
        assert found.state.layers == ("area", "stops")
        assert list(filtered(workspace, found.state, "stops").index) == ["A1"]
        assert "f.stops.due=..2024-06-29&f.stops.progress=..99" in found.state.query()


def test_the_longest_overdue_comes_first(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("data/stops.csv", STOP_ROWS.replace("2024-05-01,,", "2024-05-01,0,"))
    with opened(folder) as workspace:
        found = _overdue(workspace)
        assert [(task.key, task.days) for task in found.tasks] == [("A4", 60), ("A1", 10)]
        assert [item.unit for item in found.units] == ["市公交公司", "城管局"]


def test_nothing_overdue_has_no_map(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("data/stops.csv", STOP_ROWS.replace("2024-06-20,60", "2024-07-20,60"))
    with opened(folder) as workspace:
        found = _overdue(workspace)
        assert (found.tasks, found.state, found.open) == ((), None, 2)
        assert found.units[0].next_due == "2024-06-30"


def test_a_layer_that_is_not_there_is_named_and_the_others_stand(tmp_path: Path) -> None:
    text = OVERDUE.replace('["stops"]', '["nowhere", "stops"]')
    with opened(write_county(tmp_path, scorecard=text)) as workspace:
        found = _overdue(workspace)
        assert [task.key for task in found.tasks] == ["A1"]
        assert "missing" in _codes(found)
        assert found.agrees is False


def test_a_definition_with_faults_lists_nothing(tmp_path: Path) -> None:
    text = OVERDUE.replace('due = "due"', 'due = "name"')
    with opened(write_county(tmp_path, scorecard=text)) as workspace:
        found = _overdue(workspace)
        assert (found.tasks, _codes(found), found.as_of) == ((), ["definition"], None)


def test_without_a_day_of_the_data_nothing_is_said_to_be_late(tmp_path: Path) -> None:
    folder = write_county(tmp_path, scorecard=OVERDUE)
    rows = [row for row in STOPS.splitlines() if not row.startswith("as_of")]
    folder.write("layers/stops.toml", "\n".join(rows))
    with opened(folder) as workspace:
        found = _overdue(workspace)
        assert (found.tasks, _codes(found)) == ((), ["no_day"])


def test_progress_in_decimals_is_cut_where_the_map_cuts_it(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    number = STOPS.replace(
        'title = { zh = "进度", en = "Progress" }\ntype = "integer"',
        'title = { zh = "进度", en = "Progress" }\ntype = "number"',
    )
    assert number != STOPS
    folder.write("layers/stops.toml", number)
    folder.write("data/stops.csv", STOP_ROWS.replace(",60,", ",99.5,"))
    with opened(folder) as workspace:
        found = _overdue(workspace)
        assert [task.progress for task in found.tasks] == [99.5]
        assert found.agrees


def test_a_table_without_places_is_listed_all_the_same(tmp_path: Path) -> None:
    folder = write_county(tmp_path, scorecard=OVERDUE.replace('["stops"]', '["fleet"]'))
    fields = STOPS[STOPS.index('[[schema.fields]]\nname = "due"') : STOPS.index("[style]")]
    folder.write("layers/fleet.toml", FLEET + fields)
    rows = "kind,count,due,progress,unit,task\ntaxi,3,2024-01-31,50,客管处,换证\n"
    folder.write("data/fleet.csv", rows)
    folder.write(
        "layers/scorecard.toml",
        OVERDUE.replace('"stops"', '"fleet"').replace('map = "overview"\n', ""),
    )
    with opened(folder) as workspace:
        found = _overdue(workspace)
        assert [(task.key, task.name, task.days) for task in found.tasks] == [("taxi", "taxi", 60)]
        assert (found.state, found.agrees) == (None, True)
