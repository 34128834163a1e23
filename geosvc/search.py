"""What can be searched for on a map: names, codes and their places, with how names are said.

The browser does the searching; this is the index that it loads. It holds no field with ``privacy``,
so it is the same for everybody. How a Chinese name is said is told by pypinyin, a large dictionary
that is loaded where an index is built and nowhere else.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from geosvc.symbology import symbolize
from geosvc.workspace.status import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    import pandas as pd

    from geosvc.catalog.model import Layer, Search
    from geosvc.workspace import Workspace

EDITION = 1
"""Moves with the form of an index, so that no browser keeps one of an older form."""
LONGEST = 120
"""Longer texts are cut: nobody searches for the end of them."""
STEPS_PER_DEGREE = 100_000
"""Positions are whole steps of about a meter."""
TAG_LENGTH = 12

_HAN = re.compile(r"[〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
# how a character is said in names of places and families, where a dictionary begins with
# another reading; a word that the dictionary knows (重庆) is said as the word is
_IN_NAMES = {
    "长": "chang",
    "曾": "zeng",
    "盛": "sheng",
    "单": "shan",
    "解": "xie",
    "朝": "chao",
    "堡": "bao",
    "圩": "wei",
    "莘": "xin",
    "厦": "xia",
    "浚": "xun",
    "涡": "guo",
    "泊": "bo",
}


def search_tag(workspace: Workspace, map_id: str) -> str | None:
    """Return the tag of a map's index: it moves with what the index holds.

    Parameters
    ----------
    workspace
        The catalog and its data.
    map_id
        The id of the map.

    Returns
    -------
    tag
        12 hexadecimal digits; None where nothing on the map can be searched for.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    found = [(layer.id, workspace.tag(layer.id)) for layer, _ in _searched(workspace, map_id)]
    return fingerprint(EDITION, found)[:TAG_LENGTH] if found else None


def search_index(workspace: Workspace, map_id: str) -> bytes:
    """Write what can be searched for on a map.

    Parameters
    ----------
    workspace
        The catalog and its data.
    map_id
        The id of the map.

    Returns
    -------
    body
        UTF-8 JSON in no language. ``layers``, from above: ``id``, ``merged`` (the field of
        the name, where a row is all features of one name), ``texts`` (a list a field, null
        where there is no value), ``keys``, ``class``, and where each is: ``lon`` and ``lat``, or
        four numbers of ``box`` (west, south, east, north), in `STEPS_PER_DEGREE`. ``readings`` are
        the syllables of each character, the most likely first; ``said`` those of whole texts that
        are said otherwise.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    layers = [
        _entries(layer, search, workspace.frame(layer.id))
        for layer, search in _searched(workspace, map_id)
    ]
    texts = {text for layer in layers for column in layer["texts"] for text in column if text}
    readings, said = readings_of(sorted(texts))
    return orjson.dumps({"layers": layers, "readings": readings, "said": said})


def readings_of(texts: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return how Chinese texts are said.

    Parameters
    ----------
    texts
        Names; what is not Chinese in them says nothing.

    Returns
    -------
    readings
        Of each character all syllables, without tones, parted by blanks; first the one that most
        of the texts have.
    said
        The syllables of the Chinese characters of each text that has others than the first.

    Examples
    --------
    >>> readings, said = readings_of(["重庆路", "重阳路", "重阳村"])
    >>> readings["庆"], readings["重"], said
    ('qing', 'chong zhong tong', {})
    >>> readings_of(["六安", "六合", "六圩"])
    ({'六': 'liu lu', '安': 'an', '合': 'he ge', '圩': 'wei xu yu'}, {'六安': 'lu an'})
    >>> readings_of(["SSP2024", ""])
    ({}, {})
    """
    main = {text: _said(text) for text in texts}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text, syllables in main.items():
        for char, syllable in zip("".join(_HAN.findall(text)), syllables, strict=True):
            counts[char][syllable] += 1
    known = {char: _ordered(char, counted) for char, counted in counts.items()}
    said = {
        text: " ".join(syllables)
        for text, syllables in main.items()
        if syllables != [known[char][0] for char in "".join(_HAN.findall(text))]
    }
    spoken = {char: " ".join(syllables) for char, syllables in known.items() if syllables[0]}
    return spoken, said


