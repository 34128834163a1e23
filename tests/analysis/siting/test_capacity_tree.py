from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.siting import capacity_program, capacity_tree, watch
from geosvc.analysis.siting.capacity_problem import CapacityProblem, counted
from geosvc.analysis.siting.capacity_tree import Tree
from geosvc.analysis.siting.watch import Watch


def problem(*, single: bool, room: float = 7.0) -> CapacityProblem:
    random = np.random.default_rng(5)
    weights = random.integers(1, 4, 12).astype(np.float64)
    return CapacityProblem(
        cost=random.integers(1, 50, (12, 8)) * weights[:, None],
        weights=weights,
        capacities=np.full((8, 1), room),
        fixed=np.zeros(8, dtype=bool),
        count=4,
        single_source=single,
        whole=True,
    )


@pytest.mark.parametrize(("single", "small"), [(False, 0), (True, 0), (True, 40)])
def test_a_search_ends_with_value_and_bound_in_one(
    single: bool,  # noqa: FBT001 - a parameter of the test
    small: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capacity_program, "SMALL", small)
    tree = Tree(problem(single=single), Watch(1e6))
    assert tree.search()
    assert tree.best is not None
    assert tree.bound == pytest.approx(tree.value)
    assert len(tree.best.options) == 4


@given(st.integers(0, 10_000))
def test_branching_and_the_program_agree(seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = random.integers(1, 5, 7).astype(np.float64)
    rooms = random.integers(5, 12, 5).astype(np.float64)
    cost = np.where(random.random((7, 5)) < 0.1, np.inf, random.integers(1, 30, (7, 5)))
    cost[:, 0] = random.integers(1, 30, 7)
    fixed = np.array([int(random.integers(0, 5))])
    drawn = counted(cost / weights[:, None], weights, rooms, 3, fixed=fixed, single_source=True)
    values = []
    for small in (0, 12, 400):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(capacity_program, "SMALL", small)
            tree = Tree(drawn, Watch(1e6))
            values.append(tree.value if tree.search() else np.inf)
            assert np.isinf(values[-1]) or tree.bound == pytest.approx(values[-1])
    assert len(set(values)) == 1


def test_a_search_without_time_still_bounds() -> None:
    done = Tree(problem(single=True), Watch(1e6))
    done.search()
    hasty = Tree(problem(single=True), Watch(0.0))
    assert hasty.search()
    assert problem(single=True).trivial_bound <= hasty.bound <= done.value <= hasty.value


def tight() -> CapacityProblem:
    # nine demands of 2 fill 18 of 20, but each room of 5 holds two of them
    return CapacityProblem(
        cost=np.random.default_rng(1).integers(1, 20, (9, 4)).astype(np.float64),
        weights=np.full(9, 2.0),
        capacities=np.full((4, 1), 5.0),
        fixed=np.zeros(4, dtype=bool),
        count=4,
        single_source=True,
    )


def test_a_search_says_when_there_is_nothing() -> None:
    assert not Tree(tight(), Watch(1e6)).search()


def test_a_bound_never_runs_past_what_any_plan_could_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity_program, "SMALL", 0)
    monkeypatch.setattr(capacity_tree, "any_plan", lambda *_, **__: (None, True))
    monkeypatch.setattr(watch, "PROGRESS_S", 0.0)
    told: list[float] = []

    def progress(value: float, bound: float) -> bool:
        assert np.isinf(value)
        told.append(bound)
        return False

    assert not Tree(tight(), Watch(1e6, progress)).search()
    assert len(told) > 10
    assert tight().trivial_bound <= min(told)
    assert max(told) <= tight().worst * (1 + 1e-6) + 1e-5
