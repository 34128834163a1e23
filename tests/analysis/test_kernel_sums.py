from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis import kernel_sums
from geosvc.analysis.kernel_sums import Cells, exact_sums
from geosvc.analysis.kernels import KERNELS

PLACES = st.lists(st.tuples(st.floats(-30, 130), st.floats(-30, 80)), max_size=12)
CELLS = Cells(0.0, 0.0, 7.0, 5.0, 10, 14, 23.0)


def brute(places: list[tuple[float, float]], cells: Cells, name: str) -> list[list[float]]:
    x = cells.x_m + (np.arange(cells.columns) + 0.5) * cells.width_m
    y = cells.y_m + (np.arange(cells.rows) + 0.5) * cells.height_m
    total = np.zeros((cells.rows, cells.columns))
    for px, py in places:
        squared = (x[None] - px) ** 2 + (y[:, None] - py) ** 2
        total += KERNELS[name].at(squared / cells.bandwidth_m**2)
    return total.tolist()


@pytest.mark.parametrize("few", [0, 100])
@pytest.mark.parametrize("name", ["epanechnikov", "quartic"])
def test_both_ways_are_the_sum(name: str, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_sums, "FEW", few)

    @given(places=PLACES)
    def check(places: list[tuple[float, float]]) -> None:
        at = np.array(places).reshape(-1, 2)
        found = exact_sums(at[:, 0], at[:, 1], CELLS, KERNELS[name])
        assert found == pytest.approx(np.array(brute(places, CELLS, name)), abs=1e-12)

    check()


@given(places=PLACES, row=st.integers(0, 9), ends=st.tuples(st.integers(0, 4), st.integers(5, 9)))
def test_a_part_is_that_part(
    places: list[tuple[float, float]], row: int, ends: tuple[int, int]
) -> None:
    at = np.array(places).reshape(-1, 2)
    kernel = KERNELS["epanechnikov"]
    whole = exact_sums(at[:, 0], at[:, 1], CELLS, kernel)
    some = slice(*ends)
    one = exact_sums(at[:, 0], at[:, 1], CELLS.part(row, some), kernel)
    assert one.shape == (1, ends[1] - ends[0])
    assert one[0] == pytest.approx(whole[row, some], abs=1e-12)


def test_far_from_the_origin_the_digits_stay() -> None:
    random = np.random.default_rng(0)
    x, y = random.random((2, 4000)) * 2000
    here = Cells(0.0, 0.0, 10.0, 10.0, 200, 200, 60.0)
    there = Cells(5e5, 3.7e6, 10.0, 10.0, 200, 200, 60.0)
    kernel = KERNELS["quartic"]
    near, far = exact_sums(x, y, here, kernel), exact_sums(x + 5e5, y + 3.7e6, there, kernel)
    assert abs(near - far).max() < 1e-6 * near.max()


def test_a_grown_grid_has_the_old_one_inside() -> None:
    grown = CELLS.grown(2, 3)
    assert (grown.rows, grown.columns) == (14, 20)
    assert grown.row_y(2) == CELLS.row_y(0)
    assert grown.x_m == CELLS.x_m - 21


def test_no_events() -> None:
    assert exact_sums(np.empty(0), np.empty(0), CELLS, KERNELS["quartic"]).sum() == 0
