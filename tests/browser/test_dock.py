"""The table under the map in real Chromium: rows and map linked, columns, order, export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.harness import served
from tests.browser.records import X, Y, files
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

MANY = 10_000


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(files()) as address:
        yield address


@pytest.fixture
def dock(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(query: str = "table=stops", zoom: int = 14, **options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{url}/maps/demo?z={zoom}&c={X},{Y}&{query}", **options)
        wait_drawn(page)
        if "table=stops" in query:
            page.wait_for_selector(".dock tr[data-at]")
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def first(page: Page, column: int = 0) -> str:
    page.wait_for_timeout(150)
    return page.locator(".dock tr[data-at]").first.locator("td").nth(column).inner_text()


def said(page: Page) -> str:
    page.wait_for_timeout(150)
    return page.locator(".dock-said").inner_text()


def test_a_button_opens_it_and_the_address_keeps_it(dock: Callable[..., Page]) -> None:
    page = dock("")
    button = page.get_by_role("button", name="列表（属性表）", exact=True)
    assert page.locator(".dock").is_hidden()
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    page.wait_for_selector(".dock tr[data-at]")
    assert "table=stops" in page.url
    # the button is named as what it opens
    assert button.get_attribute("aria-expanded") == "true"
    assert button.get_attribute("aria-pressed") is None
    assert page.get_by_role("region", name="列表（属性表）").get_attribute("id") == "dock"
    assert button.get_attribute("aria-controls") == "dock"
    assert said(page) == "共 96 条"
    box, work = page.locator(".dock").bounding_box(), page.locator(".work").bounding_box()
    assert box is not None
    assert work is not None
    assert box["height"] == 308
    page.go_back()
    page.wait_for_timeout(200)
    assert page.locator(".dock").is_hidden()
    page.go_forward()
    page.wait_for_selector(".dock tr[data-at]")
    page.get_by_role("button", name="关闭列表（属性表）").click()
    assert "table" not in page.url


def test_columns_are_sorted_by_a_press(dock: Callable[..., Page]) -> None:
    page = dock()
    head = page.locator(".dock th", has_text="广告位")
    assert head.get_attribute("aria-sort") is None
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert first(page) == "S00007"
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert first(page) == "S00006"
    # nothing stays last
    page.locator(".grid-wrap").evaluate("(wrap) => { wrap.scrollTop = wrap.scrollHeight; }")
    page.wait_for_timeout(200)
    assert page.locator(".dock tr[data-at]").last.locator("td").first.inner_text() == "S00000"


def test_a_row_selects_on_the_map_and_back(dock: Callable[..., Page]) -> None:
    page = dock()
    page.locator(".dock tr[data-at]").nth(2).click()
    assert page.locator(".popup-card h2").inner_text() == "S00002"
    assert "sel=stops/S00002" in page.url
    assert page.locator(".dock tr[aria-selected=true] td").first.inner_text() == "S00002"
    # the stop at the middle of the map is far down in the table
    page.locator(".popup-card [title=关闭]").click()
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(300)
    chosen = page.locator(".dock tr[aria-selected=true]")
    assert chosen.locator("td").first.inner_text() == page.locator(".popup-card h2").inner_text()
    row, wrap = chosen.bounding_box(), page.locator(".grid-wrap").bounding_box()
    assert row is not None
    assert wrap is not None
    assert wrap["y"] <= row["y"] < wrap["y"] + wrap["height"]


def test_a_row_out_of_view_is_panned_to(dock: Callable[..., Page]) -> None:
    page = dock(zoom=17)
    page.locator(".dock tr[data-at]").first.click()
    page.wait_for_timeout(500)
    assert page.locator(".popup-card h2").inner_text() == "S00000"
    longitude = float(parse_qs(urlsplit(page.url).query)["c"][0].split(",")[0])
    assert longitude == pytest.approx(X - 0.015, abs=0.006)


def test_the_popup_leads_to_the_row(dock: Callable[..., Page]) -> None:
    page = dock("sel=stops/S00050")
    page.get_by_role("button", name="在表中显示").click()
    page.wait_for_selector(".dock tr[aria-selected=true]")
    assert page.locator(".dock tr[aria-selected=true] td").first.inner_text() == "S00050"
    assert "table=stops" in page.url


def test_only_what_passes_and_lies_in_view_is_listed(dock: Callable[..., Page]) -> None:
    page = dock("table=stops&f.stops.shelter=true")
    assert said(page) == "32 条符合，共 96 条"
    # what is filtered by is a column
    assert page.locator(".dock th", has_text="候车亭").count() == 1
    page.locator(".map-tools-side button").first.click()
    page.wait_for_timeout(500)
    page.locator(".map-tools-side button").first.click()
    page.wait_for_timeout(500)
    page.get_by_label("仅当前视图").check()
    listed = int(said(page).split(" ")[0])
    assert 0 < listed < 32
    link = page.locator(".menu-list a[data-format=xlsx]").get_attribute("href") or ""
    assert f"导出 {listed} 条" in page.locator(".dock summary").last.inner_text()
    asked = parse_qs(urlsplit(link).query)
    assert asked["f.stops.shelter"] == ["true"]
    west, _, east, _ = map(float, asked["bbox"][0].split(","))
    inside = [n for n in range(0, 96, 3) if west <= round(X - 0.015 + n * 0.03 / 96, 6) <= east]
    assert len(inside) == listed


def test_formats_are_links_to_the_same_part(dock: Callable[..., Page]) -> None:
    page = dock("table=stops&f.stops.road=%E6%B3%B0%E5%8C%97%E8%B7%AF")
    page.wait_for_timeout(150)
    road = "f.stops.road=%E6%B3%B0%E5%8C%97%E8%B7%AF"
    links = [item.get_attribute("href") for item in page.locator(".menu-list a").all()]
    assert links == [
        f"/layers/stops.xlsx?{road}",
        f"/layers/stops.csv?{road}&titles=1",
        f"/layers/stops.geojson?{road}",
        f"/layers/stops.gpkg?{road}",
    ]
    page.locator(".dock summary").last.click()
    assert page.get_by_role("link", name="Excel").is_visible()
    page.keyboard.press("Escape")
    assert page.get_by_role("link", name="Excel").is_hidden()


def test_columns_can_be_chosen(dock: Callable[..., Page]) -> None:
    page = dock()
    page.locator(".dock summary").first.click()
    page.get_by_label("道路", exact=True).uncheck()
    page.wait_for_timeout(100)
    assert "道路" not in page.locator(".dock thead").inner_text()
    page.get_by_label("道路", exact=True).check()
    page.wait_for_timeout(100)
    assert "道路" in page.locator(".dock thead").inner_text()


def test_masked_values_carry_a_lock(dock: Callable[..., Page]) -> None:
    page = dock()
    cell = page.locator(".dock tr[data-at]").first.locator("td", has_text="某A")
    assert cell.locator("svg").count() == 1
    assert "已遮盖" in cell.inner_text()


def test_keys_walk_and_choose(dock: Callable[..., Page]) -> None:
    page = dock()
    page.get_by_role("grid").focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert page.locator(".popup-card h2").inner_text() == "S00002"
    page.keyboard.press("End")
    page.wait_for_timeout(150)
    assert page.get_by_role("grid").get_attribute("aria-activedescendant") == "grid-row-95"
    page.keyboard.press("Escape")
    assert page.locator(".popup-card").count() == 0
    page.keyboard.press("Escape")
    assert page.locator(".dock").is_hidden()
    assert page.evaluate("document.activeElement.dataset.tool") == "table"


def test_a_filter_that_nothing_passes_leaves_a_sentence(dock: Callable[..., Page]) -> None:
    page = dock("f.stops.kind=&f.stops.slots=3..")
    page.get_by_role("button", name="列表（属性表）", exact=True).click()
    page.wait_for_timeout(400)
    assert page.locator(".dock tbody").inner_text() == "没有符合条件的记录"
    assert page.locator(".menu.none").count() == 1
    page.locator(".dock .chip").first.click()
    page.wait_for_selector(".dock tr[data-at]")


def test_ten_thousand_rows_are_not_in_the_page_at_once(open_page: Open) -> None:
    with served(files(MANY)) as address:
        page, watch = open_page(f"{address}/maps/demo?table=stops")
        wait_drawn(page)
        page.wait_for_selector(".dock tr[data-at]")
        assert said(page) == "共 10,000 条"
        assert page.locator(".dock tr[data-at]").count() < 60
        assert page.get_by_role("grid").get_attribute("aria-rowcount") == "10001"
        page.get_by_role("grid").focus()
        page.keyboard.press("End")
        page.wait_for_timeout(200)
        assert page.locator(".dock tr[data-at]").last.locator("td").first.inner_text() == "S09999"
        assert watch.is_clean()


def test_an_old_address_of_another_layer_opens_nothing(dock: Callable[..., Page]) -> None:
    page = dock("table=trains")
    assert page.locator(".dock").is_hidden()


def test_a_phone_has_a_sheet_of_full_width(dock: Callable[..., Page]) -> None:
    page = dock(width=390, height=844, touch=True)
    box = page.locator(".dock").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    for part in (".dock-layer", ".dock tr[data-at]", ".dock-view", ".dock summary"):
        place = page.locator(part).first.bounding_box()
        assert place is not None, part
        assert place["height"] >= 44, part
    page.locator(".dock tr[data-at]").nth(1).tap()
    page.wait_for_timeout(300)
    assert "sel=stops/S00001" in page.url
    page.get_by_role("button", name="关闭列表（属性表）").tap()
    assert page.locator(".panel-selection .popup-card").is_visible()
