"""What the template of the form shows: every field with its text, its bounds and its fault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from geosvc.analysis.siting.goal import OBJECTIVES
from geosvc.messages import has, text
from geosvc.web import siting_depots, siting_rules
from geosvc.web.siting_fields import NUMBERS, weight_name
from geosvc.web.siting_rules import ZONES
from geosvc.web.siting_runs import CANDIDATES, EXISTING, SIZE_ROWS, kinds_of
from geosvc.words import siting_names
from geosvc.words.numerals import number
from geosvc.workspace.siting import cost_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.model import Language
    from geosvc.errors import Issue
    from geosvc.workspace import Workspace

_SETTINGS = {"share": "share_percent", "sizes": "size_bays_1"}


def form(
    view: Workspace,
    texts: Mapping[str, str],
    tongue: Language,
    faults: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return what the form offers and shows.

    Parameters
    ----------
    view
        The layers.
    texts
        What the fields have, by their names.
    tongue
        The reader's language.
    faults
        Fields that were refused, each with a sentence.
    """
    said = {name: words for name, words in faults if name}
    shown = {
        "objectives": [
            (name, text(f"siting.objective.{name}", tongue), text(f"siting.meaning.{name}", tongue))
            for name in OBJECTIVES
        ],
        "given": texts,
        "faults": said,
        "unplaced": [words for name, words in faults if not _is_shown(name)],
        "bounds": {name: [f"{part:.10g}" for part in NUMBERS[name][:2]] for name in NUMBERS},
        "cost_unit": (cost_unit(view.catalog, CANDIDATES) or {}).get(tongue, ""),
        "kinds": _kinds(view, texts, tongue),
        "depots": siting_depots.shown(view, texts, tongue),
        "rules": siting_rules.shown(texts),
        "rule_layers": siting_rules.layers_for(view, tongue),
        "zones": _zones(view, tongue),
        "parcels": _parcels(view, texts),
        "existing": _existing(view, tongue),
        "size_rows": SIZE_ROWS,
    }
    return shown | {"opened": {part: _is_touched(part, texts, said) for part in _PARTS}}


_PARTS = {
    "depots": ("depots.",),
    "peak": ("arrivals_per_hour", "service_minutes", "waiting_bays"),
    "limits": ("washes_per_bay_day", "budget", "size_", "single_source", "reach_m"),
    "parcels": ("parcel.",),
    "areas": ("areas",),
    "more": (),
}
"""The parts of the form that are closed until a field in them is used or refused."""
_MORE = ("draws", "time_limit_s", "seed")


def _is_touched(part: str, texts: Mapping[str, str], faults: Mapping[str, str]) -> bool:
    begun = _PARTS[part]
    is_used = bool(begun) and any(words and name.startswith(begun) for name, words in texts.items())
    return is_used or any(name.startswith(begun or _MORE) for name in faults)


def _is_shown(name: str) -> bool:
    """Say whether a fault stands under a field of its own."""
    return name in NUMBERS or name in {"areas", "as_of"} or bool(_ROWS.match(name))


_ROWS = re.compile(r"(rule_\d\.|depots\.|weight\.|size_(bays|cost)_\d)")


def field_of(setting: str) -> str:
    """Return the field of the form that means a setting, empty where there is none.

    >>> field_of("share"), field_of("areas[0]"), field_of("demand[0].by")
    ('share_percent', 'areas', '')
    """
    name = re.split(r"[.\[]", setting)[0]
    name = _SETTINGS.get(name, name)
    return name if _is_shown(name) else ""


def field_title(name: str, tongue: Language) -> str:
    """Return what a field of the form is called.

    >>> field_title("budget", "en"), field_title("weight.relocated", "en"), field_title("odd", "en")
    ('Budget', 'Weight', 'odd')
    >>> field_title("rule_2.distance_m", "zh"), field_title("size_bays_1", "en")
    ('距离（米）', 'Bays')
    """
    if name.startswith("weight."):
        return text("siting.weight", tongue)
    if name.startswith("depots."):
        return text("siting.asked.depots", tongue)
    if name.startswith("rule_"):
        return text(f"siting.asked_rule.{name.split('.')[1]}", tongue)
    key = f"siting.asked.{re.sub(r'_[12]$', '', name)}"
    return text(key, tongue) if has(key) else name


def fault_of(issue: Issue, tongue: Language) -> str:
    """Write a fault as it stands under its field."""
    return text(f"issues.{issue.code}", tongue, found=issue.found, expected=issue.expected)


def _kinds(view: Workspace, texts: Mapping[str, str], tongue: Language) -> list[dict[str, Any]]:
    made = []
    for kind, values in kinds_of(view):
        named = {item.name: item for item in view.catalog.layer(kind.layer).schema.fields}
        labels = named[kind.by].labels if kind.by else {}
        title = siting_names.kind_name(kind.name, tongue)
        rows = []
        for value in values or [""]:
            name = weight_name(kind.name, value)
            label = labels[value].text.of(tongue) if value else title
            rows.append({"name": name, "label": label, "weight": texts.get(name, "")})
        count = number(view.status(kind.layer).count)
        made.append({"title": title, "count": count, "rows": rows, "is_dated": kind.is_dated})
    return made


def _zones(view: Workspace, tongue: Language) -> list[dict[str, str]]:
    layer_id = str(ZONES["layer"])
    if layer_id not in view.catalog.layers or not view.status(layer_id).is_served:
        return []
    return [
        {
            "name": str(row["zone_name"]),
            "source": str(row["rule_basis"]),
            "kind": text("siting.hard" if row["hard"] else "siting.soft", tongue),
            "tone": "bad" if row["hard"] else "info",
        }
        for row in view.frame(layer_id)[["zone_name", "rule_basis", "hard"]].to_dict("records")
    ]


def _parcels(view: Workspace, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    layer_id = CANDIDATES["layer"]
    if layer_id not in view.catalog.layers or not view.status(layer_id).is_served:
        return []
    gdf = view.frame(layer_id)
    inside = gdf.geometry.representative_point()
    return [
        {
            "key": str(key),
            "name": str(name),
            "at": [round(at.y, 6), round(at.x, 6)],
            "mark": texts.get(f"parcel.{key}", ""),
        }
        for key, name, at in zip(
            gdf[CANDIDATES["key"]], gdf[CANDIDATES["name"]], inside, strict=True
        )
    ]


def _existing(view: Workspace, tongue: Language) -> str:
    layer_id = EXISTING["layer"]
    if layer_id not in view.catalog.layers or not view.status(layer_id).is_served:
        return ""
    gdf = view.frame(layer_id)
    bays = [number(value) for value in gdf[EXISTING["bays"]].tolist()]
    return text("siting.keep_existing", tongue, count=len(gdf), bays=" + ".join(bays))
