"""Work that takes longer than a request: its queue, and the process that runs it.

``serve`` starts one runner; it starts each job in a process of its own, says while that lives that
the job's heart beats, and stops it when somebody asks. A job whose process died, or whose heart
stands still, is lost. Every write of a job is one transaction, so it can be stopped at any moment.
"""

from __future__ import annotations

import logging
import math
import signal
import threading
import time
from dataclasses import asdict
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import GeosvcError, StoreUnavailableError
from geosvc.processes import end_with_parent, give_way, is_orphan, pulse, starting_with, stop
from geosvc.store.jobs import Job, JobTable, canonical
from geosvc.tiles.basemap import has_moved
from geosvc.works import WORKS
from geosvc.workspace import Workspace
from geosvc.workspace.status import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.process import BaseProcess

    from geosvc.errors import Issue
    from geosvc.settings import Settings
    from geosvc.store.jobs import State
    from geosvc.works import Work

SLOTS: Final = 2  # a long job does not hold up the derived layers
TICK_S: Final = 0.5
BEAT_S: Final = 1.0
LOST_S: Final = 30.0  # as long as a writer waits for its turn at the store
GRACE_S: Final = 20.0  # for a work that gives its best so far when it is asked to stop
MOST_LOST: Final = 3  # how often a derived layer is tried while its jobs are lost
PULSE: Final = "runner.pulse"  # a file of the instance folder: the runner touches it as it goes
_KEPT: Final = 1000
_MOST_TRACED: Final = 240

logger = logging.getLogger(__name__)


def submit(workspace: Workspace, name: str, parameters: Mapping[str, Any], *, author: str) -> Job:
    """Ask for work to be done, unless its result is there or on its way.

    Parameters
    ----------
    workspace
        Its layers as they are say which result is meant.
    name
        A name in `geosvc.works.WORKS`.
    parameters
        JSON; everyone who may see jobs sees them.
    author
        Who asks.

    Returns
    -------
    job
        Queued, running or, with its result, done.
    """
    work = WORKS[name]
    key = _cache_key(workspace, name, parameters, work)
    with JobTable(workspace.store.path) as table:
        return table.enqueue(name, parameters, cache_key=key, author=author, reuse=work.is_cached)


def submit_derived(
    workspace: Workspace, *, author: str = "", since: int | None = None
) -> list[Job]:
    """Ask for the derived layers that are behind their inputs, as a writer does after a commit.

    Parameters
    ----------
    workspace
        As of after the commit. What depends on a derived layer follows when that is done.
    author
        Who caused it.
    since
        If given, leave out a layer that a later job than this number tried with the same inputs.
    """
    return [
        submit(workspace, "derive", {"layer": layer_id}, author=author)
        for layer_id in workspace.catalog.order()
        if _is_behind(workspace, layer_id)
        and (since is None or not _is_tried(workspace, {"layer": layer_id}, since))
    ]


def submit_ground(workspace: Workspace, *, since: int) -> Job | None:
    """Ask for the basemap of the layers where these have moved since it was made.

    Parameters
    ----------
    workspace
        Its layers as they are. In the public profile nobody moves them while it is served.
    since
        It is not asked for if a later job than this number tried it with the same layers.
    """
    if workspace.settings.profile == "public" or not has_moved(workspace):
        return None
    if _is_tried(workspace, {}, since, name="basemap"):
        return None
    return submit(workspace, "basemap", {}, author="")


def after_commit(workspace: Workspace, _layer_id: str, author: str, /) -> None:
    """Have derived layers follow a write, which stands whatever happens here (`AfterCommit`)."""
    try:
        submit_derived(workspace, author=author)
    except GeosvcError:
        # the runner looks for them too
        logger.warning("derived layers were not asked for", exc_info=True)


def serve_jobs(settings: Settings) -> None:
    """Run jobs until told to stop or the parent is gone: what the runner's process does."""
    stopped = threading.Event()
    # Ctrl-C reaches every process of a terminal; the parent decides
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_given: stopped.set())
    runner = Runner(settings)
    try:
        while not stopped.is_set() and not is_orphan():
            runner.step()
    finally:
        runner.close()


