from __future__ import annotations

from typing import Any

import pytest

from geosvc.words import hotspots as words
from tests.web.hotspot_catalog import REPORT, ROWS, report, row


def span(number: int, low: int, high: int) -> dict[str, Any]:
    return row(number, rank_low=low, rank_high=high)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], ["没有一处路段的违法明显多于偶然。"]),
        ([row(1, "not_significant")], ["没有一处路段的违法明显多于偶然。"]),
        ([row(1, "tentative")], ["还没有一处路段能说明显多于偶然，1 处待定。"]),
        ([row(1)], ["路1一处路段的违法明显多于偶然。"]),
        ([row(1, road_name=None)], ["1 处路段的违法明显多于偶然。"]),
        ([row(2), row(1)], ["2 处路段的违法明显多于偶然。"]),
        (
            [span(1, 1, 2), span(2, 1, 3), span(3, 2, 3)],
            ["3 处路段的违法明显多于偶然。", "第 1–3 名不可区分。"],
        ),
    ],
)
def test_the_verdict_is_made_of_the_numbers(rows: list[dict[str, Any]], said: list[str]) -> None:
    assert words.headline(REPORT, rows, "zh") == said


def test_too_few_visits_are_the_verdict() -> None:
    few = report(visits={"count": 4})
    assert words.headline(few, [row(1)], "en") == [
        "Only 4 visits: too few to tell where hotspots are."
    ]


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([(1, 1), (2, 2)], []),
        ([(1, 2), (1, 2), (3, 4), (3, 4)], ["1–2", "3–4"]),
        # the first overlaps the second and that the third, but the first not the third
        ([(1, 1), (1, 3), (3, 3)], ["1–2"]),
        ([(None, None), (1, 2)], []),
    ],
)
def test_ties_are_ranks_whose_intervals_all_overlap(
    spans: list[tuple[int | None, int | None]], said: list[str]
) -> None:
    rows = [
        row(number, rank_low=low, rank_high=high)
        for number, (low, high) in enumerate(spans, start=1)
    ]
    assert words.ties(rows, "en") == [f"Ranks {ranks} cannot be told apart." for ranks in said]


def test_chance_is_told_as_a_count_of_simulations() -> None:
    some = report(overall={"p_value": 0.0412, "at_least_as_strong": 40})
    [said] = words.lead(some, ROWS, "en")
    assert said.startswith("Had the 84 visits fallen at random on the surveyed streets, 40 of 999")
    assert said.endswith("as strong or stronger (p = 0.041).")
    assert "none of 999" in words.lead(REPORT, ROWS, "en")[0]


def test_no_hotspot_points_to_the_power() -> None:
    said = words.lead(report(overall=None), [row(1, "tentative")], "zh")
    assert said == ["这不等于没有热点，先看下面的“看得出多强的聚集”。"]


def test_a_row_is_told_with_all_that_qualifies_it() -> None:
    first, second, third = words.evidence(ROWS, "zh")
    assert (first["rank"], first["ratio"], first["p"]) == (1, "6.5", "0.001")
    assert first["note"].split("；") == [
        "近 佳醇路、金桥路",
        "沿路 200 米内",
        "名次在第 1–2 名之间",
        "半径减半、加倍后仍在",
        "下一时段 2.3 倍",
    ]
    assert second["note"].endswith("按巡查次数算期望 8.0 次，p = 0.21")
    assert third["rank"] == "–"
    assert third["level_text"] == "待定"
    assert third["note"] == "沿路 200 米内；只按起数显著：集中在一次或少数几次查处"


def test_a_row_may_have_no_road_and_many_others() -> None:
    [found] = words.evidence([row(1, road_name=None, cross_roads="甲、乙、丙、丁")], "zh")
    assert found["road"] == "h1"
    assert found["note"].startswith("近 甲、乙、丙 等 4 条路；沿路 200 米内；名次稳定")


def test_power_says_what_would_show_and_what_would_not() -> None:
    found = words.power(REPORT, "zh")
    assert found is not None
    assert "即使达到平均的 20 倍，也做不到 10 次里 8 次看得出来" in found["text"]
    assert found["points"] == ["5 倍：6%", "20 倍：65%"]
    seen = words.power(report(power=REPORT["power"] | {"smallest_ratio": 46.2}), "en")
    assert seen is not None
    assert "300 m of street must reach 46.2 times the average" in seen["text"]


@pytest.mark.parametrize("power", [None, {"curve": []}])
def test_there_may_be_no_power(power: object) -> None:
    assert words.power(report(power=power), "en") is None


def test_weeks_are_told_with_what_makes_a_visit() -> None:
    found = words.weekly(REPORT, "zh")
    assert found is not None
    assert "122 起合为 84 次，平均每次 1.45 起，最多 6 起，离散指数 1.71" in found["text"]
    assert found["rows"][:2] == [["2024年5月13日", 12, 9], ["2024年5月20日", 0, 0]]
    assert sum(row[1] for row in found["rows"]) == REPORT["events"]["used"]
    assert words.weekly(report(weekly=[]), "zh") is None


def test_the_score_is_told_in_shares() -> None:
    found = words.score(REPORT, "zh")
    assert found["texts"][1] == "选出 2% 的道路长度，遇上留出数据里 18% 的违法。"
    assert "轮流留出一周" in found["texts"][0]
    assert found["rows"] == [["2024年5月16日 至 2024年5月19日", "9", "11.1", "0.40"]]
    short = words.score(report(score=None), "zh")
    assert short == {"texts": ["数据不够长，还不能轮流留出检验。"], "rows": [], "chart": None}


def test_the_score_of_one_point_has_no_share() -> None:
    found = words.score(report(score=REPORT["score"] | {"curve": [[0.0, 0.0]]}), "en")
    assert len(found["texts"]) == 1


@pytest.mark.parametrize("rule", ["patrol_routes", "patrol_points", "areas"])
def test_what_is_surveyed_is_told_by_its_rule(rule: str) -> None:
    exposure = REPORT["exposure"] | {"rule": rule, "patrols": 0, "added": [], "network_m": 0}
    found = words.surveyed(report(exposure=exposure, roads=None), "zh")
    assert len(found["texts"]) == 1
    assert "118.4 公里" in found["texts"][0]
    assert (found["added"], found["roads"]) == ([], [])


def test_added_streets_and_roads_are_listed() -> None:
    found = words.surveyed(REPORT, "en")
    assert found["texts"][0].endswith("118.4 km, 50% of 236.8 km.")
    assert found["added"] == ["学前路: 0.42 km, cases A1, A2"]
    assert found["roads"] == [["泰北路", "3.1", "300", "21", "40"]]


def test_cases_that_were_not_used_are_listed_with_the_reason() -> None:
    found = words.used(REPORT, "en")
    assert found["text"] == "122 of 126 cases used."
    assert found["dropped"] == [
        {"key": "A7", "why": "81 m from the nearest street, more than 50 m"},
        {"key": "A8", "why": "no time"},
    ]


def test_the_method_names_its_choices() -> None:
    found = dict(words.method(REPORT, "zh"))
    assert found["窗口半径"] == "沿路 100、200 米"
    assert found["模拟"] == "999 次，种子 1"
    assert found["显著水平"] == "5%"
    assert found["时段"] == "2024年5月16日 至 2024年6月30日"
    assert dict(words.method(report(period=None), "en"))["Period"] == "– to –"
