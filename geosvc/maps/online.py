"""Online base maps: which of those of the site file a page may offer, and the hosts they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.catalog.parse_base import hosts_of

if TYPE_CHECKING:
    from geosvc.catalog.model import Base, Language, Site
    from geosvc.maps.elements import Addresses
    from geosvc.workspace import Workspace


def offered(site: Site, token: str) -> tuple[Base, ...]:
    """Return the bases that can be had: those that need a token only where there is one.

    >>> from geosvc.catalog.model import Site, Text
    >>> offered(Site(Text("", "")), "")
    ()
    """
    return tuple(base for base in site.base if token or "{token}" not in base.url + base.labels)


def tile_hosts(site: Site, token: str) -> tuple[str, ...]:
    """Return the origins of the tiles of all bases that are offered, each once.

    >>> from geosvc.catalog.model import Site, Text
    >>> tile_hosts(Site(Text("", "")), "")
    ()
    """
    return tuple(dict.fromkeys(host for base in offered(site, token) for host in hosts_of(base)))


def describe_bases(
    workspace: Workspace, language: Language, addresses: Addresses
) -> list[dict[str, Any]]:
    """Return what a page must know about the online base maps.

    Parameters
    ----------
    workspace
        The catalog, and the settings with the token.
    language
        The reader's language.
    addresses
        Where the page finds things.

    Returns
    -------
    bases
        ``id``, ``title``, ``url``, ``labels``, ``subdomains``, ``max_zoom``, ``named`` and
        ``attribution`` of each; none for a file that needs no network.
    """
    if addresses.ground("") is None:
        return []
    token = workspace.settings.base_token
    return [
        {
            "id": base.id,
            "title": base.title.of(language),
            "url": base.url.replace("{token}", token),
            "labels": base.labels.replace("{token}", token) or None,
            "subdomains": list(base.subdomains),
            "max_zoom": base.max_zoom,
            "named": base.named,
            "attribution": base.attribution.of(language),
        }
        for base in offered(workspace.catalog.site, token)
    ]
