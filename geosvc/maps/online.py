"""Online base maps: which of those of the site file a page may offer, and the hosts they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.catalog.parse_base import SHIFTED, hosts_of

if TYPE_CHECKING:
    from geosvc.catalog.model import Base, Language, Site
    from geosvc.maps.elements import Addresses
    from geosvc.settings import Settings
    from geosvc.workspace import Workspace


def offered(site: Site, settings: Settings) -> tuple[Base, ...]:
    """Return the bases that can be had.

    Those that need a token only where there is one, and those in GCJ-02 not in the public profile.

    >>> from geosvc.catalog.model import Site, Text
    >>> from geosvc.settings import Settings
    >>> offered(Site(Text("", "")), Settings())
    ()
    """
    return tuple(
        base
        for base in site.base
        if (settings.base_token or "{token}" not in base.url + base.labels)
        and (settings.profile != "public" or base.datum != SHIFTED)
    )


def tile_hosts(site: Site, settings: Settings) -> tuple[str, ...]:
    """Return the origins of the tiles of all bases that are offered, each once.

    >>> from geosvc.catalog.model import Site, Text
    >>> from geosvc.settings import Settings
    >>> tile_hosts(Site(Text("", "")), Settings())
    ()
    """
    return tuple(dict.fromkeys(host for base in offered(site, settings) for host in hosts_of(base)))


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
        ``id``, ``title``, ``url``, ``labels``, ``subdomains``, ``max_zoom``, ``named``, ``datum``
        and ``attribution`` of each; none for a file that needs no network.
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
            "datum": base.datum,
            "attribution": base.attribution.of(language),
        }
        for base in offered(workspace.catalog.site, workspace.settings)
    ]
