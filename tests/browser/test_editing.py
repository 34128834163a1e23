"""An editor at work in real Chromium: changes, moves, makes, deletes, undoes; two collide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.editors import Site, done, edit, save, sign_in, staffed
from tests.watching import wait_drawn
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.browser.editors import Open

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

HOSTILE = "<img src=x onerror=window.ran=1>{{7*7}}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Any]) -> Iterator[Site]:
    with staffed(write_catalog(tmp_path_factory.mktemp("editing")), serve) as found:
        yield found


def test_an_editor_finds_the_page_and_a_viewer_does_not(site: Site, open_page: Open) -> None:
    page, watch = edit(open_page, site, "/layers/stops/edit?lang=en")
    wait_drawn(page)
    page.goto(f"{site.url}/layers/stops?lang=en")
    assert page.get_attribute("a[href*='/edit']", "href") == "/layers/stops/edit?lang=en"
    assert watch.is_clean(), watch
    other, _ = open_page(f"{site.url}/layers/stops")
    assert other.query_selector("a[href*='/edit']") is None


def test_a_feature_is_changed_moved_seen_in_its_history_and_undone(
    site: Site, open_page: Open
) -> None:
    page, watch = edit(open_page, site, "/layers/stops/edit?lang=en&sel=stops/A1")
    wait_drawn(page)
    page.wait_for_selector(".edit-pin")
    assert page.input_value("#edit-plate") == "苏X·**234"
    assert page.is_disabled("#edit-plate")
    assert page.inner_text(".edit-unit") == "slots"
    page.fill("#edit-name", HOSTILE)
    page.select_option("#edit-kind", "curb")
    page.fill("#edit-routes", "5， 6")
    box = page.locator(".edit-pin").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 14, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 14, steps=5)
    page.mouse.up()
    assert float(page.input_value("#edit-lon")) > 121.1
    assert re.fullmatch(r"Saved as revision \d+", save(page, "new sign"))
    row = site.frame().loc["A1"]
    assert (row["name"], row["kind"], row["routes"]) == (HOSTILE, "curb", ("5", "6"))
    assert row.geometry.x > 121.1
    page.wait_for_selector(".edit-history li")
    said = page.inner_text(".edit-history li >> nth=0")
    assert re.search(r"Revision \d+.* li.*new sign", said, re.DOTALL)
    assert f"Name: 金桥路口 → {HOSTILE}" in said
    assert re.search(r"Moved [\d.,]+ m", said)
    page.fill("#edit-undo-reason", "wrong one")
    page.click(".edit-last button")
    expect(page.locator("#edit-name")).to_have_value("金桥路口")
    assert site.frame().loc["A1", "name"] == "金桥路口"
    assert page.evaluate("window.ran") is None
    assert watch.is_clean(), watch


def test_a_point_is_placed_by_a_click_and_deleted(site: Site, open_page: Open) -> None:
    page, watch = edit(open_page, site, "/layers/stops/edit?lang=en&z=15&c=121.11,33.505")
    wait_drawn(page)
    page.click("text=New")
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".edit-pin")
    page.fill("#edit-code", "B/7 ?")
    page.fill("#edit-slots", "-3")
    page.click(".edit-form button[type=submit]")
    page.wait_for_selector("#edit-reason-fault:not([hidden])")
    assert page.get_attribute("#edit-reason", "aria-invalid") == "true"
    assert "Saved" in save(page, "found on site")
    made = site.frame().loc["B/7 ?"]
    assert made.geometry.x == pytest.approx(121.11, abs=2e-4)
    assert made["slots"] == -3
    page.wait_for_selector("#edit-code[readonly]")
    page.fill("#edit-reason", "twice there")
    page.click(".edit-form button:has-text('Delete')")
    page.click(".edit-form button:has-text('Really delete')")
    page.wait_for_selector("text=is deleted")
    assert "B/7 ?" not in site.frame().index
    # a refused request is the only thing that the console tells
    assert all("422" in text for text in watch.errors), watch
    assert watch.foreign == []


def test_faults_stand_under_their_fields(site: Site, open_page: Open) -> None:
    page, _ = edit(open_page, site, "/layers/stops/edit?lang=en")
    wait_drawn(page)
    page.click("text=New")
    page.fill("#edit-lon", "80")
    page.fill("#edit-lat", "33")
    page.fill("#edit-reason", "try")
    page.click(".edit-form button[type=submit]")
    page.wait_for_selector("#edit-code-fault:not([hidden])")
    assert "required" in page.inner_text("#edit-code-fault")
    assert "outside" in page.inner_text("#edit-geometry-fault")
    assert "2 to mend" in page.inner_text(".edit-status")
    assert page.evaluate("document.activeElement.id") == "edit-code"


def test_of_two_editors_the_later_one_chooses(site: Site, open_page: Open) -> None:
    first, _ = edit(open_page, site, "/layers/stops/edit?lang=en&sel=stops/A3")
    second, _ = edit(open_page, site, "/layers/stops/edit?lang=en&sel=stops/A3", name="wu")
    for page in (first, second):
        wait_drawn(page)
        page.wait_for_selector("#edit-name")
    first.fill("#edit-name", "theirs")
    assert "Saved" in save(first, "first")
    second.fill("#edit-name", "mine")
    second.fill("#edit-slots", "9")
    second.fill("#edit-reason", "second")
    second.click(".edit-form button[type=submit]")
    second.wait_for_selector(".edit-conflict")
    rows = second.locator(".edit-conflict tbody tr").all_inner_texts()
    assert rows == ["Name\ttheirs\tmine", "Ad slots\t0\u00a0slots\t9\u00a0slots"]
    assert site.frame().loc["A3", "name"] == "theirs"
    second.click("text=Apply mine on top")
    assert "Saved" in done(second)
    row = site.frame().loc["A3"]
    assert (row["name"], row["slots"]) == ("mine", 9)
    first.fill("#edit-name", "late")
    first.fill("#edit-reason", "third")
    first.click(".edit-form button[type=submit]")
    first.click("text=Take theirs")
    expect(first.locator("#edit-name")).to_have_value("mine")
    assert site.frame().loc["A3", "name"] == "mine"


def test_only_those_who_may_see_it_change_a_personal_value(site: Site, open_page: Open) -> None:
    page, _ = edit(open_page, site, "/layers/stops/edit?sel=stops/A2", name="wu")
    page.wait_for_selector("#edit-plate")
    assert page.input_value("#edit-plate") == "苏XB5678"
    page.fill("#edit-plate", "苏XC9999")
    assert "已保存" in save(page, "错号")
    assert site.frame().loc["A2", "plate"] == "苏X·**999"
    assert "苏XC9999" not in page.inner_text(".edit-history")


def test_a_table_and_lines_have_forms_too(site: Site, open_page: Open) -> None:
    page, watch = edit(open_page, site, "/layers/fleet/edit?lang=en")
    page.fill("[name=key]", "taxi")
    page.click("text=Open")
    page.fill("#edit-count", "338")
    assert "Saved" in save(page, "new car")
    assert site.frame("fleet").loc["taxi", "count"] == 338
    page.goto(f"{site.url}/layers/roads/edit?lang=en&sel=roads/R1")
    wait_drawn(page)
    page.wait_for_selector("#edit-lanes")
    assert "shapes stay" in page.inner_text(".edit-tools")
    assert page.query_selector("#edit-lon") is None
    page.fill("#edit-lanes", "4")
    assert "Saved" in save(page, "widened")
    assert site.frame("roads").loc["R1", "lanes"] == 4
    assert watch.is_clean(), watch


def test_a_phone_has_the_map_above_the_form(site: Site, open_page: Open) -> None:
    page, watch = open_page(f"{site.url}/layers/stops/edit?sel=stops/A1", width=375, height=812)
    sign_in(page, "li")
    wait_drawn(page)
    page.wait_for_selector("#edit-name")
    boxes = [page.locator(item).bounding_box() for item in (".folium-map", ".edit-panel")]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert watch.is_clean(), watch
