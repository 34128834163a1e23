"""The online base maps of ``site.toml``: addresses that name their hosts outright, and a datum."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geosvc.catalog.keys import SITE_KEYS
from geosvc.catalog.model import Base

if TYPE_CHECKING:
    from geosvc.catalog.toml_table import Table

TRUE: Final = ("CGCS2000", "WGS84")
"""Two that agree within a meter: on a base in either, what is drawn lies where it is."""
SHIFTED: Final = "GCJ-02"
"""While a base in it is shown, all that is drawn is shifted; the public profile has none."""
NO_BASE: Final = "none"
"""What an address says where a reader wants no base at all."""

_HOST = r"(?:[a-z0-9-]*\{s\}[a-z0-9-]*|[a-z0-9-]+)(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?"
_REST = r"/(?:[A-Za-z0-9._~/?&=,;:%+@!-]|\{(?:z|x|y|token)\})*"
_URL = re.compile(f"https://(?P<host>{_HOST}){_REST}")
_FORM = "https://host/…{z}…{x}…{y}"
_SUBDOMAIN = re.compile(r"[a-z0-9-]+")
_DEEPEST, _USUAL = 22, 18


def read_bases(top: Table) -> tuple[Base, ...]:
    """Read the tables ``[[base]]``; what is at fault is listed.

    Parameters
    ----------
    top
        The site file.

    Returns
    -------
    bases
        In the order of the file.

    Examples
    --------
    >>> from geosvc.catalog.toml_table import Table
    >>> read_bases(Table({}, path="layers/site.toml", key="", issues=[]))
    ()
    """
    bases: list[Base] = []
    for table in top.tables("base"):
        base = _base(table)
        if base.id in {item.id for item in bases}:
            table.fault("not_unique", "id", found=base.id)
        if base.id == NO_BASE:
            table.fault("not_allowed", "id", found=base.id, expected=f"!= {NO_BASE}")
        bases.append(base)
    return tuple(bases)


def hosts_of(base: Base) -> tuple[str, ...]:
    """Return the origins that the tiles of a base come from, each subdomain spelled out.

    >>> from geosvc.catalog.model import Text
    >>> words = Text("甲", "A")
    >>> url = "https://t{s}.example/{z}/{x}/{y}"
    >>> hosts_of(Base("a", words, url, words, "WGS84", subdomains=("0", "1")))
    ('https://t0.example', 'https://t1.example')
    """
    found = [match["host"] for match in map(_URL.fullmatch, (base.url, base.labels)) if match]
    spelled = [
        f"https://{host.replace('{s}', part)}"
        for host in found
        for part in base.subdomains or ("",)
    ]
    return tuple(dict.fromkeys(spelled))


def _base(table: Table) -> Base:
    table.only(SITE_KEYS["base"])
    url, labels = _address(table, "url"), _address(table, "labels")
    return Base(
        id=table.identifier("id", required=True),
        title=table.text("title", required=True),
        url=url,
        attribution=table.text("attribution", required=True),
        datum=_datum(table),
        subdomains=_subdomains(table),
        labels=labels,
        named=table.boolean("named", default=True),
        max_zoom=table.integer("max_zoom", default=_USUAL, minimum=1, maximum=_DEEPEST),
    )


def _address(table: Table, name: str) -> str:
    text = table.string(name, required=name == "url")
    is_whole = _URL.fullmatch(text) and all(part in text for part in ("{z}", "{x}", "{y}"))
    if text and not is_whole:
        table.fault("pattern", name, found=text, expected=_FORM)
        return ""
    return text


def _subdomains(table: Table) -> tuple[str, ...]:
    is_used = any("{s}" in str(table.values.get(name)) for name in ("url", "labels"))
    parts = table.strings("subdomains", required=is_used) or ()
    for at, part in enumerate(parts):
        if not _SUBDOMAIN.fullmatch(part):
            table.fault("not_allowed", f"subdomains[{at}]", found=part, expected="[a-z0-9-]+")
    if "subdomains" in table and is_used != bool(parts):
        table.fault("pattern", "url", found=table.values.get("url", ""), expected="{s}")
    return parts


def _datum(table: Table) -> str:
    datum = table.string("datum", required=True)
    if datum and datum not in {*TRUE, SHIFTED}:
        table.fault("not_allowed", "datum", found=datum, expected=", ".join((*TRUE, SHIFTED)))
    return datum
