from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.web import siting_page, siting_why
from geosvc.words import siting as siting_words
from geosvc.workspace.siting import ask, read_wishes, why_not_here
from tests.workspace.test_siting import WISHES, County

if TYPE_CHECKING:
    from geosvc.catalog.model import Language

TONGUES: tuple[Language, ...] = ("zh", "en")
REASONS: list[tuple[dict[str, Any], str]] = [
    ({"code": "no_demand", "points": 0}, "没有需求"),
    ({"code": "no_candidates", "given": 5, "excluded": 3, "unplaced": 2}, "规则排除 3 个"),
    ({"code": "kept_excluded", "sites": ["P1", "P2"]}, "P1、P2"),
    ({"code": "too_many_kept", "kept": 3, "added": 2, "short_by": 1}, "多了 1 处"),
    (
        {"code": "too_few_candidates", "usable": 2, "added": 3, "short_by": 1, "excluded": 1,
         "unplaced": 0},
        "还差 1 个",
    ),
    (
        {"code": "out_of_reach", "points": 3, "weight": 4.5, "distance_m": 1000.0,
         "labels": [str(n) for n in range(20)], "share": 0.9},
        "7…",
    ),
    (
        {"code": "capacity_short", "demand": 500.0, "capacity": 280.0, "short_by": 220.0,
         "sites": 3, "needed": 5},
        "至少要 5 处",
    ),
    (
        {"code": "capacity_short", "demand": 500.0, "capacity": 280.0, "short_by": 220.0,
         "sites": 3, "needed": None},
        "全部候选也装不下",
    ),
    (
        {"code": "sites_short", "sites": 3, "needed": 5, "short_by": 2, "distance_m": 1000.0,
         "bays": 20, "weight": 9.0, "proven": True},
        "半径 1,000 米、3 处、每处 ≤20 位：还差 2 处",
    ),
    (
        {"code": "sites_short", "sites": 3, "needed": 5, "short_by": 2, "distance_m": None,
         "bays": None, "weight": 9.0, "proven": False},
        "3 处点位到不了所有需求，还差 2 处",
    ),
    (
        {"code": "sites_short", "sites": 3, "needed": 5, "short_by": 2, "distance_m": 900.0,
         "bays": None, "weight": 9.0, "proven": False},
        "半径 900 米、3 处：至少还差 2 处",
    ),
    (
        {"code": "budget_short", "budget": 100.0, "needed": 130.0, "short_by": 30.0,
         "proven": True},
        "还差 30",
    ),
    ({"code": "time"}, "没有证明"),
    ({"code": "stopped"}, "停止"),
    ({"code": "unknown"}, "原因没有找到"),
]  # fmt: skip


def answered(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - wishes
    county: Any = County()
    return ask(county, read_wishes(county, {**WISHES, **more}))


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize(("item", "part"), REASONS)
def test_each_reason_has_a_sentence_with_its_numbers(
    item: dict[str, Any], part: str, tongue: Language
) -> None:
    said = siting_words.reason(item, tongue)
    assert "{" not in said
    assert tongue == "en" or part in said


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"objective": "coverage", "added": 2},
        {"objective": "fewest", "share": 0.5},
        {"objective": "center", "added": 2},
        {"added": 2, "candidates": {**WISHES["candidates"]}, "seed": 3},
        {"existing": {"layer": "sites", "key": "no", "closable": {"S1": 3}}, "added": 1},
    ],
)
def test_everything_is_said_for_every_goal(more: dict[str, Any], tongue: Language) -> None:
    document = answered(**more)
    found = siting_page.answer(document, tongue)
    drawn = siting_page.drawn(document, found, tongue)
    assert not re.search(r"\{[a-z_]+\}", repr(found)), "a place without a value"
    assert sum(view["is_chosen"] for view in found["views"]) == 1
    assert {view["id"] for view in found["views"]} == set(drawn["plans"]) == set(drawn["served"])
    assert drawn["chosen"] in drawn["plans"]
    assert all(point["id"] in drawn["plans"] for point in drawn["curve"]["points"])
    assert [item["key"] for item in found["excluded"]] == ["P3"]


def test_nothing_but_the_present_is_shown_where_there_is_no_plan() -> None:
    document = answered(exclude=["P1", "P2"])
    found = siting_page.answer(document, "zh")
    assert found["has_plan"] is False
    assert found["plans"] == []
    assert [view["id"] for view in found["views"]] == ["c0"]
    assert found["reasons"]
    assert siting_page.drawn(document, found, "zh")["chosen"] == "c0"


def test_loads_hold_or_do_not() -> None:
    document = answered()
    load = {
        "code": "present_load",
        "kind": "relocated",
        "weight": 370.0,
        "bays": 39.0,
        "per_bay": 9.5,
    }
    for full, part in ((None, "无法判断"), (0.8, "装得下（80%）"), (1.2, "装不下（120%）")):
        holds = None if full is None else full <= 1
        document["verdict"] = [{**load, "utilisation": full, "holds": holds}]
        [said] = siting_words.verdict(document, "zh")
        assert "370 辆，现有 39 个车位" in said
        assert part in said


