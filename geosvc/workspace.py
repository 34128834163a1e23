"""Catalog, store and methods together: the one object that answers for a layer.

`prepare` imports sources and `refresh_derived` computes derived layers, both outside of requests. A
`Workspace` only reads: it looks at the store when `Workspace.refresh` finds that something moved,
and otherwise answers from memory and mapped column files.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import RLock
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from geosvc import __version__, derive
from geosvc.catalog.catalog import Catalog, read_catalog
from geosvc.catalog.references import links
from geosvc.errors import (
    GeosvcError,
    Issue,
    LayerUnavailableError,
    StoreError,
    StoreUnavailableError,
    UnknownLayerError,
)
from geosvc.ingest.source import read_source, source_sha256
from geosvc.store import Change, Report, Shape, Store, StoredLayer

if TYPE_CHECKING:
    import pandas as pd

    from geosvc.catalog.model import Layer
    from geosvc.settings import Settings
    from geosvc.store.records import Note

State: TypeAlias = Literal["ok", "stale", "pending", "unavailable"]

logger = logging.getLogger(__name__)


class Progress(Protocol):
    """Hears which layer is worked on, how many are done and how many there are."""

    def __call__(self, layer_id: str, done: int, total: int, /) -> None:
        """Take note."""


@dataclass(frozen=True, slots=True)
class LayerStatus:
    """What is known of a layer beside its features.

    ``state`` is ``ok``; ``stale`` (earlier features are shown: the inputs of a derived layer have
    moved, or its source has since become faulty, see ``issues``); ``pending`` (not there yet); or
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


@dataclass(frozen=True, slots=True)
class _Moment:
    """The store as of one look at it."""

    version: int
    stored: Mapping[str, StoredLayer]
    reports: Mapping[str, Report]
    statuses: Mapping[str, LayerStatus]


