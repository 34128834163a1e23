"""Linear and integer programs for HiGHS: sparse matrices in, checked states and true bounds out.

Every run uses one thread and a given seed, so that it can be repeated, and asks for a gap of
zero: the default of HiGHS, 1e-4, would let a value of a billion be wrong by 100,000.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import highspy
import numpy as np

from geosvc.analysis.siting.watch import PROGRESS_S

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array

    from geosvc.analysis.siting.result import Progress

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

INFINITY: Final = float(highspy.kHighsInf)
NAME: Final = f"HiGHS {version('highspy')}"

State: TypeAlias = Literal["optimal", "infeasible", "stopped"]

_STATUS: Final = highspy.HighsModelStatus
_INFEASIBLE: Final = {_STATUS.kInfeasible, _STATUS.kUnboundedOrInfeasible}
_EVENT: Final = highspy.cb.HighsCallbackType


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A program: ``cost @ x`` to minimize (or maximize) under bounds of columns and rows.

    ``rows`` is the matrix of the constraints, ``row_lower <= rows @ x <= row_upper``; columns must
    be bounded so that no program is unbounded. ``integer`` marks the columns that take whole
    numbers; none if it is missing.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    rows: csr_array
    row_lower: Floats
    row_upper: Floats
    integer: Booleans | None = None
    maximize: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run found.

    ``x`` is empty and ``value`` NaN when no feasible point is known. ``bound`` holds for every
    feasible point (infinite on the safe side when nothing is known). ``reduced`` (one a column) and
    ``duals`` (one a row) are given for a linear program that was solved, else empty.
    """

    state: State
    x: Floats
    value: float
    bound: float
    reduced: Floats
    duals: Floats


