"""A layer's source, from the file to a clean frame and the list of what was refused."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geosvc.crs import CRS84
from geosvc.errors import GeosvcError, Issue, SourceError
from geosvc.ingest.datum import choose_datum, convert, keeps_raw
from geosvc.ingest.geometry import check_kind, check_valid, check_within, only_rows
from geosvc.ingest.masks import HIDDEN, mask_text, split_personal
from geosvc.ingest.records import Faults, Records, file_fault
from geosvc.ingest.tables import read_table
from geosvc.ingest.validate import Typed, check_rules, check_unique, type_columns
from geosvc.ingest.vectors import DATASETS, GEOJSON, read_dataset, read_geojson

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.catalog.model import FieldType, ForeignKey, Layer, Schema, Source
    from geosvc.crs import Datum, Geometries

__all__ = ["Clean", "mask_text", "read_source", "source_sha256"]

Frames: TypeAlias = Callable[[str], gpd.GeoDataFrame]

_TABLES = (".csv", ".tsv")
# files that belong to one of another ending
_COMPANIONS = {".shp": (".dbf", ".shx", ".prj", ".cpg"), ".gpkg": (".gpkg-wal",)}
_DTYPES: dict[FieldType, str] = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}


@dataclass(frozen=True, slots=True, eq=False)
class Clean:
    """What was taken in of a source, and what was not.

    ``frame`` has the primary key as its index (text) and the declared fields in the order of the
    schema: text, dates and times as str or None, lists as tuples of str or None, integers, numbers
    and booleans in pandas' nullable types. It is in CRS84, or a plain frame for a layer without
    geometry. ``extra`` has the undeclared columns of each row; ``raw`` the geometry as received
    (WKB, source datum) where that is not CRS84 already. ``personal`` (columns key, field, value)
    has what ``frame`` only shows masked.
    """

    frame: gpd.GeoDataFrame | pd.DataFrame
    extra: pd.Series | None
    raw: pd.Series | None
    source_datum: str
    personal: pd.DataFrame
    issues: tuple[Issue, ...]
    total_rows: int
    sha256: str


def read_source(layer: Layer, *, frames: Frames) -> Clean:
    """Read, check and clean the source of a layer.

    Parameters
    ----------
    layer
        A layer with a source.
    frames
        Gives the clean frame of another layer in CRS84, for ``within`` and foreign keys.

    Returns
    -------
    clean
        Rows with a fault are left out and listed in ``issues``.

    Raises
    ------
    SourceError
        If the file cannot be used as a whole: missing, unreadable, without a required column, in an
        unknown datum, all in the wrong geometry, or checked against a layer that is not there.
    """
    source = layer.source
    if source is None:
        raise file_fault(layer.path, "both_or_neither")
    # an unknown datum is told before a long file is read
    choose_datum(layer, None)
    digest = source_sha256(source, layer_path=layer.path)
    records = _read(layer, source)
    datum = choose_datum(layer, records.crs)
    _hold_columns(records, layer, source)
    faults = Faults(source.shown_path, list(records.faults))
    geometry = _place(records, layer, datum, faults=faults, frames=frames)
    typed = type_columns(records, layer.schema, faults)
    check_rules(typed, layer.schema, faults, references=_references(layer, typed, frames))
    check_unique(typed, layer.schema, faults)
    rows = _sound(records.count, faults)
    return _clean(_Checked(layer, source, records, typed, geometry), rows, faults, (datum, digest))


def source_sha256(source: Source, *, layer_path: str = "") -> str:
    """Hash a source file, together with the files that belong to it.

    Parameters
    ----------
    source
        The file; a Shapefile's companions and a GeoPackage's write-ahead log are hashed with it.
    layer_path
        The layer file that names it, where a missing file is to be mended.

    Returns
    -------
    digest
        64 hexadecimal digits, which move whenever what `read_source` reads moves.

    Raises
    ------
    SourceError
        If there is no such file, it is not a regular file, or it may not be read.
    """
    digest = hashlib.sha256()
    try:
        for path in (source.path, *_companions(source.path)):
            if not stat.S_ISREG(path.stat().st_mode):
                # a device or a pipe might never end
                raise file_fault(source.shown_path, "unreadable", found="no regular file")
            digest.update(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        key = "source.path" if layer_path else ""
        place = layer_path or source.shown_path
        raise file_fault(place, "missing_file", key=key, found=source.shown_path) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise file_fault(source.shown_path, "unreadable", found=reason) from error
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Checked:
    layer: Layer
    source: Source
    records: Records
    typed: Typed
    geometry: Geometries | None


def _companions(path: Path) -> list[Path]:
    endings = _COMPANIONS.get(path.suffix.lower(), ())
    tried = [path.with_suffix(one) for ending in endings for one in (ending, ending.upper())]
    # on a file system that ignores case both spellings are one file
    found = {one.resolve(): None for one in tried if one.exists()}
    return list(found)


def _read(layer: Layer, source: Source) -> Records:
    ending = source.path.suffix.lower()
    if ending in DATASETS:
        return read_dataset(layer, source)
    if ending not in (*_TABLES, *GEOJSON):
        expected = ", ".join((*_TABLES, *GEOJSON, *DATASETS))
        raise file_fault(
            layer.path, "not_allowed", key="source.path", found=ending, expected=expected
        )
    try:
        data = source.path.read_bytes()
    except OSError as error:
        raise file_fault(source.shown_path, "unreadable", found=error.strerror) from error
    if ending in _TABLES:
        return read_table(data, source)
    return read_geojson(data, source.shown_path)


def _hold_columns(records: Records, layer: Layer, source: Source) -> None:
    # a file of typed features without any has no columns either
    if records.count == 0 and not records.columns:
        return
    schema = layer.schema
    missing = [
        Issue("missing_column", source.shown_path, field.name)
        for field in schema.fields
        if (field.constraints.required or field.name == schema.primary_key)
        and field.name not in records.columns
    ]
    if missing:
        detail = f"missing_column: {missing[0].place}"
        raise SourceError(detail, issues=missing)
    if schema.geometry != "None" and records.geometry is None:
        raise file_fault(layer.path, "missing_key", key="source.geometry")


def _place(
    records: Records, layer: Layer, datum: Datum, *, faults: Faults, frames: Frames
) -> Geometries | None:
    kind = layer.schema.geometry
    if kind == "None":
        return None
    received = records.geometry
    if received is None:
        return np.array([], dtype=object)
    flat = check_kind(received, kind, faults, unread=records.unread)
    wrong = [issue for issue in faults.issues if issue.code == "wrong_geometry"]
    if wrong and len(wrong) == records.count:
        detail = f"wrong_geometry: {wrong[0].place}"
        raise SourceError(detail, issues=wrong)
    placed = convert(flat, datum, sound=_sound(records.count, faults))
    check_valid(placed, faults)
    within = layer.source.within if layer.source else None
    if within is not None:
        sound = only_rows(placed, _sound(records.count, faults))
        check_within(sound, _frame_of(frames, within, layer), faults, name=within)
    return placed


def _references(
    layer: Layer, typed: Typed, frames: Frames
) -> Callable[[ForeignKey], Iterable[object]]:
    def values(rule: ForeignKey) -> Iterable[object]:
        if rule.layer == layer.id:
            return typed[rule.reference]
        frame = _frame_of(frames, rule.layer, layer)
        if rule.reference not in frame.columns:
            found = f"{rule.layer}.{rule.reference}"
            raise file_fault(layer.path, "unknown_field", key="schema.rules", found=found)
        return [value for value in frame[rule.reference].tolist() if value is not pd.NA]

    return values


def _frame_of(frames: Frames, layer_id: str, layer: Layer) -> gpd.GeoDataFrame:
    try:
        return frames(layer_id)
    except GeosvcError as error:
        raise file_fault(layer.path, "layer_needed", found=layer_id) from error


def _sound(count: int, faults: Faults) -> list[int]:
    broken = faults.rows
    return [row for row in range(count) if row not in broken]


def _clean(checked: _Checked, rows: list[int], faults: Faults, origin: tuple[Datum, str]) -> Clean:
    schema, (datum, digest) = checked.layer.schema, origin
    picked = {name: [values[row] for row in rows] for name, values in checked.typed.items()}
    keys = [str(value) for value in picked[schema.primary_key]]
    shown, personal = split_personal(dict(picked), schema, keys)
    index = pd.Index(keys, dtype=object, name=schema.primary_key)
    frame: gpd.GeoDataFrame | pd.DataFrame = _frame(shown, schema, index)
    raw = None
    if checked.geometry is not None:
        geometry = only_rows(checked.geometry, rows, drop=True)
        frame = gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS84)
        if keeps_raw(datum) and checked.records.geometry is not None:
            received = only_rows(checked.records.geometry, rows, drop=True)
            raw = pd.Series(shapely.to_wkb(received), index=index, dtype=object, name="raw")
    return Clean(
        frame=frame,
        extra=_extra(checked, rows, index),
        raw=raw,
        source_datum=datum.name,
        personal=personal,
        issues=tuple(sorted(_unquoted(faults, schema), key=lambda issue: issue.row or 0)),
        total_rows=checked.records.count,
        sha256=digest,
    )


def _unquoted(faults: Faults, schema: Schema) -> Iterator[Issue]:
    # whoever judges a coordinate does not know that its column is personal
    private = {field.name for field in schema.fields if field.privacy is not None}
    for issue in faults.issues:
        is_quoted = issue.found and issue.key in private
        yield replace(issue, found=HIDDEN) if is_quoted else issue


def _frame(
    columns: Mapping[str, Sequence[object]], schema: Schema, index: pd.Index[str]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            field.name: pd.Series(
                _objects(columns[field.name]), index=index, dtype=_DTYPES.get(field.type, "object")
            )
            for field in schema.fields
        },
        index=index,
    )


def _objects(values: Sequence[object]) -> Geometries:
    # numpy would make one array of tuples of one length two-dimensional
    return np.fromiter(values, dtype=object, count=len(values))


def _extra(checked: _Checked, rows: list[int], index: pd.Index[str]) -> pd.Series | None:
    named = checked.source.coordinates
    known = {field.name for field in checked.layer.schema.fields}
    known |= {named.x, named.y} if named else set()
    others = {name: values for name, values in checked.records.columns.items() if name not in known}
    if not others:
        return None
    dicts = [{name: values[row] for name, values in others.items()} for row in rows]
    return pd.Series(_objects(dicts), index=index, dtype=object, name="extra")
