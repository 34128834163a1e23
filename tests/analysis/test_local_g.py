from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_array

from geosvc.analysis.local_g import benjamini_hochberg, local_g, local_g_p_values

# Getis and Ord (1996), Local spatial statistics: an overview, in Longley and Batty (eds), Spatial
# analysis: modelling in a GIS environment, p. 266: 16 x 16 cells 30 m apart, from the south-west
SCENE = """
40 41 42 43 49 54 47 44 42 44 43 46 52 56 56 61
40 42 41 40 43 49 46 42 42 43 43 49 59 62 53 62
43 42 40 42 42 42 41 42 42 43 42 53 66 61 51 62
44 41 39 42 44 43 42 42 42 43 43 49 56 53 53 61
42 43 44 43 42 41 42 44 43 43 44 47 58 59 55 61
52 59 61 56 41 40 43 44 46 48 50 52 68 69 60 61
62 62 86 85 55 59 64 72 75 70 70 62 66 61 55 57
65 62 68 72 102 94 90 83 74 81 96 69 52 50 51 54
62 59 55 61 99 97 93 80 65 87 107 80 59 60 67 66
62 55 56 56 80 90 99 88 64 91 112 94 76 91 100 85
63 57 58 58 77 92 82 71 59 90 105 92 79 98 110 83
59 58 60 64 88 99 82 81 71 80 89 89 89 102 104 75
55 54 53 61 82 102 88 93 96 94 110 114 109 103 92 68
55 55 56 60 91 95 86 98 115 105 110 107 101 89 85 68
62 63 64 59 85 88 95 106 110 99 89 82 79 84 97 79
55 56 54 58 65 75 82 77 74 74 69 61 62 71 73 63
"""
COUNTS = hnp.arrays(np.int64, st.integers(4, 7), elements=st.integers(0, 4))


def scene() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(SCENE.split(), dtype=np.float64)


def within(places: np.ndarray[tuple[int, int], np.dtype[np.float64]], reach: float) -> csr_array:
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    return csr_array(((apart > 0) & (apart <= reach)).astype(float))


def squares(side: int) -> csr_array:
    at = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    return within(at.astype(float), 1.5)


def row(count: int) -> csr_array:
    return within(np.stack([np.arange(count), np.zeros(count)], axis=1), 1.0)


def test_the_scene_of_getis_and_ord() -> None:
    # the 136th cell from the north-west is our 120th; 1.221979 is printed in spdep's manual
    places = np.array([(x * 30.0, y * 30.0) for y in range(16) for x in range(16)])
    found = local_g(scene(), within(places, 30), star=False)
    assert found[119] == pytest.approx(1.221979, abs=5e-7)


@pytest.mark.parametrize("star", [True, False])
def test_the_formula_written_out(*, star: bool) -> None:
    x, links = scene()[:36], squares(6)
    found = local_g(x, links, star=star)
    for at in range(36):
        near = links.toarray()[at] > 0
        near[at] = star
        others = (np.arange(36) != at) | star
        n, count = others.sum(), near.sum()
        spread = np.sqrt((n * count - count**2) / (n - 1))
        expected = (x[near].sum() - x[others].mean() * count) / (x[others].std() * spread)
        assert found[at] == pytest.approx(expected, rel=1e-12)


def test_equal_values_have_no_score() -> None:
    assert np.isnan(local_g(np.full(9, 7.0), squares(3))).all()
    assert np.isnan(local_g(np.full(9, 0.1), squares(3), star=False)).all()
    assert np.isnan(local_g([1.0], csr_array((1, 1)))).all()


def test_one_high_cell_is_seen_by_its_neighbors() -> None:
    x = np.zeros(49)
    x[24] = 10
    found = local_g(x, squares(7)).reshape(7, 7)
    assert (found[2:5, 2:5] > 1.5).all()
    assert (found[0] < 0).all()


