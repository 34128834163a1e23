"""Good covering plans fast: greedy choice, exchange of single sites, shaken starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.coverage import Coverage

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_BETTER = 1e-9  # share of the weight by which an exchange must gain


class CoverSearch:
    """Plans for one coverage; each call tries another start and returns columns.

    Examples
    --------
    >>> from geosvc.analysis.siting.coverage import Coverage, pattern
    >>> rows = pattern([[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1]])
    >>> cover = Coverage.of(rows, np.array([3.0, 1, 2, 3, 2]), 2)
    >>> cover = cover.reduced(np.ones(3, dtype=bool), np.zeros(3, dtype=bool))
    >>> CoverSearch(cover).climb(()).tolist()
    [1, 2]
    """

    def __init__(self, cover: Coverage, *, seed: int = 0) -> None:
        self._cover = cover
        self._random = np.random.default_rng(seed)
        self._hits = np.zeros(len(cover.weights), dtype=np.int64)
        self._gain: Floats = np.zeros(len(cover.number))
        self._least = _BETTER * float(cover.weights.sum())

    def climb(self, start: Integers | tuple[int, ...]) -> Integers:
        """Add the best sites to a start until there are p, then exchange while that gains.

        Parameters
        ----------
        start
            At most p columns.

        Returns
        -------
        picked
            p columns, sorted.
        """
        self._hits[:] = 0
        self._gain = self._cover.columns @ self._cover.weights
        picked = [int(column) for column in start]
        for column in picked:
            self._add(column)
        while len(picked) < self._cover.p:
            picked.append(self._best(picked))
            self._add(picked[-1])
        self._exchange(picked)
        return np.sort(np.array(picked, dtype=np.int64))

    def shaken(self, picked: Integers) -> Integers:
        """Drop some sites of a plan, force in another one, and climb from there."""
        count = len(picked)
        dropped = int(self._random.integers(2, max(3, count // 2 + 1)))
        kept = self._random.permutation(picked)[: max(0, count - dropped)]
        free = np.setdiff1d(np.arange(len(self._cover.number)), kept)
        return self.climb(np.append(kept, self._random.choice(free)))

    def _exchange(self, picked: list[int]) -> None:
        at = since = 0
        while since < len(picked):
            leaving = picked[at]
            self._drop(leaving)
            others = picked[:at] + picked[at + 1 :]
            coming = self._best(others)
            if self._gain[coming] > self._gain[leaving] + self._least:
                picked[at], since = coming, 0
            else:
                coming, since = leaving, since + 1
            self._add(coming)
            at = (at + 1) % len(picked)

    def _best(self, picked: list[int]) -> int:
        gain = self._gain.copy()
        gain[picked] = -1.0
        return int(gain.argmax())

    def _add(self, column: int) -> None:
        rows = self._of(column)
        self._change(rows[self._hits[rows] == 0], -1.0)
        self._hits[rows] += 1

    def _drop(self, column: int) -> None:
        rows = self._of(column)
        self._hits[rows] -= 1
        self._change(rows[self._hits[rows] == 0], 1.0)

    def _of(self, column: int) -> NDArray[np.int32]:
        columns = self._cover.columns
        return columns.indices[columns.indptr[column] : columns.indptr[column + 1]]

    def _change(self, rows: NDArray[np.int32], sign: float) -> None:
        """Account in the gains for rows that are no longer covered, or are again."""
        if len(rows):
            self._gain += sign * (self._cover.weights[rows] @ self._cover.rows[rows])
