"""How well the density of past visits tells where the next ones are: PAI and PEI by street length.

Each period is foretold from all others. The streets are taken from the densest on; the share of
the period's visits on them stands against their share of surveyed street.

References
----------
Chainey, Tompson and Uhlig (2008), The utility of hotspot mapping for predicting spatial patterns
of crime, Security Journal 21, page 14 (PAI). Drawve and Wooditch (2019), A research note on the
methodological and theoretical considerations for assessing crime forecasting accuracy with the
predictive accuracy index, Journal of Criminal Justice 64 (length instead of area, PEI).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from geosvc.analysis.cases import some
from geosvc.analysis.network_density import heat_density

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geosvc.analysis.reach import Reach
    from geosvc.network import Snapped, StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Days = NDArray[np.datetime64]

SIGMA_M: Final = 150.0
SPACING_M: Final = 15.0

SHARE: Final = 0.02
"""The share of surveyed street at which one figure is given for the whole curve."""

SHARES: Final = (*(k / 200 for k in range(20)), *(k / 20 for k in range(2, 21)))
"""Where the curve is drawn: in small steps first, where patrols can be."""

MONTHLY_DAYS: Final = 183
"""Shorter series are scored by weeks."""


@dataclass(frozen=True, slots=True)
class Score:
    """Foretelling each period from the others.

    ``periods`` has for each its first and last day, its number of visits and its PAI and PEI at
    ``share`` of the surveyed street; ``pai`` and ``pei`` are those of all periods together.
    ``curve`` has pairs: the share of street, and the share of all visits on it.
    """

    period: Literal["week", "month"]
    share: float
    periods: tuple[dict[str, Any], ...]
    pai: float
    pei: float
    curve: tuple[tuple[float, float], ...]


def leave_one_out(
    network: StreetNetwork,
    reach: Reach,
    places: Snapped,
    *,
    day: Days,
    progress: Callable[[float], object] | None = None,
) -> Score | None:
    """Foretell each week, or month, from all others.

    Periods are weeks from Monday where the series is shorter than six months, else months. Street
    of equal density is taken together: a visit on it counts only when all of it is taken.

    Parameters
    ----------
    network
        The streets.
    reach
        The pieces of surveyed street.
    places
        Of visits; those on no piece do not count.
    day
        Of visits.
    progress
        Told the share that is done; what it raises ends the work.

    Returns
    -------
    score
        None where there are fewer than two periods with visits.

    Examples
    --------
    >>> from geosvc.network import Snapped, StreetNetwork
    >>> from geosvc.analysis.reach import Reach
    >>> street = StreetNetwork.from_segments([[0, 0], [10000, 0]], [[0, 1]])
    >>> reach = Reach.of(street, np.array([True]), lixel_m=25, limit_m=25)
    >>> at = Snapped([0, 0, 0], [500, 500, 510], [0, 0, 0])
    >>> day = np.array(["2024-06-03", "2024-06-10", "2024-06-17"], dtype="datetime64[D]")
    >>> score = leave_one_out(street, reach, at, day=day)
    >>> score.period, len(score.periods), score.pai, score.pei
    ('week', 3, 50.0, 1.0)
    >>> leave_one_out(street, reach, Snapped([], [], []), day=day[:0]) is None
    True
    """
    piece = reach.place(places)
    held = np.flatnonzero(piece >= 0)
    kind, label = _periods(day[held])
    labels = np.unique(label)
    if len(labels) < 2:  # noqa: PLR2004 - one to foretell, one to learn from
        return None
    length_m = reach.end_m - reach.start_m
    upto, best, rows = np.empty(len(held)), [], []
    for done, name in enumerate(labels.tolist()):
        is_next = label == name
        known = some(places, held[~is_next])
        taken = _taken(network, reach, known, length_m)[piece[held[is_next]]]
        upto[is_next] = taken
        best.append(_most(piece[held[is_next]], length_m))
        rows.append(_row(day[held[is_next]], taken, best[-1]))
        if progress is not None:
            progress((done + 1) / len(labels))
    hits = float((upto <= SHARE).sum())
    return Score(
        period=kind,
        share=SHARE,
        periods=tuple(rows),
        pai=round(hits / len(held) / SHARE, 2),
        pei=round(hits / sum(best), 3),
        curve=tuple((share, round(float((upto <= share).mean()), 4)) for share in SHARES),
    )


def weeks(day: Days) -> Days:
    """Return the Monday of each day.

    >>> weeks(np.array(["2024-06-30", "2024-07-01"], dtype="datetime64[D]")).tolist()
    [datetime.date(2024, 6, 24), datetime.date(2024, 7, 1)]
    >>> weeks(np.array([], dtype="datetime64[D]")).tolist()
    []
    """
    number = day.astype("datetime64[D]").astype(np.int64)
    # day 0 was a Thursday
    return (number - (number + 3) % 7).astype("datetime64[D]")


def _periods(day: Days) -> tuple[Literal["week", "month"], Days]:
    is_long = len(day) and (day.max() - day.min()).astype(np.int64) >= MONTHLY_DAYS
    return ("month", day.astype("datetime64[M]")) if is_long else ("week", weeks(day))


def _taken(network: StreetNetwork, reach: Reach, known: Snapped, length_m: Floats) -> Floats:
    """Return the share of street that is taken when each piece is."""
    density = heat_density(network, known, sigma_m=SIGMA_M, spacing_m=SPACING_M)
    value = density.at(reach.segment, (reach.start_m + reach.end_m) / 2)
    # what differs by rounding is equal; far from all visits the density is 0
    rank = np.unique(-np.round(value, 9), return_inverse=True)[1]
    upto_m = np.cumsum(np.bincount(rank, length_m))
    return np.asarray((upto_m / upto_m[-1])[rank])


def _most(piece: Integers, length_m: Floats) -> int:
    """Return how many visits the best choice of as much street would have."""
    at, count = np.unique(piece, return_counts=True)
    order = np.argsort(-count / length_m[at], kind="stable")
    fits = np.cumsum(length_m[at][order]) <= SHARE * length_m.sum()
    return max(int(count[order][fits].sum()), 1)


def _row(day: Days, taken: Floats, best: int) -> dict[str, Any]:
    hits = float((taken <= SHARE).sum())
    return {
        "from": str(day.min()),
        "to": str(day.max()),
        "n": len(day),
        "pai": round(hits / len(day) / SHARE, 2),
        "pei": round(hits / best, 3),
    }
