"""Depots of taxis and buses in the form: places that a person clicks or types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from geosvc.web.siting_fields import numbers_of, weight_name, weight_of
from geosvc.words.numerals import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language
    from geosvc.web.siting_fields import Reader
    from geosvc.workspace import Workspace

FLEET: Final = {"layer": "fleet", "key": "vehicle_kind", "count": "count"}
"""The layer that counts vehicles, and its fields."""

_LENGTHS: Final = (2, 3)


def field_name(kind: str) -> str:
    """Return the name of the field for the places of a kind.

    >>> field_name("taxi")
    'depots.taxi'
    """
    return f"depots.{kind}"


def fleets_of(workspace: Workspace) -> list[tuple[str, float]]:
    """Return each kind of vehicle that is counted, and how many there are."""
    layer_id = FLEET["layer"]
    if layer_id not in workspace.catalog.layers or not workspace.status(layer_id).is_served:
        return []
    frame = workspace.frame(layer_id)
    if not {FLEET["key"], FLEET["count"]} <= set(frame.columns):
        return []
    return list(
        zip(frame[FLEET["key"]].astype(str), frame[FLEET["count"]].astype(float), strict=True)
    )


def read_depots(reader: Reader, workspace: Workspace) -> dict[str, Any]:
    """Read the depots of a form as wishes; a kind without a place is not asked for."""
    kinds = []
    for name, count in fleets_of(workspace):
        points = _points(reader, name, count)
        weight = weight_of(reader, weight_name(name), 1.0)
        if points and weight:
            kind: dict[str, Any] = {"name": name, "points": points}
            # a weight that stays as it was counts as one that nobody set
            kinds.append(kind if weight == 1 else kind | {"weight": weight})
    return {**FLEET, "kinds": kinds} if kinds else {}


def _points(reader: Reader, kind: str, count: float) -> list[list[float]]:
    name = field_name(kind)
    points = []
    for line in re.split(r"[\n;；]+", reader.texts.get(name, "")):
        if not line.strip():
            continue
        place = numbers_of(line)
        is_place = len(place) in _LENGTHS and abs(place[0]) <= 180 and abs(place[1]) <= 90  # noqa: PLR2004 - degrees
        if not is_place or any(part < 0 for part in place[2:]):
            reader.refuse(name, "not_depot", found=line.strip())
            return []
        points.append(place)
    given = sum(sum(place[2:]) for place in points)
    if given > count:
        reader.refuse(name, "too_many_vehicles", found=number(given), expected=number(count))
        return []
    return points


def texts_of(wishes: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of the fields that mean these depots.

    >>> texts_of({"depots": {"kinds": [{"name": "taxi", "points": [[121.1, 33.5, 40]]}]}})
    {'depots.taxi': '121.1,33.5,40', 'weight.taxi': '1'}
    >>> texts_of({})
    {}
    """
    texts = {}
    for kind in (wishes.get("depots") or {}).get("kinds", ()):
        lines = [",".join(f"{part:.10g}" for part in point) for point in kind["points"]]
        texts[field_name(kind["name"])] = "\n".join(lines)
        texts[weight_name(kind["name"])] = f"{kind.get('weight', 1):.12g}"
    return texts


def shown(view: Workspace, texts: Mapping[str, str], tongue: Language) -> list[dict[str, str]]:
    """Return what the form shows of each kind of vehicle."""
    found = fleets_of(view)
    if not found:
        return []
    fields = view.catalog.layer(FLEET["layer"]).schema.fields
    labels = next(item.labels for item in fields if item.name == FLEET["key"])
    return [
        {
            "field": field_name(kind),
            "title": labels[kind].text.of(tongue) if kind in labels else kind,
            "count": number(count),
            "places": texts.get(field_name(kind), ""),
            "weight_field": weight_name(kind),
            "weight": texts.get(weight_name(kind), "1"),
        }
        for kind, count in found
    ]
