"""What kinds of demand and rules are called, and lists as a reader writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geosvc.messages import has, text

if TYPE_CHECKING:
    from collections.abc import Sequence

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
