"""Numbers, shares and days in sentences, as Chinese and English offices write them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from geosvc.messages import text

if TYPE_CHECKING:
    from geosvc.catalog.model import Language

ABSENT = "–"


def number(value: float | None, digits: int = 0) -> str:
    """Write a number with thousands marks; whole numbers without decimals.

    >>> number(1905), number(4.649, 1), number(3.0, 1), number(0.04, 1), number(None)
    ('1,905', '4.6', '3', '0.0', '–')
    """
    if value is None:
        return ABSENT
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.{digits}f}"


def fixed(value: float | None, digits: int) -> str:
    """Write a number of a column: with all its decimals.

    >>> fixed(69.0, 1), fixed(1234.56, 1), fixed(None, 1)
    ('69.0', '1,234.6', '–')
    """
    return ABSENT if value is None else f"{value:,.{digits}f}"


def kilometers(length_m: float | None) -> str:
    """Write a length in kilometers, to 100 m.

    >>> kilometers(118_420), kilometers(40), kilometers(None)
    ('118.4', '0.04', '–')
    """
    if length_m is None:
        return ABSENT
    return f"{length_m / 1000:,.{1 if length_m >= 1000 or not length_m else 2}f}"  # noqa: PLR2004 - a kilometer


def percent(share: float | None) -> str:
    """Write a share in hundredths, to as many decimals as it needs to be seen.

    >>> percent(0.05), percent(0.125), percent(0.004), percent(0), percent(None)
    ('5', '12', '0.4', '0', '–')
    """
    if share is None:
        return ABSENT
    hundredths = 100 * share
    return f"{hundredths:.1f}" if 0 < abs(hundredths) < 1 else f"{hundredths:.0f}"


def probability(value: float | None) -> str:
    """Write a p-value; two digits that count, at most four decimals.

    >>> probability(0.001), probability(0.0412), probability(1.0), probability(None)
    ('0.001', '0.041', '1', '–')
    """
    if value is None:
        return ABSENT
    shown = f"{value:.4f}" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"  # noqa: PLR2004 - decimals by size
    return shown.rstrip("0").rstrip(".") or "0"


def day(text_: str | None, tongue: Language) -> str:
    """Write an ISO day for a reader; a time of day behind it is left out.

    >>> day("2024-06-05T10:00:00+08:00", "zh"), day("2024-06-05", "en"), day(None, "en")
    ('2024年6月5日', '2024-06-05', '–')
    """
    if not text_:
        return ABSENT
    try:
        found = date.fromisoformat(str(text_)[:10])
    except ValueError:
        return str(text_)
    width = 2 if tongue == "en" else 1
    values = {"month": f"{found.month:0{width}}", "day": f"{found.day:0{width}}"}
    return text("value.date", tongue, year=found.year, **values)
