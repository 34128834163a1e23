"""Features that people make, move, change and delete: the addresses behind the edit page.

Answers are JSON, faults RFC 9457 problems. Who may ask stands in `geosvc.web.roles`; the public
profile shows positions and fields that are not those of the store, so nothing is written there.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import orjson
import shapely
from flask import Blueprint, Response, render_template, request

from geosvc import messages
from geosvc.errors import (
    ConflictError,
    EditError,
    ForbiddenError,
    Issue,
    StoreError,
    UnknownRevisionError,
)
from geosvc.jobs import submit_derived
from geosvc.store import Change, Version
from geosvc.web import auth
from geosvc.web.feature_form import feature, history, page_of, seen
from geosvc.web.keys import know_keys
from geosvc.web.personal import is_hidden
from geosvc.web.problems import problem
from geosvc.web.service import language, service
from geosvc.workspace import Editor, Workspace

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geosvc.catalog.model import Layer
    from geosvc.store import StoredLayer

bp = Blueprint("editing", __name__)
bp.record(know_keys)
LONGEST_REASON = 200
"""Characters that the reason of a change may have."""
_DEGREES = np.array([180.0, 90.0])
_log = logging.getLogger("geosvc")


@bp.before_request
def hold_profile() -> None:
    """Refuse to write what the public sees.

    Raises
    ------
    ForbiddenError
        In the public profile.
    """
    if service().settings.profile == "public":
        raise ForbiddenError(request.path)


@bp.get("/layers/<layer_id>/edit")
def page(layer_id: str) -> Response:
    """Show the map of one layer with a form beside it."""
    body = render_template("edit.html", **page_of(_editable(layer_id)))
    return Response(body, mimetype="text/html", headers={"Cache-Control": "no-store"})


@bp.get("/layers/<layer_id>/features/<feature_key:key>", merge_slashes=False)
def show(layer_id: str, key: str) -> Response:
    """Send one feature: codes as values, the place, and the revision to write against."""
    return _json(feature(service().workspace.catalog.layer(layer_id), key))


@bp.get("/layers/<layer_id>/history/<feature_key:key>", merge_slashes=False)
def past(layer_id: str, key: str) -> Response:
    """Send what became of one feature: who, when, why and what, the latest first, by pages."""
    service().workspace.catalog.layer(layer_id)
    before = request.args.get("before", type=int)
    return _json({"layer": layer_id, "key": key} | history(layer_id, key, before=before))


@bp.post("/layers/<layer_id>/features")
def create(layer_id: str) -> Response:
    """Make a feature of ``values`` and ``geometry``."""
    layer, given = _editable(layer_id), _body(layer_id)
    values = _values(layer, given)
    _hold_hidden(layer, values)
    place = _geometry(layer_id, given)
    stored = _editor().create(layer_id, values, place, change=_change(layer_id, given))
    key = str(values[layer.schema.primary_key])
    response = _written(stored, key, HTTPStatus.CREATED)
    response.headers["Location"] = f"/layers/{layer_id}/features/{quote(key, safe='')}"
    return response


@bp.put("/layers/<layer_id>/features/<feature_key:key>", merge_slashes=False)
def replace(layer_id: str, key: str) -> Response:
    """Change ``values`` (those not given stay) and, where it is given, ``geometry``.

    A personal field that the sender may not see stays as it is, whatever they send for it.
    """
    layer, given = _editable(layer_id), _body(layer_id)
    values = {
        name: value
        for name, value in _values(layer, given).items()
        if not is_hidden(layer.schema.field(name))
    }
    base, change = _base(layer_id, given), _change(layer_id, given)
    place = _geometry(layer_id, given)
    stored = _editor().replace(layer_id, key, values, place, base=base, change=change)
    return _written(stored, key)


@bp.delete("/layers/<layer_id>/features/<feature_key:key>", merge_slashes=False)
def delete(layer_id: str, key: str) -> Response:
    """Delete a feature; its versions stay."""
    _editable(layer_id)
    given = _body(layer_id)
    base, change = _base(layer_id, given), _change(layer_id, given)
    return _written(_editor().delete(layer_id, key, base=base, change=change), key)


@bp.post("/layers/<layer_id>/restore/<feature_key:key>", merge_slashes=False)
def restore(layer_id: str, key: str) -> Response:
    """Make a feature, which may be deleted, as it was at ``revision``; personal values stay."""
    _editable(layer_id)
    given = _body(layer_id)
    number, base = _revision(layer_id, given, "revision"), _base(layer_id, given)
    change, editor = _change(layer_id, given), _editor()
    [latest, *_] = editor.history(layer_id, key)
    was = service().workspace.store.version(layer_id, key, number=number)
    if number > latest.number or was is None:
        # the feature was not there: to be so again is what deleting is for
        msg = f"{layer_id}/{key}"
        raise UnknownRevisionError(msg)
    stored = editor.restore(layer_id, number, change=change, keys=[key], base=base)
    return _written(stored, key)


@bp.post("/layers/<layer_id>/undo")
def undo(layer_id: str) -> Response:
    """Put back what the last revision changed; a whole import is not put back by a button."""
    _editable(layer_id)
    given = _body(layer_id)
    base, change = _base(layer_id, given), _change(layer_id, given)
    last = service().workspace.store.revisions(layer_id, limit=1)
    if last and last[0].source_path:
        raise _fault(layer_id, Issue("import_stays", layer_id, "base"))
    return _written(_editor().undo(layer_id, base=base, change=change), None)


@bp.errorhandler(EditError)
def not_fitting(error: EditError) -> Response:
    """Answer an edit that does not fit, with a sentence for each field."""
    faults = [
        {
            "field": item.key,
            "code": item.code,
            "found": item.found,
            "expected": item.expected,
            "message": messages.text(
                f"issues.{item.code}", language(), found=item.found, expected=item.expected
            ),
        }
        for item in error.issues
    ]
    response = problem(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, issues=error.issues)
    return _with(response, {"faults": faults})


@bp.errorhandler(ConflictError)
def overtaken(error: ConflictError) -> Response:
    """Answer an edit that somebody's came before, with both versions."""
    layer = service().workspace.catalog.layer((request.view_args or {})["layer_id"])
    sides = {
        name: seen(layer, found) if isinstance(found, Version) else None
        for name, found in (("theirs", error.theirs), ("base", error.base))
    }
    given = orjson.loads(request.get_data())
    sides["yours"] = {name: given.get(name) for name in ("values", "geometry")}
    return _with(problem(HTTPStatus.CONFLICT, error.code), sides)


