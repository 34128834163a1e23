"""What the pages of siting share: a map with a panel, how far a job is, and why not here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Response, render_template

from geosvc import jobs, messages
from geosvc.errors import Issue, UnknownMapError
from geosvc.web import auth, siting_why
from geosvc.web.context import page_context
from geosvc.web.pages import keep_parts
from geosvc.web.service import language, service
from geosvc.web.siting_question import in_words
from geosvc.web.siting_runs import MAP, WHY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.store.jobs import Job

OPEN: Final = ("queued", "running")
"""The states of a job that has not ended."""


def render(template: str, more: Mapping[str, Any], told: Mapping[str, Any]) -> bytes:
    """Render a page with the map of siting.

    Parameters
    ----------
    template
        Extends ``_siting.html``.
    more
        What the template shows.
    told
        What the script of the page gets, as JSON.

    Raises
    ------
    UnknownMapError
        If the catalog has no such map.
    """
    view, tongue = service().workspace, language()
    if MAP not in view.catalog.maps:
        raise UnknownMapError(MAP)
    parts, module = keep_parts(MAP, tongue, "page", workspace=view)
    context = page_context(view.catalog.map(MAP).layers, active="siting") | {
        "map_div": parts.div,
        "css": parts.css,
        "scripts": parts.scripts,
        "module": module,
        "manifest": parts.manifest_url,
        "told": {"language": tongue, **told},
        **more,
    }
    return render_template(template, **context).encode()


def private(body: bytes, *, status: int = 200) -> Response:
    """Answer with a page that is never kept."""
    headers = {"Cache-Control": "no-store"}
    return Response(body, status=status, mimetype="text/html", headers=headers)


def as_json(body: Mapping[str, Any]) -> Response:
    """Answer a script with what is never kept."""
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(body), mimetype="application/json", headers=headers)


def run_state(job: Job, title: str) -> dict[str, Any]:
    """Return how far a job is, for the page and its script."""
    return {
        "id": job.id,
        "state": job.state,
        "is_open": job.state in OPEN,
        "is_stopping": job.state == "running" and job.cancel_asked,
        "title": title,
        "troubles": troubles(job),
        "percent": round(100 * job.progress),
        "trace": job.trace,
        "url": f"/jobs/{job.id}",
        "csrf": auth.signed_in().csrf or "",
    }


def troubles(job: Job) -> list[str]:
    """Say why a job has failed; the names of settings are put in words."""
    issues = [Issue(**item) for item in (job.error or {}).get("issues", ())]
    named = [in_words(replace(issue, path=""), language()) for issue in issues]
    return [messages.render_issue(issue, language()) for issue in named]


def ask_why(document: Mapping[str, Any], given: object) -> Response:
    """Have a job say why a plan has no site at a place; answer with the address of what it says.

    Raises
    ------
    EditError
        If what a page sent is no place or no plan of the answer.
    """
    place, sites = siting_why.place_of(document, given)
    parameters = {"wishes": document["wishes"], "place": place, "sites": sites}
    asked = jobs.submit(service().workspace, WHY, parameters, author=auth.signed_in().name)
    return as_json({"url": f"/siting/why/{asked.id}"})
