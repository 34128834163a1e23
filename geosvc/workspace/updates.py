"""Bringing the store up to date: sources that moved, and derived layers whose inputs did."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast

from geosvc import derive
from geosvc.errors import GeosvcError, Issue, LayerUnavailableError, StoreUnavailableError
from geosvc.ingest.source import read_source, source_sha256
from geosvc.store import Change, Report
from geosvc.workspace.reader import Workspace
from geosvc.workspace.status import basis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geosvc.catalog.model import Derivation, Layer
    from geosvc.ingest.source import Frames
    from geosvc.settings import Settings

logger = logging.getLogger(__name__)


class Progress(Protocol):
    """Hears which layer is worked on, how many are done and how many there are."""

    def __call__(self, layer_id: str, done: int, total: int, /) -> None:
        """Take note."""


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
        derivation = workspace.catalog.layers[layer_id].derivation
        if derivation is not None and workspace.status(layer_id).state != "ok":
            compute_derived(workspace, layer_id)
            if workspace.status(layer_id).state == "ok":
                computed.append(layer_id)
    workspace.close()
    return computed


def compute_derived(workspace: Workspace, layer_id: str) -> None:
    """Compute one derived layer from its inputs as the workspace sees them, and look again.

    A method that fails leaves the features of before; the layer's status then says why.

    Parameters
    ----------
    workspace
        Where the layer is; it is refreshed.
    layer_id
        The layer; one without a derivation is left alone.

    Raises
    ------
    UnknownLayerError
        If no sound layer file has this id.
    StoreError
        If the store cannot be opened or written now.
    """
    layer = workspace.catalog.layer(layer_id)
    if layer.derivation is not None:
        _compute(workspace, layer, layer.derivation)
        workspace.refresh()


def _import(workspace: Workspace, layer: Layer) -> None:
    store, source = workspace.store, layer.source
    stored, report = store.state(layer.id), workspace.moment.reports.get(layer.id, Report())
    with _reported(workspace, layer):
        if source is None:
            return
        digest = source_sha256(source, layer_path=layer.path)
        needs = basis(layer, workspace.moment.stored)
        if stored is not None and stored.edited:
            kept = tuple(issue for issue in report.issues if issue.code != "source_moved")
            if stored.source_sha256 != digest:
                kept += (Issue("source_moved", source.shown_path),)
            store.report(layer.id, Report(issues=kept, total_rows=report.total_rows))
        elif (
            stored is None
            or not report.usable
            or (stored.source_sha256, stored.fingerprint) != (digest, needs)
        ):
            clean = read_source(layer, frames=cast("Frames", workspace.frame))
            change = Change("", "import", source.shown_path, clean.sha256, needs)
            store.put(layer.id, clean, schema=layer.schema, change=change)


def _compute(workspace: Workspace, layer: Layer, derivation: Derivation) -> None:
    with _reported(workspace, layer):
        needs = basis(layer, workspace.moment.stored)
        inputs = derivation.inputs.items()
        try:
            frames = {name: workspace.frame(layer_id) for name, layer_id in inputs}
        except LayerUnavailableError:
            # its status says so as long as the input is missing
            return
        result = derive.run(layer, frames)
        notes = {str(name): value for name, value in result.attrs.items()}
        change = Change("", "derive", fingerprint=needs, notes=notes)
        workspace.store.put(layer.id, result, schema=layer.schema, change=change)


@contextmanager
def _reported(workspace: Workspace, layer: Layer) -> Iterator[None]:
    """Keep what made a layer fail as its issues, so that the others are still served."""
    try:
        yield
    except StoreUnavailableError:
        raise
    except GeosvcError as error:
        issues = error.issues or (Issue("failed", layer.path, found=str(error)),)
        issues = tuple(replace(issue, path=issue.path or layer.path) for issue in issues)
        workspace.store.report(layer.id, Report(usable=False, issues=tuple(issues)))
    except Exception as error:
        logger.exception("layer %s", layer.id)
        issues = (Issue("failed", layer.path, found=f"{type(error).__name__}: {error}"),)
        workspace.store.report(layer.id, Report(usable=False, issues=tuple(issues)))
