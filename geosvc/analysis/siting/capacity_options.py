"""Options that are worth most together and hold all demand: a small integer program.

Each option has a worth (the least cost of the demand it would take, by the Lagrangian). What the
options cost or how many there are, and that their capacities hold the demand in all, is obeyed;
who is within whose reach is not looked at. So the total is a bound, and the options are a plan to
try.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geosvc.analysis.siting.capacity_problem import ROOM
from geosvc.analysis.siting.highs import INFINITY, Model, Solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.capacity_problem import CapacityProblem

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

LIMIT_S: Final = 2.0


def best_options(
    problem: CapacityProblem, worth: Floats, *, out: Booleans, must: Booleans, seed: int
) -> tuple[Integers, float]:
    """Return the options of least total worth that satisfy in all, and a bound on that total.

    Parameters
    ----------
    problem
        The whole problem.
    worth
        One an option, finite.
    out
        Options that are ruled out.
    must
        Sites that must be open.
    seed
        For the solver.

    Returns
    -------
    options, bound
        No options when none satisfy (the bound is infinite) or none were found in time.

    Examples
    --------
    >>> from geosvc.analysis.siting.capacity_problem import CapacityProblem
    >>> problem = CapacityProblem(cost=np.ones((1, 3)), weights=np.array([5.0]), count=2,
    ...     capacities=np.array([[1.0], [2.0], [4.0]]), fixed=np.zeros(3, dtype=bool))
    >>> none = np.zeros(3, dtype=bool)
    >>> best_options(problem, np.array([-9.0, -8.0, -1.0]), out=none, must=none, seed=0)
    (array([0, 2]), -10.0)
    >>> best_options(problem, np.zeros(3), out=~none, must=none, seed=0)
    (array([], dtype=int64), inf)
    """
    options = np.arange(problem.sites * problem.sizes)
    site = options // problem.sizes
    ones, sites = np.ones(len(options)), problem.sites
    price = ones if problem.prices is None else problem.prices.reshape(-1)
    limit = problem.budget if problem.count is None else float(problem.count)
    where = np.concatenate([site, 0 * site + sites, 0 * site + sites + 1])
    what = np.concatenate([ones, price, problem.capacities.reshape(-1)])
    scale = float(np.abs(worth).max(initial=0.0)) or 1.0
    model = Model(
        cost=worth / scale,
        lower=0 * ones,
        upper=np.where(out, 0.0, 1.0),
        rows=sparse.csr_array(
            (what, (where, np.tile(options, 3))), shape=(sites + 2, len(options))
        ),
        row_lower=np.concatenate(
            [must * 1.0, [0.0 if problem.count is None else limit, problem.weights.sum() / ROOM]]
        ),
        row_upper=np.concatenate([np.ones(sites), [limit, INFINITY]]),
        integer=ones > 0,
    )
    answer = Solver(model, seed=seed).run(time_limit_s=LIMIT_S)
    if answer.state == "infeasible":
        return options[:0], np.inf
    if not len(answer.x):
        return options[:0], -np.inf
    chosen = options[answer.x > 0.5]  # noqa: PLR2004 - of a zero or one
    return chosen, round(answer.bound * scale, 6)
