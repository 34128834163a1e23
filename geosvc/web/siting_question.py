"""What a siting was asked, in plain words: every setting with its name and its value.

Names of settings stand in the messages below ``siting_setting``; one that means something else in
another table is named with the table before it (``rules_keep``). Layers, fields and their values
are called what the catalog calls them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from geosvc.messages import has, text
from geosvc.store.jobs import canonical
from geosvc.words.numerals import ABSENT, number, percent
from geosvc.words.siting_names import kind_name, listed, rule_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Field, Language
    from geosvc.errors import Issue

_FIELDS: Final = frozenset(
    (
        *("amount", "by", "time", "label", "key", "bays", "cost", "field", "count", "name"),
        *("hard_field", "source_field", "name_field"),
    )
)
_SHARES: Final = frozenset({"share", "near_share"})
_UNITS: Final = {"_m": "m", "_days": "days", "_s": "s", "_minutes": "minutes"}
_PATH: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_BETWEEN: Final = " · "


@dataclass(frozen=True, slots=True)
class Names:
    """What layers, fields and values are called; as they are where nobody says it."""

    catalog: Catalog | None
    tongue: Language

    def layer(self, layer_id: str) -> str:
        """Return the title of a layer."""
        known = {} if self.catalog is None else self.catalog.layers
        return known[layer_id].title.of(self.tongue) if layer_id in known else layer_id

    def field(self, layer_id: str, name: str) -> str:
        """Return the title of a field."""
        found = self._field(layer_id, name)
        return name if found is None else found.title.of(self.tongue)

    def value(self, layer_id: str, name: str, value: object) -> str:
        """Return the label of a value of a field."""
        found = self._field(layer_id, name)
        labels = {} if found is None else found.labels
        said = str(value)
        return labels[said].text.of(self.tongue) if said in labels else said

    def _field(self, layer_id: str, name: str) -> Field | None:
        known = {} if self.catalog is None else self.catalog.layers
        fields = known[layer_id].schema.fields if layer_id in known else ()
        return next((item for item in fields if item.name == name), None)


def question(
    wishes: Mapping[str, Any], tongue: Language, catalog: Catalog | None = None
) -> list[tuple[str, str]]:
    """Return what was asked, a line a setting: its name and its value in words.

    >>> question({"added": 3, "demand": [{"name": "villages", "weight": 2.0}]}, "en")
    [('New sites, at most', '3'), ('Demand “Population of villages” · Weight', '2')]
    >>> question({}, "zh")
    []
    """
    names = Names(catalog, tongue)
    return [
        line for key, value in sorted(wishes.items()) for line in _lines([key], value, {}, names)
    ]


def differences(
    pair: Sequence[Mapping[str, Any]], tongue: Language, catalog: Catalog | None = None
) -> list[tuple[str, str, str]]:
    """Return the settings in which two questions differ, with the value in each.

    >>> differences([{"added": 3, "seed": 0}, {"added": 4, "seed": 0}], "en")
    [('New sites, at most', '3', '4')]
    >>> differences([{"budget": 5}, {}], "en")
    [('Budget', '5', '–')]
    """
    first, second = (dict(question(wishes, tongue, catalog)) for wishes in pair)
    return [
        (name, first.get(name, ABSENT), second.get(name, ABSENT))
        for name in dict.fromkeys([*first, *second])
        if first.get(name) != second.get(name)
    ]


def setting_name(path: str, tongue: Language) -> str:
    """Return what a setting is called that an error names.

    >>> setting_name("demand[0].by", "en"), setting_name("rules[1].keep", "zh")
    ('Demand 1 · By the field', '规则 2 · 远离或靠近')
    """
    keys: list[str] = []
    for key, row in _PATH.findall(path):
        if key:
            keys.append(key)
        else:
            keys[-1] += f" {int(row) + 1}"
    return _label(keys, tongue)


def in_words(issue: Issue, tongue: Language) -> Issue:
    """Return a fault with the setting that it names in words."""
    if issue.code != "analysis.siting_setting":
        return issue
    found = json.loads(issue.found)
    found["setting"] = setting_name(found["setting"], tongue)
    return replace(issue, found=json.dumps(found, ensure_ascii=False))


def _lines(
    keys: list[str], value: object, beside: Mapping[str, Any], names: Names
) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        if keys[-1] == "where":
            value = _where(value, str(beside.get("layer", "")), names)
        return [
            line
            for key in sorted(value)
            if not (key == "name" and " “" in keys[-1])
            for line in _lines([*keys, _inner(keys, key, beside, names)], value[key], value, names)
        ]
    if isinstance(value, (list, tuple)) and any(isinstance(item, dict) for item in value):
        return [
            line
            for at, item in enumerate(value)
            for line in _lines(_item(keys, at, item, names), item, item, names)
        ]
    return [(_label(keys, names.tongue), _said(keys, value, beside, names))]


def _inner(keys: list[str], key: str, beside: Mapping[str, Any], names: Names) -> str:
    """Return a key of a table: where its keys are values or fields, what those are called."""
    layer = str(beside.get("layer", ""))
    if keys[-1] == "by_weights":
        return names.value(layer, str(beside.get("by", "")), key)
    return key


def _where(table: Mapping[str, Sequence[object]], layer: str, names: Names) -> dict[str, list[str]]:
    return {
        names.field(layer, name): [names.value(layer, name, value) for value in values]
        for name, values in table.items()
    }


def _item(keys: list[str], at: int, item: Mapping[str, Any], names: Names) -> list[str]:
    name, say = item.get("name"), rule_name if keys[-1] == "rules" else kind_name
    said = f" “{say(str(name), names.tongue)}”" if name else f" {at + 1}"
    return [*keys[:-1], keys[-1] + said]


def _label(keys: Sequence[str], tongue: Language) -> str:
    said, table = [], ""
    for key in keys:
        word, blank, rest = key.partition(" ")
        name = f"siting_setting.{table}_{word}"
        name = name if has(name) else f"siting_setting.{word}"
        said.append((text(name, tongue) if has(name) else word) + blank + rest)
        table = word
    return _BETWEEN.join(said)


def _said(keys: Sequence[str], value: object, beside: Mapping[str, Any], names: Names) -> str:
    key, tongue = keys[-1].partition(" ")[0], names.tongue
    if isinstance(value, bool):
        return text("value.yes" if value else "value.no", tongue)
    if isinstance(value, (int, float)):
        return _number(key, value, tongue)
    if isinstance(value, str):
        return _text(keys, value, beside, names)
    if isinstance(value, (list, tuple)):
        return _list(value, names.tongue)
    return canonical(value)


def _number(key: str, value: float, tongue: Language) -> str:
    if key in _SHARES:
        return f"{percent(value)}%"
    unit = next((name for end, name in _UNITS.items() if key.endswith(end)), "")
    said = number(value, 0 if float(value).is_integer() else 2)
    return f"{said} {text(f'siting_unit.{unit}', tongue)}" if unit else said


def _text(keys: Sequence[str], value: str, beside: Mapping[str, Any], names: Names) -> str:
    key = keys[-1]
    if key == "layer":
        return names.layer(value)
    if key in _FIELDS:
        return names.field(str(beside.get("layer", "")), value)
    choice = f"siting_choice.{key}_{value}"
    if has(choice):
        return text(choice, names.tongue)
    objective = f"siting.objective.{value}"
    return text(objective, names.tongue) if key == "objective" and has(objective) else value


def _list(value: Sequence[Any], tongue: Language) -> str:
    if not value:
        return text("siting_choice.none", tongue)
    if all(isinstance(item, (list, tuple)) for item in value):
        return "\n".join(_corners(item) for item in value)
    return listed([item if isinstance(item, str) else f"{item:g}" for item in value], tongue)


def _corners(item: Sequence[Any]) -> str:
    """Write a ring, or a place with a number.

    >>> _corners([[121.1, 33.5], [121.2, 33.5]]), _corners([121.1, 33.5, 40])
    ('121.1,33.5; 121.2,33.5', '121.1,33.5,40')
    """
    if all(isinstance(at, (list, tuple)) for at in item):
        return "; ".join(_corners(at) for at in item)
    return ",".join(f"{part:.10g}" for part in item)
