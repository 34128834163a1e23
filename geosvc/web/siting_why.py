"""Why a plan has no site at a place, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.messages import text
from geosvc.words.numerals import number, percent
from geosvc.words.siting import finding, listed, rule_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language


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
