from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import MethodError
from geosvc.store.jobs import JobTable
from geosvc.works import WORKS
from geosvc.workspace import Workspace
from tests.slow_work import running, until
from tests.web.small import DENSITY, Folder, write_catalog

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = write_catalog(tmp_path)
    made.prepare()
    return made


def unheard(*_told: object) -> bool:
    """Nobody listens to the progress, nobody stops it."""
    return False


def test_a_derived_layer_is_computed(folder: Folder) -> None:
    folder.write("layers/density.toml", DENSITY)
    with closing(Workspace(folder.settings)) as workspace:
        result = WORKS["derive"].run(workspace, {"layer": "density"}, unheard)
        found = workspace.status("density")
    assert result == {"layer": "density", "revision": 1, "count": found.count}
    assert found.state == "ok"


def test_a_method_that_fails_says_so(folder: Folder) -> None:
    folder.write("layers/density.toml", DENSITY.replace("lixel_id", "no_such_id"))
    with (
        closing(Workspace(folder.settings)) as workspace,
        pytest.raises(MethodError, match="density") as caught,
    ):
        WORKS["derive"].run(workspace, {"layer": "density"}, unheard)
    assert caught.value.issues


def test_what_a_layer_depends_on_moves_with_its_inputs(folder: Folder) -> None:
    folder.write("layers/density.toml", DENSITY)
    with closing(Workspace(folder.settings)) as workspace:
        before = WORKS["derive"].inputs(workspace, {"layer": "density"})
        assert before == WORKS["derive"].inputs(workspace, {"layer": "density"})
        rows = (folder.root / "data/stops.csv").read_text(encoding="utf-8")
        folder.write("data/stops.csv", rows + "A4,老站,bay,,1,,121.14,33.54\n")
        folder.prepare()
        assert WORKS["derive"].inputs(workspace.latest(), {"layer": "density"}) != before
        assert WORKS["retention"].inputs(workspace, {}) is None


def retentions(table: JobTable) -> list[str]:
    return [job.state for job in table.recent() if job.name == "retention"]


def test_retention_runs_at_the_start_and_each_day(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (folder.root / "data/stops.csv").read_text(encoding="utf-8")
    folder.write("data/stops.csv", rows + "A4,老站,bay,,1,苏XC4321,121.14,33.54\n")
    folder.prepare()
    workspace = Workspace(folder.settings)
    with workspace.store.writing() as opened:
        opened.execute("UPDATE personal SET received_at = '2001-01-01T00:00:00+00:00'")
    with running(folder.settings) as runner, JobTable(workspace.store.path) as table:
        until(lambda: retentions(table) == ["done"], runner)
        [job] = [job for job in table.recent() if job.name == "retention"]
        assert job.result["erased"]["stops"] >= 1
        assert workspace.store.personal("stops")["value"].isna().all()
        assert "erased" in workspace.latest().frame("stops")["plate"].tolist()
        actions = [entry.action for entry in workspace.store.log_entries()]
        assert "purge" in actions
        for _ in range(3):
            runner.step()
        assert retentions(table) == ["done"], "once a day"
        monkeypatch.setattr(time, "strftime", lambda *_given: "the day after")
        until(lambda: retentions(table) == ["done", "done"], runner)
    workspace.close()
