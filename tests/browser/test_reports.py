"""The page of reports in real Chromium: asked for, written, downloaded; read without signing in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.editors import Site, sign_in, staffed
from tests.reports.word_files import paragraphs, tables
from tests.scorecard.county import write_county

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser
WRITTEN_MS = 90_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., object]) -> Iterator[Site]:
    with staffed(write_county(tmp_path_factory.mktemp("reports")), serve) as found:
        yield found


def at_the_desk(
    open_page: Open, site: Site, query: str = "", **screen: object
) -> tuple[Page, Watch]:
    """The page as an editor sees it."""
    page, watch = open_page(f"{site.url}/reports{query}", **screen)
    page.click("header a[href*=sign]")
    sign_in(page, "li")
    page.wait_for_selector("#period")
    return page, watch


def test_an_editor_chooses_sections_and_downloads_the_report(site: Site, open_page: Open) -> None:
    page, watch = at_the_desk(open_page, site)
    for box in page.locator("input[name=section]").all():
        if box.get_attribute("value") not in {"numbers", "notes"}:
            box.uncheck()
    page.locator("form", has=page.locator("#period")).locator("button[type=submit]").click()
    # the page asks how far it is, and shows the end by itself
    page.wait_for_selector("[role=status] a[download]", timeout=WRITTEN_MS)
    with page.expect_download() as waited:
        page.click("[role=status] a[download]")
    assert waited.value.suggested_filename == "2024 年上半年报告.docx"
    content = Path(waited.value.path()).read_bytes()
    heads = [text for style, text in paragraphs(content) if style == "Heading1"]
    assert heads == ["总体情况", "方法与数据说明"]
    assert tables(content)[0][1][:2] == ["站台", "5 个"]
    reader, seen = open_page(f"{site.url}/reports")
    assert reader.locator("tr[data-report]").count() == 1
    assert reader.locator("form").count() == 0
    assert watch.is_clean(), watch
    assert seen.is_clean(), seen


def test_what_cannot_be_written_says_why(site: Site, open_page: Open) -> None:
    page, watch = at_the_desk(open_page, site)
    page.fill("#since", "2001-01-01")
    page.fill("#until", "2001-02-01")
    page.locator("form", has=page.locator("#since")).locator("button[type=submit]").click()
    page.wait_for_selector(".notice-bad", timeout=WRITTEN_MS)
    assert "2001-02-01 时还没有任何数据" in page.inner_text(".notice-bad")
    assert watch.is_clean(), watch


@pytest.mark.parametrize("query", ["", "?lang=en"])
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_nothing_is_wider_than_the_page(
    site: Site, open_page: Open, query: str, width: int
) -> None:
    page, watch = at_the_desk(open_page, site, query, width=width, touch=width < 500)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    wide = page.evaluate(
        """[...document.querySelectorAll(".report-forms .card, .report-fields .field")]
            .filter((item) => item.scrollWidth > item.clientWidth + 1).length"""
    )
    assert wide == 0
    assert watch.is_clean(), watch
