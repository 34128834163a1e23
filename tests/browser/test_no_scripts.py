"""A map page where scripts are off: a picture, what it counts, and a way on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("query", "width", "words"),
    [
        ("", 1280, ("没有开 JavaScript", "城区公交站台", "135")),
        ("?lang=en", 390, ("Without JavaScript", "Urban bus stops", "135")),
    ],
)
def test_a_map_without_scripts_is_a_picture_and_its_counts(
    service: str, browser: Browser, query: str, *, width: int, words: tuple[str, ...]
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{service}/maps/stops{query}")
    still = page.locator(".still")
    assert all(word in still.inner_text() for word in words)
    picture = still.locator("img")
    address = picture.get_attribute("src") or ""
    assert page.request.get(f"{service}{address}").headers["content-type"] == "image/png"
    box = picture.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    # nothing is offered that would do nothing
    assert page.locator("[data-action=share]").is_hidden()
    assert page.locator("[data-geosvc=panel]").is_hidden()
    still.get_by_role("link").last.click()
    assert page.url.split("?")[0] == f"{service}/layers"
    context.close()