class Runner:
    """Starts jobs, keeps their hearts beating, and cleans up after them.

    Parameters
    ----------
    settings
        The folders of layer files and of state.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._workspace = settings, Workspace(settings)
        self._table = JobTable(self._workspace.store.path)
        self._table.prune(keep=_KEPT)
        self._since = max((job.id for job in self._table.recent(limit=1)), default=0)
        self._children: dict[int, BaseProcess] = {}
        self._asked: dict[int, float] = {}
        self._silent: dict[tuple[int, str | None], float] = {}
        self._beaten, self._is_due, self._trouble, self._day = -BEAT_S, True, "", ""

    def step(self) -> None:
        """Look once for what is to be done, then wait until something ends or a tick is over."""
        pulse(self._settings.instance / PULSE)
        try:
            self._watch()
            self._lose()
            self._retain()
            if self._workspace.refresh() or self._is_due:
                submit_derived(self._workspace, since=self._since)
                submit_ground(self._workspace, since=self._since)
                self._is_due = False
            while len(self._children) < SLOTS and (job := self._table.claim()) is not None:
                self._start(job)
            self._trouble = ""
        except Exception as error:
            # the next step tries again
            if self._trouble != repr(error):
                self._trouble = repr(error)
                logger.exception("the runner of jobs")
        if self._children:
            wait([process.sentinel for process in self._children.values()], timeout=TICK_S)
        else:
            time.sleep(TICK_S)

    def close(self) -> None:
        """Stop the jobs that run and put them back into the queue."""
        for job_id, process in self._children.items():
            stop(process)
            try:
                self._table.release(job_id)
            except GeosvcError:
                logger.exception("job %s", job_id)
        self._children.clear()
        self._table.close()
        self._workspace.close()

    def _start(self, job: Job) -> None:
        if job.name not in WORKS:
            self._table.finish(job.id, "failed", error=_error("unknown_work", job.name))
            return
        given = (self._settings, WORKS[job.name], job.id)
        process = starting_with("geosvc.jobs").Process(target=_perform, args=given, daemon=True)
        try:
            process.start()
        except BaseException:
            self._table.release(job.id)
            raise
        self._children[job.id] = process
        if WORKS[job.name].keeps_best:
            self._asked[job.id] = math.inf

    def _watch(self) -> None:
        now = time.monotonic()
        beats = now - self._beaten >= BEAT_S
        self._beaten = now if beats else self._beaten
        for job_id, process in list(self._children.items()):
            if process.is_alive():
                job = self._table.beat(job_id) if beats else None
                if not beats or (job is not None and not self._is_over(job)):
                    continue
                stop(process)
            state: State = "canceled" if self._table.job(job_id).cancel_asked else "lost"
            # nothing happens where the process has said how its job ended
            self._table.finish(job_id, state, error=_error("ended", str(process.exitcode)))
            del self._children[job_id]
            self._asked.pop(job_id, None)
            self._is_due = True

    def _is_over(self, job: Job) -> bool:
        """Say whether a job is to be stopped by force: somebody asked, and it had time to hear."""
        if not job.cancel_asked:
            return False
        if job.id not in self._asked:
            return True
        now = time.monotonic()
        self._asked[job.id] = min(self._asked[job.id], now)
        return now - self._asked[job.id] >= GRACE_S

    def _retain(self) -> None:
        # at the start, and with each new day
        if (today := time.strftime("%Y-%m-%d", time.gmtime())) != self._day:
            submit(self._workspace, "retention", {}, author="")
            self._day = today

    def _lose(self) -> None:
        # clocks of other processes prove nothing: a heart must stand still while we look
        now, seen, self._silent = time.monotonic(), self._silent, {}
        for job in self._table.running():
            if job.id not in self._children:
                beat = (job.id, job.heartbeat_at)
                since = self._silent[beat] = seen.get(beat, now)
                if now - since >= LOST_S and self._table.lose(job) is not None:
                    self._is_due = True


def _perform(settings: Settings, work: Work, job_id: int) -> None:
    """Run one job: what its process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    give_way()
    workspace = Workspace(settings).pinned()
    with JobTable(workspace.store.path) as table:
        left = _attempt(workspace, work, table, table.job(job_id))
        table.finish(job_id, "failed" if "error" in left else "done", **left)


def _attempt(workspace: Workspace, work: Work, table: JobTable, job: Job) -> dict[str, Any]:
    progress = _Progress(table, job.id)
    try:
        # inputs may have moved since somebody asked
        table.start(job.id, cache_key=_cache_key(workspace, job.name, job.parameters, work))
        result = work.run(workspace, job.parameters, progress)
        canonical(result)
    except GeosvcError as error:
        return {"error": _error(error.code, error.detail, error.issues)}
    except Exception as error:
        logger.exception("job %s", job.id)
        # its text may hold values of features
        return {"error": _error("error", type(error).__name__)}
    return {"result": result}


class _Progress:
    """Writes how far a job is, once a second, and hears whether it is to stop (`Progress`)."""

    def __init__(self, table: JobTable, job_id: int) -> None:
        self._table, self._job_id = table, job_id
        self._start, self._told, self._is_stopped = time.monotonic(), -BEAT_S, False
        self._trace: list[list[float | str | None]] = []

    def __call__(
        self, share: float, stage: str, value: float = math.nan, bound: float = math.nan, /
    ) -> bool:
        now = time.monotonic()
        if now - self._told >= BEAT_S:
            self._told = now
            self._note(now - self._start, stage, value, bound)
            try:
                job = self._table.advance(self._job_id, share, stage, trace=self._trace)
                self._is_stopped = job is None or job.cancel_asked
            except StoreUnavailableError:
                logger.warning("progress of job %s not written", self._job_id)
        return self._is_stopped

    def _note(self, seconds: float, stage: str, value: float, bound: float) -> None:
        if math.isnan(value):
            return
        known = [number if math.isfinite(number) else None for number in (value, bound)]
        self._trace.append([round(seconds, 1), stage, *known])
        if len(self._trace) > _MOST_TRACED:
            # every second one goes: the beginning of a long search is told less finely
            self._trace = self._trace[::2]


def _cache_key(workspace: Workspace, name: str, parameters: Mapping[str, Any], work: Work) -> str:
    return fingerprint(name, canonical(parameters), work.inputs(workspace, parameters))


def _is_behind(workspace: Workspace, layer_id: str) -> bool:
    derivation = workspace.catalog.layers[layer_id].derivation
    if derivation is None or workspace.status(layer_id).state == "ok":
        return False
    return all(workspace.status(name).is_served for name in derivation.inputs.values())


def _is_tried(
    workspace: Workspace, parameters: Mapping[str, Any], since: int, *, name: str = "derive"
) -> bool:
    with JobTable(workspace.store.path) as table:
        last = table.tries(name, parameters, since=since, limit=MOST_LOST)
    key = _cache_key(workspace, name, parameters, WORKS[name])
    states = [job.state if job.cache_key == key else "moved" for job in last] or [""]
    return states[0] in {"done", "failed", "canceled"} or states.count("lost") == MOST_LOST


def _error(code: str, detail: str, issues: Sequence[Issue] = ()) -> dict[str, Any]:
    return {"code": code, "detail": detail, "issues": [asdict(issue) for issue in issues]}
