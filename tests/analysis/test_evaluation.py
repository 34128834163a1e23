"""Before and after: published examples, what may be said, and how often it is wrong."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geosvc.analysis.evaluation import (
    Power,
    before_after,
    detectable,
    displacement_difference,
    rate_ratio,
)
from geosvc.analysis.matched import Sets
from geosvc.analysis.places import match

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

# Wheeler and Ratcliffe (2018), table 1: treated, its control, displacement, its control
PAPER = [[207, 110], [308, 318], [178, 157], [150, 140]]


def _pair(treated: tuple[int, int], control: tuple[int, int]) -> Sets:
    return Sets(np.zeros(2, dtype=int), np.array([True, False]), np.array([treated, control]))


def _set(treated: tuple[int, int], others: list[tuple[int, int]]) -> Sets:
    counts = np.array([treated, *others])
    return Sets(np.zeros(len(counts), dtype=int), np.arange(len(counts)) == 0, counts)


def test_the_difference_of_the_paper() -> None:
    found = displacement_difference(PAPER, [1, -1, 1, -1])
    assert (found.value, round(found.z or 0, 2)) == (-118.0, -2.98)
    assert found.se == round(math.sqrt(1568), 3)


def test_areas_of_other_sizes_by_the_author() -> None:
    """Wheeler (2021): counts divided by the sizes 1.2, 0.9, 1.5, 1.6."""
    found = displacement_difference(PAPER, [1 / 1.2, -1 / 0.9, 1 / 1.5, -1 / 1.6])
    assert (found.value, found.se, found.z) == (-99.694, 35.428, -2.814)


def test_the_simple_example_of_the_author() -> None:
    assert displacement_difference([[20, 10], [20, 20]], [1, -1]).se == 8.367


def test_the_evaluation_holds_the_paper_too() -> None:
    sets = _pair((207, 110), (308, 318))
    found = before_after(sets, rings=[[178, 157], [150, 140]], ring_weights=[1, -1])
    assert found.wdd == displacement_difference(PAPER, [1, -1, 1, -1])
    assert found.wdd_places is not None
    assert found.wdd_rings is not None
    assert (found.wdd_places.value, found.wdd_rings.value) == (-107.0, -11.0)
    assert (found.ring, found.control_ring) == ((178.0, 157.0), (150.0, 140.0))


@pytest.mark.parametrize("dispersion", [1.0, 2.0, 4.0])
def test_errors_grow_by_the_root_of_the_dispersion(dispersion: float) -> None:
    sets = _pair((900, 700), (900, 900))
    found = before_after(sets, dispersion=dispersion)
    plain = before_after(sets)
    assert found.wdd is not None
    assert plain.wdd is not None
    assert found.wdd.se == pytest.approx(plain.wdd.se * math.sqrt(dispersion), rel=1e-4)
    assert found.wdd.value == plain.wdd.value
    for one, reach in ((found.rate_ratio, math.sqrt(dispersion)), (plain.rate_ratio, 1.0)):
        assert one is not None
        assert one.low is not None
        assert one.high is not None
        width = math.log(one.high / one.low) / 2 / stats.norm.isf(0.025)
        error = math.sqrt(1 / 900 * 3 + 1 / 700) * reach
        assert width == pytest.approx(error, rel=0.01)


def test_many_cases_have_the_interval_of_the_log_ratio() -> None:
    found = rate_ratio(_pair((300, 150), (330, 330)))
    reach = 1.959964 * math.sqrt(1 / 300 + 1 / 150 + 2 / 330)
    assert found.interval == "normal"
    assert (found.low, found.high) == (
        round(0.5 * math.exp(-reach), 3),
        round(0.5 * math.exp(reach), 3),
    )


@pytest.mark.parametrize("treated", [(12, 1), (12, 4), (12, 12), (6, 0), (0, 6)])
def test_few_cases_have_the_exact_interval(treated: tuple[int, int]) -> None:
    """Fisher (1935): at either end, what was seen or more extreme has a chance of 2.5 %."""
    found = rate_ratio(_pair(treated, (15, 15)))
    total, after = sum(treated), treated[1]
    assert found.interval == "exact"
    if after:
        assert found.low is not None
        at = stats.nchypergeom_fisher(total + 30, total, after + 15, found.low)
        assert at.sf(after - 1) == pytest.approx(0.025, abs=0.006)
    else:
        assert found.low == 0.0
    if treated[0]:
        assert found.high is not None
        at = stats.nchypergeom_fisher(total + 30, total, after + 15, found.high)
        assert at.cdf(after) == pytest.approx(0.025, abs=0.006)
    else:
        assert found.high is None


@pytest.mark.parametrize(
    ("treated", "control", "value"),
    [((5, 0), (5, 5), 0.0), ((0, 5), (5, 5), None), ((0, 0), (5, 5), None), ((5, 5), (0, 0), None)],
)
def test_a_count_of_zero_makes_no_ratio_and_no_fault(
    treated: tuple[int, int], control: tuple[int, int], value: float | None
) -> None:
    found = rate_ratio(_pair(treated, control))
    assert found.value == value
    assert found.low is not None
    assert found.low > 0 if treated == (0, 5) else found.low == 0


def test_the_power_of_the_county_in_words_of_the_research() -> None:
    """30 cases before and 33 at the controls: a halving is not seen, some 290 cases would do."""
    assert detectable(_pair((30, 15), (33, 33))) == Power(-0.73, 292, 79)


@given(st.integers(1, 400), st.integers(1, 400), st.floats(1, 5))
def test_what_is_detectable_has_the_power_that_is_said(
    treated: int, control: int, dispersion: float
) -> None:
    found = detectable(_pair((treated, 0), (control, 0)), dispersion=dispersion)
    if found.detectable_change is not None:
        ratio = 1 + found.detectable_change
        parts = 1 / treated + 1 / (ratio * treated) + 2 / control if ratio else math.inf
        z = -math.log(ratio) / math.sqrt(dispersion * parts) if ratio else 0.0
        # rounded away by a hundredth at most
        assert ratio < 0.03 or stats.norm.cdf(z - 1.96) >= 0.79
    assert found.events_needed is not None
    assert found.treated_needed is not None
    again = detectable(
        _pair((found.treated_needed, 0), (math.ceil(control * found.treated_needed / treated), 0)),
        dispersion=dispersion,
    )
    assert again.detectable_change is not None
    assert again.detectable_change >= -0.56
    if found.treated_needed >= 60:
        assert again.detectable_change >= -0.51


def test_power_does_not_look_at_what_came_after() -> None:
    assert detectable(_pair((30, 0), (33, 99))) == detectable(_pair((30, 70), (33, 1)))


def test_no_case_before_has_no_power() -> None:
    assert detectable(_pair((0, 5), (5, 5))) == Power(None, None, None)
    assert detectable(_pair((5, 5), (0, 5))) == Power(None, None, None)


ALIKE = [(30, 26 + at % 9) for at in range(20)]


@pytest.mark.parametrize(
    ("treated", "others", "status"),
    [
        ((30, 6), ALIKE, "effect"),
        ((30, 90), ALIKE, "effect"),
        ((30, 6), ALIKE[:19], "no_placebo"),
        ((30, 29), ALIKE, "cannot_tell"),
        ((300, 300), [(300, 295 + at) for at in range(20)], "no_effect"),
        ((0, 0), [(0, at % 2) for at in range(20)], "cannot_tell"),
    ],
)
def test_what_may_be_said(
    treated: tuple[int, int], others: list[tuple[int, int]], status: str
) -> None:
    assert before_after(_set(treated, others)).status == status


def test_the_report_is_json_and_begins_with_what_could_be_found() -> None:
    report = before_after(_set((30, 6), ALIKE), rings=[[5, 6]], ring_weights=[1]).report()
    assert list(report)[:2] == ["status", "power"]
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["treated"] == {"before": 30.0, "after": 6.0}
    assert report["placebo"]["smallest_p"] == round(1 / 21, 6)


def test_nothing_compared_says_nothing() -> None:
    empty = np.array([])
    report = before_after(Sets(empty, empty, empty)).report()
    assert report["status"] == "no_placebo"
    names = ("wdd", "wdd_places", "wdd_rings", "rate_ratio", "placebo")
    assert [report[name] for name in names] == [None] * 5


@pytest.mark.parametrize(
    "wrong",
    [{"dispersion": 0.9}, {"dispersion": math.nan}, {"draws": 0}, {"rings": [[1, 2]]}],
)
def test_a_programmers_fault_is_told(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        before_after(_pair((5, 5), (5, 5)), **wrong)  # type: ignore[arg-type]


def _null_counts(chance: np.random.Generator, places: int, *, more: float) -> Integers:
    """Throw cases in visits of 1 + ``more`` cases, the same before and after."""
    visits = chance.poisson(20, (places, 2))
    return np.asarray(visits + chance.poisson(more * visits))


def _false_alarms(more: float, *, runs: int) -> tuple[float, float, float]:
    """Return the shares called by the placebo, by z, and by z that takes cases as independent."""
    chance = np.random.default_rng(4)
    group, treated = np.r_[0, 1, np.repeat([0, 1], 20)], np.arange(42) < 2
    # visits are 1 + Poisson(more) cases each
    dispersion = 1 + more + more / (1 + more)
    alarms = np.zeros((runs, 3))
    for run in range(runs):
        sets = Sets(group, treated, _null_counts(chance, 42, more=more))
        found = before_after(sets, dispersion=dispersion)
        assert found.placebo is not None
        assert found.wdd is not None
        root = math.sqrt(dispersion)
        z = abs(found.wdd.z or 0)
        alarms[run] = found.placebo.p_value <= 0.05, z > 1.96, z * root > 1.96
    placebo, with_dispersion, without = alarms.mean(axis=0)
    return float(placebo), float(with_dispersion), float(without)


def test_no_effect_is_seldom_called_one() -> None:
    placebo, with_dispersion, without = _false_alarms(3.0, runs=300)
    assert placebo <= 0.08
    assert with_dispersion <= 0.09
    assert without >= 0.25, "cases of one visit are no independent cases"


@pytest.mark.thorough
@pytest.mark.parametrize("more", [0.0, 0.5, 2.0, 3.0])
def test_false_alarms_stand_at_five_percent(more: float) -> None:
    placebo, with_dispersion, without = _false_alarms(more, runs=2000)
    assert 0.03 <= placebo <= 0.07
    assert 0.03 <= with_dispersion <= 0.07
    assert without >= (0.03, 0.1)[more > 0]


def _two_worst(chance: np.random.Generator, areas: int, level: float) -> tuple[bool, bool]:
    """Choose the two worst of equal areas; return whether all others, and ours, call an effect."""
    counts = chance.poisson(level, (areas, 2))
    order = np.argsort(-counts[:, 0], kind="stable")
    worst, rest = counts[order[:2]], counts[order[2:]]
    scale = worst[:, 0].sum() / rest[:, 0].sum()
    weights = np.r_[1, 1, np.full(len(rest), -scale)]
    naive = displacement_difference(np.r_[worst, rest], weights)
    group = match(np.repeat(rest[:, :1], 2, axis=1), worst[:, 0])
    kept = np.isin([0, 1], group)
    used = np.flatnonzero(kept)
    sets = Sets(
        np.r_[used, group[group >= 0]],
        np.arange(len(used) + int((group >= 0).sum())) < len(used),
        np.r_[worst[used], rest[group >= 0]],
    )
    return abs(naive.z or 0) > 1.96, before_after(sets).status == "effect"


@pytest.mark.parametrize("areas", [60, 300])
def test_the_worst_places_get_better_by_themselves(areas: int) -> None:
    chance = np.random.default_rng(8)
    found = np.array([_two_worst(chance, areas, 30.0) for _ in range(200)])
    naive, ours = found.mean(axis=0)
    assert naive >= 0.24
    assert ours <= 0.07
