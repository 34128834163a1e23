"""Demand points joined to cells few enough for a capacitated solve, with the error that it makes.

A cell stands for its members: its weight is their sum, its distance to a site their weighted mean.
A plan for the cells is a plan for the members at the same value (each member is split as its cell
is), so the value for cells is never too good. How much better the members could do at most is the
stated error: a member differs from its cell at the site that favors it most.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.inputs import demand_weights, dense_distances

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geosvc.analysis.siting.inputs import Matrix
    from geosvc.analysis.siting.result import Allocation

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

MOST: Final = 500


@dataclass(frozen=True, slots=True)
class MergedDemand:
    """Cells of demand.

    ``cell`` names the cell of each demand point, -1 for those of weight 0; ``distances`` (cells x
    sites) and ``weights`` are what a solver is given. With demand that may split, the best value of
    all points lies between the best value of the cells less ``error`` and the best value of the
    cells. A cell joins only points with the same sites in reach.
    """

    cell: Integers
    distances: Floats
    weights: Floats
    error: float


def merge_demand(distances: Matrix, weights: ArrayLike, *, most: int = MOST) -> MergedDemand:
    """Join demand points to at most ``most`` cells, or as many as differ in the sites in reach.

    The cell with the largest error is halved until there are enough, where the distances to one
    site differ most. Points with the same distances cost nothing to join.

    Parameters
    ----------
    distances
        Demand x candidates; infinite, or absent from a sparse matrix, where out of reach.
    weights
        One a demand point, at least 0.
    most
        How many cells there may be. Points that differ in the sites in reach are never joined: what
        is out of reach for a cell would be out of reach for all its members.

    Returns
    -------
    merged
        The cells in the order of their first member.

    Raises
    ------
    ValueError
        If ``most`` is below 1, or an argument is not what is said above.

    Examples
    --------
    >>> merged = merge_demand([[0, 9], [1, 8], [9, 0]], [3, 1, 2], most=2)
    >>> merged.cell.tolist(), merged.distances.tolist(), merged.weights.tolist()
    ([0, 0, 1], [[0.25, 8.75], [9.0, 0.0]], [4.0, 2.0])
    >>> merged.error
    1.5
    >>> merge_demand(np.empty((0, 2)), []).error
    0.0
    """
    if most < 1:
        msg = f"demand cannot be joined to {most} cells"
        raise ValueError(msg)
    table = dense_distances(distances)
    weight = demand_weights(weights, len(table))
    some = np.flatnonzero(weight > 0)
    groups = _groups(table, weight, some, most) if len(some) else []
    groups.sort(key=lambda group: int(group[0]))
    cell = np.full(len(table), -1, dtype=np.int64)
    for number, group in enumerate(groups):
        cell[group] = number
    rows = [_mean(table[group], weight[group]) for group in groups]
    return MergedDemand(
        cell,
        np.array(rows, dtype=np.float64).reshape(len(groups), table.shape[1]),
        np.bincount(cell[some], weight[some], minlength=len(groups)).astype(np.float64),
        float(sum(_error(table[group], weight[group]) for group in groups)),
    )


def members_allocation(merged: MergedDemand, weights: ArrayLike, served: Allocation) -> Allocation:
    """Return the allocation of the demand points that an allocation of their cells stands for.

    Each member is split between sites as its cell is.

    Parameters
    ----------
    merged
        The cells.
    weights
        Of the demand points, as they were joined.
    served
        Which site serves how much of which cell.

    Examples
    --------
    >>> from geosvc.analysis.siting.result import Allocation
    >>> merged = merge_demand([[4.0], [4.0]], [1, 3], most=1)
    >>> split = members_allocation(merged, [1, 3], Allocation.of([0], [0], [4.0]))
    >>> split.demand.tolist(), split.amount.tolist()
    ([0, 1], [1.0, 3.0])
    >>> len(members_allocation(merged, [1, 3], Allocation.of()))
    0
    """
    weight = demand_weights(weights, len(merged.cell))
    order = np.argsort(merged.cell, kind="stable")
    first = np.searchsorted(merged.cell[order], np.arange(len(merged.weights) + 1))
    count = np.diff(first)[served.demand]
    entry = np.repeat(np.arange(len(served)), count)
    within = np.arange(len(entry)) - np.repeat(np.cumsum(count) - count, count)
    member = order[first[served.demand[entry]] + within]
    share = served.amount / merged.weights[served.demand]
    by_member = np.lexsort((served.site[entry], member))
    return type(served).of(
        member[by_member],
        served.site[entry][by_member],
        (weight[member] * share[entry])[by_member],
    )


def _groups(table: Floats, weight: Floats, some: Integers, most: int) -> list[Integers]:
    heap = [(-_error(table[some], weight[some]), 0, some)]
    made = 0
    while heap[0][0] < 0 and (len(heap) < most or heap[0][0] == -np.inf):
        group = heapq.heappop(heap)[2]
        for half in _halves(table, weight, group):
            made += 1
            heapq.heappush(heap, (-_error(table[half], weight[half]), made, half))
    return [group for _, _, group in heap]


def _mean(rows: Floats, weight: Floats) -> Floats:
    # points that are alike keep their distances to the last bit
    same = bool((rows == rows[0]).all())
    return np.asarray(rows[0] if same else (weight @ rows) / weight.sum())


def _error(rows: Floats, weight: Floats) -> float:
    """How much better at most the members do than their cell."""
    mean = _mean(rows, weight)
    reached = np.isfinite(rows)
    if (reached != reached[0]).any():
        return np.inf
    closer = (mean[reached[0]] - rows[:, reached[0]]).max(axis=1, initial=0.0)
    return float(weight @ closer)


def _halves(table: Floats, weight: Floats, group: Integers) -> tuple[Integers, Integers]:
    """Split a group where the distances to one site differ most: those in reach from the others."""
    rows, share = table[group], weight[group] / weight[group].sum()
    reached = np.isfinite(rows)
    part = share @ reached
    if (reached != reached[0]).any():
        low = reached[:, np.abs(part - 0.5).argmin()]
    else:
        known = rows[:, reached[0]]
        middle = share @ known
        column = (share @ (known - middle) ** 2).argmax()
        low = known[:, column] <= middle[column]
        if low.all() or not low.any():
            low = known[:, column] < known[:, column].max()
    return group[low], group[~low]
