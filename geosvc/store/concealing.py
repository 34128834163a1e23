"""What has become personal leaves the features of a layer that cannot be brought to its schema.

An import, and `geosvc.store.reshaping`, give features the masks that their schema asks for. Where
neither can be (the source is gone, what people edited does not fit), the values still go to the
table of personal values, and wait there until the layer fits again.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any, Final

from geosvc.store.apply import Content, Step
from geosvc.store.erasing import ERASED
from geosvc.store.frames import list_text, list_value
from geosvc.store.reshaping import declared_extra, features, hide, personal_names, revise
from geosvc.store.write import instant

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from geosvc.catalog.model import Schema
    from geosvc.store.records import Change, Shape, StoredLayer

_HIDDEN: Final = "***"

_PLATE: Final = re.compile(r".[A-Z]·\*\*.{3}")

_KEEP: Final = """
INSERT INTO personal (layer, feature, field, value, received_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (layer, feature, field, until) DO NOTHING"""


def conceal(
    connection: sqlite3.Connection, stored: StoredLayer, schema: Schema, *, change: Change
) -> None:
    """Part values of fields that are personal now from features and history; see `Store.conceal`.

    A mask stays where a field was declared.
    """
    names, now = personal_names(schema), instant()
    steps = []
    for key, before in features(connection, stored):
        after, true = _parted(stored.shape, before.content, names)
        steps.append((Step(key, before, after), after.digest(stored.shape), before))
        rows = [(stored.layer, key, name, value, now) for name, value in true.items()]
        # what the table has already is true, or was erased by policy
        connection.executemany(_KEEP, rows)
    revise(connection, stored, steps, shape=stored.shape, change=change)
    hide(connection, stored.layer, schema)


def undeclared(
    connection: sqlite3.Connection, stored: StoredLayer, names: Collection[str]
) -> dict[tuple[str, str], str]:
    """Return the values (text) of undeclared columns, by feature and column."""
    return {
        (key, name): text
        for key, held in features(connection, stored)
        for name, text in _texts(held.content.extra, names).items()
    }


def is_mask(value: object) -> bool:
    """Say whether a value is what stands for a personal one, or for one that was erased.

    >>> is_mask("苏X·**123"), is_mask(("***",)), is_mask(None)
    (True, True, False)
    """
    if isinstance(value, tuple):
        return value in {(_HIDDEN,), (ERASED,)}
    return isinstance(value, str) and (
        value in {_HIDDEN, ERASED} or _PLATE.fullmatch(value) is not None
    )


def _parted(
    shape: Shape, content: Content, names: Collection[str]
) -> tuple[Content, dict[str, str]]:
    true = _texts(content.extra, names)
    values = list(content.values)
    for at, (name, kind) in enumerate(shape.fields):
        if name not in names or values[at] is None:
            continue
        plain = list_value(values[at]) if kind == "list" else values[at]
        if not is_mask(plain):
            true[name] = _text(bool(plain) if kind == "boolean" else plain)
            values[at] = {"string": _HIDDEN, "list": list_text([_HIDDEN])}.get(kind)
    extra = declared_extra(content.extra, names)
    return dataclasses.replace(content, values=tuple(values), extra=extra), true


def _texts(extra: str | None, names: Collection[str]) -> dict[str, str]:
    given = {} if extra is None else json.loads(extra)
    return {
        name: _text(value) for name, value in given.items() if name in names and value is not None
    }


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a source had
    if isinstance(value, (list, tuple)):
        return ";".join(str(part) for part in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
