"""Vector files: GeoJSON read here, GeoPackage, Shapefile, FlatGeobuf and OSM PBF through GDAL.

A file is opened by the driver of its ending, and only if its first bytes are of that format: GDAL
looks into a file to choose a driver, and some drivers follow references to other files.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCrsError

from geosvc.errors import SourceError
from geosvc.ingest.geometry import GEOMETRY
from geosvc.ingest.records import Faults, Records, file_fault, shorten

if TYPE_CHECKING:
    from geosvc.catalog.model import GeometryType, Layer, Source

_SIGNATURES = {
    ".gpkg": (0, b"SQLite format 3\0"),
    ".shp": (0, b"\x00\x00\x27\x0a"),
    ".fgb": (0, b"fgb\x03"),
    ".pbf": (4, b"\x0a\x09OSMHeader"),
}
_HEAD = 100  # bytes; the header of a Shapefile
GEOJSON = (".geojson", ".json")
"""Endings that `read_geojson` takes."""
DATASETS = tuple(_SIGNATURES)
"""Endings that `read_dataset` takes."""

_OSM_LAYERS: dict[GeometryType, str] = {
    "Point": "points",
    "LineString": "lines",
    "Polygon": "multipolygons",
    "None": "other_relations",
}


def read_geojson(data: bytes, path: str) -> Records:
    """Read a GeoJSON file; lists in properties stay lists.

    Parameters
    ----------
    data
        The file's bytes, in UTF-8.
    path
        The file, as its layer file names it.

    Returns
    -------
    records
        A feature that is none, or whose geometry cannot be read, is a fault of its row. A ``crs``
        member is not looked at: the layer file's datum rules.

    Raises
    ------
    SourceError
        If the bytes are no GeoJSON feature collection.

    Examples
    --------
    >>> read_geojson(b'{"type": "FeatureCollection", "features": []}', "a.geojson").count
    0
    """
    features = _features(data, path)
    faults = Faults(path)
    rows = [_properties(feature, row, faults) for row, feature in enumerate(features)]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    given = [feature.get("geometry") if isinstance(feature, dict) else None for feature in features]
    texts = np.fromiter(
        (None if one is None else orjson.dumps(one).decode() for one in given),
        dtype=object,
        count=len(given),
    )
    with np.errstate(invalid="ignore"):
        geometry = np.asarray(shapely.from_geojson(texts, on_invalid="ignore"), dtype=object)
    for row in np.flatnonzero(shapely.is_missing(geometry)).tolist():
        if given[row] is not None:
            faults.add("invalid_geometry", row, key=GEOMETRY, found=_kind(given[row]))
    return Records(len(rows), columns, geometry, faults=tuple(faults.issues))


def read_dataset(layer: Layer, source: Source) -> Records:
    """Read a GeoPackage, Shapefile, FlatGeobuf or OSM PBF file.

    Parameters
    ----------
    layer
        Its geometry type chooses among the layers of an OSM file, its id among several others.
    source
        The file.

    Returns
    -------
    records
        With the CRS that the file declares.

    Raises
    ------
    SourceError
        If the file is not of its ending's format, is damaged, or has several layers and none of
        them is called as this one.
    """
    _hold_signature(source)
    with warnings.catch_warnings():
        # a driver that warns has left something out, and a half-read layer is worse than none
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*successfully parsed")
        try:
            return _read(layer, source)
        except SourceError:
            raise
        except Exception as error:
            # the machine's path is nobody's business
            reason = str(error).replace(str(source.path), source.shown_path)
            raise file_fault(source.shown_path, "unreadable", found=reason) from error


def _features(data: bytes, path: str) -> list[Any]:
    try:
        content = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise file_fault(path, "unreadable", found=f"JSON, {error}") from error
    kind = content.get("type") if isinstance(content, dict) else None
    if kind == "Feature":
        return [content]
    features = content.get("features") if kind == "FeatureCollection" else None
    if not isinstance(features, list):
        raise file_fault(path, "unreadable", found="GeoJSON, FeatureCollection")
    return features


def _properties(feature: object, row: int, faults: Faults) -> dict[str, object]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        faults.add("wrong_type", row, found=_kind(feature), expected="Feature")
        return {}
    properties = feature.get("properties")
    if isinstance(properties, dict):
        return properties
    if properties is not None:
        faults.add("wrong_type", row, key="properties", expected="object")
    return {}


def _kind(value: object) -> str:
    return shorten(value.get("type") if isinstance(value, dict) else value)


def _hold_signature(source: Source) -> None:
    start, signature = _SIGNATURES[source.path.suffix.lower()]
    with source.path.open("rb") as file:
        head = file.read(_HEAD)
    sound = head[start : start + len(signature)] == signature
    if sound and source.path.suffix.lower() == ".shp":
        # the header counts 16-bit words; GDAL reads a shorter file without a word
        sound = 2 * int.from_bytes(head[24:28], "big") <= source.path.stat().st_size
    if not sound:
        raise file_fault(source.shown_path, "unreadable", found=source.path.suffix)


def _read(layer: Layer, source: Source) -> Records:
    name = _layer_name(layer, source)
    table = layer.schema.geometry == "None"
    meta, _, wkb, values = pyogrio.raw.read(
        source.path, layer=name, read_geometry=not table, datetime_as_string=True
    )
    columns = {
        str(column): [_plain(value) for value in array.tolist()]
        for column, array in zip(meta["fields"], values, strict=True)
    }
    crs = _crs(meta["crs"])
    count = len(values[0]) if wkb is None else len(wkb)
    # a torn FlatGeobuf file ends without a word; -1 says that the format does not count
    if pyogrio.read_info(source.path, layer=name)["features"] not in {-1, count}:
        raise file_fault(source.shown_path, "unreadable", found=f"{count} features")
    if wkb is None:
        return Records(count, columns, crs=crs)
    faults = Faults(source.shown_path)
    with np.errstate(invalid="ignore"):
        geometry = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    for row in np.flatnonzero(shapely.is_missing(geometry)).tolist():
        if wkb[row] is not None:
            faults.add("invalid_geometry", row, key=GEOMETRY, found="WKB")
    return Records(count, columns, geometry, crs, tuple(faults.issues))


def _layer_name(layer: Layer, source: Source) -> str:
    names = [str(name) for name, _ in pyogrio.list_layers(source.path)]
    if source.path.suffix.lower() == ".pbf":
        return _OSM_LAYERS[layer.schema.geometry]
    if len(names) == 1:
        return names[0]
    if not names:
        raise file_fault(source.shown_path, "unreadable", found="no layer")
    if layer.id not in names:
        found = ", ".join(names)
        raise file_fault(source.shown_path, "which_layer", found=found, expected=layer.id)
    return layer.id


def _plain(value: object) -> object:
    # a float column without a value has NaN there
    if isinstance(value, float) and np.isnan(value):
        return None
    return list(value) if isinstance(value, np.ndarray) else value


def _crs(text: str | None) -> CRS | None:
    try:
        return CRS.from_user_input(text) if text else None
    except ProjCrsError:
        return None
