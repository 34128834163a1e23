from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.words import scenarios as scenario_words
from geosvc.words.scenarios import (
    beside,
    curve_rows,
    headline,
    padded,
    proof,
    shared_sites,
    site_rows,
    value_unit,
    with_unit,
)
from tests.web.kept import asked, write_folder

if TYPE_CHECKING:
    from geosvc.settings import Settings

FACTS: dict[str, Any] = {
    "added": 3,
    "objective": "median",
    "before_m": 1905.0,
    "mean_m": 742.4,
    "value": 93_000.0,
    "service_distance_m": 1000.0,
    "coverage": [{"distance_m": 500.0, "share": 0.4}, {"distance_m": 1000.0, "share": 0.81}],
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return write_folder(tmp_path_factory.mktemp("siting")).settings


@pytest.fixture(scope="module")
def document(settings: Settings) -> dict[str, Any]:
    return asked(settings)


@pytest.fixture(scope="module")
def other(settings: Settings) -> dict[str, Any]:
    return asked(settings, objective="center", added=1, exclude=["A1"])


@pytest.mark.parametrize(
    ("changes", "chinese", "english"),
    [
        ({}, "新增 3 处，平均距离从 1,905 米降到 742 米。", None),
        ({"before_m": None}, "新增 3 处，平均距离 742 米。", "New sites: 3; mean distance 742 m."),
        (
            {"objective": "coverage"},
            "新增 3 处，1,000 米以内覆盖 81% 的需求。",
            "New sites: 3; 81 % of demand within 1,000 m.",
        ),
        ({"objective": "fewest"}, "新增 3 处，1,000 米以内覆盖 81% 的需求。", None),
        ({"objective": "center", "value": 7403.06}, "新增 3 处，最远 7,403 米。", None),
        ({"added": None}, "没有找到可行的方案。", "No plan was found."),
    ],
)
def test_the_headline(changes: dict[str, Any], chinese: str, english: str | None) -> None:
    assert headline(FACTS | changes, "zh") == chinese
    if english is not None:
        assert headline(FACTS | changes, "en") == english


def test_how_sure_a_plan_is() -> None:
    assert proof({"status": "proven", "gap": 0.0}, "zh") == {"text": "已证明最优", "tone": "ok"}
    assert proof({"status": "heuristic", "gap": None}, "en")["tone"] == "warn"
    assert set(scenario_words.TONES) == {"proven", "gap", "heuristic", "infeasible"}


def test_the_sites_and_the_curve_are_tables(document: dict[str, Any]) -> None:
    sites, curve = site_rows(document, "zh"), curve_rows(document, "zh")
    assert sites[1] == ["A2", "=1+1", "新增", "–", "2", "–"]
    assert all(len(row) == len(scenario_words.SITE_HEADS) for row in sites)
    assert [row[0] for row in curve] == ["现状", "+1", "+2"]
    assert curve[0][1:5] == ["–", "–", "–", "–"]
    assert re.fullmatch(r"[\d,]+ 权重·米", curve[2][1])
    assert all(len(row) == len(scenario_words.CURVE_HEADS) for row in curve)


def test_a_site_that_stands_and_how_full_it_is(document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    changed["sites"][0]["standing"] = True
    changed["curve"][2]["loads"][0]["utilisation"] = 1.034
    assert site_rows(changed, "en")[0][2:] == ["Standing", "3", "1", "103%"]


def test_without_a_plan_there_are_no_sites(document: dict[str, Any]) -> None:
    assert site_rows(document | {"chosen": None}, "zh") == []
    assert shared_sites([document | {"chosen": None}, document])[0] == []


def test_units_follow_the_objective(document: dict[str, Any], other: dict[str, Any]) -> None:
    assert (value_unit(document, "zh"), value_unit(other, "zh")) == ("权重·米", "米")
    assert with_unit(12.0, other, "en") == "12 m"


def test_two_side_by_side(document: dict[str, Any], other: dict[str, Any]) -> None:
    rows = {label: (texts, differs) for label, texts, differs in beside([document, other], "zh")}
    assert rows["目标"] == (["平均距离最短", "最远的最近"], True)
    assert rows["新增"] == (["2", "1"], True)
    assert rows["500 米以内"] == (["33%", "0%"], True)
    assert shared_sites([document, other]) == [["A2 =1+1"], ["A1 金桥路口"], []]
    assert beside([document, document], "en") == [
        (label, texts, False) for label, texts, _ in beside([document, document], "en")
    ]


def test_what_only_one_says_is_empty_in_the_other(document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    changed["curve"][2]["coverage"] = []
    rows = {label: texts for label, texts, _ in beside([document, changed], "zh")}
    assert rows["500 米以内"] == ["33%", "–"]


def test_columns_of_different_lengths_are_rows() -> None:
    assert padded([["a"], [], ["b", "c"]]) == [("a", "", "b"), ("", "", "c")]
