from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.figures import figures, gini, nearest, weighted_quantile
from geosvc.analysis.siting.result import Allocation
from tests.analysis.siting.questions import DEMAND, PARCELS, STANDING, question

PROBLEM = question(DEMAND, PARCELS, STANDING, service_distances_m=[100, 400], washes_per_bay_day=2)
SITES = np.array([0, 1])
BAYS = PROBLEM.sites.bays[SITES]


def test_everybody_goes_to_the_nearest() -> None:
    served = nearest(PROBLEM, SITES)
    assert served.site.tolist() == [1, 1, 0, 0, 0]
    assert served.amount.tolist() == [4, 2, 1, 3, 2]
    assert len(nearest(PROBLEM, np.empty(0, dtype=np.int64))) == 0


def test_the_numbers_of_a_plan_counted_by_hand() -> None:
    found = figures(PROBLEM, SITES, nearest(PROBLEM, SITES), bays=BAYS)
    # distances 50 x 6, 100 x 1, 200 x 3, 500 x 2
    assert found.mean_m == pytest.approx(2000 / 12)
    assert (found.p95_m, found.max_m) == (500.0, 500.0)
    assert found.coverage == ((100.0, 7 / 12), (400.0, 10 / 12))
    assert found.unserved == 0
    first, second = found.loads
    assert (first.weight, first.per_bay, first.utilisation) == (6.0, 1.2, 0.6)
    assert (second.weight, second.bays, second.utilisation) == (6.0, 10.0, 0.3)


def test_without_a_number_of_washes_there_is_no_utilisation() -> None:
    problem = question(DEMAND, PARCELS, STANDING)
    load = figures(problem, SITES, nearest(problem, SITES), bays=BAYS).loads[0]
    assert load.utilisation is None
    assert load.per_bay == 1.2


def test_without_bays_there_is_no_load_of_a_bay() -> None:
    found = figures(PROBLEM, SITES, nearest(PROBLEM, SITES), bays=np.array([np.nan, np.nan]))
    assert [(load.bays, load.per_bay, load.utilisation) for load in found.loads] == [
        (None,) * 3
    ] * 2


def test_nobody_served_is_all_unserved() -> None:
    nothing = np.empty(0, dtype=np.int64)
    found = figures(PROBLEM, nothing, Allocation.of(), bays=np.empty(0))
    assert (found.mean_m, found.p95_m, found.max_m, found.gini) == (None, None, None, None)
    assert found.unserved == 12
    assert found.coverage == ((100.0, 0.0), (400.0, 0.0))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=8))
def test_gini_is_half_the_mean_difference(pairs: list[tuple[int, int]]) -> None:
    value, weight = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    share = weight / weight.sum()
    mean = float(share @ value)
    plain = share @ np.abs(value[:, None] - value) @ share / (2 * mean) if mean else 0.0
    assert gini(value, weight) == pytest.approx(plain, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=8))
def test_a_quantile_is_the_value_in_a_sorted_list(pairs: list[tuple[int, int]]) -> None:
    each = sorted(value for value, weight in pairs for _ in range(weight))
    value, weight = zip(*pairs, strict=True)
    assert weighted_quantile(value, weight, 0.95) == each[int(np.ceil(0.95 * len(each) - 1e-9)) - 1]
