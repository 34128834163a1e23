"""Where a request comes from, behind however many proxies."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IPV6_NETWORK = 64
"""Bits that name one customer; the rest is theirs to choose."""


def client_address(environ: Mapping[str, Any], trusted: tuple[str, ...]) -> str:
    """Return the address of the client.

    Parameters
    ----------
    environ
        The WSGI environment.
    trusted
        The networks of our own proxies. Each has added the address it heard from to
        ``X-Forwarded-For``; whatever stands left of the first stranger's is the stranger's word.

    Returns
    -------
    address
        Canonical; empty where there is none.

    Examples
    --------
    >>> sent = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4, 5.6.7.8"}
    >>> client_address(sent, ("10.0.0.0/8",)), client_address(sent, ())
    ('5.6.7.8', '10.0.0.1')
    >>> client_address({}, ())
    ''
    """
    found = _parse(environ.get("REMOTE_ADDR") or "")
    for part in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        named = _parse(part)
        if found is None or named is None or not _is_trusted(found, trusted):
            break
        found = named
    return str(found or "")


def is_secure(environ: Mapping[str, Any], trusted: tuple[str, ...]) -> bool:
    """Tell whether the client speaks https, as far as our own proxies say.

    >>> is_secure({"wsgi.url_scheme": "https"}, ()), is_secure({}, ())
    (True, False)
    """
    if environ.get("wsgi.url_scheme") == "https":
        return True
    nearest = _parse(environ.get("REMOTE_ADDR") or "")
    if nearest is None or not _is_trusted(nearest, trusted):
        return False
    return bool(environ.get("HTTP_X_FORWARDED_PROTO", "").split(",")[-1].strip() == "https")


def customer(address: str) -> str:
    """Return the network within which a client chooses its address freely.

    >>> customer("2001:db8::1"), customer("1.2.3.4"), customer("")
    ('2001:db8::/64', '1.2.3.4', '')
    """
    found = _parse(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, IPV6_NETWORK), strict=False))
    return str(found or "")


def _is_trusted(address: _Address, trusted: tuple[str, ...]) -> bool:
    return any(address in network for network in _networks(trusted))


@lru_cache(maxsize=8)
def _networks(
    trusted: tuple[str, ...],
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(item) for item in trusted)


def _parse(text: str) -> _Address | None:
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
