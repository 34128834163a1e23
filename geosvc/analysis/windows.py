"""The windows of a network scan, how many visits each holds, and how unlikely that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import xlogy

from geosvc.analysis.reach import Reach
from geosvc.errors import AnalysisError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geosvc.network import StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

MIN_VISITS: Final = 5
"""A window with fewer visits is never a hotspot, neither in the data nor in a throw."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """All surveyed street within each radius of the middle of each piece of it.

    Windows are numbered radius by radius, and for each in the order of ``reach``'s pieces, which
    are their centers. ``exposure_m`` is one a piece, ``window_exposure_m`` one a window.
    ``entered[i]`` are the windows that piece ``i`` enters, each at the smallest radius that takes
    it in.
    """

    reach: Reach
    radii_m: tuple[float, ...]
    exposure_m: Floats
    window_exposure_m: Floats
    entered: tuple[Integers, ...]

    @classmethod
    def of(
        cls, network: StreetNetwork, *, exposure_m: ArrayLike, radii_m: ArrayLike, lixel_m: float
    ) -> Windows:
        """Cut the surveyed street into pieces and find what lies around each.

        Parameters
        ----------
        network
            The streets; distances run along all of them.
        exposure_m
            Surveyed meters of each segment, spread evenly along it.
        radii_m
            In any order.
        lixel_m
            The longest piece.

        Raises
        ------
        AnalysisError
            If nothing was surveyed.
        ValueError
            If there is not one finite exposure of at least 0 a segment, or a length is not
            positive.

        Examples
        --------
        >>> from geosvc.network import StreetNetwork
        >>> street = StreetNetwork.from_segments([[0, 0], [100, 0]], [[0, 1]])
        >>> windows = Windows.of(street, exposure_m=[80], radii_m=[25, 50], lixel_m=25)
        >>> windows.window_exposure_m.tolist()
        [40.0, 60.0, 60.0, 40.0, 60.0, 80.0, 80.0, 60.0]
        >>> windows.counts(np.array([0, 0, 3])).tolist()
        [2, 2, 1, 1, 2, 3, 3, 1]
        >>> windows.counts(np.array([], dtype=np.int64)).tolist()
        [0, 0, 0, 0, 0, 0, 0, 0]
        """
        exposure = np.asarray(exposure_m, dtype=np.float64)
        radii = np.unique(np.asarray(radii_m, dtype=np.float64))
        is_amount = np.isfinite(exposure) & (exposure >= 0)
        if exposure.shape != network.lengths_m.shape or not is_amount.all():
            msg = "exposure_m must be one finite number of at least 0 a segment"
            raise ValueError(msg)
        if not (len(radii) and np.isfinite(radii).all() and radii[0] > 0):
            msg = "radii_m must be positive and finite"
            raise ValueError(msg)
        surveyed = (exposure > 0) & (network.lengths_m > 0)
        if not surveyed.any():
            reason = "nothing_surveyed"
            raise AnalysisError(reason)
        reach = Reach.of(network, surveyed, lixel_m=lixel_m, limit_m=float(radii[-1]))
        pieces = np.diff(reach.first)[reach.segment]
        return cls._around(reach, exposure[reach.segment] / pieces, radii)

    @classmethod
    def _around(cls, reach: Reach, exposure_m: Floats, radii_m: Floats) -> Windows:
        pieces = len(reach)
        center = np.repeat(np.arange(pieces), np.diff(reach.around))
        cell = reach.rings(radii_m) * pieces + center
        added_m = np.bincount(cell, exposure_m[reach.near], minlength=len(radii_m) * pieces)
        window_m = np.cumsum(added_m.reshape(-1, pieces), axis=0, dtype=np.float64).ravel()
        order = np.argsort(reach.near, kind="stable")
        upto = np.cumsum(np.bincount(reach.near, minlength=pieces))
        entered = tuple(np.split(cell[order], upto[:-1]))
        return cls(reach, tuple(radii_m.tolist()), exposure_m, window_m, entered)

    @property
    def exposure_total_m(self) -> float:
        """The exposure of all pieces together."""
        return float(self.exposure_m.sum())

    def counts(self, piece: Integers) -> Integers:
        """Return for each window how many of the given pieces it holds, repetitions counted."""
        shape = len(self.radii_m), len(self.reach)
        if not len(piece):
            return np.zeros(shape, dtype=np.int64).ravel()
        entered = np.concatenate([self.entered[at] for at in piece.tolist()])
        counts = np.bincount(entered, minlength=shape[0] * shape[1]).reshape(shape)
        for ring in range(1, shape[0]):
            counts[ring] += counts[ring - 1]
        return counts.ravel()

    def members(self, window: int) -> Integers:
        """Return the pieces of a window, in order."""
        ring, center = divmod(window, len(self.reach))
        around = slice(*self.reach.around[center : center + 2].tolist())
        radius_m = np.array(self.radii_m[: ring + 1])
        return self.reach.near[around][self.reach.rings(radius_m)[around] <= ring]

    def chance(self, n: int) -> Chance:
        """Make ready to weigh counts of ``n`` visits in all."""
        total_m = self.exposure_total_m
        allowed = self.window_exposure_m <= total_m / 2
        # what is left out needs more visits than there are; half keeps its logarithm finite
        expected = n * np.where(allowed, self.window_exposure_m / total_m, 0.5)
        least = np.maximum(np.floor(expected).astype(np.int64) + 1, MIN_VISITS)
        count = np.arange(n + 1.0)
        outside = np.log(n - expected)
        return Chance(
            expected=expected,
            least=np.where(allowed, least, n + 1),
            of_count=xlogy(count, count) + xlogy(n - count, n - count),
            of_window=n * outside,
            slope=np.log(expected) - outside,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """The Poisson log likelihood ratio of each window, for a number of visits in all.

    ``expected`` visits fall in each window by chance; with fewer than ``least`` it has no excess.
    c ln(c/e) + (n - c) ln((n - c)/(n - e)) = ``of_count`` - ``of_window`` - c ``slope``, so that a
    throw takes no logarithms.
    """

    expected: Floats
    least: Integers
    of_count: Floats
    of_window: Floats
    slope: Floats

    def ratios(self, counts: Integers) -> Floats:
        """Return the ratio of every window, 0 where it has no excess or fewer than five visits."""
        result = np.zeros(len(counts))
        at = np.flatnonzero(counts >= self.least)
        result[at] = self._at(at, counts[at])
        return result

    def largest(self, counts: Integers) -> float:
        """Return the largest of `ratios`."""
        at = np.flatnonzero(counts >= self.least)
        return float(self._at(at, counts[at]).max(initial=0.0))

    def _at(self, window: Integers, counts: Integers) -> Floats:
        return self.of_count[counts] - self.of_window[window] - counts * self.slope[window]
