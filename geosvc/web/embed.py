"""Maps for other people's pages: no chrome, no cookie, always the anonymous view."""

from __future__ import annotations

from flask import Blueprint, Response, request

from geosvc.errors import StateError
from geosvc.map_state import MapState, is_state_name, parse_state
from geosvc.web.pages import map_answer
from geosvc.web.respond import respond
from geosvc.web.service import language, service

bp = Blueprint("embed", __name__, url_prefix="/embed")


@bp.get("/<map_id>")
def show(map_id: str) -> Response:
    """Show one map for a frame; the script reads the rest of the address."""
    state = _state(map_id)
    answer = service().moving(lambda: map_answer(map_id, "embed", state=state), query=state.query())
    # the hot path knows paths without queries, and the still picture follows the query
    return respond(answer, offer=False)


def _state(map_id: str) -> MapState:
    """Read what the picture for readers without scripts shows; nonsense shows the whole map."""
    pairs = [pair for pair in request.args.items(multi=True) if is_state_name(pair[0])]
    try:
        return parse_state(map_id, pairs, service().workspace.catalog)
    except StateError:
        return MapState(map_id, language())
