"""The basemap's file, read in parts: a browser asks for the bytes of the tiles that it shows."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from geosvc.errors import BasemapError
from geosvc.tiles.basemap import find_file
from geosvc.web.answers import IMMUTABLE, matches
from geosvc.web.problems import problem
from geosvc.web.service import service

if TYPE_CHECKING:
    from pathlib import Path

bp = Blueprint("ground", __name__)
MEDIA = "application/vnd.pmtiles"
_CROSS_ORIGIN = {
    # a sandboxed embed has no origin of its own: it may ask before it asks for a range
    "Access-Control-Allow-Headers": "Range, If-Range",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "Access-Control-Max-Age": "86400",
}


@bp.route("/basemap/<tag>.pmtiles", methods=["GET", "OPTIONS"])
def tiles(tag: str) -> Response:
    """Send the basemap, or the range of its bytes that is asked for; its address holds its hash."""
    try:
        path, now = find_file(service().settings)
    except BasemapError:
        return problem(HTTPStatus.NOT_FOUND, "not_found")
    if now != tag:
        return problem(HTTPStatus.NOT_FOUND, "stale_address")
    is_question = request.method == "OPTIONS"
    response = Response(status=HTTPStatus.NO_CONTENT) if is_question else _part(path, f'"{tag}"')
    response.headers.update(_CROSS_ORIGIN)
    return response


def _part(path: Path, etag: str) -> Response:
    size = path.stat().st_size
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE, "Accept-Ranges": "bytes"}
    if matches(request.headers.get("If-None-Match", ""), etag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    asked = request.range if request.headers.get("If-Range", etag) == etag else None
    # several ranges at once nobody needs: they get the whole
    if asked is None or asked.units != "bytes" or len(asked.ranges) > 1:
        return Response(_read(path, 0, size), headers=headers, mimetype=MEDIA)
    span = asked.range_for_length(size)
    if span is None:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{size}"
    body = _read(path, *span)
    return Response(body, HTTPStatus.PARTIAL_CONTENT, headers=headers, mimetype=MEDIA)


def _read(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)
