"""Fingers in real Chromium: the sheet follows, two move the map of an embed, tools have room."""

from __future__ import annotations

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

Touches = list[tuple[float, float]]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(files()) as address:
        yield address


@pytest.fixture
def phone(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(path: str = "maps", **size: int) -> Page:
        options: dict[str, Any] = {"width": 390, "height": 844, "touch": True} | size
        page, watch = open_page(f"{url}/{path}/demo?z=14&c={X},{Y}", **options)
        wait_drawn(page)
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def drag(page: Page, steps: list[Touches]) -> None:
    """Lay fingers on the page, move them, and take them away."""
    cdp = page.context.new_cdp_session(page)
    for number, places in enumerate(steps):
        kind = "touchMove" if number else "touchStart"
        points = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(places)]
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(40)
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def height(page: Page) -> float:
    box = page.locator(".panel").bounding_box()
    assert box is not None
    return box["height"]


def sheet(page: Page) -> str | None:
    page.wait_for_timeout(350)
    return page.locator(".work").get_attribute("data-sheet")


def test_the_sheet_follows_the_finger_and_settles_at_three_heights(
    phone: Callable[..., Page],
) -> None:
    page = phone()
    grip = page.locator(".sheet-grip")
    box = grip.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    x, y = box["x"] + 100, box["y"] + 10
    assert (sheet(page), height(page)) == ("peek", 232)
    cdp = page.context.new_cdp_session(page)
    for kind, down in (("touchStart", 0), ("touchMove", 30), ("touchMove", 80)):
        point = {"x": x, "y": y - down}
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    page.wait_for_timeout(150)
    assert height(page) == pytest.approx(312, abs=2)
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert sheet(page) == "half"
    assert height(page) == pytest.approx(372, abs=1)
    y -= 140
    drag(page, [[(x, y)], [(x, y - 100)], [(x, y - 260)]])
    assert sheet(page) == "full"
    grip.tap()
    assert sheet(page) == "peek"
    grip.focus()
    page.keyboard.press("Enter")
    assert sheet(page) == "half"


def test_two_fingers_move_the_map_of_an_embed_and_one_is_told_so(
    phone: Callable[..., Page],
) -> None:
    page = phone("embed")
    before = page.url
    hint = page.locator(".map-hint")
    drag(page, [[(200, 400)], [(200, 370)], [(200, 330)]])
    assert hint.inner_text() == "用两指移动地图"
    page.wait_for_timeout(600)
    assert page.url == before
    drag(page, [[(150, 400), (250, 400)], [(150, 380), (250, 380)], [(150, 300), (250, 300)]])
    page.wait_for_timeout(800)
    latitude = float(page.url.split("c=")[1].split("&")[0].split(",")[1])
    assert latitude < Y - 0.003
    assert hint.inner_text() == ""


def test_nothing_of_the_tools_lies_upon_another_on_a_short_narrow_phone(
    phone: Callable[..., Page],
) -> None:
    page = phone(width=320, height=568)
    boxes = []
    for part in (".map-tools-top", ".map-tools-side", ".panel", ".bar"):
        box = page.locator(part).bounding_box()
        assert box is not None, part
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        boxes.append(box)
    top, side, panel, _ = boxes
    assert top["y"] + top["height"] <= side["y"]
    assert side["y"] + side["height"] <= panel["y"]
    # a card needs the room of the tools beside the map, and of the list
    page.keyboard.press("l")
    page.wait_for_selector(".dock tr[data-at]")
    page.locator("[data-tool=measure]").tap()
    assert page.locator(".map-tools-side").is_hidden()
    assert page.locator(".dock").is_hidden()
    card = page.locator(".card-measure").bounding_box()
    assert card is not None
    assert card["y"] >= top["y"] + top["height"]
    page.locator(".card-measure").get_by_role("button", name="关闭").tap()
    assert page.locator(".dock").is_visible()


def test_who_asks_for_less_motion_sees_none(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/maps/demo?z=14&c={X},{Y}", width=390, height=844)
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    wait_drawn(page)
    moving = """() => [".panel", ".dock", ".map-tools-side .icon-button"].map((part) =>
      Math.max(...getComputedStyle(document.querySelector(part)).transitionDuration.split(",")
        .map(parseFloat)))"""
    assert page.evaluate(moving) == [0, 0, 0]
    page.locator(".map-tools-side button").first.click()
    assert page.locator(".leaflet-zoom-anim").count() == 0
