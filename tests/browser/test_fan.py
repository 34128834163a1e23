"""Points upon each other in real Chromium: they fan out, by mouse, keys and thumb."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.harness import Site, layer, look, points, served
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

X, Y = 121.1, 33.5
NAMES = [f"案件{number}" for number in range(1, 6)]
PLACES = "async ([count, options]) => (await import('/static/js/fan.js')).fanPlaces(count, options)"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    cases = layer(
        "cases",
        points([(X, Y)] * 5 + [(X + 0.004, Y)]),
        [look(None, "案件", shape="triangle_up")],
        keys=[*"abcdef"],
        title="案件",
        fields=[{"name": "name", "title": "名称", "type": "string", "labels": {}}],
        popup={"title": "name", "subtitle": None, "badges": [], "facts": ["name"]},
        columns={"name": [*NAMES, "单独"]},
    )
    made = Site([cases], (X - 0.01, Y - 0.01, X + 0.01, Y + 0.01)).files()
    with served(made) as address:
        yield address


@pytest.fixture
def fan(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(**options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{url}/maps/demo?z=16&c={X},{Y}", **options)
        wait_drawn(page)
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("count", [2, 7, 24])
def test_no_two_members_touch(url: str, open_page: Open, count: int) -> None:
    page, _ = open_page(f"{url}/maps/demo")
    for up in (True, False):
        found = page.evaluate(PLACES, [count, {"size": 30, "up": up}])
        assert len(found) == count
        assert min(math.dist(a, b) for a, b in itertools.combinations(found, 2)) > 30
        assert all((y < 0) is up for _, y in found)


def test_a_press_fans_out_and_a_member_is_selected(fan: Callable[..., Page]) -> None:
    page = fan()
    page.mouse.click(*middle(page.locator(".folium-map")))
    page.wait_for_selector(".fan-one")
    members = page.locator(".fan-one")
    assert [item.get_attribute("title") for item in members.all()] == [
        f"{name} · 案件" for name in NAMES
    ]
    assert page.locator(".popup-card h2").inner_text() == NAMES[0]
    members.nth(3).click()
    assert page.locator(".popup-card h2").inner_text() == NAMES[3]
    assert "sel=cases/d" in page.url
    assert members.nth(3).get_attribute("aria-pressed") == "true"
    # the pager of the popup and the fan agree
    page.locator(".popup-card").get_by_title("下一个").click()
    assert members.nth(4).get_attribute("aria-pressed") == "true"
    # the fan stays with its place while the map moves, and nothing covers the popup
    before = middle(members.nth(0))
    page.evaluate("document.querySelector('.folium-map').focus()")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert middle(members.nth(0))[0] == pytest.approx(before[0] - 80, abs=1)
    page.locator(".popup-card").get_by_title("关闭").click()
    assert page.locator(".fan").is_hidden()
    # one alone does not fan out
    pixels = 0.004 / 360 * 256 * 2**16
    x, y = middle(page.locator(".folium-map"))
    page.mouse.click(x + pixels - 80, y)
    page.wait_for_selector(".popup-card")
    assert page.locator(".popup-card h2").inner_text() == "单独"
    assert page.locator(".fan").is_hidden()


def test_keys_walk_open_and_close(fan: Callable[..., Page]) -> None:
    page = fan()
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    held = "document.activeElement.title"
    assert page.evaluate(held) == f"{NAMES[0]} · 案件"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(held) == f"{NAMES[2]} · 案件"
    assert page.locator(".popup-card h2").inner_text() == NAMES[0]
    page.keyboard.press("Enter")
    assert page.locator(".popup-card h2").inner_text() == NAMES[2]
    assert "此处重叠 5 个" in (page.locator(".fan").get_attribute("aria-label") or "")
    page.keyboard.press("Escape")
    assert page.locator(".fan").is_hidden()
    assert page.evaluate("document.activeElement.className").startswith("folium-map")


def test_a_thumb_finds_members_above_the_sheet(fan: Callable[..., Page]) -> None:
    page = fan(width=390, height=844, touch=True)
    page.touchscreen.tap(*middle(page.locator(".folium-map")))
    page.wait_for_selector(".fan-one")
    page.wait_for_timeout(500)
    sheet = page.locator(".panel").bounding_box()
    assert sheet is not None
    for member in page.locator(".fan-one").all():
        box = member.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 43.9
        assert box["y"] + box["height"] <= sheet["y"]
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    page.locator(".fan-one").nth(1).tap()
    assert page.locator(".popup-card h2").inner_text() == NAMES[1]
