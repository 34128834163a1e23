"""Layers that people have edited, when their layer file moves on.

Their features are the truth, so they are not imported again: they are held against the layer file
as a source would be, and brought to its fields. Where they cannot be, they stay as they are, are
shown with the reasons, and are not edited until the file is mended or the data file replaces them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from geosvc.errors import Issue, LayerUnavailableError
from geosvc.ingest.geometry import check_within
from geosvc.ingest.masks import HIDDEN, mask_text, split_personal
from geosvc.ingest.records import Faults, Records
from geosvc.ingest.validate import check_rules, check_unique, type_columns
from geosvc.store import ERASED, Shape
from geosvc.store.concealing import is_mask
from geosvc.store.frames import assemble, joined_column, typed_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from geosvc.catalog.model import ForeignKey, Layer, Schema
    from geosvc.ingest.validate import Typed
    from geosvc.store import StoredLayer
    from geosvc.store.frames import Column
    from geosvc.workspace.reader import Workspace

Cells: TypeAlias = set[tuple[str, str]]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """An edited layer's features as its layer file wants them.

    ``issues`` name the feature, as ``layer/key``, and the field. ``features`` (a frame, and the
    true values of personal fields) are what `geosvc.store.Store.reshape` takes; None where they
    cannot be brought to the fields.
    """

    issues: tuple[Issue, ...]
    features: tuple[pd.DataFrame, pd.DataFrame] | None


def judge(workspace: Workspace, layer: Layer, stored: StoredLayer) -> Judged:
    """Hold the stored features of a layer against its layer file.

    Parameters
    ----------
    workspace
        Gives the features, and the layers that they are checked against.
    layer
        The layer; its file may have other fields than what is stored.
    stored
        What is stored of it.
    """
    if not is_alike(stored.shape, layer.schema):
        return Judged((does_not_fit(layer),), None)
    schema, frame = layer.schema, workspace.store.frame(layer.id, number=stored.number)
    columns = {
        field.name: _loose(frame[field.name]) for field in schema.fields if field.name in frame
    }
    keys = [str(key) for key in frame.index]
    fresh = _personal(schema) - columns.keys()
    given = workspace.store.undeclared(layer.id, fresh)
    columns |= {name: [given.get((key, name)) for key in keys] for name in fresh}
    unseen = _unmask(workspace, layer, columns, keys)
    faults = Faults(layer.id)
    typed = type_columns(Records(len(keys), columns), schema, faults)
    check_rules(typed, schema, faults, references=_references(workspace, typed))
    check_unique(typed, schema, faults)
    _check_place(workspace, layer, frame, faults)
    issues = tuple(_named(faults, schema, keys, unseen))
    stopping = {"wrong_type"} if stored.shape == Shape.of(schema) else {"wrong_type", "required"}
    if not stopping.isdisjoint(issue.code for issue in issues):
        return Judged((does_not_fit(layer), *issues), None)
    shown, personal = split_personal(dict(typed), schema, keys)
    _put_codes(shown, frame, schema, unseen)
    return Judged(issues, (_frame(frame, shown, schema), personal))


def is_alike(shape: Shape, schema: Schema) -> bool:
    """Say whether features have the geometry and the key that a schema declares.

    >>> from geosvc.catalog.model import Schema
    >>> is_alike(Shape("None", "id", ()), Schema("None", "id", ()))
    True
    >>> is_alike(Shape("None", "id", ()), Schema("Point", "id", ()))
    False
    """
    return (shape.geometry, shape.primary_key) == (schema.geometry, schema.primary_key)


def does_not_fit(layer: Layer) -> Issue:
    """Return the issue of a layer whose edited features stay as they are, and what to do."""
    return Issue("edits_do_not_fit", layer.path, "schema", found=layer.id)


def as_declared(frame: pd.DataFrame, shape: Shape, schema: Schema) -> pd.DataFrame:
    """Show features that could not be brought to the fields of their layer file.

    Parameters
    ----------
    frame
        Features with the fields of ``shape``.
    shape
        What is stored.
    schema
        The fields to show, of the same geometry and key.

    Returns
    -------
    frame
        With all declared fields; those that are not stored, or are of another type there, have no
        values. What has become personal is masked.
    """
    declared = Shape.of(schema)
    if shape == declared:
        return mask_frame(frame, schema)
    columns: dict[str, Column] = {}
    for field in schema.fields:
        if (field.name, field.type) not in shape.fields:
            columns[field.name] = typed_column([None] * len(frame), field.type)
        else:
            columns[field.name] = frame[field.name].array
    shown = assemble(list(frame.index), columns, _places(frame), declared)
    return mask_frame(shown, schema)


def mask_frame(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Mask what has become personal since it was stored.

    Parameters
    ----------
    frame
        Features with fields of any revision; not changed.
    schema
        Says which fields are personal now.

    Returns
    -------
    frame
        The same frame where nothing is left to mask.

    Examples
    --------
    >>> from geosvc.catalog.model import Field, Schema, Text
    >>> schema = Schema("None", "id", (Field("who", Text("", ""), privacy="enforcement"),))
    >>> mask_frame(pd.DataFrame({"who": ["苏XA1234", "***"]}), schema)["who"].tolist()
    ['苏X·**234', '***']
    >>> empty = pd.DataFrame({"who": []})
    >>> mask_frame(empty, schema) is empty
    True
    """
    masks = {}
    for name in _personal(schema).intersection(frame.columns):
        plain = _loose(frame[name])
        shown = [_masked(value) for value in plain]
        if shown != plain:
            masks[name] = pd.Series(shown, index=frame.index, dtype=frame[name].dtype)
    return frame.assign(**masks) if masks else frame


