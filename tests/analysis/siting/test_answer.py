from __future__ import annotations

import pytest

from geosvc.analysis.siting.answer import STAGES, peak_queues, solve_problem
from tests.analysis.siting.questions import DEMAND, PARCELS, STANDING, question

PEAK = {"arrivals_per_hour": 24, "service_minutes": 20, "waiting_bays": 1}


def test_a_whole_answer() -> None:
    found = solve_problem(question(DEMAND, PARCELS, STANDING, service_distance_m=100))
    assert found.chosen == 2
    assert found.best is found.curve[2]
    assert len(found.plans) == 2
    assert all(row.gain is not None and row.gain <= 0 for row in found.plans)
    assert {worth.site for worth in found.worths} == {1, 4}
    assert found.sensitivity is not None
    assert found.sensitivity.draws == 5
    assert found.bargains[-1].cost <= 200
    assert (found.reasons, found.queues, found.stopped) == ((), (), False)


def test_every_stage_is_told_in_order_and_up_to_the_end() -> None:
    heard: list[tuple[float, str]] = []

    def told(share: float, stage: str, _value: float, _bound: float) -> bool:
        heard.append((share, stage))
        return False

    solve_problem(question(DEMAND, PARCELS, STANDING), told=told)
    assert list(dict.fromkeys(stage for _, stage in heard)) == [name for name, _ in STAGES]
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


@pytest.mark.parametrize("stage", [name for name, _ in STAGES])
def test_a_stop_keeps_what_there_is(stage: str) -> None:
    found = solve_problem(
        question(DEMAND, PARCELS, STANDING), told=lambda _share, now, *_: now == stage
    )
    assert found.stopped
    assert found.curve[0].added == 0
    assert all(row.plan.result.status != "infeasible" for row in found.curve)
    assert (found.sensitivity is None) == (stage != "costs")


def test_the_peak_is_shared_as_the_weight_is() -> None:
    found = solve_problem(question(DEMAND, PARCELS, STANDING, peak=PEAK))
    sites = dict(found.queues)
    assert found.best is not None
    assert set(sites) == set(found.best.plan.sites.tolist())
    # 4 of 12 go to the 5 bays that stand: 8 an hour at 3 an hour and bay
    assert sites[0].utilisation == pytest.approx(8 / 15)
    assert all(not queue.grows for queue in sites.values())


def test_a_queue_that_grows_excludes_nothing() -> None:
    rush = {**PEAK, "arrivals_per_hour": 240}
    found = solve_problem(question(DEMAND, PARCELS, STANDING, peak=rush))
    calm = solve_problem(question(DEMAND, PARCELS, STANDING))
    assert dict(found.queues)[0].grows
    assert found.best is not None
    assert calm.best is not None
    assert found.best.plan.sites.tolist() == calm.best.plan.sites.tolist()


def test_nobody_served_has_no_queue() -> None:
    problem = question(DEMAND, PARCELS, peak=PEAK)
    assert peak_queues(problem, solve_problem(problem).curve[0]) == ()


def test_too_few_candidates_answer_with_all_and_say_so() -> None:
    found = solve_problem(question(DEMAND, PARCELS, added=6))
    assert found.chosen == 4
    assert [reason.code for reason in found.reasons] == ["too_few_candidates"]


def test_no_candidate_is_an_answer() -> None:
    found = solve_problem(question(DEMAND, PARCELS, STANDING, rules=[{"layer": "parcels"}]))
    assert (found.chosen, found.best, found.plans) == (None, None, ())
    assert [reason.code for reason in found.reasons] == ["no_candidates"]


def test_no_demand_is_an_answer() -> None:
    found = solve_problem(question({0.0: 0.0}, PARCELS, STANDING))
    assert [reason.code for reason in found.reasons] in (["no_demand"], [])


def test_only_the_present_state_may_be_asked_for() -> None:
    found = solve_problem(question(DEMAND, PARCELS, STANDING, added=0))
    assert (len(found.curve), found.chosen, found.reasons) == (1, None, ())
