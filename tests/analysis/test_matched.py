"""Sets of a treated place and comparable ones, and the placebo rank within them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.matched import Placebo, Sets, placebo_rank


def _sets(*groups: list[tuple[int, int]]) -> Sets:
    """Make sets, of each the first place the treated one."""
    group = [number for number, places in enumerate(groups) for _ in places]
    treated = [at == 0 for places in groups for at in range(len(places))]
    counts = [place for places in groups for place in places]
    return Sets(np.array(group), np.array(treated), np.array(counts))


def _z(chosen: list[tuple[int, int]], rest: list[list[tuple[int, int]]]) -> float:
    """Measure one choice by the published sums, place after place."""
    value = variance = 0.0
    for (before, after), others in zip(chosen, rest, strict=True):
        value += after - before - sum(b - a for a, b in others) / len(others)
        variance += before + after + sum(a + b for a, b in others) / len(others) ** 2
    return value / math.sqrt(variance) if variance else 0.0


places = st.tuples(st.integers(0, 9), st.integers(0, 9))
groups = st.lists(st.lists(places, min_size=2, max_size=4), min_size=1, max_size=3)


@given(groups)
def test_the_rank_is_that_of_every_choice_measured_by_hand(
    given_groups: list[list[tuple[int, int]]],
) -> None:
    every = []
    for choice in itertools.product(*(range(len(group)) for group in given_groups)):
        picked = list(zip(given_groups, choice, strict=True))
        chosen = [group[at] for group, at in picked]
        every.append(abs(_z(chosen, [group[:at] + group[at + 1 :] for group, at in picked])))
    found = placebo_rank(_sets(*given_groups), draws=999, seed=1)
    assert found.is_complete
    assert found.assignments == len(every)
    assert found.rank == sum(z >= every[0] - 1e-9 for z in every)
    assert found.p_value == round(found.rank / len(every), 6)
    assert found.places == sum(map(len, given_groups)) - len(given_groups)


@given(groups, st.integers(1, 9), st.integers(0, 99))
def test_neither_the_order_of_rows_nor_the_names_of_sets_matter(
    given_groups: list[list[tuple[int, int]]], step: int, seed: int
) -> None:
    sets = _sets(*given_groups)
    order = np.random.default_rng(seed).permutation(len(sets.group))
    # names of sets need not be 0, 1, …
    other = Sets(7 + step * sets.group[order], sets.is_treated[order], sets.counts[order])
    assert placebo_rank(other, draws=999, seed=1) == placebo_rank(sets, draws=999, seed=1)
    np.testing.assert_allclose(other.treated, sets.treated)
    np.testing.assert_allclose(other.control, sets.control)
    np.testing.assert_allclose(other.control_variance, sets.control_variance)


def test_controls_count_as_the_mean_of_their_set() -> None:
    sets = _sets([(4, 2), (6, 8), (2, 4)], [(10, 5), (9, 9)])
    assert sets.treated.tolist() == [14.0, 7.0]
    assert sets.control.tolist() == [4.0 + 9.0, 6.0 + 9.0]
    assert sets.control_variance.tolist() == [8 / 4 + 9, 12 / 4 + 9]
    assert sets.weights.tolist() == [1, -0.5, -0.5, 1, -1]


def test_more_choices_than_draws_are_drawn_with_the_seed() -> None:
    group = [(20, 20 + at % 3) for at in range(30)]
    sets = _sets([(20, 2), *group], [(20, 3), *group])
    found = placebo_rank(sets, draws=199, seed=5)
    assert found == placebo_rank(sets, draws=199, seed=5)
    assert (found.places, found.assignments, found.is_complete) == (60, 200, False)
    assert found.smallest_p == 1 / 200
    assert found.rank >= 1
    # by chance the true choice of one of the two is drawn now and then, and ranks near the top
    assert found.p_value < 0.05


def test_all_choices_are_looked_at_when_the_draws_allow_it() -> None:
    sets = _sets([(9, 1), (9, 9), (9, 8)], [(9, 2), (9, 9), (9, 8)])
    assert placebo_rank(sets, draws=8, seed=1) == Placebo(
        places=4, assignments=9, is_complete=True, smallest_p=0.111111, rank=1, p_value=0.111111
    )
    assert not placebo_rank(sets, draws=7, seed=1).is_complete


def test_ties_count_against_the_treated_place() -> None:
    assert placebo_rank(_sets([(5, 1), (5, 1), (5, 1)]), draws=99, seed=1).rank == 3


def test_no_case_at_all_is_the_last_rank() -> None:
    assert placebo_rank(_sets([(0, 0), (0, 0)]), draws=99, seed=1).p_value == 1.0


def test_no_set_is_nothing() -> None:
    empty = Sets(np.array([]), np.array([]), np.array([]))
    assert empty.treated.tolist() == empty.control.tolist() == [0.0, 0.0]
    assert len(empty.weights) == 0


@pytest.mark.parametrize(
    ("group", "treated", "counts"),
    [
        ([0, 0], [True, True], [[1, 1], [1, 1]]),
        ([0, 0], [False, False], [[1, 1], [1, 1]]),
        ([0], [True], [[1, 1]]),
        ([0, 0, 1, 1], [True, False, False, False], [[1, 1]] * 4),
        ([0, 0], [True, False], [[1, 1]]),
        ([0, 0], [True, False], [[1, -1], [1, 1]]),
    ],
)
def test_a_set_has_one_treated_place_and_others(
    group: list[int], treated: list[bool], counts: list[list[int]]
) -> None:
    with pytest.raises(ValueError, match=r"each set must|equally long"):
        Sets(np.array(group), np.array(treated), np.array(counts))
