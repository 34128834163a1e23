"""What a scan could have found: how often a hotspot of a given strength would show.

A map without a hotspot says little where only the strongest would have been seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from geosvc.analysis.scan import Scanner, ScanResult
    from geosvc.analysis.windows import Chance

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

RATIOS: Final = (5.0, 10.0, 20.0, 30.0, 50.0)
"""How many times its share a planted hotspot draws."""

STRETCH_M: Final = 300.0
"""How much street a planted hotspot has."""

SHARE: Final = 0.8
"""Found as often as this, a hotspot is one that the scan can be said to find."""


@dataclass(frozen=True, slots=True)
class Power:
    """How often planted hotspots were found.

    ``curve`` has pairs of a ratio and the share of ``draws`` in which a significant window touched
    the ``stretch_m`` of street that drew so many times its share. ``smallest_ratio`` is where the
    curve reaches `SHARE`, None if it does not.
    """

    stretch_m: float
    draws: int
    curve: tuple[tuple[float, float], ...]

    @property
    def smallest_ratio(self) -> float | None:
        """The least excess that would show 8 times in 10, between the ratios tried by line."""
        below = (1.0, 0.0)
        for ratio, share in self.curve:
            if share >= SHARE:
                rise = (SHARE - below[1]) / (share - below[1])
                return round(below[0] + rise * (ratio - below[0]), 1)
            below = ratio, share
        return None


def power_curve(
    scanner: Scanner,
    *,
    like: ScanResult,
    draws: int,
    ratios: Sequence[float] = RATIOS,
    progress: Callable[[float], object] | None = None,
) -> Power:
    """Plant hotspots at random places of surveyed street and scan for them.

    Parameters
    ----------
    scanner
        The windows.
    like
        What it found: as many visits are thrown, and held against the same throws, level and seed.
    draws
        How many hotspots are planted for each ratio; all ratios at the same places.
    ratios
        How many times its share the planted street draws, rising.
    progress
        Told the share that is done; what it raises ends the work.

    Raises
    ------
    ValueError
        If ``draws`` is less than 1.

    Examples
    --------
    >>> from geosvc.analysis.scan import Scanner
    >>> from geosvc.network import Snapped, StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [20000, 0]], [[0, 1]])
    >>> scanner = Scanner.prepare(street, exposure_m=[20000], radii_m=[150])
    >>> at = Snapped([0] * 60, np.arange(60) * 300, [0] * 60)
    >>> found = scanner.run(at, draws=99, alpha=0.05, seed=1)
    >>> power_curve(scanner, like=found, draws=20, ratios=(1, 50)).curve
    ((1.0, 0.0), (50.0, 1.0))
    >>> power_curve(scanner, like=found, draws=20, ratios=()).smallest_ratio is None
    True
    """
    if draws < 1:
        msg = f"draws must be at least 1, not {draws}"
        raise ValueError(msg)
    rng = np.random.default_rng(like.seed)
    weight = scanner.windows.exposure_m
    centers = rng.choice(len(weight), draws, p=weight / weight.sum())
    critical, chance = critical_value(like.maxima, like.alpha), scanner.windows.chance(like.n)
    curve = []
    for done, ratio in enumerate(ratios):
        found = 0
        for center in centers.tolist():
            risk = np.where(_stretch(scanner, center), ratio, 1.0)
            share = weight * risk / (weight * risk).sum()
            thrown = rng.choice(len(weight), like.n, p=share)
            found += _is_found(scanner, thrown, risk > 1, chance=chance, critical=critical)
        curve.append((float(ratio), found / draws))
        if progress is not None:
            progress((done + 1) / len(ratios))
    return Power(STRETCH_M, draws, tuple(curve))


def critical_value(maxima: Floats, alpha: float) -> float:
    """Return the ratio that a window must exceed to be significant at a level.

    >>> critical_value(np.arange(99.0), 0.05)
    94.0
    >>> critical_value(np.arange(5.0), 0.05)
    inf
    """
    # (1 + throws at least as strong) / (1 + throws) must not exceed the level
    allowed = int(np.floor(alpha * (len(maxima) + 1) + 1e-9)) - 1
    return float(np.sort(maxima)[-allowed - 1]) if allowed >= 0 else float("inf")


def _stretch(scanner: Scanner, center: int) -> NDArray[np.bool_]:
    """Return which pieces are the nearest `STRETCH_M` of street around a piece."""
    reach = scanner.windows.reach
    around = slice(*reach.around[center : center + 2].tolist())
    near = reach.near[around][np.argsort(reach.distance_m[around], kind="stable")]
    upto_m = np.cumsum(scanner.windows.exposure_m[near])
    chosen = np.zeros(len(reach), dtype=np.bool_)
    chosen[near[: int(np.searchsorted(upto_m, STRETCH_M)) + 1]] = True
    return chosen


def _is_found(
    scanner: Scanner,
    thrown: Integers,
    planted: NDArray[np.bool_],
    *,
    chance: Chance,
    critical: float,
) -> bool:
    ratios = chance.ratios(scanner.windows.counts(thrown))
    strong = np.flatnonzero(ratios > critical)
    if not len(strong):
        return False
    touches = scanner.windows.counts(np.flatnonzero(planted))[strong] > 0
    return bool(touches.any())
