from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis import density
from geosvc.analysis.density import Method, kernel_density

BOX = (1000.0, 2000.0, 3000.0, 3500.0)
PLACES = st.lists(st.tuples(st.floats(900, 3100), st.floats(1900, 3600)), min_size=1, max_size=30)


def thrown(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.uniform(1000, 3000, count), random.uniform(2000, 3500, count)


@pytest.mark.parametrize(("kernel", "peak"), [("epanechnikov", 2.0), ("quartic", 3.0)])
@pytest.mark.parametrize("method", ["exact", "fft"])
def test_one_event(kernel: str, peak: float, method: Method) -> None:
    found = kernel_density(
        [2005.0],
        [2755.0],
        extent=BOX,
        shape=(150, 200),
        bandwidth_m=300,
        kernel=kernel,
        method=method,
    )
    assert found.values.shape == (150, 200)
    # row 0 is in the south: the event is in the middle of row 75, column 100
    at = np.unravel_index(found.values.argmax(), found.values.shape)
    assert (int(at[0]), int(at[1])) == (75, 100)
    assert found.values.max() == pytest.approx(peak / np.pi / 0.09, rel=1e-2)
    assert found.values.sum() * 1e-4 == pytest.approx(1, rel=1e-3)
    assert found.method == method


@given(places=PLACES)
def test_events_beyond_the_extent_reach_in(places: list[tuple[float, float]]) -> None:
    x, y = np.array(places).T
    wide = (600.0, 1600.0, 3400.0, 3900.0)
    inside = kernel_density(x, y, extent=BOX, shape=(15, 20), bandwidth_m=250)
    whole = kernel_density(x, y, extent=wide, shape=(23, 28), bandwidth_m=250)
    assert whole.values[4:19, 4:24] == pytest.approx(inside.values, abs=1e-9)
    assert inside.n == len(places)


@pytest.mark.parametrize("very_many", [2_000_000, 1000])
@pytest.mark.parametrize(("count", "most"), [(1000, 0.05), (100_000, 0.005)])
def test_the_error_is_measured(
    count: int, most: float, very_many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(density, "_VERY_MANY", very_many)
    x, y = thrown(count)
    given_grid = {"extent": BOX, "shape": (120, 160), "bandwidth_m": 200.0}
    exact = kernel_density(x, y, method="exact", **given_grid)  # type: ignore[arg-type]
    fast = kernel_density(x, y, method="fft", **given_grid)  # type: ignore[arg-type]
    true = abs(fast.values - exact.values).max() / exact.values.max()
    assert 0 < fast.error <= true * (1 + 1e-9) <= most
    # rows, or the cells about the largest value, are a sample: not far below the largest of all
    assert fast.error > true / 3
    assert exact.error == 0


def test_many_events_are_convolved(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = thrown(500)
    assert kernel_density(x, y, extent=BOX, shape=(9, 9), bandwidth_m=200).method == "exact"
    monkeypatch.setattr(density, "MOST_EXACT", 499)
    assert kernel_density(x, y, extent=BOX, shape=(9, 9), bandwidth_m=200).method == "fft"


@pytest.mark.parametrize("method", ["exact", "fft"])
def test_a_missing_place_is_counted_and_nothing_else(method: Method) -> None:
    x, y = thrown(200)
    given_grid = {"extent": BOX, "shape": (30, 40), "bandwidth_m": 200.0}
    whole = kernel_density(x, y, method=method, **given_grid)  # type: ignore[arg-type]
    gaps = kernel_density(
        np.append(x, [np.nan, 2000.0]),
        np.append(y, [2500.0, np.nan]),
        method=method,
        **given_grid,  # type: ignore[arg-type]
    )
    assert gaps.values == pytest.approx(whole.values, abs=1e-6)
    assert (gaps.n, gaps.missing) == (200, 2)


@pytest.mark.parametrize("method", ["exact", "fft"])
def test_nothing_happened(method: Method) -> None:
    found = kernel_density([], [], extent=BOX, shape=(3, 4), bandwidth_m=50, method=method)
    assert found.values.tolist() == [[0.0] * 4] * 3
    assert (found.n, found.error) == (0, 0.0)


def test_the_input_is_not_changed() -> None:
    x, y = thrown(50)
    before = x.copy(), y.copy()
    kernel_density(x, y, extent=BOX, shape=(5, 5), bandwidth_m=50, method="fft")
    assert (x == before[0]).all()
    assert (y == before[1]).all()


@pytest.mark.parametrize(
    "options",
    [
        {"bandwidth_m": 0.0},
        {"bandwidth_m": np.nan},
        {"extent": (0, 0, 0, 5)},
        {"extent": (0, 0, np.inf, 5)},
        {"shape": (0, 4)},
        {"kernel": "box"},
        {"method": "guess"},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, object]) -> None:
    usual: dict[str, object] = {"extent": BOX, "shape": (3, 3), "bandwidth_m": 50.0}
    with pytest.raises(ValueError, match="must be"):
        kernel_density([1.0], [1.0], **usual | options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one length"):
        kernel_density([1.0, 2.0], [1.0], extent=BOX, shape=(3, 3), bandwidth_m=50)
