"""The form of a siting question: what it starts with, and what its fields mean as wishes.

The layers and fields that it speaks of are those of a county's catalog; a kind of demand whose
layer is not there is not asked for. No weight and no distance is claimed to be right: weights of 1
are examples, and what has no default is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import EditError, Issue
from geosvc.workspace.siting import DRAWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.workspace import Workspace

WORK: Final = "siting"
"""The name of the work in `geosvc.works.WORKS`."""
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
ZONES: Final = {
    "name": "exclusion_zones",
    "layer": "exclusion_zones",
    "hard_field": "hard",
    "source_field": "rule_basis",
    "name_field": "zone_name",
    "example": True,
}
SEWER: Final = {"name": "sewer", "keep": "attribute", "field": "sewer", "value": True}


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
        "shops",
        "car_wash_shops",
        {"amount": "washes_per_day", "where": {"action": ["closed", "relocated"]}},
    ),
    Kind("communities", "communities", {"amount": "population"}, start=0.0),
    Kind("villages", "villages", {"amount": "population"}, start=0.0),
)
DATED: Final = "captured_at"

NUMBERS: Final[Mapping[str, tuple[float, float, bool]]] = {
    "added": (0, 50, True),
    "service_distance_m": (1, 100_000, False),
    "share_percent": (1, 100, False),
    "half_life_days": (1, 36_500, False),
    "closing_cost": (0, 1e9, False),
    "soft_penalty_m": (0, 100_000, False),
    "least_bays": (0, 1000, True),
    "washes_per_bay_day": (0.01, 10_000, False),
    "budget": (0, 1e9, False),
    "arrivals_per_hour": (0, 100_000, False),
    "service_minutes": (0.1, 1440, False),
    "waiting_bays": (0, 1000, True),
    "time_limit_s": (1, 600, False),
    "seed": (0, 2**31 - 1, True),
}
"""The least and the most of each number, and whether it is a whole one."""

START: Final[Mapping[str, str]] = {
    "objective": "median",
    "added": "3",
    "service_distance_m": "1000",
    "share_percent": "100",
    "soft_penalty_m": "0",
    "time_limit_s": "60",
    "seed": "0",
}
"""What the form starts with, besides switches that are on."""

_SIZE_ROWS: Final = (1, 2)
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


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


def weight_name(kind: str, value: str = "") -> str:
    """Return the name of a field for a weight.

    >>> weight_name("violations", "lane_washing"), weight_name("shops")
    ('weight.violations.lane_washing', 'weight.shops')
    """
    return f"weight.{kind}.{value}" if value else f"weight.{kind}"


def read_form(given: Mapping[str, str], workspace: Workspace) -> dict[str, Any]:
    """Read what a person asks.

    Parameters
    ----------
    given
        The fields of the form. Empty is what has no default.
    workspace
        The layers that can be asked of.

    Returns
    -------
    wishes
        As `geosvc.workspace.siting.read_wishes` takes them.

    Raises
    ------
    EditError
        If a text makes no sense; ``issues`` name the fields.
    """
    reader = _Reader({name: text.strip() for name, text in given.items() if text.strip()})
    wishes: dict[str, Any] = {
        "streets": dict(STREETS),
        "candidates": dict(CANDIDATES),
        "existing": _existing(reader, workspace),
        "objective": reader.texts.get("objective", START["objective"]),
        "demand": _demand(reader, workspace),
        "rules": _rules(reader),
        "areas": read_areas(reader),
        "sizes": _sizes(reader),
        "added": reader.number("added"),
        "service_distance_m": reader.number("service_distance_m"),
        "washes_per_bay_day": reader.number("washes_per_bay_day"),
        "budget": reader.number("budget"),
        "time_limit_s": reader.number("time_limit_s"),
        "seed": reader.number("seed"),
        "as_of": reader.texts.get("as_of"),
        "peak": _peak(reader),
    }
    share = reader.number("share_percent")
    wishes["share"] = None if share is None else share / 100
    for mark in ("keep", "exclude"):
        wishes[mark] = sorted(
            name.removeprefix("parcel.")
            for name, text in reader.texts.items()
            if name.startswith("parcel.") and text == mark
        )
    if reader.issues:
        raise EditError(WORK, issues=reader.issues)
    return {name: value for name, value in wishes.items() if value not in (None, [], {})}


def read_areas(reader: _Reader) -> list[list[list[float]]]:
    """Read rings, one a line: ``lon,lat; lon,lat; …``; drawn or typed."""
    rings = []
    for number, line in enumerate(reader.texts.get("areas", "").splitlines(), 1):
        corners = [corner for corner in re.split(r"[;；]", line) if corner.strip()]
        if not corners:
            continue
        ring = [
            [float(part) for part in re.split(r"[,，\s]+", corner.strip()) if _is_number(part)]
            for corner in corners
        ]
        if len(ring) < 3 or any(len(at) != 2 for at in ring):  # noqa: PLR2004 - a triangle, lon and lat
            reader.refuse("areas", f"{number}: {line}", "121.10,33.50; 121.11,33.50; 121.11,33.51")
        rings.append(ring)
    return rings


class _Reader:
    """The texts of a form, and what is wrong with them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.issues: list[Issue] = []

    def is_on(self, name: str) -> bool:
        """Say whether a box is checked."""
        return name in self.texts

    def number(self, name: str, *, bounds: str = "") -> float | None:
        """Return a number within the bounds of its name, or of another; None where it is empty."""
        text = self.texts.get(name)
        if text is None:
            return None
        least, most, is_whole = NUMBERS[bounds or name]
        if not _is_number(text) or (is_whole and not text.lstrip("-").isdecimal()):
            self.refuse(name, text, "integer" if is_whole else "number")
            return None
        value = float(text)
        if not least <= value <= most:
            self.refuse(name, text, f"{least:g}–{most:g}")
            return None
        return int(value) if is_whole else value

    def refuse(self, name: str, found: str, expected: str) -> None:
        """Note that a text makes no sense."""
        self.issues.append(Issue("wrong_type", WORK, name, found=found[:80], expected=expected))


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _weight(reader: _Reader, name: str, start: float) -> float:
    text = reader.texts.get(name)
    if text is None:
        return start
    if not _is_number(text) or not 0 <= float(text) <= 1e6:  # noqa: PLR2004 - a million times another
        reader.refuse(name, text, "0–1000000")
        return start
    return float(text)


