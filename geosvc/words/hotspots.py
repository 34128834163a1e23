"""What a scan for hotspots says, in sentences: for the page and for the command line.

It knows no request: what it is given is the report of `geosvc.analysis.hotspots` and the rows of
its frame. Numbers that are not there leave their sentence out.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from geosvc.messages import text
from geosvc.words.numerals import day, fixed, kilometers, number, percent, probability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.model import Language

Row: TypeAlias = "Mapping[str, Any]"
Report: TypeAlias = "Mapping[str, Any]"

LEAST_VISITS: Final = 5
"""Fewer visits than these make no hotspot."""
MOST_CROSSES: Final = 3
"""How many other roads of a stretch are named."""
TOP_SHARE: Final = 0.1
"""The share of street length at which the score is put into words."""


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Return rows by rank, those without one behind, in the order in which they were found.

    >>> found = [{"hotspot_id": "h10", "rank": None}, {"hotspot_id": "h2", "rank": None}]
    >>> [row["hotspot_id"] for row in in_order([*found, {"hotspot_id": "h3", "rank": 1}])]
    ['h3', 'h2', 'h10']
    >>> in_order([])
    []
    """

    def place(row: Row) -> tuple[bool, float, int, str]:
        rank, key = row.get("rank"), str(row["hotspot_id"])
        return rank is None, rank or 0, len(key), key

    return sorted(rows, key=place)


def headline(report: Report, rows: Sequence[Row], tongue: Language) -> list[str]:
    """Say what was found, and then which ranks cannot be told apart.

    Parameters
    ----------
    report
        What the method says beside its rows.
    rows
        The stretches, in any order.
    tongue
        The reader's language.
    """
    ordered = in_order(rows)
    strong = [row for row in ordered if row["level"] == "significant"]
    tentative = sum(row["level"] == "tentative" for row in ordered)
    visits = report["visits"]["count"]
    if visits < LEAST_VISITS:
        return [text("hotspots.verdict_few", tongue, visits=visits)]
    if len(strong) == 1 and strong[0]["road_name"]:
        return [text("hotspots.verdict_one", tongue, road=strong[0]["road_name"])]
    if strong:
        return [text("hotspots.verdict_some", tongue, count=len(strong)), *ties(strong, tongue)]
    if tentative:
        return [text("hotspots.verdict_tentative", tongue, count=tentative)]
    return [text("hotspots.verdict_none", tongue)]


def ties(rows: Sequence[Row], tongue: Language) -> list[str]:
    """Say which runs of ranks cannot be told apart: their rank intervals all overlap.

    Parameters
    ----------
    rows
        Stretches with ranks, in order.
    tongue
        The reader's language.

    Examples
    --------
    >>> ranked = [{"rank": n, "rank_low": 1, "rank_high": 2} for n in (1, 2)]
    >>> ties([*ranked, {"rank": 3, "rank_low": 3, "rank_high": 3}], "en")
    ['Ranks 1–2 cannot be told apart.']
    >>> ties([], "en")
    []
    """
    known = [row for row in rows if row.get("rank_low") is not None]
    said, at = [], 0
    while at < len(known):
        end = at + 1
        while end < len(known) and _overlap(known[at : end + 1]):
            end += 1
        if end - at > 1:
            first, last = known[at]["rank"], known[end - 1]["rank"]
            said.append(text("hotspots.tied", tongue, first=first, last=last))
        at = end
    return said


def lead(report: Report, rows: Sequence[Row], tongue: Language) -> list[str]:
    """Say what the simulations say of the strongest cluster, and what no hotspot means."""
    overall, draws = report.get("overall") or {}, report.get("draws")
    said = []
    if overall.get("p_value") is not None and draws:
        strong = overall.get("at_least_as_strong", 0)
        key = "hotspots.chance_some" if strong else "hotspots.chance_never"
        values = {"visits": report["visits"]["count"], "draws": number(draws), "strong": strong}
        said.append(text(key, tongue, p=probability(overall["p_value"]), **values))
    if not any(row["level"] == "significant" for row in rows):
        said.append(text("hotspots.absent", tongue))
    return said


def evidence(rows: Sequence[Row], tongue: Language) -> list[dict[str, Any]]:
    """Return the rows of the table of evidence as texts.

    Parameters
    ----------
    rows
        The stretches, in any order.
    tongue
        The reader's language.

    Returns
    -------
    rows
        ``key``, ``rank``, ``level``, ``level_text``, ``road``, ``note`` and the numbers.
    """
    return [
        {
            "key": row["hotspot_id"],
            "rank": "–" if row.get("rank") is None else row["rank"],
            "level": row["level"],
            "level_text": text(f"hotspots.level.{row['level']}", tongue),
            "road": row["road_name"] or row["hotspot_id"],
            "note": _note(row, tongue),
            "visits": number(row["visits"]),
            "cases": number(row["cases"]),
            "expected": fixed(row["expected"], 1),
            "ratio": fixed(row["ratio"], 1),
            "p": probability(row["p_value"]),
        }
        for row in in_order(rows)
    ]