def _editable(layer_id: str) -> Layer:
    layer = service().workspace.catalog.layer(layer_id)
    if layer.source is None:
        raise _fault(layer_id, Issue("not_editable", layer_id))
    return layer


def _editor() -> Editor:
    return Editor(service().workspace, after_commit=_ask_for_derived)


def _ask_for_derived(workspace: Workspace, _layer_id: str, author: str) -> None:
    try:
        submit_derived(workspace, author=author)
    except StoreError:
        # the edit is stored; the runner finds what is behind when it looks next
        _log.warning("derived layers were not asked for", exc_info=True)


def _body(layer_id: str) -> dict[str, Any]:
    try:
        given = orjson.loads(request.get_data()) if request.is_json else None
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise _fault(layer_id, Issue("wrong_type", layer_id, expected="JSON"))
    return given


def _values(layer: Layer, given: dict[str, Any]) -> dict[str, object]:
    values = given.get("values", {})
    if not isinstance(values, dict):
        raise _fault(layer.id, Issue("wrong_type", layer.id, "values", expected="{}"))
    return values


def _hold_hidden(layer: Layer, values: dict[str, object]) -> None:
    """Refuse personal values of somebody who may not see them, save those that are required.

    Without these there would be no new feature: they are written, and seen as masks from then on.
    """
    issues = [
        Issue("not_yours", layer.id, field.name, expected=field.privacy or "")
        for field in layer.schema.fields
        if is_hidden(field) and not field.constraints.required
        if values.get(field.name) is not None and values[field.name] != ""
    ]
    if issues:
        raise _fault(layer.id, *issues)


def _base(layer_id: str, given: dict[str, Any]) -> int:
    return _revision(layer_id, given, "base")


def _revision(layer_id: str, given: dict[str, Any], name: str) -> int:
    number = given.get(name)
    if not isinstance(number, int) or isinstance(number, bool):
        raise _fault(layer_id, Issue("wrong_type", layer_id, name, expected="integer"))
    return number


def _change(layer_id: str, given: dict[str, Any]) -> Change:
    reason = given.get("reason")
    text = reason.strip() if isinstance(reason, str) else ""
    if not text:
        raise _fault(layer_id, Issue("required", layer_id, "reason"))
    if len(text) > LONGEST_REASON or not text.isprintable():
        expected = f"<= {LONGEST_REASON}"
        issue = Issue("length", layer_id, "reason", found=str(len(text)), expected=expected)
        raise _fault(layer_id, issue)
    return Change(auth.signed_in().name, text, address=auth.address())


def _geometry(layer_id: str, given: dict[str, Any]) -> BaseGeometry | None:
    geojson = given.get("geometry")
    if geojson is None:
        return None
    try:
        shape = shapely.from_geojson(orjson.dumps(geojson))
    except shapely.GEOSException as error:
        issue = Issue("wrong_type", layer_id, "geometry", expected="GeoJSON")
        raise _fault(layer_id, issue) from error
    positions = shapely.get_coordinates(shape)
    if not (np.isfinite(positions) & (np.abs(positions) <= _DEGREES)).all():
        expected = "longitude -180–180, latitude -90–90"
        found = shapely.to_wkt(shape, rounding_precision=6)[:80]
        raise _fault(layer_id, Issue("not_degrees", layer_id, "geometry", None, found, expected))
    return shape


def _fault(layer_id: str, *issues: Issue) -> EditError:
    return EditError(layer_id, issues=issues)


def _written(stored: StoredLayer, key: str | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    body = {"layer": stored.name, "key": key, "revision": stored.number, "count": stored.count}
    return _json(body, status)


def _json(body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(
        orjson.dumps(body),
        status=int(status),
        mimetype="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _with(response: Response, more: dict[str, Any]) -> Response:
    if response.mimetype == "application/problem+json":
        response.set_data(orjson.dumps(orjson.loads(response.get_data()) | more))
    return response
