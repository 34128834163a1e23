"""p-median as an integer program of distances grouped in levels, for HiGHS.

For each demand point and each level of its costs one number says that no open site is within it.
It is small once most candidates have been dropped, and its bound is the best that is known, so it
suits many sites; few sites are faster by branching on the Lagrangian bound.

References
----------
Cornuejols, Nemhauser and Wolsey (1980), A canonical representation of simple plant location
problems; Garcia, Labbe and Marin (2011), Solving large p-median problems with a radius formulation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from geosvc.analysis.siting.highs import Model, Solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.branching import Incumbent
    from geosvc.analysis.siting.lagrangian import Part
    from geosvc.analysis.siting.watch import Watch

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Levels:
    """The levels of all demand, one after another: whose each is, its cost, the step to the next.

    ``member`` lists pairs of a level and a site (a row of the part) whose cost is that level.
    """

    demand: Integers
    cost: Floats
    step: Floats
    member: tuple[Integers, Integers]


def solve_radius(part: Part, best: Incumbent, *, bound: float, seed: int, watch: Watch) -> float:
    """Look for the best answer in a part with HiGHS, and return the bound that holds then.

    Parameters
    ----------
    part
        What is to be decided; every demand point has a site in reach.
    best
        Replaced by what is better.
    bound
        A bound of the part that is known already, for those who watch.
    seed
        For HiGHS.
    watch
        Says when the time is over.
    """
    levels = _levels(part)
    base = part.offset + float(np.minimum(part.costs.min(axis=0), part.caps).sum())
    sites = len(part.sites)
    solver = Solver(_model(part, levels), seed=seed)

    def progress(value: float, found: float) -> bool:
        return watch.stop(min(best.value, value + base), best.rounded(max(bound, found + base)))

    answer = solver.run(
        time_limit_s=watch.left_s,
        gap=best.gap,
        start=_start(part, levels, best),
        progress=progress if watch.progress else None,
    )
    if answer.state == "infeasible":
        return math.inf
    if len(answer.x):
        rows = np.argsort(-answer.x[:sites], kind="stable")[: part.count]
        opened = np.array(part.opened, dtype=np.int64)
        best.offer(part.value(rows), np.concatenate([opened, part.sites[rows]]))
    return answer.bound + base


def _levels(part: Part) -> _Levels:
    """List the levels below what any choice of so many sites attains."""
    costs = np.minimum(part.costs, part.caps)
    # the dearest that a demand point can be served for when all the others are the closed ones
    worst = np.partition(costs, len(costs) - part.count, axis=0)[len(costs) - part.count]
    demand, cost, step, level, member = [], [], [], [], []
    count = 0
    for row, (column, last) in enumerate(zip(costs.T, worst, strict=True)):
        values, at = np.unique(column, return_inverse=True)
        used = int((values < last).sum())
        demand.append(np.full(used, row))
        cost.append(values[:used])
        step.append(np.diff(values[: used + 1]))
        near = np.flatnonzero(at < used)
        level.append(at[near] + count)
        member.append(near)
        count += used
    pairs = (np.concatenate(level), np.concatenate(member))
    return _Levels(np.concatenate(demand), np.concatenate(cost), np.concatenate(step), pairs)


def _model(part: Part, levels: _Levels) -> Model:
    """Build rows ``beyond this level + sites at it >= beyond the level before``, and the count."""
    sites, count = len(part.sites), len(levels.cost)
    number = np.arange(count)
    inner = np.flatnonzero(np.diff(levels.demand, prepend=-1) == 0)
    rows = [number, inner, levels.member[0], np.full(sites, count)]
    columns = [sites + number, sites + inner - 1, levels.member[1], np.arange(sites)]
    signs = [np.ones(count), -np.ones(len(inner)), np.ones(len(levels.member[0])), np.ones(sites)]
    matrix = csr_array(
        (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns))),
        shape=(count + 1, sites + count),
    )
    lower = np.ones(count + 1)
    lower[inner] = 0
    lower[-1] = part.count
    upper = np.full(count + 1, np.inf)
    upper[-1] = part.count
    ends = np.isinf(levels.step)  # nothing in reach is farther: not to be beyond this level
    return Model(
        cost=np.concatenate([np.zeros(sites), np.where(ends, 0, levels.step)]),
        lower=np.zeros(sites + count),
        upper=np.concatenate([np.ones(sites), np.where(ends, 0.0, 1.0)]),
        rows=matrix,
        row_lower=lower,
        row_upper=upper,
        integer=np.arange(sites + count) < sites,
    )


def _start(part: Part, levels: _Levels, best: Incumbent) -> Floats | None:
    chosen = np.isin(part.sites, best.sites)
    if chosen.sum() != part.count:
        return None
    nearest = np.minimum(part.costs[chosen].min(axis=0), part.caps)
    beyond = nearest[levels.demand] > levels.cost
    return np.concatenate([chosen, beyond]).astype(np.float64)
