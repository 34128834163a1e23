"""A copy of a catalog in which every text a person could write is an attack.

Every title, description, label and attribution of the layer and map files, and every free text
field of the first features of each layer, holds one of `PAYLOADS` in turn. What must stay sound
stays: keys, codes of a domain, patterns and references.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

from geosvc.catalog.catalog import read_catalog
from geosvc.catalog.model import ForeignKey
from geosvc.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.catalog.model import Layer

LONG = "长" * 10_000
FIRST = 60
PROOF = str(8191 * 8191)
"""What a page would show if one of the attacks were computed."""
PAYLOADS = (
    "{{7*7}}",
    "{{8191*8191}}",
    "{{ this.__init__.__globals__ }}",
    "{% raw %}",
    "{#",
    "${1+1}",
    "`window.ran=1`",
    '<img src=x onerror="window.ran=1">',
    "</script><script>window.ran=1</script>",
    "javascript:window.ran=1",
    "\u202e站名\u200f\u2066",
    "𠮷野家🚏𪚥",
    "\"'\\>&lt;",
    "=1+1",
    LONG,
)
_TEXT = re.compile(r'\b(zh|en) = "(?:[^"\\]|\\.)*"')


def poisoned(project: Path, target: Path) -> Path:
    """Copy ``layers/`` and ``data/`` of ``project`` into ``target`` with attacks in every text."""
    catalog = read_catalog(Settings(layers=project / "layers"))
    kept = {
        (rule.layer, rule.reference)
        for layer in catalog.layers.values()
        for rule in layer.schema.rules
        if isinstance(rule, ForeignKey)
    }
    shutil.copytree(project / "layers", target / "layers")
    (target / "data").mkdir()
    attacks = itertools.cycle(PAYLOADS)
    for path in sorted((target / "layers").rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        path.write_text(_TEXT.sub(lambda match: _attack(match, attacks), text), encoding="utf-8")
    for layer in catalog.layers.values():
        if layer.source is not None:
            fields = _free_fields(layer, kept)
            _poison_source(layer.source.path, target / "data", fields, attacks)
    return target / "layers"


def _attack(match: re.Match[str], attacks: Iterator[str]) -> str:
    return f"{match[1]} = {json.dumps(next(attacks), ensure_ascii=False)}"


def _free_fields(layer: Layer, kept: set[tuple[str, str]]) -> list[str]:
    bound = {rule.field for rule in layer.schema.rules if isinstance(rule, ForeignKey)}
    return [
        item.name
        for item in layer.schema.fields
        if item.type == "string"
        and not item.labels
        and not item.constraints.pattern
        and not item.constraints.enum
        and not item.constraints.unique
        and item.constraints.max_length is None
        and item.constraints.min_length is None
        and item.name not in {layer.schema.primary_key, *bound}
        and (layer.id, item.name) not in kept
    ]


def _poison_source(path: Path, folder: Path, fields: list[str], attacks: Iterator[str]) -> None:
    if path.suffix == ".csv":
        _poison_table(path, folder / path.name, fields, attacks)
        return
    collection = json.loads(path.read_text(encoding="utf-8"))
    for feature in collection["features"][:FIRST]:
        properties: dict[str, Any] = feature["properties"]
        properties |= {name: next(attacks) for name in fields if properties.get(name)}
    text = json.dumps(collection, ensure_ascii=False)
    (folder / path.name).write_text(text, encoding="utf-8")


def _poison_table(path: Path, target: Path, fields: list[str], attacks: Iterator[str]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        for row in rows[:FIRST]:
            writer.writerow(row | {name: next(attacks) for name in fields if row.get(name)})
        writer.writerows(rows[FIRST:])
