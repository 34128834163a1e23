"""Pages for people: the maps, one map, the layers, one layer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, render_template

from geosvc import maps, messages
from geosvc.map_state import MapState
from geosvc.maps.manifest import DRAWN, describe_field, reason, warning
from geosvc.symbology import symbolize
from geosvc.tiles.points import is_many
from geosvc.web import auth, still
from geosvc.web.answers import IMMUTABLE, Answer, make_answer
from geosvc.web.context import day_text, moment_text, page_context
from geosvc.web.figure_query import card_path
from geosvc.web.links import head_meta, state_path
from geosvc.web.respond import respond
from geosvc.web.service import language, service
from geosvc.workspace.trust import source_of

if TYPE_CHECKING:
    from geosvc.catalog.model import Field, Language, Layer, MapFile
    from geosvc.workspace import LayerStatus, Workspace

bp = Blueprint("pages", __name__)
HTML = "text/html; charset=utf-8"
HIGHLIGHTS = 4
"""How many layers a map's card counts where its file does not say which."""
MOST_REASONS = 50
"""How many faults a layer's page lists."""


@bp.get("/")
def index() -> Response:
    """List the maps with their counts."""
    return respond(service().moving(_index))


@bp.get("/maps/<map_id>")
def show_map(map_id: str) -> Response:
    """Show one map, full bleed."""
    return respond(service().moving(lambda: map_answer(map_id, "page")))


@bp.get("/layers")
def layers() -> Response:
    """List the layers by group."""
    return respond(service().moving(_layers))


@bp.get("/layers/<layer_id>")
def show_layer(layer_id: str) -> Response:
    """Show where a layer comes from, what its fields mean, its rows and its downloads."""
    return respond(service().moving(lambda: _layer(layer_id)))


def map_answer(map_id: str, mode: str, *, state: MapState | None = None) -> Answer:
    """Render a map's page, and keep its script and manifest for the requests that follow.

    Parameters
    ----------
    map_id
        The id of the map.
    mode
        ``page`` or ``embed``.
    state
        What readers without scripts see; by default the map as it is at first.

    Returns
    -------
    answer
        The HTML.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    """
    found = service().workspace.catalog.map(map_id)
    tongue = language()
    page, module_url = keep_parts(map_id, tongue, mode)
    seen = state or MapState(map_id, tongue)
    context = page_context(found.layers, active="maps") | {
        "meta": head_meta(
            state_path(replace(seen, selected=None)),
            title=found.title.of(tongue),
            description=found.description.of(tongue),
            image=still.picture_path(seen),
        ),
        "map": {
            "id": map_id,
            "title": found.title.of(tongue),
            "description": found.description.of(tongue),
        },
        "map_div": page.div,
        "css": page.css,
        "scripts": page.scripts,
        "module": module_url,
        "manifest": page.manifest_url,
    }
    context["still"] = still.view(service().workspace, seen)
    if mode == "embed":
        context["full_url"] = state_path(seen)
    else:
        titles = {"zh": found.title.zh, "en": found.title.en}
        here = service().settings.base_url
        context["share"] = {"base": here, "map": map_id, "titles": titles}
    return _html("embed.html" if mode == "embed" else "map.html", context)


def keep_parts(
    map_id: str, tongue: Language, mode: str, *, workspace: Workspace | None = None
) -> tuple[maps.Page, str]:
    """Render a map and keep its script and manifest under the addresses that hold their hashes.

    Parameters
    ----------
    map_id
        The id of the map.
    tongue
        The reader's language.
    mode
        ``page``, ``embed`` or ``edit``.
    workspace
        Where the map is; by default the workspace of the present request.

    Returns
    -------
    page, module_url
        The parts, and the address of the script.
    """
    shared = service()
    page = maps.page(
        map_id,
        language=tongue,
        mode=mode,
        workspace=workspace or shared.workspace,
        assets=shared.assets,
    )
    folder = "embed" if mode == "embed" else "maps"
    module_url = f"/{folder}/{map_id}/{page.module_tag}.js"
    for url, body, media in (
        (module_url, page.module, "text/javascript; charset=utf-8"),
        (page.manifest_url, page.manifest, "application/json"),
    ):
        make = partial(make_answer, body, media, cache=IMMUTABLE)
        shared.answers.remember(url, make, on_disk=True)
    return page, module_url


