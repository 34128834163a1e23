"""The map of a siting: where the new sites of an answer are, drawn whether or not they are kept."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import Issue
from geosvc.map_state import MapState
from geosvc.reports import agreement
from geosvc.reports.figures import text_wide
from geosvc.reports.publish import json_part, make
from geosvc.workspace.chosen import LAYER, chosen_frame
from geosvc.workspace.overlaid import OverlaidView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language
    from geosvc.reports.publish import Made, Words
    from geosvc.workspace import Workspace

MAP: Final = "siting"
"""The map that shows candidates and chosen sites."""


def siting_map(
    workspace: Workspace, document: Mapping[str, Any], words: Words, language: Language
) -> Made | None:
    """Make the map of an answer of siting.

    Parameters
    ----------
    workspace
        A view of one moment.
    document
        What `geosvc.workspace.siting.ask` returned.
    words
        What a person writes.
    language
        Of the map.

    Returns
    -------
    made
        As of any map; None where the catalog has no map with a layer of chosen sites.

    Raises
    ------
    PublishError
        If the map does not draw every new site.
    """
    found, layer = workspace.catalog.maps.get(MAP), workspace.catalog.layers.get(LAYER)
    if found is None or layer is None or LAYER not in found.layers:
        return None
    sites = chosen_frame(layer, document)
    if sites.empty:
        return None
    digest = hashlib.sha256(json_part(document["places"]).content).hexdigest()
    view = OverlaidView(workspace, {LAYER: sites}, f"{digest} {list(sites.index)}")
    made = make(view, text_wide(MapState(MAP, language=language)), words)
    drawn = made.facts["counts"].get(LAYER, {}).get("count", 0)
    if drawn != len(sites):
        agreement.refuse([Issue("not_agreed", LAYER, found=f"{drawn} / {len(sites)}")])
    return made
