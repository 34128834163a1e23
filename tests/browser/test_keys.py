"""The keyboard in real Chromium: the order of Tab, and the list that is the map in words."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from tests.browser.harness import served
from tests.browser.records import X, Y, files
from tests.watching import wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser

REGION = """() => {
  const held = document.activeElement;
  const names = { ".panel": "panel", ".map-tools-top": "tools", ".dock": "list" };
  Object.assign(names, { ".map-tools-side": "zoom", ".folium-map": "map" });
  for (const [selector, name] of Object.entries(names)) if (held.closest(selector)) return name;
  return held === document.body ? "page" : "other";
}"""
RING = """() => {
  const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
    || style.boxShadow.includes("0px 0px 0px");
}"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(files()) as address:
        yield address


def test_tab_goes_from_panel_to_tools_to_list_to_map(url: str, open_page: Open) -> None:
    page, watch = open_page(f"{url}/maps/demo?z=14&c={X},{Y}&table=stops")
    wait_drawn(page)
    page.wait_for_selector(".dock tr[data-at]")
    page.locator(".panel [role=tab][aria-selected=true]").focus()
    met = []
    for _ in range(60):
        met.append(page.evaluate(REGION))
        assert page.evaluate(RING), met
        if met[-1] == "zoom":
            break
        page.keyboard.press("Tab")
    assert [name for name, _ in groupby(met)] == ["panel", "tools", "list", "map", "zoom"]
    assert watch.is_clean(), watch.errors


def test_one_key_opens_the_list_which_leads_to_the_map(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/maps/demo?z=14&c={X},{Y}")
    wait_drawn(page)
    page.locator(".folium-map").focus()
    assert "L 键" in (page.locator(".folium-map").get_attribute("aria-label") or "")
    page.keyboard.press("l")
    page.wait_for_function("() => document.activeElement.getAttribute('role') === 'grid'")
    assert page.get_by_role("region", name="列表（属性表）").is_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".popup-card h2").inner_text() == "S00001"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.locator(".dock").is_hidden()
    # in a field it is a letter
    page.get_by_role("tab", name="筛选").click()
    page.locator("[data-tool=place]").click()
    page.keyboard.type("l")
    assert page.locator("#place-go").input_value() == "l"
    assert page.locator(".dock").is_hidden()


def test_full_screen_takes_panel_and_tools_along(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/maps/demo?z=14&c={X},{Y}")
    wait_drawn(page)
    page.get_by_role("button", name="全屏").click()
    page.wait_for_function("() => document.fullscreenElement?.className.includes('work')")
    for part in (".panel", ".map-tools-top", ".folium-map"):
        assert page.locator(part).is_visible(), part
