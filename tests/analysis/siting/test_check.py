from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import sparse

from geosvc.analysis.siting.check import (
    Plan,
    check_capacitated,
    check_covering,
    check_p_center,
    check_p_median,
    check_set_covering,
    check_sizes,
)
from geosvc.analysis.siting.result import Allocation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DISTANCES = np.array([[0.0, 4, 9], [4, 0, np.inf], [9, 5, 0]])
WEIGHTS = [1.0, 2, 3]
COVERS = sparse.csr_array([[1, 1, 0], [0, 1, 0], [0, 0, 1]])
GOOD = ([0, 1, 2], [0, 0, 2], [1.0, 2, 3])


def plan(sites: ArrayLike, allotted: tuple[ArrayLike, ArrayLike, ArrayLike] = ((), (), ())) -> Plan:
    return Plan(np.array(sites, dtype=np.int64), Allocation.of(*allotted))


def test_the_median_adds_up_the_distances() -> None:
    assert check_p_median(DISTANCES, WEIGHTS, 2, plan=plan([0, 2], GOOD)) == 8.0
    far = ([0, 1, 2], [2, 0, 2], [1.0, 2, 3])
    assert check_p_median(DISTANCES, WEIGHTS, 2, plan=plan([0, 2], far), fixed=[2]) == 17.0


@pytest.mark.parametrize(
    ("sites", "allotted", "words"),
    [
        ([0], GOOD, "not 2"),
        ([2, 0], GOOD, "not sorted"),
        ([0, 0], GOOD, "twice"),
        ([0, 3], GOOD, "no candidate"),
        ([-1, 2], GOOD, "no candidate"),
        ([1, 2], GOOD, "not open"),
        ([0, 2], ([0, 1], [0, 0], [1.0, 2]), "demand 2 is 3.0, but 0.0 is served"),
        ([0, 2], ([0, 1, 2], [0, 0, 2], [1.0, 3, 3]), "demand 1 is 2.0"),
        ([0, 2], ([0, 1, 2, 2], [0, 0, 2, 2], [1.0, 2, 4, -1]), "negative"),
        ([0, 2], ([0, 1, 2], [0, 2, 2], [1.0, 2, 3]), "demand 1 is served from out of reach"),
    ],
)
def test_a_broken_median_is_told(
    sites: list[int], allotted: tuple[ArrayLike, ArrayLike, ArrayLike], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        check_p_median(DISTANCES, WEIGHTS, 2, plan=plan(sites, allotted))


def test_a_fixed_site_that_is_closed_is_told() -> None:
    with pytest.raises(ValueError, match="without a fixed one"):
        check_p_median(DISTANCES, WEIGHTS, 2, plan=plan([0, 2], GOOD), fixed=[1])


def test_covering_adds_up_what_is_covered() -> None:
    assert check_covering(COVERS, WEIGHTS, 1, plan=plan([1])) == 3.0
    allotted = plan([1, 2], ([0, 2], [1, 2], [1.0, 3]))
    assert check_covering(COVERS, WEIGHTS, 2, plan=allotted) == 6.0


@pytest.mark.parametrize(
    ("sites", "site", "words"), [([1, 2], 2, "does not cover"), ([1, 2], 0, "not open")]
)
def test_demand_allotted_wrongly_is_told(sites: list[int], site: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_covering(COVERS, WEIGHTS, 2, plan=plan(sites, ([0], [site], [1.0])))


def test_a_set_covers_all_or_is_told() -> None:
    assert check_set_covering(COVERS, plan=plan([1, 2])) == 2.0
    assert check_set_covering(np.empty((0, 2)), plan=plan([])) == 0.0
    with pytest.raises(ValueError, match="demand 1 is not covered"):
        check_set_covering(COVERS, plan=plan([0, 2]))
    with pytest.raises(ValueError, match="fixed"):
        check_set_covering(COVERS, plan=plan([1, 2]), fixed=[0])


def test_the_center_is_the_longest_way() -> None:
    assert check_p_center(DISTANCES, 1, plan=plan([1])) == 5.0
    assert check_p_center(np.empty((0, 2)), 1, plan=plan([1])) == 0.0
    with pytest.raises(ValueError, match="demand 1 has no site"):
        check_p_center(DISTANCES, 1, plan=plan([2]))


def test_capacities_hold() -> None:
    split = ([0, 1, 1, 2], [0, 0, 1, 2], [1.0, 1, 1, 3])
    whole = plan([0, 1, 2], split)
    assert check_capacitated(DISTANCES, WEIGHTS, [2, 1, 3], 3, plan=whole) == 4.0
    with pytest.raises(ValueError, match=r"site 0 serves 2.0, its capacity is 1.0"):
        check_capacitated(DISTANCES, WEIGHTS, [1, 1, 3], 3, plan=whole)
    with pytest.raises(ValueError, match="split"):
        check_capacitated(DISTANCES, WEIGHTS, [2, 1, 3], 3, plan=whole, single_source=True)
    lone = plan([0, 2], GOOD)
    assert check_capacitated(DISTANCES, WEIGHTS, [3, 0, 3], 2, plan=lone, single_source=True) == 8.0


def test_sizes_hold_their_budget_and_capacity() -> None:
    sized = Plan(np.array([0, 2]), Allocation.of(*GOOD), np.array([1, 0]))
    costs = [[10, 20], [1, 1], [5, 50]]
    assert check_sizes(DISTANCES, WEIGHTS, [3, 4], costs, 25, plan=sized) == 8.0
    with pytest.raises(ValueError, match=r"the plan costs 25.0, the budget is 24"):
        check_sizes(DISTANCES, WEIGHTS, [3, 4], costs, 24, plan=sized)
    with pytest.raises(ValueError, match=r"site 2 serves 3.0"):
        check_sizes(DISTANCES, WEIGHTS, [2, 4], costs, 25, plan=sized)
    with pytest.raises(ValueError, match="one size"):
        check_sizes(DISTANCES, WEIGHTS, [3, 4], costs, 25, plan=plan([0, 2], GOOD))
