"""A layer's schema in the words of Frictionless Table Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geosvc.catalog.model import Constraints, Field, Layer, Scalar

_WORDS = {
    "required": "required",
    "unique": "unique",
    "minimum": "minimum",
    "maximum": "maximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
}


def frictionless(layer: Layer) -> dict[str, Any]:
    """Return a layer's schema as a Table Schema.

    Parameters
    ----------
    layer
        The layer.

    Returns
    -------
    schema
        ``fields``, ``primaryKey``, ``missingValues``; titles in both languages, domains as ``enum``
        with ``labels``.

    Examples
    --------
    >>> from geosvc.catalog.model import Layer, Schema, Style, Text
    >>> schema = Schema("None", "kind", ())
    >>> frictionless(Layer("fleet", "", Text("", ""), schema, Style("circle", "c-out")))["fields"]
    []
    """
    return {
        "name": layer.id,
        "title": {"zh": layer.title.zh, "en": layer.title.en},
        "geometry": layer.schema.geometry,
        "primaryKey": layer.schema.primary_key,
        "missingValues": list(layer.schema.missing_values),
        "fields": [_field(field) for field in layer.schema.fields],
    }


def _field(field: Field) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": field.name,
        "title": {"zh": field.title.zh, "en": field.title.en},
        "type": field.type,
        "constraints": _constraints(field.constraints, list(field.labels)),
    }
    if field.unit:
        entry["unit"] = {"zh": field.unit.zh, "en": field.unit.en}
    if field.labels:
        entry["labels"] = {
            code: {"zh": label.text.zh, "en": label.text.en}
            | ({"tone": label.tone} if label.tone != "plain" else {})
            for code, label in field.labels.items()
        }
    if field.privacy:
        entry["privacy"] = field.privacy
    return entry


def _constraints(constraints: Constraints, codes: list[str]) -> dict[str, Any]:
    given = {word: getattr(constraints, name) for name, word in _WORDS.items()}
    kept = {
        word: value for word, value in given.items() if value is not None and value is not False
    }
    enum: list[Scalar] = [*codes] if codes else [*constraints.enum]
    return kept | ({"enum": enum} if enum else {})
