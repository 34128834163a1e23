"""What the public profile shows: no personal field, positions to 4 decimals, reviewed boundaries.

A boundary layer is one whose schema has the field ``map_review_no``. The service refuses to start
in this profile while such a layer has a feature without that number; one that loses its number
later is no longer shown. Nor does it start with a base map in GCJ-02.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geosvc.catalog.catalog import shifted_bases
from geosvc.catalog.model import By, Popup
from geosvc.errors import Issue, LayerUnavailableError, SettingsError
from geosvc.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import pandas as pd

    from geosvc.catalog.model import Layer, Style
    from geosvc.workspace import LayerStatus

DIGITS = 4
"""Decimals of a degree, about 11 m."""
STEP = 10.0**-DIGITS
REVIEW_NUMBER = "map_review_no"
_STYLED = ("color", "shape", "casing", "width_px", "min_zoom")


class PublicView(Workspace):
    """One moment of a workspace, as the public may see it.

    Parameters
    ----------
    view
        The moment, see `Workspace.pinned`.
    """

    def __init__(self, view: Workspace) -> None:
        # a view shares the store of the workspace that it looks at
        vars(self).update(vars(view))
        self._view = view
        self._bare: dict[str, pd.DataFrame] = {}
        self.catalog = replace(
            view.catalog,
            layers={name: public_layer(layer) for name, layer in view.catalog.layers.items()},
        )
        unreviewed = {issue.found: issue for issue in missing_reviews(view)}
        statuses = {
            name: _public_status(status, unreviewed.get(name))
            for name, status in view.moment.statuses.items()
        }
        self.moment = replace(view.moment, statuses=statuses)

    def as_of(self, at: datetime) -> Workspace:
        """Return a view of an earlier instant, as the public may see it."""
        # what was stored is held against all fields
        return PublicView(self._view.as_of(at))

    def through(self, look: Callable[[Workspace], Workspace]) -> Workspace:
        """Return what a function makes of all that is there, as the public may see it."""
        return PublicView(look(self._view))

    def frame(self, layer_id: str) -> pd.DataFrame:
        """Return a layer's features without personal fields, positions rounded."""
        if layer_id not in self._bare:
            status = self.status(layer_id)
            if not status.is_served:
                raise LayerUnavailableError(layer_id, issues=status.issues)
            frame = self._view.frame(layer_id)
            self._bare[layer_id] = public_frame(self.catalog.layer(layer_id), frame)
        return self._bare[layer_id]


def as_readers_see(workspace: Workspace) -> Workspace:
    """Return one moment of a workspace, as readers see it who have not signed in.

    Parameters
    ----------
    workspace
        Or a view of one moment already; the profile is that of its settings.
    """
    view = workspace if workspace.is_pinned else workspace.pinned()
    return PublicView(view) if workspace.settings.profile == "public" else view


def check_public(workspace: Workspace) -> None:
    """Make sure that all that is shown may be shown to the public.

    Parameters
    ----------
    workspace
        What is to be served.

    Raises
    ------
    SettingsError
        If a boundary has no map review number, or a base map is in GCJ-02; ``issues`` name the
        layers and bases.
    """
    issues = [*missing_reviews(workspace), *shifted_bases(workspace.catalog, workspace.settings)]
    if issues:
        msg = "GEOSVC_PROFILE=public"
        raise SettingsError(msg, issues=issues)


def missing_reviews(workspace: Workspace) -> list[Issue]:
    """Return an issue for each layer with a boundary that has no map review number.

    ``found`` of an issue is the layer's id, ``expected`` the number of such features.
    """
    issues = []
    for layer_id, layer in workspace.catalog.layers.items():
        if layer.schema.field(REVIEW_NUMBER) is None or not workspace.status(layer_id).is_served:
            continue
        given = workspace.frame(layer_id)[REVIEW_NUMBER]
        bare = sum(
            not str(value or "").strip() for value in given.astype(object).where(given.notna(), "")
        )
        if bare:
            key = f"schema.{REVIEW_NUMBER}"
            issues.append(
                Issue("not_reviewed", layer.path, key, found=layer_id, expected=str(bare))
            )
    return issues


