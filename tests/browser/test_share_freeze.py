"""Freezing from the share dialog in real Chromium, as the person sees it who waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.editors import Site, sign_in, staffed
from tests.watching import Watch, wait_drawn
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, Route

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("share"), pytest.mark.sampled]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., object]) -> Iterator[Site]:
    with staffed(write_catalog(tmp_path_factory.mktemp("freeze")), serve) as found:
        yield found


def test_who_freezes_sees_that_it_runs_and_freezes_once(site: Site, open_page: Open) -> None:
    page, watch = open_page(f"{site.url}/signin?next=/maps/overview")
    sign_in(page, "li")
    page.goto(f"{site.url}/maps/overview?layers=area,stops")
    wait_drawn(page)
    page.click("[data-action=share]")
    page.click("[data-tab=freeze]")
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
