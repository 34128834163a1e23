"""The tables ``[source]`` and ``[derivation]`` of a layer file."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import Coordinates, Derivation, Source
from geosvc.crs import parse_datum
from geosvc.errors import CrsError

if TYPE_CHECKING:
    from geosvc.catalog.toml_table import Table
    from geosvc.settings import Settings

_PLAIN_TABLES = {".csv", ".tsv"}


def read_source(top: Table, settings: Settings, geometry: str) -> Source | None:
    """Read ``[source]``: the received file of a layer and where it comes from.

    Parameters
    ----------
    top
        The layer file.
    settings
        Says which folders a source may lie in.
    geometry
        The geometry of the schema: a layer with one needs a datum, and a plain table of points
        the names of its coordinate columns.

    Returns
    -------
    source
        What could be read; None where the layer has no source.

    Examples
    --------
    >>> from geosvc.settings import Settings
    >>> from geosvc.catalog.toml_table import Table
    >>> top = Table({}, path="layers/a.toml", key="", issues=[])
    >>> read_source(top, Settings(), "Point") is None
    True
    """
    table = top.table("source")
    if table is None:
        return None
    table.only(LAYER_KEYS["source"])
    shown_path = table.string("path", required=True)
    return Source(
        path=_inside(table, shown_path, settings),
        shown_path=shown_path,
        datum=_datum(table, geometry),
        attribution=table.text("attribution", required=True),
        coordinates=_coordinates(table, geometry, PurePath(shown_path).suffix.lower()),
        within=table.identifier("within") or None,
        synthetic=table.boolean("synthetic"),
        licence=table.string("licence"),
        as_of=table.date("as_of") or None,
    )


def read_derivation(top: Table) -> Derivation | None:
    """Read ``[derivation]``: the method of a derived layer, its inputs and parameters.

    Examples
    --------
    >>> from geosvc.catalog.toml_table import Table
    >>> read_derivation(Table({}, path="layers/a.toml", key="", issues=[])) is None
    True
    """
    table = top.table("derivation")
    if table is None:
        return None
    table.only(LAYER_KEYS["derivation"])
    inputs = table.table("inputs", required=True)
    if inputs is not None and not inputs.values:
        table.fault("length", "inputs", found=0, expected="1")
    return Derivation(
        method=table.identifier("method", required=True),
        inputs={name: inputs.identifier(name) for name in inputs.values} if inputs else {},
        parameters=_parameters(table),
    )


def _inside(table: Table, shown_path: str, settings: Settings) -> Path:
    home = settings.layers.resolve().parent
    try:
        path = (home / shown_path).resolve()
    except (OSError, ValueError, RuntimeError):
        # a null character, or links that go in a circle
        table.fault("not_allowed", "path", found=shown_path, expected="path of a file")
        return home
    roots = (home, *(root.resolve() for root in settings.data_roots))
    if shown_path and not any(path.is_relative_to(root) for root in roots):
        table.fault("path_outside", "path", found=shown_path, expected="GEOSVC_DATA_ROOTS")
    return path


def _datum(table: Table, geometry: str) -> str:
    text = table.string("datum", required=geometry not in {"None", ""})
    if not text:
        return ""
    try:
        return parse_datum(text).name
    except CrsError as error:
        code, expected = "bad_datum", ""
        for issue in error.issues:
            code, expected = issue.code, issue.expected
        table.fault(code, "datum", found=text, expected=expected)
        return ""


def _coordinates(table: Table, geometry: str, suffix: str) -> Coordinates | None:
    if geometry == "Point" and suffix in _PLAIN_TABLES and "geometry" not in table:
        table.fault("missing_key", "geometry", expected="lon, lat")
    inner = table.table("geometry")
    if inner is None:
        return None
    inner.only(LAYER_KEYS["source.geometry"])
    if geometry not in {"Point", ""}:
        table.fault("wrong_geometry", "geometry", found=geometry, expected="Point")
    first = inner.one_of(("lon", "x"))
    second = inner.one_of(("lat", "y"))
    if not first or not second:
        return None
    if (first, second) not in {("lon", "lat"), ("x", "y")}:
        inner.fault("not_allowed", second, found=second, expected="lat" if first == "lon" else "y")
    return Coordinates(x=inner.string(first), y=inner.string(second))


def _parameters(table: Table) -> dict[str, Any]:
    inner = table.table("parameters")
    if inner is None:
        return {}
    for name, value in inner.values.items():
        if isinstance(value, list):
            inner.scalars(name)
        elif not isinstance(value, str | bool | int | float):
            inner.fault("wrong_type", name, found=value, expected="string, number, boolean or list")
    return dict(inner.values)
