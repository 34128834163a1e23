"""What pages load and people download: data, rows, manifests, scripts, files."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, request

from geosvc.errors import LayerUnavailableError
from geosvc.maps.build import layer_data
from geosvc.search import search_index, search_tag
from geosvc.tiles.columns import encode_rows
from geosvc.web import auth, downloads
from geosvc.web.answers import IMMUTABLE, Answer, make_answer
from geosvc.web.exports import Export, exported, facts_of, filename, read_export
from geosvc.web.pages import keep_parts
from geosvc.web.people_tables import MOST_ROWS, records, sheet_csv, workbook
from geosvc.web.problems import problem
from geosvc.web.respond import respond
from geosvc.web.schema import frictionless
from geosvc.web.service import service
from geosvc.workspace.trust import source_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from geosvc.catalog.model import Layer

bp = Blueprint("data", __name__)
JSON = "application/json"
# by ending, and not from the system: Windows may know .js as text/plain
MEDIA = {
    "css": "text/css; charset=utf-8",
    "ico": "image/x-icon",
    "js": "text/javascript; charset=utf-8",
    "json": JSON,
    "png": "image/png",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
DOWNLOADS = {
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FOR_TABLES = ("csv", "xlsx")
"""The endings of files that a layer without geometry has."""


@bp.get("/data/<layer_id>/<tag>.json")
def data(layer_id: str, tag: str) -> Response:
    """Send what a map draws of a layer."""
    url = f"/data/{layer_id}/{tag}.json"
    if service().workspace.tag(layer_id) != tag:
        return _kept(url)
    return respond(
        service().answers.remember(
            url,
            lambda: make_answer(layer_data(service().workspace, layer_id), JSON, cache=IMMUTABLE),
            on_disk=True,
        )
    )


@bp.get("/maps/<map_id>/<tag>-<any(zh, en):tongue>.json")
def manifest(map_id: str, tag: str, tongue: Any) -> Response:  # noqa: ANN401 - "zh" or "en"
    """Send a map's manifest."""
    return _part(f"/maps/{map_id}/{tag}-{tongue}.json", map_id, tongue, "page")


@bp.get("/maps/<map_id>/search-<tag>.json")
def search(map_id: str, tag: str) -> Response:
    """Send what can be searched for on a map."""
    url = f"/maps/{map_id}/search-{tag}.json"
    if search_tag(service().workspace, map_id) != tag:
        return _kept(url)
    return respond(
        service().answers.remember(
            url,
            lambda: make_answer(search_index(service().workspace, map_id), JSON, cache=IMMUTABLE),
            on_disk=True,
        )
    )


@bp.get("/maps/<map_id>/<tag>.js")
def map_script(map_id: str, tag: str) -> Response:
    """Send the script that Folium made of a map."""
    return _part(f"/maps/{map_id}/{tag}.js", map_id, None, "page")


@bp.get("/embed/<map_id>/<tag>.js")
def embed_script(map_id: str, tag: str) -> Response:
    """Send the script that Folium made of an embed."""
    return _part(f"/embed/{map_id}/{tag}.js", map_id, None, "embed")


@bp.get("/layers/<layer_id>/rows.json")
def rows(layer_id: str) -> Response:
    """Send all fields of a layer for a table."""
    frame = service().workspace.frame
    return _of_revision(layer_id, "rows.json", lambda: rows_answer(layer_id, frame(layer_id)))


@bp.get("/layers/<layer_id>/schema.json")
def schema(layer_id: str) -> Response:
    """Send a layer's schema in Frictionless words."""
    layer = _layer(layer_id)
    return respond(make_answer(orjson.dumps(frictionless(layer)), JSON))


@bp.get("/layers/<layer_id>.<any(geojson, csv, gpkg, xlsx):ending>")
def download(layer_id: str, ending: str) -> Response:
    """Send a layer, or what of it an address asks for, as a file."""
    layer = _layer(layer_id)
    if layer.schema.geometry == "None" and ending not in FOR_TABLES:
        return problem(HTTPStatus.NOT_FOUND, "no_geometry")
    export = read_export(layer, ending, request.args.items(multi=True))
    if auth.person() is not None:
        auth.log("export", f"{layer_id}.{ending}")
    if not export.is_whole:
        return _part_of_layer(layer, export, ending)
    frame = service().workspace.frame
    return _of_revision(
        layer_id,
        ending,
        lambda: download_answer(layer, frame(layer_id), ending, stem=layer_id),
    )


