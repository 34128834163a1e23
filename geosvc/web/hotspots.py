"""The page of hotspots: map, verdict, evidence, power, score, before and after, method.

All of it is read from what `geosvc.analysis.hotspots` and `geosvc.analysis.evaluation` left beside
their layers; nothing is computed in a request. An editor may have the scan done again with other
parameters: a job works, and its result is shown on a page of its own, marked as not published.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, redirect, render_template, request

from geosvc import jobs, messages
from geosvc.errors import (
    EditError,
    ForbiddenError,
    Issue,
    StoreError,
    UnknownJobError,
    UnknownLayerError,
)
from geosvc.maps.build import layer_data
from geosvc.store.jobs import Job, JobTable
from geosvc.web import auth
from geosvc.web.answers import IMMUTABLE, Answer, make_answer
from geosvc.web.context import link, moment_text, page_context
from geosvc.web.hotspot_runs import BOUNDS, LAYER, WORK, RunView, read_changes
from geosvc.web.pages import HTML, keep_parts
from geosvc.web.problems import problem
from geosvc.web.respond import respond
from geosvc.web.service import language, service
from geosvc.words import hotspots as hotspot_words
from geosvc.words.evaluation import comparisons
from geosvc.words.numerals import percent
from geosvc.workspace.reruns import to_features

if TYPE_CHECKING:
    from geosvc.workspace import LayerStatus, Workspace

bp = Blueprint("hotspots", __name__)
MAP = "hotspots"
EVALUATION = "before_after"
SURVEYED = "surveyed_streets"
_FORM = ("radii_m", "alpha", "draws", "seed", "first_day", "until")


@bp.get("/hotspots")
def show() -> Response:
    """Show the published hotspots."""
    if _may_rerun():
        # the form holds the secret of one session
        return _private(_page(service().workspace))
    return respond(service().moving(lambda: make_answer(_page(service().workspace), HTML)))


@bp.post("/hotspots")
def rerun() -> Response:
    """Have the scan done again with the parameters of the form."""
    _hold_profile()
    given = {name: request.form.get(name, "") for name in _FORM}
    parameters = {"layer": LAYER, "changes": read_changes(given)}
    author = auth.signed_in().name
    job = jobs.submit(service().workspace, WORK, parameters, author=author)
    return cast("Response", redirect(link(language(), f"/hotspots/runs/{job.id}"), 303))


@bp.get("/hotspots/runs/<int(max=9223372036854775807):job_id>")
def run(job_id: int) -> Response:
    """Show how far a rerun is, and its result when it is done."""
    _hold_profile()
    with JobTable(service().workspace.store.path) as table:
        job = table.job(job_id)
    if job.name != WORK:
        raise UnknownJobError(str(job_id))
    view, said = service().workspace, _run_state(job)
    if job.state == "done":
        try:
            view = RunView(view.pinned(), job)
        except StoreError:
            said |= {"state": "changed", "title": _say("hotspots.run_changed")}
        else:
            _keep_data(view)
    return _private(_page(view, run=said))


@bp.errorhandler(EditError)
def not_possible(error: EditError) -> Response:
    """Answer wishes that make no sense, with a sentence for each field."""
    said = [
        replace(issue, path=_say(f"hotspots.asked.{issue.key}"), key="") for issue in error.issues
    ]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_parameter", issues=said)


def _hold_profile() -> None:
    if service().settings.profile == "public":
        raise ForbiddenError(request.path)


def _may_rerun() -> bool:
    return service().settings.profile != "public" and auth.may("edit")


def _page(view: Workspace, *, run: dict[str, Any] | None = None) -> bytes:
    tongue = language()
    found = view.catalog.map(MAP)
    parts, module = keep_parts(MAP, tongue, "page", workspace=view)
    report, rows = _report(view, LAYER), _rows(view)
    said = _said(view, report, rows) if report else {}
    context = page_context(found.layers, active="hotspots") | {
        "map_div": parts.div,
        "css": parts.css,
        "scripts": parts.scripts,
        "module": module,
        "manifest": parts.manifest_url,
        "state": _state(view, report),
        "report": said,
        "comparisons": comparisons(_report(view, EVALUATION), tongue) if _has(view) else [],
        "downloads": []
        if run
        else [f"/layers/{LAYER}.{end}" for end in ("geojson", "gpkg", "csv")],
        "form": _form(view, report) if _may_rerun() else None,
        "run": run,
    }
    charts = [said.get(name, {}).get("chart") for name in ("power", "weekly", "score")]
    charts += [item["chart"] for item in context["comparisons"]]
    context["told"] = {
        "layer": LAYER,
        "language": tongue,
        "charts": {chart.get("id", chart["kind"]): chart for chart in charts if chart},
        "waiting": {} if run else _waiting(view),
        "run": run and {name: run[name] for name in ("url", "state", "csrf", "offline")},
    }
    return render_template("hotspots.html", **context).encode()


def _waiting(view: Workspace) -> dict[str, dict[str, Any]]:
    """Return the layers that are about to be computed, as they are told by ``/healthz``."""
    known = [name for name in (LAYER, EVALUATION, SURVEYED) if name in view.catalog.layers]
    found = [view.status(name) for name in known]
    return {
        item.id: {"state": item.state, "revision": item.revision}
        for item in found
        if item.state in {"pending", "stale"} and not item.issues
    }


def _has(view: Workspace) -> bool:
    return EVALUATION in view.catalog.layers


def _report(view: Workspace, layer_id: str) -> dict[str, Any] | None:
    if layer_id not in view.catalog.layers:
        return None
    status = view.status(layer_id)
    return cast("Any", status.notes.get("report")) if status.is_served else None


def _rows(view: Workspace) -> list[dict[str, Any]]:
    if LAYER not in view.catalog.layers or not view.status(LAYER).is_served:
        return []
    return [item["properties"] for item in to_features(view.frame(LAYER))]


def _said(view: Workspace, report: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    tongue = language()
    parts = {
        name: getattr(hotspot_words, name)(report, tongue)
        for name in ("power", "weekly", "score", "surveyed", "used")
    }
    status = view.status(LAYER)
    made = [
        (_say("hotspots.method_data"), hotspot_words.listed(_revisions(view), tongue)),
        (_say("hotspots.method_at"), moment_text(status.at, tongue) or "–"),
    ]
    surveyed = view.catalog.layers.get(SURVEYED)
    if surveyed is not None:
        title = surveyed.title.of(tongue)
        parts["surveyed"]["texts"].append(_say("hotspots.surveyed_map", layer=title))
    return parts | {
        "headline": hotspot_words.headline(report, rows, tongue),
        "lead": hotspot_words.lead(report, rows, tongue),
        "evidence": hotspot_words.evidence(rows, tongue),
        "alpha": percent(report["alpha"]),
        "method": [*hotspot_words.method(report, tongue), *made],
    }


def _revisions(view: Workspace) -> list[str]:
    layer = view.catalog.layer(LAYER)
    inputs = layer.derivation.inputs.values() if layer.derivation else ()
    return [
        f"{view.catalog.layer(name).title.of(language())} r{view.status(name).revision or 0}"
        for name in inputs
    ]


def _state(view: Workspace, report: dict[str, Any] | None) -> dict[str, Any]:
    """Say why there is no verdict, or that it is the last one."""
    if LAYER not in view.layer_ids:
        raise UnknownLayerError(LAYER)
    status = view.status(LAYER)
    if report is not None:
        stale = _say("hotspots.stale") if status.state == "stale" else None
        return {"title": None, "reasons": _reasons(status) if stale else [], "stale": stale}
    waiting = status.state == "pending"
    title = _say("hotspots.verdict_pending" if waiting else "hotspots.verdict_unavailable")
    reasons = [_say("layer.pending")] if waiting else _reasons(status)
    return {"title": title, "reasons": reasons, "stale": None}


def _reasons(status: LayerStatus) -> list[str]:
    return [messages.render_issue(_bare(issue), language()) for issue in status.issues]


def _bare(issue: Issue) -> Issue:
    # a sentence about the data as a whole needs no path of a layer file before it
    return Issue(issue.code, "", found=issue.found) if "." in issue.code else issue


def _form(view: Workspace, report: dict[str, Any] | None) -> dict[str, Any]:
    layer = view.catalog.layer(LAYER)
    given = dict(layer.derivation.parameters) if layer.derivation else {}
    given |= {name: report[name] for name in BOUNDS if name in (report or {}) and report}
    radii = ", ".join(f"{radius:g}" for radius in given.get("radii_m", ()))
    return {
        "csrf": auth.signed_in().csrf or "",
        "given": {name: given.get(name, "") for name in BOUNDS} | {"radii_m": radii},
        "bounds": BOUNDS,
    }


def _run_state(job: Job) -> dict[str, Any]:
    issues = [Issue(**item) for item in (job.error or {}).get("issues", ())]
    keys = {"done": "note", "failed": "failed", "canceled": "canceled", "lost": "lost"}
    title = {
        "note": _say("hotspots.run_note", id=job.id),
        "failed": _say("hotspots.run_failed", id=job.id),
        "canceled": _say("hotspots.run_canceled", id=job.id),
        "lost": _say("hotspots.run_lost", id=job.id),
        "waiting": _say("hotspots.run_waiting", id=job.id),
    }[keys.get(job.state, "waiting")]
    return {
        "state": job.state,
        "is_open": job.state in {"queued", "running"},
        "title": title,
        "reasons": [messages.render_issue(_bare(issue), language()) for issue in issues],
        "percent": round(100 * job.progress),
        "url": f"/jobs/{job.id}",
        "page": f"/hotspots/runs/{job.id}",
        "csrf": auth.signed_in().csrf or "",
        "offline": _say("hotspots.run_offline"),
    }


def _keep_data(view: Workspace) -> None:
    """Keep what the map draws under the address that the map's script asks for."""
    url = f"/data/{LAYER}/{view.tag(LAYER)}.json"

    def make() -> Answer:
        return make_answer(layer_data(view, LAYER), "application/json", cache=IMMUTABLE)

    service().answers.remember(url, make, on_disk=True)


def _private(body: bytes) -> Response:
    return Response(body, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _say(key: str, /, **values: object) -> str:
    return messages.text(key, language(), **values)