class Workspace:
    """Reads layers; threads may share one, processes have their own.

    Parameters
    ----------
    settings
        The folders of layer files and of state; the latter is made where it is absent.

    Raises
    ------
    StoreError
        If the store cannot be opened, see `geosvc.store.Store.migrate`.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.catalog = _checked(read_catalog(settings))
        self._store = Store(settings.instance / "geosvc.sqlite")
        self._store.migrate()
        self._lock = RLock()
        self._frames: dict[str, tuple[str, pd.DataFrame]] = {}
        self._moment = self._look()

    @property
    def layer_ids(self) -> tuple[str, ...]:
        """All layers: those with sound files in the order of dependency, then the others."""
        return (*self.catalog.order(), *self.catalog.broken)

    def refresh(self) -> bool:
        """Look whether the store has moved, and say so; the only query that a request needs."""
        with self._lock:
            if self._store.data_version() == self._moment.version:
                return False
            self._moment = self._look()
            return True

    def pinned(self) -> Workspace:
        """Return a view of this moment, whatever other threads refresh.

        What is made from tag and frame together must come from one moment. The features of the
        revision before the current one stay at hand, older ones do not.
        """
        with self._lock:
            return copy.copy(self)

    def status(self, layer_id: str) -> LayerStatus:
        """Return what is known of a layer.

        Raises
        ------
        UnknownLayerError
            If no layer file has this id.
        """
        try:
            return self._moment.statuses[layer_id]
        except KeyError as error:
            raise UnknownLayerError(layer_id) from error

    def frame(self, layer_id: str) -> pd.DataFrame:
        """Return a layer's features, sorted by key; personal fields are masked.

        Returns
        -------
        frame
            A GeoDataFrame in OGC:CRS84, or a DataFrame where the layer has no geometry. It is
            shared: do not change it.

        Raises
        ------
        UnknownLayerError
            If no layer file has this id.
        LayerUnavailableError
            If there is nothing to show.
        """
        status = self.status(layer_id)
        if not status.is_served:
            raise LayerUnavailableError(layer_id, issues=status.issues)
        with self._lock:
            stored = self._moment.stored[layer_id]
            digest, frame = self._frames.get(layer_id, ("", None))
            if frame is None or digest != stored.digest:
                try:
                    frame = self._store.frame(layer_id, number=stored.number)
                except StoreUnavailableError:
                    raise
                except StoreError:
                    # revisions went by since the last look, and their files with them
                    self._moment = self._look()
                    stored = self._moment.stored[layer_id]
                    frame = self._store.frame(layer_id, number=stored.number)
                self._frames[layer_id] = (stored.digest, frame)
            return frame

    def tag(self, layer_id: str) -> str:
        """Return 12 hexadecimal digits that move with what is shown of a layer.

        Raises
        ------
        UnknownLayerError
            If no sound layer file has this id.
        """
        layer = self.catalog.layer(layer_id)
        stored = self._moment.stored.get(layer_id)
        return _hash(layer.fingerprint, stored and (stored.number, stored.digest))[:12]

    def map_tag(self, map_id: str) -> str:
        """Return 12 hexadecimal digits that move with what is shown or said of a map's layers.

        Raises
        ------
        UnknownMapError
            If no map file has this id.
        """
        found = self.catalog.map(map_id)
        sound = [layer_id for layer_id in found.layers if layer_id in self.catalog.layers]
        statuses = [self._moment.statuses[layer_id] for layer_id in found.layers]
        tags = [self.tag(layer_id) for layer_id in sound]
        return _hash(found.fingerprint, repr(self.catalog.site), tags, repr(statuses))[:12]

    def _look(self) -> _Moment:
        version = self._store.data_version()
        stored, reports = self._store.overview()
        statuses: dict[str, LayerStatus] = {}
        for layer_id in self.catalog.order():
            layer = self.catalog.layers[layer_id]
            report = reports.get(layer_id)
            statuses[layer_id] = _status(self.catalog, layer, stored, (report, statuses))
        for layer_id, issues in self.catalog.broken.items():
            statuses[layer_id] = LayerStatus(layer_id, "unavailable", issues=tuple(issues))
        return _Moment(version, stored, reports, statuses)


def prepare(settings: Settings, *, progress: Progress) -> Workspace:
    """Bring the store up to date with the sources; derived layers are left alone.

    A source is imported where its file, its layer file or a layer that it is checked against has
    moved. A layer that people have edited keeps their features; that its source moved is then an
    issue ``source_moved``. A source that cannot be read leaves the features of before, if any.

    Parameters
    ----------
    settings
        The folders of layer files and of state.
    progress
        Is told of each layer before its turn, and once at the end.

    Returns
    -------
    workspace
        Ready to read.

    Raises
    ------
    StoreError
        If the store cannot be opened or written now.
    """
    workspace = Workspace(settings)
    layers = [workspace.catalog.layers[layer_id] for layer_id in workspace.catalog.order()]
    sources = [layer for layer in layers if layer.source is not None]
    for done, layer in enumerate(sources):
        progress(layer.id, done, len(sources))
        _import(workspace, layer)
        workspace.refresh()
    progress("", len(sources), len(sources))
    return workspace


def refresh_derived(settings: Settings) -> list[str]:
    """Compute the derived layers whose inputs, parameters or method have moved.

    Parameters
    ----------
    settings
        The folders of layer files and of state.

    Returns
    -------
    layer_ids
        The layers that were computed anew, in the order of dependency. One whose method failed is
        not among them; its status says why.

    Raises
    ------
    StoreError
        If the store cannot be opened or written now.
    """
    workspace = Workspace(settings)
    computed = []
    for layer_id in workspace.catalog.order():
        layer = workspace.catalog.layers[layer_id]
        if layer.derivation is not None and workspace.status(layer_id).state != "ok":
            if _compute(workspace, layer):
                computed.append(layer_id)
            workspace.refresh()
    return computed


def _import(workspace: Workspace, layer: Layer) -> None:
    store, source = workspace._store, layer.source
    stored, report = store.state(layer.id), workspace._moment.reports.get(layer.id, Report())
    with _reported(workspace, layer):
        if source is None:
            return
        digest = source_sha256(source)
        basis = _basis(layer, workspace._moment.stored)
        if stored is not None and stored.edited:
            kept = tuple(issue for issue in report.issues if issue.code != "source_moved")
            if stored.source_sha256 != digest:
                kept += (Issue("source_moved", source.shown_path),)
            store.report(layer.id, Report(issues=kept, total_rows=report.total_rows))
        elif (
            stored is None
            or not report.usable
            or (stored.source_sha256, stored.fingerprint) != (digest, basis)
        ):
            clean = read_source(layer, frames=workspace.frame)
            change = Change("", "import", source.shown_path, clean.sha256, basis)
            store.put(layer.id, clean, schema=layer.schema, change=change)


def _compute(workspace: Workspace, layer: Layer) -> bool:
    if layer.derivation is None:
        return False
    with _reported(workspace, layer):
        basis = _basis(layer, workspace._moment.stored)
        inputs = layer.derivation.inputs.items()
        try:
            frames = {name: workspace.frame(layer_id) for name, layer_id in inputs}
        except LayerUnavailableError:
            # its status says so as long as the input is missing
            return False
        result = derive.run(layer, frames)
        change = Change("", "derive", fingerprint=basis, notes=dict(result.attrs))
        workspace._store.put(layer.id, result, schema=layer.schema, change=change)
        return True
    return False


@contextmanager
def _reported(workspace: Workspace, layer: Layer) -> Iterator[None]:
    """Keep what made a layer fail as its issues, so that the others are still served."""
    try:
        yield
        return
    except StoreUnavailableError:
        raise
    except GeosvcError as error:
        issues = error.issues or (Issue("failed", layer.path, found=str(error)),)
    except Exception as error:
        logger.exception("layer %s", layer.id)
        issues = (Issue("failed", layer.path, found=f"{type(error).__name__}: {error}"),)
    workspace._store.report(layer.id, Report(usable=False, issues=tuple(issues)))


def _status(
    catalog: Catalog,
    layer: Layer,
    stored: Mapping[str, StoredLayer],
    said: tuple[Report | None, Mapping[str, LayerStatus]],
) -> LayerStatus:
    report, others = said
    inputs = [others[layer_id] for layer_id in _inputs(layer) if layer_id in others]
    now, known = stored.get(layer.id), report or Report()
    state, issues = _state(layer, now, (report, inputs), stored)
    days = [status.as_of for status in inputs if status.as_of]
    return LayerStatus(
        layer.id,
        state,
        count=now.count if now and state in {"ok", "stale"} else 0,
        expected=layer.schema.expected_count,
        revision=now.number if now else None,
        at=now.at if now else None,
        author=now.author if now else None,
        reason=now.reason if now else None,
        as_of=layer.source.as_of if layer.source else min(days, default=None),
        synthetic=(layer.source is not None and layer.source.synthetic)
        or any(status.synthetic for status in inputs),
        issues=issues,
        refused=max(known.total_rows - now.count, 0) if now and layer.source else 0,
        source_sha256=now.source_sha256 if now else "",
        notes=now.notes if now else {},
    )
