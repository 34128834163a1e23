"""The basemap's file, read in parts: a browser asks for the bytes of the tiles that it shows."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request, send_file

from geosvc.errors import BasemapError
from geosvc.tiles.basemap import find_file
from geosvc.web.answers import IMMUTABLE
from geosvc.web.problems import problem
from geosvc.web.service import service

bp = Blueprint("ground", __name__)
MEDIA = "application/vnd.pmtiles"
_CROSS_ORIGIN = {
    # a sandboxed embed has no origin of its own: it asks before it asks for a range
    "Access-Control-Allow-Headers": "Range, If-Match",
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
    if request.method == "OPTIONS":
        response = Response(status=HTTPStatus.NO_CONTENT)
    else:
        response = send_file(path, mimetype=MEDIA, conditional=True, etag=tag)
        response.headers["Cache-Control"] = IMMUTABLE
    response.headers.update(_CROSS_ORIGIN)
    return response