class Solver:
    """A model inside HiGHS, to be run, cut and run again.

    A second run of a linear program starts where the first ended. A run of an integer program
    starts anew, from ``start`` if given.

    Parameters
    ----------
    model
        The program.
    seed
        For the random choices of HiGHS.
    options
        Further options of HiGHS by name.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> one, two = np.ones(1), np.ones(2)
    >>> model = Model(cost=two, lower=0 * two, upper=two, rows=csr_array([[2.0, 2.0]]),
    ...               row_lower=one, row_upper=4 * one)
    >>> solver = Solver(model)
    >>> solver.run(time_limit_s=10).value
    0.5
    >>> solver.make_integer([0, 1])
    >>> answer = solver.run(time_limit_s=10)
    >>> answer.state, answer.value, answer.bound
    ('optimal', 1.0, 1.0)
    >>> solver.set_bounds([0, 1], [0, 0], [0, 0])
    >>> solver.run(time_limit_s=10).state
    'infeasible'
    """

    def __init__(
        self, model: Model, *, seed: int = 0, options: dict[str, str | float | bool] | None = None
    ) -> None:
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]  # its only untyped call
        self._sign = -1.0 if model.maximize else 1.0
        self._columns = len(model.cost)
        self._integer = model.integer is not None and bool(model.integer.any())
        settings: dict[str, str | float | bool] = {
            "output_flag": False,
            "threads": 1,
            "random_seed": seed % 2**31,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": 0.0,
        }
        for name, value in (settings | (options or {})).items():
            self._highs.setOptionValue(name, value)
        self._highs.passModel(_program(model))

    def add_rows(self, rows: csr_array, lower: ArrayLike, upper: ArrayLike) -> None:
        """Add constraints ``lower <= rows @ x <= upper``."""
        self._highs.addRows(
            rows.shape[0],
            np.asarray(lower, dtype=np.float64),
            np.asarray(upper, dtype=np.float64),
            rows.nnz,
            rows.indptr[:-1].astype(np.int32),
            rows.indices.astype(np.int32),
            rows.data.astype(np.float64),
        )

    def set_bounds(self, columns: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        """Change the bounds of some columns."""
        which = np.asarray(columns, dtype=np.int32)
        low = np.asarray(lower, dtype=np.float64)
        self._highs.changeColsBounds(len(which), which, low, np.asarray(upper, dtype=np.float64))

    def make_integer(self, columns: ArrayLike) -> None:
        """Let some columns take whole numbers only."""
        which = np.asarray(columns, dtype=np.int32)
        kind = np.full(len(which), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self._highs.changeColsIntegrality(len(which), which, kind)
        self._integer = self._integer or len(which) > 0

    def run(
        self,
        *,
        time_limit_s: float,
        gap: float = 0.0,
        start: Floats | None = None,
        progress: Progress | None = None,
    ) -> Answer:
        """Solve, or go on for ``time_limit_s`` seconds at most.

        Parameters
        ----------
        time_limit_s
            Seconds; nothing is run when it is not above 0.
        gap
            An integer program may end when its bound is this close, as a share of the value.
        start
            A feasible point of an integer program, one number a column.
        progress
            Hears value and bound (both infinite while a linear program runs); True stops the run.

        Returns
        -------
        answer
            With the state "stopped" when time, ``gap`` or ``progress`` ended the run.
        """
        if time_limit_s <= 0:
            return self._unknown()
        self._highs.setOptionValue("mip_rel_gap", gap)
        # HiGHS counts the time of a linear program over all runs, of an integer program anew
        spent = 0.0 if self._integer else self._highs.getRunTime()
        self._highs.setOptionValue("time_limit", spent + time_limit_s)
        if start is not None and self._integer:
            solution = highspy.HighsSolution()
            solution.col_value = start.tolist()
            self._highs.setSolution(solution)
        listener = _Listener(progress, self._sign) if progress else None
        kind = _EVENT.kCallbackMipInterrupt if self._integer else _EVENT.kCallbackSimplexInterrupt
        event = self._highs.callbacks[int(kind)]
        if listener:
            event += listener
        try:
            self._highs.run()
        finally:
            if listener:
                event -= listener
        return self._answer(proven_by_gap=gap)

    def _answer(self, *, proven_by_gap: float) -> Answer:
        status = self._highs.getModelStatus()
        if status in _INFEASIBLE:
            nothing = np.empty(0)
            return Answer("infeasible", nothing, math.nan, math.nan, nothing, nothing)
        solution, info = self._highs.getSolution(), self._highs.getInfo()
        ended = status == _STATUS.kOptimal
        if not self._integer:
            return self._linear(solution, info) if ended else self._unknown()
        bound = info.mip_dual_bound
        known = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        x = np.array(solution.col_value) if known else np.empty(0)
        value = info.objective_function_value if known else math.nan
        closed = ended and not proven_by_gap
        return Answer(
            "optimal" if closed else "stopped",
            x,
            value,
            bound if math.isfinite(bound) else -self._sign * math.inf,
            np.empty(0),
            np.empty(0),
        )

    def _linear(self, solution: highspy.HighsSolution, info: highspy.HighsInfo) -> Answer:
        value = info.objective_function_value
        reduced, duals = np.array(solution.col_dual), np.array(solution.row_dual)
        return Answer("optimal", np.array(solution.col_value), value, value, reduced, duals)

    def _unknown(self) -> Answer:
        nothing = np.empty(0)
        bound = -self._sign * math.inf
        return Answer("stopped", nothing, math.nan, bound, nothing, nothing)


class _Listener:
    """Tells the caller of a run how far it is, and the run when to stop."""

    def __init__(self, progress: Progress, sign: float) -> None:
        self._progress, self._sign = progress, sign
        self._told = time.monotonic()

    def __call__(self, event: highspy.HighsCallbackEvent) -> None:
        event.interrupt(interrupt_value=False)  # HiGHS remembers the stop of an earlier run
        if time.monotonic() - self._told < PROGRESS_S:
            return
        self._told = time.monotonic()
        value, bound = self._sign * math.inf, -self._sign * math.inf
        if event.callback_type == _EVENT.kCallbackMipInterrupt:
            out = event.data_out
            value = out.mip_primal_bound if math.isfinite(out.mip_primal_bound) else value
            bound = out.mip_dual_bound if math.isfinite(out.mip_dual_bound) else bound
        if self._progress(value, bound):
            event.interrupt()


def _program(model: Model) -> highspy.HighsLp:
    rows = model.rows
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = rows.shape
    program.sense_ = highspy.ObjSense.kMaximize if model.maximize else highspy.ObjSense.kMinimize
    program.col_cost_, program.col_lower_, program.col_upper_ = model.cost, model.lower, model.upper
    program.row_lower_, program.row_upper_ = model.row_lower, model.row_upper
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = rows.indptr.astype(np.int32)
    program.a_matrix_.index_ = rows.indices.astype(np.int32)
    program.a_matrix_.value_ = rows.data.astype(np.float64)
    if model.integer is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        program.integrality_ = [kinds[whole] for whole in model.integer.tolist()]
    return program
