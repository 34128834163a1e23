"""oEmbed 1.0 (https://oembed.com): what a platform puts in place of a link to one of our pages."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

import orjson
from flask import Blueprint, Response, request

from geosvc.errors import Issue, StateError, UnknownMapError, UnknownSnapshotError, WithdrawnError
from geosvc.map_state import is_state_name, parse_state
from geosvc.web import still
from geosvc.web.context import link
from geosvc.web.links import absolute, base, own_path, state_path
from geosvc.web.loading import load_figures
from geosvc.web.problems import problem
from geosvc.web.service import language, service
from geosvc.web.snapshot_words import PICTURE, title_of
from geosvc.web.snapshots import shelf

if TYPE_CHECKING:
    from geosvc.catalog.model import Language

bp = Blueprint("oembed", __name__)
FRAME_PX: Final = (800, 480)
THUMBNAIL_PX: Final = (640, 400)
CACHE_S: Final = 3600
_MAP: Final = re.compile(r"/(?:maps|embed)/([a-z0-9_]+)")
_SNAPSHOT: Final = re.compile(r"(?:/embed)?/s/([0-9a-f]+)")
_SCORECARD: Final = re.compile(r"(?:/embed)?/scorecard")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at an address: a title, the path of its frame, and of a picture with its size."""

    title: str
    frame: str
    picture: str = ""
    picture_px: tuple[int, int] = (0, 0)


@bp.get("/oembed")
def show() -> Response:
    """Answer a consumer of oEmbed."""
    if request.args.get("format", "json") != "json":
        return problem(HTTPStatus.NOT_IMPLEMENTED, "oembed_format")
    sizes = {name: request.args.get(name, "") for name in ("maxwidth", "maxheight")}
    wrong = [
        Issue("wrong_type", name, found=text, expected="1..99999")
        for name, text in sizes.items()
        if text and not re.fullmatch(r"0*[1-9]\d{0,4}", text, re.ASCII)
    ]
    if wrong or not request.args.get("url"):
        wrong = wrong or [Issue("required", "url")]
        return problem(HTTPStatus.BAD_REQUEST, "bad_parameter", issues=wrong)
    path = own_path(request.args["url"], here=base())
    most = (int(sizes["maxwidth"] or 99999), int(sizes["maxheight"] or 99999))
    found = _find(path, most) if path else None
    if found is None:
        return problem(HTTPStatus.NOT_FOUND, "not_found")
    response = Response(orjson.dumps(said(found, most)), mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    # consumers in a browser read it too
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def said(found: Found, most: tuple[int, int]) -> dict[str, Any]:
    """Return the answer for what was found.

    Parameters
    ----------
    found
        What stands at the address.
    most
        The width and the height that the consumer has room for.
    """
    width, height = (min(pair) for pair in zip(FRAME_PX, most, strict=True))
    body: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": found.title,
        "provider_name": service().workspace.catalog.site.title.of(language()),
        "provider_url": absolute("/"),
        "cache_age": CACHE_S,
        "width": width,
        "height": height,
        "html": frame_code(absolute(found.frame), found.title, (width, height)),
    }
    fits = all(size <= room for size, room in zip(found.picture_px, most, strict=True))
    if found.picture and fits:
        wide, high = found.picture_px
        body |= {"thumbnail_url": absolute(found.picture)}
        body |= {"thumbnail_width": wide, "thumbnail_height": high}
    return body


def frame_code(address: str, title: str, size: tuple[int, int]) -> str:
    """Return the markup of a frame.

    >>> frame_code("https://a.example/embed/all", "A <b>", (8, 4))[:72]
    '<iframe src="https://a.example/embed/all" width="8" height="4" title="A '
    """
    width, height = size
    return (
        f'<iframe src="{html.escape(address)}" width="{width}" height="{height}" '
        f'title="{html.escape(title)}" loading="lazy" referrerpolicy="origin" '
        "allowfullscreen></iframe>"
    )


def _find(path: str, most: tuple[int, int]) -> Found | None:
    parts = urlsplit(path)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    tongue: Language = "en" if dict(pairs).get("lang") == "en" else "zh"
    if found := _SNAPSHOT.fullmatch(parts.path):
        return _snapshot(found[1], tongue)
    if _SCORECARD.fullmatch(parts.path) and service().workspace.catalog.scorecard:
        title = service().workspace.catalog.site.title.of(tongue)
        return Found(title, link(tongue, "/embed/scorecard"))
    found = _MAP.fullmatch(parts.path)
    return _map(found[1], pairs, most) if found else None


def _map(map_id: str, pairs: list[tuple[str, str]], most: tuple[int, int]) -> Found | None:
    load_figures()
    from geosvc.figures.request import PIXELS  # noqa: PLC0415 - matplotlib comes with it

    catalog = service().workspace.catalog
    # what others add to a link, to see where it was clicked, is nothing to us
    own = [pair for pair in pairs if is_state_name(pair[0])]
    try:
        state = parse_state(map_id, own, catalog)
    except (UnknownMapError, StateError):
        return None
    size = min(THUMBNAIL_PX[0], most[0]), min(THUMBNAIL_PX[1], most[1])
    title = catalog.map(map_id).title.of(state.language)
    if min(size) < PIXELS[0]:
        return Found(title, state_path(state, "embed"))
    return Found(title, state_path(state, "embed"), still.picture_path(state, size), size)


def _snapshot(snapshot_id: str, tongue: Language) -> Found | None:
    kept = shelf()
    try:
        found = kept.standing(kept.find(snapshot_id).id)
    except (UnknownSnapshotError, WithdrawnError):
        return None
    manifest = kept.manifest(found.id)
    title, frame = title_of(manifest.facts, tongue), link(tongue, f"/embed/s/{found.id}")
    if PICTURE not in manifest.parts:
        return Found(title, frame)
    # the size stands in the head of a PNG
    head = kept.read(found.id, PICTURE).content[16:24]
    size = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
    return Found(title, frame, f"/s/{found.id}/{PICTURE}", size)
