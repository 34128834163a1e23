from __future__ import annotations

import math
import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geosvc.analysis.siting import highs
from geosvc.analysis.siting.highs import INFINITY, Model, Solver


def matrix(rows: list[list[float]]) -> csr_array:
    return csr_array(np.array(rows))


def cover_model(sets: csr_array, cost: list[int], *, integer: bool = True) -> Model:
    rows, columns = sets.shape
    return Model(
        cost=np.array(cost, dtype=float),
        lower=np.zeros(columns),
        upper=np.ones(columns),
        rows=sets,
        row_lower=np.ones(rows),
        row_upper=np.full(rows, INFINITY),
        integer=np.full(columns, integer),
    )


def hard_model(*, integer: bool = True) -> Model:
    random = np.random.default_rng(0)
    sets = (random.random((400, 200)) < 0.03).astype(float)
    sets[~sets.any(axis=1), 0] = 1.0
    return cover_model(csr_array(sets), random.integers(50, 100, 200).tolist(), integer=integer)


def large_linear() -> Model:
    random = np.random.default_rng(1)
    sets = (random.random((700, 500)) < 0.03).astype(float)
    return cover_model(csr_array(sets), random.integers(50, 100, 500).tolist(), integer=False)


SETS = st.lists(st.sets(st.integers(0, 4), min_size=1), min_size=1, max_size=6)


@given(SETS, st.lists(st.integers(0, 9), min_size=5, max_size=5), st.booleans())
def test_the_best_of_all_choices_is_found(
    sets: list[set[int]], cost: list[int], maximize: object
) -> None:
    dense = np.array([[float(j in each) for j in range(5)] for each in sets])
    model = cover_model(csr_array(dense), cost)
    if maximize:  # a packing: no set may be hit twice
        model = Model(
            cost=model.cost,
            lower=model.lower,
            upper=model.upper,
            rows=model.rows,
            row_lower=np.zeros(len(sets)),
            row_upper=model.row_lower,
            integer=model.integer,
            maximize=True,
        )
    hits = {choice: dense @ np.array(choice) for choice in product((0, 1), repeat=5)}
    allowed = [
        float(np.dot(cost, choice))
        for choice, hit in hits.items()
        if ((hit <= 1).all() if maximize else (hit >= 1).all())
    ]
    answer = Solver(model).run(time_limit_s=20)
    assert answer.state == "optimal"
    assert answer.value == pytest.approx(max(allowed) if maximize else min(allowed))
    assert answer.bound == pytest.approx(answer.value)
    assert answer.x @ model.cost == pytest.approx(answer.value)


def test_a_linear_program_gives_reduced_costs_and_duals() -> None:
    model = cover_model(matrix([[1.0, 1.0]]), [2, 3], integer=False)
    answer = Solver(model).run(time_limit_s=20)
    assert answer.x.tolist() == [1.0, 0.0]
    assert answer.duals.tolist() == [3.0] or answer.duals.tolist() == [2.0]
    assert answer.reduced == pytest.approx(model.cost - answer.duals[0])


def test_cuts_and_bounds_change_the_next_run() -> None:
    solver = Solver(cover_model(matrix([[1.0, 1.0, 1.0]]), [1, 2, 4], integer=False))
    assert solver.run(time_limit_s=20).value == 1.0
    solver.add_rows(matrix([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]), [-INFINITY, 0.5], [0.0, 2.0])
    assert solver.run(time_limit_s=20).value == 2.0
    solver.make_integer([1])
    solver.set_bounds([1], [0.0], [0.9])
    answer = solver.run(time_limit_s=20)
    assert (answer.state, answer.value) == ("optimal", 4.0)
    assert len(answer.reduced) == 0
    solver.set_bounds([2], [0.0], [0.1])
    lost = solver.run(time_limit_s=20)
    assert lost.state == "infeasible"
    assert math.isnan(lost.value)


def test_no_time_gives_no_point_and_the_safe_bound() -> None:
    for maximize, bound in ((False, -math.inf), (True, math.inf)):
        model = hard_model()
        model = Model(
            cost=model.cost,
            lower=model.lower,
            upper=model.upper,
            rows=model.rows,
            row_lower=model.row_lower,
            row_upper=model.row_upper,
            maximize=maximize,
        )
        answer = Solver(model).run(time_limit_s=0.0)
        assert answer.state == "stopped"
        assert len(answer.x) == 0
        assert answer.bound == bound


def test_a_limit_counts_anew_for_each_run() -> None:
    solver = Solver(hard_model())
    known = 9999.0
    for _ in range(2):
        began = time.monotonic()
        answer = solver.run(time_limit_s=0.4)
        assert time.monotonic() - began >= 0.3
        assert answer.state == "stopped"
        assert answer.bound < answer.value <= known
        known = answer.value


def test_a_linear_program_that_ran_out_of_time_goes_on() -> None:
    solver = Solver(large_linear())
    first = solver.run(time_limit_s=0.002)
    assert (first.state, first.bound) == ("stopped", -math.inf)
    assert solver.run(time_limit_s=60).state == "optimal"


def test_a_start_is_used() -> None:
    model = hard_model()
    start = np.ones(200)
    answer = Solver(model, options={"presolve": "off"}).run(time_limit_s=0.02, start=start)
    assert answer.value <= start @ model.cost
    assert answer.bound <= answer.value


@pytest.mark.parametrize("integer", [0, 1])
def test_progress_is_heard_and_stops_a_run(monkeypatch: pytest.MonkeyPatch, integer: int) -> None:
    monkeypatch.setattr(highs, "PROGRESS_S", 0.0)
    heard: list[tuple[float, float]] = []

    def listen(value: float, bound: float) -> bool:
        heard.append((value, bound))
        return True

    solver = Solver(hard_model() if integer else large_linear())
    answer = solver.run(time_limit_s=60, progress=listen)
    assert answer.state == "stopped"
    assert len(heard) == 1
    assert heard[0][0] > heard[0][1]
    again = solver.run(time_limit_s=0.2 if integer else 60, progress=lambda *_: False)
    assert again.state == ("stopped" if integer else "optimal")


def test_a_gap_ends_early_with_a_true_bound() -> None:
    answer = Solver(hard_model()).run(time_limit_s=60, gap=0.9)
    assert answer.state == "stopped"
    assert 0.1 * answer.value <= answer.bound < answer.value
