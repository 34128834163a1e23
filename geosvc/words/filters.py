"""What the filters of a map state ask for, in the words that the map's own page uses for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geosvc.catalog.model import Text
from geosvc.messages import LANGUAGES, text
from geosvc.words.numerals import day

if TYPE_CHECKING:
    from collections.abc import Collection

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Field, Language
    from geosvc.map_state import Filter, MapState

MOST = 8
"""How many values of one filter are named."""
_RANGES = {
    (True, True): "ui.filter_between",
    (True, False): "ui.filter_from",
    (False, True): "ui.filter_to",
    (False, False): "ui.filter_any",
}
_DAY = len("2024-06-05")


def filters_text(catalog: Catalog, state: MapState, layers: Collection[str]) -> Text:
    """Say which filters a state has on some layers.

    Parameters
    ----------
    catalog
        What the layers and fields are.
    state
        The filters.
    layers
        The layers that are shown: a filter on another one changes nothing.

    Returns
    -------
    text
        As ``筛选：道路 = 泰北路；候车亭 = 无``; empty where there is none. Filters on several
        layers name theirs.
    """
    found = [item for item in state.filters if item.layer in layers]
    zh, en = (_sentence(catalog, found, tongue) for tongue in LANGUAGES)
    return Text(zh, en)


def filter_text(item: Filter, field: Field, tongue: Language) -> str:
    """Say what one filter asks for.

    Parameters
    ----------
    item
        The filter.
    field
        The field that it is on.
    tongue
        The reader's language.

    Examples
    --------
    >>> from geosvc.map_state import Filter
    >>> from geosvc.catalog.model import Field, Text
    >>> lanes = Field("lanes", Text("车道数", "Lanes"), "integer")
    >>> filter_text(Filter("roads", "lanes", low="2"), lanes, "en")
    'Lanes ≥ 2'
    >>> filter_text(Filter("roads", "lanes", ("4", "")), lanes, "zh")
    '车道数 = 4、无值'
    """
    title = field.title.of(tongue)
    if item.codes:
        return text("ui.filter_is", tongue, field=title, values=_values(item, field, tongue))
    key = _RANGES[bool(item.low), bool(item.high)]
    low, high = (_value(code, field, tongue) for code in (item.low, item.high))
    return text(key, tongue, field=title, low=low, high=high)


def _sentence(catalog: Catalog, found: list[Filter], tongue: Language) -> str:
    is_several = len({item.layer for item in found}) > 1
    told = []
    for item in found:
        layer = catalog.layers[item.layer]
        field = layer.schema.field(item.field)
        if field is not None:
            said = filter_text(item, field, tongue)
            title = layer.title.of(tongue)
            told.append(
                text("ui.layer_says", tongue, layer=title, text=said) if is_several else said
            )
    if not told:
        return ""
    return text("ui.filtered", tongue, filter=text("figure.semicolon", tongue).join(told))


def _values(item: Filter, field: Field, tongue: Language) -> str:
    # a missing value is named last
    codes = sorted(item.codes, key=lambda code: not code)
    values = text("figure.comma", tongue).join(_value(code, field, tongue) for code in codes[:MOST])
    if len(codes) <= MOST:
        return values
    return text("figure.values", tongue, values=values, n=len(codes))


def _value(code: str, field: Field, tongue: Language) -> str:
    if not code:
        return text("ui.filter_missing", tongue)
    if code in field.labels:
        return field.labels[code].text.of(tongue)
    if field.type == "boolean":
        return text("value.yes" if code == "true" else "value.no", tongue)
    if field.type in {"date", "datetime"} and len(code) == _DAY:
        return day(code, tongue)
    return f"{code} {field.unit.of(tongue)}" if field.unit else code
