from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geosvc.analysis.siting import cover_proof
from geosvc.analysis.siting.cover_proof import CoverProof, compact
from geosvc.analysis.siting.coverage import Coverage, pattern
from geosvc.analysis.siting.highs import Solver
from geosvc.analysis.siting.watch import Watch


def random_cover(
    seed: int, *, p: int, size: tuple[int, int] = (60, 12), scale: float = 1.0
) -> Coverage:
    random = np.random.default_rng(seed)
    rows = random.random(size) < 0.2
    weights = random.integers(1, 50, size[0]).astype(np.float64) * np.float64(scale)
    every = np.ones(size[1], dtype=np.bool_)
    return Coverage.of(pattern(rows), weights, p).reduced(every, ~every)


def best(cover: Coverage) -> float:
    plans = combinations(range(len(cover.number)), cover.p)
    return max(cover.value(np.array(plan)) for plan in plans)


@pytest.mark.parametrize("scale", [1.0, 0.3])
@settings(max_examples=10)
@given(seed=st.integers(0, 1000), p=st.integers(1, 6))
def test_the_proof_is_of_the_best_plan(scale: float, seed: int, p: int) -> None:
    cover = random_cover(seed, p=p, scale=scale)
    proof = CoverProof(cover, Watch(60), gap=0.0, seed=seed)
    proof.run()
    assert proof.value == pytest.approx(best(cover))
    assert proof.bound == pytest.approx(proof.value, rel=1e-6)
    assert proof.bound >= proof.value
    picked = np.flatnonzero(np.isin(cover.number, proof.sites))
    assert cover.value(picked) == pytest.approx(proof.value)


@given(st.integers(0, 1000), st.integers(1, 6), st.sampled_from([0.0, 0.001, 0.003]))
def test_the_bound_holds_whenever_the_time_ends(seed: int, p: int, time_limit_s: float) -> None:
    cover = random_cover(seed, p=p, scale=1.5)
    proof = CoverProof(cover, Watch(time_limit_s), gap=0.0, seed=0)
    proof.run()
    exact = best(cover)
    assert proof.value <= exact * (1 + 1e-12) <= proof.bound * (1 + 2e-12)


@pytest.mark.parametrize("most", [0, 10**9])
def test_with_and_without_a_program_it_comes_to_the_same(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(cover_proof, "_COMPACT", most)
    cover = random_cover(3, p=4, size=(300, 14))
    proof = CoverProof(cover, Watch(60 if most else 0.5), gap=0.0, seed=0)
    proof.run()
    assert proof.value == best(cover)
    assert proof.bound >= proof.value
    if most:
        assert proof.bound == proof.value


def test_what_is_settled_needs_no_search() -> None:
    cover = random_cover(3, p=12)
    proof = CoverProof(cover, Watch(0), gap=0.0, seed=0)
    proof.run()
    assert proof.value == proof.bound == cover.weights.sum()
    assert proof.sites.tolist() == list(range(12))


def test_the_program_is_that_of_the_plans() -> None:
    cover = random_cover(11, p=3)
    answer = Solver(compact(cover)).run(time_limit_s=60)
    assert answer.state == "optimal"
    assert answer.value == pytest.approx(best(cover))
    picked = np.flatnonzero(answer.x[: len(cover.number)] > 0.5)
    assert cover.value(picked) == pytest.approx(best(cover))
