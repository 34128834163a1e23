"""Did it help: cases before and after at treated places, beside comparable places and rings.

The worst places get better by themselves, so that treated places are compared with places that had
about as many cases before: see `geosvc.analysis.matched`.

References
----------
Wheeler and Ratcliffe (2018), A simple weighted displacement difference test to evaluate place based
crime interventions, Crime Science 7:11, equations 2 and 4.
Wheeler (2021), The WDD test with different area sizes: the weights.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import ndtri

from geosvc.analysis.matched import placebo_rank

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geosvc.analysis.matched import Placebo, Sets

    Floats = NDArray[np.float64]

ALPHA: Final = 0.05
"""The level of tests, two-sided; intervals hold 1 - ``ALPHA``."""

POWER: Final = 0.8
"""How often a change that is called detectable would be found."""

HALVING: Final = 0.5
"""The change that a test must be able to find before "no effect" may be said."""

LEAST_PLACES: Final = 20
"""With fewer comparable places even the first rank is no evidence: 1 / 20 is 5 %."""

MANY: Final = 20.0
"""From so many cases in each of four counts on, the normal interval of the log ratio will do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The weighted displacement difference in cases, its standard error and their quotient.

    Without any case there is nothing to divide by: ``z`` is None.
    """

    value: float
    se: float
    z: float | None


@dataclass(frozen=True, slots=True)
class Ratio:
    """The ratio of after to before at treated places over that at the others, with its interval.

    ``value`` is None where a count before, or the others' after, is zero; an end of the interval is
    None where it has no bound. ``interval`` says how it was made: ``normal`` or ``exact``
    (conditional on the sums, for small counts).
    """

    value: float | None
    low: float | None
    high: float | None
    interval: str


@dataclass(frozen=True, slots=True)
class Power:
    """What could be found, from the counts before alone.

    ``detectable_change`` is the smallest decrease (-0.5 is a halving) that would be found 8 times
    in 10, None if not even the end of all cases would. To find a halving as often, it would take
    ``events_needed`` cases in all (before and after, treated and others), of them
    ``treated_needed`` at treated places before; None where there was no case before.
    """

    detectable_change: float | None
    events_needed: int | None
    treated_needed: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What a comparison of before and after says.

    ``status`` is ``no_placebo`` (fewer than 20 comparable places), ``effect`` (the placebo rank's p
    is at most 5 %; the rate ratio says in which direction), ``no_effect`` (none, though a halving
    would have been found) or ``cannot_tell``. Cases are pairs of before and after; those of the
    others are scaled to the treated ones. ``wdd`` is the sum of ``wdd_places`` and ``wdd_rings``:
    what changed at the places, and what moved around them. These and ``rate_ratio`` are None
    without any set.
    """

    status: str
    power: Power
    dispersion: float
    treated: tuple[float, float]
    control: tuple[float, float]
    ring: tuple[float, float]
    control_ring: tuple[float, float]
    wdd: Difference | None
    wdd_places: Difference | None
    wdd_rings: Difference | None
    rate_ratio: Ratio | None
    placebo: Placebo | None

    def report(self) -> dict[str, Any]:
        """Return all of it as JSON types, power first."""
        result = asdict(self)
        pairs = ("treated", "control", "ring", "control_ring")
        return result | {
            name: dict(zip(("before", "after"), result[name], strict=True)) for name in pairs
        }


def before_after(
    sets: Sets,
    *,
    rings: ArrayLike = (),
    ring_weights: ArrayLike = (),
    dispersion: float = 1.0,
    draws: int = 999,
    seed: int = 1,
) -> Evaluation:
    """Compare before and after.

    Parameters
    ----------
    sets
        The treated places, each with its comparable ones.
    rings
        k x 2 cases before and after where they may have moved to, and where they may not.
    ring_weights
        k weights of them: 1 around a treated place; around comparable ones minus the quotient of
        the streets around the treated one and these.
    dispersion
        Variance over mean of the cases; errors are multiplied by its root. See
        `geosvc.analysis.visits.Visits.dispersion`.
    draws, seed
        Of the placebo rank, where there are more choices than draws.

    Returns
    -------
    evaluation
        Power is from the counts before alone.

    Raises
    ------
    ValueError
        If ``dispersion`` is below 1, ``draws`` below 1, or there is not one weight a ring.

    Examples
    --------
    >>> from geosvc.analysis.matched import Sets
    >>> group, counts = np.zeros(25, dtype=int), [[30, 9]] + [[30, 30 + i % 5] for i in range(24)]
    >>> found = before_after(Sets(group, np.arange(25) == 0, counts))
    >>> found.status, found.placebo.rank, found.placebo.assignments, found.rate_ratio.value
    ('effect', 1, 25, 0.282)
    >>> before_after(Sets([], [], [])).status
    'no_placebo'
    """
    around = np.asarray(rings, dtype=np.float64).reshape(-1, 2)
    weight = np.asarray(ring_weights, dtype=np.float64).reshape(-1)
    if len(around) != len(weight) or not (dispersion >= 1 and draws >= 1):
        msg = "dispersion and draws must be at least 1, and each ring have a weight"
        raise ValueError(msg)
    power = detectable(sets, dispersion=dispersion)
    some = len(sets.group) > 0
    placebo = placebo_rank(sets, draws=draws, seed=seed) if some else None
    both = np.concatenate([sets.counts, around]), np.concatenate([sets.weights, weight])
    total, places, moved = (
        displacement_difference(*part, dispersion=dispersion) if some else None
        for part in (both, (sets.counts, sets.weights), (around, weight))
    )
    return Evaluation(
        status=_status(placebo, power),
        power=power,
        dispersion=round(float(dispersion), 3),
        treated=_pair(sets.treated),
        control=_pair(sets.control),
        ring=_pair((around * np.maximum(weight, 0)[:, None]).sum(axis=0)),
        control_ring=_pair((around * np.maximum(-weight, 0)[:, None]).sum(axis=0)),
        wdd=total,
        wdd_places=places,
        wdd_rings=moved,
        rate_ratio=rate_ratio(sets, dispersion=dispersion) if some else None,
        placebo=placebo,
    )


