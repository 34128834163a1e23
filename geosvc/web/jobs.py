"""Jobs: what waits, runs and has ended, and how to stop one; for programs, and as a page.

Who may ask stands in `geosvc.web.roles`. Progress is polled: a stream would keep a thread of a
worker for as long as the job lasts.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, request, url_for

from geosvc import messages
from geosvc.errors import Issue
from geosvc.store.jobs import JobTable, canonical
from geosvc.web import auth
from geosvc.web.context import moment_text
from geosvc.web.forms import form_page, go
from geosvc.web.service import language, service

if TYPE_CHECKING:
    from geosvc.store.jobs import Job

bp = Blueprint("jobs", __name__)
MOST = 100
"""How many jobs are listed."""
_INTERNAL = ("cache_key", "heartbeat_at")
_LONG = "wishes"
"""A parameter that is too long for a line of the list."""
_TONES: Final = {
    "queued": "plain",
    "running": "info",
    "done": "ok",
    "failed": "bad",
    "canceled": "plain",
    "lost": "warn",
}


@bp.get("/jobs")
def index() -> Response:
    """List the last jobs, the newest first, without their results."""
    with _table() as table:
        found = table.recent(limit=MOST)
    if _for_people():
        return _page(found)
    jobs = [_entry(job) | {"words": words_of(job)} for job in found]
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
    if not _for_people():
        return _json(_entry(job))
    # a form of a page, where scripts do not run or are not there yet
    back = request.form.get("next", "")
    return go(auth.way_back(back), as_it_is=True) if back else go("/jobs")


def words_of(job: Job) -> dict[str, Any]:
    """Return what the page says of a job, in the reader's language.

    Parameters
    ----------
    job
        The job.

    Returns
    -------
    words
        ``work`` and ``about`` (the layer, else the parameters), ``state`` and ``tone`` (of its
        badge), ``percent``, ``queued``, ``started``, ``ended``, ``author``, ``trouble`` and
        ``may_cancel``.
    """
    tongue = language()
    key, state = f"job_work.{job.name}", "canceling" if _is_stopping(job) else job.state
    return {
        "work": messages.text(key, tongue) if messages.has(key) else job.name,
        "about": _about(job),
        "state": messages.text(f"job_state.{state}", tongue),
        "tone": _TONES[job.state],
        "percent": round(100 * job.progress) if job.state == "running" else None,
        "queued": moment_text(job.queued_at, tongue),
        "started": moment_text(job.started_at, tongue),
        "ended": moment_text(job.ended_at, tongue),
        "author": job.author or messages.text("value.nobody", tongue),
        "trouble": _trouble(job) if job.error else None,
        "may_cancel": job.state in {"queued", "running"} and not job.cancel_asked,
    }


def _is_stopping(job: Job) -> bool:
    return job.state == "running" and job.cancel_asked


def _about(job: Job) -> str:
    layer_id = job.parameters.get("layer")
    layer = service().workspace.catalog.layers.get(layer_id) if layer_id else None
    if layer is not None:
        return layer.title.of(language())
    if layer_id:
        return str(layer_id)
    return canonical(job.parameters) if job.parameters and _LONG not in job.parameters else ""


def _trouble(job: Job) -> str:
    """Say why a job did not end well; what a canceled one was stopped by is nobody's concern."""
    if job.state == "canceled":
        return ""
    code, tongue = job.error["code"], language()
    key = f"job_error.{code}"
    if not messages.has(key):
        key = f"errors.{code}.title"
    said = messages.text(key, tongue, detail=job.error["detail"])
    faults = [messages.render_issue(Issue(**item), tongue) for item in job.error["issues"]]
    return "\n".join([said, *faults])


def _page(found: tuple[Job, ...]) -> Response:
    jobs = [{"id": job.id, "state": job.state, "words": words_of(job)} for job in found]
    own = auth.person()
    csrf = own.csrf if own and own.csrf else ""
    response = form_page("jobs.html", {"jobs": jobs, "csrf": csrf}, path="/jobs")
    response.vary.add("Accept")
    return response


def _for_people() -> bool:
    return "text/html" in request.accept_mimetypes.values()


def _table() -> JobTable:
    return JobTable(service().workspace.store.path)


def _entry(job: Job) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(job).items() if name not in _INTERNAL}
    return shown | {"url": url_for("jobs.show", job_id=job.id)}


def _json(body: dict[str, Any]) -> Response:
    return Response(
        orjson.dumps(body), mimetype="application/json", headers={"Cache-Control": "no-store"}
    )
