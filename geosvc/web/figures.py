"""Maps and charts as files for reports: PNG, SVG and PDF, always the anonymous view."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from flask import Blueprint, Response, request

from geosvc.web.answers import make_answer, matches
from geosvc.web.chart_data import read_chart
from geosvc.web.figure_query import figure_path, read_figure
from geosvc.web.problems import problem
from geosvc.web.respond import respond
from geosvc.web.service import service

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.figures import Figure
    from geosvc.web.answers import Answer

bp = Blueprint("figures", __name__, url_prefix="/figures")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; sandbox"
"""An SVG styles itself and carries its font; it runs nothing and loads nothing."""
_TAG_LENGTH = 20


@bp.get("/<map_id>.<any(png, svg, pdf):form>")
def show(map_id: str, form: str) -> Response:
    """Send a map as a figure."""
    workspace = service().workspace
    asked = read_figure(map_id, form, request.args.items(multi=True), workspace.catalog)
    name = f"{figure_path(asked)}@{workspace.map_tag(map_id)}"

    def made() -> Figure:
        from geosvc.figures import draw  # noqa: PLC0415 - matplotlib comes with it

        return draw(workspace, asked)

    return send(name, made)


@bp.get("/charts/<path:name>.<any(png, svg, pdf):form>")
def chart(name: str, form: str) -> Response:
    """Send a chart of the hotspots' numbers or of a saved siting."""
    workspace = service().workspace
    asked = read_chart(name, form, request.args.items(multi=True), workspace)
    if asked is None:
        return problem(HTTPStatus.NOT_FOUND, "not_found")
    # the numbers themselves are the name
    return send(f"chart {asked!r}", lambda: asked.draw(workspace.settings.static))


class Drawn(Protocol):
    """What is sent: a figure, a chart or a document with one."""

    @property
    def content(self) -> bytes:
        """The bytes of a file."""

    @property
    def media_type(self) -> str:
        """What they are."""


def send(name: str, draw: Callable[[], Drawn]) -> Response:
    """Send a figure; who has it already is told so without drawing it.

    Parameters
    ----------
    name
        What the figure shows, in full: the request and the revisions.
    draw
        Draws it.

    Returns
    -------
    response
        With a tag made of the name: equal names are equal bytes.
    """
    drawings = service().drawings
    tag = hashlib.sha256(f"{drawings.edition} {name}".encode()).hexdigest()[:_TAG_LENGTH]
    given = request.headers.get("If-None-Match", "")
    known = [form for form in ("", "-br", "-gzip") if matches(given, f'"{tag}{form}"')]
    if known:
        headers = {"ETag": f'"{tag}{known[0]}"', "Cache-Control": "no-cache"}
        return Response(status=304, headers=headers | {"Vary": "Accept-Encoding"})

    def made() -> Answer:
        figure = draw()
        return replace(make_answer(figure.content, figure.media_type), etag=tag)

    # the hot path knows paths without queries
    response = respond(drawings.answer(name, made), offer=False)
    if response.mimetype == "image/svg+xml":
        response.headers["Content-Security-Policy"] = POLICY
    return response
