"""Figures as a browser shows them: an SVG under its own policy, and the pictures of the cards."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import expect

from tests.browser.harness import Site, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page, Route

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    site = Site([], (0, 0, 1, 1))
    card: dict[str, Any] = {"id": "demo", "title": "总览", "description": "", "counts": []}
    card |= {"url": "/maps/demo", "picture": "/figures/demo.png", "updated": "2026年11月22日"}
    page = site.page("index.html", maps=[card], groups=[], layers=0, features=0)
    with served({"/": page, "/blank": "<!doctype html><title>blank</title>"}) as url:
        yield url


def test_an_svg_is_drawn_under_its_own_policy(service: str, open_page: Open) -> None:
    page, watch = open_page(f"{service}/figures/overview.svg?paper=column", width=400, height=640)
    assert watch.is_clean(), (watch.foreign, watch.errors)
    assert page.evaluate("document.documentElement.nodeName") == "svg"
    seen = imread(BytesIO(page.screenshot()))[..., :3]
    assert len(np.unique((seen * 255).astype(int).reshape(-1, 3), axis=0)) > 100
    # paper around a map is white, and hardly anything is black
    assert (seen.min(axis=2) > 0.98).mean() > 0.1
    assert (seen.max(axis=2) < 0.1).mean() < 0.1


def test_the_pictures_of_the_cards_come_after_the_page(service: str, open_page: Open) -> None:
    page, watch = open_page(service)
    page.wait_for_function("() => [...document.images].slice(0, 3).every((i) => i.naturalWidth)")
    widths = page.evaluate("[...document.images].slice(0, 3).map((i) => i.naturalWidth)")
    assert widths == [640, 640, 640]
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_a_picture_that_was_refused_is_asked_for_again(index: str, open_page: Open) -> None:
    page, _ = open_page(f"{index}/blank")
    asked: list[str] = []
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="40"/>'

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=503, body=b"")
        else:
            route.fulfill(status=200, content_type="image/svg+xml", body=picture)

    page.route("**/figures/demo.png", answer)
    page.clock.install()
    page.goto(index)
    page.wait_for_selector(".map-card img.missing")
    page.clock.fast_forward(6000)
    # the page's policy refuses what wait_for_function asks for a second time
    expect(page.locator(".map-card img").first).to_have_js_property("naturalWidth", 64)
    assert len(asked) == 2
    assert page.locator(".map-card img.missing").count() == 0