def power(report: Report, tongue: Language) -> dict[str, Any] | None:
    """Say how strong a cluster would show, and return the points of the curve; None without any."""
    found = report.get("power")
    if not found or not found.get("curve"):
        return None
    least = found.get("smallest_ratio")
    key = "hotspots.power_not_found" if least is None else "hotspots.power_found"
    most = max(point["ratio"] for point in found["curve"])
    values = {
        "visits": report["visits"]["count"],
        "length": kilometers(report["exposure"]["length_m"]),
        "window": number(found["window_m"]),
        "ratio": number(most if least is None else least, 1),
    }
    return {
        "text": text(key, tongue, **values),
        "points": [
            text(
                "hotspots.power_point",
                tongue,
                ratio=number(point["ratio"]),
                power=percent(point["power"]),
            )
            for point in found["curve"]
        ],
        "chart": {
            "kind": "power",
            "points": [[point["ratio"], point["power"]] for point in found["curve"]],
            "share": found.get("share"),
            "x": text("hotspots.power_axis", tongue),
            "label": text(
                "hotspots.power_label",
                tongue,
                window=values["window"],
                draws=number(found.get("draws")),
            ),
        },
    }


def weekly(report: Report, tongue: Language) -> dict[str, Any] | None:
    """Say how cases make visits, and return the weeks; None without any."""
    weeks = report.get("weekly")
    if not weeks:
        return None
    visits, used = report["visits"], report["events"]["used"]
    return {
        "text": text(
            "hotspots.visits_made",
            tongue,
            cases=number(used),
            visits=number(visits["count"]),
            mean=number(visits.get("mean_size"), 2),
            largest=number(visits.get("largest")),
            dispersion=number(visits.get("dispersion"), 2),
        ),
        "rows": [[day(week["from"], tongue), week["cases"], week["visits"]] for week in weeks],
        "chart": {
            "kind": "weekly",
            "weeks": [[str(week["from"]), week["cases"], week["visits"]] for week in weeks],
            "cases": text("hotspots.cases", tongue),
            "visits": text("hotspots.visits", tongue),
            "label": text("hotspots.weekly_label", tongue),
        },
    }


def score(report: Report, tongue: Language) -> dict[str, Any]:
    """Say how well the stretches predict what was left out, and return the curve."""
    found = report.get("score") or {}
    if found.get("pai") is None:
        return {"texts": [text("hotspots.score_none", tongue)], "rows": [], "chart": None}
    period = text(f"hotspots.period.{found['period']}", tongue)
    pai, pei = number(found["pai"], 1), number(found.get("pei"), 2)
    curve = found.get("curve") or []
    said = [text("hotspots.score_pai", tongue, period=period, pai=pai, pei=pei)]
    if len(curve) > 1:
        share = found.get("share") or TOP_SHARE
        length, events = min(curve, key=lambda point: abs(point[0] - share))
        shares = {"length": percent(length), "events": percent(events)}
        said.append(text("hotspots.score_share", tongue, **shares))
    return {
        "texts": said,
        "rows": [
            [
                _span(item["from"], item["to"], tongue),
                number(item["n"]),
                number(item.get("pai"), 1),
                number(item.get("pei"), 2),
            ]
            for item in found.get("periods", ())
        ],
        "chart": {
            "kind": "score",
            "points": curve,
            "x": text("hotspots.score_length", tongue),
            "label": text("hotspots.score_label", tongue),
        },
    }


def surveyed(report: Report, tongue: Language) -> dict[str, Any]:
    """Say what counts as surveyed; list what was added to it, and the roads with most visits."""
    found = report["exposure"]
    length, network = found["length_m"], found.get("network_m") or 0
    said = [
        text(
            f"hotspots.rule.{found['rule']}",
            tongue,
            length=kilometers(length),
            network=kilometers(network),
            share=percent(length / network if network else None),
        )
    ]
    if found.get("patrols"):
        said.append(text("hotspots.surveyed_patrols", tongue, count=number(found["patrols"])))
    added = found.get("added") or []
    total = kilometers(sum(item["length_m"] for item in added))
    return {
        "texts": said,
        "added": [
            text(
                "hotspots.added_row",
                tongue,
                road=item["road_name"] or "–",
                length=kilometers(item["length_m"]),
                keys=listed([str(key) for key in item["keys"]], tongue),
            )
            for item in added
        ],
        "added_text": text("hotspots.surveyed_added", tongue, count=len(added), length=total),
        "roads": [
            [
                item["road_name"],
                kilometers(item["surveyed_m"]),
                *(number(item[name]) for name in ("patrols", "visits", "cases")),
            ]
            for item in report.get("roads") or ()
        ],
    }


