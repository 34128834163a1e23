"""A part of the search that has become small, as one integer program.

Where each demand has one site and few pairs of demand and site are left, the program with its cuts
ends sooner than further branching.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geosvc.analysis.siting.capacity_plans import Loaded
from geosvc.analysis.siting.capacity_problem import ROOM
from geosvc.analysis.siting.highs import INFINITY, Model, Solver

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geosvc.analysis.siting.capacity_bound import Node
    from geosvc.analysis.siting.capacity_problem import CapacityProblem

    Integers = NDArray[np.int64]

SMALL: Final = 400
"""The most pairs of demand and site that are given to a program."""
LARGE_COST: Final = 1e6
"""Costs above this are scaled: the solver's tolerances are for numbers of a usual size."""
LIMIT_S: Final = 30.0


def is_small(problem: CapacityProblem, node: Node) -> bool:
    """Say whether a node is one for `finish`.

    >>> from geosvc.analysis.siting.capacity_bound import whole_tree
    >>> from geosvc.analysis.siting.capacity_problem import counted
    >>> problem = counted(np.ones((2, 2)), np.ones(2), np.ones(2), 2, fixed=np.empty(0, dtype=int))
    >>> is_small(problem, whole_tree(problem))  # demand may split
    False
    """
    if not problem.single_source:
        return False
    return int((node.allowed & ~node.out).sum()) <= SMALL


def finish(
    problem: CapacityProblem, node: Node, *, cutoff: float, seed: int, stop: Callable[[], bool]
) -> tuple[Loaded | None, bool]:
    """Find the best plan of a node that costs ``cutoff`` at most.

    Parameters
    ----------
    problem
        The whole problem, each demand with one site.
    node
        A part of its plans.
    cutoff
        Infinite if any plan will do.
    seed
        For the solver.
    stop
        Is asked now and then; True ends the work.

    Returns
    -------
    plan, is_done
        None and True when no such plan exists; False when the work was ended before the proof.

    Examples
    --------
    >>> from geosvc.analysis.siting.capacity_bound import whole_tree
    >>> from geosvc.analysis.siting.capacity_problem import counted
    >>> problem = counted(np.array([[1.0, 5.0], [1.0, 2.0]]), np.ones(2), np.ones(2), 2,
    ...                   fixed=np.empty(0, dtype=int), single_source=True)
    >>> root, options = whole_tree(problem), {"seed": 0, "stop": lambda: False}
    >>> plan, is_done = finish(problem, root, cutoff=np.inf, **options)
    >>> plan.value, plan.site.tolist(), is_done
    (3.0, [0, 1], True)
    >>> finish(problem, root, cutoff=2.5, **options)
    (None, True)
    """
    demand, site = np.nonzero(node.allowed & ~node.out)
    sites = np.flatnonzero(~node.out)
    model = _model(problem, node, (demand, site), cutoff)
    # heuristics are for values: here the proof is wanted
    settings: dict[str, str | float | bool] = {
        "mip_heuristic_effort": 0.0,
        "mip_allow_restart": False,
    }
    solver = Solver(model, seed=seed, options=settings)
    answer = solver.run(time_limit_s=LIMIT_S, progress=lambda _value, _bound: stop())
    if not len(answer.x):
        return None, answer.state == "infeasible"
    taken = answer.x[: len(demand)] > 0.5  # noqa: PLR2004 - of a zero or one
    opened = sites[answer.x[len(demand) :] > 0.5]  # noqa: PLR2004 - of a zero or one
    demand, site = demand[taken], site[taken]
    value = float(problem.cost[demand, site].sum())
    plan = Loaded(value, opened, demand, site, np.ones(len(demand)))
    if not _holds(problem, plan):
        return None, False
    return plan, answer.state == "optimal"


def _model(
    problem: CapacityProblem, node: Node, pairs: tuple[Integers, Integers], cutoff: float
) -> Model:
    """Write who is served where, under what is open; a pair also needs its site for itself."""
    demand, site = pairs
    sites = np.flatnonzero(~node.out)
    place, pair = np.searchsorted(sites, site), np.arange(len(demand))
    opened = len(pair) + np.arange(len(sites))
    load, count = len(problem.weights), len(problem.weights) + len(sites)
    each, last = count + 1 + pair, count + 1 + len(pair)
    cost = problem.cost[demand, site]
    scale = max(1.0, float(cost.max(initial=0.0)) / LARGE_COST)
    parts = [
        (demand, pair, np.ones(len(pair))),
        (load + place, pair, problem.weights[demand]),
        (load + np.arange(len(sites)), opened, -problem.capacities[sites, 0]),
        (np.full(len(sites), count), opened, np.ones(len(sites))),
        (each, pair, np.ones(len(pair))),
        (each, opened[place], -np.ones(len(pair))),
        (np.full(len(pair), last), pair, cost / scale),
    ]
    rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    size, number = len(pair) + len(sites), float(problem.count or 0)
    free = np.full(len(sites), -INFINITY), np.full(len(pair), -INFINITY)
    most = cutoff / scale if np.isfinite(cutoff) else INFINITY
    return Model(
        cost=np.concatenate([cost / scale, np.zeros(len(sites))]),
        lower=np.concatenate([np.zeros(len(pair)), node.must[sites] * 1.0]),
        upper=np.ones(size),
        rows=sparse.csr_array((values, (rows, columns)), shape=(last + 1, size)),
        row_lower=np.concatenate([np.ones(load), free[0], [number], free[1], [-INFINITY]]),
        row_upper=np.concatenate(
            [np.ones(load), np.zeros(len(sites)), [number], np.zeros(len(pair)), [most]]
        ),
        integer=np.ones(size, dtype=np.bool_),
    )


def _holds(problem: CapacityProblem, plan: Loaded) -> bool:
    """Say whether a plan obeys the capacities, whatever the solver's tolerances let pass."""
    load = np.bincount(plan.site, problem.weights[plan.demand], minlength=problem.sites)
    return bool((load <= problem.capacities[:, 0] * ROOM).all())