def mask_values(values: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Mask what has become personal since one feature's values were stored.

    >>> from geosvc.catalog.model import Field, Schema, Text
    >>> schema = Schema("None", "id", (Field("who", Text("", ""), privacy="enforcement"),))
    >>> mask_values({"id": "a", "who": "Wang"}, schema)
    {'id': 'a', 'who': '***'}
    >>> mask_values({}, schema)
    {}
    """
    private = _personal(schema)
    shown = {name: _masked(item) if name in private else item for name, item in values.items()}
    return {name: item for name, item in shown.items() if item is not None}


def _loose(column: pd.Series[Any]) -> list[Any]:
    absent = column.isna()
    return [None if gone else value for value, gone in zip(column.tolist(), absent, strict=True)]


def _unmask(
    workspace: Workspace, layer: Layer, columns: dict[str, list[Any]], keys: Sequence[str]
) -> Cells:
    """Put true values where masks are; return the cells (key, field) that have only a mask left."""
    rows = {key: at for at, key in enumerate(keys)}
    truth = workspace.store.personal(layer.id)
    held = zip(truth["key"], truth["field"], truth["value"], strict=True)
    true = {(key, name): value for key, name, value in held if name in columns}
    unseen = {cell for cell, value in true.items() if value is None}
    for (key, name), value in true.items():
        columns[name][rows[key]] = value
    for field in layer.schema.fields:
        if field.privacy is not None and field.name in columns:
            for key, at in rows.items():
                if (key, field.name) not in true and is_mask(columns[field.name][at]):
                    unseen.add((key, field.name))
                    columns[field.name][at] = None
    return unseen


def _references(workspace: Workspace, typed: Typed) -> Callable[[ForeignKey], Iterable[object]]:
    def values(rule: ForeignKey) -> Iterable[object]:
        try:
            frame = workspace.frame(rule.layer)
        except LayerUnavailableError:
            # that is the other layer's fault: nothing can be said of the values here
            return {part for value in typed[rule.field] for part in _parts(value)}
        return _loose(frame[rule.reference])

    return values


def _parts(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _check_place(workspace: Workspace, layer: Layer, frame: pd.DataFrame, faults: Faults) -> None:
    within = layer.source.within if layer.source else None
    places = _places(frame)
    if within is None or places is None or not workspace.status(within).is_served:
        return
    area = cast("gpd.GeoDataFrame", workspace.frame(within))
    check_within(places, area, faults, name=within)


def _places(frame: pd.DataFrame) -> NDArray[np.object_] | None:
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    return np.asarray(frame.geometry.array, dtype=object)


def _named(faults: Faults, schema: Schema, keys: Sequence[str], unseen: Cells) -> Iterator[Issue]:
    private = _personal(schema)
    for issue in faults.issues:
        key = keys[(issue.row or 1) - 1]
        if (key, issue.key) not in unseen:
            found = HIDDEN if issue.key in private else issue.found
            yield replace(issue, path=f"{faults.path}/{key}", row=None, found=found)


def _put_codes(
    shown: dict[str, Sequence[object]], frame: pd.DataFrame, schema: Schema, unseen: Cells
) -> None:
    kinds = {field.name: field.type for field in schema.fields}
    rows = {str(key): at for at, key in enumerate(frame.index)}
    for name in {name for _, name in unseen}:
        shown[name] = list(shown[name])
    for key, name in unseen:
        column = cast("list[object]", shown[name])
        mask = frame[name].iloc[rows[key]] if name in frame else None
        if kinds[name] == "string":
            column[rows[key]] = mask if isinstance(mask, str) else ERASED
        elif kinds[name] == "list":
            column[rows[key]] = mask if isinstance(mask, tuple) else (ERASED,)


def _frame(
    frame: pd.DataFrame, shown: Mapping[str, Sequence[object]], schema: Schema
) -> pd.DataFrame:
    columns = {
        field.name: joined_column((), list(shown[field.name]), field.type)
        for field in schema.fields
    }
    return assemble(list(frame.index), columns, _places(frame), Shape.of(schema))


def _personal(schema: Schema) -> set[str]:
    return {field.name for field in schema.fields if field.privacy is not None}


def _masked(value: Any) -> Any:  # noqa: ANN401 - a value of any type
    if value is None or is_mask(value):
        return value
    if isinstance(value, str):
        return mask_text(value)
    return (HIDDEN,) if isinstance(value, tuple) else None
