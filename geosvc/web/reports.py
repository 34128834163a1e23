"""The page of reports: what was published, and for editors the forms that have one written.

A job writes (`geosvc.reports.building`); the page shows how far it is. A report is a snapshot: who
may read can download it, and it can be withdrawn like any other.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request

from geosvc import jobs, messages
from geosvc.errors import ForbiddenError, Issue, StateError, UnknownJobError
from geosvc.reports.layer_changes import moments_of
from geosvc.reports.outline import FILE, KINDS, SECTIONS
from geosvc.reports.scenario_choice import chosen_scenario
from geosvc.scorecard import available, parse_period
from geosvc.store.jobs import JobTable
from geosvc.store.scenarios import ScenarioTable
from geosvc.web import auth, snapshot_words
from geosvc.web.context import moment_text
from geosvc.web.forms import form_page, go
from geosvc.web.jobs import words_of
from geosvc.web.scorecard_words import period_text
from geosvc.web.service import language, service
from geosvc.web.snapshots import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug.datastructures import MultiDict

    from geosvc.store.jobs import Job
    from geosvc.store.snapshots import Published

bp = Blueprint("reports", __name__)
PATH: Final = "/reports"
WORK: Final = "report"
QUARTER: Final = timedelta(days=91)
_NUMBER: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_OPEN: Final = ("queued", "running")


@bp.get(PATH)
def index() -> Response:
    """List the reports, and let editors have one written."""
    builds = _may_build()
    rows = [_row(found) for found in shelf().list() if found.kind in KINDS]
    person = auth.person()
    context = {
        "rows": rows,
        "active": "reports",
        "csrf": (person.csrf or "") if person and builds else "",
        "form": _form() if builds else None,
        "job": _job(rows) if builds else None,
        "no_address": not service().settings.base_url,
    }
    return form_page("reports.html", context, path=PATH)


@bp.post(PATH)
def build() -> Response:
    """Have a report written."""
    if service().settings.profile == "public":
        raise ForbiddenError(PATH)
    asked = read_form(request.form) | {"author": auth.signed_in().name}
    if "scenario" in asked:
        # what is not there is said now, not by a job that failed
        chosen_scenario(service().workspace, asked["scenario"])
    job = jobs.submit(service().workspace, WORK, asked, author=asked["author"])
    query = f"?job={job.id}" + ("&lang=en" if language() == "en" else "")
    return go(PATH + query, as_it_is=True)


def read_form(given: MultiDict[str, str]) -> dict[str, Any]:
    """Read what a form asks for.

    Parameters
    ----------
    given
        ``kind``, ``language``; ``period``, a ``section`` each and ``scenario`` (empty for the
        last), or ``since`` and ``until``.

    Returns
    -------
    asked
        What `geosvc.reports.building.build` takes.

    Raises
    ------
    StateError
        If a choice is none.

    Examples
    --------
    >>> from werkzeug.datastructures import MultiDict
    >>> form = MultiDict({"kind": "difference", "since": "2024-03-31", "until": "2024-06-30"})
    >>> read_form(form)
    {'language': 'zh', 'since': '2024-03-31', 'until': '2024-06-30'}
    >>> read_form(MultiDict())
    Traceback (most recent call last):
    geosvc.errors.StateError: kind
    """
    asked: dict[str, Any] = {"language": "en" if given.get("language") == "en" else "zh"}
    kind = given.get("kind", "")
    if kind not in KINDS:
        _refuse("kind", kind, KINDS)
    if kind == KINDS[1]:
        pair = {name: given.get(name, "").strip() for name in ("since", "until")}
        moments_of(**pair)
        return asked | pair
    sections = given.getlist("section")
    for name in sections or [""]:
        if name not in SECTIONS:
            _refuse("section", name, SECTIONS)
    period = parse_period(given.get("period", "")).id
    asked |= {"period": period, "sections": [name for name in SECTIONS if name in sections]}
    text = given.get("scenario", "")
    if text and not _NUMBER.fullmatch(text):
        _refuse("scenario", text, ("1",))
    return asked | ({"scenario": int(text)} if text else {})


def _refuse(name: str, found: str, allowed: tuple[str, ...]) -> None:
    issue = Issue("not_allowed", name, found=found[:40], expected=", ".join(allowed))
    raise StateError(name, issues=[issue])


def _may_build() -> bool:
    return service().settings.profile != "public" and auth.may("edit")


def _form() -> dict[str, Any]:
    tongue = language()
    known = available(service().workspace)
    return {
        "periods": [{"id": item.id, "text": period_text(item, tongue)} for item in known],
        "sections": [
            {"id": name, "text": messages.text(f"reports.section.{name}", tongue)}
            for name in SECTIONS
        ],
        "scenarios": _scenarios(),
        **_last_quarter(),
    }


def _scenarios() -> list[dict[str, Any]]:
    """Return the sitings that a report can tell, the last one first."""
    with ScenarioTable(service().workspace.store.path) as table:
        kept = table.scenarios()
    tongue = language()
    return [
        {"id": one.id, "text": f"{one.title} · {moment_text(one.run_at, tongue)}"} for one in kept
    ]


def _last_quarter() -> dict[str, str]:
    """Return the day of the last revision, and one a quarter before it."""
    moments = [status.at for status in service().workspace.moment.statuses.values() if status.at]
    last = max((datetime.fromisoformat(at) for at in moments), default=datetime.now(UTC))
    until = last.astimezone().date()
    return {"since": (until - QUARTER).isoformat(), "until": until.isoformat()}


_FILE = ("file", "file_name")


def _row(found: Published) -> dict[str, Any]:
    row = snapshot_words.entry(found, language())
    # what it is called as a file is in the language in which it is written
    return row | {"file": f"{row['url']}/{FILE}", "file_name": f"{found.facts['title']}.docx"}


def _job(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return how far the report is that was asked for; None where none was."""
    number = request.args.get("job", type=int)
    if number is None:
        return None
    with JobTable(service().workspace.store.path) as table:
        job = table.job(number)
    if job.name != WORK:
        raise UnknownJobError(str(number))
    made = job.result["id"] if job.state == "done" else ""
    files = ({name: row[name] for name in _FILE} for row in rows if row["id"] == made)
    return _said(job) | next(files, {"file": ""})


def _said(job: Job) -> dict[str, Any]:
    words = words_of(job)
    state = "open" if job.state in _OPEN else job.state
    return {
        "id": job.id,
        "is_open": job.state in _OPEN,
        "tone": words["tone"],
        "title": messages.text(f"reports.job.{state}", language()),
        "trouble": "\n".join(_troubles(job)),
        "percent": round(100 * job.progress),
        "url": f"/jobs/{job.id}",
        "back": f"{PATH}?job={job.id}" + ("&lang=en" if language() == "en" else ""),
    }


def _troubles(job: Job) -> list[str]:
    if job.error is None or job.state == "canceled":
        return []
    issues = [Issue(**item) for item in job.error["issues"]]
    # what is named by a path here is a number or a field of the form
    said = [messages.render_issue(issue, language()) for issue in issues]
    return said or [words_of(job)["trouble"] or ""]
