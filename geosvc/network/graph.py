"""The network as a sparse matrix, which `scipy.sparse.csgraph` walks on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def adjacency(segments: Integers, lengths_m: Floats, *, vertices: int) -> csr_array:
    """Return the length of the shortest segment between each two vertices.

    Parameters
    ----------
    segments
        m x 2 vertices.
    lengths_m
        m lengths.
    vertices
        How many there are.

    Returns
    -------
    matrix
        Symmetric, vertices x vertices. A segment of no length is an entry of zero, which csgraph
        takes for an edge that costs nothing; a segment from a vertex to itself has no entry.

    Examples
    --------
    >>> pairs = np.array([[0, 1], [1, 0], [1, 1]])
    >>> adjacency(pairs, np.array([5.0, 3.0, 2.0]), vertices=2).toarray().tolist()
    [[0.0, 3.0], [3.0, 0.0]]
    >>> adjacency(np.empty((0, 2), dtype=np.int64), np.empty(0), vertices=0).shape
    (0, 0)
    """
    joining = segments[:, 0] != segments[:, 1]
    pairs, lengths = segments[joining], lengths_m[joining]
    both = np.concatenate([pairs, pairs[:, ::-1]])
    length = np.concatenate([lengths, lengths])
    order = np.lexsort((length, both[:, 1], both[:, 0]))
    both, length = both[order], length[order]
    shortest = np.ones(len(both), dtype=bool)
    shortest[1:] = (both[1:] != both[:-1]).any(axis=1)
    both, length = both[shortest], length[shortest]
    begin = np.searchsorted(both[:, 0], np.arange(vertices + 1))
    # csgraph works with 32-bit indices
    parts = (length, both[:, 1].astype(np.int32), begin.astype(np.int32))
    return csr_array(parts, shape=(vertices, vertices))


def label_components(graph: csr_array, segments: Integers, lengths_m: Floats) -> Integers:
    """Give the parts of a network that no street joins numbers, the longest first.

    Parameters
    ----------
    graph
        From `adjacency`.
    segments, lengths_m
        The network's.

    Returns
    -------
    labels
        One a vertex, from 0; of parts equally long, that of the first vertex comes first.

    Examples
    --------
    >>> pairs, lengths = np.array([[0, 1], [2, 3]]), np.array([5.0, 8.0])
    >>> label_components(adjacency(pairs, lengths, vertices=4), pairs, lengths).tolist()
    [1, 1, 0, 0]
    """
    if not graph.shape[0]:
        return np.empty(0, dtype=np.int64)
    count, labels = connected_components(graph, directed=False)
    length = np.bincount(labels[segments[:, 0]], lengths_m, minlength=count)
    first = np.unique(labels, return_index=True)[1]
    rank = np.empty(count, dtype=np.int64)
    rank[np.lexsort((first, -length))] = np.arange(count)
    return rank[labels]