def used(report: Report, tongue: Language) -> dict[str, Any]:
    """Say how many cases were used, and list those that were not, with the reason."""
    events = report["events"]
    dropped = [
        {"key": str(item["key"]), "why": _why(item, report, tongue)} for item in events["dropped"]
    ]
    counts = {"used": number(events["used"]), "total": number(events["total"])}
    return {
        "text": text("hotspots.used", tongue, **counts),
        "dropped": dropped,
        "dropped_text": text("hotspots.dropped", tongue, count=len(dropped)),
    }


def method(report: Report, tongue: Language) -> list[tuple[str, str]]:
    """Return what was chosen, as pairs of a label and a text."""
    period = report.get("period") or {}
    radii = [number(radius) for radius in report["radii_m"]]
    rows = [
        ("hotspots.method_name", str(report["method"])),
        ("hotspots.method_period", _span(period.get("from"), period.get("to"), tongue)),
        ("hotspots.method_unit", text("hotspots.method_unit_text", tongue)),
        ("hotspots.method_test", text("hotspots.method_test_text", tongue)),
        (
            "hotspots.method_radii",
            text("hotspots.method_radii_text", tongue, radii=listed(radii, tongue)),
        ),
        (
            "hotspots.method_draws",
            text(
                "hotspots.method_draws_text",
                tongue,
                draws=number(report["draws"]),
                seed=report["seed"],
            ),
        ),
        ("hotspots.method_alpha", f"{percent(report['alpha'])}%"),
        (
            "hotspots.method_snap",
            text("hotspots.method_snap_text", tongue, limit=number(report.get("snap_limit_m", 50))),
        ),
        ("hotspots.method_least", text("hotspots.method_least_text", tongue)),
    ]
    return [(text(key, tongue), value) for key, value in rows]


def listed(items: Sequence[str], tongue: Language) -> str:
    """Write a list as a reader of the language would.

    >>> listed(["100", "200"], "zh"), listed(["a", "b"], "en"), listed([], "en")
    ('100、200', 'a, b', '')
    """
    return ("、" if tongue == "zh" else ", ").join(items)


def _overlap(rows: Sequence[Row]) -> bool:
    return all(
        one["rank_low"] <= other["rank_high"] and other["rank_low"] <= one["rank_high"]
        for one, other in itertools.combinations(rows, 2)
    )


def _note(row: Row, tongue: Language) -> str:
    said = []
    if row.get("cross_roads"):
        names = str(row["cross_roads"]).split("、")
        roads = listed(names[:MOST_CROSSES], tongue)
        key = "hotspots.crosses" if len(names) <= MOST_CROSSES else "hotspots.crosses_more"
        said.append(text(key, tongue, roads=roads, count=len(names)))
    said.append(text("hotspots.within", tongue, radius=number(row["radius_m"])))
    low, high = row.get("rank_low"), row.get("rank_high")
    if low is not None and high is not None:
        key = "hotspots.rank_sure" if low == high else "hotspots.rank_span"
        said.append(text(key, tongue, first=low, last=high))
    if row.get("reason"):
        said.append(text(f"hotspots.reason.{row['reason']}", tongue))
    elif row["level"] == "significant" and row.get("is_stable"):
        said.append(text("hotspots.stable", tongue))
    if row.get("p_by_patrols") is not None:
        expected, p = number(row["expected_by_patrols"], 1), probability(row["p_by_patrols"])
        said.append(text("hotspots.by_patrols", tongue, expected=expected, p=p))
    if row.get("ratio_next") is not None:
        said.append(text("hotspots.next_ratio", tongue, ratio=number(row["ratio_next"], 1)))
    return ("；" if tongue == "zh" else "; ").join(said)


def _why(item: Mapping[str, Any], report: Report, tongue: Language) -> str:
    if item["reason"] == "beyond_limit":
        far, limit = number(item.get("distance_m")), number(report.get("snap_limit_m", 50))
        return text("hotspots.why.beyond", tongue, distance=far, limit=limit)
    return text(f"hotspots.why.{item['reason']}", tongue)


def _span(first: str | None, last: str | None, tongue: Language) -> str:
    days = {"first": day(first, tongue), "last": day(last, tongue)}
    return text("hotspots.method_span", tongue, **days)
