"""``layers/scorecard.toml``: which numbers the scorecard has, and where its tasks are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geosvc.catalog.keys import LAYER_KEYS, SCORECARD_KEYS
from geosvc.catalog.model import Measure, ScorecardFile, TaskFields, Text
from geosvc.catalog.parse import fingerprint
from geosvc.catalog.parse_field import code_of, codes_of
from geosvc.catalog.toml_file import read_toml
from geosvc.catalog.toml_table import Table
from geosvc.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from geosvc.catalog.model import Layer, MapFile

ICONS = ("bus-front", "file-text", "flag", "image", "navigation")
"""The pictures that a number may have, as Lucide names them."""
NUMBERS = ("integer", "number")
"""The types of fields that can be added up."""
TASKS = ""
"""The key of the tasks' faults in ``ScorecardFile.broken``."""


def parse_scorecard(path: str, data: str | bytes) -> tuple[ScorecardFile | None, list[Issue]]:
    """Parse a scorecard file.

    Parameters
    ----------
    path
        The path that faults name.
    data
        The file's content.

    Returns
    -------
    found
        What the file says, or None if it has a fault of its own.
    issues
        Every fault of its own; those with other files see `check_scorecard`.

    Examples
    --------
    >>> found, issues = parse_scorecard("layers/scorecard.toml", 'numbres = []')
    >>> found is None, issues[0].place, issues[0].expected
    (True, 'layers/scorecard.toml:numbres', 'numbers, overdue')
    >>> parse_scorecard("layers/scorecard.toml", "")[0].numbers
    ()
    """
    issues: list[Issue] = []
    values = read_toml(path, data, issues)
    if values is None:
        return None, issues
    top = Table(values, path=path, key="", issues=issues)
    top.only(SCORECARD_KEYS[""])
    numbers: list[Measure] = []
    for table in top.tables("numbers"):
        measure = _measure(table)
        if measure.id in {item.id for item in numbers}:
            table.fault("not_unique", "id", found=measure.id)
        numbers.append(measure)
    inner = top.table("overdue")
    found = ScorecardFile(
        path=path,
        numbers=tuple(numbers),
        overdue=None if inner is None else _tasks(inner),
        fingerprint=fingerprint(data),
    )
    return (None if issues else found), issues


def check_scorecard(
    found: ScorecardFile,
    layers: Mapping[str, Layer],
    *,
    ids: Iterable[str],
    maps: Iterable[MapFile],
) -> dict[str, list[Issue]]:
    """List what a scorecard file says about other files that is not so.

    Parameters
    ----------
    found
        The scorecard.
    layers
        The layers whose files are sound.
    ids
        The ids of all layer files; a number of a layer with faults has none of its own.
    maps
        The sound map files.

    Returns
    -------
    faults
        By the id of the number, the tasks' under `TASKS`.
    """
    others = _Others(found.path, layers, tuple(sorted(ids)), {item.id: item for item in maps})
    faults: dict[str, list[Issue]] = {}
    for at, measure in enumerate(found.numbers):
        issues = [*others.of_measure(measure, f"numbers[{at}]")]
        faults |= {measure.id: issues} if issues else {}
    if found.overdue:
        issues = [*others.of_tasks(found.overdue)]
        faults |= {TASKS: issues} if issues else {}
    return faults


def _measure(table: Table) -> Measure:
    table.only(SCORECARD_KEYS["numbers"])
    return Measure(
        id=table.identifier("id", required=True),
        title=table.text("title", required=True),
        unit=table.text("unit", required=True),
        definition=table.text("definition", required=True),
        layers=_layers(table),
        where=_where(table),
        sum=table.string("sum") or None,
        group=table.string("group") or None,
        labels=_labels(table),
        map=table.identifier("map") or None,
        icon=table.choice("icon", ICONS, default=""),
    )


def _tasks(table: Table) -> TaskFields:
    table.only(SCORECARD_KEYS["overdue"])
    return TaskFields(
        definition=table.text("definition", required=True),
        layers=_layers(table),
        due=table.string("due", required=True),
        progress=table.string("progress", required=True),
        unit=table.string("unit", required=True),
        task=table.string("task", required=True),
        post=table.string("post") or None,
        map=table.identifier("map") or None,
    )


