"""Searches that are asked to stop: the one that hears gives its best, the other is ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geosvc import jobs
from geosvc.jobs import submit
from tests.slow_work import is_alive, running, until
from tests.test_jobs import LONG, folder, process_of, settings, table, works, workspace

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from geosvc.settings import Settings
    from geosvc.store.jobs import JobTable
    from geosvc.workspace import Workspace

__all__ = ["folder", "settings", "table", "works", "workspace"]


def test_a_search_that_is_stopped_gives_its_best_so_far(
    settings: Settings, workspace: Workspace, table: JobTable, tmp_path: Path
) -> None:
    parameters = {"marks": str(tmp_path / "marks"), "steps": LONG}
    job = submit(workspace, "search", parameters, author="ann")
    with running(settings) as runner:
        until(lambda: table.job(job.id).trace != [], runner)
        assert table.cancel(job.id).state == "running"
        until(lambda: table.job(job.id).state != "running", runner)
    found = table.job(job.id)
    assert (found.state, found.result) == ("done", {"best": 9.0, "bound": 7.0})
    assert found.trace[0][1:] == ["search", 9.0, 7.0]


def test_a_search_that_does_not_hear_is_stopped_by_force_after_a_while(
    settings: Settings,
    workspace: Workspace,
    table: JobTable,
    *,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parameters = {"marks": str(tmp_path / "marks"), "steps": LONG}
    job = submit(workspace, "sleep_deaf", parameters, author="ann")
    with running(settings) as runner:
        until((tmp_path / "marks").exists, runner)
        table.cancel(job.id)
        beat = table.job(job.id).heartbeat_at
        until(lambda: table.job(job.id).heartbeat_at != beat, runner)
        worker = process_of(tmp_path / "marks")
        assert (table.job(job.id).state, is_alive(worker)) == ("running", True), "it has time"
        monkeypatch.setattr(jobs, "GRACE_S", 0.0)
        until(lambda: table.job(job.id).state == "canceled", runner)
    assert not is_alive(worker)
