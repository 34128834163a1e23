"""What may be said of the windows that a scan found: how sure, in which order, and how stable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from scipy.special import xlogy

from geosvc.analysis.windows import MIN_VISITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from geosvc.analysis.scan import ScanResult, Window
    from geosvc.network import Snapped

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

    Level = Literal["significant", "tentative", "not_significant"]
    Reason = Literal["few_visits", "cases_only", "unstable", "no_excess"]

RESAMPLES: Final = 2_000
_ROUNDING: Final = 1e-9
_RANGE: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A window and what may be said of it.

    ``visits``, ``expected`` and ``p_value`` are of visits, also where the window was found by its
    cases alone. ``reason`` says why a finding is not significant. ``rank`` is the place among the
    significant ones; with other visits from the same streets it would lie between ``rank_low`` and
    ``rank_high`` of all findings 95 times in 100. ``is_stable`` is None where nobody asked.
    """

    window: Window
    level: Level
    reason: Reason | None
    visits: int
    expected: float
    p_value: float
    is_stable: bool | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None


def strength(counts: ArrayLike, expected: ArrayLike, n: int) -> Floats:
    """Return the log likelihood ratio of windows, 0 where there is no excess or under five visits.

    >>> strength([10, 10, 4], [2, 12, 1], 100).round(3).tolist()
    [8.43, 0.0, 0.0]
    >>> strength([], [], 100).tolist()
    []
    """
    count, chance = np.asarray(counts, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = xlogy(count, count / chance) + xlogy(n - count, (n - count) / (n - chance))
    return np.where((count > chance) & (count >= MIN_VISITS), ratio, 0.0)


def p_value(ratio: float, maxima: Floats) -> float:
    """Return the share of throws, the data counted as one, with a maximum at least as large.

    >>> p_value(3.0, np.array([0.0, 1.0, 3.0])), p_value(0.0, np.array([0.0, 1.0, 3.0]))
    (0.5, 1.0)
    """
    as_strong = int((maxima >= ratio * (1 - _ROUNDING)).sum())
    return (1 + as_strong) / (1 + len(maxima))


def judged(
    by_visits: ScanResult,
    by_cases: ScanResult,
    visits: Snapped,
    *,
    others: Sequence[ScanResult],
) -> tuple[Finding, ...]:
    """Say what the windows are worth.

    Significant is a window that has more visits than chance would bring at the scan's level, and
    that is found again with radii halved and doubled (unless ``unstable``). One that has too many
    cases and not too many visits is tentative: a few visits with many cases each.

    Parameters
    ----------
    by_visits, by_cases
        The scan of visits, and the one that takes each case as a visit.
    visits
        Where the visits were.
    others
        The scans of visits with other radii.

    Returns
    -------
    findings
        Those by visits, then those by cases alone, then the strongest that are no more than
        chance; no two share street.
    """
    level, n = by_visits.alpha, by_visits.n
    found = [
        _of_visits(window, others=others) for window in by_visits.windows if window.p_value <= level
    ]
    for window in by_cases.windows:
        if window.p_value <= level and _is_apart(window, found):
            count = int(window.holds(visits).sum())
            expected = n * window.exposure_m / by_visits.exposure_total_m
            chance = p_value(float(strength(count, expected, n)), by_visits.maxima)
            reason: Reason = "few_visits" if count < MIN_VISITS else "cases_only"
            found.append(Finding(window, "tentative", reason, count, expected, chance))
    for window in by_visits.windows:
        if window.p_value > level and _is_apart(window, found):
            values = window.visits, window.expected, window.p_value
            found.append(Finding(window, "not_significant", "no_excess", *values))
    return tuple(found)


def ranked(
    findings: Sequence[Finding], *, n: int, seed: int, draws: int = RESAMPLES
) -> tuple[Finding, ...]:
    """Give the significant findings their ranks, and how far they could lie from them.

    The windows stay as they are; ``n`` visits are thrown again into them, each with the share
    that it has now (multinomial), and the windows put in order of strength anew.
    """
    if not findings:
        return ()
    counts = np.array([finding.visits for finding in findings], dtype=np.int64)
    expected = np.array([finding.expected for finding in findings])
    share = np.append(counts, n - counts.sum()) / n
    thrown = np.random.default_rng(seed).multinomial(n, share, size=draws)[:, :-1]
    anew = strength(thrown, expected, n)
    place = 1 + (anew[:, None, :] > anew[:, :, None]).sum(axis=2)
    # a rank is one that occurred, no mean of two
    low = np.quantile(place, _RANGE[0], axis=0, method="lower").astype(np.int64).tolist()
    high = np.quantile(place, _RANGE[1], axis=0, method="higher").astype(np.int64).tolist()
    result, rank = [], 0
    for at, finding in enumerate(findings):
        if finding.level == "significant":
            rank += 1
            result.append(replace(finding, rank=rank, rank_low=low[at], rank_high=high[at]))
        else:
            result.append(finding)
    return tuple(result)


def _of_visits(window: Window, *, others: Sequence[ScanResult]) -> Finding:
    is_stable = all(_is_found_again(window, other) for other in others)
    return Finding(
        window,
        "significant" if is_stable else "tentative",
        None if is_stable else "unstable",
        window.visits,
        window.expected,
        window.p_value,
        is_stable,
    )


def _is_found_again(window: Window, other: ScanResult) -> bool:
    """Say whether another scan has a significant window around this one's center, or within it."""
    return any(
        _holds_center(window, found) or _holds_center(found, window)
        for found in other.windows
        if found.p_value <= other.alpha
    )


def _holds_center(window: Window, of: Window) -> bool:
    segment, offset_m = of.center
    after, before = window.start_m <= offset_m, offset_m <= window.end_m
    return bool(((window.segment == segment) & after & before).any())


def _is_apart(window: Window, found: Sequence[Finding]) -> bool:
    pieces = _pieces(window)
    return all(pieces.isdisjoint(_pieces(finding.window)) for finding in found)


def _pieces(window: Window) -> set[tuple[int, float]]:
    return set(zip(window.segment.tolist(), window.start_m.tolist(), strict=True))
