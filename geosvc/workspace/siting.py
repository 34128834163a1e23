"""Questions about sites asked of the layers as they are: for jobs, pages and the command line.

Wishes are plain JSON: the settings of `geosvc.analysis.siting.problem.SitingProblem.of`, which
names layers by id; ``areas``, rings of [longitude, latitude] in which no new site may stand; and
``depots``, see `geosvc.workspace.depots`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geosvc.analysis.siting.answer import solve_problem
from geosvc.analysis.siting.asked import Asked, refused
from geosvc.analysis.siting.demand import DemandKind
from geosvc.analysis.siting.document import as_json, why_not_json
from geosvc.analysis.siting.explain import why_not
from geosvc.analysis.siting.goal import Goal
from geosvc.analysis.siting.problem import SitingProblem
from geosvc.analysis.siting.rules import EXAMPLE_ZONES, Rule
from geosvc.analysis.siting.solving import Ask, solve
from geosvc.crs import CRS84, datum_of, from_crs84, metric_crs, to_crs84
from geosvc.workspace.depots import read_depots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from pyproj import CRS

    from geosvc.analysis.siting.course import Told
    from geosvc.analysis.siting.curve import Row
    from geosvc.catalog.catalog import Catalog
    from geosvc.workspace.reader import Workspace

DRAWN: Final = "drawn"
"""The rule that keeps new sites out of the areas that a person drew."""
STREETS: Final = "roads"
"""The layer of streets, unless the wishes name another."""

_MOST_AREAS: Final = 50
_MOST_CORNERS: Final = 500
_LEAST_CORNERS: Final = 3


def read_wishes(workspace: Workspace, wishes: object) -> dict[str, Any]:
    """Check wishes before a job is made of them, and write them in full.

    Parameters
    ----------
    workspace
        Its layers are those that can be named.
    wishes
        What a form or a file says.

    Returns
    -------
    wishes
        Plain JSON with ``rules`` and ``areas``; equal wishes are equal.

    Raises
    ------
    AnalysisError
        "siting_setting" with the setting at fault. Whether the fields of layers are there and hold
        what they should is told by `ask`.
    """
    asked = Asked(wishes)
    areas = _areas(asked)
    if not isinstance(wishes, dict):
        raise refused(wishes, at="")
    full = {key: value for key, value in wishes.items() if value is not None} | {"areas": areas}
    if "rules" not in full:
        has_zones = EXAMPLE_ZONES.layer in workspace.catalog.layers
        full["rules"] = [_plain(EXAMPLE_ZONES)] if has_zones else []
    _hold(Asked(full))
    for name, layer_id in _named(full):
        if layer_id not in workspace.catalog.layers:
            raise refused(layer_id, at=name)
    read_depots(workspace, full)
    return full


def layers_of(wishes: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the layers that wishes name, sorted.

    >>> layers_of({"demand": [{"layer": "shops"}], "candidates": {"layer": "parcels"}})
    ('parcels', 'roads', 'shops')
    >>> layers_of({})
    ('roads',)
    """
    return tuple(sorted({layer_id for _, layer_id in _named(wishes)}))


