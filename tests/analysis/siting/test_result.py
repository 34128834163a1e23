from __future__ import annotations

import math

import numpy as np
import pytest

from geosvc.analysis.siting.result import Allocation, SitingResult, infeasible, status_of


def answer(value: float, bound: float) -> SitingResult:
    sites = np.array([1, 4])
    served = Allocation.of([0], [1], [2.0])
    return SitingResult(status_of(value, bound), sites, served, value, bound, 0.1, "test")


@pytest.mark.parametrize(
    ("value", "bound", "status", "gap"),
    [
        (100.0, 100.0, "proven", 0.0),
        (100.0, 100.0 - 9e-5, "proven", 9e-7),
        (100.0, 99.0, "gap", 0.01),
        (0.0, 0.0, "proven", 0.0),
        (0.0, -1.0, "gap", math.inf),
        (5.0, -math.inf, "heuristic", math.inf),
    ],
)
def test_status_follows_from_value_and_bound(
    value: float, bound: float, status: str, gap: float
) -> None:
    found = answer(value, bound)
    assert found.status == status
    assert found.gap == pytest.approx(gap)


def test_an_infeasible_answer_has_no_numbers() -> None:
    found = infeasible(seconds=0.2, solver="test")
    assert found.status == "infeasible"
    assert len(found.sites) == len(found.allocation) == len(found.sizes) == 0
    assert math.isnan(found.value)
    assert math.isnan(found.gap)
