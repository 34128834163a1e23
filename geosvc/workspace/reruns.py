"""A derived layer once more with other parameters, beside the one that is published.

Nothing is stored: the result goes to who asked, as JSON of its features and of what the method
says beside them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from geosvc import derive
from geosvc.crs import CRS84
from geosvc.errors import MethodError
from geosvc.store import Shape, conform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geosvc.catalog.model import Layer
    from geosvc.workspace.reader import Workspace


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be other than in the layer file.

    ``parameters`` are those of the method that change. Features of inputs that say when they were
    are left out before ``first_day`` (ISO 8601); empty is no bound.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    first_day: str = ""


def rerun(
    workspace: Workspace,
    layer_id: str,
    changes: Changes,
    *,
    progress: Callable[[float, str], object] | None = None,
) -> pd.DataFrame:
    """Compute a derived layer with other parameters.

    Parameters
    ----------
    workspace
        Where the layer and its inputs are.
    layer_id
        The layer.
    changes
        What is to be other.
    progress
        Told the share that is done and the stage, where the method tells them.

    Returns
    -------
    frame
        As `geosvc.derive.run` returns it.

    Raises
    ------
    UnknownLayerError, LayerUnavailableError
        If the layer is not there, or an input has nothing to show.
    MethodError
        If the layer has no method, or a parameter does not fit it.
    AnalysisError
        If the data do not allow an answer.
    """
    layer = workspace.catalog.layer(layer_id)
    if layer.derivation is None:
        raise MethodError(layer_id)
    given = {**layer.derivation.parameters, **changes.parameters}
    asked = replace(layer, derivation=replace(layer.derivation, parameters=given))
    frames = {
        name: _within(workspace.frame(input_id), workspace.catalog.layer(input_id), changes)
        for name, input_id in layer.derivation.inputs.items()
    }
    return derive.run(asked, frames, progress=progress)


def to_features(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the features of a layer as GeoJSON, geometry None where there is none.

    >>> to_features(pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}))[1]
    {'type': 'Feature', 'geometry': None, 'properties': {'n': None}}
    >>> to_features(pd.DataFrame())
    []
    """
    names = [name for name in frame.columns if name != "geometry"]
    rows = frame[names].astype(object).where(frame[names].notna(), None).to_dict("records")
    shapes: list[Any] = [None] * len(frame)
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = [json.loads(text) for text in shapely.to_geojson(frame.geometry.to_numpy())]
    return [
        {"type": "Feature", "geometry": shape, "properties": row}
        for shape, row in zip(shapes, rows, strict=True)
    ]


def from_features(layer: Layer, features: list[dict[str, Any]]) -> pd.DataFrame:
    """Return what `to_features` was given, as a frame of a layer.

    Parameters
    ----------
    layer
        The layer whose features they are.
    features
        GeoJSON.

    Raises
    ------
    StoreError
        If they are no features of the layer as its file is now.
    """
    names = [item.name for item in layer.schema.fields]
    plain = pd.DataFrame([item["properties"] for item in features], columns=names, dtype=object)
    if layer.schema.geometry == "None":
        return conform(plain, Shape.of(layer.schema))
    texts = [json.dumps(item["geometry"]) for item in features]
    shapes = shapely.from_geojson(texts, on_invalid="ignore")
    placed = gpd.GeoDataFrame(plain, geometry=list(shapes), crs=CRS84)
    return conform(placed, Shape.of(layer.schema))


def _within(frame: pd.DataFrame, layer: Layer, changes: Changes) -> pd.DataFrame:
    """Leave out what was earlier; the record's own day counts, whatever the zone."""
    if layer.time is None or not changes.first_day:
        return frame
    days = frame[layer.time.start].tolist()
    return frame[[isinstance(day, str) and day[:10] >= changes.first_day for day in days]]
