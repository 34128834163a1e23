from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting.capacity import capacitated
from geosvc.analysis.siting.check import Plan, check_capacitated
from geosvc.analysis.siting.merging import members_allocation, merge_demand
from geosvc.analysis.siting.result import Allocation

LENGTH = st.sampled_from([0.0, 1.0, 2.5, 4.0, 9.0])


@given(
    st.lists(st.lists(LENGTH, min_size=3, max_size=3), min_size=1, max_size=7),
    st.integers(1, 4),
    st.data(),
)
def test_the_best_of_all_points_lies_within_the_error(
    rows: list[list[float]], most: int, data: st.DataObject
) -> None:
    weight = st.sampled_from([0.0, 1.0, 2.0, 3.5])
    weights = np.array(data.draw(st.lists(weight, min_size=len(rows), max_size=len(rows))))
    rooms = np.full(3, weights.sum() / 2 + 0.5)
    merged = merge_demand(rows, weights, most=most)
    assert len(merged.weights) <= most
    assert merged.weights.sum() == pytest.approx(weights.sum())
    cells = capacitated(merged.distances, merged.weights, rooms, 2)
    points = capacitated(rows, weights, rooms, 2)
    assert cells.status == points.status == "proven"
    assert points.value <= cells.value + 1e-6
    assert cells.value - merged.error <= points.value + 1e-6
    plan = Plan(cells.sites, members_allocation(merged, weights, cells.allocation))
    assert check_capacitated(rows, weights, rooms, 2, plan=plan) == pytest.approx(cells.value)


def test_points_alike_are_joined_without_error() -> None:
    rows = np.repeat([[0.1, 7.3], [5.0, 2.0]], 3, axis=0)
    merged = merge_demand(rows, np.full(6, 0.3), most=500)
    assert merged.cell.tolist() == [0, 0, 0, 1, 1, 1]
    assert merged.distances.tolist() == [[0.1, 7.3], [5.0, 2.0]]
    assert merged.error == 0


def test_the_error_falls_as_cells_are_added() -> None:
    random = np.random.default_rng(0)
    demand, sites = random.random((400, 2)), random.random((12, 2))
    rows = np.hypot(*(demand[:, None] - sites).transpose(2, 0, 1))
    errors = [merge_demand(rows, np.ones(400), most=most).error for most in (1, 10, 50, 200, 400)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 5 * errors[2] > 0
    assert errors[-1] == 0


def test_points_with_other_sites_in_reach_are_parted_first() -> None:
    far = np.inf
    rows = [[1.0, far], [50.0, far], [1.0, 1.0], [2.0, 9.0]]
    # however few cells are asked for: what is out of reach for a cell is so for all its members
    assert merge_demand(rows, np.ones(4), most=1).cell.tolist() == [0, 0, 1, 1]
    merged = merge_demand(rows, np.ones(4), most=2)
    assert merged.cell.tolist() == [0, 0, 1, 1]
    assert np.isfinite(merged.error)
    assert merged.distances[0].tolist() == [25.5, far]


def test_points_of_no_weight_have_no_cell() -> None:
    merged = merge_demand([[1.0], [2.0]], [0, 4])
    assert merged.cell.tolist() == [-1, 0]
    split = members_allocation(merged, [0, 4], Allocation.of([0, 0], [0, 0], [1.0, 3.0]))
    assert split.demand.tolist() == [1, 1]
    assert split.amount.sum() == 4


def test_no_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="0 cells"):
        merge_demand([[1.0]], [1], most=0)
