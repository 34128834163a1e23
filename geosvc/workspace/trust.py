"""What a reader must know to trust what is shown: whose data, of which day, which revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.catalog.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geosvc.catalog.model import Language
    from geosvc.workspace.reader import Workspace


def trust(workspace: Workspace, layer_ids: Iterable[str], language: Language) -> dict[str, Any]:
    """Return what a reader must know to trust a set of layers.

    Parameters
    ----------
    workspace
        The catalog and its data.
    layer_ids
        The layers that are shown.
    language
        The reader's language.

    Returns
    -------
    trust
        ``synthetic`` (of any of them), ``as_of`` (the latest day), ``sources`` (once each),
        ``revision`` (the sum of the layers' revision numbers, which grows with each of them),
        ``revised_at`` and ``author`` of the latest revision.
    """
    ids = list(layer_ids)
    states = [workspace.status(layer_id) for layer_id in ids]
    texts = [source_of(workspace, layer_id).of(language) for layer_id in ids]
    latest = max((state for state in states if state.at), key=lambda s: s.at or "", default=None)
    return {
        "synthetic": any(state.synthetic for state in states),
        "as_of": max((state.as_of for state in states if state.as_of), default=None),
        "sources": [text for text in dict.fromkeys(texts) if text],
        "revision": sum(state.revision or 0 for state in states),
        "revised_at": latest.at if latest else None,
        "author": latest.author if latest else None,
    }


def source_of(workspace: Workspace, layer_id: str) -> Text:
    """Return whose data a layer is; a derived layer has the words of its inputs.

    Parameters
    ----------
    workspace
        The catalog.
    layer_id
        The layer.

    Returns
    -------
    attribution
        Empty where the layer file cannot be read.
    """
    layer = workspace.catalog.layers.get(layer_id)
    if layer is None:
        return Text("", "")
    if layer.attribution:
        return layer.attribution
    inputs = layer.derivation.inputs.values() if layer.derivation else ()
    texts: list[Text] = list(
        dict.fromkeys(source_of(workspace, item) for item in inputs if item != layer_id)
    )
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))
