"""What the templates and the script of siting show: the form's fields, the answer's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geosvc.analysis.siting.goal import OBJECTIVES
from geosvc.messages import has, text
from geosvc.web.siting_runs import (
    CANDIDATES,
    EXISTING,
    NUMBERS,
    START,
    ZONES,
    bounds_of,
    kinds_of,
    weight_name,
)
from geosvc.words import siting as siting_words
from geosvc.words.numerals import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace

_NAMED: Final = (
    "value", "bound", "start_area", "end_area", "typed_area", "drawing", "cancel_area",
    "why_waiting", "why_offline", "offline", "chart", "trace_label", "auto", "keep", "exclude",
    "chosen", "closed", "candidate", "excluded", "served",
)  # fmt: skip


def words(tongue: Language) -> dict[str, str]:
    """Return the words that the script writes."""
    return {name: text(f"siting.script.{name}", tongue) for name in _NAMED}


def field(name: str, tongue: Language) -> str:
    """Return what a field of the form is called.

    >>> field("budget", "en"), field("weight.shops", "en"), field("odd", "en")
    ('Budget', 'Weight', 'odd')
    """
    if name.startswith("weight."):
        return text("siting.weight", tongue)
    key = f"siting.asked.{name}"
    return text(key, tongue) if has(key) else name


def form(view: Workspace, wishes: Mapping[str, Any] | None, tongue: Language) -> dict[str, Any]:
    """Return what the form offers and starts with.

    Parameters
    ----------
    view
        The layers.
    wishes
        What it is to start with; None for its own start.
    tongue
        The reader's language.
    """
    given = dict(START) if wishes is None else _given(wishes)
    return {
        "objectives": [
            (name, text(f"siting.objective.{name}", tongue), text(f"siting.meaning.{name}", tongue))
            for name in OBJECTIVES
        ],
        "given": given,
        "bounds": {name: bounds_of(name) for name in NUMBERS},
        "kinds": _kinds(view, wishes, tongue),
        "zones": _zones(view, tongue),
        "has_zones": wishes is None
        or any(rule["name"] == ZONES["name"] for rule in wishes["rules"]),
        "has_sewer": wishes is not None
        and any(rule["name"] == "sewer" for rule in wishes["rules"]),
        "parcels": _parcels(view, wishes),
        "existing": _existing(view, tongue),
        "keeps_existing": wishes is None or not (wishes.get("existing") or {}).get("closable"),
        "sizes": [*((wishes or {}).get("sizes") or []), {}, {}][:2],
    }


def answer(document: Mapping[str, Any], tongue: Language) -> dict[str, Any]:
    """Return the answer for the template."""
    return {
        "views": siting_words.views(document, tongue),
        "verdict": siting_words.verdict(document, tongue),
        "reasons": siting_words.reasons(document, tongue),
        "has_plan": document["chosen"] is not None,
        "plans": siting_words.plans(document, tongue),
        "excluded": siting_words.excluded(document, tongue),
        "bargains": [
            (
                number(item["cost"], 1),
                number(item["value"], 1),
                text(f"scenario_proof.{item['status']}", tongue, gap="–"),
            )
            for item in document["bargains"]
        ],
        "has_queues": bool(document["queues"]),
        "method": method(document, tongue),
    }


def drawn(document: Mapping[str, Any], said: Mapping[str, Any], tongue: Language) -> dict[str, Any]:
    """Return what the script draws: sites, demand, who goes where, the curve."""
    sites = document["sites"]
    where = document["places"]["sites"]
    out = {item["site"] for item in said["excluded"]}
    return {
        "sites": [
            {
                "key": site["key"],
                "name": site["name"],
                "at": [where["lat"][row], where["lon"][row]],
                "standing": site["standing"],
                "excluded": row in out,
                "bays": number(site["bays"]),
            }
            for row, site in enumerate(sites)
        ],
        "demand": document["places"]["demand"],
        "plans": {
            **{f"c{row}": item["sites"] for row, item in enumerate(document["curve"])},
            **{f"p{row}": item["sites"] for row, item in enumerate(document["plans"])},
        },
        "served": {
            **{f"c{row}": item for row, item in enumerate(document["served"]["curve"])},
            **{f"p{row}": item for row, item in enumerate(document["served"]["plans"])},
        },
        "areas": document["wishes"]["areas"],
        "chosen": f"c{document['chosen'] or 0}",
        "curve": siting_words.curve_chart(document, tongue),
    }


def method(document: Mapping[str, Any], tongue: Language) -> list[tuple[str, str]]:
    """Return how it was computed, as pairs of a label and a text."""
    goal, access, demand = document["goal"], document["access"], document["demand"]
    dropped = sum(demand["dropped"].values())
    rules = [siting_words.rule_name(rule["name"], tongue) for rule in document["rules"]]
    inputs = [f"{name} r{item['revision']}" for name, item in document["inputs"].items()]
    best = document["curve"][document["chosen"] or 0]
    rows = [
        ("objective", text(f"siting.meaning.{document['objective']}", tongue)),
        ("demand", siting_words.listed(_groups(demand, tongue), tongue)),
        ("dropped", text("siting.method.dropped_text", tongue, count=number(dropped))),
        (
            "distance",
            text(
                "siting.method.distance_text",
                tongue,
                demand=number(access["demand"]["mean_m"]),
                sites=number(access["sites"]["mean_m"]),
                limit=number(access["snap_limit_m"]),
            ),
        ),
        ("rules", siting_words.listed(rules, tongue) or text("siting.method.no_rules", tongue)),
        ("solver", best["solver"]),
        (
            "seconds",
            text(
                "siting.method.seconds_text",
                tongue,
                seconds=number(document["seconds"], 1),
                limit=number(goal["time_limit_s"]),
            ),
        ),
        ("seed", str(document["seed"])),
        ("inputs", siting_words.listed(inputs, tongue)),
    ]
    if best["merge_error"]:
        rows.append(("merged", number(best["merge_error"], 1)))
    return [(text(f"siting.method.{name}", tongue), said) for name, said in rows]


def _groups(demand: Mapping[str, Any], tongue: Language) -> list[str]:
    return [
        text(
            "siting.method.group",
            tongue,
            kind=siting_words.kind_name(group["kind"], tongue)
            + (f" ({group['value']})" if group["value"] else ""),
            points=number(group["points"]),
            weight=number(group["weight"], 3),
            total=number(group["total"], 1),
        )
        for group in demand["groups"]
    ]


def asked(wishes: Mapping[str, Any], view: Workspace, tongue: Language) -> list[str]:
    """Say in a few words what a run was asked, for its head."""
    said = [text(f"siting.meaning.{wishes.get('objective', 'median')}", tongue)]
    said.append(text("siting.so_many", tongue, sites=number(wishes.get("added", 3))))
    if wishes.get("service_distance_m"):
        said.append(text("siting.within_m", tongue, distance=number(wishes["service_distance_m"])))
    names = [
        siting_words.kind_name(kind.get("name", kind["layer"]), tongue)
        for kind in wishes.get("demand", ())
    ]
    synthetic = any(view.status(kind["layer"]).synthetic for kind in wishes.get("demand", ()))
    if synthetic:
        names.append(text("scenarios.synthetic", tongue))
    return [*said, siting_words.listed(names, tongue)]


def _given(wishes: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of the fields that mean these wishes."""
    peak = wishes.get("peak") or {}
    zones: Mapping[str, Any] = next(
        (rule for rule in wishes["rules"] if rule["name"] == ZONES["name"]), {}
    )
    least: Mapping[str, Any] = next(
        (rule for rule in wishes["rules"] if rule["name"] == "least_bays"), {}
    )
    half = [kind["half_life_days"] for kind in wishes.get("demand", ()) if "half_life_days" in kind]
    closable = (wishes.get("existing") or {}).get("closable") or {}
    found = {
        **{name: wishes.get(name) for name in NUMBERS},
        **peak,
        "objective": wishes.get("objective"),
        "as_of": wishes.get("as_of"),
        "share_percent": 100 * wishes.get("share", 1),
        "half_life_days": next(iter(half), None),
        "soft_penalty_m": zones.get("penalty_m", 0),
        "least_bays": least.get("value"),
        "closing_cost": next(iter(closable.values()), None),
        "areas": "\n".join(
            "; ".join(f"{lon},{lat}" for lon, lat in ring) for ring in wishes["areas"]
        ),
    }
    return {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in found.items()
        if value is not None
    }


