"""The scorecard: its page, its numbers for machines, its block for other people's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, g, render_template, request

from geosvc import messages
from geosvc.scorecard import Scorecard, parse_period, scorecard
from geosvc.web.answers import Answer, make_answer
from geosvc.web.context import page_context
from geosvc.web.pages import HTML
from geosvc.web.respond import respond
from geosvc.web.scorecard_plain import plain
from geosvc.web.scorecard_words import (
    cards,
    overdue_rows,
    period_text,
    summary,
    title,
    verdict,
)
from geosvc.web.service import OFFER, language, service
from geosvc.words.numerals import day

if TYPE_CHECKING:
    from collections.abc import Callable

bp = Blueprint("scorecard", __name__)
PARAMETER = "period"


@bp.get("/scorecard")
def show() -> Response:
    """Show the numbers of a half-year."""
    return _moving(lambda found: _html("scorecard.html", found))


@bp.get("/scorecard.json")
def numbers() -> Response:
    """Give the numbers of a half-year to machines."""
    return _moving(_json)


@bp.get("/embed/scorecard")
def block() -> Response:
    """Show the numbers for a frame: no script, no cookie, always the anonymous view."""
    return _moving(lambda found: _html("scorecard_block.html", found))


def _moving(make: Callable[[Scorecard], Answer]) -> Response:
    """Answer for the period that is asked for, made once for this moment."""
    given = request.args.get(PARAMETER, "")
    period = parse_period(given).id if given else ""
    shared = service()
    # looked up before any view is asked, see geosvc.web.auth
    person = g.get("person")
    reader = f"{person.role} {person.name}" if person else ""
    name = f"{request.path}?{language()}&{period}@{shared.moment.version} {reader}"
    answer = shared.answers.remember(
        name, lambda: make(scorecard(shared.workspace, period)), on_disk=False
    )
    response = respond(answer)
    # the hot path knows no period
    request.environ.pop(OFFER, None)
    return response


def _json(found: Scorecard) -> Answer:
    tongue = language()
    facts = plain(found, tongue)
    workspace = service().workspace
    facts["synthetic"] = any(workspace.status(name).synthetic for name in found.layers)
    return make_answer(orjson.dumps(facts), "application/json")


def _html(template: str, found: Scorecard) -> Answer:
    workspace, tongue = service().workspace, language()
    context = page_context(found.layers, active="scorecard") | {
        "title": title(found.period, tongue),
        "period": found.period.id,
        "periods": [
            {"id": item.id, "text": period_text(item, tongue), "is_chosen": item == found.period}
            for item in found.periods
        ],
        "verdict": verdict(found, tongue),
        "agrees": found.agrees,
        "day": day(found.as_of, tongue) if found.as_of else "",
        "cards": cards(workspace, found, tongue),
        "overdue": overdue_rows(workspace, found.overdue, tongue) if found.overdue else None,
        "summary": summary(found, tongue),
        "faults": _faults(),
    }
    context["switch_url"] = _with_period(context["switch_url"], found)
    context["full_url"] = _with_period(context["link"]("/scorecard"), found)
    return make_answer(render_template(template, **context).encode(), HTML)


def _with_period(url: str, found: Scorecard) -> str:
    if not request.args.get(PARAMETER):
        return url
    return f"{url}{'&' if '?' in url else '?'}{PARAMETER}={found.period.id}"


def _faults() -> list[str]:
    """Say why there is no scorecard where its file has faults of its own."""
    catalog = service().workspace.catalog
    if catalog.scorecard is not None:
        return []
    name = f"{service().settings.layers.name}/scorecard.toml"
    found: list[Any] = [issue for issue in catalog.issues if issue.path == name]
    return [messages.render_issue(issue, language()) for issue in found]
