"""The form of a siting question: what its fields mean as wishes, and what wishes are as fields.

The layers and fields that it speaks of are those of a county's catalog; a kind of demand whose
layer is not there is not asked for. No weight and no distance is claimed to be right: weights of 1
are examples, and what has no default is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from geosvc.analysis.siting.goal import OBJECTIVES
from geosvc.errors import EditError
from geosvc.web import siting_depots, siting_rules
from geosvc.web.siting_fields import (
    NUMBERS,
    START,
    SWITCHES,
    WORK,
    Reader,
    numbers_of,
    weight_name,
    weight_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace

WHY: Final = "siting_why"
"""The name of the work that says why a plan has no site at a place."""
MAP: Final = "siting"

STREETS: Final = {"layer": "roads", "name": "road_name"}
CANDIDATES: Final = {
    "layer": "candidate_parcels",
    "key": "feature_id",
    "name": "parcel_name",
    "bays": "max_bays",
    "cost": "cost_wan",
}
EXISTING: Final = {
    "layer": "car_wash_sites",
    "key": "feature_id",
    "name": "site_name",
    "bays": "bays_planned",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of demand that the form asks weights for: one, or one for each value of ``by``."""

    name: str
    layer: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    start: float = 1.0
    is_dated: bool = False


KINDS: Final = (
    Kind("violations", "violations", {"label": "case_no"}, by="violation_type", is_dated=True),
    Kind(
        "relocated",
        "car_wash_shops",
        {"amount": "washes_per_day", "where": {"action": ["relocated"]}},
    ),
    Kind("closed", "car_wash_shops", {"amount": "washes_per_day", "where": {"action": ["closed"]}}),
    Kind("communities", "communities", {"amount": "population"}, start=0.0),
    Kind("villages", "villages", {"amount": "population"}, start=0.0),
)
DATED: Final = "captured_at"
SIZE_ROWS: Final = (1, 2)
MARKS: Final = ("keep", "exclude")
PEAK: Final = ("arrivals_per_hour", "service_minutes", "waiting_bays")

_PLAIN: Final = (
    *("added", "service_distance_m", "reach_m", "washes_per_bay_day", "budget", "draws"),
    *("time_limit_s", "seed"),
)
"""Numbers whose field and setting have one name."""
_CORNERS: Final = 3


def kinds_of(workspace: Workspace) -> list[tuple[Kind, list[str]]]:
    """Return the kinds of demand that there is a layer for, with the values of ``by``."""
    found = []
    for kind in KINDS:
        layer = workspace.catalog.layers.get(kind.layer)
        if layer is None or not workspace.status(kind.layer).is_served:
            continue
        named = {item.name: item for item in layer.schema.fields}
        values = list(named[kind.by].labels) if kind.by in named else []
        found.append((kind, values))
    return found


def read_form(
    given: Mapping[str, str], workspace: Workspace, tongue: Language = "zh"
) -> dict[str, Any]:
    """Read what a person asks.

    Parameters
    ----------
    given
        The fields of the form. Empty is what has no default.
    workspace
        The layers that can be asked of.
    tongue
        The language of the names of rules that nobody named.

    Returns
    -------
    wishes
        As `geosvc.workspace.siting.read_wishes` takes them.

    Raises
    ------
    EditError
        If a text makes no sense; ``issues`` name the fields.
    """
    reader = Reader(given)
    wishes: dict[str, Any] = {
        "streets": dict(STREETS),
        "candidates": dict(CANDIDATES),
        "existing": _existing(reader, workspace),
        "objective": reader.texts.get("objective", START["objective"]),
        "demand": _demand(reader, workspace),
        "depots": siting_depots.read_depots(reader, workspace),
        "rules": siting_rules.read_rules(reader, workspace, tongue),
        "areas": read_areas(reader),
        "sizes": _sizes(reader),
        "as_of": _day(reader),
        "peak": _peak(reader),
        **{name: reader.number(name) for name in _PLAIN},
    }
    share = reader.number("share_percent")
    wishes["share"] = None if share is None else share / 100
    if reader.is_on("single_source"):
        wishes["single_source"] = True
    for mark in MARKS:
        wishes[mark] = sorted(
            name.removeprefix("parcel.")
            for name, text in reader.texts.items()
            if name.startswith("parcel.") and text == mark
        )
    _hold(reader)
    if reader.issues:
        raise EditError(WORK, issues=reader.issues)
    # without a rule there is none: not those that a question has which says nothing of rules
    return {
        name: value
        for name, value in wishes.items()
        if value not in (None, [], {}) or name == "rules"
    }


def texts_of(wishes: Mapping[str, Any], workspace: Workspace) -> dict[str, str]:
    """Return the texts of the fields that mean wishes: `read_form` gives the wishes again."""
    peak, closable = wishes.get("peak") or {}, (wishes.get("existing") or {}).get("closable")
    half = [kind["half_life_days"] for kind in wishes.get("demand", ()) if "half_life_days" in kind]
    found: dict[str, Any] = {
        **{name: wishes.get(name) for name in _PLAIN},
        **peak,
        "objective": wishes.get("objective"),
        "as_of": wishes.get("as_of"),
        "share_percent": 100 * wishes.get("share", 1),
        "half_life_days": next(iter(half), None),
        "closing_cost": next(iter((closable or {}).values()), None),
        "keep_existing": None if closable else "on",
        "single_source": "on" if wishes.get("single_source") else None,
    }
    for row, size in zip(SIZE_ROWS, wishes.get("sizes", ()), strict=False):
        found |= {f"size_bays_{row}": size["bays"], f"size_cost_{row}": size["cost"]}
    found["areas"] = "\n".join(
        "; ".join(f"{lon},{lat}" for lon, lat in ring) for ring in wishes.get("areas", ())
    )
    texts = {
        name: value if isinstance(value, str) else f"{value:.12g}"
        for name, value in found.items()
        if value is not None
    }
    marks = {f"parcel.{key}": mark for mark in MARKS for key in wishes.get(mark, ())}
    rules, depots = siting_rules.texts_of(wishes), siting_depots.texts_of(wishes)
    return texts | marks | _weights(wishes, workspace) | rules | depots