@bp.get("/static/<tree>/<path:path>")
def static(tree: str, path: str) -> Response:
    """Send a file of the static tree; its address holds the hash of the whole tree."""
    assets = service().assets
    if tree != assets.hash or path not in assets.files:
        return problem(HTTPStatus.NOT_FOUND, "not_found")
    return respond(_file(path, IMMUTABLE))


@bp.get("/favicon.ico")
def favicon() -> Response:
    """Send the icon to browsers that ask for it unasked."""
    return respond(_file("icon.svg", "public, max-age=86400"))


def _layer(layer_id: str) -> Layer:
    """Return a layer; one whose file has faults is there, but has nothing to send."""
    catalog = service().workspace.catalog
    if layer_id in catalog.broken:
        raise LayerUnavailableError(layer_id, issues=catalog.broken[layer_id])
    return catalog.layer(layer_id)


def _file(path: str, cache: str) -> Answer:
    assets = service().assets
    media = MEDIA.get(path.rsplit(".", maxsplit=1)[-1], "text/plain; charset=utf-8")
    return service().answers.remember(
        f"{assets.url(path)} {cache}",
        lambda: make_answer(assets.read(path), media, cache=cache),
        on_disk=False,
    )


def _kept(url: str) -> Response:
    found = service().answers.get(url)
    return respond(found) if found else problem(HTTPStatus.NOT_FOUND, "stale_address")


def _part(url: str, map_id: str, tongue: Any, mode: str) -> Response:  # noqa: ANN401 - see above
    found = service().answers.get(url)
    if found is None:
        for known in (tongue,) if tongue else ("zh", "en"):
            keep_parts(map_id, known, mode)
    return _kept(url)


def _of_revision(layer_id: str, form: str, make: Callable[[], Answer]) -> Response:
    _layer(layer_id)
    name = f"/layers/{layer_id}/{form}@{service().workspace.tag(layer_id)}"
    return respond(service().answers.remember(name, make, on_disk=True))


def _part_of_layer(layer: Layer, export: Export, ending: str) -> Response:
    workspace = service().workspace
    name = f"/layers/{layer.id}.{ending}?{export.name}@{workspace.tag(layer.id)}"
    frame = exported(workspace, export)
    if ending == "xlsx" and len(frame) > MOST_ROWS:
        return problem(HTTPStatus.NOT_FOUND, "too_many_rows")
    return respond(
        service().answers.remember(
            name, lambda: export_answer(layer, frame, export, ending), on_disk=False
        ),
        offer=False,
    )


def export_answer(layer: Layer, frame: pd.DataFrame, export: Export, ending: str) -> Answer:
    """Write a part of a layer as a file, in titles and words where people read it."""
    workspace = service().workspace
    stem = filename(workspace, export, ending).removesuffix(f".{ending}")
    if not export.has_titles:
        return download_answer(layer, frame, ending, stem=stem)
    synthetic = workspace.status(layer.id).synthetic
    heads, rows = records(layer, frame, export.language, synthetic=synthetic)
    if ending == "csv":
        body = sheet_csv(heads, rows)
    else:
        body = workbook(heads, rows, facts_of(workspace, export, len(rows)))
    return make_answer(body, DOWNLOADS[ending], filename=f"{stem}.{ending}")


def rows_answer(layer_id: str, frame: pd.DataFrame) -> Answer:
    """Write every field of a layer for a table."""
    workspace = service().workspace
    layer, status = workspace.catalog.layer(layer_id), workspace.status(layer_id)
    revision = status.revision or 0
    body = encode_rows(layer, frame, revision=revision, synthetic=status.synthetic)
    return make_answer(body, JSON)


def download_answer(layer: Layer, frame: pd.DataFrame, ending: str, *, stem: str) -> Answer:
    """Write a layer as a file.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features as the reader may see them.
    ending
        One of `DOWNLOADS`.
    stem
        The name of the file without its ending.

    Returns
    -------
    answer
        The file.
    """
    workspace = service().workspace
    status = workspace.status(layer.id)
    facts = downloads.facts_of(
        synthetic=status.synthetic,
        revision=status.revision or 0,
        attribution=source_of(workspace, layer.id),
        as_of=status.as_of,
    )
    if ending == "geojson":
        body = downloads.geojson(layer, frame, facts)
    elif ending == "csv":
        body = downloads.table(layer, frame, synthetic=status.synthetic)
    else:
        body = downloads.geopackage(layer, frame, facts, at=status.at)
    return make_answer(body, DOWNLOADS[ending], filename=f"{stem}.{ending}")
