"""The share dialog in real Chromium: what writers take away, by mouse, keyboard and thumb."""

from __future__ import annotations

import http.server
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.browser.editors import Site, staffed
from tests.watching import Watch, wait_drawn
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

TABS = ("image", "download", "word", "embed", "link", "file", "freeze", "qr")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., object]) -> Iterator[Site]:
    with staffed(write_catalog(tmp_path_factory.mktemp("share")), serve) as found:
        yield found


def shared(
    open_page: Open, site: Site, query: str = "", *, phone: bool = False
) -> tuple[Page, Watch]:
    """Open the dialog of a map."""
    size = {"width": 390, "height": 844, "touch": True} if phone else {}
    page, watch = open_page(f"{site.url}/maps/overview{query}", **size)
    wait_drawn(page)
    page.click("[data-action=share]")
    page.wait_for_selector("dialog#share[open]")
    return page, watch


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_every_way_has_its_panel_and_nothing_is_cut(
    site: Site, open_page: Open, query: str, *, phone: bool
) -> None:
    page, watch = shared(open_page, site, query, phone=phone)
    for name in TABS:
        page.click(f"[data-tab={name}]")
        assert page.locator(f"[data-panel={name}]").is_visible()
        assert page.locator("[data-panel]:visible").count() == 1
        wide = page.evaluate(
            """[...document.querySelectorAll("dialog, .share-main, .share-body, .dialog-foot")]
                .filter((item) => item.scrollWidth > item.clientWidth + 1)
                .map((item) => item.className)"""
        )
        assert wide == [], name
    page.wait_for_function("() => document.querySelector('[data-geosvc=qr]').naturalWidth > 0")
    assert page.evaluate("document.documentElement.scrollWidth") == (390 if phone else 1280)
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_escape_closes_and_gives_the_focus_back(site: Site, open_page: Open) -> None:
    page, watch = shared(open_page, site)
    assert page.evaluate("document.activeElement.dataset.tab") == "image"
    # what lies behind takes no focus
    page.evaluate("document.querySelector('.brand').focus()")
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#share:not([open])", state="attached")
    assert page.evaluate("document.activeElement.dataset.action") == "share"
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog#share[open]")
    page.mouse.click(5, 400)
    page.wait_for_selector("dialog#share:not([open])", state="attached")
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_arrows_walk_through_the_ways(site: Site, open_page: Open) -> None:
    page, _ = shared(open_page, site)
    steps = {"ArrowDown": "download", "End": "qr", "ArrowRight": "image", "ArrowUp": "qr"}
    for key, name in (steps | {"Home": "image"}).items():
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.dataset.tab") == name
        assert page.locator(f"[data-panel={name}]").is_visible()
    assert page.locator("dialog [role=tab][tabindex='0']").count() == 1


def test_the_link_is_of_what_is_seen(site: Site, open_page: Open) -> None:
    page, watch = shared(open_page, site, "?z=13&c=121.1,33.5&f.stops.kind=bay")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("[data-tab=link]")
    text = page.input_value("#share-link-text")
    assert text == f"{site.url}/maps/overview?z=13&c=121.10000,33.50000&f.stops.kind=bay"
    page.click("[data-share=link]")
    page.wait_for_function(
        "() => document.querySelector('#share-link .share-said').textContent === '已复制'"
    )
    assert page.evaluate("navigator.clipboard.readText()") == text
    page.click("[data-switch=range][value=all]")
    page.click("[data-switch=lang][value=en]")
    page.wait_for_function(
        "() => document.querySelector('#share-link-text').value.endsWith('kind=bay&lang=en')"
    )
    assert page.input_value("#share-oembed").startswith(f"{site.url}/oembed?format=json&url=http")
    answer = page.request.get(page.input_value("#share-oembed"))
    assert answer.json()["title"] == "Overview"
    assert page.locator(".share-unset").is_visible()
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_the_picture_is_copied(site: Site, open_page: Open) -> None:
    page, watch = shared(open_page, site)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert page.locator("[data-geosvc=barred]").is_hidden()
    page.wait_for_function(
        "() => document.querySelector('[data-geosvc=image-preview]').naturalWidth > 900"
    )
    page.click("[data-share=image-copy]")
    page.wait_for_function(
        "() => document.querySelector('#share-image .share-said').textContent.startsWith('已复制')"
    )
    kinds = page.evaluate("navigator.clipboard.read().then(([item]) => item.types)")
    assert kinds == ["image/png"]
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_where_there_is_no_clipboard_the_picture_is_saved(site: Site, open_page: Open) -> None:
    page, _ = open_page(f"{site.url}/layers")
    # as on plain http
    page.add_init_script("delete globalThis.ClipboardItem")
    page.goto(f"{site.url}/maps/overview")
    wait_drawn(page)
    page.click("[data-action=share]")
    assert page.locator("[data-geosvc=barred]").is_visible()
    with page.expect_download() as saved:
        page.click("[data-share=image-copy]")
    assert saved.value.suggested_filename == "overview.png"
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


FILES = {
    "word": ("docx", b"PK"),
    "file": ("html", b"<!DOCTYPE html>"),
    "qr": ("qr.png", b"\x89PNG"),
}


@pytest.mark.parametrize("tab", FILES)
def test_files_are_saved(site: Site, open_page: Open, tab: str) -> None:
    ending, begins = FILES[tab]
    page, watch = shared(open_page, site)
    page.click(f"[data-tab={tab}]")
    with page.expect_download() as saved:
        page.click(f"[data-share={tab}]")
    assert saved.value.suggested_filename == f"overview.{ending}"
    assert saved.value.path().read_bytes().startswith(begins)
    assert watch.is_clean(), (watch.foreign, watch.errors)


