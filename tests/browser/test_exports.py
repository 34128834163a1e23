"""Tried as a new user would: find a road's stops, export them, send the link to a colleague."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.watching import Watch, wait_drawn
from tests.web.test_people_tables import cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Download, Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser


def choose(page: Page, name: str, choice: str) -> None:
    block = page.locator(f"[data-facets=urban_stops] [data-field={name}]")
    block.locator(".facet-head").click()
    search = block.get_by_role("searchbox")
    if search.count():
        search.fill(choice)
    block.get_by_label(choice, exact=True).check()
    page.wait_for_timeout(200)


def save(page: Page, form: str) -> Download:
    page.locator(".dock summary").last.click()
    with page.expect_download() as waiting:
        page.locator(f".menu-list a[data-format={form}]").click()
    return waiting.value


def test_the_stops_of_a_road_without_a_shelter_go_to_excel_and_to_a_colleague(
    service: str, open_page: Open
) -> None:
    page, watch = open_page(f"{service}/maps/overview")
    wait_drawn(page)
    page.get_by_role("tab", name="筛选").click()
    page.locator("[data-facets=urban_stops] .facet-layer").click()
    choose(page, "has_shelter", "否")
    choose(page, "road_name", "泰北路")
    block = page.locator("[data-facets=urban_stops] [data-field=road_name]")
    left = int(block.locator("li:visible .count").inner_text())
    assert left == 2
    page.get_by_role("button", name="列表（属性表）", exact=True).click()
    page.wait_for_selector(".dock tr[data-at]")
    assert f"导出 {left} 条" in page.locator(".dock summary").last.inner_text()
    found = save(page, "xlsx")
    assert found.suggested_filename.startswith("城区公交站台-")
    rows = cells(Path(found.path()).read_bytes())
    assert len(rows) == left + 1
    assert {"泰北路", "否"} <= {text for row in rows[1:] for _, text in row.values()}
    address = page.url
    assert watch.is_clean(), (watch.foreign, watch.errors)
    colleague, watch = open_page(address)
    wait_drawn(colleague)
    colleague.wait_for_selector(".dock tr[data-at]")
    assert colleague.locator(".dock tr[data-at]").count() == left
    assert colleague.locator(".dock-said").inner_text().startswith(f"{left} 条")
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_what_keeps_everything_away_is_named_and_dropped(service: str, open_page: Open) -> None:
    asked = "f.urban_stops.has_shelter=false&f.urban_stops.road_name=府前街"
    page, _ = open_page(f"{service}/maps/overview?{asked}")
    wait_drawn(page)
    said = page.locator(".chips-none")
    assert "没有要素符合全部条件" in said.inner_text()
    said.get_by_role("button", name="去掉筛选：所在道路 = 府前街").click()
    said.wait_for(state="hidden")
    assert "road_name" not in page.url


def test_what_is_in_view_is_what_the_file_holds_in_english_on_a_phone(
    service: str, open_page: Open
) -> None:
    page, watch = open_page(
        f"{service}/maps/overview?z=14&c=121.10527,33.49959&table=violations&lang=en",
        width=390,
        height=844,
        touch=True,
    )
    wait_drawn(page)
    page.wait_for_selector(".dock tr[data-at]")
    page.get_by_label("In view only").check()
    page.wait_for_timeout(300)
    listed = int(page.locator(".dock-said").inner_text().split(" ")[0])
    assert 0 < listed < 126
    text = Path(save(page, "csv").path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == listed
    assert {"Case no.", "Type", "Longitude"} <= rows[0].keys()
    assert all("**" in row["Plate"] for row in rows)
    assert watch.is_clean(), (watch.foreign, watch.errors)
