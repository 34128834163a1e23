"""Branch and bound under capacity: sites first, then which site serves a demand.

The node of the lowest bound is split first, so that the bound of the whole rises with each node
and the proof needs the fewest. Each node proposes a plan from the sites that its Lagrangian opens.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geosvc.analysis.siting.capacity_bound import CHILD, ROOT, Effort, Node, tighten, whole_tree
from geosvc.analysis.siting.capacity_options import best_options
from geosvc.analysis.siting.capacity_plans import Loaded, any_plan, single_plan, split_plan
from geosvc.analysis.siting.capacity_problem import GUARD, SLACK
from geosvc.analysis.siting.capacity_program import finish, is_small
from geosvc.analysis.siting.capacity_swaps import Exchange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.siting.capacity_problem import CapacityProblem
    from geosvc.analysis.siting.watch import Watch

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]

LEAST_S = 0.5
"""What finding any plan may take when no time is left."""
EXACT_S = 1e6
"""A transport problem is solved to its end."""
PROMISING = 1.02
"""A plan is bettered by exchanges when its value is within this of the best."""
STARTS = 24
"""How often the best plan is changed by chance and bettered again."""


class Tree:
    """The search for the best plan and its proof.

    Parameters
    ----------
    problem
        What is to be decided.
    watch
        The time left, and who listens.
    gap
        The search may end when the bound is this close to the value, as a share of it.
    seed
        For the starts that are drawn, and the solver of integer programs.
    """

    def __init__(
        self, problem: CapacityProblem, watch: Watch, *, gap: float = 0.0, seed: int = 0
    ) -> None:
        self._problem, self._watch, self._gap, self._seed = problem, watch, gap, seed
        self._tried: set[bytes] = set()
        self._open: list[tuple[float, int, Node]] = []
        self._made = 0
        self._floor = problem.trivial_bound
        # a bound above what any plan could cost says that there is none
        self._worst = problem.worst * (1 + SLACK) + GUARD
        self.best: Loaded | None = None
        self._exchange = Exchange(problem, stop=self._stop, seed=seed)

    @property
    def value(self) -> float:
        """The cost of the best plan, infinite while there is none."""
        return np.inf if self.best is None else self.best.value

    @property
    def bound(self) -> float:
        """What no plan costs less than, never above the value."""
        lowest = min(self._open[0][0] if self._open else np.inf, self._cutoff())
        return min(self.value, self._problem.rounded(max(lowest, self._floor)))

    def search(self) -> bool:
        """Search until the proof or the end of the time; False if no plan can exist."""
        root = whole_tree(self._problem)
        self._push(root)
        self._propose(root)
        first = tighten(
            self._problem,
            root,
            value=self.value,
            cutoff=self._worst,
            effort=ROOT,
            stop=self._stop,
        )
        if first is None:
            return False
        first = replace(first, bound=self._propose(first))
        if np.isinf(first.bound):
            return False
        if self.best is None:
            left = max(LEAST_S, self._watch.left_s)
            plan, possible = any_plan(self._problem, time_limit_s=left, seed=self._seed)
            self._keep(plan)
            if not possible:
                return False
        self._open.clear()
        self._push(first)
        self._grow()
        return self.best is not None or bool(self._open)

    def _grow(self) -> None:
        # the root again: with a value known, its bound rules out most of the sites
        self._refine(Effort(ROOT.steps // 2, CHILD.length, CHILD.patience))
        if self._open and not self._problem.single_source and self._restart(self._open[0][2]):
            self._refine(Effort(ROOT.steps // 2, CHILD.length, CHILD.patience))
        while self._open and not self._stop(self._open[0][0]):
            if self._open[0][0] > self._cutoff():
                self._open.clear()
                return
            self._split(heapq.heappop(self._open)[2])

    def _refine(self, effort: Effort) -> None:
        node = heapq.heappop(self._open)[2]
        self._visit(node, effort)

    def _split(self, node: Node) -> None:
        if is_small(self._problem, node) and self._finished(node):
            return
        parts = self._parts(node)
        if not parts:
            self._settle(node)
        while parts:
            if self._stop():
                for part in parts:
                    self._push(part)
                return
            self._visit(parts.pop(), CHILD)

    def _finished(self, node: Node) -> bool:
        """Search a node to its end by a program; say whether that came to an end."""
        plan, is_done = finish(
            self._problem, node, cutoff=self._cutoff(), seed=self._seed, stop=self._stop
        )
        self._keep(plan)
        return is_done

    def _visit(self, node: Node, effort: Effort) -> None:
        found = tighten(
            self._problem,
            node,
            value=self.value,
            cutoff=self._cutoff(),
            effort=effort,
            stop=lambda _: self._stop(),
        )
        if found is not None:
            bound = self._propose(found)
            if np.isfinite(bound):
                self._push(replace(found, bound=bound))

    def _push(self, node: Node) -> None:
        self._made += 1
        heapq.heappush(self._open, (node.bound, self._made, node))

    def _cutoff(self) -> float:
        return self._problem.cutoff(self.value, self._gap) if self.best else self._worst

    def _stop(self, bound: float = -np.inf) -> bool:
        """Say whether to stop; a bound on all plans is remembered, and told."""
        self._floor = max(self._floor, bound)
        return self._watch.stop(self.value, min(self.value, self._worst, self._floor))

    def _keep(self, plan: Loaded | None) -> None:
        if plan is not None and plan.value < self.value:
            self.best = plan

    def _propose(self, node: Node) -> float:
        """Try the best options by the node's Lagrangian; return a bound on the node."""
        options, bound = self._likely(node)
        key = options.tobytes()
        if key in self._tried or not len(options):
            return bound
        self._tried.add(key)
        if self._problem.single_source:
            self._keep(single_plan(self._problem, options))
        else:
            self._better(split_plan(self._problem, options, time_limit_s=EXACT_S))
        return bound

    def _better(self, plan: Loaded | None) -> None:
        """Exchange sites of a plan that is about as good as the best."""
        if plan is not None and plan.value < PROMISING * self.value:
            plan = self._exchange.descend(plan)
        self._keep(plan)

    def _restart(self, node: Node) -> bool:
        """Better the best plan from starts that are drawn; say whether it did."""
        before = self.value
        likely = np.where(node.out, -1.0, node.opened)
        for start in range(STARTS):
            if self.best is None or self._stop():
                break
            self._keep(self._exchange.restart(self.best, likely, anew=start % 4 == 0))
        return self.value < before

    def _likely(self, node: Node) -> tuple[Integers, float]:
        problem = self._problem
        if problem.count is not None:
            liked = np.where(node.out, np.inf, np.where(node.must, -np.inf, node.worth))
            options = np.sort(np.argsort(liked, kind="stable")[: problem.count])
            if problem.capacities[options].sum() >= problem.weights.sum():
                return options, node.bound
        options, total = best_options(
            problem, node.worth, out=node.out, must=node.must, seed=self._seed
        )
        demand = float(node.multipliers.sum()) if problem.prices is not None else -np.inf
        return options, max(node.bound, demand + total)

    def _parts(self, node: Node) -> list[Node]:
        """Split a node in two, the likelier part last; nothing when all is decided."""
        problem = self._problem
        out, must = node.out.reshape(problem.sites, -1), node.must
        open_to = ~out & ~(must & (out.sum(axis=1) == problem.sizes - 1))[:, None]
        if problem.count is not None:
            open_to &= ~must[:, None]
        undecided = np.flatnonzero(open_to)
        if len(undecided):
            return _by_option(problem, node, int(undecided[node.opened[undecided].argmax()]))
        if problem.single_source:
            return _by_demand(problem, node)
        return []

    def _settle(self, node: Node) -> None:
        """Finish a node in which all is decided."""
        problem = self._problem
        if not problem.single_source:
            kept = node.must[np.arange(len(node.out)) // problem.sizes]
            options = np.flatnonzero(~node.out & kept)
            if options.tobytes() not in self._tried:
                self._keep(split_plan(problem, options, time_limit_s=EXACT_S))
            return
        sites, demand = np.flatnonzero(node.must), np.arange(len(problem.weights))
        site = node.allowed.argmax(axis=1)
        load = np.bincount(site, problem.weights, minlength=problem.sites)
        if (load <= problem.capacities[:, 0] * (1 + 1e-9)).all():
            value = float(problem.cost[demand, site].sum())
            self._keep(Loaded(value, sites, demand, site, np.ones(len(demand))))


def _by_option(problem: CapacityProblem, node: Node, option: int) -> list[Node]:
    site = option // problem.sizes
    without, others, must = node.out.copy(), node.out.copy(), node.must.copy()
    without[option] = True
    others[site * problem.sizes : (site + 1) * problem.sizes] = True
    others[option] = node.out[option]
    must[site] = True
    parts = [replace(node, out=without), replace(node, out=others, must=must)]
    shut = node.must[site] and without.reshape(problem.sites, -1)[site].all()
    return parts[1:] if shut else parts


def _by_demand(problem: CapacityProblem, node: Node) -> list[Node]:
    """Give a demand to its likeliest site, or keep it from there."""
    choices = node.allowed.sum(axis=1)
    torn = np.flatnonzero(choices > 1)
    if not len(torn):
        return []
    loads = np.where(node.allowed, node.loads, 0.0)[torn]
    most = loads.max(axis=1) / np.maximum(loads.sum(axis=1), 1e-9)
    weight = problem.weights[torn]
    one = int(torn[(most - 0.2 * weight / weight.max()).argmin()])
    likely = np.where(node.allowed[one], node.loads[one] - 1e-9 * problem.cost[one], -np.inf)
    site = int(likely.argmax())
    given, kept = node.allowed.copy(), node.allowed.copy()
    given[one] = False
    given[one, site] = True
    kept[one, site] = False
    return [replace(node, allowed=kept), replace(node, allowed=given)]
