"""What kinds of demand and rules are called, and lists as a reader writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.analysis.siting.solving import NO_SOLVER
from geosvc.messages import has, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.model import Language


def listed(items: Sequence[str], tongue: Language) -> str:
    """Write a list as a reader of the language would.

    >>> listed(["a", "b"], "zh"), listed([], "en")
    ('a、b', '')
    """
    return ("、" if tongue == "zh" else ", ").join(items)


def kind_name(name: str, tongue: Language) -> str:
    """Return what a kind of demand is called; its own name where a person made it up.

    >>> kind_name("closed", "en"), kind_name("depots", "en")
    ('Closed shops, washes a day', 'depots')
    """
    return text(f"siting.kind.{name}", tongue) if has(f"siting.kind.{name}") else name


def rule_name(name: str, tongue: Language) -> str:
    """Return what a rule is called; its own name where a person made it up.

    >>> rule_name("sewer", "en"), rule_name("slope", "en")
    ('Sewer at the parcel', 'slope')
    """
    return text(f"siting.rule.{name}", tongue) if has(f"siting.rule.{name}") else name


def solver_name(name: str, tongue: Language) -> str:
    """Return what answered a question: the name and version of a solver, or that none was needed.

    >>> solver_name("HiGHS 1.9", "zh"), solver_name("geosvc, by counting", "zh")
    ('HiGHS 1.9', '逐一计数')
    """
    return text("siting.by_counting", tongue) if name == NO_SOLVER else name


def cost_unit(document: Mapping[str, Any], tongue: Language) -> str:
    """Return the unit that costs are counted in; empty where the layer file says none.

    >>> cost_unit({"cost_unit": {"zh": "万元", "en": "10,000 yuan"}}, "zh"), cost_unit({}, "en")
    ('万元', '')
    """
    return str((document.get("cost_unit") or {}).get(tongue, ""))


def column(name: str, document: Mapping[str, Any], tongue: Language) -> str:
    """Return the head of a column, with the unit of costs where it holds them.

    >>> column("cost", {"cost_unit": {"zh": "万元"}}, "zh"), column("cost", {}, "en")
    ('费用（万元）', 'Cost')
    """
    said = text(f"siting_column.{name}", tongue)
    unit = cost_unit(document, tongue) if name == "cost" else ""
    return text("siting.with_unit", tongue, title=said, unit=unit) if unit else said
