"""What the pages with forms share: they are never kept, say what was wrong, and lead on."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from flask import Response, redirect, render_template

from geosvc import messages
from geosvc.errors import LockedOutError, WrongPasswordError
from geosvc.web import auth
from geosvc.web.context import link, page_context
from geosvc.web.problems import STATUS
from geosvc.web.service import language, service

if TYPE_CHECKING:
    from geosvc.errors import GeosvcError

SECONDS = 60


def form_page(
    template: str, context: dict[str, Any], *, path: str, failure: GeosvcError | None = None
) -> Response:
    """Render a page that depends on who asks, and when.

    Parameters
    ----------
    template
        Its template.
    context
        What it shows besides the frame of every page.
    path
        Where the page is: what answers a form stands at an address that cannot be opened.
    failure
        Why a form was refused: the template gets its sentence, the answer its status.
    """
    status = STATUS[type(failure)] if failure else HTTPStatus.OK
    # a closed service says nothing of its layers to nobody
    layers = list(service().workspace.layer_ids) if auth.may("read") else []
    switch_url = link("zh" if language() == "en" else "en", path)
    frame = page_context(layers, active=None) | {
        "failure": said(failure),
        "switch_url": switch_url,
    }
    body = render_template(template, **frame | context)
    headers = {"Cache-Control": "no-store"}
    return Response(body, status=int(status), mimetype="text/html", headers=headers)


def go(path: str, *, as_it_is: bool = False) -> Response:
    """Send the reader on, in their language unless the path says it already."""
    place = path if as_it_is or language() == "zh" else f"{path}?lang=en"
    response = cast("Response", redirect(place, HTTPStatus.SEE_OTHER))
    response.headers["Cache-Control"] = "no-store"
    return response


def said(error: GeosvcError | None) -> str | None:
    """Write an error as a page with a form says it."""
    if error is None:
        return None
    tongue = language()
    if isinstance(error, WrongPasswordError) and error.left:
        return messages.text("pages.signin.wrong", tongue, left=error.left)
    if isinstance(error, WrongPasswordError):
        return messages.text("pages.signin.wrong_last", tongue)
    if isinstance(error, LockedOutError):
        minutes = -(-error.wait_s // SECONDS)
        return messages.text("pages.signin.locked", tongue, minutes=minutes)
    faults = [
        messages.text(f"issues.{item.code}", tongue, found=item.found, expected=item.expected)
        for item in error.issues
    ]
    return "\n".join(faults) or messages.text(f"errors.{error.code}.detail", tongue)
