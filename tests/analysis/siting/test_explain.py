from __future__ import annotations

import numpy as np
import pytest

from geosvc.analysis.siting.explain import why_not, with_point
from geosvc.analysis.siting.problem import SitingProblem
from geosvc.analysis.siting.solving import Ask, Plan, solve
from geosvc.errors import AnalysisError
from tests.analysis.siting.questions import (
    DEMAND,
    PARCELS,
    SETTINGS,
    STANDING,
    at,
    frames,
    question,
)


def solved(**settings: object) -> tuple[SitingProblem, Plan]:
    problem = question(DEMAND, PARCELS, STANDING, service_distances_m=[100], **settings)
    return problem, solve(problem, Ask(added=2))


def test_a_parcel_that_was_not_chosen() -> None:
    problem, plan = solved()
    found = why_not(problem, "c", plan)
    assert (found.code, found.street, found.access_m) == ("not_chosen", "street 0", 0.0)
    assert plan.sites.tolist() == [0, 1, 4]
    # 650 has 700 within 100 m, which no open site has
    assert [(one.distance_m, one.weight, one.new_weight) for one in found.covers] == [
        (100.0, 3.0, 3.0)
    ]
    assert [(one.site, one.weight, one.share) for one in found.relieves] == [(0, 3.0, 0.75)]
    forced = solve(problem, Ask(added=2, forced=(3,)))
    assert found.forced is not None
    assert found.forced.result.value == forced.result.value
    assert found.loss == pytest.approx(forced.result.value - plan.result.value)
    assert found.loss is not None
    assert found.loss > 0


def test_a_rule_excludes_a_parcel_and_what_it_would_do_is_told() -> None:
    rule = {"layer": "parcels", "distance_m": 0, "source": "law", "clause": "7"}
    given = {**frames(DEMAND, PARCELS, STANDING), "zone": at([50.0])}
    problem = SitingProblem.of(given, {**SETTINGS, "rules": [{**rule, "layer": "zone"}]})
    plan = solve(problem, Ask(added=2))
    assert 1 not in plan.sites
    found = why_not(problem, "a", plan)
    assert found.code == "excluded"
    assert [(one.rule, one.source, one.clause) for one in found.findings] == [("zone", "law", "7")]
    assert found.forced is not None
    assert 1 in found.forced.sites
    # the rule has its price: without it the plan would be better
    assert found.loss is not None
    assert found.loss < 0


def test_a_chosen_parcel_tells_what_is_lost_without_it() -> None:
    problem, plan = solved()
    found = why_not(problem, "a", plan)
    assert (found.code, found.relieves) == ("chosen", ())
    assert found.forced is not None
    assert 1 not in found.forced.sites
    assert found.loss is not None
    assert found.loss > 0


def test_what_stands_is_told_as_such() -> None:
    problem, plan = solved()
    found = why_not(problem, "w", plan)
    assert (found.code, found.forced, found.loss) == ("standing", None, None)


def test_a_point_is_a_parcel_that_nobody_offered() -> None:
    problem, plan = solved(rules=[{"keep": "attribute", "field": "bays", "test": ">=", "value": 1}])
    found = why_not(problem, (20.0, 10.0), plan)
    assert (found.code, found.is_point, found.access_m) == ("not_chosen", True, 10.0)
    assert found.unchecked == ("bays",)
    assert found.site == 5
    assert found.forced is not None
    assert 5 in found.forced.sites
    assert len(problem.sites) == 5


def test_a_point_in_a_parcel_means_the_parcel() -> None:
    problem, plan = solved()
    assert why_not(problem, (650.0, 0.0), plan).site == 3


def test_a_point_is_held_against_rules_of_distance() -> None:
    given = {**frames(DEMAND, PARCELS, STANDING), "zone": at([200.0])}
    problem = SitingProblem.of(given, {**SETTINGS, "rules": [{"layer": "zone", "distance_m": 50}]})
    found = why_not(problem, (220.0, 0.0), solve(problem, Ask(added=1)))
    assert (found.code, [one.found for one in found.findings]) == ("excluded", [20.0])


def test_a_point_far_from_streets_has_none() -> None:
    problem, plan = solved(snap_limit_m=100)
    found = why_not(problem, (20.0, 500.0), plan)
    assert (found.code, found.street, found.access_m, found.forced) == (
        "unplaced",
        None,
        None,
        None,
    )


def test_a_point_without_bays_cannot_be_filled() -> None:
    problem, plan = solved(objective="capacitated", washes_per_bay_day=2)
    assert why_not(problem, (20.0, 0.0), plan).forced is None
    forced = why_not(problem, (20.0, 0.0), plan, bays=9).forced
    assert forced is not None
    assert 5 in forced.sites


def test_one_more_site_is_one_more_column() -> None:
    problem, _ = solved()
    more = with_point(problem, (400.0, 0.0), bays=3)
    assert np.array_equal(more.distances_m[:, :5], problem.distances_m)
    assert more.distances_m[:, 5].tolist() == [abs(400 - place) for place in DEMAND]
    assert more.sites.bays[5] == 3
    assert more.usable.tolist() == [True] * 6


def test_an_unknown_key_is_refused() -> None:
    problem, plan = solved()
    with pytest.raises(AnalysisError):
        why_not(problem, "moon", plan)
