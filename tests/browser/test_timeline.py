"""The time slider in real Chromium: bins, handles, play, and the address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.harness import served
from tests.browser.records import X, Y, files
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]


def _timed() -> dict[str, str]:
    made = files()
    manifest = json.loads(made["/maps/demo.json"])
    for entry in manifest["layers"]:
        entry["time"] = "built" if entry["id"] == "stops" else None
    return made | {"/maps/demo.json": json.dumps(manifest)}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(_timed() | {f"/plain{path}": text for path, text in files().items()}) as address:
        yield address


@pytest.fixture
def slider(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(query: str = "", **options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{url}/maps/demo?z=14&c={X},{Y}&{query}", **options)
        wait_drawn(page)
        if "built" not in query:
            page.get_by_role("button", name="时间轴", exact=True).click()
        page.wait_for_selector(".map-time .bar-one")
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def ends(page: Page) -> str:
    page.wait_for_timeout(150)
    return page.locator(".time-span").inner_text()


def test_months_count_and_are_pressed(slider: Callable[..., Page]) -> None:
    page = slider()
    page.get_by_role("button", name="月", exact=True).click()
    assert page.locator(".bar-count").all_inner_texts() == ["16"] * 6
    page.locator(".map-time .bar-one").nth(1).click()
    assert ends(page) == "2024年2月1日 – 2024年2月29日"
    assert "f.stops.built=2024-02-01..2024-02-29" in page.url
    assert page.locator(".map-time [role=status]").inner_text() == "16 / 96"
    assert page.locator("[data-layer=stops] > .count").inner_text() == "16 / 96"
    # the bars say what the whole span holds
    assert page.locator(".bar-count").all_inner_texts() == ["16"] * 6
    page.get_by_role("button", name="全部时间").click()
    page.wait_for_timeout(150)
    assert "built" not in page.url


def test_handles_move_by_keys_and_push_each_other(slider: Callable[..., Page]) -> None:
    page = slider()
    page.get_by_role("button", name="月", exact=True).click()
    page.locator(".map-time .bar-one").nth(1).click()
    page.get_by_role("slider", name="结束时间").focus()
    page.keyboard.press("ArrowRight")
    assert ends(page) == "2024年2月1日 – 2024年3月31日"
    page.get_by_role("slider", name="起始时间").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
    assert ends(page) == "2024年4月1日 – 2024年4月30日"
    value = page.get_by_role("slider", name="结束时间").get_attribute("aria-valuetext")
    assert value == "2024年4月30日"


def test_play_moves_on_and_pauses(slider: Callable[..., Page]) -> None:
    page = slider()
    page.get_by_role("button", name="月", exact=True).click()
    play = page.locator(".time-head button").first
    play.click()
    assert play.inner_text() == "暂停"
    page.locator(".time-span", has_text="2024年2月1日").wait_for(timeout=8000)
    play.click()
    assert play.inner_text() == "播放"
    stays = ends(page)
    page.wait_for_timeout(1200)
    assert ends(page) == stays


def test_an_address_that_filters_by_time_opens_it(slider: Callable[..., Page]) -> None:
    page = slider("f.stops.built=2024-02..2024-03")
    assert page.locator(".map-time").is_visible()
    assert ends(page).startswith("2024年")
    page.get_by_role("button", name="关闭时间轴").click()
    assert page.locator(".map-time").is_hidden()
    # what is filtered stays so
    assert "f.stops.built=2024-02..2024-03" in page.url


def test_a_map_without_times_has_no_slider(open_page: Open) -> None:
    with served(files()) as address:
        page, _ = open_page(f"{address}/maps/demo")
        wait_drawn(page)
        assert page.locator("[data-tool=time]").count() == 0
        assert page.locator("[data-tool=table]").count() == 1


def test_a_phone_shows_it_above_the_sheet(slider: Callable[..., Page]) -> None:
    page = slider(width=390, height=844, touch=True)
    box, sheet = page.locator(".map-time").bounding_box(), page.locator(".panel").bounding_box()
    assert box is not None
    assert sheet is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= sheet["y"]


def test_on_a_short_phone_it_takes_the_place_of_the_sheet(slider: Callable[..., Page]) -> None:
    page = slider(width=320, height=568, touch=True)
    box = page.locator(".map-time").bounding_box()
    tools = page.locator(".map-tools-top").bounding_box()
    trust = page.locator(".trust").bounding_box()
    assert box is not None
    assert tools is not None
    assert trust is not None
    assert tools["y"] + tools["height"] <= box["y"]
    assert box["y"] + box["height"] <= trust["y"]
    assert page.locator(".panel").is_hidden()
    page.get_by_role("button", name="关闭时间轴").tap()
    assert page.locator(".panel").is_visible()
