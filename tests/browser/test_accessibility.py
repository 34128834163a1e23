"""axe-core finds nothing serious on any page, on a desk and a phone, in day and night."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.walk import OPEN, SIGNED, sign_in, visit, walked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("walk")]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .flatMap(({ id, nodes }) => nodes.map(
    ({ target, failureSummary }) => `${id} ${target} ${failureSummary}`))"""
# language, width, height, scheme: all values of each, not all pairs
WAYS = (("zh", 1280, 800, "light"), ("en", 390, 844, "dark"))
OTHER_WAYS = (("en", 1280, 800, "dark"), ("zh", 390, 844, "light"), ("en", 390, 844, "light"))


@pytest.fixture(scope="module")
def county(new_county: Callable[[], Path]) -> Iterator[str]:
    with walked(new_county()) as url:
        yield url


def look(browser: Browser, way: tuple[str, int, int, str]) -> Page:
    _, width, height, scheme = way
    options: dict[str, Any] = {"color_scheme": scheme, "has_touch": width < 800}
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    return context.new_page()


def faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN)
    return found


def walk(
    browser: Browser, county: str, way: tuple[str, int, int, str], *, part: slice
) -> dict[str, list[str]]:
    """Look at a part of all pages; return what is wrong by page."""
    page = look(browser, way)
    found = {}
    for path in (*OPEN, "/signin")[part]:
        visit(page, county, path, language=way[0])
        found[path] = faults(page)
    sign_in(page, county)
    for path in SIGNED[part]:
        visit(page, county, path, language=way[0])
        found[f"{path} (signed in)"] = faults(page)
    page.context.close()
    return {path: wrong for path, wrong in found.items() if wrong}


@pytest.mark.parametrize(("way", "first"), zip(WAYS, (0, 1), strict=True))
def test_axe_finds_nothing_serious(
    browser: Browser, county: str, way: tuple[str, int, int, str], first: int
) -> None:
    assert walk(browser, county, way, part=slice(first, None, 2)) == {}


@pytest.mark.thorough
@pytest.mark.parametrize("way", [*WAYS, *OTHER_WAYS])
def test_axe_finds_nothing_serious_any_way(
    browser: Browser, county: str, way: tuple[str, int, int, str]
) -> None:
    assert walk(browser, county, way, part=slice(None)) == {}


def test_axe_finds_nothing_serious_in_what_opens(browser: Browser, county: str) -> None:
    page = look(browser, WAYS[0])
    visit(page, county, "/maps/overview", language="zh")
    page.get_by_role("tab", name="筛选").click()
    page.click("[data-facets=urban_stops] .facet-layer")
    page.click("[data-field=road_name] .facet-head")
    page.get_by_role("button", name="时间轴").click()
    page.wait_for_selector(".time-handles")
    page.get_by_role("combobox", name="搜索").or_(page.get_by_role("searchbox")).first.fill("泰北")
    page.wait_for_selector("[role=option]")
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.click("[data-action=share]")
    page.wait_for_selector("dialog#share[open]")
    assert faults(page) == []
    page.context.close()


def test_axe_does_look(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><button></button></main>")
    assert any(text.startswith("button-name") for text in faults(page))
    page.close()
