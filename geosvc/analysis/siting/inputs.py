"""What a solver is given, checked: distances, weights, and the sites that must open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Matrix: TypeAlias = "sparse.sparray | sparse.spmatrix | ArrayLike"
"""Demand points by candidate sites: dense, or sparse where most pairs are missing."""


def dense_distances(distances: Matrix) -> Floats:
    """Return distances as a dense array, infinite where a site is out of reach.

    Parameters
    ----------
    distances
        Demand points by candidate sites, at least 0; out of reach is infinite, or absent from a
        sparse matrix. A zero that a sparse matrix stores is a distance of zero.

    Returns
    -------
    dense
        One row a demand point; the array that was given if it is one already.

    Raises
    ------
    ValueError
        If a distance is negative or NaN, or the table does not have two dimensions.

    Examples
    --------
    >>> dense_distances(sparse.csr_array(([0.0, 5.0], ([0, 1], [0, 1])), shape=(2, 2))).tolist()
    [[0.0, inf], [inf, 5.0]]
    >>> dense_distances(np.empty((0, 3))).shape
    (0, 3)
    """
    given: Any = distances
    is_sparse: bool = sparse.issparse(given)
    if is_sparse:
        entries: sparse.coo_array = sparse.coo_array(given)
        table = np.full(entries.shape, np.inf)
        table[entries.coords] = entries.data
    else:
        table = np.asarray(given, dtype=np.float64)
    if table.ndim != 2:  # noqa: PLR2004 - rows and columns
        msg = f"distances have {table.ndim} dimensions, not 2"
        raise ValueError(msg)
    wrong = ~(table >= 0)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        msg = f"the distance from demand {row} to site {column} is {table[row, column]}"
        raise ValueError(msg)
    return table


def sparse_covers(covers: Matrix) -> sparse.csr_array:
    """Return who covers whom as a sparse matrix of ones, demand points by candidate sites.

    Examples
    --------
    >>> sparse_covers([[0, 7], [0, 0]]).toarray().tolist(), sparse_covers(np.empty((0, 2))).nnz
    ([[0.0, 1.0], [0.0, 0.0]], 0)
    """
    given: Any = covers
    dense: Any = given if sparse.issparse(given) else np.asarray(given)
    table: sparse.csr_array = sparse.csr_array(dense).astype(np.float64)
    table.eliminate_zeros()
    table.data[:] = 1.0
    return table


def demand_weights(weights: ArrayLike, demand: int) -> Floats:
    """Return the weights of so many demand points.

    Raises
    ------
    ValueError
        If their number differs, or one is negative, NaN or infinite.

    Examples
    --------
    >>> demand_weights([1, 2.5], 2).tolist(), demand_weights([], 0).tolist()
    ([1.0, 2.5], [])
    """
    array = np.array(weights, dtype=np.float64)
    if array.shape != (demand,):
        msg = f"{demand} demand points need as many weights, not {array.shape}"
        raise ValueError(msg)
    wrong = np.flatnonzero(~((array >= 0) & np.isfinite(array)))
    if len(wrong):
        msg = f"the weight of demand {wrong[0]} is {array[wrong[0]]}"
        raise ValueError(msg)
    return array


def open_sites(fixed: Sequence[int] | Integers, candidates: int, *, p: int | None) -> Integers:
    """Return the sites that must be open, sorted and each once.

    Parameters
    ----------
    fixed
        Candidate indexes.
    candidates
        How many candidates there are.
    p
        How many sites are to be open, None if that is not given.

    Raises
    ------
    ValueError
        If ``p`` is not 1 to ``candidates``, a fixed site is no candidate, or more than ``p`` are
        fixed.

    Examples
    --------
    >>> open_sites([4, 1, 4], 5, p=2).tolist(), open_sites([], 5, p=None).tolist()
    ([1, 4], [])
    """
    given: Any = np.asarray(fixed)
    sites = np.unique(given).astype(np.int64)
    if p is not None and not 1 <= p <= candidates:
        msg = f"{p} sites are not to be had from {candidates} candidates"
        raise ValueError(msg)
    wrong = sites[(sites < 0) | (sites >= candidates)]
    if len(wrong):
        msg = f"the fixed site {wrong[0]} is not one of the {candidates} candidates"
        raise ValueError(msg)
    if p is not None and len(sites) > p:
        msg = f"{len(sites)} sites are fixed, but only {p} may open"
        raise ValueError(msg)
    return sites
