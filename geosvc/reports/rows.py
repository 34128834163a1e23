"""The features behind a picture as files: GeoJSON for programs, a table with its counts for people.

Only the fields that the map shows are written, as everybody sees them (masks for personal values).
Nothing here depends on a title or a language, so the same features give the same bytes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import orjson
import shapely

from geosvc import messages
from geosvc.catalog.model import Text
from geosvc.store import ERASED
from geosvc.symbology import symbolize
from geosvc.tiles.columns import plain_values, shown_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Field, Layer
    from geosvc.symbology import Symbols

DIGITS = 7
"""Decimals of a degree, about 1 cm."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is shown of one layer.

    ``frame`` holds the features that are drawn, ``symbols`` their classes. ``unlocated`` features
    pass the filters too but have no place, ``outside`` ones lie beside the picture or are too small
    for its scale.
    """

    layer: Layer
    frame: pd.DataFrame
    symbols: Symbols
    unlocated: int = 0
    outside: int = 0

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.frame)


def rows_of(layer: Layer, frame: pd.DataFrame, drawn: pd.Index[Any]) -> Rows:
    """Take the drawn features out of those that pass the filters.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features that pass the filters; personal fields masked.
    drawn
        The keys of those that are drawn.
    """
    taken = frame[frame.index.isin(drawn)]
    lost = int(is_unlocated(frame).sum())
    outside = len(frame) - len(taken) - lost
    return Rows(layer, taken, symbolize(layer, taken), lost, outside)


def is_unlocated(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - an array of truths
    """Tell which features have no place.

    >>> is_unlocated(gpd.GeoDataFrame(geometry=[shapely.Point(1, 2), None])).tolist()
    [False, True]
    >>> is_unlocated(gpd.GeoDataFrame(geometry=[])).tolist()
    []
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        return np.ones(len(frame), dtype=bool)
    shapes = np.asarray(frame.geometry.array, dtype=object)
    return shapely.is_missing(shapes) | shapely.is_empty(shapes)


def columns_of(rows: Rows) -> list[str]:
    """Return the fields that are written: those that popups, labels and classes show."""
    wanted = {*shown_fields(rows.layer), rows.symbols.field, rows.layer.schema.primary_key}
    return [
        field.name
        for field in rows.layer.schema.fields
        if field.name in wanted and field.name in rows.frame.columns
    ]


def geojson(found: Sequence[Rows]) -> bytes:
    """Write features as one GeoJSON collection (RFC 7946).

    Returns
    -------
    body
        Each feature has the member ``layer`` beside its id.
    """
    features = [feature for rows in found for feature in _features(rows)]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def table(found: Sequence[Rows]) -> bytes:
    """Write rows and counts by class as JSON.

    Returns
    -------
    body
        A list of layers with ``id``, ``title``, ``count``, ``classes`` (``value``, ``label``,
        ``count``), ``unlocated``, ``outside``, ``columns`` (``name``, ``title``, ``labels``) and
        ``rows`` (lists of plain values, in the order of the columns).
    """
    return orjson.dumps([_table(rows) for rows in found])


def style(found: Sequence[Rows]) -> bytes:
    """Write how each layer is drawn: the values of its layer file, and the classes made of them."""
    said = [
        {
            "layer": rows.layer.id,
            "style": asdict(rows.layer.style),
            "classes": [
                {**asdict(item), "label": words(item.label), "count": None}
                for item in rows.symbols.classes
            ],
        }
        for rows in found
    ]
    return orjson.dumps(said, option=orjson.OPT_NON_STR_KEYS)


def layer_titles(catalog: Catalog, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the titles of layers in both languages, by id; those without a sound file are out."""
    known = catalog.layers
    return {name: words(known[name].title) for name in names if name in known}


def both(key: str, /, **values: object) -> Text:
    """Return a sentence in both languages.

    >>> both("word.figure")
    Text(zh='图', en='Figure')
    """
    zh, en = (messages.text(key, tongue, **values) for tongue in messages.LANGUAGES)
    return Text(zh, en)


def words(text: Text) -> dict[str, str]:
    """Return a text in both languages as JSON.

    >>> from geosvc.catalog.model import Text
    >>> words(Text("站点", "Stops"))
    {'zh': '站点', 'en': 'Stops'}
    """
    return {"zh": text.zh, "en": text.en}


def _labels(field: Field) -> dict[str, dict[str, str]]:
    labels = {code: words(label.text) for code, label in field.labels.items()}
    if field.privacy is not None:
        labels[ERASED] = words(
            Text(*(messages.text("value.erased", one) for one in messages.LANGUAGES))
        )
    return labels


def _features(rows: Rows) -> list[dict[str, Any]]:
    columns = {name: plain_values(rows.frame[name]) for name in columns_of(rows)}
    shapes = np.asarray(rows.frame.geometry.array, dtype=object)
    rounded = shapely.transform(shapes, lambda positions: np.round(positions, DIGITS))
    texts = shapely.to_geojson(shapely.orient_polygons(rounded))
    return [
        {
            "type": "Feature",
            "id": str(key),
            "layer": rows.layer.id,
            "geometry": orjson.Fragment(shape),
            "properties": {name: column[place] for name, column in columns.items()},
        }
        for place, (key, shape) in enumerate(zip(rows.frame.index, texts, strict=True))
    ]


def _table(rows: Rows) -> dict[str, Any]:
    names = columns_of(rows)
    columns = [plain_values(rows.frame[name]) for name in names]
    fields = [rows.layer.schema.field(name) for name in names]
    return {
        "id": rows.layer.id,
        "title": words(rows.layer.title),
        "count": rows.count,
        "classes": [
            {"value": item.value, "label": words(item.label), "count": item.count}
            for item in rows.symbols.classes
        ],
        "unlocated": rows.unlocated,
        "outside": rows.outside,
        "columns": [
            {
                "name": field.name,
                "title": words(field.title),
                "labels": _labels(field),
            }
            for field in fields
            if field is not None
        ],
        "rows": [list(row) for row in zip(*columns, strict=True)],
    }
