"""The pages of siting in real Chromium: ask, follow, read the answer, why not, draw an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geosvc.settings import read_settings
from geosvc.web.accounts import Accounts
from geosvc.workspace import Workspace
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser

PHRASE = "blue heron 42 sings"
RUN_MS = 60_000


@pytest.fixture(scope="module")
def site(new_county: Callable[[], Path], serve: Callable[..., Any]) -> Iterator[str]:
    """The sample county and an editor."""
    environ = {"GEOSVC_INSTANCE": str(new_county())}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEOSVC_INSTANCE", environ["GEOSVC_INSTANCE"])
        settings = read_settings()
    workspace = Workspace(settings)
    accounts = Accounts(settings, workspace.store.log)
    accounts.add("li", PHRASE, role="editor", actor="")
    accounts.people.close()
    workspace.close()
    with serve(environ) as url:
        yield url


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/signin?next=%2Fsiting")
    page.fill("#name", "li")
    page.fill("#password", PHRASE)
    page.click("button[type=submit]")
    page.wait_for_selector(".siting-form")


def test_a_question_is_asked_answered_and_looked_into(site: str, open_page: Open) -> None:
    page, watch = open_page(f"{site}/siting")
    wait_drawn(page)
    assert page.locator(".siting-form").count() == 0
    sign_in(page, site)
    wait_drawn(page)
    assert (
        page.locator(".map .site-mark").count() == page.locator(".parcel-list select").count() == 60
    )
    page.fill("#added", "2")
    draw_area(page)
    page.click(".form-foot button")
    page.wait_for_selector("[data-view]", state="attached", timeout=RUN_MS)
    wait_drawn(page)
    read_answer(page)
    assert watch.is_clean(), watch


def draw_area(page: Page) -> None:
    """Draw a triangle with clicks and the Enter key, and cancel another."""
    box = page.locator(".map").first.bounding_box()
    assert box is not None
    for key, count in (("Escape", 0), ("Enter", 1)):
        page.click("[data-geosvc=draw]")
        for x, y in ((0.35, 0.6), (0.4, 0.6), (0.4, 0.65)):
            page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
            page.wait_for_timeout(400)
        page.keyboard.press(key)
        page.wait_for_selector("[data-geosvc=draw]", state="visible")
        assert page.input_value("#areas").count("\n") + bool(page.input_value("#areas")) == count
    assert page.input_value("#areas").count(";") == 2


def read_answer(page: Page) -> None:
    shown = page.locator("[data-view]:not([hidden])")
    assert shown.count() == 1
    assert "新增 2 处" in shown.inner_text()
    assert page.locator(".site-new").count() == 2 + 1, "two on the map, one in the legend"
    page.click(".view-buttons [data-show=c1]")
    assert "新增 1 处" in page.locator("[data-view]:not([hidden])").inner_text()
    assert page.locator(".site-new").count() == 1 + 1
    page.locator("svg.chart circle[data-show=c2]").click()
    assert page.get_attribute(".view-buttons [data-show=c2]", "aria-pressed") == "true"
    page.fill("#why-place", "CP001")
    page.click("[data-geosvc=why] button")
    page.wait_for_selector(".why-said p:nth-of-type(2)", timeout=RUN_MS)
    assert "棉纺路" in page.inner_text(".why-said")


@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_nothing_is_wider_than_a_phone(site: str, open_page: Open, query: str) -> None:
    page, watch = open_page(f"{site}/siting{query}", width=390, height=844, touch=True)
    wait_drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert watch.is_clean(), watch
