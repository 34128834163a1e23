"""What a siting says, in sentences: for its page and for the command line.

It knows no request: what it is given is `geosvc.analysis.siting.document.SitingDocument`. Numbers
that are not there leave their sentence out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from geosvc.messages import has, text
from geosvc.words.numerals import ABSENT, number, percent
from geosvc.words.scenarios import headline, proof, value_unit
from geosvc.words.siting_names import cost_unit, kind_name, listed, rule_name, solver_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.model import Language

Document: TypeAlias = "Mapping[str, Any]"

MOST_NAMED: Final = 8
SHOPS: Final = ("relocated", "closed")
"""The kinds of demand that the bays must hold, in the order in which they are told."""
"""How many keys a sentence names."""
_RARE: Final = 0.001
_BRIEF_S: Final = 0.1
PLAN_NAMES: Final = "BCDEFGHIJKLMNOPQRSTUVWXYZ"


def views(document: Document, tongue: Language) -> list[dict[str, Any]]:
    """Return what the page can show: each plan of the curve, then the plans beside the chosen one.

    Parameters
    ----------
    document
        The answer.
    tongue
        The reader's language.

    Returns
    -------
    views
        ``id``, ``name``, ``proof`` (``text`` and ``tone`` of a badge), ``seconds``, ``head``,
        ``lead``, ``kpis`` (number, unit, label), ``rows`` of the table and ``is_chosen``.
    """
    curve, chosen = document["curve"], document["chosen"]
    made = []
    for at, row in enumerate(curve):
        name = text("scenarios.present", tongue) if not row["added"] else f"+{row['added']}"
        view = _view(document, row, tongue, before=curve[0])
        lead = _steps(document, at, tongue)
        made.append(view | {"id": f"c{at}", "name": name, "is_chosen": at == chosen, "lead": lead})
    for at, row in enumerate(document["plans"]):
        name = text("siting.plan_name", tongue, letter=PLAN_NAMES[at])
        view = _view(document, row, tongue, before=curve[0])
        loss = _loss(document, row, tongue)
        made.append(view | {"id": f"p{at}", "name": name, "is_chosen": False, "lead": loss})
    return made


def verdict(document: Document, tongue: Language) -> list[str]:
    """Say what else a person should know first: loads, runners-up, how sure, what is an example."""
    said = []
    for item in document["verdict"]:
        words = _VERDICTS.get(item["code"])
        if words is not None:
            said += words(item, document, tongue)
    return said


def reasons(document: Document, tongue: Language) -> list[str]:
    """Say why the goal was not reached."""
    return [reason(item, tongue) for item in document["reasons"]]


def reason(item: Mapping[str, Any], tongue: Language) -> str:
    """Put one reason into words, see `geosvc.analysis.siting.shortage.Reason`.

    >>> reason({"code": "no_demand", "points": 0}, "en")
    'There is no demand: no feature has a weight above 0.'
    """
    said = {name: _plain(value, tongue) for name, value in item.items() if name != "code"}
    code = item["code"]
    if code == "sites_short" and item["distance_m"] is None and item["bays"] is None:
        # any distance will do and any number fits: only streets that do not meet are left
        code = "sites_apart"
    elif code == "sites_short":
        parts = []
        if item["distance_m"] is not None:
            parts.append(text("siting.within_m", tongue, distance=number(item["distance_m"])))
        parts.append(text("siting.so_many", tongue, sites=number(item["sites"])))
        if item["bays"] is not None:
            parts.append(text("siting.at_most_bays", tongue, bays=number(item["bays"])))
        said["given"] = listed(parts, tongue)
        code = "sites_short" if item["proven"] else "sites_short_least"
    if code == "capacity_short":
        code = "capacity_short" if item["needed"] is not None else "capacity_short_all"
    return text(f"siting.reason.{code}", tongue, **said)


def plans(document: Document, tongue: Language) -> list[dict[str, str]]:
    """Return the cards of the chosen plan and of the next-best, by the ids of `views`."""
    if document["chosen"] is None:
        return []
    chosen = document["curve"][document["chosen"]]
    cards = [(f"c{document['chosen']}", text("siting.plan_best", tongue), chosen)]
    for at, row in enumerate(document["plans"]):
        cards.append((f"p{at}", text("siting.plan_name", tongue, letter=PLAN_NAMES[at]), row))
    return [
        {
            "id": name,
            "name": title,
            "value": _amount(document, row, tongue),
            "note": listed(_keys(document, row["opened"]), tongue),
            "loss": "" if row is chosen else _loss(document, row, tongue),
            "proof": proof(row, tongue)["text"],
        }
        for name, title, row in cards
    ]


def curve_chart(document: Document, tongue: Language) -> dict[str, Any]:
    """Return the curve as numbers and names: value and bound of each number of new sites."""
    scale = _scale(document)
    points = [
        {
            "id": f"c{at}",
            "name": text("scenarios.present", tongue) if not row["added"] else f"+{row['added']}",
            "value": _scaled(row["value"], scale),
            "bound": _scaled(row["bound"], scale),
            "text": number(_scaled(row["value"], scale), 0 if scale != 1 else 1),
            "proof": proof(row, tongue)["text"] if row["added"] else "",
            "is_proven": row["status"] == "proven",
        }
        for at, row in enumerate(document["curve"])
        if row["value"] is not None
    ]
    label = text(f"siting.axis.{_axis(document)}", tongue)
    return {"points": points, "axis": label, "chosen": document["chosen"]}


def excluded(document: Document, tongue: Language) -> list[dict[str, Any]]:
    """Return the parcels that a plan cannot open, each with the rules it breaks."""
    found = []
    for at, site in enumerate(document["sites"]):
        if site["standing"] or site["usable"]:
            continue
        said = [finding(item, tongue) for item in site["findings"] if item["hard"]]
        if site["access_m"] is None:
            said.append(text("siting.no_street", tongue))
        found.append({"site": at, "key": site["key"], "name": site["name"], "why": said})
    return found


def finding(item: Mapping[str, Any], tongue: Language) -> str:
    """Say which rule a place breaks, by how much, and where the rule is written.

    >>> finding({"rule": "drawn", "feature": "2", "source": "", "clause": "", "example": False,
    ...          "keep": "away", "found": 0.0, "hard": True}, "en")
    'Lies in the area drawn on the map (2).'
    """
    rule, feature = item["rule"], item["feature"]
    key = rule if has(f"siting.broken.{rule}") else item["keep"]
    found = item["found"]
    given = number(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else ""
    said = text(f"siting.broken.{key}", tongue, rule=rule, feature=feature, found=given)
    source = " ".join(part for part in (item["source"], item["clause"]) if part)
    if source:
        said += text("siting.source", tongue, source=source)
    elif item["example"]:
        said += text("siting.example", tongue)
    return said


def _view(
    document: Document, row: Mapping[str, Any], tongue: Language, *, before: Mapping[str, Any]
) -> dict[str, Any]:
    facts = {
        "added": row["added"] if row["sites"] else None,
        "objective": document["objective"],
        "before_m": before["mean_m"] if row is not before else None,
        "mean_m": row["mean_m"],
        "service_distance_m": document["goal"]["service_distance_m"],
        "coverage": row["coverage"],
        "value": row["value"],
    }
    said = text("siting.present_head", tongue, sites=len(row["sites"]), mean=number(row["mean_m"]))
    return {
        "proof": proof(row, tongue) if row["added"] else None,
        "seconds": text(
            "siting.solved",
            tongue,
            seconds=number(row["seconds"], 1 if row["seconds"] >= _BRIEF_S else 3),
            solver=solver_name(row["solver"], tongue),
        ),
        "head": headline(facts, tongue) if row["added"] else said,
        "kpis": _kpis(row, cost_unit(document, tongue), tongue),
        "rows": _rows(document, row, tongue),
        "closed": listed(_keys(document, row["closed"]), tongue),
    }


def _kpis(row: Mapping[str, Any], unit: str, tongue: Language) -> list[tuple[str, str, str]]:
    meters = text("siting.m", tongue)
    found = [
        (
            percent(item["share"]),
            "%",
            text("scenarios.within", tongue, distance=number(item["distance_m"])),
        )
        for item in row["coverage"]
    ]
    found += [
        (number(row[name]), meters, text(f"siting.{name}", tongue))
        for name in ("p95_m", "max_m")
        if row[name] is not None
    ]
    busiest = max((load["utilisation"] or 0 for load in row["loads"]), default=0)
    if busiest:
        found.append((percent(busiest), "%", text("siting.busiest", tongue)))
    if row["gini"] is not None:
        found.append((number(row["gini"], 2), "", text("siting.gini", tongue)))
    if row["cost"]:
        found.append((number(row["cost"], 1), unit, text("siting.cost", tongue)))
    return found


def _rows(document: Document, row: Mapping[str, Any], tongue: Language) -> list[dict[str, Any]]:
    # weights were drawn for as many new sites as the chosen plan has
    is_like = document["chosen"] is not None
    is_like = is_like and document["curve"][document["chosen"]]["added"] == row["added"]
    drawn = (document["sensitivity"] if is_like else None) or {"draws": 0, "chosen": []}
    draws, counts = drawn["draws"], {item["site"]: item["count"] for item in drawn["chosen"]}
    is_chosen = is_like and row is document["curve"][document["chosen"]]
    queues = {queue["site"]: queue for queue in document["queues"] if is_chosen}
    made = []
    for load in row["loads"]:
        at, site = load["site"], document["sites"][load["site"]]
        times = counts.get(at, 0) if draws else None
        full = load["utilisation"]
        kept = text("siting.kept", tongue) if site["fixed"] else ABSENT
        made.append(
            {
                "site": at,
                "key": site["key"],
                "name": site["name"],
                "is_new": not site["standing"],
                "bays": number(load["bays"]),
                "weight": number(load["weight"], 1),
                "full": ABSENT if full is None else f"{percent(full)}%",
                "steady": kept if site["fixed"] or times is None else f"{percent(times / draws)}%",
                "queue": _queue(queues.get(at), tongue),
            }
        )
    return made


def _queue(item: Mapping[str, Any] | None, tongue: Language) -> str:
    if item is None:
        return ABSENT
    if item["code"] == "grows":
        return text("siting.queue_grows", tongue, full=percent(item["utilisation"]))
    if item["exponential"] < _RARE:
        return text("siting.queue_rare", tongue)
    low, high = percent(item["regular"]), percent(item["exponential"])
    return text("siting.queue_range", tongue, low=low, high=high)


def _steps(document: Document, at: int, tongue: Language) -> str:
    """Say what one site more or less would do, where the curve tells it."""
    curve, said = document["curve"], []
    if at + 1 < len(curve) and curve[at + 1]["gain"] is not None and at:
        said.append(text("siting.one_more", tongue, gain=_change(document, curve[at + 1], tongue)))
    if at > 1 and curve[at]["gain"] is not None:
        said.append(text("siting.one_less", tongue, gain=_change(document, curve[at], tongue)))
    return " ".join(said) if tongue == "en" else "".join(said)


def _loss(document: Document, row: Mapping[str, Any], tongue: Language) -> str:
    chosen = document["curve"][document["chosen"]]
    if row["gain"] is None or not chosen["value"]:
        return ""
    lost = listed(_keys(document, sorted(set(chosen["sites"]) - set(row["sites"]))), tongue)
    got = listed(_keys(document, sorted(set(row["sites"]) - set(chosen["sites"]))), tongue)
    share = percent(abs(row["gain"]) / abs(chosen["value"]))
    return text("siting.swapped", tongue, share=share, lost=lost, got=got)


def _keys(document: Document, sites: Sequence[int]) -> list[str]:
    return [document["sites"][site]["key"] for site in sites]


def _axis(document: Document) -> str:
    unit = str(document["unit"])
    return unit if unit != "weight_m" or _scale(document) == 1 else "mean_m"


def _scale(document: Document) -> float:
    """Return what a value is divided by to be read: the weight, for an average; for shares too."""
    total = document["demand"]["weight"] - document["demand"]["unreached"]["weight"]
    return float(total) if document["unit"] == "weight_m" and total > 0 else 1.0


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value / scale


def _amount(document: Document, row: Mapping[str, Any], tongue: Language) -> str:
    value = _scaled(row["value"], _scale(document))
    unit = (
        text("siting.m", tongue)
        if _axis(document) in {"mean_m", "m"}
        else value_unit(document, tongue)
    )
    return f"{number(value, 0)} {unit}"


def _change(document: Document, row: Mapping[str, Any], tongue: Language) -> str:
    return _amount(document, {"value": row["gain"]}, tongue)


def _plain(value: Any, tongue: Language) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        shown = [str(item) for item in value[:MOST_NAMED]]
        return listed(shown, tongue) + ("…" if len(value) > MOST_NAMED else "")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return number(value, 1)


def _present_load(item: Mapping[str, Any], document: Document, tongue: Language) -> list[str]:
    """Say whether the bays that stand hold the shops that moved, and then those that closed too."""
    if not item["weight"] or item["kind"] not in SHOPS:
        return []
    counted = [
        load
        for load in document["verdict"]
        if load["code"] == "present_load" and load["kind"] in SHOPS and load["weight"]
    ]
    counted = counted[: counted.index(item) + 1]
    kinds = [load["kind"] for load in counted]
    words = {name: number(sum(load[name] for load in counted), 1) for name in ("weight", "per_bay")}
    who = listed([text(f"siting.load_of.{kind}", tongue) for kind in kinds], tongue)
    who = who[:1].upper() + who[1:]
    said = text("siting.load", tongue, who=who, bays=number(item["bays"]), **words)
    missing, short = _uncounted(kinds, document, tongue)
    if item["utilisation"] is None:
        return [said + text("siting.load_unknown", tongue) + missing]
    each = number(document["goal"]["washes_per_bay_day"], 1)
    used = sum(load["utilisation"] for load in counted)
    key = "siting.load_holds" if used <= 1 else "siting.load_short"
    if used <= 1 and short:
        key = "siting.load_holds_known"
    return [said + text(key, tongue, full=percent(used), each=each) + missing]


def _uncounted(kinds: list[str], document: Document, tongue: Language) -> tuple[str, int]:
    """Say how many features a load leaves out, because nobody wrote their amount."""
    demand = document["demand"]
    short = sum(demand["dropped"].get(kind, 0) for kind in kinds)
    known = sum(group["points"] for group in demand["groups"] if group["kind"] in kinds)
    if not short:
        return "", 0
    given = {"short": number(short), "total": number(short + known)}
    return text("siting.load_uncounted", tongue, **given), short


def _always(item: Mapping[str, Any], _document: Document, tongue: Language) -> list[str]:
    if not item["keys"]:
        return [text("siting.always_none", tongue, near=percent(item["near_share"]))]
    keys = _plain(item["keys"], tongue)
    return [text("siting.always", tongue, near=percent(item["near_share"]), keys=keys)]


def _steady(item: Mapping[str, Any], _document: Document, tongue: Language) -> list[str]:
    return [text("siting.steady", tongue, draws=item["draws"], same=item["same"])]


def _keyed(item: Mapping[str, Any], _document: Document, tongue: Language) -> list[str]:
    said = {name: _plain(value, tongue) for name, value in item.items() if name != "code"}
    return [text(f"siting.said.{item['code']}", tongue, **said)]


def _examples(item: Mapping[str, Any], _document: Document, tongue: Language) -> list[str]:
    names = [kind_name(name, tongue) for name in item["kinds"]]
    names += [rule_name(name, tongue) for name in item["rules"]]
    return [text("siting.said.examples", tongue, names=listed(names, tongue))]


_VERDICTS: Final[dict[str, Any]] = {
    "present_load": _present_load,
    "always": _always,
    "steady": _steady,
    "queue_grows": _keyed,
    "unreached": _keyed,
    "stopped": _keyed,
    "examples": _examples,
}
