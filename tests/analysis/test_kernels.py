from __future__ import annotations

import numpy as np
import pytest

from geosvc.analysis.kernels import KERNELS


@pytest.mark.parametrize("name", ["epanechnikov", "quartic"])
def test_the_integral_over_the_plane_is_one(name: str) -> None:
    kernel = KERNELS[name]
    r = (np.arange(200_000) + 0.5) / 200_000
    integral = (kernel.at(r**2) * 2 * np.pi * r).mean() * kernel.factor
    assert integral == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("name", ["epanechnikov", "quartic"])
def test_beyond_the_bandwidth_is_nothing(name: str) -> None:
    assert KERNELS[name].at(np.array([1.0, 1.0001, 50.0])).tolist() == [0, 0, 0]
