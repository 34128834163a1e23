from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from geosvc.analysis.siting.inputs import (
    demand_weights,
    dense_distances,
    open_sites,
    sparse_covers,
)


def test_a_stored_zero_is_a_distance_and_an_absent_entry_is_out_of_reach() -> None:
    table = sparse.csr_matrix(([0.0, 2.0], ([0, 1], [1, 0])), shape=(2, 2))
    assert dense_distances(table).tolist() == [[np.inf, 0.0], [2.0, np.inf]]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([1.0, 2.0], "1 dimensions"),
        ([[1.0, -2.0]], "demand 0 to site 1 is -2.0"),
        ([[1.0], [np.nan]], "demand 1 to site 0 is nan"),
        (sparse.csr_array([[-1.0]]), "demand 0 to site 0"),
    ],
)
def test_wrong_distances_are_named(table: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        dense_distances(table)  # type: ignore[arg-type]


def test_covers_are_ones_and_leave_what_was_given_alone() -> None:
    covers = sparse.csr_array(([3.0, 0.0], ([0, 0], [0, 1])), shape=(1, 2))
    found = sparse_covers(covers)
    assert (found.nnz, found.data.tolist()) == (1, [1.0])
    assert (covers.nnz, covers.data.tolist()) == (2, [3.0, 0.0])
    assert sparse_covers(sparse.csr_array([[True, False]])).toarray().tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_wrong_weights_are_named(wrong: float) -> None:
    with pytest.raises(ValueError, match="the weight of demand 2"):
        demand_weights([1, 0, wrong], 3)


def test_weights_are_one_each() -> None:
    with pytest.raises(ValueError, match="3 demand points"):
        demand_weights([[1, 2, 3]], 3)


@pytest.mark.parametrize(
    ("fixed", "p", "words"),
    [
        ([], 0, "0 sites"),
        ([], 5, "5 sites"),
        ([-1], 2, "fixed site -1"),
        ([4], None, "fixed site 4"),
        ([0, 1, 2], 2, "3 sites are fixed"),
    ],
)
def test_wrong_sites_are_named(fixed: list[int], p: int | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        open_sites(fixed, 4, p=p)


def test_fixed_sites_are_sorted_and_counted_once() -> None:
    assert open_sites(np.array([3, 0, 3]), 4, p=2).tolist() == [0, 3]
    assert open_sites((), 0, p=None).tolist() == []
