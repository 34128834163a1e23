"""The density of events in the plane: events per square kilometer on a grid.

A picture, never a finding. Kernels have a compact support, so the exact sum is feasible; for very
many events their counts in cells are convolved instead, and the result says how far that is off.

References
----------
Silverman (1986), Density Estimation for Statistics and Data Analysis, chapter 4: the kernels.
Silverman (1982), Algorithm AS 176, Applied Statistics 31 (1): densities by Fourier transform.
Chan et al. (2022), SLAM, SIGMOD: the exact sum by the coefficients of the kernel along a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
from scipy import fft

from geosvc.analysis.kernel_sums import Cells, exact_sums
from geosvc.analysis.kernels import KERNELS, Kernel

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Method: TypeAlias = Literal["auto", "exact", "fft"]

MOST_EXACT: Final = 300_000
"""With more events ``auto`` takes the Fourier way."""

ROWS_CHECKED: Final = 7
"""Rows, evenly spread, on which the Fourier way is compared with the exact sum."""

_CHUNK: Final = 1 << 16  # events whose cells are found at once: they stay in the cache
_VERY_MANY: Final = 2_000_000  # so many make the error small and checking dear
_NEAR: Final = 16  # cells checked on both sides of the largest value, with very many
_FINER: Final = 5  # points a side at which the kernel is averaged over a cell
_M2_PER_KM2: Final = 1e6


@dataclass(frozen=True, slots=True)
class KernelDensity:
    """Events per km² at the centers of cells.

    ``values`` is rows x columns with row 0 in the south; ``extent`` (xmin, ymin, xmax, ymax).
    ``method`` is how it was done: exact or fft. ``error`` is the largest error as a share of the
    largest value: 0 for the exact sum; for fft it is measured against the exact sum on some rows,
    the one through the largest value among them. From two million events on it is measured only
    near that value, where the most events are and so the error is largest. ``n`` counts the events
    given that have a place, those beyond the extent included (they count where their kernel reaches
    in), ``missing`` those without a place.
    """

    values: Floats
    extent: tuple[float, float, float, float]
    bandwidth_m: float
    kernel: str
    method: Literal["exact", "fft"]
    error: float
    n: int
    missing: int


def kernel_density(  # noqa: PLR0913 - the names that callers of the issue's interface use
    x_m: ArrayLike,
    y_m: ArrayLike,
    *,
    extent: tuple[float, float, float, float],
    shape: tuple[int, int],
    bandwidth_m: float,
    kernel: str = "epanechnikov",
    method: Method = "auto",
) -> KernelDensity:
    """Sum a kernel at every event.

    Parameters
    ----------
    x_m, y_m
        n places each, in a metric CRS; NaN where there is none.
    extent
        xmin, ymin, xmax, ymax of the grid.
    shape
        Rows and columns.
    bandwidth_m
        The radius of the kernel's support.
    kernel
        ``epanechnikov`` or ``quartic``.
    method
        ``exact``, ``fft`` (counts in cells, convolved), or by the number of events.

    Raises
    ------
    ValueError
        If the arrays differ in length, the extent or the shape is empty, the bandwidth is not
        positive, or kernel or method has another name.

    Examples
    --------
    >>> found = kernel_density(
    ...     [50.0], [50.0], extent=(0, 0, 100, 100), shape=(1, 1), bandwidth_m=1000
    ... )
    >>> found.values.round(4).tolist(), found.error
    ([[0.6366]], 0.0)
    >>> kernel_density([], [], extent=(0, 0, 9, 9), shape=(1, 2), bandwidth_m=5).values.tolist()
    [[0.0, 0.0]]
    """
    cells = _cells(extent, shape, bandwidth_m)
    if kernel not in KERNELS or method not in ("auto", "exact", "fft"):
        msg = f"kernel must be one of {', '.join(KERNELS)}; method auto, exact or fft"
        raise ValueError(msg)
    x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        msg = "x_m and y_m must be two arrays of one length"
        raise ValueError(msg)
    shapes = KERNELS[kernel]
    scale = shapes.factor / bandwidth_m**2 * _M2_PER_KM2
    if method == "fft" or (method == "auto" and len(x) > MOST_EXACT):
        sums, missing = _convolved(x, y, cells, shapes)
        error = _error(sums, x, y, (cells, shapes))
        done: Literal["exact", "fft"] = "fft"
    else:
        known = np.isfinite(x) & np.isfinite(y)
        missing = int(len(x) - known.sum())
        x, y = (x, y) if not missing else (x[known], y[known])
        sums, error, done = exact_sums(x, y, cells, shapes), 0.0, "exact"
    placed = len(x) - (missing if done == "fft" else 0)
    box = (float(extent[0]), float(extent[1]), float(extent[2]), float(extent[3]))
    return KernelDensity(
        sums * scale, box, float(bandwidth_m), kernel, done, error, placed, missing
    )


def _cells(
    extent: tuple[float, float, float, float], shape: tuple[int, int], bandwidth_m: float
) -> Cells:
    x_min, y_min, x_max, y_max = extent
    rows, columns = shape
    if not (x_max > x_min and y_max > y_min and np.isfinite(extent).all()):
        msg = "extent must be xmin, ymin, xmax, ymax of a box that is not empty"
        raise ValueError(msg)
    if rows < 1 or columns < 1:
        msg = "shape must be rows and columns, one at least"
        raise ValueError(msg)
    if not (bandwidth_m > 0 and np.isfinite(bandwidth_m)):
        msg = f"bandwidth_m must be positive, not {bandwidth_m}"
        raise ValueError(msg)
    width, height = (x_max - x_min) / columns, (y_max - y_min) / rows
    return Cells(x_min, y_min, width, height, rows, columns, float(bandwidth_m))


def _convolved(x: Floats, y: Floats, cells: Cells, kernel: Kernel) -> tuple[Floats, int]:
    """Convolve the counts of a grid that reaches a bandwidth beyond the cells."""
    beyond = (
        int(np.ceil(cells.bandwidth_m / cells.height_m)) + 1,
        int(np.ceil(cells.bandwidth_m / cells.width_m)) + 1,
    )
    counts, missing = _counts(x, y, cells.grown(*beyond))
    # what the transform carries around the edge ends in the margin, which is cut off
    size = [fft.next_fast_len(length, real=True) for length in counts.shape]
    spectrum = fft.rfft2(counts, s=size)
    spectrum *= _spectrum(_stamp(cells, kernel, beyond), size)
    sums = fft.irfft2(spectrum, s=size, overwrite_x=True)
    inside = sums[beyond[0] : beyond[0] + cells.rows, beyond[1] : beyond[1] + cells.columns]
    return np.maximum(inside, 0.0, dtype=np.float64), missing


def _spectrum(stamp: NDArray[np.float32], size: list[int]) -> NDArray[np.float32]:
    """Transform a stamp about the origin: it is even both ways, so the transform is real."""
    down, across = stamp.shape[0] // 2, stamp.shape[1] // 2
    # along the rows first: there are few of them
    wide = np.zeros((len(stamp), size[1]), dtype=np.float32)
    wide[:, : across + 1], wide[:, size[1] - across :] = stamp[:, across:], stamp[:, :across]
    half = fft.rfft(wide, axis=1).real
    tall = np.zeros((size[0], half.shape[1]), dtype=np.float32)
    tall[: down + 1], tall[size[0] - down :] = half[down:], half[:down]
    return np.asarray(fft.fft(tall, axis=0).real)


def _stamp(cells: Cells, kernel: Kernel, beyond: tuple[int, int]) -> NDArray[np.float32]:
    """Average the kernel over cells about an event: events lie anywhere in their cells."""
    within = (np.arange(_FINER) + 0.5) / _FINER - 0.5
    down = (np.arange(-beyond[0], beyond[0] + 1)[:, None] + within).reshape(-1) * cells.height_m
    across = (np.arange(-beyond[1], beyond[1] + 1)[:, None] + within).reshape(-1) * cells.width_m
    squared = (down[:, None] ** 2 + across[None, :] ** 2) / cells.bandwidth_m**2
    fine = kernel.at(squared).reshape(2 * beyond[0] + 1, _FINER, 2 * beyond[1] + 1, _FINER)
    return np.asarray(fine.mean(axis=(1, 3)), dtype=np.float32)


def _counts(x: Floats, y: Floats, cells: Cells) -> tuple[NDArray[np.float32], int]:
    total, missing, one = np.zeros(cells.rows * cells.columns, dtype=np.int32), 0, np.int32(1)
    for start in range(0, len(x), _CHUNK):
        number, without = _cell_numbers(x[start : start + _CHUNK], y[start : start + _CHUNK], cells)
        # faster than bincount here: its table of all cells is made once, not for every chunk
        np.add.at(total, number, one)
        missing += without
    return total.reshape(cells.rows, cells.columns).astype(np.float32), missing


def _cell_numbers(x: Floats, y: Floats, cells: Cells) -> tuple[NDArray[np.intp], int]:
    """Return the cells of events inside the grid, and how many events have no place."""
    column, row = x - cells.x_m, y - cells.y_m
    column *= 1.0 / cells.width_m
    row *= 1.0 / cells.height_m
    missing = 0
    # one NaN makes a minimum NaN, and the comparison false
    lowest, most = min(column.min(), row.min()), (column.max(), row.max())
    if not (lowest >= 0 and most[0] < cells.columns and most[1] < cells.rows):
        missing = int((np.isnan(column) | np.isnan(row)).sum())
        kept = (column >= 0) & (column < cells.columns) & (row >= 0) & (row < cells.rows)
        column, row = column[kept], row[kept]
    first = row.astype(np.int32)
    first *= cells.columns
    return np.add(first, column.astype(np.int32), dtype=np.intp), missing


def _error(sums: Floats, x: Floats, y: Floats, how: tuple[Cells, Kernel]) -> float:
    """Compare with the exact sum on some rows, or about the largest value of very many events."""
    cells, kernel = how
    largest = float(sums.max(initial=0.0))
    if largest == 0.0:
        return 0.0
    highest, column = divmod(int(np.argmax(sums)), cells.columns)
    evenly = np.linspace(0, cells.rows - 1, 2 + ROWS_CHECKED)[1:-1].astype(int).tolist()
    columns = slice(0, cells.columns)
    if len(x) >= _VERY_MANY:
        evenly = []
        columns = slice(max(0, column - _NEAR), min(cells.columns, column + _NEAR + 1))
    worst = 0.0
    for row in {highest, *evenly}:
        strip = cells.part(row, columns)
        exact = exact_sums(*_within_reach(x, y, strip), strip, kernel)[0]
        worst = max(worst, float(np.abs(exact - sums[row, columns]).max()))
    return worst / largest


def _within_reach(x: Floats, y: Floats, cells: Cells) -> tuple[Floats, Floats]:
    """Return the events in the box that a bandwidth about the cells makes."""
    reach = cells.bandwidth_m
    west, limit = cells.x_m - reach, cells.x_m + cells.columns * cells.width_m + reach
    low, high = cells.y_m - reach, cells.y_m + cells.rows * cells.height_m + reach
    near_x, near_y = [np.empty(0)], [np.empty(0)]
    for start in range(0, len(x), _CHUNK):
        east, north = x[start : start + _CHUNK], y[start : start + _CHUNK]
        near = (north > low) & (north < high)
        near &= east > west
        near &= east < limit
        at = np.flatnonzero(near)
        near_x.append(east[at])
        near_y.append(north[at])
    return np.concatenate(near_x), np.concatenate(near_y)
