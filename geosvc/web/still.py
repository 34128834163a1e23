"""A map for readers without scripts: a picture and a table of what is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geosvc.map_state import filtered, shown_layers
from geosvc.symbology import symbolize

if TYPE_CHECKING:
    from geosvc.map_state import MapState
    from geosvc.workspace import Workspace

PICTURE_PX: Final = (1200, 630)
"""What platforms show beside a link, and what fills a frame on a page."""
_SEVERAL: Final = 2


def picture_path(state: MapState, size_px: tuple[int, int] = PICTURE_PX) -> str:
    """Return the address of the picture of a state.

    >>> from geosvc.map_state import MapState
    >>> picture_path(MapState("all", "en"), (640, 400))
    '/figures/all.png?lang=en&paper=pixels&width=640&height=400&dpi=150'
    """
    width, height = size_px
    query = state.query()
    parts = [query] if query else []
    parts.append(f"paper=pixels&width={width}&height={height}&dpi=150")
    return f"/figures/{state.map_id}.png?{'&'.join(parts)}"


def view(workspace: Workspace, state: MapState) -> dict[str, Any]:
    """Return picture and table of a state.

    Parameters
    ----------
    workspace
        Its layers, as everybody sees them.
    state
        What is shown.

    Returns
    -------
    view
        ``picture``, ``width``, ``height`` and ``sections``, as the templates of snapshots take
        them: ``title``, ``count``, ``unit``, ``classes``, ``notes``; the ground is left out.
    """
    width, height = PICTURE_PX
    layers = workspace.catalog.layers
    shown = [
        name
        for name in shown_layers(state, workspace.catalog)
        if layers[name].group != "ground" and workspace.status(name).is_served
    ]
    sections = [_section(workspace, state, name) for name in reversed(shown)]
    return {
        "picture": picture_path(state),
        "width": width,
        "height": height,
        "sections": sections,
    }


def _section(workspace: Workspace, state: MapState, layer_id: str) -> dict[str, Any]:
    layer, language = workspace.catalog.layers[layer_id], state.language
    frame = filtered(workspace, state, layer_id)
    classes = symbolize(layer, frame).classes
    rows = [item for item in classes if item.count] if len(classes) >= _SEVERAL else []
    return {
        "title": layer.title.of(language),
        "count": f"{len(frame):,}",
        "unit": "",
        "classes": [
            {"label": item.label.of(language), "count": f"{item.count:,}"} for item in rows
        ],
        "notes": [],
    }
