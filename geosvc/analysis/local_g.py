"""Local G: which cells have more about them than chance would put there.

The statistic is Getis and Ord's; its p-values here come from the exact null or from permutations.
Counts of events are so skewed that the normal tail would call many times too many cells hot.

References
----------
Ord and Getis (1995), Local spatial autocorrelation statistics, Geographical Analysis 27 (4).
Benjamini and Hochberg (1995), Controlling the false discovery rate, JRSS B 57 (1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
from scipy.special import binom

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import coo_array, csc_array, csr_array

    Sparse = coo_array | csc_array | csr_array

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Method: TypeAlias = Literal["auto", "exact", "permutation"]

LARGEST_TABLE: Final = 20_000_000  # own values x sums; with more ``auto`` takes permutations
MOST_NEIGHBORS: Final = 40  # as many as keep the numbers of subsets in a float
SMALLEST_P: Final = 1e-15  # rounding makes smaller ones meaningless

_ROUNDING: Final = 1e-12  # of squares: a smaller spread is none
_AT_ONCE: Final = 1 << 20


def local_g(values: ArrayLike, neighbors: Sparse, *, star: bool = True) -> Floats:
    """Return the standardized local G of every cell.

    Parameters
    ----------
    values
        n numbers.
    neighbors
        n x n, 1 where two cells are neighbors, nothing on the diagonal.
    star
        Whether a cell counts among its own neighbors (G*).

    Returns
    -------
    z_score
        n scores; NaN where all values are equal or everything is a neighbor. A score is no
        evidence: for that see `local_g_p_values`.

    Raises
    ------
    ValueError
        If the two do not fit, a value is not finite, or ``neighbors`` is not binary.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> row = csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]])
    >>> local_g([9, 1, 0, 2], row).round(3).tolist()
    [0.98, 0.283, -1.697, -0.98]
    >>> local_g([], csr_array((0, 0))).tolist()
    []
    """
    x, links = _checked(values, neighbors)
    count = np.diff(links.indptr).astype(np.float64)
    near = links @ x
    n = float(len(x))
    if star:
        near, count = near + x, count + 1.0
        mean, spread = x.mean() if len(x) else 0.0, x.std() if len(x) else 0.0
    else:
        # mean and spread are those of the other cells
        n -= 1.0
        mean = (x.sum() - x) / max(n, 1.0)
        rest = (np.square(x).sum() - np.square(x)) / max(n, 1.0) - np.square(mean)
        spread = np.sqrt(np.where(rest > _ROUNDING * np.square(x).max(initial=0.0), rest, 0.0))
    width = spread * np.sqrt(np.maximum(n * count - np.square(count), 0.0) / max(n - 1.0, 1.0))
    result = np.full(len(x), np.nan)
    return np.asarray(np.divide(near - mean * count, width, out=result, where=width > 0))


def local_g_p_values(
    values: ArrayLike,
    neighbors: Sparse,
    *,
    method: Method = "auto",
    draws: int = 99_999,
    seed: int = 0,
) -> Floats:
    """Return for every cell how likely neighbors of at least that sum are by chance.

    The cell's own value is held and the values of all others are shuffled. For counts the
    distribution is computed exactly: subsets of the others, by their sum. Else it is drawn, one set
    of draws for all cells with as many neighbors, of which each cell takes those without itself.
    Whether a cell counts among its own neighbors makes no difference here.

    Parameters
    ----------
    values
        n numbers; for ``exact`` integers of at least 0.
    neighbors
        As in `local_g`.
    method
        ``auto`` is exact where it can be.
    draws, seed
        Of the permutations.

    Returns
    -------
    p_value
        n probabilities of the upper tail, at least `SMALLEST_P`; 1 for a cell without neighbors.

    Raises
    ------
    ValueError
        As in `local_g`; or if ``exact`` is asked for values that are no counts.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> row = csr_array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> local_g_p_values([9, 0, 0], row).tolist()
    [1.0, 1.0, 1.0]
    >>> local_g_p_values([], csr_array((0, 0))).tolist()
    []
    """
    x, links = _checked(values, neighbors)
    count = np.diff(links.indptr).astype(np.int64)
    near = links @ x
    are_counts = bool((x >= 0).all() and (x == np.rint(x)).all())
    most = int(count.max(initial=0))
    table = (x.max(initial=0.0) + 1) ** 2 * max(most, 1)
    feasible = are_counts and most <= MOST_NEIGHBORS and table <= LARGEST_TABLE
    if method == "exact" and not feasible:
        msg = f"exact needs counts of at least 0, few neighbors (at most {MOST_NEIGHBORS})"
        raise ValueError(msg)
    if method != "permutation" and feasible:
        return _exact(x.astype(np.int64), np.rint(near).astype(np.int64), count)
    return _drawn(x, near, count, (draws, np.random.default_rng(seed)))


def benjamini_hochberg(p_values: ArrayLike, *, alpha: float) -> NDArray[np.bool_]:
    """Say which cells are hot when at most ``alpha`` of them may be so by chance.

    >>> benjamini_hochberg([0.01, 0.02, 0.9], alpha=0.05).tolist()
    [True, True, False]
    >>> benjamini_hochberg([], alpha=0.05).tolist()
    []
    """
    p = np.asarray(p_values, dtype=np.float64)
    # none above alpha can pass: the others alone are sorted
    small = np.sort(p[p <= alpha])
    passed = np.flatnonzero(small <= alpha * np.arange(1, len(small) + 1) / max(len(p), 1))
    return p <= small[passed[-1]] if len(passed) else np.zeros(len(p), dtype=bool)


def _checked(values: ArrayLike, neighbors: Sparse) -> tuple[Floats, csr_array]:
    x = np.asarray(values, dtype=np.float64)
    links: csr_array = neighbors.tocsr()
    if x.ndim != 1 or links.shape != (len(x), len(x)) or not np.isfinite(x).all():
        msg = "values must be n finite numbers, neighbors n x n"
        raise ValueError(msg)
    if not (links.data == 1).all() or links.diagonal().any():
        msg = "neighbors must be 1 where two cells are neighbors, with nothing on the diagonal"
        raise ValueError(msg)
    return x, links


def _exact(x: Integers, near: Integers, count: Integers) -> Floats:
    p = np.ones(len(x))
    pool = np.bincount(x) if len(x) else np.zeros(1, dtype=np.int64)
    most = int(count.max(initial=0))
    if most == 0:
        return p
    subsets = _subsets(pool, most)
    for size in np.flatnonzero(np.bincount(count))[::-1].tolist():
        if size:
            at = np.flatnonzero(count == size)
            tails = _tails(subsets, pool, size)
            p[at] = tails[x[at], near[at]]
    return p


def _subsets(pool: Integers, most: int) -> Floats:
    """Return how many subsets of 0 … most cells have each sum, by size x sum."""
    highest = len(pool) - 1
    ways = np.zeros((most + 1, most * highest + 1))
    ways[0, 0] = 1.0
    for value in np.flatnonzero(pool).tolist():
        before = ways.copy()
        for taken in range(1, min(most, int(pool[value])) + 1):
            times, shift = binom(pool[value], taken), taken * value
            ways[taken:, shift:] += times * before[: most + 1 - taken, : ways.shape[1] - shift]
    return ways


def _tails(subsets: Floats, pool: Integers, size: int) -> Floats:
    """Return P(sum of ``size`` others >= s) by own value x s."""
    sums = size * (len(pool) - 1) + 1
    total = int(pool.sum()) - 1
    tails = np.ones((len(pool), sums))
    for own in np.flatnonzero(pool).tolist():
        # subsets without one cell of the own value: of those with it, its others are one fewer
        ways = subsets[0, :sums]
        for taken in range(1, size + 1):
            with_own = np.zeros(sums)
            with_own[own:] = ways[: sums - own]
            ways = subsets[taken, :sums] - with_own
        share = np.maximum(ways, 0.0) / binom(total, size) if total >= size else np.zeros(sums)
        tails[own] = np.cumsum(share[::-1])[::-1]
    return np.clip(tails, SMALLEST_P, 1.0)


def _drawn(
    x: Floats, near: Floats, count: Integers, how: tuple[int, np.random.Generator]
) -> Floats:
    draws, random = how
    p = np.ones(len(x))
    # sums of the same values in another order may differ in the last digit
    slack = _ROUNDING * np.abs(x).max(initial=0.0)
    for size in np.flatnonzero(np.bincount(count)).tolist():
        if size:
            at = np.flatnonzero(count == size)
            chosen = _chosen(len(x), size, draws, random)
            p[at] = _shares(x[chosen].sum(axis=1), chosen, near[at] - slack * size, at)
    return p


def _chosen(cells: int, size: int, draws: int, random: np.random.Generator) -> Integers:
    """Draw ``size`` different cells, ``draws`` times."""
    if cells < 4 * size * size:
        step = max(1, _AT_ONCE // cells)
        parts = [
            np.argpartition(random.random((min(step, draws - at), cells)), size - 1, axis=1)
            for at in range(0, draws, step)
        ]
        return np.concatenate([part[:, :size] for part in parts])
    chosen = random.integers(0, cells, (draws, size))
    while True:
        ordered = np.sort(chosen, axis=1)
        twice = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
        if not len(twice):
            return chosen
        chosen[twice] = random.integers(0, cells, (len(twice), size))


def _shares(sums: Floats, chosen: Integers, least: Floats, cell: Integers) -> Floats:
    """Return for cells the share of draws that reach ``least``, of those without the cell."""
    draws = len(chosen)
    order = np.argsort(sums, kind="stable")
    rank = np.empty(draws, dtype=np.int64)
    rank[order] = np.arange(draws)
    first = np.searchsorted(sums[order], least, side="left")
    # the draws of each cell, by cell and rank
    keys = np.sort((chosen * draws + rank[:, None]).reshape(-1))
    begin, reached, end = (np.searchsorted(keys, cell * draws + past) for past in (0, first, draws))
    return np.asarray((draws - first - (end - reached) + 1) / (draws - (end - begin) + 1))
