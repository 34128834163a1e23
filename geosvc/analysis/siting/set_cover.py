"""The fewest sites that cover all demand: made small by domination, then left to HiGHS.

A demand point whose candidates include all those of another is covered with it; a candidate that
covers no more than another is not needed; a demand point with one candidate left decides it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.coverage import Coverage, within
from geosvc.analysis.siting.highs import INFINITY, Model, Solver

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from geosvc.analysis.siting.result import Progress
    from geosvc.analysis.siting.watch import Watch

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

_GUARD: Final = 1e-6  # of rounding


@dataclass(frozen=True, slots=True)
class Cover:
    """A set of sites that covers all, and the least number that any such set needs.

    ``sites`` may be None, or more than were asked for, where ``bound`` exceeds that number or none
    was found in time.
    """

    sites: Integers | None
    bound: int


def smallest_cover(
    covers: csr_array,
    fixed: Integers,
    watch: Watch,
    *,
    most: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Cover:
    """Return the smallest set of sites that covers all rows and has the fixed ones.

    Parameters
    ----------
    covers
        Demand x candidates as :func:`~geosvc.analysis.siting.coverage.pattern` gives it; every row
        has a candidate.
    fixed
        Candidates that are open.
    watch
        Its time.
    most
        Any set of at most so many sites is good enough, and none needs to be found if all are
        larger.
    seed
        For HiGHS.
    progress
        Is heard in place of the watch, with the number of sites and its bound.

    Examples
    --------
    >>> from geosvc.analysis.siting.coverage import pattern
    >>> from geosvc.analysis.siting.watch import Watch
    >>> covers = pattern([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    >>> smallest_cover(covers, np.array([2]), Watch(9)).sites.tolist()
    [0, 2]
    >>> smallest_cover(covers, np.empty(0, dtype=int), Watch(9), most=1)
    Cover(sites=None, bound=2)
    """
    candidates = covers.shape[1]
    taken = np.isin(np.arange(candidates), fixed)
    whole = Coverage.of(covers, np.ones(covers.shape[0]), candidates)
    left = _peeled(whole.reduced(~taken, taken), watch)
    greedy = left.sites(_greedy(left))
    bound = len(left.forced) + (len(left.weights) > 0)
    enough = bound if most is None else max(bound, most)
    if len(greedy) <= enough:
        return Cover(greedy, min(bound, len(greedy)))
    if most is not None and bound > most:
        return Cover(None, bound)
    return _solved(left, greedy, watch, most=most, seed=seed, progress=progress)


def _solved(
    left: Coverage,
    greedy: Integers,
    watch: Watch,
    *,
    most: int | None,
    seed: int,
    progress: Progress | None,
) -> Cover:
    """Let HiGHS find the smallest set, or one of at most so many, or that there is none."""
    open_already = len(left.forced)
    options: dict[str, str | float | bool] = {"mip_abs_gap": 1.0 - _GUARD}
    room = len(greedy) - open_already
    if most is not None:
        room = most - open_already
        options["objective_target"] = room + 0.5
    solver = Solver(_program(left, room), seed=seed, options=options)

    def heard(value: float, bound: float) -> bool:
        best = min(float(len(greedy)), value + open_already)
        return watch.stop(best, open_already + math.ceil(max(bound, 1.0) - _GUARD))

    start = None
    if most is None:
        start = np.isin(left.number, greedy).astype(np.float64)
    answer = solver.run(time_limit_s=watch.left_s, start=start, progress=progress or heard)
    if answer.state == "infeasible":
        return Cover(None, open_already + room + 1)
    bound = open_already + max(1, math.ceil(max(answer.bound, 1.0) - _GUARD))
    sites = None if most is not None else greedy
    if len(answer.x):
        found = left.sites(np.flatnonzero(answer.x > 0.5))  # noqa: PLR2004 - of 0 and 1
        sites = found if sites is None or len(found) < len(sites) else sites
    return Cover(sites, bound if sites is None else min(bound, len(sites)))


def _program(left: Coverage, room: int) -> Model:
    columns, rows = len(left.number), len(left.weights)
    ones = np.ones(columns)
    return Model(
        cost=ones,
        lower=np.zeros(columns),
        upper=ones,
        rows=_with_row(left.rows),
        row_lower=np.concatenate([np.ones(rows), [0.0]]),
        row_upper=np.concatenate([np.full(rows, INFINITY), [float(room)]]),
        integer=ones > 0,
    )


def _with_row(rows: csr_array) -> csr_array:
    """Add a row of ones, which counts the sites."""
    columns = rows.shape[1]
    return type(rows)(
        (
            np.concatenate([rows.data, np.ones(columns)]),
            np.concatenate([rows.indices, np.arange(columns)]),
            np.append(rows.indptr, rows.nnz + columns),
        ),
        shape=(rows.shape[0] + 1, columns),
    )


def _peeled(left: Coverage, watch: Watch) -> Coverage:
    """Take out what is dominated or decided, as long as there is any."""
    while len(left.weights) and watch.left_s > 0:
        size = len(left.weights), len(left.number)
        keep = _undominated(left)
        single = left.rows.indices[left.rows.indptr[:-1][np.diff(left.rows.indptr) == 1]]
        take = np.isin(np.arange(len(keep)), single)
        if take.any() or not keep.all():
            left = left.reduced(keep | take, take)
        left = _fewer_rows(left)
        if size == (len(left.weights), len(left.number)):
            return left
    return left


def _undominated(left: Coverage) -> Booleans:
    """Return which columns are no part of another; of equal ones the first."""
    keep = np.ones(len(left.number), dtype=np.bool_)
    pairs = within(left.columns)
    if pairs is not None:
        keep[pairs[0]] = False
    return keep


def _fewer_rows(left: Coverage) -> Coverage:
    """Drop rows that hold all the columns of another row."""
    pairs = within(left.rows)
    if pairs is None or len(pairs[0]) == 0:
        return left
    needed = np.ones(len(left.weights))
    needed[pairs[1]] = 0.0
    fewer = replace(left, weights=needed)
    every = np.ones(len(left.number), dtype=np.bool_)
    return fewer.reduced(every, ~every)


def _greedy(left: Coverage) -> Integers:
    """Add the column that covers most rows yet uncovered, then drop those not needed."""
    hits = np.zeros(len(left.weights))
    picked: list[int] = []
    while not hits.all():
        column = int((left.columns @ (hits == 0).astype(np.float64)).argmax())
        picked.append(column)
        hits[_rows_of(left, column)] += 1
    for column in list(picked):
        rows = _rows_of(left, column)
        if (hits[rows] > 1).all():
            hits[rows] -= 1
            picked.remove(column)
    return np.sort(np.array(picked, dtype=np.int64))


def _rows_of(left: Coverage, column: int) -> NDArray[np.int32]:
    return left.columns.indices[left.columns.indptr[column] : left.columns.indptr[column + 1]]
