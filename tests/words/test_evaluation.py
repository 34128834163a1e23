from __future__ import annotations

from typing import Any

import pytest

from geosvc.words.evaluation import change_text, comparisons
from tests.web.hotspot_catalog import AFTER, EFFECT


def shops(**changes: object) -> dict[str, Any]:
    [view] = comparisons({"shops": EFFECT | changes}, "zh")
    return view


def test_power_comes_first_and_both_comparisons_are_told() -> None:
    sites, found = comparisons(AFTER, "zh")
    assert [view["badge"] for view in (sites, found)] == ["尚未启用", "有变化"]
    power = "先看能力：现有起数只看得出下降 74%以上的变化。累计约 290 起才能对减半下结论。"
    assert sites["texts"][0] == found["texts"][0] == power
    assert "还没有启用" in sites["texts"][1]
    assert sites["chart"] is None
    assert sites["dropped"] == [{"key": "CW01", "why": "尚未实施"}]


def test_the_result_is_told_in_full() -> None:
    assert shops()["texts"][1:] == [
        "整治路段 30 → 15 起，同期对照 33 → 33 起。",
        "周边 8 → 9 起。",
        "相对对照下降 50%，95% 区间 下降 77% 到 上升 10%。",
        "加权差 -14 起，标准误 10.6（已乘离散指数 1.21 的平方根）。",
        "安慰剂名次：1,000 种地点组合中第 1，p = 0.001（60 处可比地点，p 最小可到 0.001）。",
    ]


@pytest.mark.parametrize(
    ("status", "badge", "tone"),
    [
        ("cannot_tell", "还不能判断", "warn"),
        ("no_effect", "没有看出变化", "plain"),
        ("no_placebo", "不能作安慰剂比较", "warn"),
    ],
)
def test_every_status_has_its_badge(status: str, badge: str, tone: str) -> None:
    view = shops(status=status)
    assert (view["badge"], view["tone"]) == (badge, tone)


def test_few_places_allow_no_placebo() -> None:
    view = shops(
        status="no_placebo", placebo=EFFECT["placebo"] | {"places": 5, "smallest_p": 0.055}
    )
    assert (
        view["texts"][-1] == "互不重叠的可比地点只有 5 处（p 最小只到 0.055），不能作安慰剂比较。"
    )


def test_nothing_that_can_be_seen_is_said() -> None:
    view = shops(power={"detectable_change": None, "events_needed": None})
    assert view["texts"][0] == "先看能力：现有起数看不出任何幅度的变化。"
    assert view["chart"]["seen"] is None


def test_an_interval_may_have_no_bound() -> None:
    view = shops(rate_ratio={"value": 2.25, "low": None, "high": None})
    assert "相对对照升至 2.2 倍，95% 区间 下降 100% 到 没有上限。" in view["texts"]
    assert view["chart"]["change"] == [1.25, -1.0, None]
    assert view["chart"]["id"] == "change_shops"


def test_what_was_not_computed_leaves_its_sentence_out() -> None:
    gone = dict.fromkeys(("rate_ratio", "wdd", "placebo", "control", "ring", "power"))
    view = shops(**gone)
    assert view["texts"] == []
    assert view["chart"] is None


@pytest.mark.parametrize(
    ("change", "said"), [(-1.0, "−100%"), (0.0, "+0%"), (1.0, "+100%"), (1.5, "2.5-fold")]
)
def test_a_change_is_told_as_a_share_or_a_multiple(change: float, said: str) -> None:
    assert change_text(change, "en") == said
