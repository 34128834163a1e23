"""The sites that make the longest way to the nearest of them shortest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geosvc.analysis.siting.check import Plan, check_p_center
from geosvc.analysis.siting.coverage import filled, pattern
from geosvc.analysis.siting.highs import NAME
from geosvc.analysis.siting.inputs import dense_distances, open_sites
from geosvc.analysis.siting.result import Allocation, SitingResult, infeasible, status_of
from geosvc.analysis.siting.set_cover import smallest_cover
from geosvc.analysis.siting.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geosvc.analysis.siting.inputs import Matrix
    from geosvc.analysis.siting.result import Progress

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SOLVER: Final = f"bisection of covering radii, {NAME}"


def p_center(  # noqa: PLR0913 - names of the issue
    distances: Matrix,
    p: int,
    *,
    fixed: Sequence[int] | Integers = (),
    time_limit_s: float = 60,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> SitingResult:
    """Choose the p sites with the shortest longest distance from demand to the nearest site.

    Parameters
    ----------
    distances
        Demand x candidates, infinite (or absent from a sparse matrix) where out of reach.
    p
        How many sites, the fixed ones included.
    fixed
        Candidates that must be open.
    time_limit_s
        Seconds after which the best so far is returned with its bound.
    gap
        A gap, as a share of the value, that is good enough.
    seed
        For HiGHS.
    progress
        Hears value and bound about once a second; True stops.

    Returns
    -------
    result
        ``value`` is the longest distance; each demand is allotted, with amount 1, to its nearest
        site. The status is "infeasible" if no p sites reach all demand. If the time ends before any
        p sites that do are found, the status is "heuristic", with all infinite and no allocation.

    Raises
    ------
    ValueError
        If a distance is negative or NaN, ``p`` is not 1 to the number of candidates, or ``fixed``
        names what is no candidate or more than p.

    References
    ----------
    Minieka, E. (1970), The m-center problem, SIAM Review 12, 138-139: the radii to try are the
    distances, and each try is a set covering. Chen, D. and Chen, R. (2009), New relaxation-based
    algorithms for the optimal solution of the continuous and discrete p-center problems, Computers
    and Operations Research 36, 1646-1655: few demand points decide it.

    Examples
    --------
    >>> found = p_center([[0, 4, 9], [4, 0, 5], [9, 5, 0]], 2)
    >>> found.status, found.value, found.bound, found.sites.tolist()
    ('proven', 4.0, 4.0, [0, 2])
    >>> p_center([[1.0, np.inf], [np.inf, 1.0]], 1).status
    'infeasible'
    """
    watch = Watch(time_limit_s, progress)
    table = dense_distances(distances)
    wanted = open_sites(fixed, table.shape[1], p=p)
    search = _Radii(table, p, wanted)
    search.run(watch, gap=gap, seed=seed)
    if search.is_impossible:
        return infeasible(seconds=watch.seconds, solver=SOLVER)
    return _result(table, p, search, watch)


_JOINING: Final = 8  # demand points that join the critical ones at once, at least


class _Radii:
    """Bisects the distances between a radius too short for p sites and one that is enough."""

    def __init__(self, table: Floats, p: int, fixed: Integers) -> None:
        self._table, self._p, self.fixed = table, p, fixed
        nearest = table.min(axis=1, initial=math.inf)
        self.bound = float(nearest.max(initial=0.0))
        """No p sites have a shorter radius."""
        self.is_impossible = math.isinf(self.bound)
        distinct = np.unique(table[np.isfinite(table) & (table >= self.bound)])
        self._left = distinct if len(table) else np.zeros(1)
        self._critical: list[int] = []
        self.sites = self._spread()
        """The best sites so far."""
        reach = table[:, self.sites].min(axis=1, initial=math.inf)
        self.value = float(reach.max(initial=0.0))
        """Their radius."""

    def run(self, watch: Watch, *, gap: float, seed: int) -> None:
        """Close in until one radius is left, the gap is small enough, or the watch says stop."""
        if self.is_impossible:
            return
        self._left = self._left[self._left <= self.value]
        while self.value > self.bound * (1 + gap) and not watch.stop(self.value, self.bound):
            # a try with no site in reach of all shows whether there is any answer
            middle = len(self._left) - 1 if math.isinf(self.value) else (len(self._left) - 1) // 2
            if not self._try(middle, watch, seed):
                return

    def _try(self, middle: int, watch: Watch, seed: int) -> bool:
        """Ask whether p sites have this radius; return whether the answer came in time.

        Few demand points decide: a plan is sought for those met so far, and where it leaves others
        out, the worst of them join.
        """
        radius = float(self._left[middle])
        while watch.left_s > 0:
            covers = pattern(sparse.csr_array(self._table[self._critical] <= radius))
            found = smallest_cover(
                covers,
                self.fixed,
                watch,
                most=self._p,
                seed=seed,
                progress=lambda *_: watch.stop(self.value, self.bound),
            )
            if found.bound > self._p:
                self._raise(middle)
                return not self.is_impossible
            if found.sites is None or len(found.sites) > self._p:
                return False
            if self._offer(found.sites) <= radius:
                return True
        return False

    def _raise(self, middle: int) -> None:
        """Note that no p sites have the radius of this place."""
        self._left = self._left[middle + 1 :]
        self.is_impossible = len(self._left) == 0
        self.bound = self.value if self.is_impossible else float(self._left[0])

    def _offer(self, some: Integers) -> float:
        """Keep a plan if it is the best so far, note whom it serves worst, return its radius."""
        sites = filled(some, self._p, candidates=self._table.shape[1])
        reach = self._table[:, sites].min(axis=1, initial=math.inf)
        radius = float(reach.max(initial=0.0))
        if radius < self.value:
            self.sites, self.value = sites, radius
            self._left = self._left[self._left <= radius]
            self.bound = float(self._left[0])
        for _ in range(max(self._p, _JOINING)):
            worst = int(reach.argmax())
            self._critical.append(worst)
            # the next to join is far from this one, too
            near = self._table[:, self._table[worst].argmin()]
            reach = np.minimum(reach, near)
        return radius

    def _spread(self) -> Integers:
        """Open, again and again, the site nearest to the demand that is farthest from any."""
        sites = self.fixed.tolist()
        reach = self._table[:, sites].min(axis=1, initial=math.inf)
        while len(sites) < self._p and len(reach) and reach.max() > 0:
            self._critical.append(int(reach.argmax()))
            nearest = int(self._table[self._critical[-1]].argmin())
            if nearest in sites:
                break
            sites.append(nearest)
            reach = np.minimum(reach, self._table[:, nearest])
        return filled(np.array(sites, dtype=np.int64), self._p, candidates=self._table.shape[1])


def _result(table: Floats, p: int, search: _Radii, watch: Watch) -> SitingResult:
    sites, bound = search.sites, search.bound
    if math.isinf(search.value):
        nobody = Allocation.of()
        return SitingResult("heuristic", sites, nobody, math.inf, -math.inf, watch.seconds, SOLVER)
    nearest = sites[table[:, sites].argmin(axis=1)]
    allocation = Allocation.of(np.arange(len(table)), nearest, np.ones(len(table)))
    value = check_p_center(table, p, plan=Plan(sites, allocation), fixed=search.fixed.tolist())
    bound = min(bound, value)
    status = status_of(value, bound)
    return SitingResult(status, sites, allocation, value, bound, watch.seconds, SOLVER)
