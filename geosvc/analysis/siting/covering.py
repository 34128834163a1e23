"""How much a number of sites can cover, and how many sites cover all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting.check import Plan, check_covering, check_set_covering
from geosvc.analysis.siting.cover_proof import CoverProof
from geosvc.analysis.siting.coverage import Coverage, filled, pattern
from geosvc.analysis.siting.highs import NAME
from geosvc.analysis.siting.inputs import demand_weights, open_sites
from geosvc.analysis.siting.result import Allocation, SitingResult, infeasible, status_of
from geosvc.analysis.siting.set_cover import smallest_cover
from geosvc.analysis.siting.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array

    from geosvc.analysis.siting.inputs import Matrix
    from geosvc.analysis.siting.result import Progress

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SOLVER: Final = f"exchange, first-order relaxation, {NAME}"
SET_SOLVER: Final = f"domination, {NAME}"


def maximal_covering(  # noqa: PLR0913 - names of the issue
    covers: Matrix,
    weights: ArrayLike,
    p: int,
    *,
    fixed: Sequence[int] | Integers = (),
    time_limit_s: float = 60,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> SitingResult:
    """Choose the p sites that cover the largest weight.

    Parameters
    ----------
    covers
        Demand x candidates, nonzero where a site would cover the demand.
    weights
        One a demand point, at least 0.
    p
        How many sites, the fixed ones included.
    fixed
        Candidates that must be open.
    time_limit_s
        Seconds after which the best so far is returned with its bound.
    gap
        A gap, as a share of the value, that is good enough.
    seed
        For the random part of the search.
    progress
        Hears value and bound about once a second; True stops.

    Returns
    -------
    result
        ``value`` is the weight covered. Each covered demand is allotted to the first open site
        that covers it.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, ``p`` is not 1 to the number of candidates, or
        ``fixed`` names what is no candidate or more than p.

    References
    ----------
    Church, R. and ReVelle, C. (1974), The maximal covering location problem, Papers of the Regional
    Science Association 32, 101-118.

    Examples
    --------
    >>> covers = [[1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1]]
    >>> found = maximal_covering(covers, [3, 1, 2, 3, 2], 2)
    >>> found.status, found.sites.tolist(), found.value, found.bound
    ('proven', [1, 2], 10.0, 10.0)
    >>> maximal_covering(np.empty((0, 3)), [], 1).value
    0.0
    """
    watch = Watch(time_limit_s, progress)
    table = pattern(covers)
    weight = demand_weights(weights, table.shape[0])
    wanted = open_sites(fixed, table.shape[1], p=p)
    taken = np.zeros(table.shape[1], dtype=np.bool_)
    taken[wanted] = True
    cover = Coverage.of(table, weight, p).reduced(~taken, taken)
    proof = CoverProof(cover, watch, gap=gap, seed=seed)
    proof.run()
    sites = filled(proof.sites, p, candidates=table.shape[1])
    allocation = first_cover(table, weight, sites)
    plan = Plan(sites, allocation)
    value = check_covering(table, weight, p, plan=plan, fixed=wanted.tolist())
    bound = max(value, proof.bound)
    status = status_of(value, bound)
    return SitingResult(status, sites, allocation, value, bound, watch.seconds, SOLVER)


def set_covering(
    covers: Matrix,
    *,
    fixed: Sequence[int] | Integers = (),
    time_limit_s: float = 60,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> SitingResult:
    """Choose the fewest sites that cover all demand.

    Parameters
    ----------
    covers
        Demand x candidates, nonzero where a site would cover the demand.
    fixed
        Candidates that must be open.
    time_limit_s
        Seconds after which the best so far is returned with its bound.
    gap
        Allowed for the sake of likeness: the smallest number is sought whatever it is.
    seed
        For HiGHS.
    progress
        Hears value and bound about once a second; True stops.

    Returns
    -------
    result
        ``value`` is the number of sites; each demand is allotted, with amount 1, to the first open
        site that covers it. The status is "infeasible" if a demand point has no candidate.

    Raises
    ------
    ValueError
        If ``fixed`` names what is no candidate.

    References
    ----------
    Toregas, C., Swain, R., ReVelle, C. and Bergman, L. (1971), The location of emergency service
    facilities, Operations Research 19, 1363-1373.

    Examples
    --------
    >>> found = set_covering([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    >>> found.status, found.value, found.bound, found.sites.tolist()
    ('proven', 2.0, 2.0, [0, 1])
    >>> set_covering([[1, 0], [0, 0]]).status
    'infeasible'
    """
    del gap
    watch = Watch(time_limit_s, progress)
    table = pattern(covers)
    wanted = open_sites(fixed, table.shape[1], p=None)
    if (np.diff(table.indptr) == 0).any():
        return infeasible(seconds=watch.seconds, solver=SET_SOLVER)
    found = smallest_cover(table, wanted, watch, seed=seed)
    sites = wanted if found.sites is None else found.sites
    allocation = first_cover(table, np.ones(table.shape[0]), sites)
    plan = Plan(sites, allocation)
    value = check_set_covering(table, plan=plan, fixed=wanted.tolist())
    bound = min(value, float(found.bound))
    status = status_of(value, bound)
    return SitingResult(status, sites, allocation, value, bound, watch.seconds, SET_SOLVER)


def first_cover(covers: csr_array, weights: Floats, sites: Integers) -> Allocation:
    """Allot each covered demand of any weight to the first of the sites that covers it.

    Examples
    --------
    >>> table = pattern([[0, 1], [1, 1], [1, 0]])
    >>> first_cover(table, np.array([2.0, 3.0, 0.0]), np.array([0, 1])).site.tolist()
    [1, 0]
    """
    is_open = np.zeros(covers.shape[1], dtype=np.bool_)
    is_open[sites] = True
    hits = np.flatnonzero(is_open[covers.indices])
    row = np.searchsorted(covers.indptr, hits, side="right") - 1
    demand, at = np.unique(row, return_index=True)
    site = covers.indices[hits[at]]
    served = weights[demand] > 0
    demand = demand[served]
    return Allocation.of(demand, site[served], weights[demand])
