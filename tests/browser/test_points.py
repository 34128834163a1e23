"""A layer of more points than pages can hold: dots, counts, picking, filters, records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.crowd import place, write_crowd
from tests.watching import wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]
SIDE = 142
COUNT = SIDE * SIDE
# deep enough that each point has its symbol
NEAR = 16


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Any]) -> Iterator[str]:
    settings = write_crowd(tmp_path_factory.mktemp("crowd"), side=SIDE)
    environ = {"GEOSVC_LAYERS": str(settings.layers), "GEOSVC_INSTANCE": str(settings.instance)}
    with serve(environ) as url:
        yield f"{url}/maps/crowd"


def at(number: int, zoom: float = NEAR) -> str:
    """The view with a stop in its middle."""
    lon, lat = place(number, SIDE)
    return f"z={zoom}&c={lon:.6f},{lat:.6f}"


def press_middle(page: Page) -> None:
    box = page.locator(".leaflet-container").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def drawn(page: Page) -> str:
    return page.inner_text("[data-geosvc=drawn]")


def test_all_points_are_drawn_and_counted(crowd: str, open_page: Open) -> None:
    page, watch = open_page(crowd)
    wait_drawn(page)
    assert drawn(page) == f"{COUNT:,} / {COUNT:,}"
    ink = """() => { const c = document.querySelector(".leaflet-pane canvas");
        return c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(Boolean); }"""
    assert page.evaluate(ink)
    assert watch.is_clean(), watch.errors


def test_the_page_says_where_points_are_thinned(crowd: str, open_page: Open) -> None:
    page, _ = open_page(f"{crowd}?z=9&c=121.1,33.5&lang=en")
    wait_drawn(page)
    said = page.locator(".map-thinned")
    said.wait_for()
    assert said.inner_text().startswith(f"Samples: {COUNT:,} points in view, ")
    dots = int(said.inner_text().split(" view, ")[1].split(" ")[0].replace(",", ""))
    assert 0 < dots < COUNT
    page.goto(f"{crowd}?{at(COUNT // 2 + SIDE // 2)}")
    wait_drawn(page)
    assert said.is_hidden()


def test_a_click_picks_a_point_and_fetches_its_record(crowd: str, open_page: Open) -> None:
    number = 70 * SIDE + 71
    page, watch = open_page(f"{crowd}?{at(number)}")
    wait_drawn(page)
    press_middle(page)
    page.wait_for_selector(".popup-card")
    text = page.inner_text(".popup-card")
    assert f"C{number:07}" in text
    assert f"第{number}处" in text
    assert f"sel=crowd/C{number:07}" in page.url.replace("%2F", "/").replace(":", "/")
    assert watch.is_clean(), watch.errors


def test_a_key_picks_a_point(crowd: str, open_page: Open) -> None:
    number = 12 * SIDE + 13
    page, _ = open_page(f"{crowd}?{at(number)}")
    wait_drawn(page)
    page.focus(".leaflet-container")
    page.keyboard.press("Enter")
    page.wait_for_selector(".popup-card")
    assert f"C{number:07}" in page.inner_text(".popup-card")
    page.keyboard.press("Escape")
    page.wait_for_selector(".popup-card", state="detached")


def test_a_filter_leaves_what_passes(crowd: str, open_page: Open) -> None:
    page, watch = open_page(f"{crowd}?f.crowd.kind=curb&f.crowd.day=2024-01-01..2024-02-29")
    wait_drawn(page)
    # the days that pass are the first four of twelve, the kind the second of three: one of twelve
    # numbers that leave the same rest has both
    left = sum(1 for number in range(COUNT) if number % 3 == 1 and number % 12 < 4)
    page.wait_for_function(
        "n => document.querySelector('[data-geosvc=drawn]').textContent.startsWith(n)",
        arg=f"{left:,} /",
    )
    assert watch.is_clean(), watch.errors


def test_a_picked_point_stays_picked_under_a_filter(crowd: str, open_page: Open) -> None:
    number = 30 * SIDE + 31
    kinds = {0: "bay", 1: "curb", 2: "none"}
    page, _ = open_page(f"{crowd}?sel=crowd/C{number:07}&f.crowd.kind={kinds[number % 3]}")
    wait_drawn(page)
    page.wait_for_selector(".popup-card")
    assert f"C{number:07}" in page.inner_text(".popup-card")


def test_a_filter_that_cannot_be_is_said(crowd: str, open_page: Open) -> None:
    page, _ = open_page(f"{crowd}?layers=")
    page.route("**/fields/note.bin", lambda route: route.fulfill(status=404))
    page.goto(f"{crowd}?f.crowd.note=x&lang=en")
    wait_drawn(page)
    page.wait_for_selector(".map-notices .notice")
    assert "Note" in page.inner_text(".map-notices")
    assert drawn(page) == f"{COUNT:,} / {COUNT:,}"


def test_facets_count_many_points(crowd: str, open_page: Open) -> None:
    page, watch = open_page(crowd)
    wait_drawn(page)
    page.get_by_role("tab", name="筛选").click()
    page.click("[data-facets=crowd] .facet-layer")
    page.click("[data-field=kind] .facet-head")
    row = page.locator("[data-field=kind] li", has_text="直线式")
    assert row.locator(".count").inner_text() == f"{(COUNT + 1) // 3:,}"
    row.locator("input").check()
    page.wait_for_function("() => location.search.includes('f.crowd.kind=curb')")
    page.wait_for_function(
        "n => document.querySelector('[data-geosvc=drawn]').textContent.startsWith(n)",
        arg=f"{(COUNT + 1) // 3:,} /",
    )
    assert watch.is_clean(), watch.errors


def test_the_table_fetches_the_pages_that_are_looked_at(crowd: str, open_page: Open) -> None:
    asked: list[str] = []
    page, watch = open_page(f"{crowd}?layers=")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{crowd}?table=crowd")
    wait_drawn(page)
    page.get_by_role("gridcell", name="C0000000", exact=True).wait_for()
    pages = [url for url in asked if "/pages/" in url]
    assert 1 <= len(pages) <= 2
    assert not [url for url in asked if url.endswith("rows.json")]
    page.get_by_role("gridcell", name="C0000002", exact=True).click()
    page.wait_for_selector("tr[aria-selected=true]")
    page.wait_for_selector(".popup-card")
    assert "C0000002" in page.inner_text(".popup-card")
    assert watch.is_clean(), watch.errors


def test_a_phone_draws_and_picks(crowd: str, open_page: Open) -> None:
    number = 100 * SIDE + 100
    page, watch = open_page(f"{crowd}?{at(number)}", width=390, height=844, touch=True)
    wait_drawn(page)
    box = page.locator(".leaflet-container").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("[data-geosvc=panel] .popup-card")
    assert f"C{number:07}" in page.inner_text("[data-geosvc=panel]")
    assert watch.is_clean(), watch.errors
