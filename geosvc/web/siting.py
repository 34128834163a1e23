"""The page of siting: the question as a form, the run with its progress, and the answer.

Nothing is computed in a request: a job answers (`geosvc.works`), and another says why there is no
site at a place. A run has an address of its own; what is to last is saved as a scenario
(`geosvc.web.scenarios`). The public profile rounds positions, so runs are closed there.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from flask import Blueprint, Response, redirect, render_template, request
from markupsafe import Markup

from geosvc import jobs, messages
from geosvc.errors import EditError, ForbiddenError, Issue, UnknownJobError, UnknownMapError
from geosvc.store.jobs import Job, JobTable
from geosvc.web import auth, siting_page, siting_why
from geosvc.web.answers import make_answer
from geosvc.web.context import link, page_context
from geosvc.web.pages import HTML, keep_parts
from geosvc.web.problems import problem
from geosvc.web.respond import respond
from geosvc.web.service import language, service
from geosvc.web.siting_runs import MAP, WHY, WORK, read_form
from geosvc.workspace.siting import read_wishes

if TYPE_CHECKING:
    from collections.abc import Mapping

bp = Blueprint("siting", __name__)
_ID: Final = "<int(max=9223372036854775807):job_id>"
_OPEN: Final = ("queued", "running")
_TITLES: Final = {"done": "note", "failed": "failed", "canceled": "canceled", "lost": "lost"}


@bp.get("/siting")
def show() -> Response:
    """Show the form, to who may not ask what can be asked and read."""
    if _may_ask():
        # the form holds the secret of one session
        return _private(_form_page(_start()))
    return respond(service().moving(lambda: make_answer(_form_page(None), HTML)))


@bp.post("/siting")
def ask() -> Response:
    """Have a question answered by a job."""
    _hold_profile()
    view = service().workspace
    wishes = read_wishes(view, read_form(request.form, view))
    job = jobs.submit(view, WORK, {"wishes": wishes}, author=auth.signed_in().name)
    return cast("Response", redirect(link(language(), f"/siting/runs/{job.id}"), 303))


@bp.get(f"/siting/runs/{_ID}")
def run(job_id: int) -> Response:
    """Show how far a run is, and its answer when it is there."""
    _hold_profile()
    job = _job(job_id, WORK)
    said = _run_state(job)
    wishes = job.parameters["wishes"]
    found = siting_page.answer(job.result, language()) if job.state == "done" else None
    told: dict[str, Any] = {"run": said, "words": siting_page.words(language())}
    if found is not None:
        told |= {
            "answer": siting_page.drawn(job.result, found, language()),
            "why": f"/siting/runs/{job_id}/why",
        }
    context: dict[str, Any] = {
        "run": said,
        "answer": found,
        "again": f"/siting?from={job_id}",
        "csrf": auth.signed_in().csrf or "",
        "asked": siting_page.asked(wishes, service().workspace, language()),
    }
    return _private(_page("siting_run.html", context, told))


@bp.post(f"/siting/runs/{_ID}/why")
def why(job_id: int) -> Response:
    """Ask why a plan of a run has no site at a place: a key, or a longitude and a latitude."""
    _hold_profile()
    job = _job(job_id, WORK)
    if job.state != "done":
        raise UnknownJobError(str(job_id))
    place, sites = _place(job, request.get_json(silent=True))
    parameters = {"wishes": job.parameters["wishes"], "place": place, "sites": sites}
    asked = jobs.submit(service().workspace, WHY, parameters, author=auth.signed_in().name)
    return _json({"url": f"/siting/why/{asked.id}"})


@bp.get(f"/siting/why/{_ID}")
def why_said(job_id: int) -> Response:
    """Say why there is no site at a place, as soon as it is known."""
    _hold_profile()
    job = _job(job_id, WHY)
    said = [] if job.state != "done" else siting_why.sentences(job.result, language())
    if job.state not in {*_OPEN, "done"}:
        said = [_say("siting.why.failed"), *_troubles(job)]
    return _json({"state": job.state, "said": said})


@bp.errorhandler(EditError)
def not_possible(error: EditError) -> Response:
    """Answer wishes that make no sense, with a sentence for each field."""
    said = [
        replace(issue, path=siting_page.field(issue.key, language()), key="")
        for issue in error.issues
    ]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_parameter", issues=said)


def _place(job: Job, given: object) -> tuple[str | list[float], list[str]]:
    """Read the place that is asked about and the plan that is meant, from a page of ours."""
    asked = given if isinstance(given, dict) else {}
    sites, place = job.result["sites"], asked.get("place")
    rows = job.result["curve"] if asked.get("list") == "curve" else job.result["plans"]
    at = asked.get("row")
    is_row = isinstance(at, int) and not isinstance(at, bool) and 0 <= at < len(rows)
    is_key = isinstance(place, str) and place in {site["key"] for site in sites}
    if not is_row or not (is_key or _is_point(place)):
        raise EditError(WORK, issues=[Issue("wrong_type", WORK, "place", found=str(place)[:80])])
    plan = rows[cast("int", at)]["sites"]
    return cast("Any", place), [sites[site]["key"] for site in plan]


def _is_point(place: object) -> bool:
    return (
        isinstance(place, list)
        and len(place) == 2  # noqa: PLR2004 - longitude and latitude
        and all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in place)
        and abs(place[0]) <= 180  # noqa: PLR2004 - degrees
        and abs(place[1]) <= 90  # noqa: PLR2004 - degrees
    )


def _hold_profile() -> None:
    if service().settings.profile == "public":
        raise ForbiddenError(request.path)


def _may_ask() -> bool:
    return service().settings.profile != "public" and auth.may("edit")


def _start() -> Mapping[str, Any] | None:
    """Return the wishes that the form starts with, where it is to start as an earlier run did."""
    number = request.args.get("from", type=int)
    return None if number is None else cast("Any", _job(number, WORK).parameters["wishes"])


def _form_page(wishes: Mapping[str, Any] | None) -> bytes:
    view = service().workspace
    form = siting_page.form(view, wishes, language()) if _may_ask() else None
    told: dict[str, Any] = {"words": siting_page.words(language())}
    context: dict[str, Any] = {"form": form}
    if form is not None:
        context["csrf"] = auth.signed_in().csrf or ""
        told["form"] = {"parcels": form["parcels"]}
    return _page("siting.html", context, told)


def _page(template: str, more: Mapping[str, Any], told: Mapping[str, Any]) -> bytes:
    view, tongue = service().workspace, language()
    if MAP not in view.catalog.maps:
        raise UnknownMapError(MAP)
    parts, module = keep_parts(MAP, tongue, "page", workspace=view)
    context = page_context(view.catalog.map(MAP).layers, active="siting") | {
        # ids of our own and nothing else: see geosvc.maps.elements.Options
        "map_div": Markup(parts.div),  # noqa: S704
        "css": parts.css,
        "scripts": parts.scripts,
        "module": module,
        "manifest": parts.manifest_url,
        "told": {"language": tongue, **told},
        **more,
    }
    return render_template(template, **context).encode()


def _job(job_id: int, work: str) -> Job:
    with JobTable(service().workspace.store.path) as table:
        job = table.job(job_id)
    if job.name != work:
        raise UnknownJobError(str(job_id))
    return job


def _run_state(job: Job) -> dict[str, Any]:
    is_stopping = job.state == "running" and job.cancel_asked
    key = "stopping" if is_stopping else _TITLES.get(job.state, "waiting")
    return {
        "id": job.id,
        "state": job.state,
        "is_open": job.state in _OPEN,
        "is_stopping": is_stopping,
        "title": _say(f"siting.run.{key}", id=job.id),
        "troubles": _troubles(job),
        "percent": round(100 * job.progress),
        "trace": job.trace,
        "url": f"/jobs/{job.id}",
        "csrf": auth.signed_in().csrf or "",
    }


def _troubles(job: Job) -> list[str]:
    issues = [Issue(**item) for item in (job.error or {}).get("issues", ())]
    return [messages.render_issue(replace(issue, path=""), language()) for issue in issues]


def _json(body: dict[str, Any]) -> Response:
    return Response(
        orjson.dumps(body), mimetype="application/json", headers={"Cache-Control": "no-store"}
    )


def _private(body: bytes) -> Response:
    return Response(body, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _say(key: str, /, **values: object) -> str:
    return messages.text(key, language(), **values)
