"""The page of hotspots in real Chromium: table and map linked, charts drawn, a rerun followed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import make_server

from geosvc.settings import read_settings
from geosvc.web.accounts import Accounts
from geosvc.web.app import create_app
from geosvc.workspace import Workspace, refresh_derived
from tests.watching import Watch, wait_drawn
from tests.web.hotspot_catalog import write_hotspots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

PHRASE = "blue heron 42 sings"
SELECTED = "tbody.chosen[data-key={}]"


@pytest.fixture(scope="module")
def site(new_county: Callable[[], Path], serve: Callable[..., Any]) -> Iterator[str]:
    """The sample county with its hotspots computed, and an editor."""
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


def test_a_row_selects_on_the_map_and_the_map_marks_the_row(site: str, open_page: Open) -> None:
    page, watch = open_page(f"{site}/hotspots?lang=en")
    wait_drawn(page)
    page.click("tbody[data-key=h2] button")
    page.wait_for_selector(SELECTED.format("h2"))
    assert page.get_attribute("tbody[data-key=h2] button", "aria-pressed") == "true"
    assert "sel=violation_hotspots/h2" in page.url
    assert "h2" in page.inner_text(".popup-head")
    page.keyboard.press("Escape")
    page.wait_for_selector(SELECTED.format("h2"), state="detached")
    page.click(".map-tools-side button:nth-of-type(3)")
    page.locator(".map-rank", has_text="1").first.click()
    page.wait_for_selector(SELECTED.format("h1"))
    assert watch.is_clean(), watch


def test_charts_are_drawn_and_named_and_the_panel_scrolls(site: str, open_page: Open) -> None:
    page, watch = open_page(f"{site}/hotspots")
    wait_drawn(page)
    charts = page.locator("svg.chart")
    assert charts.count() == page.locator("[data-chart]").count() >= 3
    assert all(charts.nth(at).get_attribute("aria-label") for at in range(charts.count()))
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.panel-body')).overflowY") == "auto"
    )
    page.evaluate("document.querySelector('.panel-body').scrollTo(0, 500)")
    assert page.evaluate("document.querySelector('.panel-body').scrollTop") == 500
    assert watch.is_clean(), watch


def test_a_page_without_its_result_loads_it_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    folder = write_hotspots(tmp_path, monkeypatch)
    for path in folder.settings.instance.glob("geosvc.sqlite*"):
        path.unlink()
    folder.prepare().close()
    server = make_server("127.0.0.1", 0, create_app(folder.settings), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page, watch = open_page(f"http://127.0.0.1:{server.port}/hotspots?lang=en")
        assert page.locator("[data-geosvc=evidence]").count() == 0
        refresh_derived(folder.settings)
        page.wait_for_selector("[data-geosvc=evidence]", timeout=60_000)
        assert watch.is_clean(), watch
    finally:
        server.shutdown()


@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_nothing_is_wider_than_a_phone(site: str, open_page: Open, query: str) -> None:
    page, watch = open_page(f"{site}/hotspots{query}", width=390, height=844, touch=True)
    wait_drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert watch.is_clean(), watch


def _sign_in(page: Page) -> None:
    page.fill("#name", "li")
    page.fill("#password", PHRASE)
    page.click("button[type=submit]")
    page.wait_for_selector("form.rerun", state="attached")


def test_an_editor_follows_a_rerun_to_its_result(site: str, open_page: Open) -> None:
    page, watch = open_page(f"{site}/signin?next=%2Fhotspots%3Flang%3Den&lang=en")
    _sign_in(page)
    page.click("text=Other parameters")
    page.fill("#radii_m", "150, 300")
    page.fill("#draws", "99")
    page.fill("#until", "2024-06-16")
    page.click("form.rerun button[type=submit]")
    page.wait_for_selector("text=not the published result", timeout=120_000)
    wait_drawn(page)
    assert "/hotspots/runs/" in page.url
    text = page.inner_text(".panel-body")
    assert "150, 300 m along the street" in text
    assert "in the following period" in text
    page.locator("tbody[data-key=h1] button").click()
    page.wait_for_selector(SELECTED.format("h1"))
    assert watch.is_clean(), watch


def test_a_rerun_can_be_canceled(site: str, open_page: Open) -> None:
    page, watch = open_page(f"{site}/signin?next=%2Fhotspots%3Flang%3Den&lang=en")
    _sign_in(page)
    page.click("text=Other parameters")
    page.fill("#draws", "9999")
    page.click("form.rerun button[type=submit]")
    page.click("text=Cancel the rerun")
    page.wait_for_selector("text=The rerun was canceled", timeout=60_000)
    assert page.locator("form.rerun").count() == 1
    assert watch.is_clean(), watch


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_time_slider_stands_beside_the_other_tools(
    site: str, open_page: Open, width: int
) -> None:
    page, watch = open_page(f"{site}/hotspots", width=width, height=700, touch=width < 800)
    wait_drawn(page)
    page.wait_for_selector("[data-tool=time]")
    top = page.locator(".map-tools-top").bounding_box()
    side = page.locator(".map-tools-side").bounding_box()
    assert top is not None
    assert side is not None
    assert side["x"] >= 0
    assert side["x"] + side["width"] <= top["x"]
    # what is short does not pull the trust line apart
    trust = page.locator(".trust").bounding_box()
    assert trust is not None
    assert trust["height"] < 60
    assert watch.is_clean(), watch
