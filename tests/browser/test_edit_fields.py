"""More of the edit page: nothing lost by leaving, ticked lists, keys, earlier versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.editors import Site, edit, save, staffed
from tests.watching import wait_drawn
from tests.web.small import need_plate, write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.browser.editors import Open

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

ROUTES = """type = "list"
[schema.fields.labels]
1 = { zh = "一路", en = "Line 1" }
2 = { zh = "二路", en = "Line 2" }
5 = { zh = "五路", en = "Line 5" }
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Any]) -> Iterator[Site]:
    folder = write_catalog(tmp_path_factory.mktemp("fields"))
    need_plate(folder)
    stops = (folder.root / "layers" / "stops.toml").read_text(encoding="utf-8")
    folder.write("layers/stops.toml", stops.replace('type = "list"\n', ROUTES))
    with staffed(folder, serve) as found:
        yield found


def reason_of(page: Page) -> str:
    page.wait_for_selector(".edit-history li")
    return page.inner_text(".edit-history li >> nth=0")


def test_nobody_leaves_unsaved_changes_unasked(site: Site, open_page: Open) -> None:
    page, watch = edit(open_page, site, "/layers/stops/edit?lang=en&sel=stops/A2")
    wait_drawn(page)
    page.fill("#edit-slots", "4")
    # the watch answers each question of the browser with: stay
    with page.expect_event("dialog") as asked:
        page.click("text=Back to the layer")
    assert asked.value.type == "beforeunload"
    assert "/edit" in page.url
    assert page.input_value("#edit-slots") == "4"
    assert [text.split(":")[0] for text in watch.errors] == ["dialog"]
    assert "Saved" in save(page, "counted")
    assert len(watch.errors) == 1
    page.click("text=Back to the layer")
    page.wait_for_url("**/layers/stops?lang=en")
    assert len(watch.errors) == 1


def test_a_list_of_codes_is_ticked(site: Site, open_page: Open) -> None:
    page, watch = edit(open_page, site, "/layers/stops/edit?lang=en&sel=stops/A1")
    wait_drawn(page)
    page.wait_for_selector("#edit-routes")
    boxes = page.get_by_role("group", name="Routes").get_by_role("checkbox")
    assert [box.is_checked() for box in boxes.all()] == [True, True, False]
    page.get_by_label("Line 1").uncheck()
    page.get_by_label("Line 5").check()
    assert "Saved" in save(page, "new lines")
    assert site.frame().loc["A1", "routes"] == ("2", "5")
    assert "Routes: Line 1, Line 2 → Line 2, Line 5" in reason_of(page)
    for name in ("Line 2", "Line 5"):
        page.get_by_label(name).uncheck()
    assert "Saved" in save(page, "no line")
    assert site.frame().loc["A1", "routes"] is None
    assert watch.is_clean(), watch


def test_the_marker_is_moved_by_keys_and_by_numbers(site: Site, open_page: Open) -> None:
    page, watch = edit(open_page, site, "/layers/stops/edit?lang=en&sel=stops/A3")
    wait_drawn(page)
    pin = page.locator(".edit-pin")
    pin.focus()
    expect(page.get_by_role("button", name="Marker of the position")).to_be_focused()
    center = page.evaluate("new URLSearchParams(location.search).get('c')")
    places = []
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
        places.append((float(page.input_value("#edit-lon")), float(page.input_value("#edit-lat"))))
    (lon1, lat1), (lon2, lat2), (lon3, lat3) = places
    assert lon1 - 121.12 == pytest.approx((lon2 - lon1) / 10, rel=0.05)
    assert lon3 == pytest.approx(lon2, abs=2e-6)
    assert (lat1, lat2) == pytest.approx((33.52, 33.52), abs=2e-6)
    assert lat3 > lat2
    said = page.text_content(".edit-place [aria-live]") or ""
    assert said == f"The marker is at {lon3:.6f}, {lat3:.6f}"
    # the map has not moved with the keys
    assert page.evaluate("new URLSearchParams(location.search).get('c')") == center
    page.fill("#edit-lon", "121.125")
    box = pin.bounding_box()
    page.fill("#edit-lon", "121.126")
    assert pin.bounding_box() != box
    assert "Saved" in save(page, "stood elsewhere")
    assert site.frame().loc["A3"].geometry.x == pytest.approx(121.126)
    assert watch.is_clean(), watch


