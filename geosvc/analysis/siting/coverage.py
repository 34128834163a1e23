"""Who covers whom, made small: merged demand, candidates that are settled taken out.

Demand points that the same candidates cover count as one: a million points in a county leave some
ten thousand. Both steps are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.inputs import Matrix

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A covering problem that still has something to decide.

    ``rows`` is merged demand x candidates left, ``columns`` its transpose, both of ones; ``number``
    gives each column's candidate index. ``p`` sites may still be chosen; ``forced`` are taken, and
    cover ``base`` of the weight, which is no longer in ``weights``. ``place`` tells where each row
    of the problem before the last reduction went, -1 where it was dropped.
    """

    rows: sparse.csr_array
    columns: sparse.csr_array
    weights: Floats
    number: Integers
    forced: Integers
    base: float
    p: int
    place: Integers

    @classmethod
    def of(cls, covers: sparse.csr_array, weights: Floats, p: int) -> Coverage:
        """Make one of what :func:`pattern` returned; rows are not merged before ``reduced``."""
        number = np.arange(covers.shape[1])
        columns = sparse.csr_array((covers.shape[1], 0))
        return cls(covers, columns, weights, number, number[:0], 0.0, p, np.arange(len(weights)))

    @property
    def is_settled(self) -> bool:
        """Whether all that can be covered is, or all candidates left may be taken."""
        return self.p == 0 or len(self.weights) == 0 or self.p >= len(self.number)

    def reduced(self, keep: Booleans, take: Booleans) -> Coverage:
        """Return what is left when only some columns may be chosen and others are taken.

        Parameters
        ----------
        keep, take
            One a column; a column that is taken need not be kept.
        """
        covered = self.rows @ take.astype(np.float64) > 0
        base = self.base + float(self.weights[covered].sum())
        stays = keep & ~take
        rows = self.rows if stays.all() else self.rows[:, np.flatnonzero(stays)]
        rows, weights, place = merged(rows, np.where(covered, 0.0, self.weights))
        columns = sparse.csr_array(rows.T)
        useful = np.diff(columns.indptr) > 0
        if not useful.all():
            rows, columns = rows[:, np.flatnonzero(useful)], columns[useful]
        forced = np.concatenate([self.forced, self.number[take]])
        number = self.number[stays][useful]
        p = self.p - int(take.sum())
        return Coverage(rows, columns, weights, number, forced, base, p, place)

    def carried(self, shares: Floats, before: Floats) -> Floats:
        """Return the mean over merged rows of shares that were one a row before.

        Parameters
        ----------
        shares, before
            The shares, and the weights, of the rows of the problem that this was reduced from.
        """
        stayed = self.place >= 0
        sums = np.bincount(
            self.place[stayed], (before * shares)[stayed], minlength=len(self.weights)
        )
        return np.minimum(sums / self.weights, 1.0)

    def value(self, picked: Integers) -> float:
        """Return the weight covered by the forced sites and these columns."""
        chosen = np.zeros(len(self.number))
        chosen[picked] = 1.0
        return self.base + float(self.weights[self.rows @ chosen > 0].sum())

    def sites(self, picked: Integers) -> Integers:
        """Return the candidate indexes of the forced sites and these columns."""
        return np.sort(np.concatenate([self.forced, self.number[picked]]))


def pattern(covers: Matrix) -> sparse.csr_array:
    """Return ones where a matrix is not zero, rows sorted by column.

    Examples
    --------
    >>> pattern([[0, 2], [3, 0]]).toarray().tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    >>> pattern(sparse.csr_array((0, 3))).shape
    (0, 3)
    """
    table: Any = covers  # scipy's types know fewer kinds of matrix than its functions
    given = sparse.csr_array(table)
    matrix = sparse.csr_array(
        (given.data != 0, given.indices, given.indptr), shape=given.shape, copy=False
    )
    if not (matrix.data.all() and matrix.has_canonical_format):
        matrix = matrix.copy()
        matrix.eliminate_zeros()
        matrix.sum_duplicates()
    ones = np.ones(matrix.nnz)
    return sparse.csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)


