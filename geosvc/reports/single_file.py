"""A map as one file: what a state shows, with data and program, for disks without a network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geosvc import maps, messages
from geosvc.figures.words import day_words
from geosvc.map_state import filtered, shown_layers
from geosvc.words.filters import filters_text
from geosvc.workspace import Workspace
from geosvc.workspace.trust import trust

if TYPE_CHECKING:
    import pandas as pd

    from geosvc.map_state import MapState


class StateView(Workspace):
    """A moment of a workspace in which a map has the layers and features of a state and no others.

    Parameters
    ----------
    view
        The moment, see `Workspace.pinned`.
    state
        What is shown.
    """

    def __init__(self, view: Workspace, state: MapState) -> None:
        # a view shares the store of the workspace that it looks at
        vars(self).update(vars(view))
        self._whole, self._state = view, state
        shown = shown_layers(state, view.catalog)
        found = replace(view.catalog.map(state.map_id), layers=shown, visible=shown)
        self.catalog = replace(view.catalog, maps={**view.catalog.maps, state.map_id: found})
        asked = {item.layer for item in state.filters} & set(shown)
        statuses = {
            name: replace(status, count=len(self.frame(name)), expected=None)
            for name in asked
            if (status := view.status(name)).is_served
        }
        self.moment = replace(view.moment, statuses={**view.moment.statuses, **statuses})

    def frame(self, layer_id: str) -> pd.DataFrame:
        """Return the features of a layer that the state shows."""
        found: pd.DataFrame = filtered(self._whole, self._state, layer_id)
        return found


def single_file(workspace: Workspace, state: MapState, *, address: str = "") -> bytes:
    """Write what a state shows of a map as one page.

    Parameters
    ----------
    workspace
        A view of one moment, as readers see it who have not signed in.
    state
        What is shown. Features that do not pass its filters are not in the file.
    address
        Where the map is found, absolute; empty where there is none.

    Returns
    -------
    content
        The same bytes for the same state and revisions.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    StateError
        If the state filters by what is not there.
    """
    pinned = workspace if workspace.is_pinned else workspace.pinned()
    view = StateView(pinned, state)
    around = maps.Around(
        title=pinned.catalog.map(state.map_id).title.of(state.language),
        notes=tuple(_notes(view, state, address)),
        is_synthetic=trust(view, shown_layers(state, view.catalog), state.language)["synthetic"],
        query=replace(state, layers=None, filters=(), language="zh").query(),
    )
    return maps.one_file(state.map_id, language=state.language, workspace=view, around=around)


def _notes(view: StateView, state: MapState, address: str) -> list[str]:
    language = state.language
    known = trust(view, shown_layers(state, view.catalog), language)
    notes = [messages.text("figure.synthetic", language)] if known["synthetic"] else []
    said = filters_text(view.catalog, state, shown_layers(state, view.catalog)).of(language)
    notes += [said] if said else []
    day = day_words(known["as_of"], language)
    key = "single_file.saved" if day else "single_file.saved_none"
    notes.append(messages.text(key, language, day=day))
    comma = messages.text("figure.comma", language)
    notes.append(messages.text("figure.sources", language, names=comma.join(known["sources"])))
    return [*notes, address] if address else notes
