"""The layer of chosen sites: the new sites of one scenario, written as one revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import shapely

from geosvc.errors import EditError, Issue
from geosvc.store import Create, Delete, Replace, Shape
from geosvc.store.frames import assemble, typed_column
from geosvc.workspace.checking import check_feature
from geosvc.workspace.scenarios import chosen_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geosvc.catalog.model import Layer
    from geosvc.store import Change, Edit, StoredLayer
    from geosvc.store.scenarios import Scenario
    from geosvc.workspace.editor import AfterCommit
    from geosvc.workspace.reader import Workspace

LAYER: Final = "chosen_sites"
"""The layer that is written."""

_TRIES: Final = 5


def write_chosen(
    workspace: Workspace,
    scenario: Scenario,
    document: Mapping[str, Any],
    *,
    change: Change,
    after_commit: AfterCommit | None = None,
) -> StoredLayer:
    """Make the new sites of a scenario the features of the layer, in place of those before.

    Parameters
    ----------
    workspace
        Has the layer.
    scenario
        Which one.
    document
        Its result.
    change
        Who, why.
    after_commit
        Called after a new revision.

    Returns
    -------
    stored
        The new revision; the old one where nothing differs.

    Raises
    ------
    UnknownLayerError
        If there is no such layer.
    EditError
        If the scenario has no plan, or a site does not fit the layer.
    ConflictError
        If somebody wrote the same sites at the same moment.
    """
    layer = workspace.catalog.layer(LAYER)
    if layer.source is None:
        raise EditError(LAYER, issues=[Issue("not_editable", LAYER)])
    if chosen_row(document) is None:
        raise EditError(LAYER, issues=[Issue("no_plan", LAYER, found=scenario.title)])
    wanted = {values["site_key"]: (values, at) for values, at in chosen_sites(scenario, document)}
    view = workspace.latest()
    checked = {
        key: check_feature(view, layer, values, shapely.Point(at))
        for key, (values, at) in wanted.items()
    }
    for _ in range(_TRIES):
        before = workspace.store.state(LAYER)
        base = before.number if before is not None else None
        there = set(workspace.store.frame(LAYER, number=base).index)
        edits: list[Edit] = [Delete(key) for key in sorted(there - set(checked))]
        for key, feature in checked.items():
            given = feature.values, feature.geometry
            edits.append(Replace(key, *given) if key in there else Create(*given))
        stored = workspace.store.edit(LAYER, edits, schema=layer.schema, change=change, base=base)
        if after_commit is not None and stored != before:
            after_commit(workspace.latest(), LAYER, change.author)
        # another plan may have been written between the look and the write
        if stored.count == len(checked):
            break
    return stored


def chosen_sites(
    scenario: Scenario, document: Mapping[str, Any]
) -> list[tuple[dict[str, Any], tuple[float, float]]]:
    """Return the values of each new site, and its longitude and latitude."""
    of_scenario = {"scenario": scenario.title, "scenario_no": scenario.id, "run": scenario.run}
    return [(values | of_scenario, at) for values, at in _sites(document)]


def chosen_frame(layer: Layer, document: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the new sites of an answer as features of the layer, which need not be kept.

    Parameters
    ----------
    layer
        Of chosen sites.
    document
        What `geosvc.workspace.siting.ask` returned.

    Returns
    -------
    frame
        By key, with all declared fields; those that tell of a scenario have no values.
    """
    found = sorted(_sites(document), key=lambda site: str(site[0]["site_key"]))
    columns = {
        field.name: typed_column([values.get(field.name) for values, _ in found], field.type)
        for field in layer.schema.fields
    }
    places = np.asarray(shapely.points([at for _, at in found] or np.empty((0, 2))), dtype=object)
    keys = [str(values["site_key"]) for values, _ in found]
    return cast("gpd.GeoDataFrame", assemble(keys, columns, places, Shape.of(layer.schema)))


def _sites(document: Mapping[str, Any]) -> list[tuple[dict[str, Any], tuple[float, float]]]:
    best = chosen_row(document)
    if best is None:
        return []
    loads = {load["site"]: load for load in best["loads"]}
    places = document["places"]["sites"]
    return [
        (
            {
                "site_key": (site := document["sites"][at])["key"],
                "site_name": site["name"],
                "street": site["street"],
                "bays": _whole(loads.get(at, site)["bays"]),
                "demand": loads[at]["weight"] if at in loads else 0.0,
                "utilisation": loads[at]["utilisation"] if at in loads else None,
                "proof": best["status"],
                "gap": best["gap"],
            },
            (places["lon"][at], places["lat"][at]),
        )
        for at in best["opened"]
    ]


def _whole(bays: float | None) -> int | None:
    return None if bays is None else int(bays)
