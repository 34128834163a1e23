"""Works of the tests, for processes that are started afresh; marks tell what they did."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from geosvc import jobs
from geosvc.errors import Issue, SourceError, StoreUnavailableError
from geosvc.jobs import Runner
from geosvc.processes import stop
from geosvc.store.jobs import JobTable
from geosvc.works import WORKS as REAL_WORKS
from geosvc.works import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from geosvc.settings import Settings
    from geosvc.works import Progress
    from geosvc.workspace import Workspace


def mark(parameters: Mapping[str, Any]) -> None:
    """Append a line, in one write, with the number of this process."""
    with Path(parameters["marks"]).open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {parameters.get('name', '')}\n")


def sleep(_workspace: Workspace, parameters: Mapping[str, Any], progress: Progress) -> object:
    """Take long enough to be stopped, killed or looked at."""
    mark(parameters)
    for step in range(parameters["steps"]):
        progress(step / parameters["steps"], "sleep")
        time.sleep(0.1)
    return {"slept": parameters["steps"]}


def fail(_workspace: Workspace, parameters: Mapping[str, Any], _progress: Progress) -> object:
    """Fail on purpose or not, or return what is no JSON."""
    if parameters["how"] == "on purpose":
        detail = "stops"
        raise SourceError(detail, issues=[Issue("missing_file", "data/stops.csv")])
    if parameters["how"] == "unforeseen":
        msg = "the plate is 苏XA1234"
        raise RuntimeError(msg)
    return float("nan")


def count(workspace: Workspace, parameters: Mapping[str, Any], _progress: Progress) -> object:
    """Count the features of a layer."""
    return len(workspace.frame(parameters["layer"]))


def sleep_unheard(
    workspace: Workspace, parameters: Mapping[str, Any], progress: Progress
) -> object:
    """Sleep while nothing can be said of it."""

    def refuse(*_given: object, **_named: object) -> None:
        raise StoreUnavailableError

    JobTable.advance = refuse  # type: ignore[method-assign] # in the process of the job alone
    return sleep(workspace, parameters, progress)


def search(_workspace: Workspace, parameters: Mapping[str, Any], progress: Progress) -> object:
    """Search until somebody asks to stop, and give the best so far."""
    mark(parameters)
    for step in range(parameters["steps"]):
        if progress(step / parameters["steps"], "search", 9.0, 7.0):
            return {"best": 9.0, "bound": 7.0}
        time.sleep(0.1)
    return None


def nothing(_workspace: Workspace, _parameters: Mapping[str, Any]) -> object:
    """Depend on nothing."""
    return None


def layer_digest(workspace: Workspace, parameters: Mapping[str, Any]) -> object:
    """Depend on the features of a layer."""
    return workspace.moment.stored[parameters["layer"]].digest


WORKS = dict(REAL_WORKS) | {
    "sleep": Work(sleep, nothing, is_cached=False),
    "sleep_deaf": Work(sleep, nothing, is_cached=False, keeps_best=True),
    "search": Work(search, nothing, is_cached=False, keeps_best=True),
    "sleep_unheard": Work(sleep_unheard, nothing, is_cached=False),
    "fail": Work(fail, nothing, is_cached=False),
    "count": Work(count, layer_digest),
}


def is_alive(number: int) -> bool:
    """Tell whether a process is there; one that has ended and that nobody asks for is not."""
    try:
        os.kill(number, 0)
        state = Path(f"/proc/{number}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def serve(settings: Settings) -> None:
    """Run jobs of these works in a process of its own."""
    jobs.WORKS = WORKS  # type: ignore[attr-defined] # as the tests have them
    jobs.serve_jobs(settings)


@contextmanager
def running(settings: Settings) -> Iterator[Runner]:
    """Run jobs in this process, a step at a time."""
    runner = Runner(settings)
    try:
        yield runner
    finally:
        runner.close()


@contextmanager
def serving(settings: Settings) -> Iterator[Any]:
    """Run jobs in a process of its own."""
    process = get_context("spawn").Process(target=serve, args=(settings,))
    process.start()
    try:
        yield process
    finally:
        stop(process)


def until(true: Callable[[], bool], *runners: Runner) -> None:
    """Wait until something is true, and let runners take their steps meanwhile."""
    for _ in range(1200):
        if true():
            return
        for runner in runners:
            runner.step()
        if not runners:
            time.sleep(0.1)
    pytest.fail("it did not happen")