def _kinds(
    view: Workspace, wishes: Mapping[str, Any] | None, tongue: Language
) -> list[dict[str, Any]]:
    before = (
        None if wishes is None else {kind.get("name"): kind for kind in wishes.get("demand", ())}
    )
    made = []
    for kind, values in kinds_of(view):
        named = {item.name: item for item in view.catalog.layer(kind.layer).schema.fields}
        labels = named[kind.by].labels if kind.by else {}
        earlier = None if before is None else before.get(kind.name, {"by_weights": {}, "weight": 0})
        rows = []
        for value in values or [""]:
            weight = kind.start
            if earlier is not None:
                alone = earlier.get("weight", 1.0)
                weight = earlier.get("by_weights", {}).get(value, alone) if value else alone
            label = (
                labels[value].text.of(tongue)
                if value
                else siting_words.kind_name(kind.name, tongue)
            )
            rows.append(
                {"name": weight_name(kind.name, value), "label": label, "weight": f"{weight:g}"}
            )
        made.append(
            {
                "title": siting_words.kind_name(kind.name, tongue),
                "count": number(view.status(kind.layer).count),
                "rows": rows,
                "is_dated": kind.is_dated,
            }
        )
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


def _parcels(view: Workspace, wishes: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    layer_id = CANDIDATES["layer"]
    if layer_id not in view.catalog.layers or not view.status(layer_id).is_served:
        return []
    marks = {key: mark for mark in ("keep", "exclude") for key in (wishes or {}).get(mark, ())}
    gdf = view.frame(layer_id)
    inside = gdf.geometry.representative_point()
    return [
        {
            "key": str(key),
            "name": str(name),
            "at": [round(at.y, 6), round(at.x, 6)],
            "mark": marks.get(str(key), ""),
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