def test_queues_and_stability_are_told_of_the_chosen_plan_only() -> None:
    document = answered(added=2)
    chosen = document["curve"][document["chosen"]]
    site = chosen["opened"][0]
    document["queues"] = [
        {"site": site, "code": "grows", "utilisation": 1.2, "regular": None, "exponential": None},
        {"site": 0, "code": "range", "utilisation": 0.8, "regular": 0.05, "exponential": 0.1},
    ]
    shown = {view["id"]: view for view in siting_words.views(document, "zh")}
    queues = {row["site"]: row["queue"] for row in shown["c2"]["rows"]}
    assert queues[site] == "高峰越排越长（120%）"
    assert queues[0] == "5%–10%"
    assert {row["queue"] for row in shown["c1"]["rows"]} == {"–"}
    steady = {row["key"]: row["steady"] for row in shown["c2"]["rows"]}
    assert steady["S1"] == "保留"
    assert {row["steady"] for row in shown["c1"]["rows"]} == {"保留", "–"}


def test_a_gap_is_drawn_between_value_and_bound() -> None:
    document = copy.deepcopy(answered())
    row = document["curve"][1]
    row |= {"status": "gap", "bound": row["value"] / 2, "gap": 0.5}
    [_, point] = siting_words.curve_chart(document, "zh")["points"]
    assert point["is_proven"] is False
    assert point["bound"] == pytest.approx(point["value"] / 2)


@pytest.mark.parametrize("tongue", TONGUES)
def test_why_not_is_said_in_full(tongue: Language) -> None:
    county: Any = County()
    wishes = read_wishes(county, WISHES)
    for place in ("P1", "P2", "P3", "S1", [120.03, 33.0]):
        said = siting_why.sentences(why_not_here(county, wishes, place, ["S1", "P2"]), tongue)
        assert len(said) >= 2
        assert "{" not in "".join(said)


def test_an_unproven_or_impossible_plan_is_not_called_less() -> None:
    county: Any = County()
    found = why_not_here(county, read_wishes(county, WISHES), "P1", ["S1", "P2"])
    forced = found["forced"]
    forced["status"] = "gap"
    assert "没有证明" in "".join(siting_why.sentences(found, "zh"))
    found["forced"] = {**forced, "value": None}
    assert "就没有可行的方案" in "".join(siting_why.sentences(found, "zh"))
    found["forced"], found["unchecked"] = None, ["sewer"]
    assert "要有污水管网" in "".join(siting_why.sentences(found, "zh"))


@pytest.mark.parametrize("tongue", TONGUES)
def test_shops_without_a_number_are_said_beside_that_the_bays_hold(tongue: Language) -> None:
    load = {
        "code": "present_load",
        "kind": "relocated",
        "weight": 370.0,
        "bays": 39.0,
        "per_bay": 9.5,
    }
    load |= {"utilisation": 0.47, "holds": True}
    groups = [{"kind": "relocated", "points": 10}, {"kind": "violations", "points": 126}]
    document: dict[str, Any] = {
        "verdict": [load],
        "goal": {"washes_per_bay_day": 20.0},
        "demand": {"dropped": {"relocated": 4, "violations": 0}, "groups": groups},
    }
    [said] = siting_words.verdict(document, tongue)
    assert {"zh": "14 家里有 4 家没有填", "en": "4 of 14 shops"}[tongue] in said
    assert {"zh": "只算填了的", "en": "of what is known"}[tongue] in said
    load |= {"holds": False, "utilisation": 1.2}
    [short] = siting_words.verdict(document, tongue)
    assert {"zh": "装不下（120%）", "en": "do not hold (120%)"}[tongue] in short
    document["demand"]["dropped"]["relocated"] = 0
    load |= {"holds": True, "utilisation": 0.47}
    [whole] = siting_words.verdict(document, tongue)
    assert {"zh": "辆装得下（47%）。", "en": "they hold (47%)."}[tongue] in whole
    assert "14" not in whole


def test_shops_that_moved_are_told_first_and_then_together_with_those_that_closed() -> None:
    document = answered()
    load = {"code": "present_load", "weight": 250.0, "bays": 39.0, "per_bay": 6.5}
    moved = {**load, "kind": "relocated", "utilisation": 0.7, "holds": True}
    closed = {**load, "kind": "closed", "weight": 150.0, "utilisation": 0.42, "holds": True}
    document["verdict"] = [moved, {**moved, "kind": "violations"}, closed]
    first, both = siting_words.verdict(document, "zh")
    assert first.startswith("重新选址的店每天 250 辆")
    assert "装得下（70%）" in first
    assert both.startswith("重新选址的店、关停的店每天 400 辆")
    assert "装不下（112%）" in both
    [alone] = siting_words.verdict(document | {"verdict": [closed]}, "en")
    assert alone.startswith("Closed shops washed 150 cars")