def displacement_difference(
    counts: ArrayLike, weights: ArrayLike, *, dispersion: float = 1.0
) -> Difference:
    """Return how many cases more there are than if areas had changed like their controls.

    Parameters
    ----------
    counts
        n x 2 cases before and after.
    weights
        n, positive for treated areas and the rings around them, negative for what they are compared
        with.
    dispersion
        Variance over mean of the cases.

    Examples
    --------
    The example of Wheeler and Ratcliffe (2018): treated, its control, displacement, its control.

    >>> counts = [[207, 110], [308, 318], [178, 157], [150, 140]]
    >>> displacement_difference(counts, [1, -1, 1, -1])
    Difference(value=-118.0, se=39.598, z=-2.98)
    >>> displacement_difference([], [])
    Difference(value=0.0, se=0.0, z=None)
    """
    pairs = np.asarray(counts, dtype=np.float64).reshape(-1, 2)
    weight = np.asarray(weights, dtype=np.float64).reshape(-1)
    value = float((weight * (pairs[:, 1] - pairs[:, 0])).sum())
    se = math.sqrt(dispersion * float((weight**2 * pairs.sum(axis=1)).sum()))
    return Difference(round(value, 3), round(se, 3), round(value / se, 3) if se else None)


def rate_ratio(sets: Sets, *, dispersion: float = 1.0) -> Ratio:
    """Return the difference in differences of rates, as a ratio.

    Parameters
    ----------
    sets
        At least one.
    dispersion
        Variance over mean of the cases: they count as so many times fewer.

    Examples
    --------
    >>> from geosvc.analysis.matched import Sets
    >>> rate_ratio(Sets([0, 0], [True, False], [[30, 15], [33, 33]]))
    Ratio(value=0.5, low=0.21, high=1.172, interval='exact')
    >>> rate_ratio(Sets([0, 0], [True, False], [[3, 0], [5, 5]])).low
    0.0
    """
    treated, control, variance = sets.treated, sets.control, sets.control_variance
    # the number of independent cases with the same relative error
    known = np.divide(control**2, variance, out=np.zeros(2), where=variance > 0)
    table = np.array([treated[::-1], known[::-1]]) / dispersion
    value = _quotient(float(treated[1] * control[0]), float(treated[0] * control[1]))
    if value and (table >= MANY).all():
        reach = _beyond(ALPHA / 2) * math.sqrt(float((1 / table).sum()))
        low, high = value * math.exp(-reach), value * math.exp(reach)
        return Ratio(round(value, 3), round(low, 3), round(high, 3), "normal")
    whole = np.floor(table + 1e-9).astype(np.int64)
    # scipy.stats takes a second to load, every process of the service would pay for it
    from scipy.stats.contingency import odds_ratio  # noqa: PLC0415 - loaded with its first use

    ends = odds_ratio(whole).confidence_interval(1 - ALPHA)
    finite = [round(float(end), 3) if math.isfinite(end) else None for end in ends]
    return Ratio(None if value is None else round(value, 3), finite[0], finite[1], "exact")


def detectable(sets: Sets, *, dispersion: float = 1.0) -> Power:
    """Return what could be found, from the counts before alone.

    Parameters
    ----------
    sets
        Only their counts before are looked at.
    dispersion
        Variance over mean of the cases.

    Examples
    --------
    >>> from geosvc.analysis.matched import Sets
    >>> detectable(Sets([0, 0], [True, False], [[30, 0], [33, 0]]))
    Power(detectable_change=-0.73, events_needed=292, treated_needed=79)
    >>> detectable(Sets([], [], [])).events_needed is None
    True
    """
    before, control = float(sets.treated[0]), float(sets.control[0])
    if not before or not control:
        return Power(None, None, None)
    error = float(sets.control_variance[0]) / control**2
    wanted = _beyond(ALPHA / 2) + _beyond(1 - POWER)

    def variance(ratio: Floats) -> Floats:
        return dispersion * (1 / before + 1 / (ratio * before) + 2 * error)

    ratio = np.linspace(0.999, 0.001, 999)
    found = ratio[-np.log(ratio) >= wanted * np.sqrt(variance(ratio))]
    times = float(variance(np.array(HALVING))) * (wanted / math.log(HALVING)) ** 2
    return Power(
        # rounded away from what would be missed
        detectable_change=math.floor((float(found[0]) - 1) * 100) / 100 if len(found) else None,
        events_needed=math.ceil(times * (before * (1 + HALVING) + 2 / error)),
        treated_needed=math.ceil(times * before),
    )


def _status(placebo: Placebo | None, power: Power) -> str:
    if placebo is None or placebo.places < LEAST_PLACES:
        return "no_placebo"
    if placebo.p_value <= ALPHA:
        return "effect"
    change = power.detectable_change
    return "no_effect" if change is not None and change >= -HALVING else "cannot_tell"


def _beyond(chance: float) -> float:
    """Return what a standard normal variable exceeds with this chance."""
    return -float(ndtri(chance))


def _quotient(upper: float, lower: float) -> float | None:
    return upper / lower if lower else None


def _pair(values: Floats) -> tuple[float, float]:
    before, after = (round(float(value), 2) for value in values)
    return before, after