def revisions(workspace: Workspace, wishes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the state of each layer that wishes name: ``revision`` and ``digest``.

    A result is stale where this is no longer what it was.
    """
    stored = workspace.moment.stored
    return {
        layer_id: {"revision": stored[layer_id].number, "digest": stored[layer_id].digest}
        if layer_id in stored
        else {"revision": None, "digest": ""}
        for layer_id in layers_of(wishes)
    }


def problem_of(workspace: Workspace, wishes: Mapping[str, Any]) -> SitingProblem:
    """Make the problem that wishes mean, in the metric CRS of its streets.

    Raises
    ------
    LayerUnavailableError
        If a layer has nothing to show.
    AnalysisError
        If the wishes do not fit the layers.
    """
    crs = _crs(workspace, wishes)
    given = {layer_id: workspace.frame(layer_id) for layer_id in layers_of(wishes)}
    frames = {
        name: _metric(gdf, crs) for name, gdf in given.items() if isinstance(gdf, gpd.GeoDataFrame)
    }
    settings = {key: value for key, value in wishes.items() if key not in {"areas", "depots"}}
    for fleet in read_depots(workspace, wishes):
        frames[fleet.layer] = _metric(fleet.frame, crs)
        settings["demand"] = [*settings.get("demand", ()), fleet.demand]
    if wishes.get("areas"):
        rings = [shapely.Polygon(ring) for ring in wishes["areas"]]
        names = [str(number) for number, _ in enumerate(rings, 1)]
        drawn = gpd.GeoDataFrame({"name": names}, geometry=rings, crs=CRS84)
        rule = {"name": DRAWN, "layer": f":{DRAWN}", "name_field": "name"}
        frames[rule["layer"]] = _metric(drawn, crs)
        settings["rules"] = [*wishes["rules"], rule]
    return SitingProblem.of(frames, settings)


def ask(
    workspace: Workspace, wishes: Mapping[str, Any], progress: Told | None = None
) -> dict[str, Any]:
    """Answer a question.

    Parameters
    ----------
    workspace
        The layers as they are.
    wishes
        As `read_wishes` returns them.
    progress
        Hears share, stage, value and bound; True stops, and the best so far is the answer.

    Returns
    -------
    document
        JSON: `geosvc.analysis.siting.document.SitingDocument`; and ``wishes``; ``inputs``, see
        `revisions`; ``cost_unit``, see `cost_unit`; ``places``, with ``sites`` (``lon``, ``lat`` of
        a point in each) and ``demand`` (``lon``, ``lat``, ``weight``, ``label``, and ``group``, the
        place in ``demand.groups``); ``served``, for each row of ``curve`` and of ``plans`` the site
        that serves most of each demand point, None without one.

    Raises
    ------
    LayerUnavailableError
        If a layer has nothing to show.
    AnalysisError
        If the wishes do not fit the layers.
    """
    problem = problem_of(workspace, wishes)
    found = solve_problem(problem, told=progress)
    return {
        **as_json(found),
        "wishes": dict(wishes),
        "inputs": revisions(workspace, wishes),
        "cost_unit": cost_unit(workspace.catalog, wishes.get("candidates") or {}),
        "places": _places(problem, _crs(workspace, wishes)),
        "served": {
            "curve": [_served(problem, row) for row in found.curve],
            "plans": [_served(problem, row) for row in found.plans],
        },
    }


def cost_unit(catalog: Catalog, candidates: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the unit of costs by language, as the layer of parcels says it; None without one.

    Parameters
    ----------
    catalog
        What the layer files say.
    candidates
        ``layer`` and ``cost``, the field with the costs.

    Examples
    --------
    >>> from geosvc.catalog.catalog import read_catalog
    >>> from geosvc.settings import Settings
    >>> catalog = read_catalog(Settings())
    >>> cost_unit(catalog, {"layer": "candidate_parcels", "cost": "cost_wan"})
    {'zh': '万元', 'en': '10,000 yuan'}
    >>> cost_unit(catalog, {})
    """
    layer = catalog.layers.get(candidates.get("layer", ""))
    fields = () if layer is None else layer.schema.fields
    unit = next((item.unit for item in fields if item.name == candidates.get("cost")), None)
    return None if unit is None else {"zh": unit.of("zh"), "en": unit.of("en")}


def why_not_here(
    workspace: Workspace,
    wishes: Mapping[str, Any],
    place: str | Sequence[float],
    sites: Sequence[str],
) -> dict[str, Any]:
    """Say why a plan has no site at a place.

    Parameters
    ----------
    workspace
        The layers as they are.
    wishes
        As `read_wishes` returns them.
    place
        The key of a site, or [longitude, latitude].
    sites
        The keys of the sites of the plan.

    Returns
    -------
    document
        JSON: `geosvc.analysis.siting.document.WhyNotDocument`.

    Raises
    ------
    LayerUnavailableError
        If a layer has nothing to show.
    AnalysisError
        If there is no such site.
    """
    problem = problem_of(workspace, wishes)
    opened = sorted(problem.sites.index(key) for key in sites)
    others = np.setdiff1d(np.arange(len(problem.sites)), opened).tolist()
    added = max(0, len(opened) - len(problem.standing))
    plan = solve(problem, Ask(added=added, forced=opened, forbidden=others))
    where = place if isinstance(place, str) else _metric_point(place, _crs(workspace, wishes))
    return dict(why_not_json(why_not(problem, where, plan)))


def _areas(asked: Asked) -> list[list[list[float]]]:
    rings = asked.values("areas")
    if len(rings) > _MOST_AREAS:
        raise refused(len(rings), at="areas")
    return [_ring(ring, f"areas[{number}]") for number, ring in enumerate(rings)]


def _ring(ring: object, name: str) -> list[list[float]]:
    corners = Asked({"ring": ring}, name).values("ring")
    if not _LEAST_CORNERS <= len(corners) <= _MOST_CORNERS:
        raise refused(len(corners), at=name)
    found = [list(Asked({"at": at}, name).numbers("at", least=-180.0)) for at in corners]
    if any(len(at) != 2 or abs(at[0]) > 180 or abs(at[1]) > 90 for at in found):  # noqa: PLR2004 - degrees
        raise refused(corners, at=name)
    area = shapely.Polygon(found)
    if not area.is_valid or area.area == 0:
        raise refused(corners, at=name)
    return found


def _hold(asked: Asked) -> None:
    """Read all that can be read without a layer."""
    for name in ("areas", "depots"):
        asked.plain(name)
    for kind in asked.tables("demand"):
        DemandKind.of(kind)
    for rule in asked.tables("rules"):
        Rule.of(rule)
    for name in ("streets", "candidates", "existing"):
        asked.table(name)
    for name in ("keep", "exclude"):
        asked.texts(name)
    asked.text("as_of")
    asked.number("snap_limit_m", 0.0)
    Goal.of(asked)
    asked.done()


def _named(wishes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each layer that is named, after the setting that names it."""
    given = [("streets.layer", (wishes.get("streets") or {}).get("layer", STREETS))]
    for name in ("candidates", "existing", "depots"):
        given += [(f"{name}.layer", (wishes.get(name) or {}).get("layer", ""))]
    for name in ("demand", "rules"):
        for number, item in enumerate(wishes.get(name) or ()):
            given.append((f"{name}[{number}].layer", item.get("layer", "")))
    return [(name, layer_id) for name, layer_id in given if layer_id]


def _plain(rule: Rule) -> dict[str, Any]:
    """Return a rule without what it says by saying nothing."""
    nothing = asdict(Rule(name=""))
    return {name: value for name, value in asdict(rule).items() if value != nothing[name]}


def _crs(workspace: Workspace, wishes: Mapping[str, Any]) -> CRS:
    layer_id = (wishes.get("streets") or {}).get("layer", STREETS)
    gdf = workspace.frame(layer_id)
    if not isinstance(gdf, gpd.GeoDataFrame) or gdf.empty:
        raise refused(layer_id, at="streets.layer")
    return metric_crs(gdf)


def _metric(gdf: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    columns: pd.DataFrame = gdf.drop(columns=gdf.geometry.name)
    geometry = from_crs84(gdf.geometry.to_numpy(), datum_of(crs))
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


def _metric_point(at: Sequence[float], crs: CRS) -> tuple[float, float]:
    point = from_crs84(np.array([shapely.Point(at)]), datum_of(crs))[0]
    return float(point.x), float(point.y)


def _places(problem: SitingProblem, crs: CRS) -> dict[str, Any]:
    sites, demand = problem.sites, problem.demand
    inside = shapely.point_on_surface(sites.geometry)
    return {
        "sites": _degrees(inside, crs),
        "demand": _degrees(shapely.points(demand.xy), crs)
        | {
            "weight": demand.weights.tolist(),
            "label": list(demand.labels),
            "group": demand.group.tolist(),
        },
    }


def _served(problem: SitingProblem, row: Row) -> list[int | None]:
    most: list[int | None] = [None] * len(problem.demand)
    for at in np.argsort(row.served.amount, kind="stable").tolist():
        most[int(row.served.demand[at])] = int(row.served.site[at])
    return most


def _degrees(points: Any, crs: CRS) -> dict[str, Any]:  # noqa: ANN401 - as shapely takes them
    """Return positions to a decimeter or so, None where there is none."""
    at = to_crs84(np.asarray(points, dtype=object), datum_of(crs))
    lon, lat = np.round(shapely.get_x(at), 6), np.round(shapely.get_y(at), 6)
    known = np.isfinite(lon) & np.isfinite(lat)
    return {
        name: [
            float(value) if is_known else None
            for value, is_known in zip(values, known, strict=True)
        ]
        for name, values in (("lon", lon), ("lat", lat))
    }
