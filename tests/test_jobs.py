from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from geosvc import jobs
from geosvc.errors import StoreUnavailableError
from geosvc.jobs import LOST_S, MOST_LOST, PULSE, after_commit, submit, submit_derived
from geosvc.processes import has_pulse
from geosvc.store import Change
from geosvc.store.jobs import Job, JobTable
from geosvc.workspace import Editor, Workspace
from tests import slow_work
from tests.slow_work import is_alive, running, serving, until
from tests.web.small import DENSITY, Folder, write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.settings import Settings

NEEDS_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
LONG = 3000


@pytest.fixture(autouse=True)
def works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "WORKS", slow_work.WORKS)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = write_catalog(tmp_path)
    made.prepare()
    return made


@pytest.fixture
def settings(folder: Folder) -> Settings:
    return folder.settings


@pytest.fixture
def workspace(settings: Settings) -> Iterator[Workspace]:
    with closing(Workspace(settings)) as opened:
        yield opened


@pytest.fixture
def table(workspace: Workspace) -> Iterator[JobTable]:
    with JobTable(workspace.store.path) as opened:
        yield opened


def sleeper(workspace: Workspace, marks: Path, *, steps: int = LONG, name: str = "") -> Job:
    parameters = {"marks": str(marks), "steps": steps, "name": name}
    return submit(workspace, "sleep", parameters, author="ann")


def process_of(marks: Path) -> int:
    return int(marks.read_text(encoding="utf-8").split()[0])


def derivations(table: JobTable) -> list[Job]:
    return [job for job in table.recent() if job.name == "derive"]


def has_states(table: JobTable, states: list[str]) -> bool:
    return [job.state for job in derivations(table)] == states


def with_density(folder: Folder) -> Workspace:
    folder.write("layers/density.toml", DENSITY)
    return Workspace(folder.settings)


def test_derived_layers_follow_by_themselves(folder: Folder) -> None:
    with closing(with_density(folder)) as workspace, JobTable(workspace.store.path) as table:
        with running(folder.settings) as runner:
            until(lambda: has_states(table, ["done"]), runner)
            assert workspace.refresh()
            assert workspace.status("density").state == "ok"
            count = workspace.status("density").count
            [job] = derivations(table)
            assert job.result == {"layer": "density", "revision": 1, "count": count}
            rows = (folder.root / "data/stops.csv").read_text(encoding="utf-8")
            folder.write("data/stops.csv", rows.replace("121.11,33.51", "121.105,33.5"))
            folder.prepare()
            until(lambda: has_states(table, ["done", "done"]), runner)
        workspace.refresh()
        assert (workspace.status("density").state, workspace.status("density").revision) == (
            "ok",
            2,
        )


def test_a_writer_asks_for_what_is_behind(folder: Folder) -> None:
    with closing(with_density(folder)) as workspace:
        [job] = submit_derived(workspace, author="ann")
        assert (job.name, job.parameters, job.author) == ("derive", {"layer": "density"}, "ann")
        assert [again.id for again in submit_derived(workspace, author="bob")] == [job.id]
        with running(folder.settings) as runner, JobTable(workspace.store.path) as table:
            until(lambda: table.job(job.id).state == "done", runner)
        workspace.refresh()
        assert submit_derived(workspace) == []


def test_derived_layers_follow_an_edit(folder: Folder) -> None:
    with closing(with_density(folder)) as workspace, JobTable(workspace.store.path) as table:
        with running(folder.settings) as runner:
            until(lambda: has_states(table, ["done"]), runner)
            before = workspace.latest().frame("density")["cases"].sum()
            editor = Editor(workspace.latest(), after_commit=after_commit)
            editor.delete("stops", "A1", base=1, change=Change("ann", ""))
            [last, _] = derivations(table)
            assert (last.state, last.author) == ("queued", "ann")
            assert workspace.latest().status("density").state == "stale"
            until(lambda: has_states(table, ["done", "done"]), runner)
        assert workspace.latest().status("density").state == "ok"
        assert workspace.latest().frame("density")["cases"].sum() == before - 1


def test_a_write_stands_where_nobody_can_be_asked(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_given: object, **_named: object) -> Job:
        raise StoreUnavailableError

    with closing(with_density(folder)) as workspace:
        monkeypatch.setattr(JobTable, "enqueue", fail)
        after_commit(workspace, "stops", "ann")
    assert "not asked for" in caplog.text


def test_what_lacks_an_input_is_not_asked_for(folder: Folder) -> None:
    folder.write("layers/density.toml", DENSITY.replace('"stops"', '"broken"'))
    with closing(Workspace(folder.settings)) as workspace:
        assert workspace.status("density").state != "ok"
        assert submit_derived(workspace) == []


