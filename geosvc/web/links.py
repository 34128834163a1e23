"""Absolute addresses, for what leaves this machine: links, embed codes, documents, QR codes.

They begin with ``GEOSVC_BASE_URL``. While that is unset they begin as the reader's own request did,
which holds on this machine only; pages say so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from flask import request

from geosvc.web.service import service

if TYPE_CHECKING:
    from geosvc.map_state import MapState


def base() -> str:
    """Return what every absolute address begins with, without a slash at its end."""
    return service().settings.base_url or request.host_url.rstrip("/")


def absolute(path: str) -> str:
    """Return the absolute address of a path of this service."""
    return f"{base()}{path}"


def state_path(state: MapState, folder: str = "maps") -> str:
    """Return the path of a map in a state; an embed has no base map in another datum.

    >>> from geosvc.map_state import MapState
    >>> state_path(MapState("all", "en")), state_path(MapState("all"), "embed")
    ('/maps/all?lang=en', '/embed/all')
    """
    if folder == "embed" and state.look.datum:
        state = replace(state, look=replace(state.look, base="", datum=""))
    query = state.query()
    path = f"/{folder}/{state.map_id}"
    return f"{path}?{query}" if query else path


def head_meta(path: str, *, title: str, description: str, image: str) -> dict[str, str]:
    """Return what the head of a page tells those who link to it.

    Parameters
    ----------
    path
        Of the page that they should link to.
    title, description
        Plain texts.
    image
        The path of a picture; empty where there is none.

    Returns
    -------
    meta
        ``url``, ``title``, ``description``, ``image``, ``oembed``. The page is the same for
        everybody, so addresses are paths while ``GEOSVC_BASE_URL`` is unset.
    """
    here = service().settings.base_url
    address = f"{here}{path}"
    return {
        "url": address,
        "title": title,
        "description": description or title,
        "image": image and f"{here}{image}",
        "oembed": f"{here}{oembed_path(address)}",
    }


def oembed_path(address: str) -> str:
    """Return the path under which the oEmbed of an address is found.

    >>> oembed_path("https://gis.example.gov.cn/maps/all?lang=en")
    '/oembed?format=json&url=https%3A%2F%2Fgis.example.gov.cn%2Fmaps%2Fall%3Flang%3Den'
    """
    return f"/oembed?format=json&url={quote(address, safe='')}"


def own_path(address: str, *, here: str) -> str | None:
    """Return path and query of an address that is ours, None of any other.

    Parameters
    ----------
    address
        An absolute address, or a path.
    here
        What our absolute addresses begin with.

    Examples
    --------
    >>> own_path("https://a.example/maps/all?z=9", here="https://a.example")
    '/maps/all?z=9'
    >>> own_path("/maps/all", here="https://a.example")
    '/maps/all'
    >>> own_path("https://a.example.evil/maps/all", here="https://a.example")
    >>> own_path("//evil.example/maps/all", here="https://a.example")
    >>> own_path("", here="https://a.example")
    """
    try:
        given, ours = urlsplit(address), urlsplit(here)
    except ValueError:
        return None
    if not given.path.startswith("/"):
        return None
    # the same service may be asked by http and by https
    is_ours = given.scheme in {"http", "https"} and given.netloc == ours.netloc
    if not is_ours and (given.scheme or given.netloc):
        return None
    return f"{given.path}?{given.query}" if given.query else given.path
