"""Room on a small screen: notices clear of tools and search, the first view clear of the sheet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.harness import Site, layer, look, points, served
from tests.watching import wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]
    Box = dict[str, float]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

BOUNDS = (121.0, 33.3, 121.4, 33.7)
WARNING = "收到 37 行，其中 {} 行没有读进来：缺少坐标，或坐标不在本市范围内"
FLOATING = (".map-tools-top", ".map-tools-side", ".search-afloat", ".panel")
ENDS = """([west, south, east, north]) => {
  window.ends = new Promise((resolve) => {
    document.addEventListener("geosvc:started", ({ detail: { map } }) => {
      const box = map.getContainer().getBoundingClientRect();
      const at = [[north, west], [south, east]].map((place) => map.latLngToContainerPoint(place));
      resolve(at.flatMap(({ x, y }) => [x + box.left, y + box.top]));
    });
  });
}"""


def corner(n: int) -> tuple[float, float]:
    west, south, east, north = BOUNDS
    return ((west, south), (west, north), (east, south), (east, north))[n]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    entries = [
        layer(
            name,
            points([corner(n) for n in range(4)]),
            [look(None, name)],
            keys=["a", "b", "c", "d"],
            title=name,
            warning=WARNING.format(name[-1]),
        )
        for name in ("stops_1", "stops_2")
    ]
    site = Site(entries, BOUNDS).files()
    words = json.loads(site["/maps/demo.json"])
    words["map"]["search"] = "/maps/demo/search.json"
    site["/maps/demo.json"] = json.dumps(words)
    with served(site) as address:
        yield address


def opened(url: str, open_page: Open, **size: Any) -> Page:  # noqa: ANN401 - of a page
    page, watch = open_page(f"{url}/maps/demo", **size)
    wait_drawn(page)
    assert watch.is_clean(), (watch.foreign, watch.errors)
    return page


def boxes(page: Page, parts: tuple[str, ...]) -> list[Box]:
    """Return where those parts are that are seen."""
    found: list[Box] = page.evaluate(
        """(parts) => parts.map((part) => document.querySelector(part))
          .filter((part) => part?.offsetWidth)
          .map((part) => part.getBoundingClientRect())
          .map(({ x, y, width, height }) => ({ x, y, width, height }))""",
        parts,
    )
    return found


def apart(one: Box, other: Box) -> bool:
    return (
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
    )


@pytest.mark.parametrize("size", [(390, 844), (320, 568)])
def test_notices_cover_neither_tools_nor_search(
    url: str, open_page: Open, size: tuple[int, int]
) -> None:
    page = opened(url, open_page, width=size[0], height=size[1], touch=True)
    notices = page.locator(".map-notices .notice")
    assert notices.count() == 2
    [board, *others] = boxes(page, (".map-notices", *FLOATING))
    assert len(others) >= 3
    assert [other for other in others if not apart(board, other)] == []
    # one after another, and the first says that there is more
    assert [row.is_visible() for row in notices.all()] == [True, False]
    behind = "getComputedStyle(document.querySelector('.map-notices .notice'), '::after').content"
    assert page.evaluate(behind) == '"+1"'
    notices.first.get_by_role("button").tap()
    assert notices.all_inner_texts()[0].startswith("stops_2")
    assert notices.first.is_visible()
    assert page.evaluate(behind) in {'""', "none"}


@pytest.mark.parametrize("width", [1280, 800])
def test_notices_stand_clear_of_the_tools_on_a_desk(url: str, open_page: Open, width: int) -> None:
    page = opened(url, open_page, width=width)
    assert page.locator(".map-notices .notice:visible").count() == 2
    [board, *others] = boxes(page, (".map-notices", *FLOATING))
    assert [other for other in others if not apart(board, other)] == []


@pytest.mark.parametrize("size", [(390, 844), (320, 568), (1280, 800)])
def test_the_first_view_shows_the_whole_place(
    url: str, open_page: Open, size: tuple[int, int]
) -> None:
    page = opened(url, open_page, width=size[0], height=size[1], touch=size[0] < 800)
    page.add_init_script(f"({ENDS})({list(BOUNDS)})")
    page.reload()
    wait_drawn(page)
    left, top, right, bottom = page.evaluate("window.ends")
    panel = page.locator(".panel").bounding_box()
    assert panel is not None
    if size[0] < 800:
        assert left >= 0
        assert right <= size[0]
        assert bottom <= panel["y"]
    else:
        assert left >= panel["width"]
        assert bottom <= size[1] - 28
    tools = page.locator(".map-tools-top").bounding_box()
    assert tools is not None
    if size[0] < 800:
        assert top >= tools["y"] + tools["height"]
