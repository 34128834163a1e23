"""Printing in real Chromium: the sheet of what is seen, alone on the paper."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.harness import ROOT, served
from tests.browser.records import X, Y, files
from tests.watching import wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, Route

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser

PICTURE = ROOT / "static" / "img" / "screenshot-map.png"
LISTEN = """() => {
  window.printed = 0;
  window.print = () => {
    window.printed += 1;
    window.shown = document.querySelector(".print-sheet")?.naturalWidth ?? 0;
  };
}"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(files()) as address:
        yield address


def test_the_sheet_of_what_is_seen_is_printed(url: str, open_page: Open) -> None:
    page, watch = open_page(f"{url}/maps/demo?z=14&c={X},{Y}&f.stops.shelter=true&opacity=stops:50")
    wait_drawn(page)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(path=PICTURE, content_type="image/png")

    page.route("**/figures/**", answer)
    page.evaluate(LISTEN)
    page.keyboard.press("Control+p")
    page.wait_for_function("() => window.printed === 1 && window.shown > 0")
    [address] = asked
    query = parse_qs(urlsplit(address).query)
    assert urlsplit(address).path == "/figures/demo.png"
    assert query["landscape"] == ["1"]
    assert query["f.stops.shelter"] == ["true"]
    assert query["opacity"] == ["stops:50"]
    assert query["c"] == [f"{X:.5f},{Y:.5f}"]
    # on paper there is the sheet and nothing else, on one page of its size
    page.emulate_media(media="print")
    seen = "[...document.body.children].filter((part) => part.offsetWidth).map((p) => p.className)"
    assert page.evaluate(seen) == ["print-sheet"]
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 841.91998 594.95996]" in paper or b"/MediaBox [0 0 842 595]" in paper
    page.emulate_media(media="screen")
    assert page.locator(".print-sheet").is_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".print-sheet").count() == 0
    # other paper, and the same as a file
    page.get_by_role("button", name="A3", exact=True).click()
    page.get_by_role("button", name="纵向").click()
    link = page.get_by_role("link", name="打开 PDF").get_attribute("href") or ""
    found = parse_qs(urlsplit(link).query)
    assert urlsplit(link).path == "/figures/demo.pdf"
    assert found["paper"] == ["a3"]
    assert "landscape" not in found
    assert watch.is_clean(), watch.errors


def test_a_sheet_that_does_not_come_is_said_and_nothing_is_printed(
    url: str, open_page: Open
) -> None:
    page, _ = open_page(f"{url}/maps/demo")
    wait_drawn(page)
    page.evaluate(LISTEN)
    page.locator("[data-tool=print]").click()
    page.locator(".card-print .button-main").click()
    page.wait_for_function(
        "() => document.querySelector('.card-print [role=status]').textContent !== ''"
    )
    page.wait_for_timeout(300)
    assert page.locator(".card-print [role=status]").inner_text().startswith("图没有画成")
    assert page.evaluate("window.printed") == 0


INK = """() => {
  const [canvas] = document.querySelectorAll(".leaflet-pane canvas");
  const dots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return [document.documentElement.dataset.theme, dots.some((value) => value > 0)];
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_menu_of_the_browser_prints_map_title_legend_and_trust_line(
    url: str, open_page: Open, width: int, height: int
) -> None:
    address = f"{url}/maps/demo?z=14&c={X},{Y}&f.stops.shelter=true&layers=stops"
    page, watch = open_page(address, width=width, height=height, dark=True)
    wait_drawn(page)
    page.get_by_role("tab", name="筛选").click()
    assert page.evaluate(INK) == ["dark", True]
    # what a person's click on the menu sends first
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(INK) == ["light", True]
    page.emulate_media(media="print")
    for part in (".map-tools-top", ".bar", ".tool-card", ".tabs", "#view-facets", ".sheet-grip"):
        assert page.locator(part).first.is_hidden(), part
    title = page.locator("h1").bounding_box()
    legend = page.locator("#view-legend").bounding_box()
    paper = page.locator(".folium-map").bounding_box()
    trust = page.locator(".trust").bounding_box()
    assert title is not None
    assert title["height"] > 15
    assert legend is not None
    assert paper is not None
    assert trust is not None
    assert title["y"] < legend["y"] < paper["y"] < trust["y"]
    assert legend["y"] + legend["height"] <= paper["y"]
    assert max(paper["width"], paper["height"]) <= 702
    # what is filtered by is said, what is off is not
    assert "候车亭" in page.locator(".panel .chips").inner_text()
    assert page.locator("[data-layer=stops]").is_visible()
    assert page.locator("[data-layer=street]").is_hidden()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(INK) == ["dark", True]
    # and so does Chromium, on one sheet
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    assert page.evaluate(INK) == ["dark", True]
    assert watch.is_clean(), watch.errors
