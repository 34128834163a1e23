"""Every page: nothing serious for axe-core, no word of the other language, a trust line."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from tests.browser.walk import pages, visit, walked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.walk import Way

pytestmark = pytest.mark.browser
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .flatMap(({ id, nodes }) => nodes.map(
    ({ target, failureSummary }) => `${id} ${target} ${failureSummary}`))"""
# language, width, height, scheme
WAYS = [("zh", 1280, 800, "light")]
# with the way above all values of each, not all combinations
OTHER_WAYS = [
    ("en", 390, 844, "dark"),
    ("en", 1280, 800, "dark"),
    ("zh", 390, 844, "light"),
    ("zh", 1280, 800, "dark"),
    ("en", 390, 844, "light"),
]
# a name or value of a feature or layer file stands in a bdi or an element of dir="auto"; what is
# meant to be in the other language says so; a frozen picture is in the language of its making
FOREIGN = """([pattern, own]) => {
  const wrong = new RegExp(pattern, "u");
  const apart = `bdi, [dir=auto], .leaflet-marker-icon, script, style, noscript, code, kbd, canvas,
    .frozen-picture`;
  const named = (node) => node.closest(apart)
    || (node.closest("[lang]").lang.slice(0, 2) !== own);
  const found = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim();
    if (wrong.test(text) && !named(node.parentElement)) found.push(text);
  }
  for (const element of document.querySelectorAll("[title], [aria-label], [placeholder], [alt]")) {
    if (named(element)) continue;
    for (const name of ["title", "aria-label", "placeholder", "alt"]) {
      const text = element.getAttribute(name) ?? "";
      if (wrong.test(text)) found.push(`${name}: ${text}`);
    }
  }
  return [...new Set(found)];
}"""
CHINESE = "[\\u3001\\u3002\\u3400-\\u9fff\\uff01-\\uff1f]"
# three words of small letters in a row are no name of a format
ENGLISH = "\\b[A-Za-z]?[a-z]+,? [a-z]+,? [a-z]+\\b"
WRONG = {"en": CHINESE, "zh": ENGLISH}
TRUST = {"zh": ("模拟数据", "数据截至", "r"), "en": ("Synthetic data", "Data as of", "r")}


@pytest.fixture(scope="module")
def county(new_county: Callable[[], Path]) -> Iterator[str]:
    with walked(new_county()) as url:
        yield url


def faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN)
    return found


def foreign(page: Page, language: str) -> list[str]:
    found: list[str] = page.evaluate(FOREIGN, [WRONG[language], language])
    return found


def untrusted(page: Page, language: str) -> list[str]:
    """Return what the foot of the page does not say."""
    foot = page.locator("footer").last.inner_text()
    # a frozen page has the id of what never changes, and lists the revisions it was made of
    wanted = TRUST[language][: 2 if page.locator(".frozen-embed, .frozen-head").count() else 3]
    if page.locator(".folium-map").count():
        drawn = page.locator("[data-geosvc=drawn]")
        if not drawn.count() or drawn.inner_text() == "–":
            return ["drawn"]
    return [word for word in wanted if word not in foot]


def walk(browser: Browser, county: str, way: Way) -> dict[str, list[str]]:
    """Look at every page; return what is wrong by page."""
    language = way[0]
    found = {}
    for path, page in pages(browser, county, way):
        found[path] = faults(page) + foreign(page, language)
        # an error page is about no data
        if path != "/nowhere":
            found[path] += untrusted(page, language)
    return {path: wrong for path, wrong in found.items() if wrong}


@pytest.mark.parametrize("way", WAYS)
def test_every_page_is_sound(browser: Browser, county: str, way: Way) -> None:
    assert walk(browser, county, way) == {}


@pytest.mark.thorough
@pytest.mark.parametrize("way", OTHER_WAYS)
def test_every_page_is_sound_in_other_ways(browser: Browser, county: str, way: Way) -> None:
    assert walk(browser, county, way) == {}


def test_axe_finds_nothing_serious_in_what_opens(browser: Browser, county: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
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
    page.close()


def test_axe_does_look(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><button></button></main>")
    assert any(text.startswith("button-name") for text in faults(page))
    page.close()


def test_a_word_of_the_other_language_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><p title=图例>Layers <bdi>泰北路</bdi> 图层</p>")
    assert foreign(page, "en") == ["图层", "title: 图例"]
    page.set_content("<html lang=zh-CN><p>这里 has been left alone <b lang=en>and this is not</b>")
    assert foreign(page, "zh") == ["这里 has been left alone"]
    page.close()
