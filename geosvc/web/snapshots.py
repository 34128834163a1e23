"""Frozen content for readers: its page, its files, its state, its embed, the list.

Files are immutable at their address and may be kept by anybody, so long as reading is open. Page
and embed are asked for each time, and say nothing but what was frozen; whether there is a newer
version or it was withdrawn is asked apart (``status``), which nobody keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import orjson
from flask import Blueprint, Response, redirect, render_template

from geosvc.errors import UnknownSnapshotError
from geosvc.web import auth, snapshot_words
from geosvc.web.answers import IMMUTABLE, Answer, make_answer
from geosvc.web.context import link, page_context
from geosvc.web.figures import POLICY
from geosvc.web.forms import form_page
from geosvc.web.links import head_meta
from geosvc.web.pages import HTML
from geosvc.web.respond import respond
from geosvc.web.service import language, service
from geosvc.workspace.published import Shelf

if TYPE_CHECKING:
    from geosvc.store.snapshots import Published

bp = Blueprint("snapshots", __name__)
PATH = "/snapshots"
EMBED = "/embed/s/"


@bp.get(PATH)
def index() -> Response:
    """List what was published."""
    rows = [snapshot_words.entry(found, language()) for found in shelf().list()]
    return form_page("snapshots.html", {"rows": rows, "active": None}, path=PATH)


@bp.get("/s/<snapshot_id>")
def show(snapshot_id: str) -> Response:
    """Show a snapshot; the beginning of an id, or the number in a picture, leads on to it."""
    if len(snapshot_id) < snapshot_words.SHORT * 5:
        found = shelf().find(snapshot_id)
        response = cast("Response", redirect(_link(f"/s/{found.id}")))
        response.headers["Cache-Control"] = "no-cache"
        return response
    return _page("snapshot.html", shelf().standing(snapshot_id))


@bp.get("/s/<snapshot_id>/<part>")
def part(snapshot_id: str, part: str) -> Response:
    """Send a file of a snapshot."""
    return _part(snapshot_id, part)


@bp.get("/s/<snapshot_id>/status")
def status(snapshot_id: str) -> Response:
    """Say whether a snapshot stands, has a newer version, or was withdrawn."""
    kept, tongue = shelf(), language()
    found, later = kept.status(snapshot_id)
    said: dict[str, Any] = {"id": found.id, "state": "standing", "published": found.at}
    if found.withdrawn_at is not None:
        said |= {"state": "withdrawn", "reason": found.withdrawn_reason}
    elif later is not None:
        facts = (kept.manifest(found.id).facts, kept.manifest(later.id).facts)
        rows = snapshot_words.change(*facts, tongue)
        said |= {"state": "newer", "numbers": rows, "url": _link(f"/s/{later.id}")}
        said |= {"text": snapshot_words.newer_text(rows, tongue)}
    response = Response(orjson.dumps(said), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get(f"{EMBED}<snapshot_id>")
def embed(snapshot_id: str) -> Response:
    """Show a snapshot for a frame: a picture and a table, no script is needed."""
    return _page("snapshot_embed.html", shelf().standing(snapshot_id))


@bp.get(f"{EMBED}<snapshot_id>/<part>")
def embed_part(snapshot_id: str, part: str) -> Response:
    """Send a file to an embed, which looks at no cookie."""
    return _part(snapshot_id, part)


def shelf() -> Shelf:
    """Return the snapshots of the service."""
    return Shelf(service().settings)


def _page(template: str, found: Published) -> Response:
    kept, tongue = shelf(), language()
    manifest = kept.manifest(found.id)
    about = snapshot_words.about(found, manifest.facts, tongue)
    table = kept.read(found.id, "table.json").content if "table.json" in manifest.parts else b"[]"
    image = f"/s/{found.id}/{snapshot_words.PICTURE}"
    context = page_context([], active=None) | {
        "meta": head_meta(
            link(tongue, f"/s/{found.id}"),
            title=about["title"],
            description=about["note"] or about["caption"],
            image=image if snapshot_words.PICTURE in manifest.parts else "",
        ),
        "item": about,
        "picture": snapshot_words.PICTURE if snapshot_words.PICTURE in manifest.parts else None,
        "downloads": snapshot_words.downloads(manifest, tongue),
        "sections": snapshot_words.sections(table, tongue),
        "trust": _trust(about),
    }
    own = auth.person()
    if own is not None and auth.may("edit"):
        context["csrf"] = own.csrf or ""
    # the hot path would go on answering for what was withdrawn
    return respond(make_answer(render_template(template, **context).encode(), HTML), offer=False)


def _part(snapshot_id: str, name: str) -> Response:
    kept = shelf()
    kept.standing(snapshot_id)
    given = kept.manifest(snapshot_id).parts.get(name)
    if given is None:
        msg = f"{snapshot_id}/{name}"
        raise UnknownSnapshotError(msg)

    def make() -> Answer:
        found = kept.read(snapshot_id, name)
        return make_answer(found.content, found.media_type, cache=IMMUTABLE)

    # the same content of two snapshots is one answer
    key = f"/s/{given.sha256} {given.media_type}"
    response = respond(service().answers.remember(key, make, on_disk=False), offer=False)
    if response.mimetype == "image/svg+xml":
        response.headers["Content-Security-Policy"] = POLICY
    return response


def _link(path: str) -> str:
    return f"{path}?lang=en" if language() == "en" else path


def _trust(about: dict[str, Any]) -> dict[str, Any]:
    """Return the trust line of a frozen page: of its own data, not of today's."""
    return {
        "synthetic": about["synthetic"],
        "as_of": about["as_of"],
        "sources": about["sources"],
        "revised_at": None,
    }