def test_a_method_that_fails_is_tried_once_a_start(folder: Folder) -> None:
    folder.write("layers/density.toml", DENSITY.replace("lixel_id", "no_such_id"))
    with closing(Workspace(folder.settings)) as workspace, JobTable(workspace.store.path) as table:
        for states in (["failed"], ["failed", "failed"]):
            with running(folder.settings) as runner:
                until(partial(has_states, table, states), runner)
                runner.step()
                runner.step()
            assert has_states(table, states)
        error = derivations(table)[0].error
        assert error["code"] == "method"
        assert error["issues"][0]["path"] == "layers/density.toml"


def test_a_layer_whose_jobs_are_lost_is_tried_a_few_times(folder: Folder) -> None:
    with closing(with_density(folder)) as workspace, JobTable(workspace.store.path) as table:
        for _ in range(MOST_LOST):
            [job] = submit_derived(workspace, since=0)
            assert table.claim() is not None
            assert submit_derived(workspace, since=0)[0].id == job.id
            table.finish(job.id, "lost")
        assert submit_derived(workspace, since=0) == []
        assert submit_derived(workspace, since=job.id), "a runner that starts tries again"
        assert submit_derived(workspace), "so does a writer"


def test_a_result_is_there_until_its_inputs_move(
    folder: Folder, workspace: Workspace, table: JobTable
) -> None:
    job = submit(workspace, "count", {"layer": "stops"}, author="ann")
    with running(folder.settings) as runner:
        until(lambda: table.job(job.id).state == "done", runner)
    again = submit(workspace, "count", {"layer": "stops"}, author="bob")
    assert (again.id, again.result) == (job.id, 3)
    assert submit(workspace, "count", {"layer": "roads"}, author="bob").id != job.id
    rows = (folder.root / "data/stops.csv").read_text(encoding="utf-8")
    folder.write("data/stops.csv", rows.replace("A3,重复", "A4,重复"))
    folder.prepare()
    workspace.refresh()
    assert submit(workspace, "count", {"layer": "stops"}, author="ann").id != job.id


def test_progress_is_seen_and_a_running_job_is_canceled(
    settings: Settings, workspace: Workspace, table: JobTable, tmp_path: Path
) -> None:
    job = sleeper(workspace, tmp_path / "marks")
    with running(settings) as runner:
        until(lambda: table.job(job.id).progress > 0, runner)
        seen = table.job(job.id)
        assert (seen.state, seen.stage) == ("running", "sleep")
        until(lambda: table.job(job.id).heartbeat_at != seen.heartbeat_at, runner)
        assert table.cancel(job.id).state == "running"
        until(lambda: table.job(job.id).state == "canceled", runner)
    assert not is_alive(process_of(tmp_path / "marks"))


@NEEDS_SIGNALS
def test_a_job_that_is_killed_is_lost(
    settings: Settings, workspace: Workspace, table: JobTable, tmp_path: Path
) -> None:
    job = sleeper(workspace, tmp_path / "marks")
    with running(settings) as runner:
        until((tmp_path / "marks").exists, runner)
        os.kill(process_of(tmp_path / "marks"), signal.SIGKILL)
        until(lambda: table.job(job.id).state == "lost", runner)
    assert table.job(job.id).error == {"code": "ended", "detail": "-9", "issues": []}


@pytest.mark.parametrize(
    ("how", "code", "detail"),
    [
        ("on purpose", "source", "stops"),
        ("unforeseen", "error", "RuntimeError"),
        ("no json", "error", "ValueError"),
    ],
)
def test_a_job_that_fails_says_why_and_nothing_personal(
    settings: Settings, workspace: Workspace, table: JobTable, *, how: str, code: str, detail: str
) -> None:
    job = submit(workspace, "fail", {"how": how}, author="ann")
    with running(settings) as runner:
        until(lambda: table.job(job.id).state == "failed", runner)
    error = table.job(job.id).error
    assert (error["code"], error["detail"]) == (code, detail)
    assert [issue["code"] for issue in error["issues"]] == ["missing_file"] * (code == "source")


def test_work_that_this_version_does_not_know_fails(settings: Settings, table: JobTable) -> None:
    job = table.enqueue("fly", {}, cache_key="", author="")
    with running(settings) as runner:
        until(lambda: table.job(job.id).state == "failed", runner)
    assert table.job(job.id).error["code"] == "unknown_work"


def test_a_runner_that_closes_puts_its_jobs_back(
    settings: Settings, workspace: Workspace, table: JobTable, tmp_path: Path
) -> None:
    job = sleeper(workspace, tmp_path / "marks")
    with running(settings) as runner:
        until((tmp_path / "marks").exists, runner)
    assert table.job(job.id).state == "queued"
    assert not is_alive(process_of(tmp_path / "marks"))


