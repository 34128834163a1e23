from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geosvc.analysis.siting import coverage
from geosvc.analysis.siting.coverage import Coverage, filled, merged, pattern, within

ROWS = st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=9)
NONE = np.zeros(4, dtype=np.bool_)


def whole(rows: list[list[bool]], p: int) -> Coverage:
    weights = np.arange(1.0, len(rows) + 1)
    return Coverage.of(pattern(np.array(rows)), weights, p)


@given(ROWS)
def test_merging_keeps_what_any_plan_covers(rows: list[list[bool]]) -> None:
    cover, table = whole(rows, 2).reduced(~NONE, NONE), np.array(rows)
    kept = {tuple(row) for row in table.tolist() if any(row)}
    assert len(cover.weights) == len(kept)
    weights = np.arange(1.0, len(rows) + 1)
    for code in range(16):
        chosen = np.array([code >> j & 1 for j in range(4)], dtype=np.bool_)
        picked = np.flatnonzero(chosen[cover.number])
        assert cover.value(picked) == weights[table[:, chosen].any(axis=1)].sum()


@given(ROWS, st.integers(0, 3), st.integers(0, 3))
def test_a_reduction_counts_what_is_taken(rows: list[list[bool]], take: int, drop: int) -> None:
    table, weights = np.array(rows), np.arange(1.0, len(rows) + 1)
    takes, keeps = NONE.copy(), ~NONE
    takes[take], keeps[drop] = True, False
    cover = whole(rows, 3).reduced(keeps, takes)
    assert cover.p == 2
    assert cover.forced.tolist() == [take]
    assert cover.base == weights[table[:, take]].sum()
    assert not set(cover.number.tolist()) & {take, drop}
    assert (cover.rows.toarray() == cover.columns.toarray().T).all()
    for column, candidate in enumerate(cover.number.tolist()):
        both = table[:, [take, candidate]].any(axis=1)
        assert cover.value(np.array([column])) == weights[both].sum()
        assert cover.sites(np.array([column])).tolist() == sorted([take, candidate])


@given(ROWS)
def test_shares_are_carried_with_their_weight(rows: list[list[bool]]) -> None:
    before = whole(rows, 2)
    after = before.reduced(np.arange(4) > 0, NONE)
    shares = np.random.default_rng(0).random(len(rows))
    carried = after.carried(shares, before.weights)
    for column, candidate in enumerate(after.number.tolist()):
        expected = (shares * before.weights)[np.array(rows)[:, candidate]].sum()
        assert after.columns[[column]] @ (carried * after.weights) == pytest.approx(expected)


def test_a_pattern_forgets_zeros_doubles_and_order() -> None:
    given_twice = csr_array(([2, 0, -1, 5], [1, 0, 1, 0], [0, 3, 4]), shape=(2, 3))
    table = pattern(given_twice)
    assert table.toarray().tolist() == [[0, 1, 0], [1, 0, 0]]
    unsorted = csr_array(([1, 1], [2, 0], [0, 2]), shape=(1, 3))
    assert pattern(unsorted).indices.tolist() == [0, 2]
    assert unsorted.indices.tolist() == [2, 0]


def test_equal_hashes_are_not_taken_for_equal_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind:
        def integers(self, _low: int, _high: int, *, size: int, dtype: type) -> np.ndarray:
            return np.ones(size, dtype=dtype)

    monkeypatch.setattr(np.random, "default_rng", lambda _seed: Blind())
    rows, weights, place = merged(pattern(np.eye(3)), np.arange(1.0, 4.0))
    assert rows.toarray().tolist() == np.eye(3).tolist()
    assert weights.tolist() == [1.0, 2.0, 3.0]
    assert place.tolist() == [0, 1, 2]


@given(ROWS)
def test_rows_within_others_are_found(rows: list[list[bool]]) -> None:
    pairs = within(pattern(np.array(rows)))
    assert pairs is not None
    sets = [{j for j, bit in enumerate(row) if bit} for row in rows]
    expected = {
        (inner, outer)
        for inner, one in enumerate(sets)
        for outer, other in enumerate(sets)
        if one and inner != outer and one <= other and (one != other or inner > outer)
    }
    assert set(zip(*(side.tolist() for side in pairs), strict=True)) == expected


def test_too_much_work_is_declined() -> None:
    assert within(pattern(np.ones((5, 5))), work=100) is None
    assert coverage.within(pattern(np.ones((5, 5))), work=200) is not None


def test_sites_fill_up_by_index() -> None:
    assert filled(np.array([2, 0]), 4, candidates=9).tolist() == [0, 1, 2, 3]
    assert filled(np.array([5]), 1, candidates=9).tolist() == [5]
