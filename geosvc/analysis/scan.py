"""The network scan statistic: which stretch of street has more visits than chance would bring.

A window is all surveyed street within a radius, along streets, of the middle of a piece of street
(lixel). Under chance visits fall on surveyed street in proportion to its exposure, independently.
Each window has the likelihood ratio of its own rate against the rest's; the largest over all
windows and radii is held against the largest of each of many random throws of as many visits, so
that its p-value covers the whole search. The unit thrown is the visit: several cases caught in
one visit are no independent events.

References
----------
Kulldorff (1997), A spatial scan statistic, Communications in Statistics: Theory and Methods
26 (6), section 3 (the ratio for a Poisson model) and section 4 (Monte Carlo, secondary clusters).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.windows import MIN_VISITS, Windows
from geosvc.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from geosvc.analysis.windows import Chance
    from geosvc.network import Snapped, StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_ROUNDING: Final = 1e-9
"""Ratios whose logarithms differ by less than this share are equal: windows of the same street."""

_TELL_EVERY: Final = 50

OTHERS: Final = 5
"""How many windows that are no more than chance are listed behind the significant ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Surveyed street within ``radius_m``, along streets, of one place.

    ``visits`` lie in it where ``expected`` would by exposure; ``ratio`` is their quotient, too high
    for a window that was chosen for it. ``p_value`` is the share of throws, the data counted as
    one, with any window at least as strong; behind the first window it is conservative. The pieces
    ``start_m`` to ``end_m`` of ``segment`` are the window.
    """

    center: tuple[int, float]
    radius_m: float
    visits: int
    expected: float
    log_likelihood_ratio: float
    p_value: float
    exposure_m: float
    segment: Integers
    start_m: Floats
    end_m: Floats

    @property
    def ratio(self) -> float:
        """Visits for each expected one."""
        return self.visits / self.expected

    @property
    def length_m(self) -> float:
        """The length of the window's street."""
        return float((self.end_m - self.start_m).sum())

    def holds(self, places: Snapped) -> NDArray[np.bool_]:
        """Say which places lie in the window.

        A piece holds its end, and its start where the segment starts, so that two pieces never
        hold one place.
        """
        segment = np.asarray(places.segment, dtype=np.int64)[:, None]
        offset_m = np.asarray(places.offset_m, dtype=np.float64)[:, None]
        after = (offset_m > self.start_m) | ((offset_m == 0) & (self.start_m == 0))
        inside = (segment == self.segment) & after & (offset_m <= self.end_m)
        return np.asarray(inside.any(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class ScanResult:
    """What a scan found.

    ``windows`` share no street; the strongest comes first, every one with ``p_value <= alpha`` is
    there and at most five more. ``p_value`` is that of the strongest window, 1 where no window has
    five visits. ``maxima`` are the sorted largest ratios (logarithms) of the throws. Of the visits
    ``n`` counted; ``left_out`` had no street, or one without exposure.
    """

    windows: tuple[Window, ...]
    p_value: float
    maxima: Floats
    draws: int
    seed: int
    alpha: float
    radii_m: tuple[float, ...]
    n: int
    left_out: int
    exposure_total_m: float


def network_scan(  # noqa: PLR0913 - the question has these seven parts
    network: StreetNetwork,
    visits: Snapped,
    *,
    exposure_m: ArrayLike,
    radii_m: ArrayLike,
    draws: int,
    alpha: float,
    seed: int,
) -> ScanResult:
    """Search a network for windows with more visits than chance would bring.

    Parameters
    ----------
    network
        The streets; distances run along all of them.
    visits
        Where the visits were. Those without a street, or on one of no exposure, do not count.
    exposure_m
        Surveyed meters of each segment, spread evenly along it.
    radii_m
        The windows' radii.
    draws
        How many random throws.
    alpha
        The level up to which every window is listed.
    seed
        Of the throws; the same seed gives the same result.

    Returns
    -------
    result
        The strongest windows that share no street, with their p-values.

    Raises
    ------
    AnalysisError
        If fewer than five visits count (``few_visits``) or nothing was surveyed
        (``nothing_surveyed``).
    ValueError
        If an argument has a value that makes no sense.

    Examples
    --------
    >>> from geosvc.network import Snapped, StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [2000, 0]], [[0, 1]])
    >>> at = Snapped(np.zeros(8, dtype=np.int64), np.arange(500.0, 580.0, 10.0), np.zeros(8))
    >>> asked = {"exposure_m": [2000], "radii_m": [50, 100], "draws": 99, "alpha": 0.05, "seed": 1}
    >>> found = network_scan(street, at, **asked)
    >>> [(window.visits, window.radius_m, window.p_value) for window in found.windows]
    [(8, 50.0, 0.01)]
    >>> network_scan(street, Snapped([], [], []), **asked)
    Traceback (most recent call last):
    geosvc.errors.AnalysisError: few_visits
    """
    scanner = Scanner.prepare(network, exposure_m=exposure_m, radii_m=radii_m)
    return scanner.run(visits, draws=draws, alpha=alpha, seed=seed)


@dataclass(frozen=True, slots=True, eq=False)
class Scanner:
    """Windows made ready for many scans: of visits, of cases, of planted hotspots."""

    windows: Windows

    @classmethod
    def prepare(
        cls,
        network: StreetNetwork,
        *,
        exposure_m: ArrayLike,
        radii_m: ArrayLike,
        lixel_m: float = 25.0,
    ) -> Scanner:
        """Cut the surveyed street into pieces and find the windows around them.

        Parameters
        ----------
        network, exposure_m, radii_m
            As for `network_scan`.
        lixel_m
            The longest piece, and so about the step from one window to the next.

        Raises
        ------
        AnalysisError
            If nothing was surveyed.
        ValueError
            If there is not one finite exposure of at least 0 a segment, or a length is not
            positive.
        """
        return cls(Windows.of(network, exposure_m=exposure_m, radii_m=radii_m, lixel_m=lixel_m))

    def maxima(
        self,
        n: int,
        *,
        draws: int,
        seed: int,
        relative_risk: ArrayLike | None = None,
        progress: Callable[[float], object] | None = None,
    ) -> Floats:
        """Return the largest log likelihood ratio of each of many throws of ``n`` visits.

        Parameters
        ----------
        n
            How many visits are thrown.
        draws
            How often.
        seed
            Of the throws.
        relative_risk
            One number a piece, by which its exposure counts: a planted hotspot. Everywhere the
            same if not given.
        progress
            Told the share that is done, now and then; what it raises ends the work.

        Returns
        -------
        maxima
            ``draws`` ratios in the order of the throws; 0 where no window has five visits.

        Raises
        ------
        ValueError
            If ``n`` or ``draws`` is less than 1, or no weight is left.
        """
        if n < 1 or draws < 1:
            msg = f"n and draws must be at least 1, not {n} and {draws}"
            raise ValueError(msg)
        weight = self.windows.exposure_m
        if relative_risk is not None:
            weight = weight * np.asarray(relative_risk, dtype=np.float64)
        upto = np.cumsum(weight)
        if not upto[-1] > 0:
            msg = "relative_risk leaves no weight"
            raise ValueError(msg)
        rng, chance = np.random.default_rng(seed), self.windows.chance(n)
        result = np.empty(draws)
        for draw in range(draws):
            thrown = np.searchsorted(upto, rng.random(n) * upto[-1], side="right")
            result[draw] = chance.largest(self.windows.counts(thrown))
            if progress is not None and draw % _TELL_EVERY == 0:
                progress(draw / draws)
        return result

    def run(
        self,
        visits: Snapped,
        *,
        draws: int,
        alpha: float,
        seed: int,
        progress: Callable[[float], object] | None = None,
    ) -> ScanResult:
        """Scan visits; see `network_scan`.

        Raises
        ------
        AnalysisError
            If fewer than five visits count.
        ValueError
            If a place is not on the network, ``draws`` is less than 1 or ``alpha`` no share.
        """
        if not 0 < alpha < 1:
            msg = f"alpha must lie between 0 and 1, not {alpha}"
            raise ValueError(msg)
        piece = self.windows.reach.place(visits)
        held = piece[piece >= 0]
        if len(held) < MIN_VISITS:
            reason = "few_visits"
            raise AnalysisError(reason, visits=len(held), least=MIN_VISITS)
        maxima = np.sort(self.maxima(len(held), draws=draws, seed=seed, progress=progress))
        found = self._strongest(held, maxima, alpha)
        return ScanResult(
            windows=found,
            p_value=found[0].p_value if found else 1.0,
            maxima=maxima,
            draws=draws,
            seed=seed,
            alpha=alpha,
            radii_m=self.windows.radii_m,
            n=len(held),
            left_out=len(piece) - len(held),
            exposure_total_m=self.windows.exposure_total_m,
        )

    def _strongest(self, held: Integers, maxima: Floats, alpha: float) -> tuple[Window, ...]:
        counts = self.windows.counts(held)
        chance = self.windows.chance(len(held))
        strength = chance.ratios(counts)
        found: list[Window] = []
        others = 0
        while others < OTHERS and (best := strength.max()) > 0:
            # equal but for rounding: the first has the smallest radius
            at = int(np.flatnonzero(strength >= best * (1 - _ROUNDING))[0])
            window = self._window(at, counts, chance, maxima)
            others += window.p_value > alpha
            found.append(window)
            strength[self.windows.counts(self.windows.members(at)) > 0] = 0.0
        return tuple(found)

    def _window(self, at: int, counts: Integers, chance: Chance, maxima: Floats) -> Window:
        windows, reach = self.windows, self.windows.reach
        ring, center = divmod(at, len(reach))
        ratio = float(chance.ratios(counts)[at])
        as_strong = len(maxima) - int(np.searchsorted(maxima, ratio * (1 - _ROUNDING)))
        piece = windows.members(at)
        middle_m = float(reach.start_m[center] + reach.end_m[center]) / 2
        return Window(
            center=(int(reach.segment[center]), middle_m),
            radius_m=windows.radii_m[ring],
            visits=int(counts[at]),
            expected=float(chance.expected[at]),
            log_likelihood_ratio=ratio,
            p_value=(1 + as_strong) / (1 + len(maxima)),
            exposure_m=float(windows.window_exposure_m[at]),
            segment=reach.segment[piece],
            start_m=reach.start_m[piece],
            end_m=reach.end_m[piece],
        )
