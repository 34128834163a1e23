"""Half-years, and those that the layers can speak of.

A layer with ``[time]`` is cut by its start: a record belongs to the half-year that it began in, so
that half-years add up. Days are those that the records write, in their own time zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from geosvc.errors import Issue, StateError
from geosvc.symbology import code_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.workspace import Workspace

PARAMETER = "period"
"""The name of the parameter that a fault names."""
_PERIOD = re.compile(r"([1-9]\d{3})[Hh]([12])", re.ASCII)
_DAY = re.compile(r"([1-9]\d{3})-(\d{2})-\d{2}", re.ASCII)
_JUNE = 6
_LONGEST = 40


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The first or the second half of a year.

    >>> period = Period(2024, 1)
    >>> period.id, period.first, period.last
    ('2024H1', '2024-01-01', '2024-06-30')
    >>> period.holds("2024-06-30T23:59:00+08:00"), period.holds("2024-07-01"), period.holds("")
    (True, False, False)
    """

    year: int
    half: int

    @property
    def id(self) -> str:
        """What stands in addresses."""
        return f"{self.year}H{self.half}"

    @property
    def first(self) -> str:
        """The first day, ISO 8601."""
        return f"{self.year}-01-01" if self.half == 1 else f"{self.year}-07-01"

    @property
    def last(self) -> str:
        """The last day, ISO 8601."""
        return f"{self.year}-06-30" if self.half == 1 else f"{self.year}-12-31"

    def holds(self, moment: str) -> bool:
        """Tell whether a day or moment, ISO 8601, lies in it."""
        return self.first <= moment[:10] <= self.last


def parse_period(text: str, known: Sequence[Period] = ()) -> Period:
    """Read a half-year.

    Parameters
    ----------
    text
        As ``2024H1``.
    known
        Those that there are; any is taken where none is given.

    Returns
    -------
    period
        The half-year.

    Raises
    ------
    StateError
        If the text is no half-year, or none of the known ones; the fault says what is expected.

    Examples
    --------
    >>> parse_period("2024h2")
    Period(year=2024, half=2)
    >>> parse_period("")
    Traceback (most recent call last):
    geosvc.errors.StateError: period
    """
    found = _PERIOD.fullmatch(text.strip())
    period = Period(int(found[1]), int(found[2])) if found else None
    if period is None or (known and period not in known):
        expected = ", ".join(item.id for item in known) or "2024H1, 2024H2"
        issue = Issue("bad_parameter", PARAMETER, found=text[:_LONGEST], expected=expected)
        raise StateError(PARAMETER, issues=[issue])
    return period


def period_of(moment: str | None) -> Period | None:
    """Return the half-year of a day or moment; None where the text holds none.

    >>> period_of("2024-07-01T08:00:00+08:00"), period_of(None)
    (Period(year=2024, half=2), None)
    """
    found = _DAY.match(moment or "")
    if found is None:
        return None
    return Period(int(found[1]), 1 if int(found[2]) <= _JUNE else 2)


def as_of(workspace: Workspace) -> str | None:
    """Return the latest day that the layers of the scorecard describe."""
    days = [workspace.status(layer_id).as_of for layer_id in layers_of(workspace)]
    return max((day for day in days if day), default=None)


def available(workspace: Workspace) -> tuple[Period, ...]:
    """Return the half-years that the layers can speak of, the latest first.

    Parameters
    ----------
    workspace
        The catalog and its data.

    Returns
    -------
    periods
        Those in which a record began, and that of the data's day; at least one.
    """
    found: set[Period | None] = {period_of(as_of(workspace))}
    for layer_id in layers_of(workspace):
        layer = workspace.catalog.layers[layer_id]
        if layer.time and workspace.status(layer_id).is_served:
            starts = workspace.frame(layer_id)[layer.time.start].unique()
            found |= {period_of(code_of(start)) for start in starts}
    if not found - {None}:
        moments = [workspace.status(name).at or "" for name in workspace.layer_ids]
        found = {period_of(max(moments, default="") or date.today().isoformat())}  # noqa: DTZ011 - nothing else says a day
    return tuple(sorted((period for period in found if period), reverse=True))


def default_period(workspace: Workspace, known: Sequence[Period]) -> Period:
    """Return the half-year of the data's day, else the latest."""
    return period_of(as_of(workspace)) or known[0]


def layers_of(workspace: Workspace) -> tuple[str, ...]:
    """Return the sound layers that the scorecard speaks of, each once."""
    found = workspace.catalog.scorecard
    if found is None:
        return ()
    named = [layer for item in found.numbers for layer in item.layers]
    named += found.overdue.layers if found.overdue else ()
    return tuple(name for name in dict.fromkeys(named) if name in workspace.catalog.layers)