def _searched(workspace: Workspace, map_id: str) -> list[tuple[Layer, Search]]:
    known = workspace.catalog.layers
    ids = reversed(workspace.catalog.map(map_id).layers)
    there = (known[name] for name in ids if name in known and workspace.status(name).is_served)
    return [(layer, layer.search) for layer in there if layer.search is not None]


def _entries(layer: Layer, search: Search, frame: pd.DataFrame) -> dict[str, Any]:
    fields = [name for name in search.fields if _is_open(layer, name)]
    columns = [[_text(value) for value in frame[name]] for name in fields]
    boxes = shapely.bounds(np.asarray(frame.geometry.array, dtype=object))
    placed = np.isfinite(boxes).all(axis=1)
    named = [any(texts) for texts in zip(*columns, strict=True)] or [False] * len(frame)
    rows: list[list[int]] = [
        [int(at)] for at in np.flatnonzero(placed & np.array(named, dtype=bool))
    ]
    if search.merge:
        rows = _merged(rows, columns[0] if columns else [])
    chosen = [_middle(boxes, group) for group in rows]
    return {
        "id": layer.id,
        "merged": fields[0] if search.merge and fields else None,
        "texts": [[_first(column, group) for group in rows] for column in columns],
        "keys": [str(frame.index[at]) for at in chosen],
        "class": [int(code) for code in symbolize(layer, frame).codes[chosen]],
    } | _places(layer, np.array([_around(boxes[group]) for group in rows]).reshape(-1, 4))


def _is_open(layer: Layer, name: str) -> bool:
    # the catalog refuses personal fields here; a view for the public has taken them out
    field = layer.schema.field(name)
    return field is not None and field.privacy is None


def _text(value: object) -> str | None:
    if value is None or value != value:  # noqa: PLR0124 - NaN is not itself
        return None
    try:
        return str(value).strip()[:LONGEST] or None
    except TypeError:
        return None


def _merged(rows: list[list[int]], names: list[str | None]) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for (at,) in rows:
        name = names[at]
        if name is not None:
            groups.setdefault(name, []).append(at)
    return list(groups.values())


def _middle(boxes: npt.NDArray[np.float64], group: list[int]) -> int:
    """Return the feature of a group that lies nearest to its middle."""
    centers = (boxes[group, :2] + boxes[group, 2:]) / 2
    away = np.hypot(*(centers - centers.mean(axis=0)).T)
    return group[int(np.argmin(away))]


def _around(boxes: npt.NDArray[np.float64]) -> list[float]:
    return [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]


def _first(column: list[str | None], group: list[int]) -> str | None:
    return next((column[at] for at in group if column[at]), None)


def _places(layer: Layer, boxes: npt.NDArray[np.float64]) -> dict[str, list[int]]:
    steps = np.rint(boxes * STEPS_PER_DEGREE).astype(np.int64)
    if layer.schema.geometry != "Point":
        return {"box": steps.ravel().tolist()}
    return {"lon": steps[:, 0].tolist(), "lat": steps[:, 1].tolist()}


def _said(text: str) -> list[str]:
    """Return the likely syllable of each Chinese character of a text, empty where none is known."""
    return [
        # a character that stands in no word of the dictionary has all its readings
        given[0] if len(given) == 1 else _IN_NAMES.get(char, given[0])
        for run in _HAN.findall(text)
        for char, given in zip(run, _spoken(run), strict=True)
    ]


def _ordered(char: str, counted: Counter[str]) -> list[str]:
    likely = [syllable for syllable, _ in counted.most_common()]
    every = _spoken(char)[0]
    # 绿 is written lv on keyboards, lu on signs and lyu in passports
    more = [item.replace("v", other) for item in every for other in ("u", "yu") if "v" in item]
    return list(dict.fromkeys([*likely, *every, *more]))


def _spoken(run: str) -> list[list[str]]:
    found = _dictionary().pinyin(run, style=0, heteronym=True, errors=list)
    return [
        [item.replace("ü", "v") if item.isascii() or "ü" in item else "" for item in items]
        for items in found
    ]


def _dictionary() -> Any:  # noqa: ANN401 - a module
    # 60 MB of words: only where an index is built
    import pypinyin  # noqa: PLC0415

    return pypinyin
