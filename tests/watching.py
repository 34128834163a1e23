"""What happened in a page of real Chromium: what it asked, said and broke."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Dialog, Page, Request


@dataclass
class Watch:
    """What happened in a page: requests to foreign hosts, errors, and messages of the console.

    A request to a host that ends in one of ``played`` is answered by the test itself.
    """

    foreign: list[str] = field(default_factory=list)
    played: tuple[str, ...] = ()
    errors: list[str] = field(default_factory=list)

    def is_clean(self) -> bool:
        return not self.foreign and not self.errors


def watched(page: Page, host: str) -> Watch:
    """Note what happens, and every request to another host than ``host``.

    The browser finds no other host (see ``FLAGS`` in ``tests/chromium.py``). To hold each
    request and ask here whether it may go on would cost more than the page itself, and the cache.
    """
    watch = Watch()

    def note_request(request: Request) -> None:
        address = urlsplit(request.url)
        is_own = address.scheme in {"data", "blob", "file"} or address.netloc == host
        if not is_own and not address.netloc.endswith(watch.played or "/"):
            watch.foreign.append(request.url)

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            watch.errors.append(message.text)

    def note_dialog(dialog: Dialog) -> None:
        watch.errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("request", note_request)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    page.on("console", note_console)
    page.on("dialog", note_dialog)
    return watch


def wait_drawn(page: Page) -> None:
    """Wait until the map says that every visible layer is drawn."""
    page.wait_for_selector("html[data-drawn]", timeout=20_000, state="attached")