def public_layer(layer: Layer) -> Layer:
    """Return a layer without its personal fields, and without what its style says by them."""
    private = {field.name for field in layer.schema.fields if field.privacy}
    popup = layer.popup
    return replace(
        layer,
        schema=replace(
            layer.schema,
            fields=tuple(field for field in layer.schema.fields if field.name not in private),
        ),
        style=_public_style(layer.style, private),
        popup=Popup(
            title=None if popup.title in private else popup.title,
            subtitle=None if popup.subtitle in private else popup.subtitle,
            badges=tuple(name for name in popup.badges if name not in private),
            facts=tuple(name for name in popup.facts if name not in private),
        ),
        # other answers than those of the other profile, under other addresses
        fingerprint=f"{layer.fingerprint} public",
    )


def public_frame(layer: Layer, frame: pd.DataFrame) -> pd.DataFrame:
    """Return features with a layer's public fields only, positions rounded and still valid.

    Parameters
    ----------
    layer
        The layer as `public_layer` returns it.
    frame
        Its features; not changed.
    """
    names = [field.name for field in layer.schema.fields if field.name in frame.columns]
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame[names]
    shown = frame[[*names, frame.geometry.name]].copy()
    return shown.set_geometry(gpd.GeoSeries(rounded(frame.geometry.array), shown.index, frame.crs))


def rounded(shapes: Any) -> np.ndarray[Any, Any]:  # noqa: ANN401 - an array of geometries
    """Move shapes to the grid of 4 decimals.

    Parameters
    ----------
    shapes
        Geometries in degrees.

    Returns
    -------
    shapes
        Valid ones; what is smaller than the grid becomes one step of it.

    Examples
    --------
    >>> shapely.get_coordinates(rounded([shapely.Point(121.123456, 33.5)])).tolist()
    [[121.1235, 33.5]]
    >>> len(rounded([]))
    0
    """
    given = np.asarray(shapes, dtype=object)
    snapped = shapely.set_precision(given, STEP)
    lost = shapely.is_empty(snapped) & ~shapely.is_empty(given)
    if lost.any():
        snapped = snapped.copy()
        snapped[lost] = [_one_step(shape) for shape in given[lost]]
    # the grid's own numbers have more digits than 4 in binary: written out, they have 4
    return np.asarray(
        shapely.transform(snapped, lambda positions: np.round(positions, DIGITS)), dtype=object
    )


def _one_step(shape: shapely.Geometry) -> Any:  # noqa: ANN401 - a geometry
    x, y = np.round(shapely.get_coordinates(shape)[0], DIGITS)
    if shapely.get_dimensions(shape) == 1:
        return shapely.LineString([(x, y), (x + STEP, y)])
    return shapely.box(x, y, x + STEP, y + STEP)


def _public_style(style: Style, private: set[str]) -> Style:
    plain: dict[str, Any] = {
        name: _first(given)
        for name in _STYLED
        if isinstance(given := getattr(style, name), By) and given.field in private
    }
    if style.label in private:
        plain["label"] = None
    return replace(style, **plain)


def _first(given: By) -> Any:  # noqa: ANN401 - a value of any style key
    if given.default is not None:
        return given.default
    named = dict(asdict(given)["values"])
    return next(iter([*named.values(), *given.steps]), None)


def _public_status(status: LayerStatus, unreviewed: Issue | None) -> LayerStatus:
    # what is wrong with a row quotes the row
    issues = tuple(issue for issue in status.issues if issue.row is None)
    if unreviewed is None:
        return replace(status, issues=issues)
    return replace(status, state="unavailable", count=0, issues=(*issues, unreviewed))
