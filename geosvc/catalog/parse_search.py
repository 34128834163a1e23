"""The table ``[search]`` of a layer file."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import GeometryType, Search
from geosvc.catalog.parse_schema import named_fields

if TYPE_CHECKING:
    from geosvc.catalog.model import Field, Schema
    from geosvc.catalog.parse_schema import Declared
    from geosvc.catalog.toml_table import Table

_SEARCHED = ("string", "integer")


def read_search(top: Table, schema: Schema, declared: Declared) -> Search | None:
    """Read ``[search]``: the fields by which features are found; without it none are.

    Examples
    --------
    >>> from geosvc.catalog.model import Schema
    >>> from geosvc.catalog.toml_table import Table
    >>> top = Table({}, path="layers/a.toml", key="", issues=[])
    >>> read_search(top, Schema("Point", "", ()), {}) is None
    True
    """
    table = top.table("search")
    if table is None:
        return None
    table.only(LAYER_KEYS["search"])
    if schema.geometry == "None":
        # a result is a place on the map
        placed = ", ".join(kind for kind in get_args(GeometryType) if kind != "None")
        top.fault("wrong_geometry", "search", found=schema.geometry, expected=placed)
    names = named_fields(table, "fields", declared, required=True)
    if names == ():
        table.fault("length", "fields", found=0, expected="1")
    for at, name in enumerate(names or ()):
        field = (declared or {}).get(name)
        if field is not None:
            _hold(table, f"fields[{at}]", field)
    return Search(fields=names or (), merge=table.boolean("merge"))


def _hold(table: Table, key: str, field: Field) -> None:
    if field.privacy is not None:
        # what can be searched for lies open in everybody's browser
        table.fault("private_search", key, found=field.name)
    elif field.type not in _SEARCHED:
        table.fault("wrong_type", key, found=field.type, expected=", ".join(_SEARCHED))
    elif field.labels:
        # people read the words of a code, and would search for them in vain
        table.fault("coded_search", key, found=field.name)
