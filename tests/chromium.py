"""The browser of tests and benchmarks: Debian's Chromium without a window."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first one found is used: the shell draws the same pages for half the processor time, because
the whole browser opens a window with its own toolbar for every page, seen or not."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # no other host is found, whatever a page asks for
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@contextmanager
def opened() -> Iterator[Browser]:
    """Start the browser, and end it."""
    path = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if path is None:
        message = "Chromium is missing: see .ci/install"
        raise FileNotFoundError(message)
    with sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()
