"""Bringing the store up to date: sources that moved, and derived layers whose inputs did."""

from __future__ import annotations

import logging
import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol, cast

from geosvc import derive
from geosvc.errors import (
    EditError,
    GeosvcError,
    Issue,
    LayerUnavailableError,
    StoreUnavailableError,
)
from geosvc.ingest.masks import HIDDEN
from geosvc.ingest.source import read_source, source_sha256
from geosvc.store import Change, Report
from geosvc.workspace.edited import does_not_fit, judge
from geosvc.workspace.reader import Workspace
from geosvc.workspace.status import basis

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from geosvc.catalog.model import Derivation, Layer
    from geosvc.ingest.source import Frames
    from geosvc.settings import Settings
    from geosvc.store import StoredLayer

logger = logging.getLogger(__name__)

AUTHOR: Final = "geosvc"
"""Who brings the features that people have edited to a new layer file."""


class Progress(Protocol):
    """Hears which layer is worked on, how many are done and how many there are."""

    def __call__(self, layer_id: str, done: int, total: int, /) -> None:
        """Take note."""


def prepare(settings: Settings, *, progress: Progress, replaced: Collection[str] = ()) -> Workspace:
    """Bring the store up to date with the sources; derived layers are left alone.

    A source is imported where its file, its layer file or a layer that it is checked against has
    moved. A layer that people have edited keeps their features; that its source moved is then an
    issue ``source_moved``. If its layer file has other fields, these features are brought to them
    as one revision by `AUTHOR`; where they do not fit, the layer stays as it is, with the reasons
    as issues. A source that cannot be read leaves the features of before, if any.

    Parameters
    ----------
    settings
        The folders of layer files and of state.
    progress
        Is told of each layer before its turn, and once at the end.
    replaced
        Layers to take from their sources even if people have edited them; what these made stays in
        the history, and later imports follow the source again.

    Returns
    -------
    workspace
        Ready to read.

    Raises
    ------
    UnknownLayerError
        If one of ``replaced`` has no sound layer file.
    EditError
        If one of ``replaced`` has no source.
    SourceError
        If the source of one of ``replaced`` cannot be used; nothing is imported then.
    StoreError
        If the store cannot be opened or written now.
    """
    workspace = Workspace(settings)
    for layer_id in replaced:
        layer = workspace.catalog.layer(layer_id)
        if layer.source is None:
            raise EditError(layer_id, issues=[Issue("not_editable", layer_id)])
        # a file that cannot be used must not cost what people made
        read_source(layer, frames=cast("Frames", workspace.frame))
        workspace.store.release(layer_id)
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


def check_edited(settings: Settings) -> list[Issue]:
    """List the features that people have edited and that do not fit their layer files.

    Parameters
    ----------
    settings
        The folders of layer files and of state; without a store there are none.

    Returns
    -------
    issues
        Each names the feature, as ``layer/key``, and the field.
    """
    if not (settings.instance / "geosvc.sqlite").exists():
        return []
    workspace = Workspace(settings)
    issues: list[Issue] = []
    for layer_id, stored in workspace.moment.stored.items():
        layer = workspace.catalog.layers.get(layer_id)
        if layer is not None and layer.source is not None and stored.edited:
            issues += judge(workspace, layer, stored).issues
    workspace.close()
    return issues


def _import(workspace: Workspace, layer: Layer) -> None:
    store, source = workspace.store, layer.source
    stored, report = store.state(layer.id), workspace.moment.reports.get(layer.id, Report())
    with _reported(workspace, layer):
        if source is None:
            return
        digest = source_sha256(source, layer_path=layer.path)
        needs = basis(layer, workspace.moment.stored)
        if stored is not None and stored.fingerprint != needs and _personal(layer):
            # what was answered by another layer file may show what is personal now
            shutil.rmtree(workspace.settings.instance / "answers", ignore_errors=True)
        if stored is not None and stored.edited:
            is_usable, issues = _follow(workspace, layer, stored, report)
            if stored.source_sha256 != digest:
                issues += (Issue("source_moved", source.shown_path),)
            store.report(layer.id, Report(is_usable, report.total_rows, issues))
        elif (
            stored is None
            or not report.usable
            or (stored.source_sha256, stored.fingerprint) != (digest, needs)
        ):
            clean = read_source(layer, frames=cast("Frames", workspace.frame))
            change = Change("", "import", source.shown_path, clean.sha256, needs)
            store.put(layer.id, clean, schema=layer.schema, change=change)
    _conceal(workspace, layer)


def _conceal(workspace: Workspace, layer: Layer) -> None:
    """Hide what has become personal in features that could not be brought to their layer file."""
    stored = workspace.store.state(layer.id)
    needs = basis(layer, workspace.moment.stored)
    if stored is not None and stored.fingerprint != needs and _personal(layer):
        change = Change(AUTHOR, "schema", layer.path)
        workspace.store.conceal(layer.id, schema=layer.schema, change=change)


def _follow(
    workspace: Workspace, layer: Layer, stored: StoredLayer, report: Report
) -> tuple[bool, tuple[Issue, ...]]:
    """Bring an edited layer to its layer file; say whether that is done, and what is wrong."""
    own = [issue for issue in report.issues if _is_own(layer, issue)]
    kept = tuple(
        replace(issue, found=HIDDEN) if issue.found and issue.key in _personal(layer) else issue
        for issue in report.issues
        if issue.code != "source_moved" and issue not in own
    )
    needs = basis(layer, workspace.moment.stored)
    # features that were at fault may have been mended since
    if report.usable and not own and stored.fingerprint == needs:
        return True, kept
    judged = judge(workspace, layer, stored)
    if judged.features is not None:
        change = Change(AUTHOR, "schema", layer.path, fingerprint=needs)
        workspace.store.reshape(
            layer.id, judged.features, schema=layer.schema, change=change, base=stored.number
        )
    return judged.features is not None, judged.issues + kept


def _personal(layer: Layer) -> set[str]:
    return {field.name for field in layer.schema.fields if field.privacy is not None}


def _is_own(layer: Layer, issue: Issue) -> bool:
    return issue.path.startswith(f"{layer.id}/") or issue == does_not_fit(layer)


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
