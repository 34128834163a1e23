"""One moment of the past with its derived layers: computed again from what was stored then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geosvc import derive
from geosvc.errors import GeosvcError, Issue
from geosvc.workspace.overlaid import OverlaidView
from geosvc.workspace.status import basis

if TYPE_CHECKING:
    from geosvc.catalog.model import Layer
    from geosvc.workspace.reader import Workspace


def recomputed(view: Workspace) -> Workspace:
    """Compute the derived layers of a moment from its own features; nothing is stored.

    Parameters
    ----------
    view
        A view of one moment (`Workspace.as_of`). What the public profile hides is not hidden in
        it, see `Workspace.through`.

    Returns
    -------
    view
        A derived layer that was up to date and whose notes are known is as it was; one that was
        computed now has no revision. Where an input was not there, or the data allow no answer, the
        layer is not served, and its issues say why.
    """
    shown = view
    for layer_id in view.catalog.order():
        layer, status = view.catalog.layers[layer_id], view.status(layer_id)
        if layer.derivation is not None and not (status.state == "ok" and status.notes):
            shown = _with(shown, layer)
    return shown


def _with(view: Workspace, layer: Layer) -> Workspace:
    status = replace(view.status(layer.id), state="unavailable", count=0, revision=None, at=None)
    inputs = layer.derivation.inputs if layer.derivation else {}
    missing = tuple(
        Issue("layer_needed", layer.path, f"derivation.inputs.{name}", found=given)
        for name, given in inputs.items()
        if not view.status(given).is_served
    )
    if missing:
        return OverlaidView(view, {}, "", statuses={layer.id: replace(status, issues=missing)})
    try:
        frame = derive.run(layer, {name: view.frame(given) for name, given in inputs.items()})
    except GeosvcError as error:
        issues = error.issues or (Issue("failed", layer.path, found=str(error)),)
        status = replace(status, issues=tuple(issues))
        return OverlaidView(view, {}, "", statuses={layer.id: status})
    notes = {str(name): value for name, value in frame.attrs.items()}
    status = replace(status, state="ok", count=len(frame), notes=notes, issues=())
    digest = basis(layer, view.moment.stored)
    return OverlaidView(view, {layer.id: frame}, digest, statuses={layer.id: status})
