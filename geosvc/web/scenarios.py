"""Kept siting answers: the list, one of them, two side by side, and what people do with them.

Reading is open to readers, all else to editors. In the public profile positions are not those of
the store, so nothing of this is shown there.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request

from geosvc import jobs, messages
from geosvc.errors import EditError, ForbiddenError, Issue, UnknownJobError
from geosvc.store import Change
from geosvc.store.jobs import JobTable
from geosvc.store.scenarios import ScenarioTable
from geosvc.web import auth, siting_frame, siting_page, siting_question
from geosvc.web.administration import layer_title
from geosvc.web.context import moment_text
from geosvc.web.forms import form_page, go
from geosvc.web.problems import problem
from geosvc.web.service import language, service
from geosvc.web.siting_downloads import MEDIA, WORK, is_synthetic
from geosvc.words import scenarios as scenario_words
from geosvc.workspace.chosen import LAYER, write_chosen
from geosvc.workspace.scenarios import chosen_row, moved_layers, outcome_of

if TYPE_CHECKING:
    from geosvc.store.scenarios import Scenario

bp = Blueprint("scenarios", __name__)
PATH: Final = "/siting/scenarios"
AGAIN: Final = "siting_again"
"""The name of the work that computes a scenario anew."""
LONGEST: Final = {"title": 80, "reason": 200}
"""Characters that a text of a form may have."""

_ID: Final = "<int(max=9223372036854775807):scenario_id>"
_PAIR: Final = 2


@bp.before_request
def hold_profile() -> None:
    """Show nothing that the public profile would generalize.

    Raises
    ------
    ForbiddenError
        In the public profile.
    """
    if service().settings.profile == "public":
        raise ForbiddenError(request.path)


@bp.get(PATH)
def index() -> Response:
    """List the scenarios that stand and, for editors, those that were deleted."""
    may_edit = auth.may("edit")
    with _table() as table:
        found = table.scenarios()
        gone = table.scenarios(deleted=True) if may_edit else ()
    context = {"rows": [_entry(item) for item in found], "gone": [_entry(item) for item in gone]}
    return form_page("scenarios.html", context | _frame(), path=PATH)


@bp.get(f"{PATH}/{_ID}")
def show(scenario_id: int) -> Response:
    """Show one scenario; with ``job`` in the query how far its new computation is."""
    with _table() as table:
        found, document = table.result(scenario_id)
    tongue, catalog = language(), service().workspace.catalog
    number, frame = request.args.get("job", type=int), _frame()
    job = None if number is None else _job(number, scenario_id)
    answer = siting_page.answer(document, tongue, catalog)
    told: dict[str, Any] = {
        "words": siting_page.words(tongue),
        "answer": siting_page.drawn(document, answer, tongue),
        "run": job,
        "csrf": frame["csrf"],
        "why": None if frame["csrf"] is None else f"{PATH}/{scenario_id}/why",
    }
    context = {
        "item": _entry(found),
        "answer": answer,
        "question": siting_question.question(document["wishes"], tongue, catalog),
        "downloads": [(ending, f"{PATH}/{scenario_id}.{ending}") for ending in MEDIA],
        "synthetic": is_synthetic(service().workspace, document),
        "reason": _say("scenarios.reason", title=found.title, run=found.run),
        "can_write": chosen_row(document) is not None and LAYER in catalog.layers,
        "job": job,
    }
    return siting_frame.private(siting_frame.render("scenarios_one.html", context | frame, told))


@bp.post(f"{PATH}/{_ID}/why")
def why(scenario_id: int) -> Response:
    """Ask why a plan of a scenario has no site at a place; the layers as they are now answer."""
    with _table() as table:
        _, document = table.result(scenario_id)
    return siting_frame.ask_why(document, request.get_json(silent=True))


@bp.get(f"{PATH}/compare")
def compare() -> Response:
    """Show two scenarios side by side, named by ``s`` twice."""
    numbers = list(dict.fromkeys(request.args.getlist("s", type=int)))
    if len(numbers) != _PAIR:
        found = str(len(numbers))
        raise EditError(WORK, issues=[Issue("not_two", _say("scenarios.compare"), found=found)])
    with _table() as table:
        pair = [table.result(number) for number in numbers]
    documents = [document for _, document in pair]
    tongue = language()
    context = {
        "pair": [_entry(scenario) for scenario, _ in pair],
        "rows": scenario_words.beside(documents, tongue),
        "sites": scenario_words.padded(scenario_words.shared_sites(documents)),
        "questions": siting_question.differences(
            [one["wishes"] for one in documents], tongue, service().workspace.catalog
        ),
    }
    query = "&".join(f"s={number}" for number in numbers)
    other = "" if tongue == "en" else "&lang=en"
    context["switch_url"] = f"{PATH}/compare?{query}{other}"
    return form_page("scenarios_compare.html", context | _frame(), path=f"{PATH}/compare")


@bp.post(PATH)
def save() -> Response:
    """Keep the result of a run under a title."""
    title = _text("title")
    job_id = request.form.get("job", -1, type=int)
    with JobTable(service().workspace.store.path) as table:
        job = table.job(job_id)
    if job.name != WORK or job.state != "done":
        raise UnknownJobError(str(job_id))
    parameters = {"wishes": job.result["wishes"]}
    with _table() as kept:
        made = kept.add(title, outcome_of(job.result), parameters=parameters, author=_name())
    auth.log("scenario_saved", str(made.id), {"title": title})
    return go(f"{PATH}/{made.id}")


@bp.post(f"{PATH}/{_ID}/rename")
def rename(scenario_id: int) -> Response:
    """Give a scenario another title."""
    title = _text("title")
    with _table() as table:
        table.rename(scenario_id, title)
    auth.log("scenario_renamed", str(scenario_id), {"title": title})
    return go(f"{PATH}/{scenario_id}")


@bp.post(f"{PATH}/{_ID}/copy")
def copy(scenario_id: int) -> Response:
    """Make a second one of a scenario."""
    with _table() as table:
        before = table.scenario(scenario_id)
        title = _say("scenarios.copy_of", title=before.title)[: LONGEST["title"]]
        made = table.copy(scenario_id, title, author=_name())
    auth.log("scenario_saved", str(made.id), {"title": title})
    return go(f"{PATH}/{made.id}")


@bp.post(f"{PATH}/{_ID}/delete")
def delete(scenario_id: int) -> Response:
    """Take a scenario from the list; it can be brought back."""
    with _table() as table:
        gone = table.delete(scenario_id, author=_name())
    auth.log("scenario_deleted", str(scenario_id), {"title": gone.title})
    return go(PATH)


@bp.post(f"{PATH}/{_ID}/restore")
def restore(scenario_id: int) -> Response:
    """Bring a deleted scenario back."""
    with _table() as table:
        found = table.restore(scenario_id)
    auth.log("scenario_restored", str(scenario_id), {"title": found.title})
    return go(f"{PATH}/{scenario_id}")


@bp.post(f"{PATH}/{_ID}/rerun")
def rerun(scenario_id: int) -> Response:
    """Have a scenario computed anew with the layers as they are now."""
    with _table() as table:
        table.scenario(scenario_id)
    parameters = {"scenario": scenario_id, "author": _name()}
    job = jobs.submit(service().workspace, AGAIN, parameters, author=_name())
    query = f"job={job.id}" + ("&lang=en" if language() == "en" else "")
    return go(f"{PATH}/{scenario_id}?{query}", as_it_is=True)


@bp.post(f"{PATH}/{_ID}/write")
def write(scenario_id: int) -> Response:
    """Write the new sites of a scenario to the layer of chosen sites, as one revision."""
    with _table() as table:
        found, document = table.result(scenario_id)
    change = Change(_name(), _text("reason"), address=auth.address())
    write_chosen(
        service().workspace, found, document, change=change, after_commit=jobs.after_commit
    )
    return go(f"/layers/{LAYER}")


@bp.errorhandler(EditError)
def not_possible(error: EditError) -> Response:
    """Answer wishes that make no sense with a sentence for each."""
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_parameter", issues=error.issues)


def _table() -> ScenarioTable:
    return ScenarioTable(service().workspace.store.path)


def _name() -> str:
    return auth.signed_in().name


def _say(key: str, /, **values: object) -> str:
    return messages.text(key, language(), **values)


def _frame() -> dict[str, Any]:
    own = auth.person()
    may_edit = auth.may("edit")
    return {"csrf": (own.csrf or "") if own and may_edit else None, "active": "siting"}


def _text(name: str) -> str:
    """Return a text of the form, without blanks around it.

    Raises
    ------
    EditError
        If it is empty, too long, or holds what cannot be printed.
    """
    text, most = request.form.get(name, "").strip(), LONGEST[name]
    if not text:
        raise EditError(WORK, issues=[Issue("required", _say(f"scenario_asked.{name}"))])
    if len(text) > most or not text.isprintable():
        issue = Issue("length", _say(f"scenario_asked.{name}"), found=str(len(text)))
        raise EditError(WORK, issues=[replace(issue, expected=f"<= {most}")])
    return text


def _entry(found: Scenario) -> dict[str, Any]:
    tongue = language()
    moved = moved_layers(service().workspace, found)
    return {
        "id": found.id,
        "title": found.title,
        "url": f"{PATH}/{found.id}",
        "author": found.author,
        "created": moment_text(found.created_at, tongue),
        "run": found.run,
        "run_by": found.run_by,
        "run_at": moment_text(found.run_at, tongue),
        "headline": scenario_words.headline(found.facts, tongue),
        "proof": scenario_words.proof(found.facts, tongue),
        "stopped": found.facts["stopped"],
        "moved": [layer_title(name) for name in moved],
        "deleted": moment_text(found.deleted_at, tongue),
        "deleted_by": found.deleted_by,
    }


def _job(job_id: int, scenario_id: int) -> dict[str, Any] | None:
    """Return how far the new computation is; None where the number is another job's."""
    with JobTable(service().workspace.store.path) as table:
        try:
            job = table.job(job_id)
        except UnknownJobError:
            return None
    if job.name != AGAIN or job.parameters["scenario"] != scenario_id or not auth.may("edit"):
        return None
    state = "open" if job.state in siting_frame.OPEN else job.state
    tone = {"done": "ok", "failed": "bad", "lost": "bad"}.get(job.state, "warn")
    return siting_frame.run_state(job, _say(f"scenario_run.{state}")) | {"tone": tone}