def _layers(table: Table) -> tuple[str, ...]:
    layers = table.strings("layers", required=True)
    if layers == ():
        table.fault("length", "layers", found=0, expected="1")
    return layers or ()


def _where(table: Table) -> dict[str, tuple[str, ...]]:
    inner = table.table("where")
    if inner is None:
        return {}
    found = {name: tuple(code_of(value) for value in inner.scalars(name)) for name in inner.values}
    for name, codes in found.items():
        if inner.values[name] == [] and not codes:
            inner.fault("length", name, found=0, expected="1")
    return found


def _labels(table: Table) -> dict[str, Text]:
    inner = table.table("labels")
    if inner is None:
        return {}
    labels = {}
    for name in inner.values:
        entry = inner.table(name)
        if entry is not None:
            entry.only(LAYER_KEYS["text"])
            labels[name] = entry.both_languages()
    return labels


class _Others:
    """The files that a scorecard speaks of."""

    def __init__(
        self,
        path: str,
        layers: Mapping[str, Layer],
        ids: tuple[str, ...],
        maps: Mapping[str, MapFile],
    ) -> None:
        self.path, self.layers, self.ids, self.maps = path, layers, ids, maps

    def of_measure(self, measure: Measure, key: str) -> Iterator[Issue]:
        """List the faults of a number."""
        yield from self._layers(measure.layers, measure.map, key)
        for layer_id in measure.layers:
            layer = self.layers.get(layer_id)
            if layer is None:
                continue
            for name, codes in measure.where.items():
                yield from self._field(layer, name, f"{key}.where.{name}")
                yield from self._codes(layer, name, codes, f"{key}.where.{name}")
            if measure.sum:
                yield from self._field(layer, measure.sum, f"{key}.sum", NUMBERS)
            if measure.group:
                yield from self._field(layer, measure.group, f"{key}.group")

    def of_tasks(self, tasks: TaskFields) -> Iterator[Issue]:
        """List the faults of the tasks."""
        yield from self._layers(tasks.layers, tasks.map, "overdue")
        for layer in (self.layers[name] for name in tasks.layers if name in self.layers):
            yield from self._field(layer, tasks.due, "overdue.due", ("date", "datetime"))
            yield from self._field(layer, tasks.progress, "overdue.progress", NUMBERS)
            for name in ("unit", "task", "post"):
                given = getattr(tasks, name)
                if given:
                    yield from self._field(layer, given, f"overdue.{name}")

    def _layers(self, given: tuple[str, ...], map_id: str | None, key: str) -> Iterator[Issue]:
        for at, layer_id in enumerate(given):
            if layer_id not in self.ids:
                yield self._issue(
                    "unknown_layer", f"{key}.layers[{at}]", layer_id, ", ".join(self.ids)
                )
        if map_id is None:
            return
        if map_id not in self.maps:
            yield self._issue("not_allowed", f"{key}.map", map_id, ", ".join(self.maps))
            return
        drawn = self.maps[map_id].layers
        for layer_id in given:
            if layer_id in self.ids and layer_id not in drawn:
                yield self._issue("not_allowed", f"{key}.map", map_id, layer_id)

    def _field(
        self, layer: Layer, name: str, key: str, types: tuple[str, ...] = ()
    ) -> Iterator[Issue]:
        field = layer.schema.field(name)
        if field is None:
            known = ", ".join(item.name for item in layer.schema.fields if not item.privacy)
            yield self._issue("unknown_field", key, name, known)
        elif field.privacy:
            yield self._issue("private_filter", key, name)
        elif types and field.type not in types:
            yield self._issue("wrong_type", key, field.type, ", ".join(types))

    def _codes(self, layer: Layer, name: str, codes: tuple[str, ...], key: str) -> Iterator[Issue]:
        field = layer.schema.field(name)
        known = codes_of(field) if field else ()
        for at, code in enumerate(codes):
            if known and code not in known:
                yield self._issue("not_in_domain", f"{key}[{at}]", code, ", ".join(known))

    def _issue(self, code: str, key: str, found: str, expected: str = "") -> Issue:
        return Issue(code, self.path, key, found=found, expected=expected)
