"""How a map and its table look: order and opacity of layers, their display, columns.

``order=a,b`` names layers from below; the others keep their places. ``opacity=a:60`` is percent,
``as=a:heat`` a display of points. ``sort=-name``, ``cols=a,b`` and ``inview=1`` belong to the
table, whose columns a picture does not have; ``base=tianditu`` is an online base map, and pictures
keep the local one; ``base=none`` is none at all. ``display=gcj02`` says that pages draw the map in
the datum of that base; pictures and files are in CGCS2000 whatever a page draws.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geosvc.map_state.faults import refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES: Final = ("order", "opacity", "as", "sort", "cols", "inview", "base", "display")
"""The parameters, in the order in which they are written."""
DISPLAYS: Final = ("heat", "cluster")
"""What points may be shown as, beside symbols."""
DATUMS: Final = ("gcj02",)
"""What pages may be drawn in, beside CGCS2000."""
LEAST_OPACITY, FULL = 10, 100

_FIELD = re.compile(r"\w{1,64}")
_SORT = re.compile(r"-?\w{1,64}")
_BASE = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader changed of a map's look; empty where nothing.

    ``opacity`` holds (layer, percent), ``displays`` (layer, one of `DISPLAYS`). ``sort`` is a field
    of the table, with ``-`` before it from the largest down; ``datum`` is one of `DATUMS`.
    """

    order: tuple[str, ...] = ()
    opacity: tuple[tuple[str, int], ...] = ()
    displays: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    columns: tuple[str, ...] = ()
    in_view: bool = False
    base: str = ""
    datum: str = ""

    def parts(self) -> list[str]:
        """Return the parameters of an address, always written the same way.

        >>> Look(("b", "a"), (("a", 60),), (("a", "heat"),), "-name", ("name",), True).parts()
        ['order=b,a', 'opacity=a:60', 'as=a:heat', 'sort=-name', 'cols=name', 'inview=1']
        >>> Look().parts()
        []
        """
        texts = (
            ",".join(self.order),
            ",".join(f"{name}:{percent}" for name, percent in self.opacity),
            ",".join(f"{name}:{display}" for name, display in self.displays),
            self.sort,
            ",".join(self.columns),
            "1" if self.in_view else "",
            self.base,
            self.datum,
        )
        return [f"{name}={text}" for name, text in zip(NAMES, texts, strict=True) if text]

    def share(self, layer_id: str) -> float:
        """Return the opacity that a reader gave a layer, 0..1.

        >>> Look(opacity=(("a", 60),)).share("a"), Look().share("a")
        (0.6, 1.0)
        """
        return dict(self.opacity).get(layer_id, FULL) / FULL

    def arranged(self, layers: Sequence[str]) -> tuple[str, ...]:
        """Put layers into the order that a reader gave them.

        >>> Look(order=("c", "a")).arranged(["a", "b", "c"])
        ('c', 'b', 'a')
        >>> Look().arranged([])
        ()
        """
        moved = iter([name for name in self.order if name in layers])
        return tuple(next(moved) if name in self.order else name for name in layers)


AS_IT_IS: Final = Look()
"""Nothing changed."""


def parse_look(given: dict[str, str], ids: Sequence[str]) -> Look:
    """Read the look of a map out of the parameters that are in `NAMES`.

    Parameters
    ----------
    given
        Decoded parameters.
    ids
        The layers of the map, from below.

    Returns
    -------
    look
        Layers in the order of the map, each once.

    Raises
    ------
    StateError
        If a parameter names no layer of the map, or makes no sense.

    Examples
    --------
    >>> parse_look({"opacity": "b:50,a:100"}, ["a", "b"]).opacity
    (('b', 50),)
    >>> parse_look({}, []) == Look()
    True
    """
    order = _layers("order", given, ids)
    opacity = {name: _percent(text) for name, text in _pairs("opacity", given, ids)}
    displays = {name: _display(text) for name, text in _pairs("as", given, ids)}
    columns = [name for name in given.get("cols", "").split(",") if name]
    for name in columns:
        if not _FIELD.fullmatch(name):
            refuse("wrong_type", "cols", name, "field,field")
    sort = given.get("sort", "")
    if sort and not _SORT.fullmatch(sort):
        refuse("wrong_type", "sort", sort, "field, -field")
    if given.get("inview", "") not in {"", "0", "1"}:
        refuse("not_allowed", "inview", given["inview"], "0, 1")
    base = given.get("base", "")
    # one that is gone from the site file is no fault of a link
    if base and not _BASE.fullmatch(base):
        refuse("not_allowed", "base", base, "[a-z0-9_]+")
    datum = given.get("display", "")
    if datum and datum not in DATUMS:
        refuse("not_allowed", "display", datum, ", ".join(DATUMS))
    return Look(
        order if order != tuple(name for name in ids if name in order) else (),
        tuple((name, opacity[name]) for name in ids if opacity.get(name, FULL) != FULL),
        tuple((name, displays[name]) for name in ids if name in displays),
        sort,
        tuple(dict.fromkeys(columns)),
        given.get("inview") == "1",
        base,
        datum,
    )


def _layers(parameter: str, given: dict[str, str], ids: Sequence[str]) -> tuple[str, ...]:
    asked = [name for name in given.get(parameter, "").split(",") if name]
    for name in asked:
        if name not in ids:
            refuse("not_allowed", parameter, name, ", ".join(ids))
    return tuple(dict.fromkeys(asked))


def _pairs(parameter: str, given: dict[str, str], ids: Sequence[str]) -> list[tuple[str, str]]:
    parts = [part.partition(":") for part in given.get(parameter, "").split(",") if part]
    for name, _, _ in parts:
        if name not in ids:
            refuse("not_allowed", parameter, name, ", ".join(ids))
    return [(name, text) for name, _, text in parts]


def _percent(text: str) -> int:
    if not (text.isascii() and text.isdigit() and LEAST_OPACITY <= int(text[:4]) <= FULL):
        refuse("wrong_type", "opacity", text, f"{LEAST_OPACITY}..{FULL}")
    return int(text)


def _display(text: str) -> str:
    if text not in DISPLAYS:
        refuse("not_allowed", "as", text, ", ".join(DISPLAYS))
    return text