@pytest.mark.parametrize(
    ("form", "begins"), [("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")]
)
def test_sheets_are_saved(site: Site, open_page: Open, form: str, begins: bytes) -> None:
    page, watch = shared(open_page, site)
    page.click("[data-tab=download]")
    page.select_option("[data-option=format]", form)
    page.select_option("[data-option=paper]", "column")
    page.fill("[data-option=title]", "站点分布")
    page.wait_for_selector("[data-option=landscape]:disabled")
    assert form.upper() in page.inner_text("[data-share=download]")
    with page.expect_download() as saved:
        page.click("[data-share=download]")
    assert saved.value.suggested_filename == f"overview.{form}"
    assert saved.value.path().read_bytes().startswith(begins)
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_what_the_service_refuses_is_said(site: Site, open_page: Open) -> None:
    page, _ = shared(open_page, site)
    page.click("[data-tab=word]")
    page.fill("[data-option=chapter]", "300")
    page.click("[data-share=word]")
    page.wait_for_function(
        "() => document.querySelector('#share-word .share-said').textContent.includes('chapter')"
    )


def test_the_code_of_a_live_frame(site: Site, open_page: Open) -> None:
    page, watch = shared(open_page, site, "?f.stops.kind=bay")
    page.click("[data-tab=embed]")
    assert page.locator("[data-option=frozen]").is_disabled()
    frame = page.frame_locator("[data-geosvc=frame] iframe")
    frame.locator(".map-legend").wait_for()
    page.uncheck("[data-option=legend]")
    page.uncheck("[data-option=controls]")
    page.check("[data-option=wheel]")
    page.select_option("[data-option=width]", "px")
    page.fill("[data-option=width_px]", "600")
    page.select_option("[data-option=ratio]", "4/3")
    code = "document.querySelector('#share-code').value"
    page.wait_for_function(f"() => {code}.includes('height=\"450\"')")
    text = page.input_value("#share-code")
    assert re.search(
        r'src="http://[^"]+/embed/overview\?[^"]*controls=0&amp;legend=0&amp;wheel=1"', text
    )
    assert 'width="600"' in text
    assert 'title="总览"' in text
    frame.locator(".map-foot").wait_for()
    assert frame.locator(".map-legend").count() == 0
    assert frame.locator(".map-tools").count() == 0
    assert frame.locator(".map-north").count() == 1
    assert watch.is_clean(), (watch.foreign, watch.errors)


@contextmanager
def stranger(frame: str) -> Iterator[str]:
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


@pytest.mark.parametrize("sandbox", [None, "allow-scripts"])
def test_a_live_map_is_drawn_in_a_strangers_page(
    site: Site, browser: Browser, sandbox: str | None
) -> None:
    held = f' sandbox="{sandbox}"' if sandbox else ""
    address = f"{site.url}/embed/overview?layers=stops,area&f.stops.kind=bay&controls=0"
    context = browser.new_context()
    said: list[str] = []
    with stranger(f'<iframe{held} width="700" height="420" src="{address}"></iframe>') as url:
        page = context.new_page()
        page.on("console", lambda item: said.append(item.text) if item.type == "error" else None)
        page.goto(url)
        inner = page.frame_locator("iframe")
        inner.locator("html[data-drawn]").wait_for(state="attached")
        assert inner.locator(".map-legend li .count").last.inner_text() == "1"
        assert inner.locator(".map-tools").count() == 0
        assert inner.locator(".synthetic").is_visible()
        assert context.cookies() == []
    assert [text for text in said if "favicon" not in text] == []
    context.close()


@pytest.mark.parametrize("sandbox", [None, ""])
def test_without_scripts_a_frame_shows_picture_and_table(
    site: Site, browser: Browser, sandbox: str | None
) -> None:
    context = browser.new_context(java_script_enabled=sandbox is not None)
    held = "" if sandbox is None else ' sandbox=""'
    address = f"{site.url}/embed/overview?f.stops.kind=bay"
    with stranger(f'<iframe{held} width="700" height="420" src="{address}"></iframe>') as url:
        page = context.new_page()
        with page.expect_response(re.compile("/figures/overview.png")) as picture:
            page.goto(url)
        assert picture.value.ok
        inner = page.frame_locator("iframe")
        assert inner.locator(".still img").is_visible()
        assert inner.locator(".still table").inner_text().split() == ["公交站", "1", "港湾式", "1"]
    context.close()


def test_a_single_file_opens_from_a_disk_without_a_network(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context()
    query = "z=13.5&c=121.1,33.5&layers=stops,area,roads&f.stops.kind=bay&lang=en"
    answer = context.request.get(f"{site.url}/maps/overview.html?{query}")
    path = tmp_path / "overview.html"
    path.write_bytes(answer.body())
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda item: asked.append(item.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda item: wrong.append(item.text))
    context.set_offline(True)
    page.goto(path.as_uri())
    wait_drawn(page)
    assert wrong == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.inner_text("h1") == "Overview"
    assert "Kind = Bay" in page.inner_text("footer")
    assert page.locator(".embed-foot .synthetic").is_visible()
    assert page.locator(".map-legend").is_visible()
    # something is drawn, and the view is that of the address
    inked = page.evaluate(
        """() => [...document.querySelectorAll(".leaflet-pane canvas")].some((canvas) =>
            canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
                .some((value) => value))"""
    )
    assert inked
    assert page.inner_text("[data-geosvc=coordinates]").startswith("121.10000°E 33.50000°N")
    context.close()