def filled(sites: Integers, p: int, *, candidates: int) -> Integers:
    """Add sites by index until there are p.

    Examples
    --------
    >>> filled(np.array([1]), 3, candidates=4).tolist()
    [0, 1, 2]
    """
    others = np.setdiff1d(np.arange(candidates), sites)
    return np.sort(np.concatenate([sites, others[: p - len(sites)]])).astype(np.int64)


def merged(rows: sparse.csr_array, weights: Floats) -> tuple[sparse.csr_array, Floats, Integers]:
    """Merge rows that have the same columns and add up their weights; drop those without any.

    Rows of weight 0 are dropped, too. The third array tells where each row went, -1 if nowhere.

    Examples
    --------
    >>> rows, weights, place = merged(
    ...     pattern([[1, 0], [0, 1], [1, 0], [0, 0]]), np.arange(1.0, 5.0))
    >>> weights.tolist(), rows.shape, place.tolist()
    ([4.0, 2.0], (2, 2), [0, 1, 0, -1])
    >>> merged(pattern([[1.0]]), np.zeros(1))[0].shape
    (0, 1)
    """
    useful = (weights > 0) & (np.diff(rows.indptr) > 0)
    place = np.full(len(useful), -1, dtype=np.int64)
    if not useful.all():
        rows, weights = rows[useful], weights[useful]
    first, group = _groups(rows)
    place[useful] = group
    total = np.bincount(group, weights, minlength=len(first)).astype(np.float64)
    return (rows[first] if len(first) < rows.shape[0] else rows), total, place


def _groups(rows: sparse.csr_array) -> tuple[Integers, Integers]:
    """Return the first row of each group of equal rows, and the group of each row."""
    for seed in range(64):
        random = np.random.default_rng(seed)
        code = random.integers(0, 2**64, size=rows.shape[1], dtype=np.uint64)
        sums = np.zeros(rows.nnz + 1, dtype=np.uint64)
        np.cumsum(code[rows.indices], out=sums[1:])  # wraps around, which a hash may
        keys = sums[rows.indptr[1:]] - sums[rows.indptr[:-1]]
        _, first, group = np.unique(keys, return_index=True, return_inverse=True)
        if _same_as(rows, first[group]):
            order = np.argsort(first)
            place = np.empty_like(order)
            place[order] = np.arange(len(order))
            return first[order], place[group]
    return np.arange(rows.shape[0]), np.arange(rows.shape[0])


def _same_as(rows: sparse.csr_array, other: Integers) -> bool:
    """Whether each row has exactly the columns of another one."""
    starts, lengths = rows.indptr[:-1].astype(np.int64), np.diff(rows.indptr)
    if not np.array_equal(lengths, lengths[other]):
        return False
    shift = np.repeat(starts[other] - starts, lengths)
    return np.array_equal(rows.indices, rows.indices[np.arange(rows.nnz) + shift])


def within(matrix: sparse.csr_array, *, work: float = 5e7) -> tuple[Integers, Integers] | None:
    """Return the pairs of rows whose first lies within the second; of equal rows one pair only.

    Parameters
    ----------
    matrix
        Rows of ones.
    work
        None is returned if more products than this would have to be formed.

    Examples
    --------
    >>> inner, outer = within(pattern([[1, 1, 0], [1, 0, 0], [1, 0, 0]]))
    >>> sorted(zip(inner.tolist(), outer.tolist()))
    [(1, 0), (2, 0), (2, 1)]
    """
    turned = sparse.csr_array(matrix.T)
    if float((np.diff(turned.indptr).astype(np.float64) ** 2).sum()) > work:
        return None
    common = sparse.coo_array(matrix @ turned)
    size = np.diff(matrix.indptr)
    inner, outer = (axis.astype(np.int64) for axis in common.coords)
    contained = (common.data >= size[inner]) & (inner != outer)
    # of two equal rows the later lies within the earlier
    contained &= (size[inner] < size[outer]) | (inner > outer)
    return inner[contained], outer[contained]