def test_an_editor_writes_a_plate_that_is_needed_and_sees_its_mask(
    site: Site, open_page: Open
) -> None:
    page, watch = edit(open_page, site, "/layers/stops/edit?lang=en")
    wait_drawn(page)
    page.click("text=New")
    page.fill("#edit-code", "C/history")
    page.fill("#edit-plate", "苏XD4321")
    hint = page.locator(".field", has=page.locator("#edit-plate"))
    assert "you see only its mask" in hint.inner_text()
    page.fill("#edit-lon", "121.105")
    page.fill("#edit-lat", "33.505")
    assert "Saved" in save(page, "seen on site")
    expect(page.locator("#edit-plate")).to_have_value("苏X·**321")
    assert page.is_disabled("#edit-plate")
    assert "苏XD4321" not in page.content()
    assert site.frame().loc["C/history", "plate"] == "苏X·**321"
    assert "seen on site" in reason_of(page)
    assert watch.is_clean(), watch


def test_an_earlier_version_and_a_deleted_feature_come_back(site: Site, open_page: Open) -> None:
    page, _ = edit(open_page, site, "/layers/stops/edit?lang=en&sel=stops/A2")
    wait_drawn(page)
    page.wait_for_selector("#edit-name")
    first = page.input_value("#edit-name")
    for name in ("one", "two"):
        page.fill("#edit-name", name)
        assert "Saved" in save(page, f"now {name}")
    page.wait_for_selector(".edit-history li")
    versions = page.locator(".edit-history li")
    assert versions.first.get_by_text("Restore this version").count() == 0
    versions.last.get_by_text("Restore this version").click()
    page.keyboard.type("as it was")
    page.keyboard.press("Enter")
    expect(page.locator("#edit-name")).to_have_value(first)
    assert "Restored" in page.inner_text(".edit-status")
    assert site.frame().loc["A2", "name"] == first
    assert f"Name: two → {first}" in reason_of(page)
    page.fill("#edit-reason", "not there")
    page.click(".edit-form button:has-text('Delete')")
    page.click(".edit-form button:has-text('Really delete')")
    page.wait_for_selector("text=is deleted")
    page.fill("[name=key]", "A2")
    page.click("text=Open")
    page.wait_for_selector("text=it can be restored from its history")
    page.get_by_text("Restore this version").first.click()
    page.keyboard.type("still there")
    page.keyboard.press("Enter")
    expect(page.locator("#edit-name")).to_have_value(first)
    assert "A2" in site.frame().index


def test_a_long_history_comes_by_pages(site: Site, open_page: Open) -> None:
    page, watch = edit(open_page, site, "/layers/fleet/edit?lang=en")
    base = page.evaluate("JSON.parse(document.getElementById('geosvc_edit').textContent)")
    write = """async ([url, csrf, base]) => {
      for (let step = 0; step < 24; step += 1) {
        const body = JSON.stringify({ base: base + step, reason: `step ${step}`, values: { count: 500 + step } });
        const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
        const answer = await fetch(url, { method: "PUT", headers, body });
        if (!answer.ok) throw new Error(await answer.text());
      }
    }"""  # noqa: E501 - a script
    page.evaluate(write, [f"{base['features']}/bus", base["csrf"], base["last"]["number"]])
    page.fill("[name=key]", "bus")
    page.click("text=Open")
    rows = page.locator(".edit-history li")
    expect(rows).to_have_count(20)
    page.click("text=Earlier history")
    expect(rows).to_have_count(25)
    assert page.is_hidden("text=Earlier history")
    assert page.evaluate("document.activeElement.textContent").startswith("Revision 5")
    assert watch.is_clean(), watch
