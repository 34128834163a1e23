"""The layer tree in real Chromium: order and opacity, kept in the address, undone by Back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import records
from tests.browser.harness import Site, layer, look, paths, points, served
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

X, Y = 121.1, 33.5
RED, GREEN, BLUE = "#ff0000", "#00ff00", "#0000ff"
COLORS = {"a": RED, "b": GREEN, "c": BLUE}
SLOTS = "async ([usual, listed]) => (await import('/static/js/layer_look.js')).slots(usual, listed)"


def areas() -> dict[str, str]:
    """Three areas upon each other, from below a, b, c; and a point above them all."""
    square = [
        (X - 0.01, Y - 0.01),
        (X + 0.01, Y - 0.01),
        (X + 0.01, Y + 0.01),
        (X - 0.01, Y + 0.01),
    ]
    made = [
        layer(
            name,
            paths("area", [[[*square, square[0]]]]),
            [look(None, name, color=color, shape="fill")],
            keys=["1"],
            title=f"面{name}",
            fill_opacity=1,
        )
        for name, color in COLORS.items()
    ]
    dot = layer("dot", points([(X + 0.05, Y)]), [look(None, "dot")], keys=["1"], title="点")
    return Site([*made, dot], (X - 0.02, Y - 0.02, X + 0.02, Y + 0.02)).files()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(areas()) as address:
        yield address


@pytest.fixture
def tree(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(query: str = "", **options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{url}/maps/demo?z=14&c={X},{Y}{query}", **options)
        wait_drawn(page)
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def top(page: Page) -> str:
    """The area that lies above the others: its pane has the highest level."""
    levels = page.evaluate(
        "['pane_1', 'pane_2', 'pane_3'].map((name) =>"
        " Number(document.querySelector(`.leaflet-${name}-pane`).style.zIndex))"
    )
    return "abc"[levels.index(max(levels))]


def listed(page: Page) -> str:
    rows = page.locator(".legend-layer").all()
    return "".join((row.get_attribute("data-block") or "")[0] for row in rows)


def test_listed_layers_change_places_and_the_others_stay(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/maps/demo")
    cases = [
        ("abcd", "db", "adcb"),
        ("abc", "", "abc"),
        ("abc", "xca", "cba"),
        ("abc", "aa", "abc"),
    ]
    for usual, asked, found in cases:
        assert "".join(page.evaluate(SLOTS, [[*usual], [*asked]])) == found


def test_layers_are_moved_by_buttons_and_keys_and_back_undoes_it(
    tree: Callable[..., Page],
) -> None:
    page = tree()
    assert (listed(page), top(page)) == ("dcba", "c")
    page.get_by_role("button", name="面b", exact=True).click()
    row = page.locator("[data-block=b]")
    row.get_by_title("上移一层").click()
    assert (listed(page), top(page)) == ("dbca", "b")
    assert "order=a,c,b,dot" in page.url
    assert page.get_by_text("面b：第 2 层，共 4 层").count() == 1
    grip = row.locator(".layer-grip")
    grip.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert (listed(page), top(page)) == ("dcab", "c")
    assert page.evaluate("document.activeElement.className").endswith("layer-grip")
    page.keyboard.press("ArrowDown")
    assert listed(page) == "dcab"
    for _ in range(3):
        page.go_back()
        page.wait_for_timeout(250)
    assert (listed(page), top(page)) == ("dcba", "c")
    assert "order" not in page.url


def test_a_layer_is_pulled_to_its_place(tree: Callable[..., Page]) -> None:
    page = tree()
    page.get_by_role("button", name="面a", exact=True).click()
    grip, target = page.locator("[data-block=a] .layer-grip"), page.locator("[data-block=c]")
    box, there = grip.bounding_box(), target.bounding_box()
    assert box is not None
    assert there is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(there["x"] + 5, there["y"] + 3, steps=4)
    assert page.locator("[data-block=c].drop-before").count() == 1
    page.mouse.up()
    assert (listed(page), top(page)) == ("dacb", "a")
    assert page.locator(".drop-before, .pulled").count() == 0


def test_the_address_holds_order_and_opacity(tree: Callable[..., Page]) -> None:
    page = tree("&order=c,a&opacity=b:40,gone:50,c:x")
    assert (listed(page), top(page)) == ("dabc", "a")
    page.get_by_role("button", name="面b", exact=True).click()
    opacity = page.locator("#opacity-b")
    assert opacity.input_value() == "40"
    assert page.locator("[data-block=b] output").inner_text() == "40%"
    canvas = page.locator(".leaflet-pane_2-pane canvas")
    assert canvas.evaluate("(canvas) => canvas.style.opacity") == "0.4"
    opacity.fill("70")
    assert "opacity=b:70" in page.url
    assert canvas.evaluate("(canvas) => canvas.style.opacity") == "0.7"
    page.go_back()
    page.wait_for_timeout(250)
    assert opacity.input_value() == "40"


def test_a_thumb_reaches_the_tools_of_a_layer(tree: Callable[..., Page]) -> None:
    page = tree(width=390, height=844, touch=True)
    page.get_by_role("button", name="面b", exact=True).tap()
    page.wait_for_timeout(300)
    for part in page.locator("[data-block=b] .legend-tools button").all():
        box = part.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
        assert box["x"] + box["width"] <= 390
    page.locator("[data-block=b]").get_by_title("下移一层").tap()
    assert listed(page) == "dcab"


def test_the_table_comes_back_as_it_was(open_page: Open) -> None:
    with served(records.files()) as address:
        query = "table=stops&sort=-slots&cols=code,slots&inview=1"
        page, watch = open_page(f"{address}/maps/demo?z=17&c={X},{Y}&{query}")
        wait_drawn(page)
        page.wait_for_selector(".dock tr[data-at]")
        page.wait_for_timeout(200)
        heads = page.locator(".dock th bdi").all_inner_texts()
        assert heads == ["编号", "广告位"]
        assert page.locator(".dock th").nth(1).get_attribute("aria-sort") == "descending"
        assert page.get_by_label("仅当前视图").is_checked()
        page.get_by_label("仅当前视图").uncheck()
        page.locator(".dock th", has_text="编号").get_by_role("button").click()
        assert "sort=code&cols=code,slots" in page.url
        assert "inview" not in page.url
        page.go_back()
        page.go_back()
        page.wait_for_timeout(400)
        assert page.get_by_label("仅当前视图").is_checked()
        assert page.locator(".dock th").nth(1).get_attribute("aria-sort") == "descending"
        # an old address with fields that are gone
        page.goto(f"{address}/maps/demo?table=stops&sort=gone&cols=gone")
        wait_drawn(page)
        page.wait_for_selector(".dock tr[data-at]")
        assert page.locator(".dock th").count() > 2
        assert watch.is_clean(), watch.errors
