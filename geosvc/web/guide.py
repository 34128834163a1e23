"""How to do what people come for, in short steps with pictures that the service draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, render_template

from geosvc.web.answers import Answer, make_answer
from geosvc.web.context import page_context
from geosvc.web.figure_query import card_path
from geosvc.web.pages import HTML
from geosvc.web.respond import respond
from geosvc.web.service import language, service

if TYPE_CHECKING:
    from geosvc.catalog.model import Language

bp = Blueprint("guide", __name__)


@dataclass(frozen=True, slots=True)
class _Task:
    """A task: the table of its words below ``help``, the map it is shown on, and what is asked."""

    id: str
    icon: str
    map_id: str
    steps: int
    query: str = ""
    path: str = ""


_SHELTERS = f"f.urban_stops.has_shelter=false&f.urban_stops.road_name={quote('泰北路')}"
_KINDS: Final = {
    "planner": (
        _Task("find", "table", "stops", 4, query=_SHELTERS),
        _Task("time", "clock", "overview", 3),
    ),
    "decider": (
        _Task("hot", "flag", "hotspots", 3, path="/hotspots"),
        _Task("site", "house", "siting", 3, path="/siting"),
    ),
    "writer": (
        _Task("image", "image", "car_wash", 3),
        _Task("freeze", "snowflake", "focus", 3, path="/reports"),
    ),
}
"""What each kind of reader comes for."""
_NUMBERS: Final = ("one", "two", "three", "four")
_KEYS: Final = ("move", "zoom", "pick", "turn", "close", "search")


@bp.get("/help")
def show() -> Response:
    """Show how to do what people come for."""
    return respond(service().moving(_page))


def _page() -> Answer:
    tongue = language()
    context = page_context(service().workspace.layer_ids, active="help") | {
        "kinds": {kind: [_shown(task, tongue) for task in tasks] for kind, tasks in _KINDS.items()},
        "keys": _KEYS,
    }
    return make_answer(render_template("help.html", **context).encode(), HTML)


def _shown(task: _Task, tongue: Language) -> dict[str, Any]:
    """Say a task; its picture and its way in are there where the map is."""
    shown: dict[str, Any] = {"id": task.id, "icon": task.icon, "steps": _NUMBERS[: task.steps]}
    if task.map_id not in service().workspace.catalog.maps:
        return shown | {"picture": None, "url": None}
    query = task.query if _is_known(task) else ""
    address = "&".join(part for part in ("lang=en" if tongue == "en" else "", query) if part)
    path = task.path or f"/maps/{task.map_id}"
    picture = card_path(task.map_id, tongue) + (f"&{query}" if query else "")
    return shown | {"picture": picture, "url": f"{path}?{address}" if address else path}


def _is_known(task: _Task) -> bool:
    """Tell whether the catalog has what the example asks for: others have other layers."""
    layers = service().workspace.catalog.layers
    return "urban_stops" in layers and task.query.startswith("f.urban_stops.")
