"""Bad input over HTTP: what cannot be answered gets a clear answer, in both languages."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.siting_catalog import FORM, LAYERS, LON, STEP, Layers, Office, at, write_siting
from tests.web.test_pages import Reader

if TYPE_CHECKING:
    from pathlib import Path

ALONE = {"weight.violations.lane": "0", "weight.violations.curb": "0"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(write_siting(tmp_path))


def answers(office: Office, **form: str) -> list[str]:
    """What the pages of a run say, in Chinese and in English."""
    job_id = office.submit(draws="0", **form)
    office.work()
    return [Reader(office.page(job_id, query)).text for query in ("", "?lang=en")]


RING = ((-1, -1), (11, -1), (11, 1), (-1, 1))
AREA = "; ".join(f"{LON + x * STEP:.6f},{33.5 + y}" for x, y in RING)
RUNS: dict[str, tuple[dict[str, str], str, str]] = {
    "no candidates left": (
        {"areas": AREA},
        "没有可用的候选地块：共 3 个，规则排除 3 个",
        "No candidate can be used: of 3, rules exclude 3",
    ),
    "demand beyond reach": (
        {"reach_m": "50"},
        "在 50 米内没有可用点位",
        "have no usable site within 50 m",
    ),
    "beyond the distance that all must be within": (
        {"objective": "fewest", "service_distance_m": "100"},
        "在 100 米内没有可用点位",
        "have no usable site within 100 m",
    ),
    "more sites than candidates": (
        {"added": "9"},
        "可用候选只有 2 个，要新增 9 处：还差 7 个",
        "Only 2 candidates can be used for the 9 asked for: 7 short",
    ),
    "capacity short": (
        {"objective": "capacitated", "washes_per_bay_day": "1", **ALONE},
        "每天需求 80，2 处最多装 29：还差 51",
        "80 a day, but 2 sites hold at most 29: 51 short",
    ),
    "budget short": (
        {
            "objective": "sizes",
            "washes_per_bay_day": "4",
            "budget": "5",
            "size_bays_1": "10",
            "size_cost_1": "30",
            **ALONE,
        },
        "预算 5 不够",
        "The budget of 5 is too small",
    ),
    "no demand": (
        {**ALONE, "weight.relocated": "0", "weight.closed": "0"},
        "没有需求",
        "There is no demand",
    ),
    "a kept parcel that a rule excludes": (
        {"parcel.CP8": "keep"},
        "要保留的 CP8 被规则排除",
        "CP8 are to be kept, but a rule excludes them",
    ),
    "more kept than may be new": (
        {"parcel.CP1": "keep", "parcel.CP5": "keep"},
        "要保留 2 处，但最多新增 1 处",
        "2 are to be kept, but at most 1 may be new",
    ),
}


PARTLY = {"beyond the distance that all must be within", "more sites than candidates"}
"""What has a plan all the same: as good as it gets, with the reason beside it."""


@pytest.mark.parametrize("name", RUNS)
def test_a_question_without_a_plan_says_why(office: Office, name: str) -> None:
    form, chinese, english = RUNS[name]
    zh, en = answers(office, **form)
    assert chinese in zh
    assert english in en
    is_partly = name in PARTLY
    assert ("没有可行的方案" in zh) != is_partly
    assert ("There is no feasible plan" in en) != is_partly


def apart() -> Layers:
    """The street in two pieces that do not meet, with demand on both."""
    made = copy.deepcopy(LAYERS)
    pieces = [("R1", [at(0), at(4)]), ("R2", [at(4.5), at(10)])]
    made["roads"] = (
        "LineString",
        [
            ({"road_id": name, "road_name": name}, {"type": "LineString", "coordinates": ends})
            for name, ends in pieces
        ],
    )
    return made


def test_streets_that_do_not_meet_are_said(tmp_path: Path) -> None:
    office = Office(write_siting(tmp_path, apart()))
    zh, en = answers(office, added="0")
    assert "没有道路通到任何可用点位，不参与计算" in zh or "互不相通" in zh
    assert "No street leads from" in en or "fall into pieces" in en
    zh, en = answers(office, added="1", **{"parcel.CP5": "exclude"})
    assert "没有道路通到任何可用点位" in zh
    assert "No street leads from 3 demand points" in en
    zh, _ = answers(office, added="1", **{"parcel.CP1": "keep"})
    assert "道路分成几片，互不相通" in zh


FIELDS: list[tuple[dict[str, str], str, str]] = [
    ({"weight.relocated": "-1"}, "weight.relocated", "“-1”不能用，应为 0–1000000 之间的数"),
    ({"weight.relocated": "nan"}, "weight.relocated", "“nan”不能用"),
    ({"weight.violations.lane": "inf"}, "weight.violations.lane", "“inf”不能用"),
    ({"added": "51"}, "added", "应为 0–50 之间的整数"),
    ({"reach_m": "-5"}, "reach_m", "“-5”不能用"),
    ({"draws": "1.5"}, "draws", "“1.5”不能用，应为 0–2000 之间的整数"),
    ({"areas": "121.1,33.5; 121.2"}, "areas", "读不出排除区"),
    ({"areas": "121,33; 122,33; 123,33"}, "areas", "不能用"),
    ({"half_life_days": "90"}, "as_of", "必填"),
    ({"half_life_days": "90", "as_of": "yesterday"}, "as_of", "不是日期"),
    ({"service_minutes": "15"}, "arrivals_per_hour", "必填"),
    ({"arrivals_per_hour": "15"}, "service_minutes", "必填"),
    ({"arrivals_per_hour": "-1", "service_minutes": "9"}, "arrivals_per_hour", "“-1”不能用"),
    ({"objective": "capacitated"}, "washes_per_bay_day", "必填"),
    ({"objective": "sizes", "washes_per_bay_day": "9"}, "budget", "必填"),
    ({"objective": "coverage", "service_distance_m": ""}, "service_distance_m", "必填"),
    ({"size_bays_2": "9"}, "size_cost_2", "必填"),
    ({"rule_1.layer": "roads"}, "rule_1.distance_m", "必填"),
    ({"rule_1.layer": "roads", "rule_1.distance_m": "-3"}, "rule_1.distance_m", "“-3”不能用"),
    ({"depots.taxi": "121.1"}, "depots.taxi", "“121.1”不是位置"),
    ({"depots.bus": "121.1,33.5,400"}, "depots.bus", "写了 400 辆，一共只有 40 辆"),
]


@pytest.mark.parametrize(("form", "field", "said"), FIELDS)
def test_a_fault_stands_under_its_field_and_nothing_typed_is_lost(
    office: Office, form: dict[str, str], field: str, said: str
) -> None:
    sent: dict[str, Any] = {**FORM, "budget": "123.5", **form}
    if form.get("objective") == "sizes":
        sent["budget"] = ""
    answer = office.ask("/siting", method="POST", data=sent)
    assert answer.status_code == 422
    assert "no-store" in answer.headers["Cache-Control"]
    page = answer.get_data(as_text=True)
    found = re.search(rf'id="fault-{re.escape(field)}"[^>]*>([^<]*)<', page)
    assert found is not None
    assert said in found[1]
    assert re.search(rf'name="{re.escape(field)}"[^>]*aria-invalid="true"', page)
    assert re.search(rf'name="budget"[^>]*value="{sent["budget"]}"', page)
    assert "没有开始计算" in Reader(page).text
    with office.table() as table:
        assert table.recent() == ()
    english = office.ask("/siting?lang=en", method="POST", data=sent).get_data(as_text=True)
    found = re.search(rf'id="fault-{re.escape(field)}"[^>]*>([^<]*)<', english)
    assert found is not None
    assert not re.search(r"[\u4e00-\u9fff]", found[1])


def test_a_machine_is_told_in_its_way(office: Office) -> None:
    accept = {"Accept": "application/json"}
    data = {**FORM, "weight.relocated": "-1"}
    token = office.ask("/siting").request.headers["Authorization"]
    headers = {**accept, "Authorization": token}
    answer = office.client.post("/siting", data=data, headers=headers)
    assert answer.status_code == 422
    assert answer.get_json()["issues"] == ["权重: “-1”不能用，应为 0–1000000 之间的数"]


def test_a_hostile_text_is_shown_as_text(office: Office) -> None:
    bad = '"><script>x</script>{{7*7}}'
    data = {**FORM, "added": bad, "depots.taxi": bad, "rule_1.layer": bad, "objective": bad}
    page = office.ask("/siting", method="POST", data=data).get_data(as_text=True)
    assert "<script>x" not in page
    assert "49" not in Reader(page).text
    assert "{{7*7}}" in Reader(page).text
