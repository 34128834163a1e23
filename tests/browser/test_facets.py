"""The tab of filters in real Chromium: what is offered, what is counted, what a press does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.records import X, Y, files
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    from tests.browser.harness import served  # noqa: PLC0415 - one site for all

    english = {f"/en{path}": text for path, text in files(language="en").items()}
    with served(files() | english) as address:
        yield address


@pytest.fixture
def facets(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(query: str = "", **options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{url}/maps/demo?z=14&c={X},{Y}&{query}", **options)
        wait_drawn(page)
        page.get_by_role("tab", name="筛选").click()
        head = page.locator("[data-facets=stops] .facet-layer")
        if head.get_attribute("aria-expanded") == "false":
            head.click()
        page.wait_for_selector("[data-facets=stops] .facet")
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def field(page: Page, name: str) -> Locator:
    block = page.locator(f"[data-facets=stops] [data-field={name}]")
    head = block.locator(".facet-head")
    if head.get_attribute("aria-expanded") == "false":
        head.click()
    return block


def choices(block: Locator) -> list[list[str]]:
    block.page.wait_for_timeout(150)
    rows = block.locator("li:visible").all()
    return [[row.locator("label").inner_text(), row.locator(".count").inner_text()] for row in rows]


def test_fields_that_group_are_offered_and_no_personal_one(facets: Callable[..., Page]) -> None:
    page = facets()
    names = [
        block.get_attribute("data-field")
        for block in page.locator("[data-facets=stops] .facet").all()
    ]
    # the key names each stop, the plate is personal
    assert names == ["road", "kind", "shelter", "slots", "built"]
    heads = [head.inner_text() for head in page.locator(".facet-head > bdi:first-of-type").all()]
    assert heads == ["道路", "类型", "候车亭", "广告位", "建成"]


def test_choices_count_what_the_other_filters_leave(facets: Callable[..., Page]) -> None:
    page = facets()
    shelter = field(page, "shelter")
    assert choices(shelter) == [["是", "32"], ["否", "64"]]
    kind = field(page, "kind")
    assert choices(kind) == [["港湾式", "47"], ["直线式", "48"], ["无值", "1"]]
    shelter.get_by_label("是").check()
    assert choices(kind) == [["港湾式", "15"], ["直线式", "16"], ["无值", "1"]]
    # a field does not count its own filter
    assert choices(shelter) == [["是", "32"], ["否", "64"]]
    assert "f.stops.shelter=true" in page.url
    assert page.locator("[data-facets=stops] .facet-layer .count").inner_text() == "32 / 96"
    kind.get_by_label("无值").check()
    assert "f.stops.kind=&" in page.url
    assert page.locator("[data-facets=stops] .facet-layer .count").inner_text() == "1 / 96"


def test_back_undoes_a_choice(facets: Callable[..., Page]) -> None:
    page = facets()
    shelter = field(page, "shelter")
    shelter.get_by_label("是").check()
    shelter.get_by_label("否").check()
    assert "f.stops.shelter=false,true" in page.url
    page.go_back()
    page.wait_for_timeout(200)
    assert shelter.get_by_label("是").is_checked()
    assert not shelter.get_by_label("否").is_checked()
    page.go_back()
    page.wait_for_timeout(200)
    assert not shelter.get_by_label("是").is_checked()


def test_an_address_opens_what_it_asks_for(facets: Callable[..., Page]) -> None:
    page = facets("f.stops.road=%E6%B3%B0%E5%8C%97%E8%B7%AF")
    said = page.locator("[data-field=road] .facet-said")
    assert said.inner_text() == "泰北路"
    assert page.locator("[data-field=road]").get_by_label("泰北路").is_checked()
    page.get_by_role("button", name="清除“站点”的筛选").click()
    page.wait_for_timeout(150)
    assert "f.stops" not in page.url
    assert said.inner_text() == ""


def test_a_long_list_can_be_searched(facets: Callable[..., Page]) -> None:
    page = facets()
    road = field(page, "road")
    assert len(choices(road)) == 16
    road.get_by_role("searchbox", name="查找道路").fill("泰")
    assert choices(road) == [["泰北路", "6"]]
    road.get_by_role("searchbox").fill("没有")
    assert choices(road) == []
    assert "没有找到" in road.inner_text()


def test_ranges_have_bars_and_ends(facets: Callable[..., Page]) -> None:
    page = facets()
    slots = field(page, "slots")
    bars = slots.locator(".bar-one")
    assert bars.count() == 7
    assert bars.first.get_attribute("title") == "0 至 0：13"
    slots.get_by_label("从").fill("6")
    slots.get_by_label("到", exact=True).fill("2")
    slots.get_by_label("到", exact=True).press("Enter")
    page.wait_for_timeout(150)
    # the ends are put in order
    assert "f.stops.slots=2..6" in page.url
    assert slots.locator(".bar-one.out").count() == 2
    slots.get_by_role("button", name="清除").click()
    page.wait_for_timeout(150)
    assert "slots" not in page.url


def test_days_have_bins_that_can_be_pressed(facets: Callable[..., Page]) -> None:
    page = facets()
    built = field(page, "built")
    bars = built.locator(".bar-one")
    assert bars.count() == 6
    assert bars.nth(1).get_attribute("title") == "2024年2月1日 至 2024年2月29日：16"
    bars.nth(1).click()
    page.wait_for_timeout(150)
    assert "f.stops.built=2024-02-01..2024-02-29" in page.url
    assert built.get_by_label("从").input_value() == "2024-02-01"
    assert page.locator(".chip bdi").inner_text() == "建成：2024年2月1日 至 2024年2月29日"


def test_nothing_that_passes_is_explained_with_a_way_out(facets: Callable[..., Page]) -> None:
    page = facets("f.stops.kind=&f.stops.slots=3..")
    said = page.locator(".chips-none")
    assert "没有要素符合全部条件" in said.inner_text()
    said.get_by_role("button", name="去掉筛选：类型 = 无值").click()
    page.wait_for_timeout(150)
    assert "f.stops.kind" not in page.url
    assert said.inner_text() == ""


def test_a_layer_that_is_off_has_no_facets(facets: Callable[..., Page]) -> None:
    page = facets()
    assert page.locator("[data-facets]").count() == 2
    page.get_by_role("tab", name="图层与图例").click()
    page.locator("#on-street").uncheck()
    page.get_by_role("tab", name="筛选").click()
    assert page.locator("[data-facets]").count() == 1


def test_tabs_are_reached_with_arrows(facets: Callable[..., Page]) -> None:
    page = facets()
    page.get_by_role("tab", name="筛选").focus()
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("tab", name="图层与图例").get_attribute("aria-selected") == "true"
    assert page.locator("#view-facets").is_hidden()


def test_bins_are_round(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/maps/demo")
    wait_drawn(page)
    ask = "async () => { const m = await import('/static/js/facet_fields.js'); return %s; }"
    bins = page.evaluate(ask % "m.numberBins([0.03, 0.98], false)")
    assert (bins[0], bins[-1]) == ({"low": 0, "high": 0.1}, {"low": 0.9, "high": 1})
    weeks = page.evaluate(ask % "m.dayBins(['2024-05-16T08:00', '2024-06-30'])")
    # weeks begin on Monday
    assert weeks[0] == {"low": "2024-05-13", "high": "2024-05-19"}
    assert len(weeks) == 7
    years = page.evaluate(ask % "m.dayBins(['1999-05-16', '2024-06-30'])")
    assert (len(years), years[-1]) == (26, {"low": "2024-01-01", "high": "2024-12-31"})
    assert page.evaluate(ask % "m.dayBins(['soon', 'later'])") == []


def test_a_phone_has_targets_for_fingers(facets: Callable[..., Page]) -> None:
    page = facets("f.stops.shelter=true", width=390, height=844, touch=True)
    for part in (".tab", ".facet-layer", ".facet-head", ".facet-codes li"):
        box = page.locator(f"{part}:visible").first.bounding_box()
        assert box is not None, part
        assert box["height"] >= 44, part
        assert box["x"] + box["width"] <= 390, part
