"""Derived layers: the name a layer file gives a method, and the function it stands for.

A method is a pure function in ``geosvc.analysis``. Its positional parameters are frames (the layer
file's ``inputs``), its keyword-only ones numbers, texts or lists of them (``parameters``). Frames
with geometry come and go in one metric CRS; here is where they are projected.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from geosvc.analysis.hotspots import street_hotspots
from geosvc.analysis.street_before_after import street_before_after
from geosvc.analysis.street_density import street_density
from geosvc.analysis.surveyed import surveyed_streets
from geosvc.crs import CRS84, datum_of, from_crs84, metric_crs, to_crs84
from geosvc.errors import Issue, MethodError, StoreError
from geosvc.ingest.geometry import check_kind
from geosvc.ingest.records import Faults
from geosvc.store import Shape, conform

if TYPE_CHECKING:
    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Derivation, Layer

Method = Callable[..., pd.DataFrame]

METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "street_before_after": street_before_after,
        "street_density": street_density,
        "street_hotspots": street_hotspots,
        "surveyed_streets": surveyed_streets,
    }
)
"""Every method that a layer file can name."""

_KINDS: Final[Mapping[str, tuple[type, ...]]] = MappingProxyType(
    {"float": (int, float), "int": (int,), "str": (str,), "bool": (bool,)}
)

PROGRESS: Final = "progress"
"""The parameter of a method that tells how far it is; no layer file gives it."""


def check(catalog: Catalog) -> list[Issue]:
    """Hold what layer files say of methods against the methods.

    Parameters
    ----------
    catalog
        All layer files.

    Returns
    -------
    issues
        Unknown methods; inputs and parameters that are unknown, missing or of a wrong type;
        lengths (``…_m``) that are not positive.
    """
    return [
        issue
        for layer in catalog.layers.values()
        if layer.derivation is not None
        for issue in _faults(layer, layer.derivation)
    ]


def run(
    layer: Layer,
    frames: Mapping[str, pd.DataFrame],
    *,
    progress: Callable[[float, str], object] | None = None,
) -> pd.DataFrame:
    """Compute a derived layer.

    Parameters
    ----------
    layer
        A layer with a derivation.
    frames
        By the method's parameter: its input, in OGC:CRS84 where it has a geometry. Frames are
        measured in the metric CRS of all of them together.
    progress
        Told by a method that has a parameter of this name which share is done, and the stage.

    Returns
    -------
    frame
        The declared fields of the layer by its key, in OGC:CRS84; ``attrs`` are those that the
        method left.

    Raises
    ------
    MethodError
        If the layer names a method, an input or a parameter that does not exist, or the result
        lacks what the layer declares.
    CrsError
        If no input has a place to measure in.
    """
    derivation = layer.derivation
    if derivation is None:
        msg = f"{layer.id}: no derivation"
        raise MethodError(msg)
    faults = list(_faults(layer, derivation))
    if faults:
        raise MethodError(layer.id, issues=faults)
    method, given = METHODS[derivation.method], _given(derivation)
    if progress is not None and PROGRESS in _all_parameters(method):
        given[PROGRESS] = progress
    result = method(**_projected(frames), **given)
    if isinstance(result, gpd.GeoDataFrame) and result.crs is not None:
        geometry = to_crs84(result.geometry.to_numpy(), datum_of(result.crs))
        result = _with_geometry(result, geometry, CRS84)
    try:
        frame = conform(result, Shape.of(layer.schema))
    except StoreError as error:
        msg = f"{layer.id}: {derivation.method}: {error}"
        raise MethodError(msg) from error
    _hold_geometry(layer, frame)
    frame.attrs = dict(result.attrs)
    return frame


def _hold_geometry(layer: Layer, frame: pd.DataFrame) -> None:
    if not isinstance(frame, gpd.GeoDataFrame):
        return
    declared, faults = layer.schema.geometry, Faults(layer.path)
    check_kind(frame.geometry.to_numpy(), declared, faults)
    for fault in faults.issues:
        key, found = "schema.geometry", fault.found
        issue = Issue(fault.code, layer.path, key, found=found, expected=declared)
        raise MethodError(layer.id, issues=[issue])


def _projected(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    placed = {name: gdf for name, gdf in frames.items() if isinstance(gdf, gpd.GeoDataFrame)}
    if not placed:
        return dict(frames)
    together = pd.concat([gdf.geometry for gdf in placed.values()], ignore_index=True)
    crs = metric_crs(gpd.GeoDataFrame(geometry=together, crs=CRS84))
    return dict(frames) | {
        name: _with_geometry(gdf, from_crs84(gdf.geometry.to_numpy(), datum_of(crs)), crs)
        for name, gdf in placed.items()
    }


def _with_geometry(gdf: gpd.GeoDataFrame, geometry: Any, crs: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - as geopandas takes them
    columns = pd.DataFrame(gdf.drop(columns=gdf.geometry.name))
    result = gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)
    result.attrs = dict(gdf.attrs)
    return result


def _given(derivation: Derivation) -> dict[str, Any]:
    return {
        name: float(value) if parameter.annotation == "float" else value
        for name, parameter in _parameters(METHODS[derivation.method]).items()
        if (value := derivation.parameters.get(name)) is not None
    }


def _inputs(method: Method) -> list[str]:
    given = inspect.signature(method).parameters.values()
    return [item.name for item in given if item.kind is not item.KEYWORD_ONLY]


def _parameters(method: Method) -> dict[str, inspect.Parameter]:
    return {name: item for name, item in _all_parameters(method).items() if name != PROGRESS}


def _all_parameters(method: Method) -> dict[str, inspect.Parameter]:
    given = inspect.signature(method).parameters
    return {name: item for name, item in given.items() if item.kind is item.KEYWORD_ONLY}


def _faults(layer: Layer, derivation: Derivation) -> Iterator[Issue]:
    method = METHODS.get(derivation.method)
    if method is None:
        expected = ", ".join(sorted(METHODS))
        key, found = "derivation.method", derivation.method
        yield Issue("unknown_method", layer.path, key, found=found, expected=expected)
        return
    inputs, parameters = _inputs(method), _parameters(method)
    needed = [name for name, item in parameters.items() if item.default is item.empty]
    yield from _names(layer, "inputs", derivation.inputs, (inputs, inputs))
    yield from _names(layer, "parameters", derivation.parameters, (list(parameters), needed))
    for name, value in derivation.parameters.items():
        if name in parameters and not _fits(value, str(parameters[name].annotation)):
            key, expected = f"derivation.parameters.{name}", str(parameters[name].annotation)
            yield Issue("wrong_type", layer.path, key, found=repr(value), expected=expected)
        elif name in parameters and name.endswith("_m") and not _is_long(value):
            key = f"derivation.parameters.{name}"
            yield Issue("not_positive", layer.path, key, found=repr(value))


def _names(
    layer: Layer, table: str, given: Mapping[str, object], names: tuple[list[str], list[str]]
) -> Iterator[Issue]:
    known, needed = names
    expected = ", ".join(known)
    for code, wrong in (
        ("unknown_key", [name for name in given if name not in known]),
        ("missing_key", [name for name in needed if name not in given]),
    ):
        for name in wrong:
            yield Issue(code, layer.path, f"derivation.{table}.{name}", None, name, expected)


def _is_long(value: Any) -> bool:  # noqa: ANN401 - a value of a TOML file
    lengths = value if isinstance(value, (list, tuple)) else (value,)
    return all(length > 0 for length in lengths)


def _fits(value: object, annotation: str) -> bool:
    """Say whether a value of a TOML file can be given for a parameter."""
    if annotation.startswith("Sequence["):
        inner = annotation.removeprefix("Sequence[").removesuffix("]")
        return isinstance(value, (list, tuple)) and all(_fits(item, inner) for item in value)
    if isinstance(value, bool):
        return annotation == "bool"
    return isinstance(value, _KINDS[annotation]) and not (
        isinstance(value, float) and not math.isfinite(value)
    )
