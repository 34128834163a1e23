"""Freezing from the share dialog in real Chromium: who may, once, and what is handed out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.editors import Site, sign_in, staffed
from tests.watching import Watch, wait_drawn
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, Route

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., object]) -> Iterator[Site]:
    with staffed(write_catalog(tmp_path_factory.mktemp("freeze")), serve) as found:
        yield found


def to_freezing(page: Page, site: Site, query: str = "") -> None:
    """Open the dialog of a map at the panel that freezes."""
    page.goto(f"{site.url}/maps/overview{query}")
    wait_drawn(page)
    page.click("[data-action=share]")
    page.click("[data-tab=freeze]")


def signed_in(open_page: Open, site: Site, query: str = "?layers=area,stops") -> tuple[Page, Watch]:
    """Come there as an editor."""
    page, watch = open_page(f"{site.url}/signin?next=/maps/overview")
    sign_in(page, "li")
    to_freezing(page, site, query)
    return page, watch


def test_readers_are_told_who_freezes(site: Site, open_page: Open) -> None:
    page, _ = open_page(f"{site.url}/help")
    to_freezing(page, site)
    assert page.locator("[data-geosvc=no-editor] a").is_visible()
    assert page.locator("[data-share=freeze]").is_hidden()


def test_an_editor_freezes_and_embeds_it(site: Site, open_page: Open) -> None:
    page, watch = signed_in(open_page, site)
    page.wait_for_selector("[data-geosvc=check].badge-ok")
    said = page.inner_text("[data-geosvc=check]")
    numbers = re.findall(r"\d+", said)
    assert len(numbers) == 3
    assert len(set(numbers)) == 1
    assert "撤回" in page.inner_text("[data-panel=freeze]")
    page.fill("[data-option=freeze_title]", "<b>半年报</b>")
    page.fill("[data-option=note]", "共 999 个")
    page.click("[data-share=freeze]")
    # a number that the map does not show is refused
    page.wait_for_function(
        "() => document.querySelector('#share-freeze .share-said').textContent.includes('999')"
    )
    watch.errors.clear()
    page.fill("[data-option=note]", "")
    page.click("[data-share=freeze]")
    page.wait_for_selector("[data-geosvc=frozen]:not([hidden])")
    page.click("[data-share=use]")
    code = "document.querySelector('#share-code').value"
    page.wait_for_function(f"() => /\\/embed\\/s\\/[0-9a-f]{{64}}/.test({code})")
    frame = page.frame_locator("[data-geosvc=frame] iframe")
    assert frame.locator("h1").inner_text() == "<b>半年报</b>"
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_who_freezes_sees_that_it_runs_and_freezes_once(site: Site, open_page: Open) -> None:
    page, watch = signed_in(open_page, site)
    page.wait_for_selector("[data-geosvc=check].badge-ok")
    assert "中文" in page.inner_text("[data-geosvc=freeze-language]")
    page.click("[data-switch=lang][value=en]")
    told = "document.querySelector('[data-geosvc=freeze-language]').textContent"
    page.wait_for_function(f"() => {told}.includes('English')")
    page.click("[data-switch=lang][value=zh]")
    page.wait_for_selector("[data-share=freeze]:enabled")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/snapshots", hold)
    page.click("[data-share=freeze]")
    page.wait_for_selector("[data-geosvc=freeze-wait]:not([hidden])")
    assert page.locator("[data-share=freeze]").is_disabled()
    assert page.get_attribute("[data-panel=freeze]", "aria-busy") == "true"
    # neither another press nor a look elsewhere starts a second one, or hides that it runs
    page.evaluate("() => document.querySelector('[data-share=freeze]').click()")
    page.click("[data-tab=embed]")
    page.click("[data-tab=freeze]")
    assert page.locator("[data-share=freeze]").is_disabled()
    assert "正在画" in page.inner_text("#share-freeze .share-said")
    (one,) = held
    one.abort()
    page.wait_for_selector("[data-geosvc=freeze-wait]", state="hidden")
    assert "没有回应" in page.inner_text("#share-freeze .share-said")
    assert page.locator("[data-share=freeze]").is_enabled()
    watch.errors.clear()
    page.unroute("**/snapshots")
    page.click("[data-share=freeze]")
    page.wait_for_selector("[data-geosvc=frozen]:not([hidden])")
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_an_editor_freezes_where_the_code_is(site: Site, open_page: Open) -> None:
    page, watch = signed_in(open_page, site, "?layers=area,stops&f.stops.kind=bay")
    page.select_option("[data-option=freeze_paper]", "a4")
    page.wait_for_selector("[data-geosvc=check].badge-ok")
    page.click("[data-tab=embed]")
    page.check("[data-option=frozen]")
    # what is not frozen yet is not handed out as if it were
    page.wait_for_function("() => document.querySelector('#share-code').value === ''")
    assert page.locator("[data-share=code]").is_disabled()
    assert "副本" in page.inner_text("[data-geosvc=freeze-here]")
    with page.expect_response("**/snapshots") as sent:
        page.click("[data-share=freeze-here]")
    assert '"paper":"a4"' in (sent.value.request.post_data or "")
    code = "document.querySelector('#share-code').value"
    page.wait_for_function(f"() => /\\/embed\\/s\\/[0-9a-f]{{64}}/.test({code})")
    assert page.locator("[data-share=code]").is_enabled()
    assert page.locator("[data-geosvc=freeze-here]").is_hidden()
    picture = page.frame_locator("[data-geosvc=frame] iframe").locator(".frozen-picture")
    # upright, as was asked for
    assert picture.evaluate(
        "(item) => item.decode().then(() => item.naturalHeight > item.naturalWidth)"
    )
    # another language is another picture, which is not frozen
    page.click("[data-switch=lang][value=en]")
    page.wait_for_selector("[data-geosvc=freeze-here]:not([hidden])")
    assert watch.is_clean(), (watch.foreign, watch.errors)
