"""The exact sum of a kernel over events at the centers of cells.

Along one row of cells the kernel of an event is a polynomial of the cell's place on an interval and
zero elsewhere. So it is enough to add its coefficients where the interval begins and take them away
where it ends; running sums along the row then have the coefficients of the whole sum. The work is
one step an event and row within reach, however many cells there are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.kernels import Kernel

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

FEW: Final = 1500
"""With fewer events each is drawn by itself: cheaper than sums over all cells."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A grid: its south-west corner, the size of a cell, rows and columns; and the bandwidth."""

    x_m: float
    y_m: float
    width_m: float
    height_m: float
    rows: int
    columns: int
    bandwidth_m: float

    def grown(self, rows: int, columns: int) -> Cells:
        """Return the grid with so many more rows and columns on every side."""
        return replace(
            self,
            x_m=self.x_m - columns * self.width_m,
            y_m=self.y_m - rows * self.height_m,
            rows=self.rows + 2 * rows,
            columns=self.columns + 2 * columns,
        )

    def part(self, row: int, columns: slice) -> Cells:
        """Return the grid of some columns, without a step, of one row."""
        return replace(
            self,
            x_m=self.x_m + columns.start * self.width_m,
            y_m=self.y_m + row * self.height_m,
            rows=1,
            columns=columns.stop - columns.start,
        )

    def row_y(self, row: int | Integers) -> Floats:
        """Return the y of the centers of rows."""
        return np.asarray(self.y_m + (np.asarray(row) + 0.5) * self.height_m)


def exact_sums(x: Floats, y: Floats, cells: Cells, kernel: Kernel) -> Floats:
    """Return rows x columns sums of the kernel, not normalized.

    Parameters
    ----------
    x, y
        n finite places each.
    cells
        The grid and the bandwidth.
    kernel
        The kernel.
    """
    reach = cells.bandwidth_m
    near = (y > cells.y_m - reach) & (y < cells.y_m + cells.rows * cells.height_m + reach)
    near &= (x > cells.x_m - reach) & (x < cells.x_m + cells.columns * cells.width_m + reach)
    x, y = (x, y) if near.all() else (x[near], y[near])
    return (_drawn if len(x) < FEW else _swept)(x, y, cells, kernel)


def _drawn(x: Floats, y: Floats, cells: Cells, kernel: Kernel) -> Floats:
    total = np.zeros((cells.rows, cells.columns))
    across, reach = (np.arange(cells.columns) + 0.5) * cells.width_m + cells.x_m, cells.bandwidth_m
    down = cells.row_y(np.arange(cells.rows))
    left, right = np.searchsorted(across, x - reach), np.searchsorted(across, x + reach)
    low, high = np.searchsorted(down, y - reach), np.searchsorted(down, y + reach)
    for at in range(len(x)):
        rows, columns = slice(low[at], high[at]), slice(left[at], right[at])
        vertical = ((down[rows] - y[at]) / reach) ** 2
        horizontal = ((across[columns] - x[at]) / reach) ** 2
        total[rows, columns] += kernel.at(vertical[:, None] + horizontal)
    return total


def _swept(x: Floats, y: Floats, cells: Cells, kernel: Kernel) -> Floats:
    order = np.argsort(y) if cells.rows > 1 else np.arange(len(y))
    x, y, reach = x[order], y[order], cells.bandwidth_m
    middle = cells.x_m + cells.columns * cells.width_m / 2
    # bandwidths from the middle of the row: small numbers cancel exactly
    u = (middle - x) / reach
    powers = [u**power for power in range(2 * kernel.power + 1)]
    column = (x - cells.x_m) / cells.width_m - 0.5
    steps = np.arange(cells.columns, dtype=np.float64) + (0.5 - cells.columns / 2)
    place = steps * (cells.width_m / reach)
    down = cells.row_y(np.arange(cells.rows))
    first, last = (0, len(y)) if cells.rows == 1 else (None, None)
    lows = [first] if first is not None else np.searchsorted(y, down - reach).tolist()
    highs = [last] if last is not None else np.searchsorted(y, down + reach).tolist()
    total = np.zeros((cells.rows, cells.columns))
    for row, (low, high) in enumerate(zip(lows, highs, strict=True)):
        if high > low:
            height = 1.0 - ((down[row] - y[low:high]) / reach) ** 2
            half = np.sqrt(np.maximum(height, 0.0)) * (reach / cells.width_m)
            ends = [
                np.clip(np.ceil(end), 0, cells.columns).astype(np.int64)
                for end in (column[low:high] - half, column[low:high] + half)
            ]
            near = [power[low:high] for power in powers]
            _horner(total[row], place, _coefficients(near, height, kernel), ends)
    return np.maximum(total, 0.0, out=total)


def _horner(row: Floats, place: Floats, coefficients: list[Floats], ends: list[Integers]) -> None:
    """Add to a row the polynomials of its events, each from where it begins to where it ends."""
    size = len(row) + 1
    for weight in reversed(coefficients):
        steps = np.bincount(ends[0], weight, size) - np.bincount(ends[1], weight, size)
        row *= place
        row += np.cumsum(steps)[:-1]


def _coefficients(powers: list[Floats], height: Floats, kernel: Kernel) -> list[Floats]:
    """Expand (height - (q + u)²) to the kernel's power in powers of q."""
    terms = [np.zeros(len(height)) for _ in range(2 * kernel.power + 1)]
    for at in range(kernel.power + 1):
        # height^(power - at) * (-1)^at * (q + u)^(2 at)
        weight = comb(kernel.power, at) * (-1.0) ** at * height ** (kernel.power - at)
        for term in range(2 * at + 1):
            terms[term] += weight * comb(2 * at, term) * powers[2 * at - term]
    return terms
