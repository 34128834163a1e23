"""Real Chromium that may ask one host only, and tells what a page asked, said and broke."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Route, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Watch:
    """What happened in a page: requests to foreign hosts, errors, and messages of the console."""

    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def is_clean(self) -> bool:
        return not self.foreign and not self.errors


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("Chromium is missing: see .ci/chromium")
    with sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., tuple[Page, Watch]]]:
    """Open an address: ``page, watch = open_page(url, width=1280, height=800)``."""
    contexts = []

    def opened(
        url: str, *, width: int = 1280, height: int = 800, touch: bool = False, dark: bool = False
    ) -> tuple[Page, Watch]:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=touch,
            is_mobile=touch,
            color_scheme="dark" if dark else "light",
            device_scale_factor=2 if touch else 1,
        )
        contexts.append(context)
        page = context.new_page()
        watch = _watched(page, urlsplit(url).netloc)
        page.goto(url)
        return page, watch

    yield opened
    for context in contexts:
        context.close()


def _watched(page: Page, host: str) -> Watch:
    watch = Watch()

    def pass_or_block(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in {"data", "blob", "file"} or address.netloc == host:
            route.continue_()
        else:
            watch.foreign.append(route.request.url)
            route.abort()

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            watch.errors.append(message.text)

    def note_dialog(dialog: Dialog) -> None:
        watch.errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.route("**/*", pass_or_block)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    page.on("console", note_console)
    page.on("dialog", note_dialog)
    return watch


def wait_drawn(page: Page) -> None:
    """Wait until the map says that every visible layer is drawn."""
    page.wait_for_selector("html[data-drawn]", timeout=20_000, state="attached")