@given(x=COUNTS)
def test_exact_p_is_the_share_of_all_subsets(
    x: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> None:
    links = row(len(x))
    found = local_g_p_values(x, links, method="exact")
    for at in range(len(x)):
        near = np.flatnonzero(links.toarray()[at])
        others = np.delete(x, at)
        sums = [sum(chosen) for chosen in combinations(others.tolist(), len(near))]
        share = np.mean(np.array(sums) >= x[near].sum())
        assert found[at] == pytest.approx(share, abs=1e-12)


@given(x=COUNTS, scale=st.floats(0.01, 50))
def test_permutations_agree_with_the_exact_null(
    x: np.ndarray[tuple[int], np.dtype[np.int64]], scale: float
) -> None:
    links = row(len(x))
    exact = local_g_p_values(x, links, method="exact")
    # no counts any more: the same ranks
    drawn = local_g_p_values(x * scale, links, method="permutation", draws=4000, seed=3)
    assert abs(drawn - exact).max() < 0.06


def test_permutations_of_many_cells() -> None:
    x = np.random.default_rng(1).poisson(1.3, 900)
    links = squares(30)
    exact = local_g_p_values(x, links)
    drawn = local_g_p_values(x, links, method="permutation", draws=9999, seed=2)
    assert abs(drawn - exact).max() < 0.03
    again = local_g_p_values(x, links, method="permutation", draws=9999, seed=2)
    assert drawn.tolist() == again.tolist()


def test_the_normal_tail_would_say_too_much() -> None:
    # skewed counts: three cells of a hundred have everything
    x = np.zeros(400)
    x[[0, 1, 399]] = 20
    links = squares(20)
    score, p = local_g(x, links), local_g_p_values(x, links)
    assert score[0] > 6
    assert p[0] > 1e-3


def test_few_false_alarms_when_there_is_nothing() -> None:
    random, links = np.random.default_rng(5), squares(20)
    hot = [
        benjamini_hochberg(local_g_p_values(random.poisson(0.4, 400), links), alpha=0.05).any()
        for _ in range(60)
    ]
    # neighbors share cells, so the maps with any hot cell stay below 5 % of maps, give or take
    assert sum(hot) <= 8


def test_a_planted_cluster_is_found() -> None:
    x = np.random.default_rng(6).poisson(0.4, 400).reshape(20, 20)
    x[8:12, 8:12] += 4
    hot = benjamini_hochberg(local_g_p_values(x.ravel(), squares(20)), alpha=0.05)
    assert hot.reshape(20, 20)[9:11, 9:11].all()
    assert not hot.reshape(20, 20)[:4].any()


def test_a_cell_alone_is_never_hot() -> None:
    assert local_g_p_values([5, 0, 0], csr_array((3, 3))).tolist() == [1, 1, 1]
    assert local_g_p_values([5, 0, 0], csr_array((3, 3)), method="permutation").tolist() == [1] * 3


def test_large_counts_are_drawn() -> None:
    x = np.array([1, 5_000_000, 3, 2])
    assert (local_g_p_values(x, row(4), draws=99) > 0).all()
    with pytest.raises(ValueError, match="exact needs counts"):
        local_g_p_values(x, row(4), method="exact")
    with pytest.raises(ValueError, match="exact needs counts"):
        local_g_p_values([0.5, 1, 2, 3], row(4), method="exact")


@given(p=st.lists(st.floats(0, 1), max_size=30), alpha=st.floats(0.01, 0.5))
def test_benjamini_and_hochberg_step_up(p: list[float], alpha: float) -> None:
    assume(p)
    ordered = sorted(p)
    last = max(
        (at for at, one in enumerate(ordered) if one <= alpha * (at + 1) / len(p)), default=-1
    )
    expected = [one <= ordered[last] if last >= 0 else False for one in p]
    assert benjamini_hochberg(p, alpha=alpha).tolist() == expected


@pytest.mark.parametrize(
    ("values", "neighbors"),
    [
        ([1.0, np.nan], csr_array((2, 2))),
        ([1.0], csr_array((2, 2))),
        ([1.0, 2.0], csr_array(np.eye(2))),
        ([1.0, 2.0], csr_array([[0.0, 0.5], [0.5, 0.0]])),
    ],
)
def test_what_does_not_fit_is_refused(values: list[float], neighbors: csr_array) -> None:
    with pytest.raises(ValueError, match="must be"):
        local_g(values, neighbors)
    with pytest.raises(ValueError, match="must be"):
        local_g_p_values(values, neighbors)


def test_no_cells() -> None:
    nothing = csr_array((0, 0))
    assert len(local_g([], nothing)) == len(local_g([], nothing, star=False)) == 0
    assert len(local_g_p_values([], nothing, method="permutation")) == 0
