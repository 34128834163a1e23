"""The words and addresses that every template gets."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import request

from geosvc import messages
from geosvc.web import auth
from geosvc.web.service import language, service
from geosvc.workspace.trust import trust

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geosvc.catalog.model import Language


def page_context(layer_ids: Iterable[str], *, active: str | None) -> dict[str, Any]:
    """Return what the frame of a page shows.

    Parameters
    ----------
    layer_ids
        The layers that the page is about, for its trust line.
    active
        The tab of the top bar, or None.

    Returns
    -------
    context
        ``lang``, ``html_lang``, ``t``, ``static``, ``link``, ``switch_url``, ``site_title``,
        ``trust``, ``active``; ``has_hotspots`` and ``has_siting`` (whether there is a map of this
        id), ``has_scorecard``; ``person`` (name and role, or None) and ``sign_in_url``.
    """
    tongue = language()
    found = auth.person()
    role = messages.text(f"roles.{found.role}", tongue) if found else ""
    return {
        "lang": tongue,
        "html_lang": "zh-CN" if tongue == "zh" else "en",
        "t": partial(_sentence, tongue),
        "static": service().assets.url,
        "link": partial(link, tongue),
        "switch_url": request.path if tongue == "en" else f"{request.path}?lang=en",
        "site_title": service().workspace.catalog.site.title.of(tongue),
        "trust": trust_line(layer_ids, tongue),
        "active": active,
        "has_hotspots": "hotspots" in service().workspace.catalog.maps,
        "has_siting": "siting" in service().workspace.catalog.maps,
        "has_scorecard": service().workspace.catalog.scorecard is not None,
        "person": {"name": found.name, "role": role} if found else None,
        "sign_in_url": auth.sign_in_url(request.path),
    }


def link(tongue: Language, path: str) -> str:
    """Return an address of this service in the reader's language.

    >>> link("en", "/layers"), link("zh", "/layers"), link("en", "")
    ('/layers?lang=en', '/layers', '?lang=en')
    """
    return f"{path}?lang=en" if tongue == "en" else path


def trust_line(layer_ids: Iterable[str], tongue: Language) -> dict[str, Any]:
    """Return the trust line of a page, as texts."""
    facts = trust(service().workspace, layer_ids, tongue)
    return {
        "synthetic": facts["synthetic"],
        "as_of": day_text(facts["as_of"], tongue),
        "sources": facts["sources"],
        "revision": f"r{facts['revision']}",
        "revised_on": day_text(_local_day(facts["revised_at"]), tongue),
        "revised_at": moment_text(facts["revised_at"], tongue),
        "author": facts["author"] or messages.text("value.nobody", tongue),
    }


def day_text(text: str | None, tongue: Language) -> str | None:
    """Write an ISO date for a reader; anything else stays as it is.

    >>> day_text("2024-06-05", "zh"), day_text("2024-06-05", "en"), day_text("2024", "en")
    ('2024年6月5日', '2024-06-05', '2024')
    >>> day_text(None, "zh")
    """
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return messages.text("value.date", tongue, **_day(day, tongue))


def moment_text(text: str | None, tongue: Language) -> str | None:
    """Write an ISO date and time in the service's time zone; anything else stays as it is.

    >>> moment_text("today", "en")
    'today'
    >>> moment_text("", "en")
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text).astimezone()
    except ValueError:
        return text
    clock = {"hour": f"{moment.hour:02}", "minute": f"{moment.minute:02}"}
    return messages.text("value.datetime", tongue, **_day(moment, tongue), **clock)


def _local_day(text: str | None) -> str | None:
    try:
        return datetime.fromisoformat(text or "").astimezone().date().isoformat()
    except ValueError:
        return text


def _day(day: date, tongue: Language) -> dict[str, object]:
    width = 2 if tongue == "en" else 1
    return {"year": day.year, "month": f"{day.month:0{width}}", "day": f"{day.day:0{width}}"}


def _sentence(tongue: Language, key: str, /, **values: object) -> str:
    return messages.text(key, tongue, **values)
