"""Errors as answers: the only table from an error's class to an HTTP status.

Machines get RFC 9457 ``application/problem+json``; people get a plain page with a way on.
"""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from geosvc import errors, messages
from geosvc.web import auth
from geosvc.web.context import page_context
from geosvc.web.service import language, service

if TYPE_CHECKING:
    from collections.abc import Sequence

STATUS: dict[type[errors.GeosvcError], HTTPStatus] = {
    errors.GeosvcError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.SettingsError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.CatalogError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.UnknownLayerError: HTTPStatus.NOT_FOUND,
    errors.UnknownMapError: HTTPStatus.NOT_FOUND,
    errors.CrsError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.SourceError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.StoreError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.StoreVersionError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UnknownRevisionError: HTTPStatus.NOT_FOUND,
    errors.DamagedSnapshotError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.StateError: HTTPStatus.BAD_REQUEST,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.EditError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.LayerUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UnknownFeatureError: HTTPStatus.NOT_FOUND,
    errors.UnknownJobError: HTTPStatus.NOT_FOUND,
    errors.UnknownScenarioError: HTTPStatus.NOT_FOUND,
    errors.UnknownSnapshotError: HTTPStatus.NOT_FOUND,
    errors.WithdrawnError: HTTPStatus.GONE,
    errors.PublishError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MethodError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.AnalysisError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.FigureError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.OverloadError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UnsafeTextError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.AssetError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.BasemapError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.AccessError: HTTPStatus.FORBIDDEN,
    errors.SignInNeededError: HTTPStatus.UNAUTHORIZED,
    errors.ForbiddenError: HTTPStatus.FORBIDDEN,
    errors.ForgedFormError: HTTPStatus.FORBIDDEN,
    errors.WrongPasswordError: HTTPStatus.FORBIDDEN,
    errors.LockedOutError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UserError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
RETRY_S = 5
"""When to come again after `geosvc.errors.OverloadError`: about one figure later."""
_HTTP_CODES = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.BAD_REQUEST: "bad_parameter",
}
_FOR_MACHINES = (".json", ".geojson", ".csv", ".gpkg", ".xlsx", ".js")
_log = logging.getLogger("geosvc")


def init_app(app: Flask) -> None:
    """Answer every error of an app as a problem."""
    app.register_error_handler(errors.GeosvcError, _geosvc_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)


def problem(status: HTTPStatus, code: str, *, issues: Sequence[errors.Issue] = ()) -> Response:
    """Answer a request that failed.

    Parameters
    ----------
    status
        The HTTP status.
    code
        The table of its title and detail below ``errors`` in the messages.
    issues
        Faults that explain it.

    Returns
    -------
    response
        A page where the reader asked for HTML, else problem+json. It is never kept.
    """
    tongue = language()
    # the store may be what failed
    service().stay()
    words = {
        "title": messages.text(f"errors.{code}.title", tongue),
        "detail": messages.text(f"errors.{code}.detail", tongue),
        "request_id": secrets.token_hex(6),
    }
    request.environ["geosvc.request_id"] = words["request_id"]
    faults = [messages.render_issue(issue, tongue) for issue in issues]
    if _for_people():
        detail = "\n".join([words["detail"], *faults])
        way_on = {"label": messages.text("errors.way_on.maps", tongue), "url": "/"}
        context = page_context([], active=None) | words
        context |= {"status": int(status), "detail": detail, "way_on": way_on}
        response = Response(render_template("error.html", **context), mimetype="text/html")
    else:
        response = Response(
            orjson.dumps(
                {
                    "type": f"urn:geosvc:problem:{code}",
                    "status": int(status),
                    "code": code,
                    "instance": request.path,
                    "issues": faults,
                }
                | words
            ),
            mimetype="application/problem+json",
        )
    response.status_code = int(status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    return response


def _for_people() -> bool:
    if request.path.endswith(_FOR_MACHINES) or request.path == "/healthz":
        return False
    return "text/html" in request.accept_mimetypes.values()


def _geosvc_error(error: errors.GeosvcError) -> Response:
    status = STATUS[type(error)]
    if isinstance(error, errors.SignInNeededError):
        return _sign_in_needed(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s", error.code, exc_info=error)
    response = problem(status, error.code, issues=error.issues)
    if isinstance(error, errors.OverloadError):
        response.headers["Retry-After"] = str(RETRY_S)
    return response


def _sign_in_needed(error: errors.SignInNeededError) -> Response:
    if _for_people() and request.method == "GET":
        return auth.to_sign_in()
    response = problem(HTTPStatus.UNAUTHORIZED, error.code, issues=error.issues)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    response = problem(status, _HTTP_CODES.get(status, "http"))
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    _log.error("unforeseen", exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "error")
