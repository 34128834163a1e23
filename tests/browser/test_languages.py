"""No page says a word of the other language, save names and values of features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.walk import OPEN, SIGNED, sign_in, visit, walked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("walk")]
# a name or value of a feature or layer file stands in a bdi or an element of dir="auto"; what is
# meant to be in the other language says so
FOREIGN = """([pattern, own]) => {
  const wrong = new RegExp(pattern, "u");
  const apart = `bdi, [dir=auto], .leaflet-marker-icon, script, style, noscript, code, kbd, canvas`;
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


@pytest.fixture(scope="module")
def county(new_county: Callable[[], Path]) -> Iterator[str]:
    with walked(new_county()) as url:
        yield url


def foreign(page: Page, language: str) -> list[str]:
    found: list[str] = page.evaluate(FOREIGN, [WRONG[language], language])
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_speaks_one_language(browser: Browser, county: str, language: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    found = {}
    for path in (*OPEN, "/signin"):
        visit(page, county, path, language=language)
        found[path] = foreign(page, language)
    sign_in(page, county)
    for path in SIGNED:
        visit(page, county, path, language=language)
        found[f"{path} (signed in)"] = foreign(page, language)
    context.close()
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_a_word_of_the_other_language_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><p title=图例>Layers <bdi>泰北路</bdi> 图层</p>")
    assert foreign(page, "en") == ["图层", "title: 图例"]
    page.set_content("<html lang=zh-CN><p>这里 has been left alone <b lang=en>and this is not</b>")
    assert foreign(page, "zh") == ["这里 has been left alone"]
    page.close()