@NEEDS_SIGNALS
def test_a_runner_that_is_told_to_stop_does_so(
    settings: Settings, workspace: Workspace, table: JobTable, tmp_path: Path
) -> None:
    job = sleeper(workspace, tmp_path / "marks")
    with serving(settings) as process:
        until((tmp_path / "marks").exists)
        process.terminate()
        process.join(30)
        assert process.exitcode == 0
    assert table.job(job.id).state == "queued"


def test_two_runners_never_run_one_job_twice(
    settings: Settings, workspace: Workspace, table: JobTable, tmp_path: Path
) -> None:
    names = {str(at) for at in range(5)}
    for name in names:
        sleeper(workspace, tmp_path / "marks", steps=1, name=name)
    with serving(settings), serving(settings):
        until(lambda: {job.state for job in table.recent()} == {"done"})
    marks = (tmp_path / "marks").read_text(encoding="utf-8").splitlines()
    assert sorted(line.split()[1] for line in marks) == sorted(names)


@NEEDS_SIGNALS
def test_the_jobs_of_a_killed_runner_end_and_are_lost(
    settings: Settings,
    workspace: Workspace,
    table: JobTable,
    *,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "LOST_S", 1.5)
    job = sleeper(workspace, tmp_path / "marks")
    with serving(settings) as process:
        until((tmp_path / "marks").exists)
        process.kill()
        process.join(30)
    worker = process_of(tmp_path / "marks")
    until(lambda: not is_alive(worker))
    with running(settings) as runner:
        assert table.job(job.id).state == "running", "nobody has said otherwise"
        until(lambda: table.job(job.id).state == "lost", runner)


def test_a_job_of_another_runner_is_left_alone_while_its_heart_beats(
    settings: Settings,
    workspace: Workspace,
    table: JobTable,
    *,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "LOST_S", 4.0)
    job = sleeper(workspace, tmp_path / "marks")
    with serving(settings):
        until((tmp_path / "marks").exists)
        with running(settings) as other:
            for _ in range(10):
                other.step()
            assert table.job(job.id).state == "running"


def test_a_runner_whose_job_was_given_up_stops_it(
    settings: Settings, workspace: Workspace, table: JobTable, tmp_path: Path
) -> None:
    job = sleeper(workspace, tmp_path / "marks")
    with running(settings) as runner:
        until((tmp_path / "marks").exists, runner)
        assert table.lose(table.job(job.id))
        worker = process_of(tmp_path / "marks")
        until(lambda: not is_alive(worker), runner)
    assert table.job(job.id).state == "lost"


def test_trouble_is_told_once_and_the_runner_goes_on(
    settings: Settings,
    table: JobTable,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_table: JobTable) -> Job | None:
        msg = "disk full"
        raise StoreUnavailableError(msg)

    job = table.enqueue("fly", {}, cache_key="", author="")
    with running(settings) as runner:
        with monkeypatch.context() as patched:
            patched.setattr(JobTable, "claim", fail)
            runner.step()
            runner.step()
        assert caplog.text.count("the runner of jobs") == 1
        runner.step()
    assert table.job(job.id).state == "failed"


def test_a_job_that_cannot_be_started_waits_again(
    settings: Settings,
    workspace: Workspace,
    table: JobTable,
    *,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = sleeper(workspace, tmp_path / "marks")
    with running(settings) as runner:
        with monkeypatch.context() as patched:
            patched.setattr("geosvc.jobs.starting_with", lambda *_modules: Refusing())
            runner.step()
        assert table.job(job.id).state == "queued"


class Refusing:
    """A system that has no room for one more process."""

    def Process(self, **_given: object) -> Refusing:  # noqa: N802 - as multiprocessing names it
        return self

    def start(self) -> None:
        raise BlockingIOError


def test_progress_that_cannot_be_written_stops_no_job(
    settings: Settings, workspace: Workspace, table: JobTable, tmp_path: Path
) -> None:
    parameters = {"marks": str(tmp_path / "marks"), "steps": 2}
    job = submit(workspace, "sleep_unheard", parameters, author="ann")
    with running(settings) as runner:
        until(lambda: table.job(job.id).state == "done", runner)
    assert table.job(job.id).result == {"slept": 2}


def test_a_runner_has_a_pulse(settings: Settings) -> None:
    with running(settings) as runner:
        assert not (settings.instance / PULSE).exists()
        runner.step()
    assert has_pulse(settings.instance / PULSE, within_s=LOST_S)


def test_hearts_move_no_layer(workspace: Workspace, table: JobTable, tmp_path: Path) -> None:
    job = sleeper(workspace, tmp_path / "marks")
    assert table.claim() is not None
    table.beat(job.id)
    assert not workspace.refresh(), "what was answered before is still good"
