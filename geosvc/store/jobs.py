"""The table of jobs: who takes one, whether it lives, how it ended.

A job is ``queued``, ``running``, and then ``done``, ``failed``, ``canceled`` or ``lost``. What is
written of a running job is written only while it is running: a process that was given up (its
machine slept, its disk hung) can no longer say anything about its job.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from geosvc.errors import UnknownJobError
from geosvc.store.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

State: TypeAlias = Literal["queued", "running", "done", "failed", "canceled", "lost"]
STATES: Final[tuple[State, ...]] = get_args(State)


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands in the table.

    ``cache_key`` stands for its name, its parameters and all that its result depends on.
    ``progress`` goes from 0 to 1, ``stage`` is a code. ``result`` and ``error`` are JSON; instants
    are ISO 8601 in UTC. ``trace`` is what a search for the best found on its way, as it says so.
    """

    id: int
    name: str
    parameters: Mapping[str, Any]
    cache_key: str
    state: State
    progress: float
    stage: str
    cancel_asked: bool
    result: Any
    error: Any
    author: str
    queued_at: str
    started_at: str | None
    heartbeat_at: str | None
    ended_at: str | None
    trace: Any


# a clock that went backward ends no job before it began
_END: Final = """
UPDATE job SET state = ?, result = ?, error = ?, ended_at = max(?, queued_at),
    progress = CASE ? WHEN 'done' THEN 1 ELSE progress END
WHERE id = ? AND state = 'running' RETURNING *"""
_SAME: Final = """
SELECT * FROM job WHERE name = ? AND parameters = ? AND id > ?
ORDER BY id DESC LIMIT ?"""


