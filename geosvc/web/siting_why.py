"""Why a plan has no site at a place, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from geosvc.errors import EditError, Issue
from geosvc.messages import text
from geosvc.web.siting_fields import WORK
from geosvc.words.numerals import number, percent
from geosvc.words.siting import finding
from geosvc.words.siting_names import listed, rule_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language


def place_of(document: Mapping[str, Any], given: object) -> tuple[str | list[float], list[str]]:
    """Read which place is asked about and which plan is meant, from a page of ours.

    Parameters
    ----------
    document
        The answer that the page shows.
    given
        ``place`` (the key of a site, or [longitude, latitude]), ``list`` ("curve" or "plans") and
        ``row`` in it.

    Returns
    -------
    place, sites
        The place, and the keys of the sites of the plan.

    Raises
    ------
    EditError
        If there is no such site or plan, or the place lies nowhere.
    """
    asked = given if isinstance(given, dict) else {}
    sites, place = document["sites"], asked.get("place")
    rows = document["curve"] if asked.get("list") == "curve" else document["plans"]
    at = asked.get("row")
    is_row = isinstance(at, int) and not isinstance(at, bool) and 0 <= at < len(rows)
    is_key = isinstance(place, str) and place in {site["key"] for site in sites}
    if not is_row or not (is_key or _is_point(place)):
        raise EditError(WORK, issues=[Issue("wrong_type", WORK, "place", found=str(place)[:80])])
    plan = rows[cast("int", at)]["sites"]
    return cast("Any", place), [sites[site]["key"] for site in plan]


def _is_point(place: object) -> bool:
    return (
        isinstance(place, list)
        and len(place) == 2  # noqa: PLR2004 - longitude and latitude
        and all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in place)
        and abs(place[0]) <= 180  # noqa: PLR2004 - degrees
        and abs(place[1]) <= 90  # noqa: PLR2004 - degrees
    )


def sentences(found: Mapping[str, Any], tongue: Language) -> list[str]:
    """Say why there is no site at a place, and what would be if there were.

    Parameters
    ----------
    found
        `geosvc.analysis.siting.document.WhyNotDocument`.
    tongue
        The reader's language.
    """
    name = found["name"] or found["key"] or text("siting.why.point", tongue)
    said = [text(f"siting.why.{found['code']}", tongue, place=name)]
    said += [finding(item, tongue) for item in found["findings"]]
    if found["access_m"] is not None:
        street = found["street"] or text("siting.why.nameless", tongue)
        said.append(
            text("siting.why.street", tongue, street=street, distance=number(found["access_m"]))
        )
    said += [
        text(
            "siting.why.covers",
            tongue,
            distance=number(item["distance_m"]),
            share=percent(item["share"]),
            new=number(item["new_weight"], 1),
        )
        for item in found["covers"]
    ]
    said += _relief(found, tongue) + _loss(found, tongue)
    if found["unchecked"]:
        rules = [rule_name(rule, tongue) for rule in found["unchecked"]]
        said.append(text("siting.why.unchecked", tongue, rules=listed(rules, tongue)))
    return said


def _relief(found: Mapping[str, Any], tongue: Language) -> list[str]:
    if not found["relieves"]:
        return []
    most = found["relieves"][0]
    given = {"site": most["key"], "weight": number(most["weight"], 1)}
    return [text("siting.why.relieves", tongue, share=percent(most["share"]), **given)]


def _loss(found: Mapping[str, Any], tongue: Language) -> list[str]:
    forced = found["forced"]
    if forced is None:
        return []
    if forced["value"] is None:
        return [text("siting.why.no_plan", tongue)]
    if found["loss_share"] is None:
        return []
    key = "siting.why.without" if found["code"] == "chosen" else "siting.why.loss"
    here = text("siting.why.point", tongue)
    keys = listed([key or here for key in forced["keys"]], tongue)
    said = text(key, tongue, share=percent(found["loss_share"]), keys=keys)
    if forced["status"] != "proven":
        said += text("siting.why.unproven", tongue)
    return [said]
