"""A slow line, a narrow phone, an old link: the page still shows what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.watching import wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser


def test_a_slow_line_shows_the_page_first_and_the_data_after(service: str, open_page: Open) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page, watch = open_page(f"{service}/help")
    page.route("**/data/urban_stops/**", hold)
    page.goto(f"{service}/maps/stops")
    # the frame, the legend and the other layers are there while one layer is on its way
    page.wait_for_selector("[data-geosvc=panel] [data-layer=urban_stops]")
    expect(page.locator(".map-waiting")).to_contain_text("城区公交站台")
    assert page.locator(".map-waiting progress").get_attribute("max")
    assert page.locator("html[data-drawn]").count() == 0
    for route in held:
        route.continue_()
    wait_drawn(page)
    expect(page.locator(".map-waiting")).to_be_hidden()
    assert watch.is_clean(), watch.errors


def test_a_phone_of_320_pixels_has_room(service: str, open_page: Open) -> None:
    page, watch = open_page(f"{service}/maps/overview", width=320, height=568, touch=True)
    wait_drawn(page)
    wide = "() => document.documentElement.scrollWidth <= 320"
    assert page.evaluate(wide)
    for path in ("/", "/help", "/layers/urban_stops", "/scorecard", "/hotspots", "/siting"):
        page.goto(f"{service}{path}")
        assert page.evaluate(wide), path
    # a busy service asks for patience with the pictures of its maps; the page asks again
    assert [error for error in watch.errors if "503" not in error] == []
    assert watch.foreign == []


def test_an_old_link_shows_what_is_left_of_it(service: str, open_page: Open) -> None:
    asked = "z=13&c=121.1,33.5&layers=urban_stops,was_once&f.urban_stops.gone=x&sel=urban_stops/X9"
    page, watch = open_page(f"{service}/maps/overview?{asked}&table=was_once")
    wait_drawn(page)
    assert page.locator("[data-geosvc=drawn]").inner_text().endswith("/ 135")
    assert "gone" not in page.url.split("?")[1].replace("f.urban_stops.gone=x", "")
    assert watch.is_clean(), watch.errors