def _html(template: str, context: dict[str, Any]) -> Answer:
    return make_answer(render_template(template, **context).encode(), HTML)


def _index() -> Answer:
    catalog = service().workspace.catalog
    found = sorted(catalog.maps.values(), key=lambda item: (item.order, item.id))
    ids = service().workspace.layer_ids
    context = page_context(ids, active="maps") | {
        "maps": [_map_card(item) for item in found],
        "groups": _groups(),
        "layers": len(ids),
        "features": sum(service().workspace.status(layer_id).count or 0 for layer_id in ids),
    }
    return _html("index.html", context)


def _map_card(found: MapFile) -> dict[str, Any]:
    tongue = language()
    context = page_context(found.layers, active=None)
    counted = found.highlights or (found.visible or found.layers)[-HIGHLIGHTS:]
    return {
        "id": found.id,
        "title": found.title.of(tongue),
        "description": found.description.of(tongue),
        "url": context["link"](f"/maps/{found.id}"),
        "picture": card_path(found.id, tongue),
        "updated": context["trust"]["revised_on"],
        "counts": [count for layer_id in counted for count in _counts(layer_id)],
    }


def _counts(layer_id: str) -> list[dict[str, Any]]:
    workspace = service().workspace
    layer = workspace.catalog.layers.get(layer_id)
    if layer is None or workspace.status(layer_id).state not in DRAWN:
        return []
    frame = workspace.frame(layer_id)
    classes = symbolize(layer, frame).classes
    # the first step of a ramp is too pale to stand for it
    first = classes[len(classes) // 2 if layer.style.unit else 0]
    return [
        {
            "shape": first.shape,
            "color": first.color,
            "title": layer.title.of(language()),
            "count": len(frame),
        }
    ]


def _groups() -> list[dict[str, Any]]:
    workspace = service().workspace
    groups: dict[str, list[dict[str, Any]]] = {
        item.id: [] for item in workspace.catalog.site.groups
    }
    for layer_id in workspace.layer_ids:
        layer = workspace.catalog.layers.get(layer_id)
        groups.setdefault(layer.group if layer else "other", []).append(_layer_row(layer_id))
    titles = {item.id: item.title.of(language()) for item in workspace.catalog.site.groups}
    return [
        {"id": group, "title": titles.get(group, group), "layers": rows}
        for group, rows in groups.items()
        if rows
    ]


def _layers() -> Answer:
    ids = service().workspace.layer_ids
    return _html("layers.html", page_context(ids, active="layers") | {"groups": _groups()})


def _layer_row(layer_id: str) -> dict[str, Any]:
    tongue = language()
    status = service().workspace.status(layer_id)
    layer = service().workspace.catalog.layers.get(layer_id)
    return {
        "id": layer_id,
        "title": layer.title.of(tongue) if layer else layer_id,
        "description": layer.description.of(tongue) if layer else "",
        "count": status.count,
        "expected": status.expected,
        "state": status.state,
        "state_text": messages.text(f"state.{status.state}", tongue),
        "reason": reason(status, tongue),
        "warning": warning(status, tongue),
        "refused": status.refused,
        "synthetic": status.synthetic,
        "revision": status.revision,
        "revised_at": moment_text(status.at, tongue),
        "as_of": day_text(status.as_of, tongue),
        "url": page_context([], active=None)["link"](f"/layers/{layer_id}"),
    }


def _layer(layer_id: str) -> Answer:
    workspace, tongue = service().workspace, language()
    if layer_id not in workspace.layer_ids:
        workspace.catalog.layer(layer_id)
    status = workspace.status(layer_id)
    layer = workspace.catalog.layers.get(layer_id)
    drawn = layer is not None and status.state in DRAWN
    about = _layer_row(layer_id) | {
        "reasons": _reasons(status, tongue),
        "author": status.author or messages.text("value.nobody", tongue),
        "reason": _why(status.reason, tongue),
    }
    # nobody reads so many rows, and no browser holds them
    many = layer is not None and is_many(layer, status.count or 0)
    context = page_context([layer_id], active="layers") | {
        "layer": about,
        "provenance": _provenance(layer, tongue) if layer else [],
        "fields": _fields(layer, tongue) if layer else [],
        "rows_url": _rows_url(layer) if layer and drawn and not many else None,
        "many": drawn and many,
        "schema_url": f"/layers/{layer_id}/schema.json" if layer else None,
        "downloads": _downloads(layer, tongue) if layer and drawn else [],
        "edit_url": f"/layers/{layer_id}/edit" if layer and drawn and _is_editable(layer) else None,
        "table_words": messages.table("pages.table", tongue),
    }
    return _html("layer.html", context)


def _is_bare(layer: Layer) -> bool:
    """Tell whether the reader sees the true values of a layer's personal fields."""
    return any(field.privacy for field in layer.schema.fields) and auth.may("personal")


def _is_editable(layer: Layer) -> bool:
    """Tell whether the reader may change a layer; what the public sees is not changed there."""
    is_public = service().settings.profile == "public"
    return layer.source is not None and not is_public and auth.may("edit")


def _rows_url(layer: Layer) -> str:
    return f"/layers/{layer.id}/{'personal/rows.json' if _is_bare(layer) else 'rows.json'}"


def _why(text: str | None, tongue: Language) -> str | None:
    # the service's own reasons are codes, an editor's are words
    return messages.text(f"reason.{text}", tongue) if messages.has(f"reason.{text}") else text


def _reasons(status: LayerStatus, tongue: Language) -> list[str]:
    rows = [messages.render_issue(issue, tongue) for issue in status.issues]
    if len(rows) > MOST_REASONS:
        left = len(rows) - MOST_REASONS
        rows = [*rows[:MOST_REASONS], messages.text("layer.more_faults", tongue, count=left)]
    waiting = status.state in {"stale", "pending"}
    return [messages.text(f"layer.{status.state}", tongue), *rows] if waiting else rows


def _fields(layer: Layer, tongue: Language) -> list[dict[str, Any]]:
    rows = [_field(item, tongue) for item in layer.schema.fields]
    return [row | {"masked": False} for row in rows] if _is_bare(layer) else rows


def _field(field: Field, tongue: Language) -> dict[str, Any]:
    facts = describe_field(field, tongue)
    labels = [{"code": code, "label": item["label"]} for code, item in facts["labels"].items()]
    description = field.description.of(tongue) if field.description else ""
    required = field.constraints.required
    return facts | {"labels": labels, "required": required, "description": description}


def _provenance(layer: Layer, tongue: Language) -> list[dict[str, str]]:
    rows = {"attribution": source_of(service().workspace, layer.id).of(tongue)}
    if layer.source:
        rows["file"] = layer.source.shown_path
        rows["datum"] = layer.source.datum
        rows["as_of"] = day_text(layer.source.as_of, tongue) or ""
        rows["licence"] = layer.source.licence
        around = service().workspace.catalog.layers.get(layer.source.within or "")
        rows["within"] = around.title.of(tongue) if around else ""
    if layer.derivation:
        named = layer.derivation
        rows["method"] = named.method
        rows["inputs"] = ", ".join(f"{key} = {item}" for key, item in named.inputs.items())
        rows["parameters"] = ", ".join(f"{key} = {item}" for key, item in named.parameters.items())
    synthetic = service().workspace.status(layer.id).synthetic
    rows["synthetic"] = messages.text("value.yes" if synthetic else "value.no", tongue)
    return [
        {"label": messages.text(f"provenance.{key}", tongue), "value": value}
        for key, value in rows.items()
        if value
    ]


def _downloads(layer: Layer, tongue: Language) -> list[dict[str, str]]:
    plain = layer.schema.geometry == "None"
    notes = {"csv": "csv_plain"} if plain else {"geojson": "geojson", "csv": "csv", "gpkg": "gpkg"}
    stems = {layer.id: ""}
    if _is_bare(layer):
        stems[f"{layer.id}/personal"] = messages.text("downloads.personal", tongue)
    return [
        {
            "format": ending,
            "url": f"/layers/{stem}.{ending}",
            "note": said or messages.text(f"downloads.{note}", tongue),
        }
        for stem, said in stems.items()
        for ending, note in notes.items()
    ]
