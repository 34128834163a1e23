"""Publishing what a map, a figure, a siting or the scorecard shows, and withdrawing it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from geosvc.errors import Issue, PublishError
from geosvc.web import auth
from geosvc.web.forms import go
from geosvc.web.publish_requests import made_of
from geosvc.web.service import service
from geosvc.web.snapshots import PATH, shelf

if TYPE_CHECKING:
    from geosvc.store.snapshots import Published

bp = Blueprint("publishing", __name__)
LONGEST_REASON: Final = 500


@bp.post(PATH)
def publish() -> Response:
    """Freeze and publish; JSON is answered with JSON, a form with the page of the snapshot."""
    given = _given()
    # a map takes seconds of a core: those who only read keep theirs
    with service().drawings.turn():
        # of this moment, and without what the role of the sender may see
        made = made_of(service().workspace, given)
    name = auth.signed_in().name
    found = shelf().publish(made.parts, made.facts, author=name, address=auth.address())
    if request.is_json:
        return _said(found, HTTPStatus.CREATED)
    return go(f"/s/{found.id}")


@bp.post("/s/<snapshot_id>/withdraw")
def withdraw(snapshot_id: str) -> Response:
    """Withdraw a snapshot, with a reason that readers are told."""
    reason = _given().get("reason", "").strip()
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        issue = Issue("length", "reason", found=str(len(reason)), expected=f"1..{LONGEST_REASON}")
        raise PublishError(snapshot_id, issues=[issue])
    name = auth.signed_in().name
    kept = shelf()
    kept.status(snapshot_id)
    found = kept.withdraw(snapshot_id, reason, name, address=auth.address())
    return _said(found, HTTPStatus.OK) if request.is_json else go(PATH)


def _given() -> MultiDict[str, str]:
    if not request.is_json:
        return request.form
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise PublishError(issues=[Issue("wrong_type", "", found="", expected="{}")])
    return MultiDict({str(name): _text(value) for name, value in given.items()})


def _text(value: Any) -> str:  # noqa: ANN401 - a JSON value
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value)


def _said(found: Published, status: HTTPStatus) -> Response:
    body = {
        "id": found.id,
        "url": f"/s/{found.id}",
        "embed": f"/embed/s/{found.id}",
        "mark": found.mark,
        "state": "withdrawn" if found.withdrawn_at else "standing",
    }
    response = Response(orjson.dumps(body), status=int(status), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
