"""The headers that every answer carries, worked out from the path alone."""

from __future__ import annotations

import re
from functools import lru_cache

from geosvc.errors import SettingsError

_IMAGES = "img-src 'self' data:"
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self'; {_IMAGES}; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors "
)
_LOADED_BY_EMBEDS = ("/embed/", "/static/", "/data/", "/figures/", "/basemap/")
_ENDINGS = (".js", ".json", ".geojson", ".csv", ".gpkg")
_MAP_PAGE = re.compile(
    r"/(?:maps|embed)/[a-z0-9_]+|/hotspots|/siting(?:/.*)?|/layers/[a-z0-9_]+/edit"
)


@lru_cache(maxsize=1024)
def security_headers(
    path: str, embed_origins: tuple[str, ...], tile_hosts: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """Return the headers that keep a page from harm.

    Parameters
    ----------
    path
        The path of the request.
    embed_origins
        The sites that may frame ``/embed/`` pages; ``*`` is any.
    tile_hosts
        The hosts of online base maps, whose pictures pages and embeds with a map may show.

    Returns
    -------
    headers
        Pages outside ``/embed/`` cannot be framed; what an embed loads may be read by any origin,
        because a sandboxed frame has none of its own.

    Raises
    ------
    SettingsError
        If an origin would end the header or the directive.

    Examples
    --------
    >>> dict(security_headers("/maps/all", ("*",)))["Content-Security-Policy"][-6:]
    "'none'"
    >>> dict(security_headers("/embed/all", ()))["Access-Control-Allow-Origin"]
    '*'
    """
    for origin in embed_origins:
        if not origin.isascii() or not origin.isprintable() or set(origin) & set(" ;,"):
            raise SettingsError(origin)
    embed = path.startswith("/embed/")
    ancestors = " ".join(_and_self(embed_origins)) if embed else ""
    # the share dialog of a map shows its embed as it will be
    frames = "frame-src 'self'; " if path.startswith("/maps/") else ""
    hosts = tile_hosts if _MAP_PAGE.fullmatch(path) else ()
    policy = POLICY.replace(_IMAGES, " ".join((_IMAGES, *hosts)))
    rows = [
        ("Content-Security-Policy", frames + policy + (ancestors or "'none'")),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]
    if not embed:
        rows.append(("X-Frame-Options", "DENY"))
    if path.startswith(_LOADED_BY_EMBEDS) or path.endswith(_ENDINGS):
        rows.append(("Access-Control-Allow-Origin", "*"))
        rows.append(("Cross-Origin-Resource-Policy", "cross-origin"))
    else:
        rows.append(("Cross-Origin-Opener-Policy", "same-origin"))
    return rows


def _and_self(origins: tuple[str, ...]) -> tuple[str, ...]:
    return ("'self'", *origins) if origins and "*" not in origins else origins
