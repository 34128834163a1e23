"""Measuring in real Chromium: known answers, the tool by mouse, keys and thumb."""

from __future__ import annotations

import math
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from pyproj import Geod

from tests.browser.harness import served
from tests.browser.records import X, Y, files
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]
    Places = list[list[float]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

CGCS2000 = Geod(a=6378137, rf=298.257222101)
ASK = """async (paths) => {
  const { pathLength, ringArea } = await import("/static/js/geodesy.js");
  return paths.map((path) => [pathLength(path), ringArea(path)]);
}"""
CROSSED = """async (rings) => {
  const { isCrossed } = await import("/static/js/geodesy.js");
  return rings.map(isCrossed);
}"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    english = {f"/en{path}": page for path, page in files(language="en").items()}
    english["/maps/demo.en"] = english.pop("/en/maps/demo").replace("/maps/demo.js", "/en.js")
    english["/en.js"] = english.pop("/en/maps/demo.js").replace("/maps/demo.json", "/en.json")
    english["/en.json"] = english.pop("/en/maps/demo.json")
    blank = {"/blank": "<!doctype html><title>blank</title>"}
    with served(files() | english | blank) as address:
        yield address


@pytest.fixture
def measure(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(name: str = "demo", **options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{url}/maps/{name}?z=15&c={X},{Y}", **options)
        wait_drawn(page)
        page.locator("[data-tool=measure]").click()
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def ring(chance: random.Random) -> Places:
    """A ring that does not cross itself, from ten meters to some degrees across."""
    x, y = chance.uniform(-180, 180), chance.uniform(-70, 70)
    size = 10 ** chance.uniform(-4, 0.8)
    turns = sorted(chance.uniform(0, math.tau) for _ in range(chance.randint(3, 8)))
    return [[x + size * math.cos(turn), y + size * math.sin(turn)] for turn in turns]


def test_lengths_and_areas_are_those_of_the_geodesic(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/blank")
    chance = random.Random(7)  # noqa: S311 - nothing secret
    paths = [ring(chance) for _ in range(300)]
    # along the equator, along a meridian, over the date line, twice the same place, nothing
    paths += [[[0, 0], [9, 0], [9, 4]], [[121, -5], [121, 5]], [[179.9, 33], [-179.8, 33.1]]]
    paths += [[[X, Y], [X, Y]], [[X, Y]], []]
    for path, (length, area) in zip(paths, page.evaluate(ASK, paths), strict=True):
        lon, lat = [place[0] for place in path], [place[1] for place in path]
        assert length == pytest.approx(CGCS2000.line_length(lon, lat), abs=1e-4)
        if len(path) > 2:
            known = abs(CGCS2000.polygon_area_perimeter(lon, lat)[0])
            assert area == pytest.approx(known, rel=1e-8, abs=0.05)
        else:
            assert area == 0
    # places nearly opposite on the globe have no answer
    assert math.isnan(page.evaluate(ASK, [[[0, 0.5], [179.7, -0.5]]])[0][0])
    bow = [[0, 0], [1, 1], [1, 0], [0, 1]]
    assert page.evaluate(CROSSED, [bow, bow[:3], [[0, 0], [1, 0], [1, 1], [0, 1]], []]) == [
        *(True, False),
        *(False, False),
    ]


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def value(page: Page) -> float:
    text = page.locator(".measure-value").inner_text()
    return float(re.sub(r"[^\d.]", "", text.split(" ")[0]))


def test_a_length_by_mouse_in_two_units(measure: Callable[..., Page]) -> None:
    page = measure()
    x, y = middle(page)
    page.mouse.click(x - 100, y)
    page.mouse.click(x, y)
    page.mouse.dblclick(x + 100, y)
    # at zoom 15 a pixel is 40075016.7 m / 256 / 2^15 times the cosine of the latitude
    pixel = 40075016.7 / 256 / 2**15 * math.cos(math.radians(Y))
    assert value(page) == pytest.approx(200 * pixel, rel=3e-3)
    assert page.locator(".measure-value").inner_text().endswith(" 米")
    metres = value(page)
    page.get_by_role("button", name="公里", exact=True).click()
    assert value(page) == pytest.approx(metres / 1000, abs=6e-4)
    # a press while measuring selects nothing, and moves after its end change nothing
    page.mouse.move(x, y + 80)
    assert value(page) == pytest.approx(metres / 1000, abs=6e-4)
    assert page.locator(".popup-card").count() == 0
    page.keyboard.press("Escape")
    assert page.locator(".card-measure").is_hidden()
    assert page.evaluate("document.activeElement.dataset.tool") == "measure"
    page.mouse.click(x, y)
    page.wait_for_selector(".popup-card")


def test_an_area_by_keys_in_four_units(measure: Callable[..., Page]) -> None:
    page = measure()
    page.get_by_role("button", name="测面", exact=True).click()
    page.locator(".folium-map").focus()
    for step in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press("Space")
        page.keyboard.press(step)
        page.wait_for_timeout(400)
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    status = page.locator(".card-measure .sr[role=status]")
    assert status.inner_text().startswith("4 个点")
    page.keyboard.press("Backspace")
    assert status.inner_text().startswith("3 个点")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert status.inner_text().startswith("测量结束")
    assert page.locator(".measure-more").inner_text().startswith("周长")
    sizes = {}
    for unit in ("平方米", "亩", "公顷", "平方公里"):
        page.get_by_role("button", name=unit, exact=True).click()
        sizes[unit] = value(page)
    assert sizes["平方米"] == pytest.approx((80 * 3.983) ** 2, rel=0.02)
    assert sizes["亩"] == pytest.approx(sizes["平方米"] * 3 / 2000, abs=6e-3)
    assert sizes["公顷"] == pytest.approx(sizes["平方米"] / 10_000, abs=6e-4)
    assert sizes["平方公里"] == pytest.approx(sizes["平方米"] / 1e6, abs=6e-5)


def test_the_value_is_copied_in_english(measure: Callable[..., Page]) -> None:
    page = measure("demo.en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    x, y = middle(page)
    page.mouse.click(x - 60, y - 40)
    page.mouse.click(x + 60, y + 40)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copy", exact=True).click()
    said = page.locator(".card-measure span[role=status]")
    page.wait_for_timeout(300)
    assert said.inner_text() == "Copied"
    text = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"[\d,]+\.\d m", text)


def test_on_a_phone_the_card_takes_the_place_of_the_sheet(measure: Callable[..., Page]) -> None:
    page = measure(width=390, height=844, touch=True)
    card = page.locator(".card-measure")
    box = card.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["height"]) == (0, 390, 288)
    assert page.locator(".panel").is_hidden()
    for button in card.locator("button").all():
        place = button.bounding_box()
        assert place is not None
        assert min(place["width"], place["height"]) >= 44
    page.touchscreen.tap(120, 240)
    page.touchscreen.tap(220, 240)
    assert value(page) > 100
    page.get_by_role("button", name="退回一点").tap()
    assert value(page) == 0
    card.get_by_role("button", name="关闭").tap()
    assert page.locator(".panel").is_visible()