def start_texts(workspace: Workspace) -> dict[str, str]:
    """Return the texts that the form starts with."""
    weights = {
        weight_name(kind.name, value): f"{kind.start:g}"
        for kind, values in kinds_of(workspace)
        for value in values or [""]
    }
    return {**START, **dict.fromkeys(SWITCHES, "on"), **weights}


def _weights(wishes: Mapping[str, Any], workspace: Workspace) -> dict[str, str]:
    before = {kind.get("name"): kind for kind in wishes.get("demand", ())}
    texts = {}
    for kind, values in kinds_of(workspace):
        earlier = before.get(kind.name, {"by_weights": {}, "weight": 0})
        alone = earlier.get("weight", 1.0)
        for value in values or [""]:
            weight = earlier.get("by_weights", {}).get(value, alone) if value else alone
            texts[weight_name(kind.name, value)] = f"{weight:.12g}"
    return texts


def read_areas(reader: Reader) -> list[list[list[float]]]:
    """Read rings, one a line: ``lon,lat; lon,lat; …``; drawn or typed."""
    rings = []
    for number, line in enumerate(reader.texts.get("areas", "").splitlines(), 1):
        corners = [corner for corner in re.split(r"[;；]", line) if corner.strip()]
        if not corners:
            continue
        ring = [numbers_of(corner) for corner in corners]
        if len(ring) < _CORNERS or any(len(at) != 2 for at in ring):  # noqa: PLR2004 - lon and lat
            reader.refuse("areas", "not_area", found=f"{number}: {line}")
        rings.append(ring)
    return rings


def _day(reader: Reader) -> str | None:
    text = reader.texts.get("as_of")
    try:
        return None if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        reader.refuse("as_of", "not_a_day", found=text or "")
        return None


def _hold(reader: Reader) -> None:
    """Refuse an empty field that another one needs."""
    given = reader.texts
    objective = given.get("objective", START["objective"])
    if objective not in OBJECTIVES:
        reader.refuse("objective", "not_allowed", found=objective, expected=", ".join(OBJECTIVES))
    pairs = [("half_life_days", "as_of"), *((one, other) for one in PEAK for other in PEAK[:2])]
    for one, other in pairs:
        told = {issue.key for issue in reader.issues}
        if one in given and other not in given and told.isdisjoint({one, other}):
            reader.refuse(other, "required")
    needed = {
        "coverage": ("service_distance_m",),
        "fewest": ("service_distance_m",),
        "capacitated": ("washes_per_bay_day",),
        "sizes": ("washes_per_bay_day", "budget", "size_bays_1", "size_cost_1"),
    }
    for name in needed.get(objective, ()):
        if name not in given:
            reader.refuse(name, "required")


def _demand(reader: Reader, workspace: Workspace) -> list[dict[str, Any]]:
    made = []
    for kind, values in kinds_of(workspace):
        weights = [
            weight_of(reader, weight_name(kind.name, value), kind.start) for value in values or [""]
        ]
        if not any(weights):
            continue
        settings: dict[str, Any] = {"name": kind.name, "layer": kind.layer, **kind.settings}
        if values:
            settings |= {"by": kind.by, "by_weights": dict(zip(values, weights, strict=True))}
        if any(weight != 1 for weight in weights):
            # a weight that stays as it was counts as one that nobody set
            settings["weight"] = 1.0 if values else weights[0]
        half_life = reader.number("half_life_days") if kind.is_dated else None
        if half_life is not None:
            settings |= {"time": DATED, "half_life_days": half_life}
        made.append(settings)
    return made


def _existing(reader: Reader, workspace: Workspace) -> dict[str, Any]:
    settings: dict[str, Any] = dict(EXISTING)
    if EXISTING["layer"] not in workspace.catalog.layers:
        return {}
    cost = reader.number("closing_cost")
    if not reader.is_on("keep_existing"):
        keys = workspace.frame(EXISTING["layer"])[EXISTING["key"]].astype(str)
        settings["closable"] = dict.fromkeys(keys, cost or 0.0)
    return settings


def _sizes(reader: Reader) -> list[dict[str, float]]:
    made = []
    for row in SIZE_ROWS:
        names = (f"size_bays_{row}", f"size_cost_{row}")
        bays = reader.number(names[0], bounds="least_bays")
        cost = reader.number(names[1], bounds="budget")
        if bays is not None and cost is not None:
            made.append({"bays": bays, "cost": cost})
        elif bays is not None or cost is not None:
            empty = names[0] if bays is None else names[1]
            if empty not in reader.texts:
                reader.refuse(empty, "required")
    return made


def _peak(reader: Reader) -> dict[str, float] | None:
    found = {name: reader.number(name) for name in PEAK}
    given = {name: value for name, value in found.items() if value is not None}
    return given or None


__all__ = [
    "CANDIDATES",
    "EXISTING",
    "KINDS",
    "MAP",
    "NUMBERS",
    "START",
    "WHY",
    "WORK",
    "Kind",
    "kinds_of",
    "read_areas",
    "read_form",
    "start_texts",
    "texts_of",
    "weight_name",
]
