"""What the templates and the script of siting show of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geosvc.messages import text
from geosvc.web.siting_question import Names
from geosvc.words import siting as siting_words
from geosvc.words import siting_names
from geosvc.words.numerals import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace

_NAMED: Final = (
    "value", "bound", "start_area", "end_area", "typed_area", "drawing", "cancel_area",
    "why_waiting", "why_offline", "offline", "chart", "trace_label", "auto", "keep", "exclude",
    "chosen", "closed", "candidate", "excluded", "served", "area", "demand",
)  # fmt: skip


def words(tongue: Language) -> dict[str, str]:
    """Return the words that the script writes."""
    return {name: text(f"siting.script.{name}", tongue) for name in _NAMED}


def answer(
    document: Mapping[str, Any], tongue: Language, catalog: Catalog | None = None
) -> dict[str, Any]:
    """Return the answer for the template; the catalog says what layers and values are called."""
    return {
        "views": siting_words.views(document, tongue),
        "verdict": siting_words.verdict(document, tongue),
        "reasons": siting_words.reasons(document, tongue),
        # without demand every plan is as good as any other
        "has_plan": document["chosen"] is not None and document["demand"]["weight"] > 0,
        "plans": siting_words.plans(document, tongue),
        "excluded": siting_words.excluded(document, tongue),
        "cost_head": siting_names.column("cost", document, tongue),
        "bargains": [
            (
                number(item["cost"], 1),
                number(item["value"], 1),
                text(f"scenario_proof.{item['status']}", tongue, gap="–"),
            )
            for item in document["bargains"]
        ],
        "has_queues": bool(document["queues"]),
        "method": method(document, tongue, catalog),
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


def method(
    document: Mapping[str, Any], tongue: Language, catalog: Catalog | None = None
) -> list[tuple[str, str]]:
    """Return how it was computed, as pairs of a label and a text."""
    names = Names(catalog, tongue)
    goal, access, demand = document["goal"], document["access"], document["demand"]
    dropped = sum(demand["dropped"].values())
    rules = [siting_names.rule_name(rule["name"], tongue) for rule in document["rules"]]
    inputs = [
        f"{names.layer(name)} r{item['revision'] or 0}" for name, item in document["inputs"].items()
    ]
    best = document["curve"][document["chosen"] or 0]
    rows = [
        ("objective", text(f"siting.meaning.{document['objective']}", tongue)),
        ("demand", siting_names.listed(_groups(document, names), tongue)),
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
        ("rules", siting_names.listed(rules, tongue) or text("siting.method.no_rules", tongue)),
        ("solver", siting_names.solver_name(best["solver"], tongue)),
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
        ("inputs", siting_names.listed(inputs, tongue)),
    ]
    if best["merge_error"]:
        rows.append(("merged", number(best["merge_error"], 1)))
    return [(text(f"siting.method.{name}", tongue), said) for name, said in rows]


def _groups(document: Mapping[str, Any], names: Names) -> list[str]:
    fields = {
        kind.get("name", kind["layer"]): kind.get("by", "")
        for kind in document["wishes"].get("demand", ())
    }
    made = []
    for group in document["demand"]["groups"]:
        kind = siting_names.kind_name(group["kind"], names.tongue)
        if group["value"]:
            kind += f" ({names.value(group['layer'], fields[group['kind']], group['value'])})"
        said = {"points": number(group["points"]), "weight": number(group["weight"], 3)}
        total = number(group["total"], 1)
        made.append(text("siting.method.group", names.tongue, kind=kind, total=total, **said))
    return made


def asked(wishes: Mapping[str, Any], view: Workspace, tongue: Language) -> list[str]:
    """Say in a few words what a run was asked, for its head."""
    said = [text(f"siting.meaning.{wishes.get('objective', 'median')}", tongue)]
    said.append(text("siting.so_many", tongue, sites=number(wishes.get("added", 3))))
    if wishes.get("service_distance_m"):
        said.append(text("siting.within_m", tongue, distance=number(wishes["service_distance_m"])))
    names = [
        siting_names.kind_name(kind.get("name") or kind["layer"], tongue)
        for kind in (*wishes.get("demand", ()), *(wishes.get("depots") or {}).get("kinds", ()))
    ]
    synthetic = any(view.status(kind["layer"]).synthetic for kind in wishes.get("demand", ()))
    if synthetic:
        names.append(text("scenarios.synthetic", tongue))
    return [*said, siting_names.listed(names, tongue)]
