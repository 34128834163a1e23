"""Places in sets, each a treated place and those that are comparable with it.

Each treated place has its own set: itself, and places of about as many cases before that nothing
was done at. Had nothing been done anywhere, each place of a set could as well have been the treated
one. That is what the placebo rank counts.

References
----------
Rosenbaum (2002), Observational Studies, chapter 3: randomization within matched sets.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """Places in sets, each with one treated place and at least one other.

    ``group`` is the set of each place, ``is_treated`` whether it is the treated one, ``counts`` its
    cases before and after (n x 2).

    Raises
    ------
    ValueError
        If arrays are not equally long, a count is negative, or a set has not exactly one treated
        place or no other.
    """

    group: Integers
    is_treated: NDArray[np.bool_]
    counts: Integers

    def __post_init__(self) -> None:
        group = np.asarray(self.group, dtype=np.int64).reshape(-1)
        treated = np.asarray(self.is_treated, dtype=np.bool_).reshape(-1)
        counts = np.asarray(self.counts, dtype=np.int64).reshape(-1, 2)
        if not len(group) == len(treated) == len(counts) or (counts < 0).any():
            msg = "group, is_treated and counts must be equally long, and counts at least 0"
            raise ValueError(msg)
        sizes = np.unique(group, return_counts=True)[1]
        named = np.unique(group[treated], return_counts=True)[1]
        if len(named) != len(sizes) or (named > 1).any() or (sizes < 2).any():  # noqa: PLR2004 - itself and one more
            msg = "each set must have one treated place and at least one other"
            raise ValueError(msg)
        for name, values in zip(self.__slots__, (group, treated, counts), strict=True):
            object.__setattr__(self, name, values)

    @property
    def weights(self) -> Floats:
        """What each place counts: 1 a treated one, and -1 all others of a set together."""
        _, number, size = np.unique(self.group, return_inverse=True, return_counts=True)
        return np.where(self.is_treated, 1.0, -1.0 / np.maximum(size[number] - 1, 1))

    @property
    def treated(self) -> Floats:
        """Cases before and after at treated places."""
        return self.is_treated.astype(np.float64) @ self.counts

    @property
    def control(self) -> Floats:
        """Cases before and after at the others, the mean of each set summed over the sets."""
        return self._share.T @ self.counts

    @property
    def control_variance(self) -> Floats:
        """The variance of ``control`` if cases were independent."""
        return self._share.T**2 @ self.counts

    @property
    def _share(self) -> Floats:
        return np.where(self.is_treated, 0.0, -self.weights)


@dataclass(frozen=True, slots=True)
class Placebo:
    """How often a choice of places at which nothing was done differs as much as the treated ones.

    ``places`` are the comparable ones. ``assignments`` is the number of choices looked at, the true
    one included: all of them (``is_complete``), or as many as were drawn. ``rank`` is the place of
    the true one by size of z, ties counted against it; ``p_value`` is rank / assignments.
    """

    places: int
    assignments: int
    is_complete: bool
    smallest_p: float
    rank: int
    p_value: float


def placebo_rank(sets: Sets, *, draws: int, seed: int) -> Placebo:
    """Rank the treated places among all choices of one place from each set.

    Parameters
    ----------
    sets
        At least one.
    draws
        If there are more choices than so many and the true one, so many are drawn.
    seed
        Of the draws.

    Returns
    -------
    placebo
        By the size of z, the difference of the changes over its standard error. If nothing was
        done, p is at most x in at most a share x of all data.

    Examples
    --------
    >>> counts = [[9, 1], [9, 9], [9, 8], [9, 10]]
    >>> placebo_rank(Sets([0] * 4, [True] + [False] * 3, counts), draws=999, seed=1)
    Placebo(places=3, assignments=4, is_complete=True, smallest_p=0.25, rank=1, p_value=0.25)
    """
    order = np.lexsort((~sets.is_treated, sets.group))
    first = np.flatnonzero(sets.is_treated[order])
    size = np.diff([*first, len(order)])
    choices = math.prod(size.tolist())
    is_complete = choices <= draws + 1
    if is_complete:
        chosen = np.array(list(itertools.product(*(range(count) for count in size.tolist()))))
    else:
        drawn = np.random.default_rng(seed).integers(0, size, size=(draws, len(size)))
        # the true choice, the first place of each set, comes first
        chosen = np.concatenate([np.zeros((1, len(size)), dtype=np.int64), drawn])
    z = np.abs(_scores(sets.counts[order], first, size, chosen))
    rank = int((z >= z[0] - 1e-9).sum())
    return Placebo(
        places=len(order) - len(first),
        assignments=len(chosen),
        is_complete=is_complete,
        smallest_p=round(1 / len(chosen), 6),
        rank=rank,
        p_value=round(rank / len(chosen), 6),
    )


def _scores(counts: Integers, first: Integers, size: Integers, chosen: Integers) -> Floats:
    """Return z of each choice (rows) of a place from each set (columns)."""
    change, total = counts[:, 1] - counts[:, 0], counts.sum(axis=1)
    at, others = first + chosen, size - 1
    rest_change = np.add.reduceat(change, first) - change[at]
    rest_total = np.add.reduceat(total, first) - total[at]
    value = (change[at] - rest_change / others).sum(axis=1)
    variance = (total[at] + rest_total / others**2).sum(axis=1)
    result: Floats = np.divide(
        value, np.sqrt(variance), out=np.zeros(len(chosen)), where=variance > 0
    )
    return result
