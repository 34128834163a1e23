"""The page of siting: the question as a form, the run with its progress, and the answer.

Nothing is computed in a request: a job answers (`geosvc.works`), and another says why there is no
site at a place. A run has an address of its own; what is to last is saved as a scenario
(`geosvc.web.scenarios`). The public profile rounds positions, so runs are closed there.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Blueprint, Response, redirect, request

from geosvc import jobs, messages
from geosvc.errors import AnalysisError, EditError, ForbiddenError, UnknownJobError
from geosvc.store.jobs import Job, JobTable
from geosvc.web import auth, siting_form, siting_frame, siting_page, siting_why
from geosvc.web.answers import make_answer
from geosvc.web.context import link
from geosvc.web.pages import HTML
from geosvc.web.problems import problem
from geosvc.web.respond import respond
from geosvc.web.service import language, service
from geosvc.web.siting_question import in_words
from geosvc.web.siting_runs import WHY, WORK, read_form, start_texts, texts_of
from geosvc.workspace.siting import read_wishes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

bp = Blueprint("siting", __name__)
_ID: Final = "<int(max=9223372036854775807):job_id>"
_TITLES: Final = {"done": "note", "failed": "failed", "canceled": "canceled", "lost": "lost"}


@bp.get("/siting")
def show() -> Response:
    """Show the form, to who may not ask what can be asked and read."""
    if _may_ask():
        # the form holds the secret of one session
        return siting_frame.private(_form_page(_start()))
    return respond(service().moving(lambda: make_answer(_form_page(None), HTML)))


@bp.post("/siting")
def ask() -> Response:
    """Have a question answered by a job, or show the form with what is wrong in it."""
    _hold_profile()
    view = service().workspace
    try:
        wishes = read_wishes(view, read_form(request.form, view, language()))
    except (EditError, AnalysisError) as error:
        return _refused(error)
    job = jobs.submit(view, WORK, {"wishes": wishes}, author=auth.signed_in().name)
    return cast("Response", redirect(link(language(), f"/siting/runs/{job.id}"), 303))


@bp.get(f"/siting/runs/{_ID}")
def run(job_id: int) -> Response:
    """Show how far a run is, and its answer when it is there."""
    _hold_profile()
    job, tongue = _job(job_id, WORK), language()
    said = siting_frame.run_state(job, _title(job))
    found = siting_page.answer(job.result, tongue, _catalog()) if job.state == "done" else None
    told: dict[str, Any] = {"run": said, "csrf": said["csrf"], "words": siting_page.words(tongue)}
    if found is not None:
        told |= {
            "answer": siting_page.drawn(job.result, found, tongue),
            "why": f"/siting/runs/{job_id}/why",
        }
    context: dict[str, Any] = {
        "run": said,
        "answer": found,
        "again": f"/siting?from={job_id}",
        "csrf": said["csrf"],
        "asked": siting_page.asked(job.parameters["wishes"], service().workspace, tongue),
    }
    return siting_frame.private(siting_frame.render("siting_run.html", context, told))


@bp.post(f"/siting/runs/{_ID}/why")
def why(job_id: int) -> Response:
    """Ask why a plan of a run has no site at a place: a key, or a longitude and a latitude."""
    _hold_profile()
    job = _job(job_id, WORK)
    if job.state != "done":
        raise UnknownJobError(str(job_id))
    return siting_frame.ask_why(job.result, request.get_json(silent=True))


@bp.get(f"/siting/why/{_ID}")
def why_said(job_id: int) -> Response:
    """Say why there is no site at a place, as soon as it is known."""
    _hold_profile()
    job = _job(job_id, WHY)
    said = [] if job.state != "done" else siting_why.sentences(job.result, language())
    if job.state not in {*siting_frame.OPEN, "done"}:
        said = [_say("siting.why.failed"), *siting_frame.troubles(job)]
    return siting_frame.as_json({"state": job.state, "said": said})


@bp.errorhandler(EditError)
def not_possible(error: EditError) -> Response:
    """Answer wishes that make no sense, with a sentence for each field."""
    said = [
        replace(issue, path=siting_form.field_title(issue.key, language()), key="")
        for issue in error.issues
    ]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_parameter", issues=said)


def _refused(error: EditError | AnalysisError) -> Response:
    """Show the form again as it was sent, each fault under its field; tell a machine in its way."""
    if "text/html" not in request.accept_mimetypes.values():
        raise error
    tongue = language()
    if isinstance(error, AnalysisError):
        name = siting_form.field_of(str(error.numbers.get("setting", "")))
        named = in_words(error.issues[0], tongue)
        faults = [(name, messages.render_issue(named, tongue))]
    else:
        faults = [(item.key, siting_form.fault_of(item, tongue)) for item in error.issues]
    body = _form_page(request.form.to_dict(), faults)
    return siting_frame.private(body, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _hold_profile() -> None:
    if service().settings.profile == "public":
        raise ForbiddenError(request.path)


def _may_ask() -> bool:
    return service().settings.profile != "public" and auth.may("edit")


def _start() -> Mapping[str, str]:
    """Return the texts that the form starts with: its own, or those of an earlier run."""
    view, number = service().workspace, request.args.get("from", type=int)
    if number is None:
        return start_texts(view)
    return texts_of(_job(number, WORK).parameters["wishes"], view)


def _form_page(texts: Mapping[str, str] | None, faults: Sequence[tuple[str, str]] = ()) -> bytes:
    view, tongue = service().workspace, language()
    told: dict[str, Any] = {"words": siting_page.words(tongue)}
    context: dict[str, Any] = {"form": None}
    if texts is not None:
        form = siting_form.form(view, texts, tongue, faults)
        context = {"form": form, "csrf": auth.signed_in().csrf or ""}
        told["form"] = {"parcels": form["parcels"]}
    return siting_frame.render("siting.html", context, told)


def _catalog() -> Any:  # noqa: ANN401 - see geosvc.workspace
    return service().workspace.catalog


def _job(job_id: int, work: str) -> Job:
    with JobTable(service().workspace.store.path) as table:
        job = table.job(job_id)
    if job.name != work:
        raise UnknownJobError(str(job_id))
    return job


def _title(job: Job) -> str:
    is_stopping = job.state == "running" and job.cancel_asked
    key = "stopping" if is_stopping else _TITLES.get(job.state, "waiting")
    return _say(f"siting.run.{key}", id=job.id)


def _say(key: str, /, **values: object) -> str:
    return messages.text(key, language(), **values)
