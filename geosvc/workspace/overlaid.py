"""One moment of a workspace in which some layers hold other features, such as a plan's sites."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from geosvc.workspace.reader import Workspace
from geosvc.workspace.status import LayerStatus, fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd


class OverlaidView(Workspace):
    """One moment of a workspace, with the features of some layers taken from elsewhere.

    Parameters
    ----------
    view
        The moment, see `Workspace.pinned`.
    frames
        Features by layer, as `Workspace.frame` returns them; each layer has a sound file.
    digest
        Another text for other features.
    statuses
        What is known of a layer, where that is more than the number of its features.
    """

    def __init__(
        self,
        view: Workspace,
        frames: Mapping[str, pd.DataFrame],
        digest: str,
        *,
        statuses: Mapping[str, LayerStatus] = MappingProxyType({}),
    ) -> None:
        # a view shares the store of the workspace that it looks at
        vars(self).update(vars(view))
        self._view, self._frames_given, self._digest = view, dict(frames), digest
        given = {name: _status(view, name, len(frame)) for name, frame in frames.items()}
        given |= statuses
        self.moment = replace(view.moment, statuses={**view.moment.statuses, **given})

    def as_of(self, at: datetime) -> Workspace:
        """Return a view of an earlier instant, in which nothing is taken from elsewhere."""
        return self._view.as_of(at)

    def frame(self, layer_id: str) -> pd.DataFrame:
        """Return a layer's features: those that were given, else those of the moment."""
        if layer_id in self._frames_given:
            return self._frames_given[layer_id]
        return self._view.frame(layer_id)

    def tag(self, layer_id: str) -> str:
        """Return digits that move with what is shown of a layer, see `Workspace.tag`."""
        own = self._view.tag(layer_id)
        return fingerprint(own, self._digest)[:12] if layer_id in self._frames_given else own


def _status(view: Workspace, layer_id: str, count: int) -> LayerStatus:
    known = view.status(layer_id)
    return replace(known, state="ok", count=count, issues=())
