"""A part of a layer as a file: what passes the filters of an address and lies in its view.

``/layers/<layer>.<ending>?f.<layer>.<field>=…&bbox=west,south,east,north&titles=1``. Without
parameters a file is the whole layer in field names and codes, for programs; ``titles=1`` makes a
table for people, which a workbook always is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from geosvc import messages
from geosvc.map_state import Filter, MapState, filtered
from geosvc.map_state.boxes import parse_box, within
from geosvc.map_state.faults import refuse
from geosvc.map_state.filters import PREFIX, parse_filter
from geosvc.web.people_tables import Facts
from geosvc.words.filters import filter_text
from geosvc.workspace.trust import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geosvc.catalog.model import Language, Layer
    from geosvc.map_state.boxes import Box
    from geosvc.workspace import Workspace

NAMES = ("bbox", "titles", "lang")
"""The parameters beside the filters."""
FOR_PEOPLE = ("csv", "xlsx")
"""The endings of tables that can carry titles and words."""


@dataclass(frozen=True, slots=True)
class Export:
    """What an address asks of a layer's file; ``has_titles`` is for people."""

    layer_id: str
    language: Language = "zh"
    filters: tuple[Filter, ...] = ()
    box: Box | None = None
    has_titles: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole layer for programs.

        >>> Export("stops").is_whole, Export("stops", has_titles=True).is_whole
        (True, False)
        """
        return not (self.filters or self.box or self.has_titles)

    @property
    def name(self) -> str:
        """What tells it from the other parts of its layer.

        >>> Export("stops", box=(1, 2, 3, 4), filters=(Filter("stops", "kind", ("bay",)),)).name
        'f.stops.kind=bay&bbox=1,2,3,4&titles=0&zh'
        """
        filters = "".join(f"{item.name}={item.value}&" for item in self.filters)
        box = ",".join(map(str, self.box or ()))
        return f"{filters}bbox={box}&titles={self.has_titles:d}&{self.language}"


def read_export(layer: Layer, ending: str, pairs: Iterable[tuple[str, str]]) -> Export:
    """Read the parameters of a file.

    Parameters
    ----------
    layer
        The layer.
    ending
        The ending of the file.
    pairs
        Decoded parameters.

    Returns
    -------
    export
        What is asked for.

    Raises
    ------
    StateError
        If a parameter is unknown, comes twice or makes no sense; the issue names it.
    """
    given: dict[str, str] = {}
    filters = set()
    for name, text in pairs:
        if name.startswith(f"{PREFIX}{layer.id}."):
            filters.add(parse_filter(layer, name.removeprefix(f"{PREFIX}{layer.id}."), text))
        elif name not in NAMES:
            refuse("unknown_key", name, name, ", ".join((*NAMES, f"f.{layer.id}.…")))
        elif name in given:
            refuse("not_unique", name, text)
        else:
            given[name] = text
    return Export(
        layer.id,
        "en" if given.get("lang") == "en" else "zh",
        tuple(sorted(filters)),
        _box(layer, given),
        has_titles=ending == "xlsx" or (ending in FOR_PEOPLE and given.get("titles") == "1"),
    )


def exported(workspace: Workspace, export: Export) -> Any:  # noqa: ANN401 - a frame of either kind
    """Return the features that a file holds.

    Parameters
    ----------
    workspace
        The workspace; its frames are masked.
    export
        What is asked for.

    Returns
    -------
    frame
        As `Workspace.frame` gives it, with as many rows as the browser counts.
    """
    frame = filtered(workspace, MapState("", filters=export.filters), export.layer_id)
    if export.box is None:
        return frame
    return frame[within(np.asarray(frame.geometry.array, dtype=object), export.box)]


def facts_of(workspace: Workspace, export: Export, count: int) -> Facts:
    """Return what a workbook says of itself: layer, conditions, count, source, day, revision.

    Parameters
    ----------
    workspace
        The workspace.
    export
        What was asked for.
    count
        How many features the file holds.

    Returns
    -------
    facts
        In the reader's language.
    """
    tongue = export.language
    layer, status = workspace.catalog.layer(export.layer_id), workspace.status(export.layer_id)
    said = "；" if tongue == "zh" else "; "
    rows = {
        "layer": layer.title.of(tongue),
        "count": f"{count} / {status.count or 0}",
        "filters": said.join(
            filter_text(item, field, tongue)
            for item in export.filters
            if (field := layer.schema.field(item.field)) is not None
        ),
        "box": ", ".join(f"{value:.5f}" for value in export.box or ()),
        "source": source_of(workspace, layer.id).of(tongue),
        "as_of": status.as_of or "",
        "revision": f"r{status.revision}" if status.revision else "",
        "synthetic": messages.text("value.yes" if status.synthetic else "value.no", tongue),
    }
    titled = ((messages.text(f"exports.{name}", tongue), text) for name, text in rows.items())
    return Facts(
        layer.title.of(tongue),
        datetime.fromisoformat(status.at) if status.at else None,
        messages.text("exports.about", tongue),
        tuple((title, text) for title, text in titled if text),
    )


def filename(workspace: Workspace, export: Export, ending: str) -> str:
    """Return the name of a part's file: the title of the layer and the day of its revision."""
    title = workspace.catalog.layer(export.layer_id).title.of(export.language)
    plain = "".join("_" if sign in '\\/:*?"<>|' or sign < " " else sign for sign in title)
    day = (workspace.status(export.layer_id).at or "")[:10]
    return f"{plain}-{day}.{ending}" if day else f"{plain}.{ending}"


def _box(layer: Layer, given: dict[str, str]) -> Box | None:
    if "bbox" not in given:
        return None
    if layer.schema.geometry == "None":
        refuse("unknown_key", "bbox", given["bbox"])
    return parse_box(given["bbox"])
