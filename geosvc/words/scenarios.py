"""What is said of a kept siting: a line of the list, its sites, its curve, two side by side."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from geosvc import messages
from geosvc.words.numerals import ABSENT, number, percent
from geosvc.words.siting_names import column
from geosvc.workspace.scenarios import chosen_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.model import Language

TONES: Final = {"proven": "ok", "gap": "warn", "heuristic": "warn", "infeasible": "bad"}
"""The tone of each status."""

SITE_HEADS: Final = ("key", "name", "role", "bays", "demand", "utilisation")
"""The columns of `site_rows`."""
CURVE_HEADS: Final = ("added", "value", "bound", "status", "gain", "mean_m")
"""The columns of `curve_rows`."""

_FIGURES: Final = ("mean_m", "p95_m", "max_m", "gini", "unserved", "cost")


def headline(facts: Mapping[str, Any], tongue: Language) -> str:
    """Say in one sentence what a plan does.

    Parameters
    ----------
    facts
        See `geosvc.workspace.scenarios.outcome_of`.
    tongue
        The reader's language.

    Examples
    --------
    >>> facts = {"added": 3, "objective": "median", "before_m": 1905.2, "mean_m": 742.0}
    >>> headline(facts, "zh")
    '新增 3 处，平均距离从 1,905 米降到 742 米。'
    >>> headline({"added": None}, "en")
    'No plan was found.'
    """
    if facts["added"] is None:
        return messages.text("scenarios.no_plan", tongue)
    given: dict[str, Any] = {"added": facts["added"], "mean": number(facts["mean_m"])}
    if facts["objective"] in {"coverage", "fewest"}:
        distance_m = facts["service_distance_m"]
        within = {item["distance_m"]: item["share"] for item in facts["coverage"]}
        given |= {"distance": number(distance_m), "share": percent(within.get(distance_m))}
        return messages.text("scenarios.covers", tongue, **given)
    if facts["objective"] == "center":
        return messages.text("scenarios.worst", tongue, **given, worst=number(facts["value"]))
    if facts["before_m"] is None:
        return messages.text("scenarios.mean", tongue, **given)
    return messages.text("scenarios.mean_from", tongue, **given, before=number(facts["before_m"]))


def proof(facts: Mapping[str, Any], tongue: Language) -> dict[str, str]:
    """Say how sure a plan is: ``text`` and ``tone`` of a badge.

    >>> proof({"status": "gap", "gap": 0.032}, "zh")
    {'text': '离最优最多 3%', 'tone': 'warn'}
    >>> proof({"status": None}, "en")
    {'text': 'No plan', 'tone': 'bad'}
    """
    status = facts["status"] or "infeasible"
    text = messages.text(f"scenario_proof.{status}", tongue, gap=percent(facts.get("gap")))
    return {"text": text, "tone": TONES[status]}


def site_rows(document: Mapping[str, Any], tongue: Language) -> list[list[str]]:
    """Return the table of open sites: key, name, role, bays, demand, utilisation."""
    best = chosen_row(document)
    if best is None:
        return []
    rows = []
    for load in best["loads"]:
        site = document["sites"][load["site"]]
        role = "standing" if site["standing"] else "new"
        full = load["utilisation"]
        rows.append(
            [
                site["key"],
                site["name"],
                messages.text(f"scenario_role.{role}", tongue),
                number(load["bays"]),
                number(load["weight"], 1),
                ABSENT if full is None else f"{percent(full)}%",
            ]
        )
    return rows


def curve_rows(document: Mapping[str, Any], tongue: Language) -> list[list[str]]:
    """Return the table of the curve: added, value, bound, proof, gain, mean distance."""
    return [
        [
            messages.text("scenarios.present", tongue) if not row["added"] else f"+{row['added']}",
            with_unit(row["value"], document, tongue),
            with_unit(row["bound"], document, tongue),
            proof(row, tongue)["text"] if row["added"] else ABSENT,
            with_unit(row["gain"], document, tongue),
            number(row["mean_m"]),
        ]
        for row in document["curve"]
    ]


def value_unit(document: Mapping[str, Any], tongue: Language) -> str:
    """Return the unit of value, bound and gain."""
    return messages.text(f"scenario_unit.{document['unit']}", tongue)


def with_unit(value: float | None, document: Mapping[str, Any], tongue: Language) -> str:
    """Write a value, a bound or a gain with its unit.

    >>> with_unit(7402.6, {"unit": "m"}, "zh"), with_unit(None, {"unit": "m"}, "zh")
    ('7,403 米', '–')
    """
    return ABSENT if value is None else f"{number(value)} {value_unit(document, tongue)}"


def beside(
    pair: Sequence[Mapping[str, Any]], tongue: Language
) -> list[tuple[str, list[str], bool]]:
    """Return two results side by side: a label, a text each, and whether they differ.

    Parameters
    ----------
    pair
        Two documents.
    tongue
        The reader's language.
    """
    columns = [dict(_figures(document, tongue)) for document in pair]
    labels = list(dict.fromkeys(label for column in columns for label in column))
    lines = [(label, [column.get(label, ABSENT) for column in columns]) for label in labels]
    return [(label, texts, len(set(texts)) > 1) for label, texts in lines]


def shared_sites(pair: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the new sites of two plans: those of both, of the first only, of the second only."""
    first, second = (_opened(document) for document in pair)
    both = [key for key in first if key in second]
    return [
        [f"{key} {first[key]}" for key in both],
        [f"{key} {first[key]}" for key in first if key not in second],
        [f"{key} {second[key]}" for key in second if key not in first],
    ]


def padded(columns: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return columns of different lengths as rows.

    >>> padded([["a", "b"], ["c"]])
    [('a', 'c'), ('b', '')]
    >>> padded([[], []])
    []
    """
    return list(zip_longest(*columns, fillvalue=""))


def _figures(document: Mapping[str, Any], tongue: Language) -> list[tuple[str, str]]:
    row = chosen_row(document) or {}
    said = [
        ("objective", messages.text(f"scenario_objective.{document['objective']}", tongue)),
        ("added", number(row.get("added"))),
        ("proof", proof({"status": row.get("status"), "gap": row.get("gap")}, tongue)["text"]),
        ("value", with_unit(row.get("value"), document, tongue)),
        *((name, number(row.get(name), 2 if name == "gini" else 0)) for name in _FIGURES),
    ]
    named = [(column(name, document, tongue), text) for name, text in said]
    within = [
        (
            messages.text("scenarios.within", tongue, distance=number(item["distance_m"])),
            f"{percent(item['share'])}%",
        )
        for item in row.get("coverage", ())
    ]
    return [*named, *within]


def _opened(document: Mapping[str, Any]) -> dict[str, str]:
    row = chosen_row(document)
    sites = [] if row is None else [document["sites"][at] for at in row["opened"]]
    return {site["key"]: site["name"] for site in sites}
