"""One feature as an editor gives it, held against its layer by the rules of an import."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from geosvc.catalog.model import ForeignKey, OnlyIf, Order
from geosvc.errors import EditError, Issue
from geosvc.ingest.geometry import check_kind, check_valid, check_within, only_rows
from geosvc.ingest.masks import split_personal
from geosvc.ingest.records import Faults, Records
from geosvc.ingest.validate import check_rules, type_columns
from geosvc.store.links import Link

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import geopandas as gpd
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Layer, Schema
    from geosvc.crs import Geometries
    from geosvc.workspace.reader import Workspace


@dataclass(frozen=True, slots=True)
class Checked:
    """A feature that fits its layer: typed values with masks, the true texts, the place."""

    values: Mapping[str, Any]
    personal: Mapping[str, str | None]
    geometry: BaseGeometry | None


def check_feature(
    workspace: Workspace,
    layer: Layer,
    values: Mapping[str, object],
    geometry: BaseGeometry | None,
    *,
    unseen: Collection[str] = (),
    keeps_place: bool = False,
) -> Checked:
    """Hold a feature against the schema of its layer, and its place against the area around it.

    That values are unique, and that what they name is there, is left to the store, which alone
    knows what others write meanwhile.

    Parameters
    ----------
    workspace
        Gives the area around the layer.
    layer
        The layer.
    values
        A loose value a field (a text as typed into a form, or typed); a field left out has none.
    geometry
        The place in OGC:CRS84.
    unseen
        Personal fields that the editor has not given; their masks stand in ``values`` and are left
        as they are.
    keeps_place
        Whether the feature stays where it is, so that there is no place to check.

    Returns
    -------
    checked
        The feature.

    Raises
    ------
    EditError
        With an issue for each fault; ``path`` is the layer's id, ``key`` the field.
    """
    schema = layer.schema
    unknown = [name for name in values if schema.field(name) is None]
    if unknown:
        expected = ", ".join(field.name for field in schema.fields)
        issues = [Issue("unknown_field", layer.id, name, None, name, expected) for name in unknown]
        raise EditError(layer.id, issues=issues)
    seen = _without(schema, unseen)
    faults = Faults(layer.id)
    columns = {name: [value] for name, value in values.items() if name not in set(unseen)}
    typed = type_columns(Records(1, columns), seen, faults)
    check_rules(typed, seen, faults, references=lambda _rule: ())
    place = None
    if schema.geometry != "None" and not keeps_place:
        place = _place(workspace, layer, geometry, faults)
    if faults.issues:
        # a form has one feature: rows mean nothing there
        raise EditError(
            layer.id, issues=[dataclasses.replace(issue, row=None) for issue in faults.issues]
        )
    key = str(typed[schema.primary_key][0])
    given = {name: list(column) for name, column in typed.items()}
    shown, table = split_personal(dict(given), seen, [key])
    result = {name: column[0] for name, column in shown.items()}
    result |= {name: values[name] for name in unseen if name in values}
    return Checked(result, _texts(seen, table), place)


def foreign_keys(catalog: Catalog) -> tuple[Link, ...]:
    """List the foreign keys of all layers that people edit, as the store holds them.

    >>> from geosvc.catalog.catalog import Catalog
    >>> foreign_keys(Catalog())
    ()
    """
    found = []
    for layer in catalog.layers.values():
        for rule in layer.schema.rules:
            if isinstance(rule, ForeignKey) and layer.source is not None:
                field = layer.schema.field(rule.field)
                hidden = field is not None and field.privacy is not None
                found.append(
                    Link(layer.id, rule.field, rule.layer, rule.reference, is_private=hidden)
                )
    return tuple(found)


def _without(schema: Schema, unseen: Collection[str]) -> Schema:
    hidden = set(unseen)
    fields = tuple(field for field in schema.fields if field.name not in hidden)
    rules = tuple(
        rule
        for rule in schema.rules
        if not isinstance(rule, ForeignKey) and hidden.isdisjoint(_named(rule))
    )
    return dataclasses.replace(schema, fields=fields, rules=rules)


def _named(rule: Order | OnlyIf) -> tuple[str, ...]:
    return rule.fields if isinstance(rule, Order) else (rule.field, rule.when)


def _place(
    workspace: Workspace, layer: Layer, geometry: BaseGeometry | None, faults: Faults
) -> BaseGeometry | None:
    given: Geometries = np.array([None], dtype=object)
    given[0] = geometry
    flat = check_kind(given, layer.schema.geometry, faults)
    if "geometry" in {issue.key for issue in faults.issues}:
        return None
    check_valid(flat, faults)
    within = layer.source.within if layer.source else None
    if within is not None and "geometry" not in {issue.key for issue in faults.issues}:
        area = cast("gpd.GeoDataFrame", workspace.frame(within))
        check_within(only_rows(flat, [0]), area, faults, name=within)
    return cast("BaseGeometry", flat[0])


def _texts(schema: Schema, table: pd.DataFrame) -> dict[str, str | None]:
    texts: dict[str, str | None] = {
        field.name: None for field in schema.fields if field.privacy is not None
    }
    for name, value in zip(table["field"], table["value"], strict=True):
        before = texts[name]
        # the items of a list come one by one
        texts[name] = value if before is None else f"{before};{value}"
    return texts
