"""Coordinates in real Chromium: datums, going to a place, and where the reader is."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pyproj import Transformer

from geosvc.crs import wgs84_to_gcj02
from geosvc.zones import grid_of
from tests.browser.harness import served
from tests.browser.records import X, Y, files
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

GRID = {"code": 4549, "meridian": 120, "scale": 1, "false_northing_m": 0}
ASK = """async ([places, grids]) => {
  const { toGcj02, toGrid, sexagesimal } = await import("/static/js/datums.js");
  return places.map(([x, y], at) => [toGcj02(x, y), toGrid(grids[at], x, y), sexagesimal(x)]);
}"""
READ = """async (texts) => {
  const { readPlace, zoneCode } = await import("/static/js/place_text.js");
  return texts.map((text) => {
    const read = readPlace(text);
    return read && [read.x, read.y, read.datum, read.sure, zoneCode(read.x)];
  });
}"""


def site(digits: int = 6) -> dict[str, str]:
    made = files()
    told = json.loads(made["/maps/demo.json"])
    told["map"] |= {"grid": GRID, "digits": digits}
    return made | {
        "/maps/demo.json": json.dumps(told),
        "/blank": "<!doctype html><title>blank</title>",
        "/coordinates.json": json.dumps({"lon": X, "lat": Y}),
    }


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(site()) as address:
        yield address


@pytest.fixture
def place(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(address: str = url, **options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{address}/maps/demo?z=14&c={X},{Y}", **options)
        wait_drawn(page)
        page.locator("[data-tool=place]").click()
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def test_datums_and_grids_are_those_of_the_service(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/blank")
    chance = random.Random(5)  # noqa: S311 - nothing secret
    places = [(chance.uniform(75, 134), chance.uniform(5, 55)) for _ in range(200)]
    places += [(chance.uniform(-170, 60), chance.uniform(-70, 70)) for _ in range(50)]
    grids = [grid_of(*item) for item in places]
    told = [
        {"meridian": g.meridian, "scale": g.scale, "false_northing_m": g.false_northing_m}
        for g in grids
    ]
    gcj = np.column_stack(wgs84_to_gcj02(*np.array(places).T))
    found = page.evaluate(ASK, [places, told])
    for item, grid, shifted, (gcj02, metric, _) in zip(places, grids, gcj, found, strict=True):
        assert gcj02 == pytest.approx(list(shifted), abs=1e-11)
        base = 4490 if grid.code < 32600 else 4326
        known = Transformer.from_crs(base, grid.code, always_xy=True).transform(*item)
        assert metric == pytest.approx(known, abs=2e-3)
    assert page.evaluate(ASK, [[[33.99999999999, 1]], [GRID]])[0][2] == "34°00′00.00″"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("121.1, 33.5", [121.1, 33.5, None, True, None]),
        ("33.5 121.1", [121.1, 33.5, None, True, None]),
        ("３３．５，１２１．１", [121.1, 33.5, None, True, None]),
        ("北纬33°30′00″ 东经121°06′", [121.1, 33.5, None, True, None]),
        ("东经121度6分，北纬33度30分", [121.1, 33.5, None, True, None]),
        ("33°30'N 121°6'E", [121.1, 33.5, None, True, None]),
        ("121.1E33.5N", [121.1, 33.5, None, True, None]),
        ("51.2W, 30S", [-51.2, -30, None, True, None]),
        ("lat: 33.5, lon: 121.1", [121.1, 33.5, None, True, None]),
        ("24.9 60.1", [24.9, 60.1, None, False, None]),
        ("EPSG:4549 602217 3708744", [602217, 3708744, "EPSG:4549", True, None]),
        ("3708744 602217", [602217, 3708744, None, True, None]),
        ("40602217,3708744", [40602217, 3708744, None, True, "EPSG:4528"]),
        ("GCJ-02 121.1 33.5", [121.1, 33.5, "GCJ-02", True, None]),
        ("33.5N 34N", None),
        ("33°61' 121", None),
        ("91 92", None),
        ("121.1", None),
        ("", None),
    ],
)
def test_places_are_read_as_people_write_them(
    asked: Callable[[str], Any], text: str, read: list[Any] | None
) -> None:
    assert asked(text) == (pytest.approx(read) if read is None else read)


@pytest.fixture(scope="module")
def asked(url: str, browser: Any) -> Iterator[Callable[[str], Any]]:  # noqa: ANN401 - a Browser
    page = browser.new_page()
    page.goto(f"{url}/blank")

    def ask(text: str) -> Any:  # noqa: ANN401 - JSON
        found = page.evaluate(READ, [text])[0]
        if found is not None:
            found[:2] = [round(value, 9) for value in found[:2]]
        return found

    yield ask
    page.close()


def test_the_readout_speaks_the_chosen_datum(place: Callable[..., Page]) -> None:
    page = place()
    value = page.locator(".place-value")
    assert value.inner_text() == "121.100000°E 33.500000°N CGCS2000"
    page.get_by_role("button", name="度分秒").click()
    assert value.inner_text() == "121°06′00.00″E 33°30′00.00″N CGCS2000"
    page.get_by_label("坐标基准").select_option("grid")
    assert value.inner_text() == "东 602217 米，北 3708744 米 EPSG:4549"
    page.get_by_label("坐标基准").select_option("gcj02")
    page.get_by_role("button", name="十进制度").click()
    lon, lat = (float(part) for part in wgs84_to_gcj02(np.array(X), np.array(Y)))
    assert value.inner_text() == f"{lon:.6f}°E {lat:.6f}°N GCJ-02"
    # the foot of the map follows, and a press on the map is read instead of the middle
    assert page.locator("[data-geosvc=coordinates]").inner_text().endswith("GCJ-02")
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 200, box["y"] + 200)
    assert page.locator(".place-mark").count() == 1
    assert page.get_by_text("标出的位置").is_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".card-place .tool-copy").click()
    page.wait_for_timeout(200)
    assert page.evaluate("navigator.clipboard.readText()") == value.inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".place-mark").count() == 0
    # the next page begins with the same datum
    page.reload()
    wait_drawn(page)
    assert page.locator("[data-geosvc=coordinates]").inner_text().endswith("GCJ-02")


def test_going_to_a_place_says_how_it_was_read(place: Callable[..., Page]) -> None:
    page = place()
    field, said = page.get_by_label("前往坐标"), page.locator(".place-said")

    def go(text: str) -> str:
        field.fill(text)
        field.press("Enter")
        page.wait_for_timeout(400)
        return said.inner_text()

    assert go("北纬33°30′36″ 东经121°06′36″") == "按经度 121.11°、纬度 33.51° 理解（CGCS2000）。"
    assert "c=121.11000,33.51000" in page.url
    assert field.get_attribute("aria-invalid") is None
    assert go("602217 3708744").startswith("按东 602217 米、北 3708744 米理解（EPSG:4549）")
    assert f"c={X:.5f},{Y:.5f}" in page.url
    assert go("nowhere").startswith("看不懂")
    assert field.get_attribute("aria-invalid") == "true"
    # an order that is not written is taken for what lies nearer, said, and can be turned round
    assert "经度 60.1°、纬度 24.9°" in go("24.9 60.1")
    page.get_by_role("button", name="经纬度对调").click()
    page.wait_for_timeout(300)
    assert "经度 24.9°、纬度 60.1°" in said.inner_text()
    assert "离本图很远" in said.inner_text()


def test_a_public_page_is_no_finer_than_four_decimals(open_page: Open) -> None:
    with served(site(4)) as address:
        page, _ = open_page(f"{address}/maps/demo?z=14&c={X},{Y}", width=390, height=844)
        wait_drawn(page)
        page.locator("[data-tool=place]").click()
        assert page.locator(".place-value").inner_text() == "121.1000°E 33.5000°N CGCS2000"
        page.get_by_label("坐标基准").select_option("grid")
        assert page.locator(".place-value").inner_text().startswith("东 602220 米，北 3708740 米")
        page.locator("[data-tool=place]").click()
        # a place that the browser refuses to tell is said plainly
        page.get_by_role("button", name="我的位置").click()
        page.wait_for_selector(".map-notices .notice")
        assert "没有允许" in page.locator(".map-notices").inner_text()
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"longitude": X, "latitude": Y, "accuracy": 40})
        page.get_by_role("button", name="我的位置").click()
        page.wait_for_selector(".here-dot")
        page.wait_for_timeout(300)
        assert f"c={X:.5f},{Y:.5f}" in page.url


def test_a_page_over_http_says_why_it_does_not_know_the_place(place: Callable[..., Page]) -> None:
    page = place()
    page.evaluate("() => Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.get_by_role("button", name="我的位置").click()
    assert "https" in page.locator(".map-notices").inner_text()