def _demand(reader: _Reader, workspace: Workspace) -> list[dict[str, Any]]:
    made = []
    for kind, values in kinds_of(workspace):
        weights = [
            _weight(reader, weight_name(kind.name, value), kind.start) for value in values or [""]
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


def _existing(reader: _Reader, workspace: Workspace) -> dict[str, Any]:
    settings: dict[str, Any] = dict(EXISTING)
    if EXISTING["layer"] not in workspace.catalog.layers:
        return {}
    cost = reader.number("closing_cost")
    if not reader.is_on("keep_existing"):
        keys = workspace.frame(EXISTING["layer"])[EXISTING["key"]].astype(str)
        settings["closable"] = dict.fromkeys(keys, cost or 0.0)
    return settings


def _rules(reader: _Reader) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    if reader.is_on("zones"):
        rules.append({**ZONES, "penalty_m": reader.number("soft_penalty_m") or 0.0})
    if reader.is_on("sewer"):
        rules.append(dict(SEWER))
    least = reader.number("least_bays")
    if least:
        rules.append(
            {
                "name": "least_bays",
                "keep": "attribute",
                "field": "max_bays",
                "test": ">=",
                "value": least,
            }
        )
    return rules


def _sizes(reader: _Reader) -> list[dict[str, float]]:
    made = []
    for row in _SIZE_ROWS:
        bays = reader.number(f"size_bays_{row}", bounds="least_bays")
        cost = reader.number(f"size_cost_{row}", bounds="budget")
        if bays is not None and cost is not None:
            made.append({"bays": bays, "cost": cost})
    return made


def _peak(reader: _Reader) -> dict[str, float] | None:
    names = ("arrivals_per_hour", "service_minutes", "waiting_bays")
    found = {name: reader.number(name) for name in names}
    given = {name: value for name, value in found.items() if value is not None}
    return given or None


def bounds_of(name: str) -> Sequence[float]:
    """Return the least and the most that a field of the form takes."""
    return NUMBERS[name][:2]


__all__ = [
    "DRAWN",
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
    "weight_name",
]
