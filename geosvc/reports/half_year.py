"""The layers of a half-year as they stood at its end, where the store still knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from geosvc.scorecard import available, scorecard

if TYPE_CHECKING:
    from geosvc.scorecard import Period, Scorecard
    from geosvc.workspace import Workspace


@dataclass(frozen=True, slots=True)
class HalfYear:
    """What a report is written from.

    ``view`` holds the layers as they stood at the end of the half-year where ``is_past``, else as
    they stand. ``is_late`` says that the data describe a later day, and that what they were is not
    known; ``first`` is the instant of the first revision.
    """

    view: Workspace
    card: Scorecard
    is_past: bool = False
    is_late: bool = False
    first: str = ""


def half_year(workspace: Workspace, period: str | None) -> HalfYear:
    """Look at the layers of a half-year.

    Parameters
    ----------
    workspace
        A view of one moment.
    period
        As ``2024H1``; by default the half-year of the data's day.

    Returns
    -------
    half_year
        The past is taken where something was stored after the half-year, and every layer of the
        scorecard was there at its end.

    Raises
    ------
    StateError
        If there is no such half-year.
    """
    card = scorecard(workspace, period)
    end = end_of(card.period)
    moments = [status.at for status in workspace.moment.statuses.values() if status.at]
    if all(datetime.fromisoformat(at) <= end for at in moments):
        return HalfYear(workspace, card)
    past = workspace.as_of(end)
    is_whole = all(
        past.status(name).is_served for name in card.layers if workspace.status(name).is_served
    )
    if card.layers and is_whole and card.period in available(past):
        return HalfYear(past, scorecard(past, card.period.id), is_past=True)
    is_late = bool(card.as_of) and str(card.as_of) > card.period.last
    return HalfYear(workspace, card, is_late=is_late, first=min(_first(workspace), default=""))


def end_of(period: Period) -> datetime:
    """Return the last second of a half-year, where the service runs.

    >>> from geosvc.scorecard import Period
    >>> end_of(Period(2024, 1)).replace(tzinfo=None).isoformat()
    '2024-06-30T23:59:59'
    """
    return datetime.combine(date.fromisoformat(period.last), time(23, 59, 59)).astimezone()


def _first(workspace: Workspace) -> list[str]:
    names = [name for name, found in workspace.moment.statuses.items() if found.revision]
    return [workspace.store.revisions(name, limit=-1)[-1].at for name in names]
