"""A screening figure for queues at the peak hour. It warns; it never excludes a site.

The chance that more cars wait than there are waiting bays, in the long run at the entered rate, as
a range from service of equal length (M/D/c) to service of exponential length (M/M/c). Arrivals are
random (Poisson); their rate is entered by a person, violations are not arrivals.

References
----------
Erlang (1917), M/M/c, in Kleinrock (1975), Queueing Systems I, eq. 3.40. Crommelin (1932) for M/D/c:
the queue after one service time is the queue before, with what came, less one car a bay. Spitzer
(1956), A combinatorial lemma, theorem 3.1: the stationary law of such a queue.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from scipy.special import gammaln, pdtrc, xlogy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SMALL: Final = 1e-12
_BLOCK: Final = 4096
_MOST_STEPS: Final = 400_000


@dataclass(frozen=True, slots=True)
class Peak:
    """The peak hour as a person enters it; the arrivals are those of all sites together."""

    arrivals_per_hour: float
    service_minutes: float
    waiting_bays: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """What a peak hour does to a site.

    ``grows``: the bays cannot keep up, the queue grows through the peak and the chances are None.
    Else ``regular`` and ``exponential`` are the chances that the queue outgrows the waiting bays.
    """

    utilisation: float
    grows: bool
    regular: float | None
    exponential: float | None

    @property
    def code(self) -> Literal["grows", "range"]:
        """The code of the sentence."""
        return "grows" if self.grows else "range"

    def as_json(self) -> dict[str, Any]:
        """Return codes and numbers."""
        return {
            "code": self.code,
            "utilisation": self.utilisation,
            "regular": self.regular,
            "exponential": self.exponential,
        }


def peak_queue(peak: Peak, *, bays: int) -> Queue:
    """Screen a site at its peak hour.

    Parameters
    ----------
    peak
        The arrivals at this site, minutes of a wash, and how many cars can wait off the road.
    bays
        How many cars are washed at once.

    Raises
    ------
    ValueError
        If there are no bays, or a number is negative or not finite.

    Examples
    --------
    >>> queue = peak_queue(Peak(37.8, 20, 9), bays=14)
    >>> round(queue.utilisation, 3), round(queue.exponential, 2), round(queue.regular, 2)
    (0.9, 0.21, 0.09)
    >>> peak_queue(Peak(42, 20), bays=14).code
    'grows'
    >>> peak_queue(Peak(0, 20), bays=14).exponential
    0.0
    """
    numbers = (peak.arrivals_per_hour, peak.service_minutes, peak.waiting_bays)
    if bays < 1 or not all(math.isfinite(number) and number >= 0 for number in numbers):
        msg = f"no queue has {bays} bays and the numbers {numbers}"
        raise ValueError(msg)
    load = peak.arrivals_per_hour * peak.service_minutes / 60
    utilisation = load / bays
    if utilisation >= 1:
        return Queue(utilisation, grows=True, regular=None, exponential=None)
    if load == 0:
        return Queue(0.0, grows=False, regular=0.0, exponential=0.0)
    exponential = delay_chance(load, bays) * utilisation ** (peak.waiting_bays + 1)
    # near 1 the sum of Spitzer gets too long; the two laws are then near each other
    regular = min(exponential, _regular(load, bays, peak.waiting_bays))
    return Queue(utilisation, grows=False, regular=regular, exponential=exponential)


def delay_chance(load: float, bays: int) -> float:
    """Return the chance that an arrival must wait in M/M/c (Erlang C).

    Parameters
    ----------
    load
        Arrivals in one service time, below ``bays``.
    bays
        The servers.

    Examples
    --------
    >>> delay_chance(0.5, 1), round(delay_chance(12.6, 14), 3)
    (0.5, 0.614)
    """
    blocked = 1.0
    for server in range(1, bays + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked / (1 - (load / bays) * (1 - blocked))


def _regular(load: float, bays: int, waiting: int) -> float:
    """Return the chance of a queue above ``waiting`` when every service takes as long."""
    steps = _steps(load / bays, bays)
    if steps > _MOST_STEPS:
        return math.inf
    tail = 0.0
    terms = np.zeros(waiting + 1)
    for begin in range(1, steps + 1, _BLOCK):
        count = np.arange(begin, min(steps, begin + _BLOCK - 1) + 1, dtype=np.float64)
        tail += float((pdtrc(count * bays, count * load) / count).sum())
        for above in range(1, waiting + 1):
            terms[above] += float((_poisson(count * bays + above, count * load) / count).sum())
    return _above(tail, terms)


def _poisson(events: Floats, mean: Floats) -> Floats:
    """Return the chance of so many events; `scipy.stats` has it too and takes a second to load."""
    return np.asarray(np.exp(xlogy(events, mean) - gammaln(events + 1) - mean))


def _above(tail: float, terms: Floats) -> float:
    """Return the chance of more than the last of ``terms``, by the power series of Spitzer."""
    chance = np.zeros(len(terms))
    chance[0] = math.exp(-tail)
    for queue in range(1, len(terms)):
        part = np.arange(1, queue + 1)
        chance[queue] = float((part * terms[part] * chance[queue - part]).sum()) / queue
    return min(1.0, max(0.0, 1.0 - float(chance.sum())))


def _steps(utilisation: float, bays: int) -> int:
    """Return after how many service times nothing is left to add: by the bound of Chernoff."""
    rate = bays * (utilisation - 1 - math.log(utilisation))
    return math.ceil(-math.log(_SMALL) / rate) + 1
