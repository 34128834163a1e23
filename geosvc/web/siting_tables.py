"""A siting as plain records: sites, who goes where, the curve, and what a file says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geosvc.workspace.scenarios import chosen_row

if TYPE_CHECKING:
    from collections.abc import Mapping

SITE_FIELDS: Final = (
    *("key", "name", "role", "bays", "cost", "street", "access_m", "demand", "per_bay"),
    *("utilisation", "chosen_share", "rules"),
)
"""The columns of a site; ``role`` is new, standing, closed, candidate, excluded or unreachable."""


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself; ``at`` is ISO 8601, None where nobody kept the moment."""

    title: str
    author: str
    at: str | None
    synthetic: bool


def facts_of(document: Mapping[str, Any], about: About) -> dict[str, Any]:
    """Return what a file says of itself, as JSON."""
    row = chosen_row(document) or {}
    return {
        "title": about.title,
        "author": about.author,
        "at": about.at,
        "synthetic": about.synthetic,
        "objective": document["objective"],
        **{name: row.get(name) for name in ("added", "status", "value", "bound", "gap")},
        "unit": document["unit"],
        "seed": document["seed"],
        "stopped": document["stopped"],
        "revisions": {name: item["revision"] for name, item in document["inputs"].items()},
    }


def site_records(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every site by `SITE_FIELDS`, with ``lon`` and ``lat``."""
    row = chosen_row(document) or document["curve"][0]
    loads = {load["site"]: load for load in row["loads"]}
    drawn = document["sensitivity"] or {"draws": 0, "chosen": ()}
    counts = {item["site"]: item["count"] for item in drawn["chosen"]}
    places = document["places"]["sites"]
    records = []
    for at, site in enumerate(document["sites"]):
        load = loads.get(at, {})
        share = counts.get(at, 0) / drawn["draws"] if drawn["draws"] else None
        rules = ";".join(dict.fromkeys(item["rule"] for item in site["findings"]))
        records.append(
            {
                **{name: site[name] for name in ("key", "name", "cost", "street", "access_m")},
                "role": _role(row, at, site),
                "bays": load.get("bays", site["bays"]),
                "demand": load.get("weight"),
                "per_bay": load.get("per_bay"),
                "utilisation": load.get("utilisation"),
                "chosen_share": share,
                "rules": rules,
                "lon": places["lon"][at],
                "lat": places["lat"][at],
            }
        )
    return records


def link_records(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return who goes where: ``point``, ``site``, ``amount``, ``ends`` (both places, lon, lat)."""
    points, sites = document["places"]["demand"], document["places"]["sites"]
    return [
        {
            "point": points["label"][demand],
            "site": document["sites"][site]["key"],
            "amount": amount,
            "ends": (
                (points["lon"][demand], points["lat"][demand]),
                (sites["lon"][site], sites["lat"][site]),
            ),
        }
        for demand, site, amount in document["allocation"]
    ]


def curve_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the curve without its lists, with the share within each distance."""
    plain = {
        name: value for name, value in row.items() if not isinstance(value, (list, tuple, dict))
    }
    within = {f"within_{item['distance_m']:g}_m": item["share"] for item in row["coverage"]}
    return plain | within


def _role(row: Mapping[str, Any], at: int, site: Mapping[str, Any]) -> str:
    if site["standing"]:
        return "closed" if at in row["closed"] else "standing"
    if at in row["opened"]:
        return "new"
    if any(item["hard"] for item in site["findings"]):
        return "excluded"
    return "candidate" if site["usable"] else "unreachable"
