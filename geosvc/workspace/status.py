"""What is known of a layer beside its features, and whether these are up to date."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson

from geosvc import __version__
from geosvc.catalog.references import links
from geosvc.errors import Issue
from geosvc.store import Report, Shape, StoredLayer
from geosvc.workspace.edited import does_not_fit, is_alike

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Layer
    from geosvc.store.records import Note

State: TypeAlias = Literal["ok", "stale", "pending", "unavailable"]


@dataclass(frozen=True, slots=True)
class LayerStatus:
    """What is known of a layer beside its features.

    ``state`` is ``ok``; ``stale`` (earlier features are shown: the inputs of a derived layer have
    moved, its source has since become faulty, or people's edits do not fit its layer file, see
    ``issues``); ``pending`` (not there yet); or
    ``unavailable`` (nothing to show, ``issues`` say why). ``refused`` counts rows that were not
    taken in. ``revision``, ``at`` (ISO 8601), ``author`` and ``reason`` are of the last revision.
    ``notes`` are numbers that a method left beside its result.
    """

    id: str
    state: State
    count: int = 0
    expected: int | None = None
    revision: int | None = None
    at: str | None = None
    author: str | None = None
    reason: str | None = None
    as_of: str | None = None
    synthetic: bool = False
    issues: tuple[Issue, ...] = ()
    refused: int = 0
    source_sha256: str = ""
    notes: Mapping[str, Note] = field(default_factory=dict)

    @property
    def is_served(self) -> bool:
        """Whether there are features to show."""
        return self.state in {"ok", "stale"}


def statuses(
    catalog: Catalog, stored: Mapping[str, StoredLayer], reports: Mapping[str, Report]
) -> dict[str, LayerStatus]:
    """Return the status of every layer, by id.

    Parameters
    ----------
    catalog
        All layer files.
    stored
        The current revisions.
    reports
        What the last imports said.
    """
    found: dict[str, LayerStatus] = {}
    for layer_id in catalog.order():
        layer, report = catalog.layers[layer_id], reports.get(layer_id)
        named = layer.derivation.inputs.values() if layer.derivation else ()
        # an input with a broken file is not in the order
        inputs = [found.get(name, LayerStatus(name, "unavailable")) for name in named]
        state, issues = _state(layer, stored, report, inputs)
        found[layer_id] = _status(layer, stored.get(layer_id), (state, issues, report), inputs)
    for layer_id, faults in catalog.broken.items():
        found[layer_id] = LayerStatus(layer_id, "unavailable", issues=tuple(faults))
    return found


def basis(layer: Layer, stored: Mapping[str, StoredLayer]) -> str:
    """Return what a layer's features depend on besides its source file, as 64 hexadecimal digits.

    That is its layer file, the features of the layers it names (inputs, ``within``, foreign keys)
    and the version of the service, whose methods and checks may have changed.
    """
    named = [(key, stored[name].digest if name in stored else None) for key, name in links(layer)]
    return fingerprint(layer.fingerprint, named)


def fingerprint(*parts: object) -> str:
    """Hash values and the version of the service, as 64 hexadecimal digits.

    >>> fingerprint("a", None) == fingerprint("a", None) != fingerprint("a", 0)
    True
    >>> len(fingerprint())
    64
    """
    return hashlib.sha256(orjson.dumps([__version__, *parts])).hexdigest()


def _state(
    layer: Layer,
    stored: Mapping[str, StoredLayer],
    report: Report | None,
    inputs: list[LayerStatus],
) -> tuple[State, tuple[Issue, ...]]:
    now, issues = stored.get(layer.id), report.issues if report else ()
    if now is not None and now.shape != Shape.of(layer.schema):
        if now.edited:
            own = does_not_fit(layer)
            shown = is_alike(now.shape, layer.schema)
            issues = issues if own in issues else (own, *issues)
            return "stale" if shown else "unavailable", issues
        # features without the fields that the layer file declares now cannot be shown by it
        if report is None or report.usable:
            return "pending", issues
        return "unavailable", (*issues, Issue("schema_moved", layer.path, "schema"))
    missing = [status for status in inputs if not status.is_served]
    if missing and layer.derivation is not None:
        waiting = all(status.state == "pending" for status in missing)
        issues += tuple(
            Issue("layer_needed", layer.path, f"derivation.inputs.{name}", found=given)
            for name, given in layer.derivation.inputs.items()
            if given in {status.id for status in missing}
        )
        if now is None:
            return "pending" if waiting else "unavailable", issues
        return "stale", issues
    return _freshness(layer, stored, report), issues


def _freshness(layer: Layer, stored: Mapping[str, StoredLayer], report: Report | None) -> State:
    now, failed = stored.get(layer.id), report is not None and not report.usable
    if now is None:
        return "unavailable" if failed else "pending"
    moved = layer.derivation is not None and now.fingerprint != basis(layer, stored)
    return "stale" if failed or moved else "ok"


def _status(
    layer: Layer,
    now: StoredLayer | None,
    judged: tuple[State, tuple[Issue, ...], Report | None],
    inputs: list[LayerStatus],
) -> LayerStatus:
    state, issues, report = judged
    days = [status.as_of for status in inputs if status.as_of]
    own = layer.source is not None and layer.source.synthetic
    plain = LayerStatus(
        layer.id,
        state,
        expected=layer.schema.expected_count,
        as_of=layer.source.as_of if layer.source else min(days, default=None),
        synthetic=own or any(status.synthetic for status in inputs),
        issues=issues,
    )
    if now is None:
        return plain
    usable = report is not None and report.usable and layer.source is not None
    refused = _refused(report, now) if report is not None and usable else 0
    return replace(
        plain,
        count=now.count if plain.is_served else 0,
        revision=now.number,
        at=now.at,
        author=now.author,
        reason=now.reason,
        refused=refused,
        source_sha256=now.source_sha256,
        notes=now.notes,
    )


def _refused(report: Report, now: StoredLayer) -> int:
    if now.edited:
        # features have come and gone since the rows were counted
        return len({issue.row for issue in report.issues if issue.row is not None})
    return max(report.total_rows - now.count, 0)
