"""True values on the map in real Chromium: for those who see them, on their page alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.editors import Site, sign_in, staffed
from tests.watching import wait_drawn
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.browser.editors import Open
    from tests.watching import Watch

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

MAP = "/maps/overview?lang=en&sel=stops/A1"
PLATE, MASK = "苏XA1234", "苏X·**234"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Any]) -> Iterator[Site]:
    with staffed(write_catalog(tmp_path_factory.mktemp("personal")), serve) as found:
        yield found


def shown(open_page: Open, site: Site, name: str, **more: Any) -> tuple[Page, Watch, list[str]]:  # noqa: ANN401 - of open_page
    """Open the map with a stop selected; the addresses that it asks from then on."""
    page, watch = open_page(f"{site.url}/signin" if name else site.url, **more)
    if name:
        sign_in(page, name)
        page.wait_for_selector(".account-link")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(site.url)))
    page.goto(f"{site.url}{MAP}")
    wait_drawn(page)
    page.wait_for_selector(".popup-card")
    return page, watch, asked


def test_the_popup_of_an_officer_shows_the_plate(site: Site, open_page: Open) -> None:
    page, watch, asked = shown(open_page, site, "wu")
    page.wait_for_selector(f".popup-card:has-text('{PLATE}')")
    said = page.inner_text(".popup-card")
    assert MASK not in said
    assert "this look is logged" in said
    assert page.locator(".popup-card dd .icon").count() == 0
    own = [url for url in asked if "/personal/" in url]
    assert own == ["/layers/stops/personal/features/A1"]
    assert site.logged("personal_read") == [("wu", "stops/A1")]
    assert watch.is_clean(), watch


def test_a_phone_s_sheet_shows_it_too(site: Site, open_page: Open) -> None:
    page, watch, _ = shown(open_page, site, "wu", width=375, height=812)
    page.wait_for_selector(f".panel-selection:has-text('{PLATE}')")
    assert watch.is_clean(), watch


@pytest.mark.parametrize("name", ["", "ha", "li"])
def test_others_see_masks_and_ask_for_nothing(site: Site, open_page: Open, name: str) -> None:
    page, watch, asked = shown(open_page, site, name)
    page.wait_for_load_state("networkidle")
    assert MASK in page.inner_text(".popup-card")
    assert page.locator(".popup-card dd .icon").count() == 1
    assert not [url for url in asked if "/personal/" in url]
    assert [url for url in asked if url == "/me.json"] == (["/me.json"] if name else [])
    assert watch.is_clean(), watch


def test_an_embed_shows_masks_to_an_officer(site: Site, open_page: Open) -> None:
    page, watch, asked = shown(open_page, site, "wu")
    # what the page itself asks for comes first
    page.wait_for_selector(f".popup-card:has-text('{PLATE}')")
    asked.clear()
    page.goto(f"{site.url}{MAP.replace('/maps/', '/embed/')}")
    wait_drawn(page)
    page.wait_for_selector(".popup-card")
    page.wait_for_load_state("networkidle")
    assert MASK in page.inner_text(".popup-card")
    assert not [url for url in asked if "/personal/" in url or url == "/me.json"]
    assert watch.is_clean(), watch


def test_where_the_values_do_not_come_the_mask_stays(site: Site, open_page: Open) -> None:
    page, _, _ = shown(open_page, site, "wu")
    page.wait_for_selector(f".popup-card:has-text('{PLATE}')")
    page.route("**/personal/**", lambda route: route.abort())
    page.reload()
    wait_drawn(page)
    page.wait_for_selector(f".popup-card:has-text('{MASK}')")
    page.wait_for_load_state("networkidle")
    assert PLATE not in page.inner_text(".popup-card")
