"""Maps of the catalog as Folium maps, for a notebook and for the service."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import orjson
from markupsafe import Markup

from geosvc.maps.assets import Assets
from geosvc.maps.elements import (
    CatalogLayer,
    CatalogMap,
    Control,
    Ground,
    Inline,
    Pane,
    PointsLayer,
    Served,
)
from geosvc.maps.figure import MapFigure, Parts
from geosvc.maps.ground import ground_of, map_bounds
from geosvc.maps.manifest import DRAWN, manifest
from geosvc.maps.notebook import MAIN, Around, page_text
from geosvc.settings import read_settings
from geosvc.symbology import symbolize
from geosvc.tiles.columns import encode_columns
from geosvc.tiles.points import encode_points, is_many

if TYPE_CHECKING:
    from pathlib import Path

    import folium

    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace

WORLD = (-180.0, -85.0, 180.0, 85.0)
TAG_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Page:
    """A map for a page of the service: nothing inline, everything by address.

    ``div`` is markup with an id and nothing else. ``module`` is the script that Folium made; it and
    ``manifest`` are served under ``module_tag`` and ``manifest_url``, which hold their hashes.
    """

    css: tuple[str, ...]
    scripts: tuple[str, ...]
    div: Markup
    module: bytes
    module_tag: str
    manifest: bytes
    manifest_url: str


def build(
    map_id: str, *, language: Language = "zh", workspace: Workspace | None = None
) -> folium.Map:
    """Make the Folium map of a map file.

    Parameters
    ----------
    map_id
        The id of the map.
    language
        The reader's language.
    workspace
        The catalog and its data; by default those of the settings, imported where needed.

    Returns
    -------
    map
        A Folium map whose layers are those of the catalog. It shows itself in a notebook, and
        ``map.save(path)`` writes one page that opens without a network.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    space = workspace or _default_workspace()
    space.catalog.map(map_id)
    drawn_map = _catalog_map(space, map_id)
    _figure(space, map_id, language, Around()).add_child(drawn_map)
    return drawn_map


def one_file(map_id: str, *, language: Language, workspace: Workspace, around: Around) -> bytes:
    """Write a map as one page that opens from a disk without a network.

    Parameters
    ----------
    map_id
        The id of the map.
    language
        The reader's language.
    workspace
        The catalog and its data.
    around
        What stands above and below the map.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    workspace.catalog.map(map_id)
    figure = _figure(workspace, map_id, language, around)
    figure.add_child(_catalog_map(workspace, map_id))
    return figure.render().encode()


def page(
    map_id: str, *, language: Language, mode: str, workspace: Workspace, assets: Assets
) -> Page:
    """Render a map for a page of the service.

    Parameters
    ----------
    map_id
        The id of the map.
    language
        The reader's language.
    mode
        ``page`` or ``embed``.
    workspace
        The catalog and its data.
    assets
        The static tree.

    Returns
    -------
    page
        The same bytes in every process for the same revisions.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    words = orjson.dumps(manifest(workspace, map_id, language))
    addresses = Served(map_id, language, content_tag(words))
    figure = cast("MapFigure", build(map_id, language=language, workspace=workspace).get_root())
    parts = figure.parts(addresses, mode)
    module = f'import * as geosvc from "{assets.url(MAIN)}";\n{parts.script}\n'.encode()
    return Page(
        css=tuple(assets.url(path) for path in parts.css),
        scripts=tuple(assets.url(path) for path in parts.scripts),
        # ids of our own and nothing else: see geosvc.maps.elements.Options
        div=Markup(parts.div),  # noqa: S704
        module=module,
        module_tag=content_tag(module),
        manifest=words,
        manifest_url=addresses.manifest(),
    )


def layer_data(workspace: Workspace, layer_id: str) -> bytes:
    """Return what a map draws of a layer, as JSON in no language.

    Raises
    ------
    UnknownLayerError
        If there is no such layer.
    LayerUnavailableError
        If the layer has nothing to show.
    """
    layer = workspace.catalog.layer(layer_id)
    frame = workspace.frame(layer_id)
    status = workspace.status(layer_id)
    symbols = symbolize(layer, frame)
    revision = status.revision or 0
    return encode_columns(layer, frame, symbols, revision=revision, synthetic=status.synthetic)


def point_data(workspace: Workspace, layer_id: str) -> bytes:
    """Return what a map draws of a layer of many points, see `geosvc.tiles.points`.

    Raises
    ------
    UnknownLayerError
        If there is no such layer.
    LayerUnavailableError
        If the layer has nothing to show.
    """
    layer = workspace.catalog.layer(layer_id)
    frame = workspace.frame(layer_id)
    status = workspace.status(layer_id)
    symbols = symbolize(layer, frame)
    revision = status.revision or 0
    return encode_points(layer, frame, symbols, revision=revision, synthetic=status.synthetic)


def content_tag(content: bytes) -> str:
    """Return the hash that names a content in an address.

    >>> content_tag(b"")
    'e3b0c44298fc'
    """
    return hashlib.sha256(content).hexdigest()[:TAG_LENGTH]


def _figure(workspace: Workspace, map_id: str, language: Language, around: Around) -> MapFigure:
    def inline(parts: Parts) -> tuple[str, str, str]:
        words = manifest(workspace, map_id, language, addresses=Inline())
        drawn = [entry["id"] for entry in words["layers"] if entry["state"] in DRAWN]
        data = {layer_id: layer_data(workspace, layer_id) for layer_id in drawn}
        return page_text(figure.assets, parts, manifest=words, data=data, around=around)

    figure = MapFigure(_assets(workspace.settings.static), inline)
    return figure


def _catalog_map(workspace: Workspace, map_id: str) -> CatalogMap:
    found = workspace.catalog.map(map_id)
    drawn_map = CatalogMap(map_id, bounds=map_bounds(workspace, map_id) or WORLD)
    ground = ground_of(workspace, map_id)
    if ground.tag is not None:
        drawn_map.add_child(Ground(map_id, ground.tag))
    for number, layer_id in enumerate(found.layers, start=1):
        drawn_map.add_child(Pane(map_id, number))
        status = workspace.status(layer_id)
        drawn = status.state in DRAWN
        many = drawn and is_many(workspace.catalog.layer(layer_id), status.count or 0)
        drawn_map.add_child(
            (PointsLayer if many else CatalogLayer)(
                map_id,
                number,
                layer_id=layer_id,
                tag=workspace.tag(layer_id) if drawn else None,
                show=drawn and _is_visible(workspace, map_id, layer_id),
                grounded=layer_id in ground.stands_for,
            )
        )
    for function in Control.CALLS:
        drawn_map.add_child(Control(map_id, function))
    return drawn_map


def _is_visible(workspace: Workspace, map_id: str, layer_id: str) -> bool:
    chosen = workspace.catalog.map(map_id).visible
    return layer_id in chosen if chosen is not None else workspace.catalog.layer(layer_id).visible


@lru_cache(maxsize=4)
def _assets(folder: Path) -> Assets:
    return Assets(folder)


def _default_workspace() -> Any:  # noqa: ANN401 - see Workspace
    from geosvc.workspace import Workspace, prepare, refresh_derived  # noqa: PLC0415

    settings = read_settings()
    prepare(settings, progress=lambda _layer, _done, _total: None)
    refresh_derived(settings)
    return Workspace(settings)
