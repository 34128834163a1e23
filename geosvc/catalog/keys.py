"""Every key that a layer, map, site or scorecard file may have; ``layers/README.md`` explains each.

The outer key is the table's dotted path without list positions; ``""`` is the file itself. Tables
that occur at many places are named ``text``, ``by`` and ``label``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LAYER_KEYS: Mapping[str, tuple[str, ...]] = {
    "": (
        "title",
        "description",
        "group",
        "order",
        "visible",
        "source",
        "derivation",
        "schema",
        "time",
        "style",
        "popup",
        "search",
    ),
    "source": (
        "path",
        "geometry",
        "datum",
        "within",
        "attribution",
        "synthetic",
        "licence",
        "as_of",
    ),
    "source.geometry": ("lon", "lat", "x", "y"),
    "derivation": ("method", "inputs", "parameters"),
    "schema": (
        "geometry",
        "primary_key",
        "expected_count",
        "missing_values",
        "fields",
        "rules",
        "foreign_keys",
    ),
    "schema.fields": (
        "name",
        "title",
        "type",
        "description",
        "unit",
        "constraints",
        "labels",
        "privacy",
    ),
    "schema.fields.constraints": (
        "required",
        "unique",
        "minimum",
        "maximum",
        "min_length",
        "max_length",
        "pattern",
        "enum",
    ),
    "schema.rules": ("order", "only_if"),
    "schema.rules.only_if": ("field", "when", "values"),
    "schema.foreign_keys": ("field", "reference"),
    "schema.foreign_keys.reference": ("layer", "field"),
    "time": ("start", "end"),
    "style": (
        "kind",
        "color",
        "shape",
        "casing",
        "size_px",
        "width_px",
        "min_zoom",
        "opacity",
        "fill_opacity",
        "dash",
        "scaled",
        "label",
        "label_rank",
        "unit",
    ),
    "popup": ("title", "subtitle", "badges", "facts"),
    "search": ("fields", "merge"),
    "text": ("zh", "en"),
    "label": ("zh", "en", "tone"),
    "by": ("field", "values", "breaks", "steps", "default"),
}

MAP_KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("title", "description", "order", "layers", "visible", "fit", "highlights"),
}

SITE_KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("title", "groups", "base"),
    "groups": ("id", "title", "order"),
    "base": (
        "id",
        "title",
        "url",
        "attribution",
        "datum",
        "subdomains",
        "labels",
        "named",
        "max_zoom",
    ),
}

SCORECARD_KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("numbers", "overdue"),
    "numbers": (
        "id",
        "title",
        "unit",
        "definition",
        "layers",
        "where",
        "sum",
        "group",
        "labels",
        "map",
        "icon",
    ),
    "overdue": ("definition", "layers", "due", "progress", "unit", "post", "task", "map"),
}
