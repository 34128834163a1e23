"""Jobs for machines: what waits, runs and has ended, and how to stop one.

Who may ask stands in `geosvc.web.roles`. Progress is polled: a stream would keep a thread of a
worker for as long as the job lasts.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, url_for

from geosvc.store.jobs import JobTable
from geosvc.web import auth
from geosvc.web.service import service

if TYPE_CHECKING:
    from geosvc.store.jobs import Job

bp = Blueprint("jobs", __name__)
MOST = 100
"""How many jobs are listed."""
_INTERNAL = ("cache_key", "heartbeat_at")


@bp.get("/jobs")
def index() -> Response:
    """List the last jobs, the newest first, without their results."""
    with _table() as table:
        jobs = [_entry(job) for job in table.recent(limit=MOST)]
    for job in jobs:
        del job["result"]
    return _json({"jobs": jobs})


@bp.get("/jobs/<int(max=9223372036854775807):job_id>")
def show(job_id: int) -> Response:
    """Show how far a job is, and its result or its error when it has ended."""
    with _table() as table:
        return _json(_entry(table.job(job_id)))


@bp.post("/jobs/<int(max=9223372036854775807):job_id>/cancel")
def cancel(job_id: int) -> Response:
    """Ask that a job stop; one that runs is stopped within a few seconds."""
    with _table() as table:
        job = table.cancel(job_id)
    if job.state in {"running", "canceled"}:
        auth.log("job_canceled", str(job_id), {"work": job.name})
    return _json(_entry(job))


def _table() -> JobTable:
    return JobTable(service().workspace.store.path)


def _entry(job: Job) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(job).items() if name not in _INTERNAL}
    return shown | {"url": url_for("jobs.show", job_id=job.id)}


def _json(body: dict[str, Any]) -> Response:
    return Response(
        orjson.dumps(body), mimetype="application/json", headers={"Cache-Control": "no-store"}
    )
