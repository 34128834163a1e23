"""Real Chromium that may ask one host only."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests import chromium
from tests.watching import Watch, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

SAMPLE = 4
"""Of the tests of a module that is marked ``sampled``, `make test` runs one in so many."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most tests of a module marked ``sampled`` to `make test-all`.

    A page in real Chromium takes seconds, and `make test` has ten minutes. Which tests stay is the
    same in every run, so that a failure comes back.
    """
    seen: dict[object, int] = {}
    for item in items:
        if item.get_closest_marker("sampled"):
            number = seen[item.path] = seen.get(item.path, -1) + 1
            if number % SAMPLE:
                item.add_marker(pytest.mark.thorough)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.opened() as started:
        yield started


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
        watch = watched(page, urlsplit(url).netloc)
        page.goto(url)
        return page, watch

    yield opened
    for context in contexts:
        context.close()
