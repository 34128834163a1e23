"""Density in the plane and local G beside their peers, where these are installed."""

from __future__ import annotations

import importlib.util
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array

from geosvc.analysis.density import Method, kernel_density
from geosvc.analysis.local_g import benjamini_hochberg, local_g, local_g_p_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]

SIDE_M = 20_000.0
BANDWIDTH_M = 500.0
CELLS = 1024
ABSENT = "peer not installed (make bench installs it)"


def cpu_seconds(work: Callable[[], object], *, times: int = 3) -> float:
    """Return the median CPU time of a process for some work."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return sorted(spent)[times // 2]


def places(count: int) -> Floats:
    """Throw places in 40 clusters and at random into a square of 20 km."""
    random = np.random.default_rng(0)
    cluster, centers = random.integers(0, 60, count), random.random((60, 2)) * SIDE_M
    spread = np.where(cluster < 40, 600.0, SIDE_M)[:, None]
    return (centers[cluster] + random.normal(0, 1, (count, 2)) * spread) % SIDE_M


def queen(side: int) -> csr_array:
    """Return which cells of a square grid touch, corners included."""
    number = np.arange(side * side).reshape(side, side)
    pairs = [
        (number[: side - down, max(0, -across) : side - max(0, across)], number[down:])
        for down, across in ((0, 1), (1, -1), (1, 0), (1, 1))
    ]
    shifts = ((0, 1), (1, -1), (1, 0), (1, 1))
    one = np.concatenate([first.ravel() for first, _ in pairs])
    other = np.concatenate(
        [
            second[:, max(0, across) : side - max(0, -across)].ravel()
            for (_, second), (_, across) in zip(pairs, shifts, strict=True)
        ]
    )
    both = np.concatenate([one, other]), np.concatenate([other, one])
    return coo_array((np.ones(2 * len(one)), both), shape=(side * side, side * side)).tocsr()


def _ours(at: Floats, method: Method) -> float:
    def work() -> object:
        return kernel_density(
            at[:, 0],
            at[:, 1],
            extent=(0, 0, SIDE_M, SIDE_M),
            shape=(CELLS, CELLS),
            bandwidth_m=BANDWIDTH_M,
            method=method,
        )

    return cpu_seconds(work)


def _peer(name: str) -> Any:  # noqa: ANN401 - whatever the peer is
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def _kdepy(at: Floats, seconds: float) -> str:
    peer = _peer("KDEpy")
    if peer is None:
        return ABSENT
    # rows of x and y, as its manual has them; its bandwidth is the kernel's standard deviation
    at = np.ascontiguousarray(at)
    width = BANDWIDTH_M / np.sqrt(5)
    theirs = cpu_seconds(
        lambda: peer.FFTKDE(kernel="epa", bw=width).fit(at).evaluate((CELLS, CELLS)), times=1
    )
    return f"KDEpy {theirs:.2f} s: {theirs / seconds:.0f} x (target 15)"


def _libkdv(at: Floats, seconds: float) -> str:
    peer = _peer("libkdv")
    if peer is None:
        return ABSENT
    options: dict[str, Any] = {"GPS": False, "bandwidth": BANDWIDTH_M / 2, "num_threads": 1}
    model = peer.kdv(at, row_pixels=CELLS, col_pixels=CELLS, **options)
    theirs = cpu_seconds(model.compute, times=1)
    return f"libkdv {theirs:.2f} s: {theirs / seconds:.0f} x (target 10)"


def _density() -> Iterator[tuple[str, str, str]]:
    for count, method, target in (
        (126, "exact", 0.02),
        (10_000, "exact", 0.1),
        (1_000_000, "exact", 6.0),
        (10_000_000, "fft", 0.25),
    ):
        at = places(count)
        # each coordinate as callers have it: an array of its own
        at = np.asfortranarray(at)
        seconds = _ours(at, method)  # type: ignore[arg-type]
        beside = f"target {target}"
        if method == "fft":
            beside += f"; {_kdepy(at, seconds)}"
        elif count == 10_000:
            beside += f"; {_libkdv(at, seconds)}"
        yield f"density {CELLS}², {method}, {count:,} events, CPU s", f"{seconds:.3f}", beside


def _fft_error() -> tuple[str, str, str]:
    at = np.asfortranarray(places(1_000_000))
    options: dict[str, Any] = {
        "extent": (0, 0, SIDE_M, SIDE_M),
        "shape": (CELLS, CELLS),
        "bandwidth_m": BANDWIDTH_M,
    }
    exact = kernel_density(at[:, 0], at[:, 1], method="exact", **options)
    fast = kernel_density(at[:, 0], at[:, 1], method="fft", **options)
    error = np.abs(exact.values - fast.values).max() / exact.values.max()
    return "fft against exact, 1M events, largest error", f"{error:.1e}", f"said {fast.error:.1e}"


def _scores() -> Iterator[tuple[str, str, str]]:
    random = np.random.default_rng(1)
    side = 1000
    values = random.poisson(random.gamma(1, 1, side * side)).astype(float)
    links = queen(side)

    def work() -> object:
        local_g(values, links)
        return benjamini_hochberg(local_g_p_values(values, links), alpha=0.05)

    yield "G* of 1M cells, exact p and FDR, CPU s", f"{cpu_seconds(work):.3f}", "target 0.3"
    esda, weights = _peer("esda"), _peer("libpysal.weights") if _peer("libpysal") else None
    if esda is None or weights is None:
        yield "G* against esda", "-", ABSENT
        return
    small = values[: 100 * 100]
    peer = weights.lat2W(100, 100, rook=False)
    theirs = esda.G_Local(small, peer, transform="B", star=True, permutations=0).Zs
    worst = float(np.abs(local_g(small, queen(100)) - theirs).max())
    yield "G* against esda, largest difference of z", f"{worst:.0e}", "target 1e-12"


def rows(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what was measured, its figure, and what it stands beside."""
    yield from _density()
    yield _fft_error()
    yield from _scores()