class JobTable(Opened):
    """The jobs of one store, over a connection of its own; threads may share it.

    Raises
    ------
    StoreUnavailableError
        By each method, if the file cannot be read or written now.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def enqueue(
        self,
        name: str,
        parameters: Mapping[str, Any],
        *,
        cache_key: str,
        author: str,
        reuse: bool = False,
    ) -> Job:
        """Return a job that gives the wanted result, a new one only where there is none.

        Parameters
        ----------
        name, parameters
            What is to be done; the parameters are JSON.
        cache_key
            Stands for the work, its parameters and its inputs as they are.
        author
            Who asks.
        reuse
            Whether a job with this key that is done already will do.

        Returns
        -------
        job
            One with the same work and parameters that waits still (it will see the inputs as they
            are then), one with the same key that is running or, with ``reuse``, done; else new.
        """
        given = canonical(parameters)
        states = ("running", "done") if reuse else ("running", "running")
        with self.writing() as opened:
            waiting = opened.execute(
                "UPDATE job SET cache_key = ? WHERE name = ? AND parameters = ? "
                "AND state = 'queued' RETURNING *",
                (cache_key, name, given),
            ).fetchall()
            same = opened.execute(
                "SELECT * FROM job WHERE cache_key = ? AND state IN (?, ?) "
                "AND NOT cancel_asked ORDER BY id DESC LIMIT 1",
                (cache_key, *states),
            ).fetchall()
            found = (
                same
                or waiting
                or opened.execute(
                    "INSERT INTO job (name, parameters, cache_key, state, author, queued_at) "
                    "VALUES (?, ?, ?, 'queued', ?, ?) RETURNING *",
                    (name, given, cache_key, author, instant()),
                ).fetchall()
            )
            return _job(found[0])

    def claim(self) -> Job | None:
        """Take the job that has waited longest, or None; no two processes take the same one."""
        with self.reading() as opened:
            (waiting,) = opened.execute(
                "SELECT count(*) FROM (SELECT 1 FROM job WHERE state = 'queued' LIMIT 1)"
            ).fetchone()
        if not waiting:
            # without a lock: a runner asks twice a second
            return None
        now = instant()
        return self._one(
            "UPDATE job SET state = 'running', started_at = max(?, queued_at), heartbeat_at = ? "
            "WHERE id = (SELECT id FROM job WHERE state = 'queued' ORDER BY id LIMIT 1) "
            "RETURNING *",
            (now, now),
        )

    def start(self, job_id: int, *, cache_key: str) -> Job | None:
        """Say what a running job's inputs are at its start; None where it is given up."""
        return self._one(
            "UPDATE job SET cache_key = ? WHERE id = ? AND state = 'running' RETURNING *",
            (cache_key, job_id),
        )

    def beat(self, job_id: int) -> Job | None:
        """Say that a running job lives, and return it; None where it is given up."""
        return self._one(
            "UPDATE job SET heartbeat_at = ? WHERE id = ? AND state = 'running' RETURNING *",
            (instant(), job_id),
        )

    def advance(
        self, job_id: int, progress: float, stage: str, *, trace: object = ()
    ) -> Job | None:
        """Say how far a running job is; None where it is given up."""
        return self._one(
            "UPDATE job SET progress = ?, stage = ?, trace = ? "
            "WHERE id = ? AND state = 'running' RETURNING *",
            (min(max(progress, 0.0), 1.0), stage, canonical(trace), job_id),
        )

    def finish(
        self, job_id: int, state: State, *, result: object = None, error: object = None
    ) -> Job | None:
        """End a running job; None where it had ended before, and then nothing is changed.

        Parameters
        ----------
        job_id
            The job.
        state
            ``done``, ``failed``, ``canceled`` or ``lost``.
        result, error
            What is left, as JSON.
        """
        texts = [None if value is None else canonical(value) for value in (result, error)]
        return self._one(_END, (state, *texts, instant(), state, job_id))

    def lose(self, job: Job) -> Job | None:
        """Give a running job up whose heart has not beaten since it was read as ``job``."""
        return self._one(
            "UPDATE job SET state = 'lost', ended_at = max(?, queued_at) "
            "WHERE id = ? AND state = 'running' AND heartbeat_at IS ? RETURNING *",
            (instant(), job.id, job.heartbeat_at),
        )

    def release(self, job_id: int) -> Job | None:
        """Put a running job back into the queue, its process having been stopped."""
        return self._one(
            "UPDATE job SET started_at = NULL, heartbeat_at = NULL, progress = 0, stage = '', "
            "trace = '[]', "
            "state = CASE WHEN cancel_asked THEN 'canceled' ELSE 'queued' END, "
            "ended_at = CASE WHEN cancel_asked THEN max(?, queued_at) END "
            "WHERE id = ? AND state = 'running' RETURNING *",
            (instant(), job_id),
        )

    def cancel(self, job_id: int) -> Job:
        """Ask that a job stop: one that waits is canceled at once, one that ended stays as it is.

        Raises
        ------
        UnknownJobError
            If there is no such job.
        """
        self._one(
            "UPDATE job SET cancel_asked = 1, "
            "ended_at = CASE state WHEN 'queued' THEN max(?, queued_at) END, "
            "state = CASE state WHEN 'queued' THEN 'canceled' ELSE state END "
            "WHERE id = ? AND state IN ('queued', 'running') RETURNING *",
            (instant(), job_id),
        )
        return self.job(job_id)

    def job(self, job_id: int) -> Job:
        """Return one job.

        Raises
        ------
        UnknownJobError
            If there is no such job.
        """
        found = self._all("SELECT * FROM job WHERE id = ?", (job_id,))
        if not found:
            raise UnknownJobError(str(job_id))
        return found[0]

    def recent(self, *, limit: int = 100) -> tuple[Job, ...]:
        """Return the last jobs, the newest first."""
        query = "SELECT * FROM job ORDER BY id DESC LIMIT ?"
        return self._all(query, (limit,))

    def running(self) -> tuple[Job, ...]:
        """Return the jobs that are running, or were when their process died."""
        return self._all("SELECT * FROM job WHERE state = 'running'", ())

    def tries(
        self, name: str, parameters: Mapping[str, Any], *, since: int, limit: int
    ) -> tuple[Job, ...]:
        """Return the last jobs of the same work after job ``since``, the newest first."""
        return self._all(_SAME, (name, canonical(parameters), since, limit))

    def prune(self, *, keep: int) -> int:
        """Remove ended jobs but the last ``keep`` ones, and return how many they were."""
        with self.writing() as opened:
            query = (
                "DELETE FROM job WHERE state NOT IN ('queued', 'running') AND id <= "
                "(SELECT id FROM job ORDER BY id DESC LIMIT 1 OFFSET ?)"
            )
            return int(opened.execute(query, (keep,)).rowcount)

    def _one(self, query: str, values: tuple[object, ...]) -> Job | None:
        with self.writing() as opened:
            found = opened.execute(query, values).fetchall()
        return _job(found[0]) if found else None

    def _all(self, query: str, values: tuple[object, ...]) -> tuple[Job, ...]:
        with self.reading() as opened:
            return tuple(_job(row) for row in opened.execute(query, values))


def canonical(value: object) -> str:
    """Write JSON so that equal values have equal texts.

    Raises
    ------
    TypeError
        If a value is none of JSON.
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> canonical({"b": 1, "a": "站"})
    '{"a":"站","b":1}'
    >>> canonical({})
    '{}'
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def instant() -> str:
    """Return the present instant in UTC, to the microsecond, as ISO 8601: two beats differ."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _job(row: tuple[Any, ...]) -> Job:
    named = dict(zip((field.name for field in fields(Job)), row, strict=True))
    for name in ("parameters", "result", "error", "trace"):
        named[name] = None if named[name] is None else json.loads(named[name])
    named["cancel_asked"] = bool(named["cancel_asked"])
    return Job(**named)
