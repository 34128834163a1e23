"""Layer, map and site files read into the words of `geosvc.catalog.model`.

A parser lists every fault of a file; a file with a fault gives no value, only its faults.
``layers/README.md`` is the reference of every key.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from geosvc.catalog.keys import LAYER_KEYS, MAP_KEYS, SITE_KEYS
from geosvc.catalog.model import Group, Layer, MapFile, Site
from geosvc.catalog.parse_base import read_bases
from geosvc.catalog.parse_schema import read_schema, read_time
from geosvc.catalog.parse_search import read_search
from geosvc.catalog.parse_source import read_derivation, read_source
from geosvc.catalog.parse_style import SHAPES, read_popup, read_style
from geosvc.catalog.toml_file import read_toml
from geosvc.catalog.toml_table import ID, Table
from geosvc.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.settings import Settings

__all__ = ["SHAPES", "fingerprint", "layer_from", "parse_layer", "parse_map", "parse_site"]


def fingerprint(data: str | bytes) -> str:
    """Return the first 16 hexadecimal digits of a file's SHA-256.

    >>> fingerprint("")
    'e3b0c44298fc1c14'
    """
    encoded = data.encode() if isinstance(data, str) else data
    return hashlib.sha256(encoded).hexdigest()[:16]


def parse_layer(
    path: str, data: str | bytes, *, settings: Settings
) -> tuple[Layer | None, list[Issue]]:
    """Parse a layer file.

    Parameters
    ----------
    path
        The path that faults name, as ``layers/violations.toml``; the stem is the layer's id.
    data
        The file's content.
    settings
        Says where a source path starts and which folders it may lead to.

    Returns
    -------
    layer
        The layer, or None if the file has a fault.
    issues
        Every fault.

    Examples
    --------
    >>> from geosvc.settings import Settings
    >>> layer, issues = parse_layer("layers/stops.toml", 'colour = "red"', settings=Settings())
    >>> layer is None, issues[0].place
    (True, 'layers/stops.toml:colour')
    >>> parse_layer("layers/stops.toml", "", settings=Settings())[1][0].code
    'missing_key'
    """
    issues: list[Issue] = []
    values = read_toml(path, data, issues)
    if values is None:
        return None, issues
    layer, faults = layer_from(values, path=path, settings=settings, mark=fingerprint(data))
    return layer, [*issues, *faults]


def layer_from(
    values: Mapping[str, Any], *, path: str, settings: Settings, mark: str = ""
) -> tuple[Layer | None, list[Issue]]:
    """Read a layer from the table that its file holds; ``mark`` is the file's fingerprint.

    Examples
    --------
    >>> from geosvc.settings import Settings
    >>> layer, issues = layer_from({}, path="layers/stops.toml", settings=Settings())
    >>> [issue.key for issue in issues]
    ['title', 'source', 'schema']
    """
    top = Table(values, path=path, key="", issues=[])
    top.only(LAYER_KEYS[""])
    stem = _stem(top)
    title = top.text("title", required=True)
    top.one_of(("source", "derivation"))
    schema, declared = read_schema(top)
    layer = Layer(
        id=stem,
        path=path,
        title=title,
        description=top.text("description"),
        group=top.identifier("group") or "other",
        order=top.integer("order", default=50),
        visible=top.boolean("visible", default=True),
        source=read_source(top, settings, schema.geometry if declared is not None else ""),
        derivation=read_derivation(top),
        schema=schema,
        style=read_style(top, schema, declared),
        popup=read_popup(top, schema, declared),
        search=read_search(top, schema, declared),
        time=read_time(top, declared),
        fingerprint=mark,
    )
    return (None if top.issues else layer), top.issues


def parse_map(path: str, data: str | bytes) -> tuple[MapFile | None, list[Issue]]:
    """Parse a map file; ``path`` and what is returned are as in `parse_layer`.

    Examples
    --------
    >>> parse_map("layers/maps/all.toml", "")[1][0].place
    'layers/maps/all.toml:title'
    """
    issues: list[Issue] = []
    values = read_toml(path, data, issues)
    if values is None:
        return None, issues
    top = Table(values, path=path, key="", issues=issues)
    top.only(MAP_KEYS[""])
    found = MapFile(
        id=_stem(top),
        path=path,
        title=top.text("title", required=True),
        description=top.text("description"),
        order=top.integer("order", default=50),
        layers=top.strings("layers", required=True) or (),
        visible=top.strings("visible"),
        fit=top.string("fit") or None,
        highlights=top.strings("highlights") or (),
        fingerprint=fingerprint(data),
    )
    if top.values.get("layers") == []:
        top.fault("length", "layers", found=0, expected="1")
    for name, layers in (
        ("visible", found.visible or ()),
        ("fit", (found.fit,) if found.fit else ()),
        ("highlights", found.highlights),
    ):
        for layer in layers:
            if layer not in found.layers:
                top.fault("not_allowed", name, found=layer, expected=", ".join(found.layers))
    return (None if issues else found), issues


def parse_site(path: str, data: str | bytes) -> tuple[Site | None, list[Issue]]:
    """Parse ``site.toml``; ``path`` and what is returned are as in `parse_layer`.

    Examples
    --------
    >>> parse_site("layers/site.toml", 'title = { zh = "地图", en = "Maps" }')[0]
    Site(title=Text(zh='地图', en='Maps'), groups=(), base=())
    """
    issues: list[Issue] = []
    values = read_toml(path, data, issues)
    if values is None:
        return None, issues
    top = Table(values, path=path, key="", issues=issues)
    top.only(SITE_KEYS[""])
    title = top.text("title", required=True)
    groups: list[Group] = []
    for table in top.tables("groups"):
        table.only(SITE_KEYS["groups"])
        group = Group(
            id=table.identifier("id", required=True),
            title=table.text("title", required=True),
            order=table.integer("order", default=50),
        )
        if group.id in {item.id for item in groups}:
            table.fault("not_unique", "id", found=group.id)
        groups.append(group)
    groups.sort(key=lambda group: group.order)
    bases = read_bases(top)
    return (None if issues else Site(title, tuple(groups), bases)), issues


def _stem(top: Table) -> str:
    stem = PurePosixPath(top.path).name.removesuffix(".toml")
    if not ID.fullmatch(stem):
        top.issues.append(Issue("not_allowed", top.path, found=stem, expected="[a-z0-9_]+"))
    return stem
