"""The whole scorecard of a half-year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geosvc.scorecard.counting import Number, count
from geosvc.scorecard.periods import (
    Period,
    as_of,
    available,
    default_period,
    layers_of,
    parse_period,
)
from geosvc.scorecard.tasks import Overdue, overdue

if TYPE_CHECKING:
    from geosvc.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The numbers of a half-year; ``periods`` are those that can be asked for.

    ``layers`` are the sound layers that it speaks of, ``as_of`` the latest day that they describe.
    """

    period: Period
    periods: tuple[Period, ...]
    numbers: tuple[Number, ...] = ()
    overdue: Overdue | None = None
    layers: tuple[str, ...] = ()
    as_of: str | None = None

    @property
    def total(self) -> int:
        """How many numbers and lists there are to agree."""
        return len(self.numbers) + (self.overdue is not None)

    @property
    def agreeing(self) -> int:
        """How many of them agree."""
        return sum(number.agrees for number in self.numbers) + bool(
            self.overdue and self.overdue.agrees
        )

    @property
    def agrees(self) -> bool:
        """Whether all of them do."""
        return self.agreeing == self.total


def scorecard(workspace: Workspace, period: str | None = None) -> Scorecard:
    """Compute the scorecard of a half-year from the layers.

    Parameters
    ----------
    workspace
        The catalog and its data.
    period
        As ``2024H1``; by default the half-year of the data's day.

    Returns
    -------
    scorecard
        Every number of ``layers/scorecard.toml``; none where there is no such file, or it has a
        fault.

    Raises
    ------
    StateError
        If the layers have nothing to say about this half-year, or the text is none.
    """
    known = available(workspace)
    chosen = parse_period(period, known) if period else default_period(workspace, known)
    found = workspace.catalog.scorecard
    if found is None:
        return Scorecard(chosen, known)
    return Scorecard(
        chosen,
        known,
        tuple(count(workspace, measure, chosen) for measure in found.numbers),
        overdue(workspace, found.overdue) if found.overdue else None,
        layers_of(workspace),
        as_of(workspace),
    )
