"""The scorecard in real Chromium: numbers lead to maps that show them, the block in a frame."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("query", ["", "?lang=en"])
@pytest.mark.parametrize("width", [390, pytest.param(820, marks=pytest.mark.thorough), 1280])
def test_nothing_is_wider_than_the_page(
    service: str, open_page: Open, query: str, width: int
) -> None:
    page, watch = open_page(f"{service}/scorecard{query}", width=width, touch=width < 500)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    wide = page.evaluate(
        """[...document.querySelectorAll(".score, .score-overdue")]
            .filter((card) => card.scrollWidth > card.clientWidth + 1).map((card) => card.id)"""
    )
    assert [card for card in wide if width == 390 or card == "overdue"] == []
    assert watch.is_clean(), watch


def test_the_tab_of_the_page_is_in_view_on_a_phone(service: str, open_page: Open) -> None:
    page, watch = open_page(f"{service}/scorecard?lang=en", width=390, height=844, touch=True)
    page.wait_for_function("() => document.querySelector('.nav').scrollLeft > 0")
    tab = page.locator(".nav [aria-current]").bounding_box()
    tabs = page.locator(".nav").bounding_box()
    assert tab is not None
    assert tabs is not None
    assert tabs["x"] <= tab["x"]
    assert tab["x"] + tab["width"] <= tabs["x"] + tabs["width"] + 1
    assert watch.is_clean(), watch


def test_a_part_leads_to_the_map_that_shows_it(service: str, open_page: Open) -> None:
    page, watch = open_page(f"{service}/scorecard")
    page.wait_for_selector("#shops .score-parts svg.sym path, #shops .score-parts svg.sym rect")
    assert page.inner_text("#shops .score-figure") == "19家"
    page.locator("#shops .score-parts a", has_text="重新选址").click()
    wait_drawn(page)
    assert "f.car_wash_shops.action=relocated" in page.url
    page.wait_for_function(
        "document.querySelector('[data-geosvc=drawn]').textContent.trim().startsWith('11')"
    )
    assert watch.is_clean(), watch


def test_the_number_of_a_card_is_what_its_map_draws(service: str, open_page: Open) -> None:
    page, watch = open_page(f"{service}/scorecard")
    page.locator("#violations .score-links > a").click()
    wait_drawn(page)
    drawn = page.inner_text("[data-geosvc=drawn]")
    assert drawn.split("/")[-1].strip() == "126"
    assert watch.is_clean(), watch


@pytest.mark.parametrize("dark", [False, True])
def test_every_bar_is_drawn_in_colors_that_are_there(
    service: str, open_page: Open, *, dark: bool
) -> None:
    page, watch = open_page(f"{service}/scorecard", dark=dark)
    fills = page.evaluate(
        """[...document.querySelectorAll(".score-bar rect")]
            .map((piece) => [getComputedStyle(piece).fill, piece.getBoundingClientRect().width])"""
    )
    assert len(fills) == 2 + 3 + 2 + 4
    assert all(fill.startswith("rgb") and fill != "rgb(0, 0, 0)" for fill, _ in fills)
    assert min(width for _, width in fills) > 4
    assert watch.is_clean(), watch


@contextmanager
def _stranger(frame: str) -> Iterator[str]:
    """Serve somebody else's page, from another port."""
    body = f"<!doctype html><title>stranger</title>{frame}".encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("sandbox", [None, "", "allow-scripts"])
@pytest.mark.parametrize("width", [320, pytest.param(860, marks=pytest.mark.thorough)])
def test_the_block_is_drawn_in_a_strangers_page(
    service: str, browser: Browser, sandbox: str | None, width: int
) -> None:
    held = "" if sandbox is None else f' sandbox="{sandbox}"'
    frame = f'<iframe{held} width="{width}" height="900" src="{service}/embed/scorecard"></iframe>'
    context = browser.new_context()
    with _stranger(frame) as url:
        page = context.new_page()
        page.goto(url)
        inner = page.frame_locator("iframe")
        inner.locator(".score-figure").first.wait_for()
        assert inner.locator(".score-figure").first.inner_text() == "315个"
        bar = inner.locator(".score-bar rect").first.bounding_box()
        assert bar is not None
        assert bar["width"] > 50
        assert inner.locator(".synthetic").is_visible()
        box = (
            page.frames[1].evaluate("document.documentElement.scrollWidth") if sandbox != "" else 0
        )
        assert box <= width
        assert context.cookies() == []
    context.close()
