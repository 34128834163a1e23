"""Maps for other people's pages: no chrome, no cookie, always the anonymous view."""

from __future__ import annotations

from flask import Blueprint, Response

from geosvc.web.pages import map_answer
from geosvc.web.respond import respond
from geosvc.web.service import service

bp = Blueprint("embed", __name__, url_prefix="/embed")


@bp.get("/<map_id>")
def show(map_id: str) -> Response:
    """Show one map for a frame."""
    return respond(service().moving(lambda: map_answer(map_id, "embed")))
