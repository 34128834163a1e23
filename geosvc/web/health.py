"""Whether the service is well, for machines that watch it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response

from geosvc import __version__
from geosvc.jobs import LOST_S, PULSE
from geosvc.processes import has_pulse
from geosvc.web.service import service

if TYPE_CHECKING:
    from geosvc.workspace import LayerStatus

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def health() -> Response:
    """Say the state of each layer, and whether jobs are run; 200 while the service serves."""
    workspace = service().workspace
    lives = has_pulse(workspace.settings.instance / PULSE, within_s=LOST_S)
    states = [workspace.status(layer_id) for layer_id in workspace.layer_ids]
    body = {
        "status": "ok" if all(map(_is_well, states)) and lives is not False else "degraded",
        "version": __version__,
        # absent where another program than `serve` started the app, and ran no jobs ever
        "runner": {True: "running", False: "stopped", None: "absent"}[lives],
        "layers": [_entry(state) for state in states],
    }
    return Response(
        orjson.dumps(body), mimetype="application/json", headers={"Cache-Control": "no-store"}
    )


def _is_well(state: LayerStatus) -> bool:
    return state.state != "unavailable" and not _is_missed(state)


def _is_missed(state: LayerStatus) -> bool:
    return state.is_served and state.expected is not None and state.count != state.expected


def _entry(state: LayerStatus) -> dict[str, Any]:
    return {
        "id": state.id,
        "state": state.state,
        "count": state.count,
        "expected": state.expected,
        "warning": "count_missed" if _is_missed(state) else None,
        "revision": state.revision,
        "refused": state.refused,
        "at": state.at,
        "as_of": state.as_of,
        "synthetic": state.synthetic,
        "issues": [f"{issue.place}: {issue.code}" for issue in state.issues],
    }
