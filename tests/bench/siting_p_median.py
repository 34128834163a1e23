"""p-median beside spopt with HiGHS, where that is installed and can finish."""

from __future__ import annotations

import importlib.util
import os
import time
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.siting import SitingResult, p_median, p_median_curve
from tests.analysis.siting.reference import (
    FOLDER,
    SAN_FRANCISCO,
    county,
    pmed,
    pmed_like,
    published,
    san_francisco,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PEER_LIMIT_S: Final = float(os.environ.get("GEOSVC_BENCH_PEER_S", "60"))
"""How long the peer may solve: set 200 to let it finish where it can within that."""
BESIDE_PEER: Final = ("pmed1", "pmed5", "pmed6", "pmed11", "pmed16")
ABSENT: Final = "spopt not installed (make bench installs it)"
LARGE: Final = ((600, 5), (600, 200), (700, 70), (800, 10), (900, 5), (900, 10), (900, 90))


def rows(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what was measured, its figure, and what it stands beside."""
    if FOLDER.is_dir():
        yield from _library()
        yield _san_francisco()
        yield from _peers()
    yield from _large()
    yield _county()


def _timed(table: Floats, weights: Floats, p: int) -> tuple[SitingResult, float]:
    start = time.process_time()
    found = p_median(table, weights, p)
    return found, time.process_time() - start


def _library() -> Iterator[tuple[str, str, str]]:
    spent, proven = [], 0
    for name, optimum in published().items():
        table, p = pmed(name)
        found, seconds = _timed(table, np.ones(len(table)), p)
        spent.append(seconds)
        proven += found.status == "proven" and found.value == optimum
    of = f"{proven} of {len(spent)} proven with the published value"
    yield "p-median, pmed1-20, CPU s in all", f"{sum(spent):.2f}", f"target 40; {of}"
    yield "p-median, pmed1-20, CPU s at most", f"{max(spent):.2f}", "target 10"


def _san_francisco() -> tuple[str, str, str]:
    found, seconds = _timed(*san_francisco(), 4)
    off = abs(found.value - SAN_FRANCISCO)
    beside = f"target 0.5; {found.status}, off the published value by {off:.0e}"
    return "p-median, San Francisco, CPU s", f"{seconds:.3f}", beside


def _peers() -> Iterator[tuple[str, str, str]]:
    for name in BESIDE_PEER:
        table, p = pmed(name)
        _, seconds = _timed(table, np.ones(len(table)), p)
        yield f"p-median, {name}, CPU s", f"{seconds:.2f}", _peer(table, p, seconds)


def _peer(table: Floats, p: int, seconds: float) -> str:
    """Solve with spopt, building included, and say how many times as long it took."""
    if importlib.util.find_spec("spopt") is None:
        return ABSENT
    pulp = importlib.import_module("pulp")
    locate = importlib.import_module("spopt.locate")
    start = time.process_time()
    problem = locate.PMedian.from_cost_matrix(table, np.ones(len(table)), p_facilities=p)
    solver = pulp.HiGHS(msg=False, timeLimit=PEER_LIMIT_S, threads=1, gapRel=0.0)
    problem.problem.solve(solver)
    theirs = time.process_time() - start
    ended = problem.problem.sol_status == pulp.LpSolutionOptimal
    value = pulp.value(problem.problem.objective)
    said = "no value" if value is None else f"its value {value:.0f}"
    words = "" if ended else f", not finished in {PEER_LIMIT_S:g} s, {said}"
    more = "" if ended else "at least "
    return f"spopt {theirs:.1f} s: {more}{theirs / seconds:,.0f} x (target 100){words}"


def _large() -> Iterator[tuple[str, str, str]]:
    for nodes, p in LARGE:
        found, seconds = _timed(pmed_like(nodes), np.ones(nodes), p)
        yield f"p-median, n {nodes}, p {p}, CPU s", f"{seconds:.2f}", found.status


def _county() -> tuple[str, str, str]:
    table, weights = county()
    start = time.process_time()
    curve = p_median_curve(table, weights, range(1, 11), time_limit_s=120)
    seconds = time.process_time() - start
    gap = max(found.gap for found in curve)
    beside = f"target 30; largest gap {gap:.0e}"
    return "p-median, 20,000 x 300, p = 1..10, CPU s", f"{seconds:.1f}", beside
