"""The rules of the form: the county's zones, what a parcel must have, and rules that people add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geosvc.messages import text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from geosvc.catalog.model import Language
    from geosvc.web.siting_fields import Reader
    from geosvc.workspace import Workspace

ZONES: Final = {
    "name": "exclusion_zones",
    "layer": "exclusion_zones",
    "hard_field": "hard",
    "source_field": "rule_basis",
    "name_field": "zone_name",
    "example": True,
}
SEWER: Final = {"name": "sewer", "keep": "attribute", "field": "sewer", "value": True}
LEAST_BAYS: Final = {"name": "least_bays", "keep": "attribute", "field": "max_bays", "test": ">="}

MOST: Final = 6
"""How many rules a person can add."""
FARTHEST_M: Final = 100_000
KEEPS: Final = ("away", "near")
KINDS: Final = ("hard", "soft")
PARTS: Final = ("name", "layer", "keep", "distance_m", "kind", "penalty_m", "source", "clause")
"""The fields of a rule that a person adds."""

_OWN: Final = ("zones", "exclusion_zones", "sewer", "least_bays")


def field_name(row: int, part: str) -> str:
    """Return the name of a field of the rule in a row, which begins at 1.

    >>> field_name(1, "layer")
    'rule_1.layer'
    """
    return f"rule_{row}.{part}"


def layers_for(view: Workspace, tongue: Language) -> list[tuple[str, str]]:
    """Return the layers that a rule can be about: id and title of those with places."""
    return [
        (layer_id, layer.title.of(tongue))
        for layer_id, layer in view.catalog.layers.items()
        if layer.schema.geometry not in {None, "None"} and view.status(layer_id).is_served
    ]


def read_rules(reader: Reader, workspace: Workspace, tongue: Language) -> list[dict[str, Any]]:
    """Read the rules of a form.

    Parameters
    ----------
    reader
        Its texts; hears of faults.
    workspace
        Has the layers.
    tongue
        The language of the names of rules that nobody named.
    """
    rules: list[dict[str, Any]] = []
    penalty = reader.number("soft_penalty_m") or 0.0
    if reader.is_on("zones") and ZONES["layer"] in workspace.catalog.layers:
        rules.append({**ZONES, "penalty_m": penalty})
    if reader.is_on("sewer"):
        rules.append(dict(SEWER))
    least = reader.number("least_bays")
    if least:
        rules.append({**LEAST_BAYS, "value": least})
    taken = {*_OWN, "drawn"}
    titles = dict(layers_for(workspace, tongue))
    for row in range(1, MOST + 1):
        layer_id = reader.texts.get(field_name(row, "layer"), "")
        if not layer_id:
            continue
        if layer_id not in titles:
            reader.refuse(field_name(row, "layer"), "unknown_layer", found=layer_id)
            continue
        rule = _read(reader, row, layer_id)
        said = reader.text(field_name(row, "name")) or _name(rule, titles[layer_id], tongue)
        rule["name"] = unique(said, taken)
        taken.add(rule["name"])
        rules.append(rule | _named_by(workspace, layer_id))
    return rules


def _named_by(workspace: Workspace, layer_id: str) -> dict[str, str]:
    """Return the field that names a feature, unless it is personal."""
    layer = workspace.catalog.layer(layer_id)
    named = {item.name: item for item in layer.schema.fields if item.privacy is None}
    return {"name_field": layer.popup.title} if layer.popup.title in named else {}


def _read(reader: Reader, row: int, layer_id: str) -> dict[str, Any]:
    keep = _choice(reader, field_name(row, "keep"), KEEPS)
    distance = reader.within(field_name(row, "distance_m"), 0, FARTHEST_M)
    if distance is None and field_name(row, "distance_m") not in reader.texts:
        # no distance is invented here
        reader.refuse(field_name(row, "distance_m"), "required")
    rule: dict[str, Any] = {"layer": layer_id, "keep": keep, "distance_m": distance or 0.0}
    if _choice(reader, field_name(row, "kind"), KINDS) == "soft":
        name = field_name(row, "penalty_m")
        penalty = reader.within(name, 0, FARTHEST_M)
        if penalty is None and name not in reader.texts:
            reader.refuse(name, "required")
        rule |= {"hard": False, "penalty_m": penalty or 0.0}
    said = {part: reader.text(field_name(row, part), most=200) for part in ("source", "clause")}
    given = {part: words for part, words in said.items() if words}
    # without a source it is nobody's law
    return rule | given | ({} if "source" in given else {"example": True})


def _choice(reader: Reader, name: str, among: Sequence[str]) -> str:
    found = reader.texts.get(name, among[0])
    if found not in among:
        reader.refuse(name, "not_allowed", found=found, expected=", ".join(among))
        return among[0]
    return found


def _name(rule: Mapping[str, Any], title: str, tongue: Language) -> str:
    """Return what a rule says, as the name of one that nobody named."""
    distance = f"{rule['distance_m']:g}"
    return text(f"siting.rule_named.{rule['keep']}", tongue, layer=title, distance=distance)


def unique(name: str, taken: Collection[str]) -> str:
    """Return a name that no other rule has.

    >>> unique("river", {"river", "river (2)"}), unique("river", ())
    ('river (3)', 'river')
    """
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name} ({count})"
    return found


def texts_of(wishes: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of the fields that mean these rules.

    >>> texts_of({"rules": [{"name": "x", "layer": "water", "keep": "near", "distance_m": 50.0,
    ...                      "source": "s"}]})["rule_1.distance_m"]
    '50'
    >>> texts_of({"rules": []})
    {}
    """
    texts: dict[str, str] = {}
    row = 0
    for rule in wishes.get("rules", ()):
        if rule["name"] == ZONES["name"]:
            texts |= {"zones": "on", "soft_penalty_m": f"{rule.get('penalty_m', 0):.12g}"}
        elif rule["name"] == SEWER["name"]:
            texts["sewer"] = "on"
        elif rule["name"] == LEAST_BAYS["name"]:
            texts["least_bays"] = str(rule["value"])
        elif rule.get("keep", "away") in KEEPS and row < MOST:
            row += 1
            texts |= _texts(row, rule)
    return texts


def _texts(row: int, rule: Mapping[str, Any]) -> dict[str, str]:
    found = {
        part: str(rule[part])
        for part in ("name", "layer", "keep", "source", "clause")
        if part in rule
    }
    found["distance_m"] = f"{rule.get('distance_m', 0):.12g}"
    found["kind"] = KINDS[0] if rule.get("hard", True) else KINDS[1]
    if "penalty_m" in rule:
        found["penalty_m"] = f"{rule['penalty_m']:.12g}"
    return {field_name(row, part): words for part, words in found.items()}


def shown(texts: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the rows of rules that the form shows: those that are given, and empty ones."""
    return [
        {part: texts.get(field_name(row, part), "") for part in PARTS}
        | {"is_given": "yes" if texts.get(field_name(row, "layer")) else ""}
        for row in range(1, MOST + 1)
    ]
